"""Random programs of several modules, and random edits of them. Pure: a seed gives the same ones for ever.

Runs in the bench. A module is a list of definitions and of uses of other modules' definitions. All that a module
computes ends in its ``show()``, and the main prints what all of them show, so that any stale value anywhere becomes
visible. An edit changes the model, and what it saves is every file whose text has become another: a new signature
comes with its callers, a moved function with the imports of it, unless the edit forgets them on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from hrsup.bench.model import BATCH
from hrsup.bench.random_source import (
    BATCH_MAIN,
    CLASSES,
    FORMS,
    HUB,
    KINDS,
    ONLY_CLASSES,
    POOLS,
    READ,
    READERS,
    SERVICE_MAIN,
    Form,
)

POOL_SHARE = 0.2
BREAKS = ("def broken(:", "raise ValueError('broken')", "import nowhere_to_be_found", "undefined_name", "1 / 0")
_TICK_S, _POOL_TICK_S = 0.002, 0.02


@dataclass(frozen=True)
class Item:
    """A definition: its variant among those of its kind, and the numbers in it. Its `name` may change."""

    number: int
    kind: str
    name: str
    variant: int
    values: tuple[int, int, int]

    def parts(self, hub: str) -> tuple[str, str]:
        """The imports that it needs, and its text."""
        one = KINDS[self.kind][self.variant]
        return one.imports.format(hub=hub), one.text.format(n=self.name, **self._numbers())

    def shown(self, name: str) -> str:
        """The expression that shows it, where it goes by `name`."""
        return KINDS[self.kind][self.variant].shown.format(r=name, **self._numbers())

    def _numbers(self) -> dict[str, int]:
        return dict(zip("abc", self.values, strict=True))


@dataclass(frozen=True)
class Use:
    """A module's use of the definition with the number `of`; by way of the module `via`, where that has it too."""

    number: int
    form: str
    of: int
    via: str | None = None


@dataclass(frozen=True)
class Module:
    """One module. `reads` are the numbers of data files and when each is read: at import, or on every tick."""

    name: str
    items: tuple[Item, ...] = ()
    uses: tuple[Use, ...] = ()
    reads: tuple[tuple[int, str], ...] = ()
    cycles: tuple[str, ...] = ()
    note: int = 0


@dataclass(frozen=True)
class Data:
    """A data file, or a listed folder of them; None is one that is not there."""

    kind: str
    values: tuple[int, ...] | None

    def files(self, path: str) -> dict[str, str]:
        """What lies on the disk."""
        if self.values is None:
            return {}
        if self.kind == "folder":
            return {f"{path}/part{value}.txt": "x\n" for value in self.values}
        if self.kind == "json":
            return {path: f"{list(self.values)}\n"}
        return {path: "".join(f"{value},x\n" if self.kind == "csv" else f"{value}\n" for value in self.values)}


