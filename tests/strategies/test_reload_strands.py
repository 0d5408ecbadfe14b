"""Threads, coroutines and generators: each is looked at like the main thread's loop, and all must be between two rounds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live import Live

WORK = "def word():\n    return 'v1'\n\n\ndef other():\n    return 'o1'\n"
TICKER = """
import asyncio, queue, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import urlopen
import work

{body}
"""
ASYNC_LOOP = "async def main():\n    while True:\n        print(work.word(), flush=True)\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"
ASYNC_TASKS = "async def beat():\n    while True:\n        work.other()\n        await asyncio.sleep(0.002)\nasync def main():\n    task = asyncio.create_task(beat())\n    while True:\n        print(work.word(), flush=True)\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"
ASYNC_GROUP = "async def produce(jobs):\n    while True:\n        await jobs.put(1)\n        await asyncio.sleep(0.01)\nasync def consume(jobs):\n    while True:\n        await jobs.get()\n        print(work.word(), flush=True)\nasync def main():\n    jobs = asyncio.Queue()\n    async with asyncio.TaskGroup() as group:\n        group.create_task(produce(jobs))\n        group.create_task(consume(jobs))\nasyncio.run(main())\n"
ASYNC_METHOD = "class App:\n    async def tick(self):\n        print(work.word(), flush=True)\n    async def run(self):\n        while True:\n            await self.tick()\n            await asyncio.sleep(0.01)\nasync def main():\n    await App().run()\nasyncio.run(main())\n"
ASYNC_SERVER = "async def handle(reader, writer):\n    while line := await reader.readline():\n        writer.write((work.word() + chr(10)).encode())\n        await writer.drain()\nasync def ask(port):\n    reader, writer = await asyncio.open_connection('127.0.0.1', port)\n    while True:\n        writer.write(b'x\\n')\n        print((await reader.readline()).decode().strip(), flush=True)\n        await asyncio.sleep(0.01)\nasync def main():\n    server = await asyncio.start_server(handle, '127.0.0.1', 0)\n    await asyncio.gather(server.serve_forever(), ask(server.sockets[0].getsockname()[1]))\nasyncio.run(main())\n"
SERVING = "async def handle(reader, writer):\n    while line := await reader.readline():\n        writer.write((work.word() + chr(10)).encode())\n        await writer.drain()\nasync def show():\n    while True:\n        print(work.word(), flush=True)\n        await asyncio.sleep(0.01)\nasync def main():\n    server = await asyncio.start_server(handle, '127.0.0.1', 0)\n    await asyncio.gather(server.serve_forever(), show())\nasyncio.run(main())\n"
THREAD = "def worker():\n    while True:\n        print(work.word(), flush=True)\n        time.sleep(0.01)\ndef main():\n    thread = threading.Thread(target=worker, daemon=True)\n    thread.start()\n    thread.join()\nmain()\n"
THREAD_CLASS = "class Worker(threading.Thread):\n    def __init__(self):\n        super().__init__(daemon=True)\n        self.stop = threading.Event()\n    def run(self):\n        while not self.stop.wait(0.01):\n            self.step()\n    def step(self):\n        print(work.word(), flush=True)\ndef main():\n    worker = Worker()\n    worker.start()\n    while True:\n        time.sleep(0.01)\nmain()\n"
CONSUMER = "jobs = queue.Queue()\ndef consume():\n    while True:\n        jobs.get()\n        print(work.word(), flush=True)\ndef main():\n    threading.Thread(target=consume, daemon=True).start()\n    while True:\n        jobs.put(1)\n        time.sleep(0.01)\nmain()\n"
SERVER = "class Handler(BaseHTTPRequestHandler):\n    def do_GET(self):\n        self.send_response(200)\n        self.end_headers()\n        self.wfile.write(work.word().encode())\n    def log_message(self, *args):\n        pass\ndef ask(port):\n    while True:\n        print(urlopen(f'http://127.0.0.1:{port}/').read().decode(), flush=True)\n        time.sleep(0.01)\ndef main():\n    server = HTTPServer(('127.0.0.1', 0), Handler)\n    threading.Thread(target=ask, args=(server.server_port,), daemon=True).start()\n    server.serve_forever()\nmain()\n"
GENERATOR = "def words():\n    while True:\n        yield work.word()\ndef main():\n    for word in words():\n        print(word, flush=True)\n        time.sleep(0.01)\nmain()\n"
EXPRESSION = "from concurrent.futures import ThreadPoolExecutor\ndef slow(word):\n    time.sleep(0.005)\n    return word\ndef main(pool):\n    while True:\n        answer = pool.submit(max, (slow(work.word()) for _ in range(80)))\n        while not answer.done():\n            time.sleep(0.001)\n        print(answer.result(), flush=True)\nmain(ThreadPoolExecutor(1))\n"
WRAPPED = "def logged(function):\n    def wrapper(*args):\n        return function(*args)\n    return wrapper\n@logged\ndef main():\n    while True:\n        print(work.word(), flush=True)\n        time.sleep(0.01)\nmain()\n"


@contextmanager
def edited(folder: Path, body: str, work: str) -> Iterator[tuple[dict[str, object], Live]]:
    """The last event of the strategy after `work` was saved, and the service, which shows it."""
    (folder / "tree").mkdir()
    (folder / "tree" / "main.py").write_text(TICKER.format(body=body))
    (folder / "tree" / "work.py").write_text(WORK)
    live = Live(folder / "tree", ["main.py"], ["--mode", "service", "--strategy", "reload", "--no-escalate"])
    try:
        live.until(lambda: len(live.lines()) > 3)
        live.save("work.py", work)
        live.until(lambda: live.events("applied") or live.events("refused") or live.events("failed"))
        events = [*live.events("applied"), *live.events("refused"), *live.events("failed")]
        yield events[-1], live
    finally:
        live.end()


@pytest.mark.parametrize(
    "body",
    [ASYNC_LOOP, ASYNC_TASKS, ASYNC_GROUP, ASYNC_METHOD, SERVING, THREAD, THREAD_CLASS, CONSUMER, SERVER, GENERATOR, EXPRESSION, WRAPPED],
    ids=["loop", "tasks", "group", "method", "serving", "thread", "thread class", "consumer", "server", "generator", "expression", "decorated"],
)  # fmt: skip
def test_a_service_of_more_than_one_strand_is_changed_in_place(body: str, tmp_path: Path) -> None:
    """The change is applied, and from then on only new results are shown."""
    with edited(tmp_path, body, WORK.replace("v1", "v2")) as (event, live):
        assert event["event"] == "applied", (event.get("code"), event.get("reason"))
        count = len(live.lines())
        live.until(lambda: len(live.lines()) > count + 4)
        assert set(live.lines()[count + 1 :]) == {"v2"}


def test_what_a_server_has_sent_to_its_own_program_may_be_under_way(tmp_path: Path) -> None:
    """Nobody sees what is in a stream; a client of another program's is nobody to wait for."""
    with edited(tmp_path, ASYNC_SERVER, WORK.replace("v1", "v2")) as (event, _):
        assert (event["event"], event["code"]) == ("failed", "HR122"), event


