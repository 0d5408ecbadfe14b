import multiprocessing as mp, sys, os, pickle, concurrent.futures as cf
class C:
    def __init__(s, x): s.x = x
def work(c):
    m = sys.modules["__main__"]
    return (c.x * 2, __name__, m.__name__, getattr(m, "__file__", None), sys.argv, sys.path[:2], C.__module__)
def boom(x): raise ValueError("in worker")
if __name__ == "__main__":
    print(pickle.loads(pickle.dumps(C(3))).x, C.__module__)
    for method in sys.argv[1:]:
        ctx = mp.get_context(method)
        with cf.ProcessPoolExecutor(1, mp_context=ctx) as ex:
            print(ex.submit(work, C(2)).result())
            try: ex.submit(boom, 1).result()
            except ValueError as e:
                print(repr(e), e.__cause__)
        p = ctx.Process(target=boom, args=(1,)); p.start(); p.join(); print(p.exitcode)
