"""Random programs of several modules, and random edits of them. Pure: a seed gives the same ones for ever.

Runs in the bench. A program is a list of modules, each a list of definitions; a module uses names of the modules before
it, in one of the forms in which real code does. All that a module computes ends in its ``show()``, and the main prints
what all of them show, so that any stale value anywhere becomes visible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from hrsup.bench.model import BATCH

# How one module (i) uses another (j): its imports, its definitions, and what it shows of it. u is a name of its own.
FORMS = {
    "from": ("from m{j} import C{j}, f{j}", "", "C{j} + f{j}(C{j})"),
    "module": ("import m{j}", "", "m{j}.C{j} + m{j}.f{j}(3)"),
    "alias": ("from m{j} import f{j} as {u}", "", "{u}(7)"),
    "lazy": ("", "def {u}():\n    from m{j} import C{j}, K{j}\n\n    return C{j} + K{j}().value()", "{u}()"),
    "star": ("from m{j} import *", "", "TABLE_{j}"),
    "default": ("from m{j} import C{j}", "def {u}(x=C{j} * 2):\n    return x", "{u}()"),
    "decorator": (
        "from hub import marked\nfrom m{j} import C{j}",
        "@marked(C{j})\ndef {u}():\n    return {i}",
        "{u}()",
    ),
    "table": ("from m{j} import f{j}", "{u} = [f{j}(n) for n in range(4)]", "{u}"),
    "base": ("from m{j} import K{j}", "class {u}(K{j}):\n    pass\n\n\n{u}_one = {u}()", "{u}_one.value()"),
    "memo": (
        "import m{j}",
        "{u}_memo = {{}}\n\n\ndef {u}(x):\n    if x not in {u}_memo:\n"
        "        {u}_memo[x] = m{j}.f{j}(x)\n    return {u}_memo[x]",
        "{u}(5)",
    ),
    "partial": ("from functools import partial\nfrom m{j} import f{j}", "{u} = partial(f{j}, 4)", "{u}()"),
    "registry": (
        "from hub import HANDLERS, handles\nfrom m{j} import C{j}",
        "@handles('{u}')\ndef {u}():\n    return C{j} * 3",
        "HANDLERS['{u}']()",
    ),
}
HUB = """
HANDLERS = {}


def handles(name):
    def add(function):
        HANDLERS[name] = function
        return function

    return add


def marked(text):
    def wrap(function):
        return lambda *args: f"{text}{function(*args)}"

    return wrap
