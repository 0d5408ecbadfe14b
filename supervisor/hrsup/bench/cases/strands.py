"""Services of more than one strand: asyncio tasks, threads, servers of the standard library's, generators.

In some of them a strand has kept a result from before its loop, so that the change must not be brought in place.
"""

from hrsup.bench.vocabulary import Group, sub

WORK, MAIN = "work.py", "main.py"
WORDS = "def word():\n    return 'v1'\n\n\ndef other():\n    return 'o1'\n"
STEPS = (sub(WORK, "v1", "v2"), sub(WORK, "o1", "o2"), sub(WORK, "v2", "v3"))


group = Group("strands")

group.service("asyncio-loop", {WORK: WORDS, MAIN: """
import asyncio
import work

async def main():
    shown = 0
    while True:
        shown += 1
        print(f"{shown}\\t{work.word()} {work.other()}", flush=True)
        await asyncio.sleep(0.005)

asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-two-tasks", {WORK: WORDS, MAIN: """
import asyncio
import work

class State:
    shown = 0
    text = ""

async def poll(state):
    while True:
        await asyncio.sleep(0.003)
        state.shown += 1
        print(f"{state.shown}\\t{work.word()}", flush=True)

async def heartbeat():
    while True:
        work.other()
        await asyncio.sleep(0.002)

async def main():
    state = State()
    await asyncio.gather(poll(state), heartbeat())

if __name__ == "__main__":
    asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-create-task", {WORK: WORDS, MAIN: """
import asyncio
import work

async def heartbeat():
    while True:
        work.other()
        await asyncio.sleep(0.002)

async def step():
    await asyncio.sleep(0.001)
    return work.word()

async def main():
    task = asyncio.create_task(heartbeat())
    shown = 0
    while True:
        text = await step()
        shown += 1
        print(f"{shown}\\t{text}", flush=True)
        await asyncio.sleep(0.004)

if __name__ == "__main__":
    asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-queue", {WORK: WORDS, MAIN: """
import asyncio
import work

async def produce(queue):
    n = 0
    while True:
        n += 1
        await queue.put(n)
        await asyncio.sleep(0.004)

async def consume(queue):
    while True:
        n = await queue.get()
        print(f"{n}\\t{work.word()}", flush=True)

async def main():
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))

if __name__ == "__main__":
    asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-server", {WORK: WORDS, MAIN: """
import asyncio
import work

async def handle(reader, writer):
    while line := await reader.readline():
        writer.write((work.word() + line.decode()).encode())
        await writer.drain()

async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    shown = 0
    while True:
        writer.write(b"x\\n")
        answer = await reader.readline()
        shown += 1
        print(f"{shown}\\t{answer.decode().strip()}", flush=True)
        await asyncio.sleep(0.004)

async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(server.serve_forever(), client(port))

if __name__ == "__main__":
    asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-mid-iteration", {WORK: WORDS, MAIN: """
import asyncio
import work

async def main():
    shown = 0
    while True:
        one = work.word()
        await asyncio.sleep(0.004)
        shown += 1
        print(f"{shown}\\t{one} {work.word()}", flush=True)
        await asyncio.sleep(0.001)

asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-before", {WORK: WORDS, MAIN: """
import asyncio
import work

async def setup():
    return work.word()

async def main():
    shown = 0
    kept = await setup()
    while True:
        shown += 1
        print(f"{shown}\\t{kept} {work.other()}", flush=True)
        await asyncio.sleep(0.004)

asyncio.run(main())
"""}, *STEPS)
group.service("asyncio-class", {WORK: WORDS, MAIN: """
import asyncio
import work

class App:
    def __init__(self):
        self.shown = 0
        self.stopping = asyncio.Event()

    async def tick(self):
        self.shown += 1
        print(f"{self.shown}\\t{work.word()}", flush=True)

    async def run(self):
        while not self.stopping.is_set():
            await self.tick()
            await asyncio.sleep(0.004)

async def main():
    app = App()
    await app.run()

asyncio.run(main())
"""}, *STEPS)
group.service("thread-worker", {WORK: WORDS, MAIN: """
import threading
import time
import work

def worker():
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{work.word()}", flush=True)
        time.sleep(0.004)

def main():
    thread = threading.Thread(target=worker, daemon=True)
    thread.start()
    thread.join()

if __name__ == "__main__":
    main()
"""}, *STEPS)
group.service("thread-and-loop", {WORK: WORDS, MAIN: """
import threading
import time
import work

stop = threading.Event()

def worker():
    while not stop.wait(0.003):
        work.other()

def main():
    threading.Thread(target=worker, daemon=True).start()
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{work.word()}", flush=True)
        time.sleep(0.004)

