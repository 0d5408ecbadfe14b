import faulthandler, sys
faulthandler.dump_traceback()
