import sys; print(sys.argv, sys.path[0], __file__, __name__, __package__, __spec__ and __spec__.name, __loader__.__class__.__name__); import traceback; traceback.print_stack(); import other; 1/0
