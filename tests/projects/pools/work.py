"""What the workers run; the tests edit it."""

import os

ANSWER = "old"


def answer(_=None):
    return f"{ANSWER} {os.getpid()}"


def slow(seconds):
    import time

    time.sleep(seconds)
    return answer()


def hang_at_exit():
    import atexit
    import time

    atexit.register(time.sleep, 30)
    return os.getpid()


def nested():
    from loky import get_reusable_executor

    return get_reusable_executor(1, timeout=60).submit(os.getpid).result()
