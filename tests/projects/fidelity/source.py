import inspect, sys, linecache
def f(): pass
print(inspect.getsource(f), inspect.getsource(sys.modules["__main__"])[:20], inspect.getmodule(f))
print(__loader__.get_source("__main__")[:10], __loader__.name, __loader__.path)
import dataclasses, typing
@dataclasses.dataclass
class A:
    x: "int" = 1
print(A(), typing.get_type_hints(A), eval("A"))
