import atexit, sys
class D:
    def __init__(s, n): s.n = n
    def __del__(s): print("del", s.n, end=" ")
_a = D("_a"); b = D("b"); c = D("c"); _z = D("_z")
def f(): return b
@atexit.register
def bye(): print("bye", "__file__" in globals(), "b" in globals(), sys.modules["__main__"].__dict__ is globals())
if len(sys.argv) > 1: eval(sys.argv[1])
