import sys; print('x'); sys.exit("text")