KEPT_BY_A_TASK = "async def setup():\n    return work.word()\nasync def main():\n    kept = await setup()\n    while True:\n        print(kept, flush=True)\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"
KEPT_BY_A_THREAD = "def worker():\n    kept = work.word()\n    while True:\n        print(kept, flush=True)\n        time.sleep(0.01)\ndef main():\n    threading.Thread(target=worker, daemon=True).start()\n    while True:\n        time.sleep(0.01)\nmain()\n"
KEPT_BY_A_GENERATOR = "def words():\n    kept = work.word()\n    while True:\n        yield kept\ndef main():\n    for word in words():\n        print(word, flush=True)\n        time.sleep(0.01)\nmain()\n"
A_NESTED_FUNCTION_RAN = "def main():\n    def setup():\n        return work.word()\n    kept = setup()\n    while True:\n        print(kept, flush=True)\n        time.sleep(0.01)\nmain()\n"
A_LAMBDA_RAN = "def main():\n    setup = lambda: work.word()\n    kept = setup()\n    while True:\n        print(kept, flush=True)\n        time.sleep(0.01)\nmain()\n"
A_THREAD_RAN = "KEPT = {}\ndef setup():\n    KEPT['a'] = work.word()\ndef main():\n    thread = threading.Thread(target=setup)\n    thread.start()\n    thread.join()\n    while True:\n        print(KEPT['a'], flush=True)\n        time.sleep(0.01)\nmain()\n"
A_COROUTINE_IS_ON_ITS_WAY = "async def main():\n    one = work.word()\n    await asyncio.sleep(0.05)\n    while True:\n        print(one, flush=True)\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"

GIVEN_TO_A_TASK = "async def later(one):\n    await asyncio.sleep(0.03)\n    print(one, flush=True)\nasync def main():\n    while True:\n        asyncio.create_task(later(work.word()))\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"
HELD_BY_THE_OBJECT = "class Job:\n    def __init__(self):\n        self.one = work.word()\n    async def run(self):\n        await asyncio.sleep(0.03)\n        print(self.one, flush=True)\nasync def main():\n    while True:\n        job = Job()\n        asyncio.create_task(job.run())\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"
HELD_BY_ANOTHER_OBJECT = HELD_BY_THE_OBJECT.replace("def run(", "def finish(").replace("job.run(", "job.finish(")
GIVEN_TO_A_LOOP = "async def repeat(one):\n    while True:\n        print(one, flush=True)\n        await asyncio.sleep(0.01)\nasync def main():\n    begun = 0\n    while True:\n        begun += 1\n        if begun < 3:\n            asyncio.create_task(repeat(work.word()))\n        await asyncio.sleep(0.01)\nasyncio.run(main())\n"


