"""What the workers run; the tests edit it."""

import os

ANSWER = "old"


def answer(_=None):
    return f"{ANSWER} {os.getpid()}"


def slow(seconds):
    import time

    time.sleep(seconds)
    return answer()
