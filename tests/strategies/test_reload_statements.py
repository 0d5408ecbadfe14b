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
WRAPS = "def times(n):\n    def wrap(f):\n        return lambda: f() * n\n    return wrap\n"
WRAPPED = "from k import wrap\n@wrap\ndef f():\n    return 1\n"
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
    # what leaves no trace goes
    case("gone, what a file was read for", "", "import json\nfrom pathlib import Path\ndef read():\n    return json.loads(Path(__file__).with_name('d').read_text()) if Path(__file__).with_name('d').exists() else 3\nD = read()\nL = 1\n", {"t.py": [("D = read()\n", "")]}, show="t.L, hasattr(t, 'D')"),
    case("gone, what a file was written for", "", "from pathlib import Path\ndef read():\n    return Path(__file__).with_name('d').write_text('x')\nD = read()\nL = 1\n", {"t.py": [("D = read()\n", "")]}, "HR110", show="t.L, hasattr(t, 'D')"),
    case("gone, what was read of an open file", "", "F = open(__file__)\nF.readline()\nD = F.readline()\nL = 1\n", {"t.py": [("D = F.readline()\n", "")]}, "HR110", show="t.L, t.F.readline()[:1]"),
    case("gone, a wrapped function", WRAPS, "from k import times\n@times(2)\ndef f():\n    return 3\ndef g():\n    return 1\n", {"t.py": [("@times(2)\ndef f():\n    return 3\n", "")]}, show="t.g(), hasattr(t, 'f')"),
    case("gone, a wrapped function that another holds", WRAPS, "from k import times\n@times(2)\ndef f():\n    return 3\nL = [f]\n", {"t.py": [("@times(2)\ndef f():\n    return 3\n", "def f():\n    return 3\n")]}, show="t.L[0]()"),
    case("gone, a wrapped function that the program holds", WRAPS, "from k import times\n@times(2)\ndef f():\n    return 3\nL = {}\n", {"t.py": [("@times(2)\ndef f():\n    return 3\n", "def f():\n    return 4\n")]}, "HR1", show="t.L.setdefault(1, t.f)()"),
    case("gone, a wrapped function whose wrapper writes it down", WRAPS.replace("    def", "    LOG.append(n)\n    def", 1).replace("def times", "LOG = []\ndef times"), "import k\nfrom k import times\n@times(2)\ndef f():\n    return 3\ndef g():\n    return 1\n", {"t.py": [("@times(2)\ndef f():\n    return 3\n", "")]}, "HR110", show="t.g(), t.k.LOG"),
    case("gone, what a wrapped function gave", WRAPS, "from k import times\n@times(2)\ndef f():\n    return 3\nD = [f(), 1]\nL = 1\n", {"t.py": [("D = [f(), 1]\n", "")]}, show="t.L, hasattr(t, 'D')"),
    case("gone, what a wrapped function gave that counts", WRAPS.replace("return lambda: f() * n", "def inner():\n            LOG.append(1)\n            return f() * n\n        return inner").replace("def times", "LOG = []\ndef times"), "import k\nfrom k import times\n@times(2)\ndef f():\n    return 3\nD = [f(), 1]\nL = 1\n", {"t.py": [("D = [f(), 1]\n", "")]}, "HR110", show="t.L, t.k.LOG"),
    case("gone, what a lambda gave", "f = lambda x: x + 1\n", "from k import f\nD = [f(2)]\nL = 1\n", {"t.py": [("D = [f(2)]\n", "")]}, show="t.L, hasattr(t, 'D')"),
    case("gone, what a lambda gave that keeps", "S = []\nf = lambda x: S.append(x)\n", "import k\nfrom k import f\nD = [f(2)]\nL = 1\n", {"t.py": [("D = [f(2)]\n", "")]}, "HR110", show="t.L, t.k.S"),
    case("gone, what a closure gave", "def make(n):\n    def inner(x):\n        return x + n\n    return inner\nf = make(3)\n", "from k import f\nD = [f(2)]\nL = 1\n", {"t.py": [("D = [f(2)]\n", "")]}, show="t.L, hasattr(t, 'D')"),
    case("gone, what a closure gave that counts", "def make(n):\n    def inner(x):\n        n.append(x)\n        return len(n)\n    return inner\nN = []\nf = make(N)\n", "import k\nfrom k import f\nD = [f(2)]\nL = 1\n", {"t.py": [("D = [f(2)]\n", "")]}, "HR110", show="t.L, t.k.N"),
    case("again, of a wrapped function that was replaced", WRAPS + "@times(2)\ndef f():\n    return 3\nB = 1\n", "import k\nL = [k.f(), k.B]\nk.f = lambda: 0\n", {"k.py": [("B = 1", "B = 2")]}, "HR1"),
    case("again, of a wrapped function", WRAPS + "@times(2)\ndef f():\n    return 3\nB = 1\n", "import k\nL = [k.f(), k.B]\n", {"k.py": [("B = 1", "B = 2")]}),
    case("wrapped by a lambda", "def wrap(f):\n    return lambda: [f()]\n", WRAPPED, {"t.py": [("return 1", "return 2")]}, show="t.f()"),
    case("wrapped by a lambda that keeps the first", "def wrap(f):\n    kept = {}\n    return lambda: kept.setdefault(1, f())\n", WRAPPED, {"t.py": [("return 1", "return 2")]}, "HR1", show="t.f()"),
    case("wrapped by a lambda that had it called", "def wrap(f):\n    return lambda x=f(): x\n", WRAPPED, {"t.py": [("return 1", "return 2")]}, "HR1", show="t.f()"),
    case("wrapped by a lambda that is called at once", "def wrap(f):\n    return (lambda g: lambda x=g(): x)(f)\n", WRAPPED, {"t.py": [("return 1", "return 2")]}, "HR1", show="t.f()"),
    # an import that one module alone sees
    case("import, of what others import too", "import json\nL = json.dumps([1])\n", "import json\nimport k\nM = json.dumps([2])\nN = id(M)\n", {"k.py": [("import json\nL = json.dumps([1])", "L = 1")]}, show="t.k.L, t.M"),
    case("import, that another asks this module for", "import json\nL = 1\n", "import k\nM = hasattr(k, 'json')\nN = id(M)\n", {"k.py": [("import json\n", "")]}, "HR1", show="t.k.L, t.M"),
    case("import, that another uses of this module", "import json\nL = 1\n", "import k\ntry:\n    M = k.json.dumps(1)\nexcept AttributeError:\n    M = 0\nN = id(M)\n", {"k.py": [("import json\n", "")]}, "HR1", show="t.k.L, t.M"),
    case("import, that another takes from this module", "import json\nL = 1\n", "import k\ntry:\n    from k import (L,  # )\n        json)\nexcept ImportError:\n    json = 0\nM = bool(json)\nN = id(M)\n", {"k.py": [("import json\n", "")]}, "HR1", show="t.k.L, t.M"),
    case("import, in the place of a builtin", "from math import pow\ndef g():\n    return pow(2, 3)\nL = g()\n", "import k\nM = k.g()\n", {"k.py": [("from math import pow\n", "")]}, show="t.k.L, t.M"),
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
