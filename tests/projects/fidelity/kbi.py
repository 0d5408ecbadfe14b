import sys; print("kb"); sys.stdout.flush(); raise KeyboardInterrupt