@dataclass(frozen=True)
class Program:
    """The whole. `package` is the folder of its modules ("" for none), `broken` a module and the line that breaks it,
    `forgotten` a definition that was taken away though it is used, `pool` the kind of worker pool or ""."""

    kind: str
    package: str
    modules: tuple[Module, ...]
    data: tuple[Data, ...]
    pool: str = ""
    guarded: bool = True
    main_reads: int | None = None
    title: int = 0
    broken: tuple[str, str] | None = None
    forgotten: int | None = None
    next_number: int = 0
    hub_note: int = 0
    items: dict[int, tuple[int, Item]] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for place, module in enumerate(self.modules):
            self.items.update({item.number: (place, item) for item in module.items})

    def path(self, module: str) -> str:
        """What `module` is imported as."""
        return f"{self.package}.{module}" if self.package else module

    def tree(self) -> dict[str, bytes]:
        """Its files."""
        folder = f"{self.package}/" if self.package else ""
        files = {f"{folder}{module.name}.py": self._source(place) for place, module in enumerate(self.modules)}
        if self.package:
            files[f"{folder}__init__.py"] = '"""The package."""\n'
        for number, data in enumerate(self.data):
            files |= {f"{folder}{name}": text for name, text in data.files(_data_path(number)).items()}
        files[f"{folder}hub.py"] = HUB + "# note\n" * self.hub_note
        files["main.py"] = self._main()
        return {name: text.encode() for name, text in files.items()}

    def _source(self, place: int) -> str:
        module, hub = self.modules[place], self.path("hub")
        imports, texts, shown = list[str](), list[str](), list[str]()
        for number, when in module.reads:
            imports.append("import csv\nimport json\nfrom pathlib import Path")
            read = READERS[self.data[number].kind]
            texts.append(READ.format(k=number, path=_data_path(number), read=read).strip())
            if when == "import":
                texts.append(f"DATA_{number} = read_{number}()")
            shown.append(f"DATA_{number}" if when == "import" else f"read_{number}()")
        for item in module.items:
            if item.number != self.forgotten:
                needs, text = item.parts(hub)
                imports.append(needs)
                texts.append(text)
            if item.number != self.forgotten or not self._used(item.number):
                shown.append(item.shown(item.name) if item.number != self.forgotten else "'gone'")
        for use in module.uses:
            needs, text, expression = self._use(place, use)
            imports.append(needs)
            texts.append(text)
            shown.append(expression)
        head = [f'"""Module {module.name}."""', *(f"# note {n}" for n in range(module.note))]
        head += dict.fromkeys(line for line in imports if line)
        # Last, since a module of a cycle can only be used when all of it is there.
        cycles = [f"import {self.path(name)} as cycle_{name}" for name in module.cycles]
        shown += [f"cycle_{name}.__name__" for name in module.cycles]
        texts += ["\n".join(cycles), f"def show():\n    return [{', '.join(shown)}]"]
        if self.broken is not None and self.broken[0] == module.name:
            texts.append(self.broken[1])
        return "\n".join(head) + "\n\n\n" + "\n\n\n".join(text for text in texts if text) + "\n"

    def _used(self, number: int) -> bool:
        return any(use.of == number for module in self.modules for use in module.uses)

    def _use(self, place: int, use: Use) -> tuple[str, str, str]:
        where, item = self.items[use.of]
        if where == place:
            return "", "", item.shown(item.name)
        form, source = self._form(place, where, use, item), self.modules[where].name
        if form.name == "{t}" and form.imports.startswith("from {m}") and self._passes_on(use, place):
            source = str(use.via)
        names = {"m": self.path(source), "s": source, "t": item.name, "u": f"u{use.number}", "hub": self.path("hub")}
        called = form.name.format(**names)
        names["e"] = item.shown(called)
        shown = form.shown.format(**names) if form.shown else names["e"]
        return form.imports.format(**names), form.text.format(**names), shown

    def _form(self, place: int, where: int, use: Use, item: Item) -> Form:
        if where > place:  # it comes later: only a call can reach it
            return FORMS["lazy"]
        if (use.form in ONLY_CLASSES and item.kind not in CLASSES) or (use.form == "relative" and not self.package):
            return FORMS["from"]
        return FORMS[use.form]

    def _passes_on(self, use: Use, place: int) -> bool:
        """Does the module `via` hold the same definition under the same name, and does it come before this one?"""
        for at, module in enumerate(self.modules[:place]):
            if module.name == use.via:
                return any(
                    other.of == use.of
                    and self.items[use.of][0] < at
                    and FORMS[other.form].name == "{t}"
                    and FORMS[other.form].imports.endswith(("import {t}", "import *"))
                    and (other.form != "relative" or bool(self.package))
                    for other in module.uses
                )
        return False

    def _main(self) -> str:
        imports = [f"import {self.path(module.name)}" for module in self.modules]
        names = [self.path(module.name) for module in self.modules]
        reads, pool, work, start = "", "", "", "main()"
        if self.main_reads is not None:
            path = f"{self.package}/{_data_path(self.main_reads)}" if self.package else _data_path(self.main_reads)
            imports.append("import csv\nimport json\nfrom pathlib import Path")
            read = READ.format(k="main", path=path, read=READERS[self.data[self.main_reads].kind])
            reads = f"{read}\n\nREAD = read_main()\n\n"
        shows = [*(f"{name}.show()" for name in names), *(["READ"] if reads else [])]
        if self.pool:
            imports.append("import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor")
            if self.pool == "loky":
                imports[-1] += "\nfrom loky import get_reusable_executor"
            reads += f"\ndef work(number):\n    return [{', '.join(shows[: len(names)])}][number]\n\n"
            pool = f"\n    pool = {POOLS[self.pool]}"
            work = f"}} {{list(pool.map(work, range({len(names)})))"
        if self.guarded or self.pool:
            start = 'if __name__ == "__main__":\n    main()'
        common = {"imports": "\n".join(imports), "hub": self.path("hub"), "reads": reads, "start": start}
        common |= {"title": f"title {self.title}", "pool": pool}
        if self.kind == BATCH:
            prints = [f"    print({show})" for show in shows]
            if self.pool:
                prints.append(f"    print(list(pool.map(work, range({len(names)}))))")
                prints += ["    pool.close()\n    pool.join()"] if "Pool" in self.pool else ["    pool.shutdown()"]
            return BATCH_MAIN.format(**common, prints="\n".join(prints))
        pause = _POOL_TICK_S if self.pool else _TICK_S
        return SERVICE_MAIN.format(**common, shows=", ".join(shows), work=work, pause=pause)


