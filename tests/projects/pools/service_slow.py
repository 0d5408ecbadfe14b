"""A service one of whose first tasks takes for ever."""

import time
from concurrent.futures import ProcessPoolExecutor

import work


def main():
    pool = ProcessPoolExecutor(2)
    seconds = 3600
    while True:
        futures = [pool.submit(work.slow, 0.005), pool.submit(work.slow, seconds)]
        print(futures[0].result(20).split()[0], flush=True)
        seconds = 0.005
        time.sleep(0.02)


main()
