import sys
print("a")
def f(:
  pass
