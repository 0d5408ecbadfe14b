import sys; print(sys.path[0], __file__, sys.argv)
