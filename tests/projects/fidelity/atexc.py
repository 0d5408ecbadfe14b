import atexit, threading
def bad(): raise RuntimeError("at exit")
atexit.register(bad); atexit.register(print, "first")
def t(): raise ValueError("thread")
th = threading.Thread(target=t, name="T"); th.start(); th.join()
def late():
    import time; time.sleep(.05); print("late")
threading.Thread(target=late).start()
print("end")
