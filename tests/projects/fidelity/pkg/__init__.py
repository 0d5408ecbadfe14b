import sys; print("init", sys.argv, sys.orig_argv[1:])
