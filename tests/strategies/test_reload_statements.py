"""Statements of a module's body that bind several names, or hand something over, when what they use changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reload_cases import Case, check, loop

FAST = "FAST = True\n"
OFF = {"k.py": [("FAST = True", "FAST = False")]}
EITHER = "from k import FAST\nif FAST:\n    L = 1\nelse:\n    L = 2\n"
BUS = "L = []\ndef emit(x):\n    return [f(x) for f in L]\n"
ON = "def on(x):\n    return x\n"
LAZY = "from importlib import import_module\nK = import_module('k')\n"


def case(
    name: str, k: str, t: str, edit: dict[str, list[tuple[str, str]]], expect: str = "done", show: str = "t.L"
) -> Case:
    """k.py is used by t.py; the service prints `show`."""
    return Case(name, {"main.py": loop("import t", f"print({show})"), "k.py": k, "t.py": t}, edit, expect)


CASES = [
    case("if, the other way", FAST, EITHER, OFF),
    case("if, other names", FAST, EITHER.replace("L = 2", "M = 2"), OFF, show="hasattr(t, 'L'), hasattr(t, 'M')"),
    case("if, functions", FAST, "from k import FAST\nif FAST:\n    def h():\n        return 1\nelse:\n    def h():\n        return 2\n", OFF, show="t.h()"),
    case("if, its body", "", "if True:\n    def h():\n        return 1\n", {"t.py": [("return 1", "return 2")]}, show="t.h()"),
    case("if, added", "", "A = 1\n", {"t.py": [("A = 1\n", "A = 1\nif A:\n    L = 3\n")]}, show="getattr(t, 'L', 0)"),
    case("if, gone", "", "A = 1\nif A:\n    L = 3\n", {"t.py": [("if A:\n    L = 3\n", "")]}, show="getattr(t, 'L', 0)"),
    case("try, of a name that goes", "L = 1\nM = 2\n", "try:\n    from k import L\nexcept ImportError:\n    L = 0\n", {"k.py": [("L = 1\n", "")]}),
    case("try, of a value", "", "try:\n    L = int('5')\nexcept ValueError:\n    L = 0\n", {"t.py": [("'5'", "'x'")]}),
    case("if that prints", FAST, EITHER.replace("    L = 1", "    print('fast')\n    L = 1"), OFF, "HR120"),
    case("if, changed since", FAST, EITHER.replace("L = 1", "L = []\n    M = 1"), OFF, "HR113", show="t.L.append(1) or t.M"),
    case("if, bound by the program", FAST, EITHER + "def f():\n    global L\n    L = 5\n    return L\n", OFF, "HR113", show="t.f()"),
    # all of a module
    case("star, a value", "L = 1\n", "from k import *\nD = L * 2\n", {"k.py": [("L = 1", "L = 5")]}, show="t.L, t.D"),
    case("star, one more", "L = 1\n", "from k import *\n", {"k.py": [("L = 1\n", "L = 1\nM = 2\n")]}, show="hasattr(t, 'M')"),
    case("star, one less", "L = 1\nM = 2\n", "from k import *\n", {"k.py": [("M = 2\n", "")]}, show="hasattr(t, 'M')"),
    case("star, less is listed", "__all__ = ['L', 'M']\nL = 1\nM = 2\n", "from k import *\n", {"k.py": [("'L', 'M'", "'L'")]}, show="hasattr(t, 'M')"),
    Case("star, twice", {"main.py": loop("import u", "print(u.L)"), "k.py": "L = 1\n", "t.py": "from k import *\n", "u.py": "from t import *\n"}, {"k.py": [("L = 1", "L = 5")]}, "done"),
    case("star, bound above", "L = 1\n", "L = 9\nfrom k import *\n", {"k.py": [("L = 1", "L = 5")]}),
    case("star, bound below", "L = 1\n", "from k import *\nL = 9\n", {"k.py": [("L = 1", "L = 5")]}),
    case("star, bound below, others change", "L = 1\nM = 2\n", "from k import *\nL = 9\n", {"k.py": [("M = 2", "M = 3")]}, show="t.L, t.M"),
    case("star, bound below, and gone there", "L = 1\nM = 2\n", "from k import *\nL = 9\n", {"k.py": [("L = 1\n", "")]}, show="t.L, t.M"),
    case("star, bound below, and read before", "L = 1\nM = 2\n", "from k import *\nN = [L]\nL = 9\n", {"k.py": [("L = 1", "L = 5")]}, "HR1", show="t.L, t.N"),
    case("star, bound below, and read before by a function", "L = 1\n", "from k import *\ndef f():\n    return L\nN = f()\nL = 9\n", {"k.py": [("L = 1", "L = 5")]}, "HR1", show="t.L, t.N"),
    case("star, a function of that name below", "def show():\n    return 1\nL = 1\n", "from k import *\ndef show():\n    return L\n", {"k.py": [("L = 1", "L = 5\nM = 2")]}, show="t.show(), hasattr(t, 'M')"),
    case("star, the one below goes", "L = 1\n", "from k import *\nL = 9\n", {"t.py": [("L = 9\n", "")]}, show="t.L"),
    case("star, one comes above", "L = 1\n", "from k import *\n", {"t.py": [("from", "L = 9\nfrom")]}, show="t.L"),
    case("star, one comes below", "L = 1\n", "from k import *\n", {"t.py": [("import *\n", "import *\nL = 9\n")]}, show="t.L"),
    case("star, moves past another", "L = 1\n", "from k import *\nL = 9\n", {"t.py": [("from k import *\nL = 9\n", "L = 9\nfrom k import *\n")]}, show="t.L"),
    case("star, moves past a function", "def f():\n    return 1\n", "from k import *\ndef f():\n    return 9\n", {"t.py": [("from k import *\ndef f():\n    return 9\n", "def f():\n    return 9\nfrom k import *\n")]}, show="t.f()"),
    case("star, comes", "L = 1\nM = 2\n", "import k\nL = 9\n", {"t.py": [("import k\n", "from k import *\n")]}, show="t.L, getattr(t, 'M', 0)"),
    case("star, comes last", "L = 1\nM = 2\n", "import k\nL = 9\n", {"t.py": [("L = 9\n", "L = 9\nfrom k import *\n")]}, show="t.L, getattr(t, 'M', 0)"),
    case("star, goes", "L = 1\nM = 2\n", "import k\nfrom k import *\nL = 9\n", {"t.py": [("from k import *\n", "")]}, show="t.L, getattr(t, 'M', 0)"),
    case("star, goes, and leaves another", "L = 1\n", "import k\nL = 9\nfrom k import *\n", {"t.py": [("from k import *\n", "")]}, "HR115"),
    case("star, what both import", "import json\nL = 1\n", "from k import *\nimport json\n", {"k.py": [("import json\nL = 1", "L = 5")]}, show="t.L, t.json.dumps(1)"),
    case("star, what both import, above", "import json\nL = 1\n", "import json\nfrom k import *\n", {"k.py": [("import json\nL = 1", "L = 5")]}, show="t.L, t.json.dumps(1)"),
    case("star, another thing of that name above", "import json as L\nM = 1\n", "L = 9\nfrom k import *\n", {"k.py": [("import json as L\n", "")]}, "HR115"),
    case("star, two of them", "L = 1\nM = 2\n", "from k import *\nfrom k import *\n", {"k.py": [("L = 1", "L = 5")]}, show="t.L, t.M"),
    case("star, bound both ways", "try:\n    L = 1\nexcept ValueError:\n    L = 2\nM = 1\n", "from k import *\n", {"k.py": [("M = 1", "M = 5")]}, show="t.L, t.M"),
    case("star, bound one way", "if len('x'):\n    L = 1\nM = 1\n", "from k import *\n", {"k.py": [("M = 1", "M = 5\nN = 2")]}, "HR115", show="t.M"),
    case("star, bound by the program", "L = 1\nM = 1\ndef f():\n    global L\n    L += 1\n", "import k\nfrom k import *\n", {"k.py": [("M = 1", "M = 5\nN = 2")]}, "HR113", show="t.f() or t.L"),
    case("star, of another module", "L = 1\nM = 1\n", "from k import *\n", {"t.py": [("from k", "from string")]}, "HR115", show="hasattr(t, 'L'), hasattr(t, 'digits')"),
    case("star, a list that is made", "L = 1\nM = 2\n__all__ = [n for n in ('L', 'M')]\n", "from k import *\n", {"k.py": [("L = 1", "L = 5")]}, "HR115"),
    # what is handed over by its name
    Case("appended", {"main.py": loop("import t, k", "print(k.emit(2))"), "k.py": BUS, "t.py": f"from k import L\n{ON}L.append(on)\n"}, {"t.py": [("return x", "return -x")]}, "done"),
    Case("set on a module", {"main.py": loop("import t, sys", "print(sys.excepthook(1))"), "t.py": f"import sys\n{ON}sys.excepthook = on\n"}, {"t.py": [("return x", "return -x")]}, "done"),
    Case("given to a function of that name that calls it", {"main.py": loop("import t, k", "print(k.L)"), "k.py": "L = []\ndef append(f):\n    L.insert(0, f(1))\n", "t.py": f"from k import append\n{ON}append(on)\n"}, {"t.py": [("return x", "return -x")]}, "HR120"),
    Case("given to a codec's cache", {"main.py": loop("import t, codecs", "print(codecs.lookup('own').name)"), "t.py": "import codecs\ndef find(name):\n    return codecs.CodecInfo(None, None, name='a') if name == 'own' else None\ncodecs.register(find)\n"}, {"t.py": [("'a'", "'b'")]}, "HR1"),
    # modules by name
    case("import_module, a body", "def g():\n    return 1\n", LAZY, {"k.py": [("return 1", "return 2")]}, show="t.K.g()"),
    case("import_module, a value", "S = 1\n", LAZY, {"k.py": [("S = 1", "S = 2")]}, show="t.K.S"),
    case("import_module, what is derived", "S = 1\n", LAZY + "L = K.S * 2\n", {"k.py": [("S = 1", "S = 2")]}, "HR113"),
    case("import_module, a default", "S = 1\n", LAZY + "def f(x=K.S):\n    return x\n", {"k.py": [("S = 1", "S = 2")]}, "HR113", show="t.f()"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_bound_or_handed_over_is_as_after_a_cold_start(case: Case, tmp_path: Path) -> None:
    """Whichever way a statement goes, and whoever has what it handed over, all is as after a cold start; or refused."""
    check(case, tmp_path)
