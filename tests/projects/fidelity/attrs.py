import sys, os
def show(k, v):
    print(k, repr(v).replace(hex(id(v)), "0x"))
show("argv", sys.argv); show("orig", sys.orig_argv[1:]); show("path", sys.path)
import __main__
for k, v in list(vars(__main__).items()):
    if k not in ("show", "v","k", "__main__"):
        import re
        print("main", k, re.sub("0x[0-9a-f]+", "0x", repr(v)))
print(type(__builtins__), __name__, __spec__, globals() is vars(__main__), sys.modules["__main__"] is __main__)
show("flags", sys.flags); show("warn", sys.warnoptions); show("x", sys._xoptions)
print(sorted(m for m in sys.modules if not m.startswith("hrsup_")))
show("hook", sys.excepthook is sys.__excepthook__); print(hasattr(sys, "last_value"), hasattr(sys,"last_exc"), sys.exc_info())
print(sys._getframe().f_back, sys._getframe().f_code.co_filename, sys._getframe().f_code.co_name, sys._getframe().f_code.co_flags, sys._getframe().f_lineno)
import threading, signal, gc, inspect
print(threading.enumerate(), [signal.getsignal(s) for s in (2, 15, 1, 13)], gc.isenabled(), gc.get_threshold())
print(inspect.stack()[0].filename, len(inspect.stack()))
print(sorted(k + "=" + v for k, v in os.environ.items() if k!="_"))
print(os.getcwd() if os.path.isdir(".") else None, sys.dont_write_bytecode, sys.pycache_prefix, sys.meta_path[-3:], sys.getrecursionlimit())
print(__doc__, __package__, __annotations__ if sys.version_info < (3,14) else "")
show("fds", [f for f in os.listdir("/proc/self/fd") if int(f) < 50])
show("pic", sorted(k for k in sys.path_importer_cache if "hrsup_" not in k))
