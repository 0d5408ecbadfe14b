"""Modules and classes that a change brings along."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_reload_cases import Case, check, loop

MAIN = loop("import t", "print(t.f(2))")
OLD = "def f(x):\n    return x\n"


def case(name: str, after: dict[str, str], expect: str = "done", before: dict[str, str] | None = None) -> Case:
    """t.py and perhaps others become `after`; `before` are files that were there."""
    files = {"main.py": MAIN, "t.py": OLD, **(before or {})}
    made = Case(name, files, {}, expect)
    made.after.update(after)
    return made


def uses(text: str, top: str = "") -> str:
    """t.py after the edit."""
    return f"{top}\ndef f(x):\n    return {text}\n"


CASES = [
    case("a module", {"h.py": "import math\nK = 3\ndef g(x):\n    return math.floor(x) * K\n", "t.py": uses("g(x)", "from h import g")}),
    case(
        "a chain that uses what changed",
        {"h.py": "import i\nfrom k import K\nL = K * 2\ndef g(x):\n    return i.j(x) * L\n", "i.py": "class A:\n    n = 2\ndef j(x):\n    return x + A.n\n", "k.py": "K = 8\n", "t.py": uses("h.g(x)", "import h")},
        before={"k.py": "K = 7\n"},
    ),
    case("a package", {"p/__init__.py": "from .a import g\n", "p/a.py": "def g(x):\n    return x * 3\n", "t.py": uses("g(x)", "from p import g")}),
    case("a module of a package that is there", {"p/a.py": "def g(x):\n    return x * 3\n", "t.py": uses("a.g(x)", "from p import a")}, before={"p/__init__.py": "V = 1\n"}),
    case("a module of the standard library", {"t.py": uses("statistics.mean([x, 4])", "import statistics")}),
    case("a logger", {"h.py": "import logging\nlog = logging.getLogger(__name__)\n", "t.py": uses("h.log.name", "import h")}),
    case("a module that reads", {"a.txt": "7", "h.py": "from pathlib import Path\nA = int((Path(__file__).parent / 'a.txt').read_text())\n", "t.py": uses("x + h.A", "import h")}),
    case("a value that is read", {"a.txt": "7", "t.py": uses("x + A", "from pathlib import Path\ndef read(name):\n    with open(Path(__file__).parent / name) as file:\n        return int(file.read())\nA = read('a.txt')")}),
    case("a value that is read and written down", {"a.txt": "7", "t.py": uses("x + A + len(SEEN)", "from pathlib import Path\nSEEN = []\ndef read(name):\n    SEEN.append(name)\n    return int((Path(__file__).parent / name).read_text())\nA = read('a.txt')")}, "HR112"),
    case("a data class", {"t.py": uses("P(x).a + P().a", "from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int = 3")}),
    case("an enumeration", {"t.py": uses("E.A.value + x", "from enum import Enum\nclass E(Enum):\n    A = 3\n    B = 4")}),
    case("a kind of text", {"t.py": uses("S(x)", "class S(str):\n    pass")}),
    case("an error", {"t.py": uses("repr(S('a'))", "class S(KeyError):\n    pass")}),
    case("an abstract class and one that is not", {"t.py": uses("B().g()", "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def g(self): ...\nclass B(A):\n    def g(self):\n        return 5")}),
    case("a module that nobody imports", {"h.py": "A = 1\n", "t.py": uses("x + 1")}),
    case("a module that is imported by the next call", {"h.py": "A = 1\n", "t.py": "def f(x):\n    import h\n    return h.A\n"}),
    # What may not come in place.
    case("a module that prints", {"h.py": "print('hi')\n", "t.py": uses("h", "import h")}, "HR114"),
    case("a module that imports back", {"h.py": "from t import f\n", "t.py": uses("h", "import h")}, "HR1"),
    case("a module that fails", {"h.py": "A = 1 / 0\n", "t.py": uses("h", "import h")}, "HR142"),
    case("a module without the name", {"h.py": "A = 1\n", "t.py": uses("g", "from h import g")}, "HR142"),
    case("a block that imports", {"h.py": "def g(x):\n    return -x\n", "t.py": uses("g(x)", "try:\n    from h import g\nexcept ImportError:\n    g = abs")}),
    case("a module that was missed", {"h.py": "def g(x):\n    return -x\n"}, before={"t.py": uses("g(x)", "try:\n    from h import g\nexcept ImportError:\n    g = abs")}),
    case("a module of a package that was missed", {"p/h.py": "def g(x):\n    return -x\n"}, before={"p/__init__.py": "", "t.py": uses("h and h.g(x)", "try:\n    from p import h\nexcept ImportError:\n    h = None")}),
    case("a module that was missed by another error", {"h.py": "def g(x):\n    return -x\n"}, before={"t.py": uses("g", "try:\n    import h\n    g = 1\nexcept ModuleNotFoundError:\n    g = 2")}),
    case("a module that was missed in a function", {"h.py": "A = 1\n"}, before={"t.py": "def f(x):\n    try:\n        import h\n    except ImportError:\n        return 0\n    return h.A\n"}),
    case("a module that was missed before the loop", {"h.py": "A = 1\n"}, "HR12", {"t.py": "def f(x):\n    try:\n        import h\n    except ImportError:\n        return 0\n    return h.A\n", "main.py": "import time\nimport t\n\nA = t.f(1)\n\ndef main():\n    while True:\n        print(A)\n        time.sleep(0.1)\n\nmain()\n"}),
    case("a module that was missed, and prints", {"h.py": "print('hi')\n"}, "HR114", {"t.py": uses("h", "try:\n    import h\nexcept ImportError:\n    h = None")}),
    case("a name that the standard library has", {"colorsys.py": "A = 1\n"}, "HR103"),
    case("a name that another folder has", {"p/t.py": "A = 1\n"}, "HR103"),
    case("a class that is told of", {"t.py": uses("B.seen", "class A:\n    seen = []\n    def __init_subclass__(cls):\n        A.seen.append(cls)\nclass B(A):\n    pass")}, "HR117"),
    case("a class under a decorator", {"t.py": uses("R", "R = []\ndef reg(cls):\n    R.append(cls)\n    return cls\n@reg\nclass B:\n    pass")}, "HR113"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_change_brings_along_is_there_as_after_a_cold_start(case: Case, tmp_path: Path) -> None:
    """A module or class that only defines is loaded in its turn; one that may do more is refused."""
    check(case, tmp_path)
