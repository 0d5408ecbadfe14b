import sys; print('x'); sys.exit(True)
