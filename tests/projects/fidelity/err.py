"""doc"""
from __future__ import annotations
import sys, traceback
def f(n):
    if n == 0:
        traceback.print_stack(); 1/0
    f(n-1)
print("before", flush=False)
x: int = 3
print(__annotations__, __doc__)
try:
    f(2)
except ZeroDivisionError as e:
    raise ValueError("outer") from e
