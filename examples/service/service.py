"""Handles every order that is dropped into inbox/, until told to stop. Run me: python service.py"""

import signal
import sys
import time

import rules
from inbox import arrivals


def stop(signum, frame):
    sys.exit(0)


def handle(name, order, count):
    amount = rules.total(order)
    print(f"{name}: {amount:.2f} -> {rules.lane(order, amount)} ({count} so far)", flush=True)


def main():
    signal.signal(signal.SIGTERM, stop)
    seen = set()
    print("waiting for orders in inbox/", flush=True)
    while True:
        for name, order in arrivals(seen):
            handle(name, order, len(seen))
        time.sleep(0.02)


if __name__ == "__main__":
    main()
