"""A coordinator with one pool: `python drive.py KIND START_METHOD`; one command a line on standard input (see COMMANDS),
one JSON object a line as the answer."""

import json
import multiprocessing
import os
import sys
import threading
import time

import work


def make_pool(kind, method):
    if kind == "loky":
        import loky

        return loky.get_reusable_executor(max_workers=2, timeout=60)
    if kind == "loky-held":
        import loky

        return loky.ProcessPoolExecutor(2, timeout=None)
    if kind == "joblib":
        import joblib

        joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(1) for _ in range(4))
        from joblib.externals.loky import get_reusable_executor

        return get_reusable_executor(reuse=True)
    if kind == "preloaded":
        multiprocessing.set_forkserver_preload(["work"])
    if kind in ("futures", "preloaded"):
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method))
    return PoolAsExecutor(multiprocessing.get_context(method).Pool(2))


class PoolAsExecutor:
    def __init__(self, pool):
        self.pool = pool

    def submit(self, function, *args):
        result = self.pool.apply_async(function, args)
        result.result = result.get
        return result

    def shutdown(self):
        self.pool.terminate()
        self.pool.join()


def ask():
    answers = [future.result(20) for future in [pool.submit(work.answer) for _ in range(8)]]
    return {
        "answers": sorted({answer.split()[0] for answer in answers}),
        "pids": sorted({int(answer.split()[1]) for answer in answers}),
        "all": sorted(getattr(pool, "_processes", ())),
    }


def edit(text):
    """Save the module with another answer, and update it in this process in place, as a reload does."""
    with open(work.__file__, encoding="utf-8") as file:
        source = file.read()
    source = source.replace(f'"{work.ANSWER}"', f'"{text}"')
    with open(work.__file__ + ".new", "w", encoding="utf-8") as file:
        file.write(source)
    os.replace(work.__file__ + ".new", work.__file__)
    functions = [value for value in vars(work).values() if hasattr(value, "__code__")]
    exec(compile(source, work.__file__, "exec"), work.__dict__)
    for function in functions:
        function.__code__ = getattr(work, function.__name__).__code__
        setattr(work, function.__name__, function)
    return {}


def recycle(drain_s="5", between=lambda: None):
    from hrsup_strategies.workers import recycle as module

    module.END_S = 1.5
    recycling = module.Recycling(float(drain_s), dict, set)
    try:
        if refused := recycling.prepare():
            return {"state": "refused", "code": refused.code, "reason": refused.reason}
        between()
        if failed := recycling.commit():
            return {"state": "failed", "code": failed.code, "reason": failed.reason}
        if isinstance(pool, PoolAsExecutor):
            pool.pool.map(abs, [1] * 4)  # fails in a pool that has no worker at the moment
        return {"state": "done", **recycling.evidence}
    finally:
        recycling.release()


def recycle_edit(text):
    return recycle(between=lambda: edit(text))


def disturb(text):
    return recycle(between=lambda: (pool.submit(work.answer).result(20), edit(text)))


def recycle_with_thread(text):
    answers, ready = [], threading.Event()

    def hand_in():
        ready.set()
        answers.append(pool.submit(work.answer).result(20))

    thread = threading.Thread(target=hand_in)

    def between():
        thread.start()
        ready.wait()
        time.sleep(0.05)
        edit(text)

    outcome = recycle(between=between)
    thread.join()
    return {"state": outcome["state"], "answer": answers[0].split()[0]}


def slow(seconds):
    kept["late"] = pool.submit(work.slow, float(seconds))
    return {}


def hand_in_all_sorts():
    """Two long tasks for the two workers, one that raises, and three more, the last of which is taken back if it can be."""
    futures = [pool.submit(work.slow, 0.3), pool.submit(work.slow, 0.3), pool.submit(int, "x")]
    futures += [pool.submit(abs, number) for number in range(3)]
    return {"cancelled": int(hasattr(futures[-1], "cancel") and futures[-1].cancel())}


def late():
    return {"answer": kept["late"].result(20).split()[0]}


def spawn():
    kept["process"] = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
    kept["process"].start()
    return {}


def dask():
    """A client that lives in the program's own event loop, which stands still while we wait for an answer."""
    from types import SimpleNamespace

    client = SimpleNamespace(asynchronous=True, status="running", futures={}, _graph_to_futures=None)
    module = type(sys)("distributed.client")
    module.Client = SimpleNamespace(_instances=[client])
    sys.modules["distributed.client"] = module
    return {}


def hang():
    return {"pid": pool.submit(work.hang_at_exit).result(20)}


def nested():
    return {"pid": pool.submit(work.nested).result(20)}


def children():
    from hrsup_strategies.workers.processes import descendants

    return {"pids": sorted(descendants(os.getpid()))}


def semaphores():
    """Names that this process and its trackers still have registered; nothing is left behind by replaced workers."""
    import gc

    gc.collect()
    mine = [name for name in os.listdir("/dev/shm") if name.startswith((f"sem.loky-{os.getpid()}-", "sem.mp-"))]
    return {"count": len([name for name in mine if "mp-" not in name]), "mp": len(semaphores_of_this_process())}


def semaphores_of_this_process():
    from multiprocessing import util

    return [f for f in list(util._finalizer_registry.values()) if "SemLock" in getattr(f._callback, "__qualname__", "")]


def experiment():
    from cloudpickle import dumps

    pickled = dumps(work.answer)
    outcome = {"bytes": len(pickled), "as_it_is": ask()["answers"]}
    outcome["pickles_are_equal"] = pickled == dumps(work.answer)
    for future in [pool.submit(exec, "import sys, time; sys.modules.pop('work', None); time.sleep(0.2)") for _ in (1, 2)]:
        future.result(20)
    outcome["after_dropping_the_module"] = ask()["answers"]
    return outcome


def kill_workers():
    import loky

    loky.get_reusable_executor(max_workers=2, timeout=60, kill_workers=True)
    return {}


COMMANDS = [ask, edit, recycle, recycle_edit, disturb, recycle_with_thread, slow, hand_in_all_sorts, late, spawn, dask, hang, nested]
COMMANDS += [children, semaphores, experiment, kill_workers]
VERBS = {command.__name__.replace("_", "-"): command for command in COMMANDS}

if __name__ == "__main__":
    kept = {}
    pool = make_pool(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        verb, *arguments = line.split()
        print(json.dumps(VERBS[verb](*arguments)), flush=True)
    pool.shutdown()
