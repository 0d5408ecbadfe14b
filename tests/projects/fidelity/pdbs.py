def f(x):
    y = x + 1
    return y
a = 1
breakpoint()
b = f(a)
if b:
    c = f(b)
d = f(c)
print(a, b, c, d)
