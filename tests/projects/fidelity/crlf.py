print(1)
x = """a
b"""
print(repr(x))
1/0