if __name__ == "__main__":
    main()
"""}, *STEPS)
group.service("thread-class", {WORK: WORDS, "worker.py": """
import threading
import work

class Worker(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.count = 0

    def run(self):
        while not self.stop.is_set():
            self.step()
            self.stop.wait(0.003)

    def step(self):
        self.count += 1
        print(f"{self.count}\\t{work.word()}", flush=True)
""", MAIN: """
import time
from worker import Worker

def main():
    workers = [Worker()]
    for worker in workers:
        worker.start()
    while True:
        time.sleep(0.5)

if __name__ == "__main__":
    main()
"""}, *STEPS)
group.service("queue-consumer-thread", {WORK: WORDS, MAIN: """
import queue
import threading
import time
import work

jobs = queue.Queue()

def consume():
    while True:
        n = jobs.get()
        print(f"{n}\\t{work.word()}", flush=True)

def main():
    threading.Thread(target=consume, daemon=True).start()
    n = 0
    while True:
        n += 1
        jobs.put(n)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("http-server", {WORK: WORDS, MAIN: """
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
import work

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = work.word().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

def ask(port):
    n = 0
    while True:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        n += 1
        print(f"{n}\\t{text}", flush=True)
        time.sleep(0.005)

def main():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=ask, args=(server.server_port,), daemon=True).start()
    server.serve_forever()

if __name__ == "__main__":
    main()
"""}, *STEPS)
group.service("sched", {WORK: WORDS, MAIN: """
import sched
import time
import work

scheduler = sched.scheduler(time.monotonic, time.sleep)
shown = 0

def tick():
    global shown
    shown += 1
    print(f"{shown}\\t{work.word()}", flush=True)
    scheduler.enter(0.005, 1, tick)

scheduler.enter(0, 1, tick)
scheduler.run()
"""}, *STEPS)
group.service("pool", {WORK: WORDS, MAIN: """
import time
from concurrent.futures import ThreadPoolExecutor
import work

def job(n):
    return work.word()

def main():
    shown = 0
    with ThreadPoolExecutor(2) as pool:
        while True:
            results = list(pool.map(job, range(3)))
            shown += 1
            print(f"{shown}\\t{results}", flush=True)
            time.sleep(0.004)

main()
"""}, *STEPS)
group.service("generator-rows", {WORK: WORDS, MAIN: """
import time
import work

def rows():
    n = 0
    while True:
        n += 1
        yield n

def main():
    for n in rows():
        print(f"{n}\\t{work.word()}", flush=True)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("generator-of-results", {WORK: WORDS, MAIN: """
import time
import work

def words():
    while True:
        yield work.word()

def main():
    n = 0
    for word in words():
        n += 1
        print(f"{n}\\t{word} {work.other()}", flush=True)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("nested-setup", {WORK: WORDS, MAIN: """
import time
import work

def main():
    def setup():
        return work.word()
    x = setup()
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{x} {work.other()}", flush=True)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("lambda-setup", {WORK: WORDS, MAIN: """
import time
import work

def main():
    make = lambda: work.word()
    x = make()
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{x} {work.other()}", flush=True)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("nested-loop-function", {WORK: WORDS, MAIN: """
import functools
import time
import work

def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        try:
            return function(*args)
        finally:
            pass
    return wrapper

@logged
def main():
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{work.word()}", flush=True)
        time.sleep(0.004)

main()
"""}, *STEPS)
group.service("thread-mid", {WORK: WORDS, MAIN: """
import threading
import time
import work

def worker():
    n = 0
    while True:
        one = work.word()
        time.sleep(0.003)
        n += 1
        print(f"{n}\\t{one} {work.word()}", flush=True)
        time.sleep(0.003)

def main():
    threading.Thread(target=worker, daemon=True).start()
    while True:
        time.sleep(0.01)

main()
"""}, *STEPS)
group.service("thread-keeps", {WORK: WORDS, MAIN: """
import threading
import time
import work

def worker():
    kept = work.word()
    n = 0
    while True:
        n += 1
        print(f"{n}\\t{kept} {work.other()}", flush=True)
        time.sleep(0.003)

def main():
    threading.Thread(target=worker, daemon=True).start()
    while True:
        time.sleep(0.01)

main()
"""}, *STEPS)
group.service("timer", {WORK: WORDS, MAIN: """
import threading
import time
import work

n = 0

def tick():
    global n
    n += 1
    print(f"{n}\\t{work.word()}", flush=True)
    timer = threading.Timer(0.005, tick)
    timer.daemon = True
    timer.start()

tick()
while True:
    time.sleep(0.1)
"""}, *STEPS)

CASES = group.cases