def random_program(rng: Random, kind: str, pool: str | None = None) -> Program:
    """A program of 3 to 8 modules; `pool` fixes the kind of its workers, "" for none."""
    chosen = rng.choice(sorted(POOLS)) if rng.random() < POOL_SHARE else ""
    data = tuple(_random_data(rng) for _ in range(4))
    program = Program(
        kind,
        rng.choice(("", "app")),
        (),
        data,
        pool=chosen if pool is None else pool,
        guarded=rng.random() < 0.5,
        main_reads=rng.choice((None, None, 0)),
    )
    for _ in range(rng.randint(3, 8)):
        program = _with_module(rng, program)
    return program


def _with_module(rng: Random, program: Program) -> Program:
    number = program.next_number
    module = Module(f"m{number}", reads=_random_reads(rng, len(program.data)))
    program = replace(program, modules=(*program.modules, module), next_number=number + 1)
    place = len(program.modules) - 1
    for _ in range(rng.randint(1, 4)):
        program = with_item(rng, program, place)
    for _ in range(rng.randint(0, 4)):
        program = with_use(rng, program, place)
    return program


def with_item(rng: Random, program: Program, place: int) -> Program:
    """The program with one more definition in the module at `place`."""
    kind, number = rng.choice(list(KINDS)), program.next_number
    values = (rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 9))
    item = Item(number, kind, f"{'K' if kind in CLASSES else 'f'}{number}", rng.randrange(len(KINDS[kind])), values)
    module = program.modules[place]
    program = replace(program, next_number=number + 1)
    return with_module(program, place, replace(module, items=(*module.items, item)))


def with_use(rng: Random, program: Program, place: int) -> Program:
    """The program with one more use of another module's definition in the module at `place`."""
    later = rng.random() < 0.1
    known = [number for number, (where, _) in program.items.items() if where < place or (later and where > place)]
    if not known:
        return program
    via = program.modules[rng.randrange(place)].name if place and rng.random() < 0.4 else None
    use = Use(program.next_number, rng.choice(list(FORMS)), rng.choice(known), via)
    module = program.modules[place]
    program = replace(program, next_number=program.next_number + 1)
    return with_module(program, place, replace(module, uses=(*module.uses, use)))


def with_module(program: Program, place: int, module: Module) -> Program:
    """The program with another module at `place`."""
    return replace(program, modules=(*program.modules[:place], module, *program.modules[place + 1 :]))


def new_module(rng: Random, program: Program) -> Program:
    """The program with one more module, at the end."""
    return _with_module(rng, program)


def _random_reads(rng: Random, count: int) -> tuple[tuple[int, str], ...]:
    if rng.random() < 0.6:
        return ()
    return ((rng.randrange(count), rng.choice(("import", "tick"))),)


def _random_data(rng: Random) -> Data:
    values = tuple(rng.sample(range(10, 99), rng.randint(1, 3)))
    return Data(rng.choice(list(READERS)), None if rng.random() < 0.1 else values)


def _data_path(number: int) -> str:
    return f"data/d{number}"
