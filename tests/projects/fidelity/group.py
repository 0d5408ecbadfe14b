def g():
    raise ExceptionGroup("many", [ValueError(1), TypeError("x"), ExceptionGroup("in", [OSError(2, "no")])])
try:
    g()
except* OSError as e:
    1/0