@pytest.mark.parametrize(
    "body",
    [KEPT_BY_A_TASK, KEPT_BY_A_THREAD, KEPT_BY_A_GENERATOR, A_NESTED_FUNCTION_RAN, A_LAMBDA_RAN, A_THREAD_RAN, A_COROUTINE_IS_ON_ITS_WAY, GIVEN_TO_A_TASK, HELD_BY_THE_OBJECT, HELD_BY_ANOTHER_OBJECT, GIVEN_TO_A_LOOP],
    ids=["task", "thread", "generator", "nested function", "lambda", "ended thread", "coroutine", "argument", "object", "another object", "argument of a loop"],
)  # fmt: skip
def test_what_a_strand_keeps_is_no_less_kept(body: str, tmp_path: Path) -> None:
    """What ran before the loop of any strand used what changed, so the change is refused."""
    with edited(tmp_path, body, WORK.replace("v1", "v2")) as (event, _):
        assert event["event"] != "applied", event
        assert event["code"] in ("HR121", "HR122", "HR123"), event


WAITING_TO_BE_CALLED = {
    "timer": "threading.Timer(0.09, later, (work.word(),)).start()",
    "pool": "futures = [POOL.submit(later, work.word()) for _ in range(4)]",
}


@pytest.mark.parametrize("begin", WAITING_TO_BE_CALLED.values(), ids=WAITING_TO_BE_CALLED)
def test_what_waits_to_be_called_with_an_old_result_is_waited_for(begin: str, tmp_path: Path) -> None:
    """No timer and no thread of a pool shows what older code has made beside what new code makes."""
    head = "from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(1)\ndef later(one):\n    time.sleep(0.007)\n    print(one + work.word(), flush=True)\n"
    body = f"{head}def main():\n    while True:\n        {begin}\n        time.sleep(0.03)\nmain()\n"
    # The first edit takes so long that all have been called.
    with edited(tmp_path, body, WORK.replace("o1", "o2")) as (_, live):
        for old, new in (("v1", "v2"), ("v2", "v3"), ("v3", "v4")):
            count = len(live.lines())
            live.save("work.py", WORK.replace("o1", "o2").replace("v1", new))
            live.until(lambda shown=new + new: live.lines()[-4:] == [shown] * 4)
            assert set(live.lines()[count:]) == {old + old, new + new}


MIXER = """
import sys, threading, time
sys.path.insert(0, {strategies!r})
import os, signal, types
from hrsup_agent.wire import content_hash
from hrsup_strategies.base import Plan
from hrsup_strategies.reload import Reload

folder, edits = {folder!r}, {edits}
class Program:
    sources, loaded, pending, outcomes = {{}}, {{}}, False, []
    def modules(self): return self.loaded
    def load_module(self, name): __import__(name)
    def reads_back(self): return False
    def unload(self, path, instead): pass
    def source(self, path): return self.sources[path]
    def set_source(self, path, data): self.sources[path] = data
    def reply(self, outcome): Program.pending = False; Program.outcomes.append(outcome.code or outcome.state)
program, reload = Program(), Reload()
def load(name, text):
    path = os.path.join(folder, name + ".py")
    with open(path, "w") as file: file.write(text)
    module = types.ModuleType(name)
    module.__file__ = path
    program.sources[path], program.loaded[path] = text.encode(), module
    sys.modules[name] = module
    exec(compile(text, path, "exec", dont_inherit=True), vars(module))
    return module
load("one", "def f():\\n    return 0\\n")
load("two", "def g():\\n    return 0\\n")
loop = load("loop", '''
import one, two
MIXED = [0]
ROUNDS = [0, 0]
def worker(n, stop):
    while not stop.wait(0.0002):
        first = one.f()
        for _ in range(50):
            pass
        if first != two.g():
            MIXED[0] += 1
        ROUNDS[n] += 1
def main(step):
    while True:
        first = one.f()
        if first != two.g():
            MIXED[0] += 1
        if step():
            return
''')
def edit(number):
    hashes = {{}}
    for name, text in (("one", f"def f():\\n    return {{number}}\\n"), ("two", f"def g():\\n    return {{number}}\\n")):
        path = os.path.join(folder, name + ".py")
        with open(path, "w") as file: file.write(text)
        hashes[path] = content_hash(text.encode())
    Program.pending = True
    outcome = reload.perform(Plan("reload", "program", detail={{"hashes": hashes}}), program)
    if outcome is not None: program.reply(outcome)
count = 0
def step():
    global count
    if not Program.pending:
        if count == edits: return True
        count += 1
        edit(count)
    return False
stop = threading.Event()
threads = [threading.Thread(target=loop.worker, args=(n, stop)) for n in range(2)]
for thread in threads: thread.start()
loop.main(step)
stop.set()
done = sum(code == "done" for code in Program.outcomes)
print(done, loop.MIXED[0], min(loop.ROUNDS), set(Program.outcomes))
"""


def test_two_threads_and_a_loop_never_see_a_mix(tmp_path: Path) -> None:
    """Each of three loops reads two changed modules in a round, and never sees one old and one new."""
    strategies = str(Path(__file__).parent.parent.parent / "strategies")
    program = MIXER.format(strategies=strategies, folder=str(tmp_path), edits=200)
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    applied, mixed, rounds = (int(word) for word in done.stdout.split()[:3])
    assert mixed == 0
    assert applied > 100, done.stdout
    assert rounds > 0
