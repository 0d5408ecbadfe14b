"""What a worker can see of itself."""

import numpy as np

VERSION = 1


def look():
    import atexit
    import gc
    import locale
    import logging
    import multiprocessing
    import os
    import random
    import resource
    import signal
    import sys
    import threading
    import time
    import warnings

    time.sleep(0.05)  # long enough for the other worker to get a task, too
    np.random.random()  # is imported only now
    main = sys.modules["__main__"]
    mask = os.umask(0)
    os.umask(mask)
    process = multiprocessing.current_process()
    third = {name for name in sys.modules if _is_third_party(sys.modules[name])}
    return {
        "pid": os.getpid(),
        "forked": b"image:" in open("/proc/self/cmdline", "rb").read(),
        "draws": [random.random(), float(np.random.random()), float(np.random.default_rng().random())],
        "stdlib": sorted(set(sys.modules) - third),
        "seen": {
            "version": VERSION,
            "ppid": os.getppid(),
            "pgid": os.getpgid(0),
            "sid": os.getsid(0),
            "path": sys.path,
            "argv": [_numberless(word) for word in sys.argv],
            "orig_argv": [_numberless(word) for word in sys.orig_argv],
            "flags": list(sys.flags),
            "executable": sys.executable,
            "environ": dict(os.environ),
            "cwd": os.getcwd(),
            "umask": mask,
            "fds": sorted(_kind(number) for number in map(int, os.listdir("/proc/self/fd"))),
            "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
            "signals": {number: _named(signal.getsignal(number)) for number in signal.valid_signals()},
            "third party": sorted(third),
            "meta_path": [getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path],
            "hooks": [len(sys.path_hooks), _named(sys.excepthook), _named(sys.displayhook)],
            "import": sys.modules["_frozen_importlib"]._load_unlocked.__module__,
            "filters": [[one[0], str(one[1]), one[2].__name__, str(one[3]), one[4]] for one in warnings.filters],
            "main": [main.__name__, getattr(main, "__file__", None), getattr(main.__spec__, "origin", None)],
            "main names": sorted(vars(main)),
            "threads": sorted(_numberless(thread.name) for thread in threading.enumerate()),
            "is main thread": threading.current_thread() is threading.main_thread(),
            "native id": threading.main_thread().native_id == os.getpid(),
            "atexit": atexit._ncallbacks(),
            "recursion": sys.getrecursionlimit(),
            "switch": sys.getswitchinterval(),
            "gc": [gc.isenabled(), *gc.get_threshold()],
            "locale": locale.setlocale(locale.LC_ALL),
            "limits": [resource.getrlimit(number) for number in range(16)],
            "nice": os.nice(0),
            "cores": sorted(os.sched_getaffinity(0)),
            "process": [_numberless(process.name), process.daemon, process.authkey.hex()],
            "parent": getattr(multiprocessing.parent_process(), "pid", None),
            "streams": [_stream(sys.stdin), _stream(sys.stdout), _stream(sys.stderr)],
            "young": logging.makeLogRecord({}).created - logging._startTime < 60 if _is_float() else True,
            "bytecode": sys.dont_write_bytecode,
            "logging": [logging.root.level, len(logging.root.handlers)],
        },
    }


def _is_float():
    import logging

    return isinstance(logging._startTime, float)


def _is_third_party(module):
    path = str(getattr(getattr(module, "__spec__", None), "origin", None) or "")
    return "site-packages" in path or "/images/" in path


def _numberless(word):
    import re

    return re.sub("[0-9]+", "#", word)


def _named(value):
    return str(getattr(value, "__qualname__", value))


def _stream(stream):
    return [stream.name, stream.mode, stream.encoding, stream.errors, stream.line_buffering] if stream else None


def _kind(number):
    import os

    try:
        name = number if number < 3 else "#"  # the command names these
        return f"{name}:{_numberless(os.readlink(f'/proc/self/fd/{number}'))}:{os.get_inheritable(number)}"
    except OSError:  # that of listdir
        return ""


def import_late(name):
    """Import a module in a worker whose environment has been changed before."""
    import os
    import sys

    os.environ["LATE"] = "1"
    __import__(name)
    return sys.modules[name].VALUE


def value(name="third"):
    """What a module has, in a worker that imports it only now."""
    import os

    return {"pid": os.getpid(), "value": __import__(name).VALUE, "forked": look()["forked"]}
