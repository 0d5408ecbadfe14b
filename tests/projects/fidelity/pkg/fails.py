from . import sub; import traceback; traceback.print_stack(); 1/0
