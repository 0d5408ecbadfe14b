from . import sub; print(__name__, __package__, __file__); import sys; print(sys.argv, sys.path[0], __spec__.name, __loader__.__class__.__name__, sys._getframe().f_back.f_code); 
