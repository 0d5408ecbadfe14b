"""Functions that are registered in lists, one for each name of an event, and loops at the top level of the script, whose
variables are globals."""

from hrsup.bench.vocabulary import Group, delete, edit, put, sub

group = Group("listeners")
MADE = "from collections import defaultdict\n\nEVENTS = defaultdict(list)\n"
ON = "\n\ndef on(name):\n    def register(function):\n        {put}\n        return function\n\n    return register\n"
APPEND = "EVENTS[name].append(function)"
WORK = "from events import on\n\n\n@on('paid')\ndef receipt(order):\n    return f'receipt {order}'\n\n\n@on('sent')\ndef notice(order):\n    return f'notice {order}'\n"
EDITS = (sub("work.py", "f'receipt {", "f'bill {"), sub("work.py", "f'notice {", "f'note {"))
EMIT = "import time\n\nimport work\nfrom events import EVENTS\n\n\ndef emit(name, order):\n    return [function(order) for function in EVENTS[name]]\n\n\ndef main():\n    tick = 0\n    while True:\n        tick += 1\n        shown = {shown}\n        print(f'{{tick}}\\t{{shown}}', flush=True)\n        time.sleep(0.01)\n\n\nmain()\n"
BOTH = "emit('paid', 3) + emit('sent', 4)"
TOP = "import time\n\nimport work\nfrom events import EVENTS\n\ntick = 0\nwhile True:\n    tick += 1\n    shown = []\n{body}    print(f'{{tick}}\\t{{shown}}', flush=True)\n    time.sleep(0.01)\n"
ITEMS = "    for name, functions in sorted(EVENTS.items()):\n        for function in functions:\n            shown.append(function(1))\n"


def listen(name: str, main: str, events: str = MADE + ON.format(put=APPEND), **files: str) -> None:
    """Both listeners change, one after the other."""
    added = {f"{module}.py": text for module, text in files.items()}
    group.service(name, {"work.py": WORK, "events.py": events, "main.py": main, **added}, *EDITS)


listen("in-a-list-for-each-name", EMIT.format(shown=BOTH))
listen("by-setdefault", EMIT.format(shown=BOTH), "EVENTS = {}\n" + ON.format(put="EVENTS.setdefault(name, []).append(function)"))
listen("asked-for-what-nobody-listens-to", EMIT.format(shown="emit('paid', 3) + emit('lost', 4) + sorted(EVENTS)"))
listen("asked-for-what-a-listener-says", EMIT.format(shown="emit(emit('paid', 3)[0], 4) + sorted(EVENTS)"))
listen("what-they-give-is-registered", EMIT.format(shown="EVENTS['paid'] + EVENTS['sent']"), MADE + ON.format(put="EVENTS[name].append(function(3))"))
OWN = "\n\nclass Listeners(list):\n    def append(self, function):\n        super().append((function, function(3)))\n\n\nEVENTS = defaultdict(Listeners)\n"
listen("a-list-that-asks-them-at-once", EMIT.format(shown="[given for _, given in EVENTS['paid'] + EVENTS['sent']]"), MADE.partition("EVENTS")[0] + OWN + ON.format(put=APPEND))
listen("registered-in-the-loop", EMIT.format(shown="emit('paid', 3) + [len(EVENTS['paid'])]").replace("tick += 1", "tick += 1\n        if tick == 1:\n            on('paid')(lambda order, given=work.receipt(9): given)").replace("import EVENTS", "import EVENTS, on"))
listen("in-a-loop-of-the-script", TOP.format(body=ITEMS))
listen("in-a-loop-of-the-script-by-name", TOP.format(body="    for name in ('paid', 'sent'):\n        shown += [function(1) for function in EVENTS[name]]\n"))
# Its variables are those that functions of its own, or others by a way of their own, read: they have what was last.
READ = TOP.format(
    body="    for name in ('paid', 'sent'):\n        for function in EVENTS[name]:\n            given = function(1)\n            if tick < 3:\n                order = given\n    shown.append(last())\n"
)
listen("a-variable-that-a-function-reads", READ.replace("tick = 0\n", "tick = 0\norder = ''\n\n\ndef last():\n    return order\n\n\n"))
for name, way in (
    ("by-import", "import __main__\n    return __main__.order"),
    ("by-sys", "import sys\n    return sys.modules['__main__'].order"),
    ("by-a-frame", "import sys\n    return sys._getframe(1).f_globals['order']"),
    ("by-inspect", "import inspect\n    return dict(inspect.getmembers(inspect.currentframe().f_back))['f_globals']['order']"),
):
    text = READ.replace("tick = 0\n", "tick = 0\norder = ''\n").replace("import work\n", "import work\nfrom looks import last\n")
    listen(f"a-variable-that-others-read-{name}", text, looks=f"def last():\n    {way}\n")

# What a module registers goes to another file; who has taken all its names by ``import *`` registers something, too.
HUB = "HANDLERS = {}\n" + ON.format(put="HANDLERS[name] = function")
PART = "from hub import on\n\nRATES = {'x': 4}\n\n\n@on('part')\ndef part():\n    return 3\n"
WHOLE = "from part import *\nfrom hub import on\n\n\n@on('whole')\ndef whole():\n    return 56\n\n\ndef show():\n    return sorted(RATES.items()), whole()\n"
SHOWN = "import time\n\nimport hub\nimport part\nimport whole\n\n\ndef main():\n    tick = 0\n    while True:\n        tick += 1\n        shown = sorted((name, handler()) for name, handler in hub.HANDLERS.items())\n        print(f'{tick}\\t{shown} {whole.show()}', flush=True)\n        time.sleep(0.01)\n\n\nmain()\n"
MOVED = {"hub.py": HUB, "part.py": PART, "whole.py": WHOLE, "main.py": SHOWN}
TAKEN = sub("whole.py", "from part", "from piece")
for name, main, old in (
    ("moved-and-the-file-stays-empty", sub("main.py", "import part\n", "import part\nimport piece\n"), put("part.py", "\n")),
    ("moved-and-the-file-goes", sub("main.py", "import part\n", "import piece\n"), delete("part.py")),
    ("moved-and-the-file-stays-as-it-was", sub("main.py", "import part\n", "import part\nimport piece\n"), sub("part.py", "= {'x': 4}", "= {'x': 5}")),
):
    group.service(name, MOVED, edit(put("piece.py", PART), TAKEN, main, old), sub("piece.py", "return 3", "return 4"), sub("whole.py", "return 56", "return 57"))

CASES = group.cases
