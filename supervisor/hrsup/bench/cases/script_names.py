"""Services whose loop stands in the script itself. Its names are globals: what is a local to most of them is somebody
else's in the others."""

from textwrap import indent

from hrsup.bench.vocabulary import Group, sub

WORK, BASE, MAIN = "work.py", "base.py", "main.py"
WORD = "def word():\n    return 'v1'\n"
EDIT = sub(WORK, "'v1'", "'v2'")


def script(before: str, tick: str, shown: str, functions: str = "", guard: bool = True) -> str:
    """main.py: `before` comes ahead of the loop, each round does `tick` and shows `shown`."""
    body = f"{before}\nnumber = 0\nwhile True:\n    number += 1\n{indent(tick, '    ')}\n    print(f'{{number}}\\t{{{shown}}}', flush=True)\n    time.sleep(0.005)\n"
    body = f"if __name__ == '__main__':\n{indent(body, '    ')}" if guard else body
    return f"import time\nfrom base import *\n\n{functions}\n{body}"


# -- written before it is read ------------------------------------------------------------------------------------------
written = Group("written-by-the-script")
HUB = "import work\n\n\nclass Hub:\n    last = None\n    n = 0\n\n    def step(self):\n        self.last = work.word()\n\n    def show(self):\n        return self.last\n"


def hub(name: str, tick: str, shown: str = "hub.show()", functions: str = "", base: str = HUB, before: str = "hub, other = Hub(), Hub()", guard: bool = True) -> None:
    """A hub is told to make a step, and shows what came of it."""
    written.service(name, {WORK: WORD, BASE: base, MAIN: script(before, tick, shown, functions, guard)}, EDIT)


hub("step-and-show", "hub.step()")
hub("step-and-show-without-a-guard", "hub.step()", guard=False)
hub("step-at-first", "if number == 1:\n    hub.step()")
hub("step-perhaps", "try:\n    if number > 1:\n        raise ValueError\n    hub.step()\nexcept ValueError:\n    pass")
hub("step-of-another", "if number == 1:\n    hub.step()\nother.step()")
hub("read-and-written", "hub.last = hub.last or word()", base=HUB + "\n\nfrom work import word\n")
hub("bound-again-between-the-two", "if number == 1:\n    other.step()\nhub.step()\nhub = other")
hub("bound-again-by-a-function", "if number == 1:\n    other.step()\nhub.step()\nswap()", functions="def swap():\n    global hub\n    hub = other\n\n")
hub("bound-again-by-a-loop", "if number == 1:\n    other.step()\nhub.step()\nfor hub in (other,):\n    pass")
hub("bound-again-in-another-module", "if number == 1:\n    other.step()\nhub.step()\nswap()", base=HUB + "\n\ndef swap():\n    import __main__\n    __main__.hub = __main__.other\n")
hub("bound-again-by-its-name", "if number == 1:\n    other.step()\nhub.step()\nglobals()['hub'] = other")
hub("shown-by-a-lambda", "if number == 1:\n    hub.step()\n    show = lambda: hub.last\ntext = show()", "text")
hub("shown-by-a-function", "if number == 1:\n    hub.step()\ntext = show()", "text", functions="def show():\n    return hub.last\n\n")
hub("a-global-of-the-script", "if number == 1:\n    last = word()\n    hub.step()\nother.step()", "last", base=HUB + "\n\nfrom work import word\n")

# -- held before the loop -----------------------------------------------------------------------------------------------
held = Group("held-by-the-script")
RUNNER = "import work\n\nALL = []\n\n\nclass Runner:\n    def __init__(self, make):\n        self.make = make\n\n    def run(self):\n        return self.make()\n\n\ndef load():\n    return [number for number in range(3)]\n"


def runner(name: str, before: str, shown: str = "runner.run(), rows", functions: str = "", base: str = RUNNER) -> None:
    """A runner is given the function that changes."""
    held.service(name, {WORK: WORD, BASE: base, MAIN: script(before, "pass", shown, f"import work\n\n{functions}")}, EDIT)


REGISTERED = RUNNER.replace("        self.make = make\n", "        self.make = make\n        ALL.append(self)\n").replace("def load():\n", "def load():\n    if ALL:\n        return [one.run() for one in ALL]\n")
runner("only-held", "runner = Runner(work.word)\nrows = load()")
runner("run-before", "runner = Runner(work.word)\nrows = load()\nrows = runner.run()")
runner("run-by-another-name", "runner = Runner(work.word)\nfirst = runner\nrows = first.run()")
runner("run-by-a-function", "runner = Runner(work.word)\nrows = warm()", functions="def warm():\n    return runner.run()\n\n")
runner("run-by-a-lambda", "runner = Runner(work.word)\nwarm = lambda: runner.run()\nrows = warm()")
runner("run-by-another-module", "runner = Runner(work.word)\nrows = warm()", base=RUNNER + "\n\ndef warm():\n    import __main__\n    return __main__.runner.run()\n")
runner("registered-by-itself", "runner = Runner(work.word)\nrows = load()", base=REGISTERED)
runner("in-a-list", "runners = [Runner(work.word)]\nrows = load()\nrows += [one.run() for one in runners]", "runners[0].run(), rows")
runner("in-an-attribute", "runner = Runner(work.word)\nRunner.first = runner\nrows = Runner.first.run()")

CASES = [*written.cases, *held.cases]
