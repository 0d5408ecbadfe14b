import runpy, sys
print(runpy.run_path("badmod2.py", run_name="zz")["__name__"])
runpy.run_module("badmod", run_name="__main__", alter_sys=True)
