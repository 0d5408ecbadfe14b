"""``import *`` of several modules, and in circles: which of them a name comes from, and whether it was there by then."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, delete, edit, put, sub

group = Group("all-names-of-several")
OTHER = "other.py"
RATE = "RATE = 2\n\n\ndef price(x):\n    return x * 2\n"


def several(name: str, other: str, base: str, *changes: tuple[str, str, str], state: str = "base.X") -> None:
    """All names are taken from `work` and `other`."""
    group.service(name, {WORK: RATE, OTHER: other, BASE: "from work import *\nfrom other import *\n\n" + base, MAIN: loop("import base", state)}, *(sub(*change) for change in changes))


TWICE = (WORK, "x * 2", "x * 3"), (WORK, "x * 3", "x * 5")
several("one-has-it", "UNIT = 'kg'\n", "X = tuple(sorted([price(3), 1]))\n", *TWICE)
several("the-second-has-it", "def cost(x):\n    return x + 2\n", "X = [cost(price(3))]\n", (OTHER, "x + 2", "x + 3"), *TWICE)
several("both-have-it", "def price(x):\n    return x + 2\n", "X = [price(3)]\n", (OTHER, "x + 2", "x + 3"), *TWICE)
several("the-second-has-it-from-the-first", "from work import price\n", "X = [price(3)]\n", *TWICE)
several("a-builtin-of-its-own", "SEEN = []\n\n\ndef sorted(found):\n    SEEN.append(1)\n    return found\n", "X = [sorted([price(3), 1]), len(SEEN)]\n", *TWICE)
several("a-builtin-of-its-own-that-is-not-taken", "__all__ = ['SEEN']\nSEEN = []\n\n\ndef sorted(found):\n    return 0\n", "X = [sorted([price(3), 1]), len(SEEN)]\n", *TWICE)
several("one-of-its-own-above", "SEEN = []\n\n\ndef show(x):\n    SEEN.append(x)\n    return len(SEEN)\n", "X = [show(price(3))]\n", *TWICE)
OWN = "def show(x):\n    return x\n\n\nfrom work import *\nfrom other import *\n\nX = [show(price(3)), len(SEEN)]\n"
group.service("one-of-its-own-is-covered", {WORK: RATE, OTHER: "SEEN = []\n\n\ndef show(x):\n    SEEN.append(x)\n    return 0\n", BASE: OWN, MAIN: loop("import base", "base.X")}, sub(*TWICE[0]), sub(*TWICE[1]))
group.service("of-each-other", {WORK: "from other import *\n\n" + RATE, OTHER: "from work import *\n\nUNIT = 'kg'\n", BASE: "from work import *\n\nX = [price(3), UNIT]\n", MAIN: loop("import base", "base.X")}, sub(*TWICE[0]), sub(OTHER, "'kg'", "'lb'"))
group.service("of-the-library", {WORK: RATE, BASE: "from math import *\nfrom work import *\n\nX = [sqrt(price(8)), floor(price(1.5))]\n", MAIN: loop("import base", "base.X")}, sub(*TWICE[0]), sub(WORK, "def price", "def floor(x):\n    return 'own'\n\n\ndef price"), sub(*TWICE[1]))


# The module goes, and with it what was taken.
GOES = "from other import *\n\n\ndef show():\n    return price(3), globals().get('UNIT', 'none')\n"
REST = "UNIT = 'kg'\n\n\ndef price(x):\n    return x * 2\n"
AT_BASE = loop("import base", "base.show()")
IN_BASE = sub(BASE, "from other import *\n", "def price(x):\n    return x + 1\n")
group.service("of-one-that-goes", {OTHER: REST, BASE: GOES.replace(", globals().get('UNIT', 'none')", ""), MAIN: AT_BASE}, edit(delete(OTHER), IN_BASE), edit(put(OTHER, REST), sub(BASE, "def price(x):\n    return x + 1\n", "from other import *\n")))
group.service("of-one-that-goes-and-is-looked-up", {OTHER: REST, BASE: GOES, MAIN: AT_BASE}, edit(delete(OTHER), IN_BASE))
group.service("of-one-that-goes-for-a-value", {OTHER: REST, BASE: GOES + "\n\nN = [price(4), UNIT]\n", MAIN: AT_BASE.replace("base.show()", "base.show(), base.N")}, edit(delete(OTHER), sub(BASE, "from other import *\n", "UNIT = 'lb'\n\n\ndef price(x):\n    return x + 1\n")))
group.service("of-one-that-goes-held-elsewhere", {OTHER: REST, BASE: GOES, WORK: "import base\n\nHELD = [base.price]\n", MAIN: loop("import base\nimport work", "base.show(), work.HELD[0](2)")}, edit(delete(OTHER), IN_BASE))
group.service("of-one-that-goes-and-stays-taken", {OTHER: REST, BASE: GOES, MAIN: AT_BASE}, delete(OTHER), put(OTHER, REST.replace("* 2", "* 4")))
group.service("through-another-that-goes", {OTHER: REST, WORK: "from other import *\n", BASE: GOES.replace("from other", "from work"), MAIN: AT_BASE}, edit(delete(OTHER), sub(WORK, "from other import *\n", "UNIT = 'lb'\n\n\ndef price(x):\n    return x + 1\n")))

CASES = group.cases
