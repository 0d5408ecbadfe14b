import sys
def f(): 1/0
if hasattr(sys, "monitoring"):
    m = sys.monitoring; m.use_tool_id(1, "x"); E = m.events
    for n in ("PY_START", "PY_RETURN", "PY_UNWIND", "RAISE", "EXCEPTION_HANDLED", "RERAISE", "C_RAISE"):
        m.register_callback(1, getattr(E, n), lambda *a, n=n: print(n, a[0].co_name))
    m.set_events(1, E.PY_START | E.PY_RETURN | E.PY_UNWIND | E.RAISE | E.EXCEPTION_HANDLED)
f()
