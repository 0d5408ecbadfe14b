"""Modules whose files are gone, and names that stand for another file."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reload_cases import Case, check, loop

MAIN = loop("import t", "print(t.f(2))")
H = "K = 3\ndef g(x):\n    return x * K\n"


def case(name: str, before: dict[str, str], after: dict[str, str | None], expect: str = "done") -> Case:
    """The files `before`, and the edit that makes some of them `after`; None: it deletes one."""
    made = Case(name, {"main.py": MAIN, **before}, {}, expect)
    made.after.update({file: text for file, text in after.items() if text is not None})
    for file in [file for file, text in after.items() if text is None]:
        del made.after[file]
    return made


def uses(text: str, top: str = "") -> str:
    """t.py."""
    return f"{top}\ndef f(x):\n    return {text}\n"


CASES = [
    case("a module and its import", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "t.py": uses("x")}),
    case("a module that nobody imports any more", {"h.py": H, "t.py": uses("x", "try:\n    import h\nexcept ImportError:\n    h = None")}, {"h.py": None, "t.py": uses("x")}),
    case("a module is renamed", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "i.py": H, "t.py": uses("g(x)", "from i import g")}),
    case("a module is renamed and changed", {"h.py": H, "t.py": uses("h.g(x)", "import h")}, {"h.py": None, "i.py": H.replace("3", "4"), "t.py": uses("i.g(x)", "import i")}),
    case("a module of a package is renamed", {"p/__init__.py": "", "p/h.py": H, "t.py": uses("g(x)", "from p.h import g")}, {"p/h.py": None, "p/i.py": H, "t.py": uses("[g(x), hasattr(__import__('p'), 'h')]", "from p.i import g")}),
    case("a module moves into a package", {"h.py": H, "t.py": uses("h.g(x)", "import h")}, {"h.py": None, "p/__init__.py": "", "p/h.py": H, "t.py": uses("h.g(x)", "from p import h")}),
    case("a package moves", {"p/__init__.py": "from p.h import g\n", "p/h.py": H, "t.py": uses("g(x)", "from p import g")}, {"p/__init__.py": None, "p/h.py": None, "q/__init__.py": "from q.h import g\n", "q/h.py": H, "t.py": uses("g(x)", "from q import g")}),
    case("a module becomes a package", {"h.py": H, "t.py": uses("h.g(x)", "import h")}, {"h.py": None, "h/__init__.py": "from h.inner import g\n", "h/inner.py": H.replace("3", "5")}),
    case("a module becomes a package, and its importer stays as it is", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "h/__init__.py": "from .inner import g\n", "h/inner.py": H.replace("3", "5")}),
    case("a package becomes a module", {"h/__init__.py": "from .inner import g\n", "h/inner.py": H, "t.py": uses("g(x)", "from h import g")}, {"h/__init__.py": None, "h/inner.py": None, "h.py": H.replace("3", "5")}),
    case("one that may be missing", {"h.py": H, "t.py": uses("g(x)", "try:\n    from h import g\nexcept ImportError:\n    g = abs")}, {"h.py": None}),
    case("a module of a package that may be missing", {"p/__init__.py": "", "p/h.py": H, "t.py": uses("h and h.g(x)", "try:\n    from p import h\nexcept ImportError:\n    h = None")}, {"p/h.py": None}),
    case("a constant that others are built of", {"h.py": H, "i.py": "from h import K\nL = K * 2\n", "t.py": uses("x * L", "from i import L")}, {"h.py": None, "j.py": H.replace("3", "7"), "i.py": "from j import K\nL = K * 2\n"}),
    case("a class", {"h.py": "class A:\n    n = 2\n    def m(self):\n        return self.n\n", "t.py": uses("A().m()", "from h import A")}, {"h.py": None, "i.py": "class A:\n    n = 3\n    def m(self):\n        return self.n\n", "t.py": uses("A().m()", "from i import A")}),
    case("an importer that only has an alias", {"h.py": H, "t.py": uses("hh.g(x)", "import h as hh")}, {"h.py": None, "h/__init__.py": H.replace("3", "8")}),
    case("a lazy import that fails from now on", {"h.py": H, "t.py": uses("x", "import h"), "main.py": loop("import t", "print(t.f(2))")}, {"h.py": None, "t.py": "def f(x):\n    try:\n        import h\n    except ImportError as error:\n        return str(error)\n    return h.K\n"}),
    case("a module that another of the same name elsewhere replaces", {"h.py": H, "p/__init__.py": "", "t.py": uses("h.g(x)", "import h")}, {"h.py": None, "p/h.py": H.replace("3", "4"), "t.py": uses("h.g(x)", "from p import h")}),
    # What cannot go in place.
    case("one that is still imported", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None}, "HR103"),
    case("one of which all is imported", {"h.py": H, "t.py": uses("g(x)", "from h import *")}, {"h.py": None, "h/__init__.py": H}, "HR115"),
    case("one that does more than define", {"h.py": "print('hi')\n" + H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "t.py": uses("x")}, "HR110"),
    case("one that another thing was told of", {"r.py": "R = {}\n", "h.py": "import r\nr.R['h'] = 1\n" + H, "t.py": uses("len(R)", "from r import R\nimport h")}, {"h.py": None, "t.py": uses("len(R)", "from r import R")}, "?"),
    case("one that a frame holds", {"h.py": H, "main.py": "import time\n\ndef main():\n    import h\n    m = h\n    while True:\n        print(m.K)\n        time.sleep(0.1)\n\nmain()\n", "t.py": ""}, {"h.py": None, "h/__init__.py": H.replace("3", "4")}, "HR1"),
    case("one that an object holds", {"h.py": H, "k.py": "class B:\n    pass\nBOX = B()\n", "main.py": "import time\nimport h\nimport k\n\nsetattr(k.BOX, 'm', h)\n\ndef main():\n    while True:\n        print(k.BOX.m.g(1))\n        time.sleep(0.1)\n\nmain()\n"}, {"h.py": None, "h/__init__.py": H.replace("3", "4")}, "HR1"),
    case("one that has counted", {"h.py": "N = []\ndef g(x):\n    N.append(x)\n    return bool(N)\n", "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "i.py": "N = []\ndef g(x):\n    N.append(x)\n    return bool(N)\n", "t.py": uses("g(x)", "from i import g")}, "HR1"),
    case("one that counts by itself", {"h.py": "N = 0\ndef g(x):\n    global N\n    N += x\n    return N > 0\n", "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "i.py": "N = 0\ndef g(x):\n    global N\n    N += x\n    return N > 0\n", "t.py": uses("g(x)", "from i import g")}, "HR1"),
    case("a package of which a module stays", {"p/__init__.py": "A = 1\n", "p/h.py": H, "t.py": uses("g(x)", "from p.h import g")}, {"p/__init__.py": None}, "HR103"),
    case("the last that needs another", {"p/__init__.py": "", "p/k.py": "K = 3\n", "h.py": "from p.k import K\ndef g(x):\n    return x * K\n", "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "t.py": uses("x")}, "HR114"),
    case("its successor fails", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "h/__init__.py": "g = 1 / 0\n"}, "HR142"),
    case("its successor lacks the name", {"h.py": H, "t.py": uses("g(x)", "from h import g")}, {"h.py": None, "h/__init__.py": "K = 1\n"}, "HR142"),
    case("what it made is kept", {"h.py": "class A:\n    def m(self):\n        return 1\n", "main.py": "import time\nfrom h import A\n\nBOX = A()\n\ndef main():\n    while True:\n        print(BOX.m())\n        time.sleep(0.1)\n\nmain()\n"}, {"h.py": None, "h/__init__.py": "class A:\n    def m(self):\n        return 2\n"}, "?"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_gone_is_gone_as_after_a_cold_start(case: Case, tmp_path: Path) -> None:
    """A module whose file is gone leaves the program, with all that it defined, or the change is refused."""
    check(case, tmp_path)
