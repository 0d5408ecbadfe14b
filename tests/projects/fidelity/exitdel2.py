import sys
class D:
    def __init__(s, n): s.n = n
    def __del__(s): print("del", s.n, end=" ")
_a = D("_a"); b = D("b"); del D; c=[b,_a]
if len(sys.argv) > 1: eval(sys.argv[1])
