import sys
out = []
def tr(f, e, a):
    if f.f_code.co_filename == __file__: out.append((e, f.f_lineno, f.f_code.co_name))
    return tr
sys._getframe().f_trace = tr
sys.settrace(tr)
def f(x):
    return x
f(1)
y = [
  f(2),
  3]
if y:
    f(3)
for i in range(2):
    f(i)
(
 f(
 4))
try:
    f(5)
finally:
    pass
sys.settrace(None)
print(out)
1/0
