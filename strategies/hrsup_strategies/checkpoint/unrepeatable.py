"""What may not be repeated: has the code that ran so far asked for something that is different at every start?

Runs in the program's process, before a layer is taken. Pure: works on sources. A continuation keeps what was computed
before its layer; where that was the time, a random number, the process id or the state of a file (which nobody
observes), a cold start would have computed something else.

The search goes by names: those in code that ran at the top level, and those in every function or class of the program
whose name occurs there, and so on. So it finds too much at times, and then a layer is missing; what it cannot see is a
name that is put together at run time, and what third-party code does by itself.
"""

from __future__ import annotations

from hrsup_strategies.checkpoint.words import CLOCK, FRESH_WITHOUT_SEED, IDENTITY, INPUT, RANDOM, SEED_WORDS, STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_AST = 0x400  # ast.PyCF_ONLY_AST, without importing ast


class Finding:
    """The first place that may not be repeated. `code` is HR317 or HR318."""

    __slots__ = ("code", "line", "name", "path")

    def __init__(self, code: str, path: str, line: int, name: str) -> None:
        self.code, self.path, self.line, self.name = code, path, line, name


class Search:
    """Remembers what it knows of each source, so that a later search costs only what is new."""

    def __init__(self) -> None:
        self._sources: dict[str, bytes] = {}
        self._modules: dict[str, _Module] = {}
        self.seeds = False  # does any source look as if it seeded a generator?

    def add(self, path: str, source: bytes) -> None:
        """The module at `path` has been read from `source`."""
        if self._sources.get(path) is source:
            return
        self._sources[path] = source
        self._modules.pop(path, None)
        self.seeds = self.seeds or any(word in source for word in SEED_WORDS)

    def knows(self, path: str) -> bool:
        """Has this file been added?"""
        return path in self._sources

    def find(self, reached: dict[str, int], next_line: tuple[str, int] | None = None) -> Finding | None:
        """The first finding in the code that ran so far. `reached`: for a module that is not finished, its line now.
        `next_line`: the path and line of a statement that is about to run."""
        self._parse()
        names: list[_Use] = []
        for path, module in self._modules.items():
            names += module.run_until(
                reached.get(path), next_line is not None and next_line == (path, reached.get(path))
            )
        done: set[str] = set()
        while names:
            use = names.pop()
            code = _judge(use, self.seeds)
            if code is not None:
                return Finding(code, use.path, use.line, use.name)
            if use.name not in done:
                done.add(use.name)
                for module in self._modules.values():
                    names += module.inside.get(use.name, ())
        return None

    def _parse(self) -> None:
        for path, source in self._sources.items():
            if path not in self._modules:
                self._modules[path] = _Module(path, source)


class _Use:
    """A name that occurs: `called` directly, `bare` without arguments, or as an attribute."""

    __slots__ = ("attribute", "bare", "called", "line", "name", "path")

    def __init__(self, name: str, path: str, line: int, called: bool, bare: bool, attribute: bool) -> None:
        self.name, self.path, self.line = name, path, line
        self.called, self.bare, self.attribute = called, bare, attribute


def _judge(use: _Use, seeds: bool) -> str | None:
    name = use.name
    if name in INPUT:
        return "HR318"
    if name in CLOCK or name in IDENTITY or name in STATE or (name == "time" and (use.called or use.attribute)):
        return "HR317"
    if name in FRESH_WITHOUT_SEED and use.bare:
        return "HR317"
    if name in RANDOM and use.called and not seeds:
        return "HR317"
    return None


class _Module:
    """One source: the uses in its top-level statements, and `inside` each function and class, by name."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.inside: dict[str, list[_Use]] = {}
        self._statements: list[tuple[int, list[_Use]]] = []
        self._aliases: dict[str, str] = {}
        try:
            tree: Any = compile(source, path, "exec", _AST, dont_inherit=True)
        except (SyntaxError, ValueError):
            return  # it does not run either
        for node in _walk(tree):
            if type(node).__name__ == "ImportFrom":
                self._aliases.update({alias.asname: alias.name for alias in node.names if alias.asname})
        for node in tree.body:
            self._add_block(node)

    def run_until(self, line: int | None, about_to_run: bool = False) -> list[_Use]:
        """The uses in the statements that have begun; None: in all. `about_to_run`: the one at `line` has not, unless
        it shares the line with another, of which it might be the first or the last."""
        if line is None:
            return [use for _, uses in self._statements for use in uses]
        if about_to_run and sum(start == line for start, _ in self._statements) == 1:
            line -= 1
        return [use for start, uses in self._statements if start <= line for use in uses]

    def _add_block(self, node: Any) -> None:
        """A compound statement may be left in the middle, so what is in its blocks counts line by line."""
        blocks = [getattr(node, name, ()) for name in ("body", "orelse", "finalbody")]
        if type(node).__name__ in ("If", "Try", "TryStar", "With"):
            head: list[_Use] = []
            for name in ("test", "items", "handlers"):
                found = getattr(node, name, None)
                for child in found if isinstance(found, list) else [found] if found is not None else []:
                    head += self._uses(child)
            self._statements.append((node.lineno, head))
            for block in blocks:
                for child in block:
                    self._add_block(child)
        else:
            self._statements.append((_first_line(node), self._uses(node)))

    def _uses(self, root: Any) -> list[_Use]:
        """The uses in what runs when this statement runs; bodies of functions go to `inside`."""
        uses: list[_Use] = []
        stack, calls = [root], {}
        while stack:
            node = stack.pop()
            kind = type(node).__name__
            if kind in ("FunctionDef", "AsyncFunctionDef"):
                self.inside.setdefault(node.name, []).extend(use for item in node.body for use in self._uses(item))
                stack += [*node.decorator_list, node.args]
                continue
            if kind == "ClassDef":
                self._add_class(node)
            if kind == "Call":
                calls[id(node.func)] = not node.args and not node.keywords
            name = self._name(node, kind)
            if name is not None:
                called = id(node) in calls
                uses.append(_Use(name, self.path, node.lineno, called, calls.get(id(node), False), kind == "Attribute"))
            stack += list(_children(node))
        return uses

    def _add_class(self, node: Any) -> None:
        """Whoever uses a class may run its special methods without naming them."""
        inside = self.inside.setdefault(node.name, [])
        for item in node.body:
            if type(item).__name__ in ("FunctionDef", "AsyncFunctionDef") and item.name.startswith("__"):
                inside += [use for statement in item.body for use in self._uses(statement)]

    def _name(self, node: Any, kind: str) -> str | None:
        if kind == "Name":
            return self._aliases.get(node.id, str(node.id))
        if kind == "Attribute":
            return str(node.attr)
        if kind == "Constant" and node.value in ("now", "today"):  # pandas and numpy take these for a time
            return str(node.value)
        return None


def _first_line(node: Any) -> int:
    return int(min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]))


def _walk(root: Any) -> Iterator[Any]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += list(_children(node))


def _children(node: Any) -> Iterable[Any]:
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            yield from (item for item in value if hasattr(item, "_fields"))
        elif hasattr(value, "_fields"):
            yield value
