"""Random services and random edits: whatever the reload strategy applies must print what a cold start prints."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).parent.parent / "projects" / "reload_driver.py"
PROJECTS = int(os.environ.get("HRSUP_RELOAD_PROJECTS", "6"))
SEED = int(os.environ.get("HRSUP_RELOAD_SEED", "1"))
EDITS = 6


class Project:
    """A random service of a few modules. `prints` are expressions that the loop prints."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.modules: list[list[str]] = [[] for _ in range(self.random.randint(2, 4))]
        self.imports: list[dict[str, str]] = [{} for _ in self.modules]
        self.symbols: list[tuple[int, str, str]] = []  # module, name, kind: value, call (one number), type
        self.count = 0
        for _ in range(self.random.randint(6, 14)):
            self.feature()

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def number(self) -> str:
        return str(self.random.randint(1, 99))

    def use(self, module: int, kinds: str = "value call") -> str | None:
        """A spelling, valid in `module`, of a random symbol that exists."""
        known = [s for s in self.symbols if s[0] <= module and s[2] in kinds.split()]
        if not known:
            return None
        home, name, kind = self.random.choice(known)
        text = name if home == module else self.imported(module, home, name)
        if kind == "call":
            return f"{text}({self.number()})"
        return text

    def imported(self, module: int, home: int, name: str) -> str:
        style = self.random.randrange(4)
        if style == 0:
            self.imports[module][f"import m{home}"] = ""
            return f"m{home}.{name}"
        if style == 1:
            self.imports[module][f"from m{home} import {name}"] = ""
            return name
        if style == 2:
            self.imports[module][f"from m{home} import {name} as a{name}"] = ""
            return f"a{name}"
        self.imports[module][f"import m{home} as n{home}"] = ""
        return f"n{home}.{name}"

    def expression(self, module: int, argument: str | None = None) -> str:
        parts = [self.number()]
        for _ in range(self.random.randint(0, 2)):
            kinds = "value" if argument is None and self.random.random() < 0.8 else "value call"
            found = self.use(module, kinds)
            if found:
                parts.append(found)
        if argument:
            parts.append(argument)
        self.random.shuffle(parts)
        return " + ".join(parts)

    def feature(self) -> None:
        module = self.random.randrange(len(self.modules))
        maker = self.random.choice(FEATURES)
        text, made = maker(self, module)
        self.modules[module].append(text)
        self.symbols += [(module, name, kind) for name, kind in made]

    def files(self) -> dict[str, str]:
        """The project, with its script."""
        last = len(self.modules)
        self.imports.append({})
        self.modules.append([])
        prints = [self.use_of(last, symbol) for symbol in self.symbols]
        setup, extra = self.setup(last)
        body = [f"print({text!r}, {text})" for text in prints] + extra
        main = self.main(setup, body)
        files = {}
        for index in range(last):
            head = "\n".join(self.imports[index])
            files[f"m{index}.py"] = head + "\n\n" + "\n\n".join(self.modules[index]) + "\n"
        files["main.py"] = "import time, itertools\n" + "\n".join(self.imports[last]) + "\n\n" + main
        return files

    def use_of(self, module: int, symbol: tuple[int, str, str]) -> str:
        home, name, kind = symbol
        text = self.imported(module, home, name)
        return f"{text}({self.number()})" if kind == "call" else text

    def setup(self, module: int) -> tuple[list[str], list[str]]:
        setup, extra = [], []
        if self.random.random() < 0.3:
            setup.append(f"kept = {self.expression(module)}")
            extra.append("print('kept', kept)")
        if self.random.random() < 0.3:
            setup.append("lazy = None")
            extra += [f"if lazy is None: lazy = {self.expression(module)}", "print('lazy', lazy)"]
        if self.random.random() < 0.4:
            extra.append(f"fresh = {self.expression(module)}\nprint('fresh', fresh)")
        return setup, extra

    def main(self, setup: list[str], body: list[str]) -> str:
        style = self.random.randrange(4)
        head = self.random.choice(["while True:", "for _ in itertools.count():"])
        wait = self.random.choice(["time.sleep(1)", "pause()"])
        if self.random.random() < 0.5:
            body.append(wait)
        else:
            body.insert(self.random.randrange(len(body) + 1), wait)
        body.append("print('--')")
        lines = "\n".join(body).split("\n")
        code = [*setup, head, *("    " + line for line in lines)]
        pause = "def pause():\n    time.sleep(1)\n\n"
        if style == 0:
            return pause + "\n".join(code) + "\n"
        inside = "\n".join("    " + line for line in code)
        if style == 1:
            return pause + f"def main():\n{inside}\n\nmain()\n"
        return pause + f"def main():\n{inside}\n\nif __name__ == '__main__':\n    main()\n"


