"""A service with a pool: asks its workers again and again, and prints the answers."""

import multiprocessing
import sys
import time

import work


def make_pool(kind):
    if kind == "loky":
        import loky

        return loky.get_reusable_executor(max_workers=2, timeout=60)
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(kind))


def main():
    pool = make_pool(sys.argv[1])
    while True:
        futures = [pool.submit(work.slow, 0.005) for _ in range(4)]  # long enough for both workers
        answers = set()
        for future in futures:
            answers.add(future.result(20).split()[0])
        print(*sorted(answers), flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
