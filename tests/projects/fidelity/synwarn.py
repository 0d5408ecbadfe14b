import re
x = "\d"
assert (1, 2)
if x is 3: pass
1/0
