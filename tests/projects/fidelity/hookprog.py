import sys
def hook(t, v, tb):
    print("hook", t, v, tb.tb_frame.f_code.co_name, tb.tb_frame.f_back, sys._getframe().f_back, sys.exc_info(), sys.last_value is v)
    raise KeyError("in hook")
sys.excepthook = hook
1/0