"""
T = TypeVar("T")
DATA_READ = "import json\nfrom pathlib import Path\n"


@dataclass(frozen=True)
class Use:
    """How one module uses another: the form, and the index of the module that is used."""

    form: str
    of: int


@dataclass(frozen=True)
class Module:
    """One module: numbers that edits change, a note that changes nothing, and what it uses."""

    index: int
    constant: int
    step: int
    rate: int
    sign: str
    doubled: bool
    extra: int | None
    note: int
    reads: str | None
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Program:
    """The modules and the values in the data files; `broken` is the module whose source has an error."""

    kind: str
    modules: tuple[Module, ...]
    data: tuple[int, ...]
    broken: int | None = None

    def tree(self) -> dict[str, bytes]:
        """Its files."""
        files = {f"m{one.index}.py": _source(one) for one in self.modules}
        if self.broken is not None:
            files[f"m{self.broken}.py"] += "def broken(:\n"
        files |= {f"d{number}.json": f'{{"value": {value}}}\n' for number, value in enumerate(self.data)}
        files["hub.py"] = HUB
        files["main.py"] = _main(self)
        return {name: text.encode() for name, text in files.items()}


def random_program(rng: Random, kind: str) -> Program:
    """A program of 3 to 9 modules."""
    size = rng.randint(3, 9)
    data = tuple(rng.randint(1, 99) for _ in range(2))
    return Program(kind, tuple(_random_module(rng, index) for index in range(size)), data)


def random_edit(rng: Random, program: Program) -> Program:
    """The program after one save, of one or two modules, or of a data file; now and then it is broken, or mended."""
    if program.broken is not None:
        return replace(program, broken=None)
    dice = rng.random()
    if dice < 0.12:
        number = rng.randrange(len(program.data))
        return replace(program, data=_with(program.data, number, rng.randint(100, 999)))
    if dice < 0.16:
        return replace(program, broken=rng.randrange(len(program.modules)))
    modules = program.modules
    for _ in range(1 if dice < 0.85 else 2):
        number = rng.randrange(len(modules))
        modules = _with(modules, number, _edited(rng, modules[number]))
    return replace(program, modules=modules)


def _random_module(rng: Random, index: int) -> Module:
    count = rng.randint(0, min(index, 3))
    uses = tuple(Use(rng.choice(list(FORMS)), of) for of in rng.sample(range(index), count))
    reads = rng.choice((None, None, "import", "run"))
    return Module(index, rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9), "+", False, None, 0, reads, uses)


def _edited(rng: Random, one: Module) -> Module:
    change = rng.choice(("constant", "constant", "step", "step", "rate", "sign", "doubled", "extra", "note", "uses"))
    if change == "sign":
        return replace(one, sign="-" if one.sign == "+" else "+")
    if change == "doubled":
        return replace(one, doubled=not one.doubled)
    if change == "extra":
        return replace(one, extra=None if one.extra is not None else rng.randint(1, 9))
    if change == "note":
        return replace(one, note=one.note + 1)
    if change == "uses" and one.uses:
        number = rng.randrange(len(one.uses))
        return replace(one, uses=_with(one.uses, number, Use(rng.choice(list(FORMS)), one.uses[number].of)))
    if change == "constant":
        return replace(one, constant=one.constant % 9 + 1)
    if change == "rate":
        return replace(one, rate=one.rate % 9 + 1)
    return replace(one, step=one.step % 9 + 1)


def _source(one: Module) -> str:
    """The module's text. The numbers have one digit, so most edits keep the size of the file."""
    i = one.index
    head, body, shown = [f'"""Module {i}."""', *(f"# note {n}" for n in range(one.note % 3))], list[str](), list[str]()
    if one.reads is not None:
        head.append(DATA_READ)
        number = i % 2
        read = f"json.loads(Path(__file__).with_name('d{number}.json').read_text())['value']"
        body.append(f"DATA_{i} = {read}" if one.reads == "import" else f"def data_{i}():\n    return {read}")
        shown.append(f"DATA_{i}" if one.reads == "import" else f"data_{i}()")
    for use in one.uses:
        imports, definitions, expression = _use(one, use)
        head += [imports] if imports else []
        body += [definitions] if definitions else []
        shown.append(expression)
    body.append(f"C{i} = {one.constant}\nTABLE_{i} = [C{i} * n for n in range({one.rate})]")
    body.append(f"def f{i}(x):\n    return {'2 * ' if one.doubled else ''}x {one.sign} {one.step}")
    body.append(f"class K{i}:\n    rate = {one.rate}")
    body[-1] += f"\n\n    def value(self):\n        return self.rate * 10 + {one.step}"
    if one.extra is not None:
        body.append(f"EXTRA_{i} = {one.extra}")
    shown += [f"C{i}", f"TABLE_{i}", f"f{i}(10)", f"K{i}().value()", f"globals().get('EXTRA_{i}', 'none')"]
    # The show of a module comes last and is never edited in form, only through what it shows.
    text = "\n".join(head) + "\n\n\n" + "\n\n\n".join(body)
    return f"{text}\n\n\ndef show():\n    return [{', '.join(shown)}]\n"


def _use(one: Module, use: Use) -> tuple[str, str, str]:
    """The imports a use needs, its definitions, and the expression that shows it."""
    names = {"i": one.index, "j": use.of, "u": f"u{one.index}_{use.of}"}
    imports, body, shown = (text.format(**names) for text in FORMS[use.form])
    return imports, body, shown


def _main(program: Program) -> str:
    imports = "\n".join(f"import m{one.index}" for one in program.modules)
    names = ", ".join(f"m{one.index}" for one in program.modules)
    if program.kind == BATCH:
        return f"{imports}\n\nfor module in ({names},):\n    print(module.__name__, module.show())\n"
    return (
        f"import time\n\n{imports}\n\n\ndef main():\n    count = 0\n    while True:\n        count += 1\n"
        f"        shown = ' '.join(str(module.show()) for module in ({names},))\n"
        "        print(f'{count}\\t{shown}', flush=True)\n        time.sleep(0.002)\n\n\nmain()\n"
    )


def _with(values: tuple[T, ...], number: int, value: T) -> tuple[T, ...]:
    return (*values[:number], value, *values[number + 1 :])
