"""Handles every order that is dropped into inbox/, until told to stop. Run me: python service.py"""

import signal
import sys
import time
from collections import Counter

import rules
from inbox import arrivals


def stop(signum, frame):
    sys.exit(0)


def handle(name, order, lanes):
    amount = rules.total(order)
    lane = rules.lane(order, amount)
    lanes[lane] += 1
    print(f"{name}: {amount:.2f} -> {lane} ({sum(lanes.values())} so far)", flush=True)


def main():
    signal.signal(signal.SIGTERM, stop)
    seen, lanes = set(), Counter()
    print("waiting for orders in inbox/", flush=True)
    while True:
        for name, order in arrivals(seen):
            handle(name, order, lanes)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
