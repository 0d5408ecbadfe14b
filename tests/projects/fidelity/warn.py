import warnings
for n in (1, 2, 3, 9): warnings.warn("lvl%d" % n, stacklevel=n)
def f(): warnings.warn("f", DeprecationWarning, stacklevel=2)
f()
import badwarn
