"""What is sent through a stream, and is read a while later, by the same program."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'a'\n"
EDITS = (sub(WORK, "'a'", "'b'"), sub(WORK, "'b'", "'c'"))
streamed = Group("streamed")


def fed(name: str, imports: str, make: str, put: str, get: str, wait: bool = True) -> None:
    """A thread sends faster than the loop reads, or as fast as it can."""
    pause = "            time.sleep(0.003)\n" if wait else ""
    feed = f"import {imports}\nimport threading\nimport time\n\nimport work\n\n\nclass Feed:\n    def __init__(self):\n        {make}\n        threading.Thread(target=self.run, daemon=True).start()\n\n    def run(self):\n        while True:\n            {put}\n{pause}\n    def get(self):\n        return {get}\n"
    streamed.service(name, {WORK: WORD, BASE: feed, MAIN: loop("import base", "feed.get()", "feed = base.Feed()")}, *EDITS)


SOCKETS = "self.a, self.b = socket.socketpair()"
CHILD = "self.child = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)"
fed("sockets", "socket", SOCKETS, "self.a.send(work.word().encode())", "self.b.recv(1).decode()")
fed("sockets-that-are-full", "socket", SOCKETS, "self.a.sendall(work.word().encode() * 3)", "self.b.recv(1).decode()", wait=False)
fed("files-of-sockets", "socket", SOCKETS + "\n        self.f, self.g = self.b.makefile(), self.a.makefile('w')", "print(work.word(), file=self.g, flush=True)", "self.f.readline()")
fed("pipe", "os", "self.r, self.w = os.pipe()", "os.write(self.w, work.word().encode())", "os.read(self.r, 1).decode()")
fed("files-of-a-pipe", "os", "r, w = os.pipe()\n        self.f, self.g = open(r), open(w, 'w', buffering=1)", "self.g.write(work.word() + '\\n')", "self.f.readline()")
fed("pipe-of-objects", "multiprocessing", "self.r, self.w = multiprocessing.Pipe(False)", "self.w.send(work.word())", "self.r.recv()")
fed("queue-of-processes", "multiprocessing", "self.queue = multiprocessing.Queue()", "self.queue.put(work.word())", "self.queue.get()")
fed("simple-queue", "queue", "self.queue = queue.SimpleQueue()", "self.queue.put(work.word())", "self.queue.get()")
fed("child-that-answers", "subprocess", CHILD, "self.child.stdin.write(work.word() + '\\n')", "self.child.stdout.readline()")
fed("connection-to-itself", "socket", "server = socket.create_server(('127.0.0.1', 0))\n        self.a = socket.create_connection(server.getsockname())\n        self.b, _ = server.accept()", "self.a.sendall(work.word().encode())", "self.b.recv(1).decode()")
fed("connected-later", "socket", "server = socket.create_server(('127.0.0.1', 0))\n        self.a = socket.socket()\n        self.a.connect(server.getsockname())\n        self.b, _ = server.accept()", "self.a.sendall(work.word().encode())", "self.b.recv(1).decode()")
# More is sent in each round than is read.
streamed.service("datagrams", {WORK: WORD, MAIN: loop("import socket\n\nimport work", "inbox.recv(10).decode()", "inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ninbox.bind(('127.0.0.1', 0))\noutbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "for _ in range(2):\n    outbox.sendto(work.word().encode(), inbox.getsockname())")}, *EDITS)
# Nothing that is sent comes back.
streamed.service("to-somebody-else", {WORK: WORD, MAIN: loop("import socket\n\nimport work", "work.word()", "outbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "outbox.sendto(work.word().encode(), ('127.0.0.1', 9))")}, *EDITS)
CASES = streamed.cases
