def f(): 1/0
breakpoint()
f()