def _constant(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name = p.name("K")
    return f"{name} = {p.expression(m)}", [(name, "value")]


def _table(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name, get = p.name("T"), p.name("get")
    text = f"{name} = {{'a': {p.expression(m)}, 'b': {p.number()}}}\ndef {get}(x):\n    return {name}['a'] + x"
    return text, [(get, "call")]


def _function(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name = p.name("f")
    return f"def {name}(x):\n    y = {p.expression(m, 'x')}\n    return y", [(name, "call")]


def _branch(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name = p.name("f")
    text = (
        f"def {name}(x):\n    if x > {p.number()}:\n        return {p.expression(m)}\n    return {p.expression(m, 'x')}"
    )
    return text, [(name, "call")]


def _default(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name = p.name("f")
    default = p.use(m, "value") or p.number()
    return f"def {name}(x, y={default}):\n    return x + y + {p.number()}", [(name, "call")]


def _memo(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    memo, name = p.name("MEMO"), p.name("f")
    value = p.expression(m, "x")
    style = p.random.choice(
        [
            f"    if x not in {memo}:\n        {memo}[x] = {value}\n    return {memo}[x]",
            f"    try:\n        return {memo}[x]\n    except KeyError:\n        v = {memo}[x] = {value}\n    return v",
            f"    return {memo}.setdefault(x, {value})",
            f"    if x in {memo}:\n        return {memo}[x]\n    v = {value}\n    {memo}[x] = v\n    return v",
            f"    v = {memo}.get(x)\n    if v is None:\n        v = {value}\n        {memo}.update({{x: v}})\n    return v",
            f"    put{memo}(x)\n    return {memo}[x]\ndef put{memo}(k):\n    for i in {{k}} - set({memo}):\n"
            f"        {memo}[i] = {value.replace('x', 'i') if value == 'x' else value.replace(' x', ' i')}",
        ]
    )
    if "put" in style and " x" in style.split("def ")[1]:
        style = f"    if x not in {memo}:\n        {memo}[x] = {value}\n    return {memo}[x]"
    return f"{memo} = {{}}\ndef {name}(x):\n{style}", [(name, "call")]


def _once(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    box, name = p.name("_box"), p.name("f")
    value = p.expression(m)
    style = p.random.choice(
        [
            f"{box} = None\ndef {name}(x):\n    global {box}\n    if {box} is None:\n        {box} = {value}\n    return {box} + x",
            f"{box} = []\ndef {name}(x):\n    if not {box}:\n        {box}.append({value})\n    return {box}[0] + x",
            f"def {name}(x, {box}={{}}):\n    if 'v' not in {box}:\n        {box}['v'] = {value}\n    return {box}['v'] + x",
            f"def {name}(x):\n    if not hasattr({name}, 'v'):\n        {name}.v = {value}\n    return {name}.v + x",
            f"{box} = iter([])\ndef {name}g():\n    v = {value}\n    while True:\n        yield v\n"
            f"{box}i = {name}g()\ndef {name}(x):\n    return next({box}i) + x",
            f"class {box}C:\n    def __init__(self):\n        self.v = {value}\n{box}l = []\ndef {name}(x):\n"
            f"    while len({box}l) < 1:\n        {box}l.append({box}C())\n    return {box}l[0].v + x",
        ]
    )
    return style, [(name, "call")]


def _cached(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    name = p.name("f")
    p.imports[m]["import functools"] = ""
    return f"@functools.lru_cache(maxsize=None)\ndef {name}(x):\n    return {p.expression(m, 'x')}", [(name, "call")]


def _class(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    cls, inst, name = p.name("C"), p.name("inst"), p.name("f")
    text = (
        f"class {cls}:\n    limit = {p.expression(m)}\n    def __init__(self, v):\n        self.v = v + {p.number()}\n"
        f"    @property\n    def twice(self):\n        return self.v + {p.number()}\n"
        f"    def run(self, x):\n        return self.v + self.limit + {p.expression(m, 'x')}\n"
        f"class {cls}S({cls}):\n    def run(self, x):\n        return super().run(x) + {p.number()}\n"
    )
    where = p.random.randrange(4)
    if where == 0:
        return text + f"{inst} = {cls}S({p.expression(m)})\ndef {name}(x):\n    return {inst}.run(x) + {inst}.twice", [
            (name, "call")
        ]
    if where == 1:
        return text + f"def {name}(x):\n    return {cls}S(x).run(x) + {cls}S(x).twice", [(name, "call")]
    if where == 2:
        return text + f"{inst} = {cls}S({p.number()})\n{name} = {inst}.run", [(name, "call")]
    return text + f"def {name}(x):\n    c = {cls}(x)\n    c.v = {p.expression(m)}\n    return c.run(x)", [
        (name, "call")
    ]


def _decorated(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    deco, name = p.name("deco"), p.name("f")
    p.imports[m]["import functools"] = ""
    style = p.random.choice(
        [
            f"def {deco}(fn):\n    @functools.wraps(fn)\n    def w(x):\n        return fn(x) + {p.expression(m)}\n    return w\n",
            f"def {deco}(fn):\n    c = {{}}\n    def w(x):\n        if x not in c:\n            c[x] = fn(x)\n        return c[x]\n    return w\n",
            f"def {deco}(fn):\n    v = fn({p.number()})\n    def w(x):\n        return v + x\n    return w\n",
            f"R{deco} = {{}}\ndef {deco}(fn):\n    R{deco}[fn.__name__] = fn\n    return lambda x: sum(g(x) for g in R{deco}.values())\n",
            f"def {deco}(fn):\n    extra = {p.expression(m)}\n    def w(x):\n        return fn(x) + extra\n    return w\n",
        ]
    )
    return style + f"@{deco}\ndef {name}(x):\n    return {p.expression(m, 'x')}", [(name, "call")]


def _registry(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    reg, name = p.name("REG"), p.name("f")
    style = p.random.choice(
        [
            f"{reg} = {{'a': h{name}}}\n",
            f"{reg} = {{}}\n{reg}['a'] = h{name}\n",
            f"{reg} = {{}}\ndef add{reg}(n, fn):\n    {reg}[n] = fn\nadd{reg}('a', h{name})\n",
            f"{reg} = {{}}\ndef add{reg}(n, fn):\n    {reg}[n] = fn\ndef {reg}init():\n    add{reg}('a', h{name})\n{reg}init()\n",
            f"{reg} = dict(a=lambda x: h{name}(x) + {p.number()})\n",
        ]
    )
    head = f"def h{name}(x):\n    return {p.expression(m, 'x')}\n"
    return head + style + f"def {name}(x):\n    return sum(h(x) for h in {reg}.values())", [(name, "call")]


def _factory(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    make, name = p.name("make"), p.name("f")
    p.imports[m]["import functools"] = ""
    style = p.random.choice(
        [
            f"def {make}(n):\n    def inner(x):\n        return n + x + {p.number()}\n    return inner\n{name} = {make}({p.expression(m)})",
            f"def {make}(n, x):\n    return n + x + {p.expression(m)}\n{name} = functools.partial({make}, {p.expression(m)})",
            f"{name} = lambda x: x + {p.expression(m)}",
            f"def {make}(n):\n    for i in range({p.number()} % 5):\n        n += i\n    return n\nV{name} = {make}({p.expression(m)})\n"
            f"def {name}(x):\n    return V{name} + x",
        ]
    )
    return style, [(name, "call")]


def _types(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    cls, name = p.name("D"), p.name("f")
    p.imports[m]["import dataclasses, enum, collections"] = ""
    style = p.random.choice(
        [
            f"@dataclasses.dataclass\nclass {cls}:\n    a: int = {p.number()}\n    def total(self):\n        return self.a + {p.expression(m)}\n"
            f"I{cls} = {cls}()\ndef {name}(x):\n    return {cls}().total() + I{cls}.total() + x",
            f"class {cls}(enum.Enum):\n    A = {p.number()}\n    def total(self):\n        return self.value + {p.number()}\n"
            f"def {name}(x):\n    return {cls}.A.total() + x",
            f"{cls} = collections.namedtuple('{cls}', 'a b')\nI{cls} = {cls}({p.number()}, {p.expression(m)})\n"
            f"def {name}(x):\n    return sum(I{cls}) + x",
            f"class {cls}:\n    def __call__(self, x):\n        return x + {p.expression(m)}\n    def __add__(self, o):\n"
            f"        return o + {p.number()}\n{name}i = {cls}()\nS{name} = {name}i + {p.number()}\ndef {name}(x):\n    return {name}i(x) + S{name}",
            f"class {cls}:\n    subs = []\n    def __init_subclass__(cls):\n        {cls}.subs.append(cls.go(cls, {p.number()}))\n"
            f"    def go(self, x):\n        return x + {p.number()}\nclass {cls}B({cls}):\n    pass\ndef {name}(x):\n    return sum({cls}.subs) + x",
        ]
    )
    return style, [(name, "call")]


def _state(p: Project, m: int) -> tuple[str, list[tuple[str, str]]]:
    cls, name = p.name("St"), p.name("f")
    style = p.random.choice(
        [
            f"class {cls}:\n    def __init__(self):\n        self.seen = 0\n        self.rate = None\n"
            f"    def get(self, x):\n        self.seen += 1\n        if self.rate is None:\n            self.rate = {p.expression(m)}\n"
            f"        return self.rate + x\ni{cls} = {cls}()\ndef {name}(x):\n    return i{cls}.get(x)",
            f"class {cls}:\n    def __init__(self):\n        self.items = []\n"
            f"    def get(self, x):\n        self.items.append({p.expression(m)})\n        last = self.items[-1]\n"
            f"        return last + x\ni{cls} = {cls}()\ndef {name}(x):\n    return i{cls}.get(x)",
            f"class {cls}:\n    ready = False\n    def setup(self):\n        self.v = {p.expression(m)}\n        self.ready = True\n"
            f"    def get(self, x):\n        if not self.ready:\n            self.setup()\n        return self.v + x\n"
            f"i{cls} = {cls}()\ndef {name}(x):\n    return i{cls}.get(x)",
        ]
    )
    return style, [(name, "call")]


FEATURES = [
    _constant, _constant, _table, _function, _function, _branch, _default, _memo, _once, _cached, _class, _class,
    _decorated, _registry, _factory, _types, _state,
]  # fmt: skip


def start(folder: Path, files: dict[str, str], request: str, *more: str) -> str:
    """Run the driver; what it printed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-S", str(DRIVER), str(folder), "main.py", request, "3", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + str(files)
    return done.stdout


def sections(lines: list[str]) -> list[str]:
    """The whole iterations in what was printed."""
    text = "\n".join(lines)
    return [part.strip("\n") for part in text.split("--\n")[:-1]] if "--" in text else []


def play(seed: int, folder: Path) -> tuple[int, list[str]]:
    """One random project with some edits; the number that were applied, and the codes of the refusals."""
    generator = random.Random(seed * 7919)
    project = Project(seed)
    files = project.files()
    edits = []
    for _ in range(EDITS):
        some = [name for name in sorted(files) if generator.random() < (0.15 if name == "main.py" else 1)]
        some = [name for name in some if any(c.isdigit() for c in files[name])] or ["main.py"]
        names = generator.sample(some, min(len(some), generator.choice([1, 1, 1, 2])))
        edits.append({name: [generator.randrange(1000), generator.randint(100, 999)] for name in names})
    request = folder / "request.json"
    request.write_text(json.dumps(edits))
    output = start(folder / "hot", files, str(request), "random")
    applied, codes = 0, []
    tree: dict[str, str] = {}
    parts: list[tuple[dict[str, str], dict[str, object], list[str]]] = []
    for line in output.split("\n"):
        if line.startswith("@@ tree "):
            tree = json.loads(line[8:])
        elif "@@ outcome " in line:
            parts.append((tree, json.loads(line.partition("@@ outcome ")[2]), []))
        elif parts and "@@" not in line:
            parts[-1][2].append(line)
    for number, (after, outcome, lines) in enumerate(parts):
        if outcome["state"] != "done":
            codes.append(f"{outcome['code']} {outcome['reason'] if os.environ.get('DBG') else ''}".strip())
            continue
        applied += 1
        cold = sections(start(folder / f"cold{number}", after, "-").split("\n"))
        hot = sections(lines)
        # The rest of the iteration in which the edit arrived is the old version's.
        late = hot[1:] if hot else []
        where = f"seed {seed}, edit {number} {edits[number]}: {outcome}"
        assert all(part in cold for part in late), f"{where}\nhot {late}\ncold {cold}\n{folder}"
    return applied, codes


@pytest.mark.parametrize("seed", range(SEED * 1000, SEED * 1000 + PROJECTS))
def test_what_is_applied_to_a_random_service_equals_a_cold_start(seed: int, tmp_path: Path) -> None:
    """No random edit of a random service leaves a stale result behind."""
    play(seed, tmp_path)
