"""A coordinator with one pool: `python drive.py KIND START_METHOD`, then one command a line on standard input.

    ask            hand in tasks, print their answers as JSON
    slow SECONDS   hand in one slow task, do not wait for it
    late           print the answer of the slow task
    edit TEXT      rewrite work.py, and load it in this process (in place, as a reload does)
    recycle [S]    prepare, edit-free commit, release; print what came of it
    recycle-edit TEXT   the same with the edit between prepare and commit
    disturb TEXT   the same, but a task is handed in right after prepare
    spawn          start a bare multiprocessing.Process
    children       print the pids below this process
"""

import json
import multiprocessing
import os
import sys

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
    if kind == "futures":
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


def ask(pool):
    answers = [future.result(20) for future in [pool.submit(work.answer) for _ in range(8)]]
    return {"answers": sorted({answer.split()[0] for answer in answers}), "pids": sorted({int(answer.split()[1]) for answer in answers})}


def edit(text):
    with open(work.__file__, encoding="utf-8") as file:
        source = file.read()
    source = source.replace(f'"{work.ANSWER}"', f'"{text}"')
    with open(work.__file__ + ".new", "w", encoding="utf-8") as file:
        file.write(source)
    os.replace(work.__file__ + ".new", work.__file__)
    old = work.answer, work.slow
    exec(compile(source, work.__file__, "exec"), work.__dict__)
    for function in old:
        function.__code__ = getattr(work, function.__name__).__code__
        setattr(work, function.__name__, function)


def recycle(drain_s=5.0, between=lambda: None):
    from hrsup_strategies.workers.recycle import Recycling

    recycling = Recycling(drain_s)
    try:
        if refused := recycling.prepare():
            return {"state": "refused", "code": refused.code, "reason": refused.reason}
        between()
        if failed := recycling.commit():
            return {"state": "failed", "code": failed.code, "reason": failed.reason}
        return {"state": "done", **recycling.evidence}
    finally:
        recycling.release()


def idle():
    import time

    time.sleep(60)


def obey(pool, line, kept):
    verb, _, rest = line.strip().partition(" ")
    if verb == "ask":
        return ask(pool)
    if verb == "slow":
        kept["late"] = pool.submit(work.slow, float(rest))
    elif verb == "late":
        return {"answer": kept["late"].result(20).split()[0]}
    elif verb == "edit":
        edit(rest)
    elif verb == "recycle":
        return recycle(float(rest or 5))
    elif verb == "recycle-edit":
        return recycle(between=lambda: edit(rest))
    elif verb == "disturb":
        return recycle(between=lambda: (pool.submit(work.answer).result(20), edit(rest)))
    elif verb == "spawn":
        kept["process"] = multiprocessing.get_context("fork").Process(target=idle, daemon=True)
        kept["process"].start()
    elif verb == "children":
        from hrsup_strategies.workers.processes import descendants

        return {"pids": sorted(descendants(os.getpid()))}
    return {}


def main():
    kept = {}
    pool = make_pool(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        print(json.dumps(obey(pool, line, kept)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
