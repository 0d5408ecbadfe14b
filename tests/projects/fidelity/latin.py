# -*- coding: latin-1 -*-
print(ascii("café"))
1/0 # é
