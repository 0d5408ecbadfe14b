"""What a program does when the user ends it is decided by the user, not by what changed; where the program raises such
an exception itself, it is."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

group = Group("stopping")
PRICE = "def price():\n    return 3\n\n\ndef label():\n    return f'for {price()}'\n"
SERVICE = '''
import time

import work


class Service:
    def __init__(self):
        self.running = True
        self.shown = 0

    def tick(self):
        self.shown += 1
        print(f"{self.shown}\\t{work.label()} {self.running}", flush=True)

    def stop(self):
        self.running = False
        self.close()

    def close(self):
        print("closed")

    def run(self):
        while self.running:
            self.tick()
            time.sleep(0.005)


def main():
    service = Service()
    try:
        service.run()
    except KeyboardInterrupt:
        service.stop()


if __name__ == "__main__":
    main()
'''
AGAIN = (sub(WORK, "return 3", "return 5"), sub(WORK, "for {", "at {"))
for name, kinds in {
    "a-flag": "KeyboardInterrupt",
    "either-end": "(KeyboardInterrupt, SystemExit)",
    "another-kind-too": "(KeyboardInterrupt, ValueError)",
    "any-kind": "BaseException",
}.items():
    group.service(name, {WORK: PRICE, MAIN: SERVICE.replace("except KeyboardInterrupt", f"except {kinds}")}, *AGAIN)
group.service("in-the-script", {WORK: PRICE, MAIN: SERVICE.replace("def main():\n    service", "if True:\n    service").replace('\n\nif __name__ == "__main__":\n    main()\n', "")}, *AGAIN)
group.service("a-lock-and-a-file", {WORK: PRICE, MAIN: "import threading\nimport time\n\nimport work\n\n\ndef main():\n    shown = 0\n    lock = threading.Lock()\n    log = open('log.txt', 'a')\n    try:\n        while True:\n            shown += 1\n            with lock:\n                print(f'{shown}\\t{work.label()}', flush=True)\n            time.sleep(0.005)\n    except KeyboardInterrupt:\n        lock.acquire()\n        log.close()\n    finally:\n        log.close()\n\n\nmain()\n"}, *AGAIN)
group.service("in-each-round", {WORK: PRICE, MAIN: loop("import work", "work.label(), interrupts", "interrupts = 0\nstop = {'asked': False}", "try:\n    work.label()\n    time.sleep(0.001)\nexcept KeyboardInterrupt:\n    stop['asked'] = True\n    interrupts += 1")}, *AGAIN)
# In these, what was raised in a round says what is kept.
KEPT = "import work\n\nKEPT = {}\n\n\ndef tick():\n    try:\n        work.check()\n    except %s:\n        KEPT[work.price()] = 'failed'\n    return sorted(KEPT.items())\n"
CHECK = "import os\nimport signal\nimport sys\nimport _thread\n\n\ndef price():\n    return 3\n\n\ndef check():\n    if price() > 2:\n        %s\n"
for name, (kinds, raising) in {
    "raised": ("KeyboardInterrupt", "raise KeyboardInterrupt"),
    "raised-by-another-name": ("KeyboardInterrupt", "raise STOP"),
    "raised-as-a-kind-of-it": ("KeyboardInterrupt", "raise Stop"),
    "raised-by-the-system": ("KeyboardInterrupt", "os.kill(os.getpid(), signal.SIGINT)\n        signal.signal(signal.SIGUSR1, signal.SIG_DFL)"),
    "raised-by-a-signal": ("KeyboardInterrupt", "signal.raise_signal(signal.SIGINT)"),
    "raised-by-a-thread": ("KeyboardInterrupt", "_thread.interrupt_main()"),
    "left": ("SystemExit", "sys.exit(1)"),
    "left-by-a-look-alike": ("(KeyboardInterrupt, SystemExit)", "exit(1)"),
    "another-by-its-name": ("KeyboardInterrupt", "raise ValueError"),
}.items():
    base = KEPT % kinds
    if "its-name" in name:
        base = base.replace("KEPT = {}", "KEPT = {}\nKeyboardInterrupt = ValueError")
    work = CHECK % raising
    if "STOP" in raising:
        work = work.replace("def price", "STOP = KeyboardInterrupt\n\n\ndef price")
    if "Stop" in raising:
        work = work.replace("def price", "class Stop(KeyboardInterrupt):\n    pass\n\n\ndef price")
    group.service(name, {WORK: work, BASE: base, MAIN: loop("import base", "base.tick()")}, sub(WORK, "return 3", "return 4"), sub(WORK, "return 4", "return 1"))
group.service("left-by-a-parser", {WORK: "import argparse\n\n\ndef price():\n    return 3\n\n\ndef check():\n    parser = argparse.ArgumentParser()\n    parser.add_argument('word', type=int, choices=range(price() - 1))\n    parser.parse_args(['2'])\n", BASE: KEPT % "SystemExit", MAIN: loop("import base", "base.tick()")}, sub(WORK, "return 3", "return 4"), sub(WORK, "return 4", "return 2"))

CASES = group.cases
