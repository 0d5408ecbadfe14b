"""Servers of the standard library that are made as people make them, asked by a thread of the same program, and answers
that are under way when the change comes."""

from hrsup.bench.cases.unforeseen import MAIN, WORK
from hrsup.bench.vocabulary import Group, sub

group = Group("servers")
PRICE = "def price(count):\n    return count * 3\n\n\ndef label(count):\n    return f'{count} for {price(count)}'\n"
EDITS = (sub(WORK, "* 3", "* 5"), sub(WORK, "for {", "at {"))
ASK = '''
import threading
import time
from urllib.request import urlopen


def ask(port):
    tick = 0
    while True:
        tick += 1
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            print(f"{tick}\\t{answer.read().decode()}", flush=True)
        time.sleep(0.01)


def begin(port):
    threading.Thread(target=ask, args=(port,), daemon=True).start()
'''
HANDLER = '''
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = work.label(4).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

'''
SERVE = '''
def main():
    server = {server}(("127.0.0.1", 0), Handler)
    ask.begin(server.server_port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
'''
HTTP = "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer\nfrom socketserver import ThreadingMixIn\n\nimport ask\nimport work\n\n" + HANDLER
WEB = "\nclass Web(ThreadingHTTPServer):\n    daemon_threads = True\n"


def serve(name: str, text: str) -> None:
    """A server that a thread asks."""
    group.service(name, {WORK: PRICE, "ask.py": ASK, MAIN: text}, *EDITS)


serve("closed-at-the-end", HTTP + SERVE.format(server="ThreadingHTTPServer"))
for name, body in {
    "a-class-of-its-own": "",
    "with-a-method-for-requests": "\n    def verify_request(self, request, client_address):\n        return work.price(1) > 0\n",
    "that-binds-otherwise": "\n    def server_bind(self):\n        super().server_bind()\n        self.greeting = work.label(4)\n",
    "that-is-made-otherwise": "\n    def __init__(self, *args):\n        super().__init__(*args)\n        self.greeting = work.label(4)\n",
    "with-a-property-that-is-looked-at": "\n    @property\n    def request_queue_size(self):\n        self.greeting = work.label(4)\n        return 5\n",
    "with-a-lambda-for-a-method": "\n    server_activate = lambda self: (setattr(self, 'greeting', work.label(4)), self.socket.listen(5))\n",
}.items():
    text = HTTP.replace("work.label(4).encode()", "self.server.greeting.encode()") if "greeting" in body else HTTP
    serve(name, text + WEB + body + "\n" + SERVE.format(server="Web"))
serve("a-mixed-class", HTTP.replace("ThreadingHTTPServer", "HTTPServer") + "\nclass Web(ThreadingMixIn, HTTPServer):\n    daemon_threads = True\n\n" + SERVE.format(server="Web"))
serve("a-class-of-the-programs-of-that-name", HTTP.replace("ThreadingHTTPServer", "ThreadingHTTPServer as Threaded") + "\nclass ThreadingHTTPServer(Threaded):\n    def __init__(self, address, handler):\n        super().__init__(address, handler)\n        self.greeting = work.label(4)\n\n".replace("work.label(4).encode()", "self.server.greeting.encode()") + WEB + "\n" + SERVE.format(server="Web"))
WSGI = '''
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import ask
import work


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [{answer}.encode()]

{more}
if __name__ == "__main__":
    with make_server("127.0.0.1", 0, application, {given}) as server:
        ask.begin(server.server_port)
        server.serve_forever()
'''
serve("wsgi", WSGI.format(answer="work.label(4)", more="", given="handler_class=Quiet"))
KEEPS = "\nclass Web(WSGIServer):\n    def __init__(self, *args):\n        super().__init__(*args)\n        KEPT.append(work.label(4))\n\n\nKEPT = []\n\n"
serve("wsgi-of-a-class-of-its-own", WSGI.format(answer="KEPT[0]", more=KEEPS, given="server_class=Web, handler_class=Quiet"))
serve("wsgi-of-a-class-in-its-place", WSGI.format(answer="KEPT[0]", more=KEEPS, given="Web, Quiet"))
CALLED = "\ndef keep(status, headers):\n    KEPT.append(headers)\n\n\nKEPT = []\n\n\ndef first():\n    if not KEPT:\n        application({}, keep)\n    return KEPT[0][0][1]\n\n"
serve("wsgi-that-is-called-by-the-program", WSGI.format(answer="shown()", more=CALLED + "\ndef shown():\n    return first()\n\n", given="handler_class=Quiet").replace('"text/plain"', "work.label(4)").replace("return [shown()", "return [b'' if start_response is keep else shown()").replace("b'' if start_response is keep else shown().encode()", "(b'' if start_response is keep else shown().encode())"))
# One method of the client's asks, another takes the answer, in the next round.
AHEAD = '''
import http.client
import threading
import time

{imports}
import work

{handler}

def main():
    server = {server}(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
    client.request("GET", "/")
    tick = 0
    while True:
        text = client.getresponse().read().decode()
        client.request("GET", "/")
        tick += 1
        print(f"{{tick}}\\t{{text}}", flush=True)
        time.sleep(0.01)


main()
'''
IMPORTS = "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer\n"
group.service("asked-ahead", {WORK: PRICE, MAIN: AHEAD.format(imports=IMPORTS, handler=HANDLER, server="ThreadingHTTPServer")}, *EDITS)
group.service("asked-ahead-of-a-class-of-its-own", {WORK: PRICE, MAIN: AHEAD.format(imports=IMPORTS, handler=HANDLER + WEB, server="Web")}, *EDITS)
LISTENER = "from multiprocessing.connection import Client, Listener\n\nimport work\n\n\ndef answer(listener):\n    with listener.accept() as connection:\n        while connection.recv():\n            connection.send(work.label(4))\n\n\ndef main():\n    listener = Listener(('127.0.0.1', 0))\n    threading.Thread(target=answer, args=(listener,), daemon=True).start()\n    client = Client(listener.address)\n    client.send(True)\n    tick = 0\n    while True:\n        text = client.recv()\n        client.send(True)\n        tick += 1\n        print(f'{tick}\\t{text}', flush=True)\n        time.sleep(0.01)\n\n\nmain()\n"
group.service("listener-and-client", {WORK: PRICE, MAIN: "import threading\nimport time\n" + LISTENER}, *EDITS)

# Where one asks it what it does: a socket in its folder, which it makes anew and removes at its end.
CONTROL = """
import os
import socket
import threading
import time

import work

PATH = "control/daemon.sock"


def answer(server):
    while True:
        server.accept()[0].close()


def main():
    os.makedirs("control", exist_ok=True)
    if os.path.exists(PATH):
        os.unlink(PATH)
    server = socket.socket(socket.AF_UNIX)
    server.bind(PATH)
    server.listen()
    threading.Thread(target=answer, args=(server,), daemon=True).start()
    tick = 0
    while True:
        tick += 1
        print(f"{tick}\\t{work.label(4)}", flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
"""
group.service("control-socket", {WORK: PRICE, MAIN: CONTROL}, *EDITS, sub(MAIN, "label(4)", "label(5)"))

CASES = group.cases
