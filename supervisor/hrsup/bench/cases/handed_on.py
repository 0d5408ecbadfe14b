"""What the library does with what it is given, where no call of it is spelled: handed on, or by a protocol's names."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Group, edit, sub

handed = Group("handed-on")
FINE = "def text():\n    return 'v1'\n\n\ndef number():\n    return 11\n"
BOTH = edit(sub("fine.py", "v1", "v2"), sub("fine.py", "11", "12"))
APPLY = "def apply(function, *given):\n    return function(*given)\n"


def once(name: str, setup: str, call: str, shown: str, ahead: str = "import fine\n") -> None:
    """`call` is made in the first tick, and `shown` in all."""
    body = f"def step():\n    global DONE\n    if not DONE:\n        DONE = True\n        {call}\n    return {shown}\n"
    tree = {"keeper.py": f"{ahead}{setup}\nDONE = False\n\n\n{body}", "fine.py": FINE, "helper.py": APPLY}
    handed.service(name, tree | {"main.py": loop("import keeper", "keeper.step()")}, BOTH)


VAR = "import contextvars\nfrom helper import apply\n\nNOTE = contextvars.ContextVar('note', default='none')\n"
once("variable-of-a-context", VAR, "apply(NOTE.set, fine.text())", "NOTE.get()")
once("run-in-a-context", VAR + "CONTEXT = contextvars.copy_context()\n", "CONTEXT.run(NOTE.set, fine.text())", "CONTEXT.run(NOTE.get)")
once("partial-of-a-set", VAR + "import functools\n", "functools.partial(NOTE.set, fine.text())()", "NOTE.get()")
once("alias-of-a-set", VAR + "put = NOTE.set\n", "put(fine.text())", "NOTE.get()")
once("event-that-is-set", "import threading\nfrom helper import apply\n\nRUNG = threading.Event()\n", "fine.number() == 11 and apply(RUNG.set)", "RUNG.is_set()")
once("future", "from concurrent.futures import Future\nfrom helper import apply\n\nNOTE = Future()\n", "apply(NOTE.set_result, fine.text())", "NOTE.result(0)")
once("heap", "import heapq\nfrom helper import apply\n\nHEAP = []\n", "apply(heapq.heappush, HEAP, fine.text())", "HEAP[0]")
once("heap-by-its-name", "from heapq import heappush\nfrom helper import apply\n\nHEAP = []\n", "apply(heappush, HEAP, fine.text())", "HEAP[0]")
once("sorted-in", "import bisect\nfrom helper import apply\n\nROWS = []\n", "apply(bisect.insort, ROWS, fine.text())", "ROWS[0]")
once("level-of-a-logger", "import logging\nfrom helper import apply\n\nLOG = logging.getLogger('fine')\n", "apply(LOG.setLevel, fine.number())", "LOG.level")
once("seed", "import random\nfrom helper import apply\n\nDICE = random.Random(5)\n", "apply(DICE.seed, fine.number())", "DICE.getstate()[1][5]")
once("file-in-memory", "import os\nfrom helper import apply\n\nFILE = os.memfd_create('x')\n", "apply(os.write, FILE, fine.text().encode())", "os.pread(FILE, 2, 0)")
once("item-by-an-operator", "import operator\nfrom helper import apply\n\nROWS = {}\n", "apply(operator.setitem, ROWS, 1, fine.text())", "ROWS[1]")
once("mapped-memory", "import mmap\n\nMEMORY = mmap.mmap(-1, 16)\n", "MEMORY.write(fine.text().encode())", "MEMORY[:2]")
QUIET = "import json\nimport math\nfrom helper import apply\n\n\ndef step():\n    return apply(json.dumps, fine.text()), apply(math.sqrt, fine.number() + 5 - 5)\n"
handed.service("what-keeps-nothing", {"keeper.py": "import fine\n" + QUIET, "fine.py": FINE, "helper.py": APPLY, "main.py": loop("import keeper", "keeper.step()")}, BOTH)

protocols = Group("protocols")


def asked(name: str, imports: str, classes: str, setup: str, shown: str, edit_: object = None) -> None:
    """`shown` is computed in the first tick; the library calls methods of the class on the way."""
    body = f"VALUE = None\n\n\ndef step():\n    global VALUE\n    if VALUE is None:\n        VALUE = {shown}\n    return VALUE\n"
    tree = {"keeper.py": f"{imports}\nimport fine\n\n{setup}\n{body}", "fine.py": classes, "main.py": loop("import keeper", "keeper.step()")}
    protocols.service(name, tree, edit_ or sub("fine.py", "11", "12"))  # type: ignore[arg-type]


SUM = "class Sum:\n    def __init__(self):\n        self.total = 0\n\n    def step(self, x):\n        self.total += x * 11\n\n    def finalize(self):\n        return self.total\n"
BASE = "import sqlite3\n"
asked("aggregate", BASE, SUM, "DB = sqlite3.connect(':memory:')\nDB.create_aggregate('total', 1, fine.Sum)", "DB.execute('select total(1)').fetchone()[0]")
asked("aggregate-that-a-function-installs", BASE, SUM + "\n\ndef install(base):\n    base.create_aggregate('total', 1, Sum)\n    return base\n", "DB = fine.install(sqlite3.connect(':memory:'))", "DB.execute('select total(1)').fetchone()[0]")
WINDOW = SUM + "\n    def value(self):\n        return self.total\n\n    def inverse(self, x):\n        self.total -= x * 10\n"
asked("window-function", BASE, WINDOW, "DB = sqlite3.connect(':memory:')\nDB.create_window_function('total', 1, fine.Sum)", "DB.execute('select total(x) over (order by x rows between 0 preceding and current row) from (select 1 as x union select 2)').fetchall()", sub("fine.py", "* 10", "* 9"))
STREAM = "class Stream:\n    closed = False\n\n    def readable(self):\n        return True\n\n    def writable(self):\n        return False\n\n    def seekable(self):\n        return False\n\n    def read1(self, size=-1):\n        return b'11 '\n\n\nSTREAM = Stream()\n"
asked("stream-under-a-text", "import io\n", STREAM, "", "io.TextIOWrapper(fine.STREAM).read(2)")
SERVER = "class Server:\n    def ping(self):\n        return 11\n\n\nSERVER = Server()\n"
asked("instance-that-is-called-from-afar", "import xmlrpc.server\n", SERVER, "HUB = xmlrpc.server.SimpleXMLRPCDispatcher()\nHUB.register_instance(fine.SERVER)", "HUB._dispatch('ping', ())")
TARGET = "class Target:\n    depth = 0\n\n    def start(self, tag, given):\n        self.depth += 11\n\n\nTARGET = Target()\n"
asked("target-of-a-parser", "import xml.etree.ElementTree as ET\n", TARGET, "", "(ET.XMLParser(target=fine.TARGET).feed('<a/>'), fine.TARGET.depth)[1]")
FINDER = "SEEN = []\n\n\nclass Finder:\n    def find_spec(self, name, path, target=None):\n        SEEN.append(11)\n        return None\n\n\nFINDER = Finder()\n"
asked("finder-of-modules", "import sys\n", FINDER, "sys.meta_path.append(fine.FINDER)\n\n\ndef look():\n    try:\n        import nothing_of_that_name\n    except ImportError:\n        return fine.SEEN[-1]\n\n", "look()")
ECHO = "SEEN = []\n\n\nclass Echo:\n    def connection_made(self, transport):\n        SEEN.append(11)\n\n    def data_received(self, data):\n        pass\n\n    def connection_lost(self, error):\n        pass\n"
asked("protocol-without-a-base", "import asyncio\nimport socket\n", ECHO, "\n\nasync def talk():\n    mine, other = socket.socketpair()\n    transport, _ = await asyncio.get_running_loop().create_connection(fine.Echo, sock=mine)\n    await asyncio.sleep(0)\n    transport.close()\n    other.close()\n    return fine.SEEN[-1]\n\n", "asyncio.run(talk())")
asked("methods-of-these-names-elsewhere", "", "class Walk:\n    def start(self):\n        return 11\n\n    def step(self):\n        return self.start()\n\n\nWALK = Walk()\n", "", "None or fine.WALK.step()")

# What is written is read again: by a stream that is a container, or by a handler that keeps what is logged.
written = Group("written-to-memory")


def stream(name: str, imports: str, setup: str, write: str, shown: str, *edits: object) -> None:
    """`write` is called in each tick, and `shown` is shown."""
    keeper = f"{imports}\nimport fine\n\n{setup}\n\n\ndef step():\n    {write}\n    return {shown}\n"
    tree = {"keeper.py": keeper, "fine.py": FINE, "main.py": loop("import keeper", "keeper.step()")}
    written.service(name, tree, *(edits or (BOTH,)))  # type: ignore[arg-type]


ROWS = "class Rows(list):\n    write = list.append\n\n    def flush(self):\n        pass\n\n\nROWS = Rows()\n"
stream("printed", "", ROWS, "print(fine.text(), file=ROWS)", "ROWS[0]")
stream("printed-to-a-namespace", "import types\n", "ROWS = []\nOUT = types.SimpleNamespace(write=ROWS.append)\n", "print(fine.text(), file=OUT)", "ROWS[0]")
stream("printed-prettily", "import pprint\n", ROWS, "pprint.pprint(fine.text(), stream=ROWS)", "ROWS[0]")
stream("rows", "import csv\n", ROWS + "OUT = csv.writer(ROWS)\n", "OUT.writerow([fine.text()])", "ROWS[0].strip()")
stream("dumped", "import json\n", ROWS, "json.dump(fine.text(), ROWS)", "ROWS[0]")
LOG = "LOG = logging.getLogger('fine')\nLOG.propagate = False\nLOG.addHandler(HANDLER)\n"
stream("logged-to-a-stream", "import logging\n", ROWS + "HANDLER = logging.StreamHandler(ROWS)\nHANDLER.terminator = ''\n" + LOG, "LOG.warning(fine.text())", "ROWS[0]")
stream("logged-to-memory", "import logging.handlers\n", "HANDLER = logging.handlers.MemoryHandler(10**6)\n" + LOG, "LOG.warning(fine.text())", "HANDLER.buffer[0].getMessage()")
stream("logged-to-a-queue", "import logging.handlers\nimport queue\n", "ROWS = queue.Queue()\nHANDLER = logging.handlers.QueueHandler(ROWS)\n" + LOG, "LOG.warning(fine.text())", "ROWS.queue[0].getMessage()")
stream("logged-through-a-queue", "import logging.handlers\nimport queue\n", "ROWS = queue.Queue()\nHANDLER = logging.handlers.QueueHandler(ROWS)\nlogging.handlers.QueueListener(ROWS, logging.NullHandler()).start()\n" + LOG, "LOG.warning(fine.text())", "fine.text()")
stream("logged-to-nobody", "import logging\n", "HANDLER = logging.NullHandler()\n" + LOG, "LOG.warning(fine.text())", "fine.text()")
stream("read-from-now-on", "import io\n", "OUT = io.StringIO()\n", "OUT.write(fine.text())", "0", BOTH, sub("keeper.py", "return 0", "return OUT.getvalue()[:2]"), sub("fine.py", "v2", "v3"))
stream("read-at-once", "import io\n", "OUT = io.StringIO()\n", "OUT.write(fine.text())", "0", edit(sub("fine.py", "v1", "v2"), sub("keeper.py", "return 0", "return OUT.getvalue()[:2]")), sub("fine.py", "v2", "v3"))
stream("not-read", "import io\n", "OUT = io.StringIO()\n", "OUT.write(fine.text())", "0", BOTH, sub("keeper.py", "return 0", "return 1"), sub("fine.py", "v2", "v3"))

CASES = [*handed.cases, *protocols.cases, *written.cases]
