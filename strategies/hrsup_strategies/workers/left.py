"""What tasks may have left in their workers, and new ones would lack. Pure; runs in the user's process.

A new worker has what its imports and its pool's initializer make. What a task remembers for itself (a memo, a counter)
begins anew, as at a cold start. It lacks what one task has put there for another (`pool.submit(begin)`, then
`pool.map(work, ...)`), and what was done in the old one before the loop, which is not done again.

Calls and places are followed by name, in the modules that workers have loaded: what a function stores outlives its task
if it is bound to a global name, done to something that has one, or an attribute of an object that may have one.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import (
    arguments_of,
    bare_names,
    calls_for_effect,
    first_name,
    is_reference,
    last_name,
    locals_of,
)
from hrsup_strategies.reload.known import ACCUMULATING, CONSTRUCTORS, OVERWRITING, REMOVING, WRITERS
from hrsup_strategies.reload.thinking import check
from hrsup_strategies.reload.trees import walk
from hrsup_strategies.workers.initializers import initializers_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hrsup_strategies.reload.sources import Sources

    FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef

_CHANGING = ACCUMULATING | OVERWRITING | REMOVING
_HANDING = frozenset(("submit", "map", "apply", "apply_async", "map_async", "imap", "imap_unordered", "run"))
_HERE = frozenset(
    (
        *("signal", "register", "Thread", "Timer", "add_done_callback", "add_signal_handler", "to_thread"),
        *("call_soon", "call_later", "call_at", "call_soon_threadsafe", "add_reader", "add_writer", "excepthook"),
    )
)
_SHOWING = WRITERS | {"print", "sleep", "flush"}


class Function:
    """A function in a module that workers have loaded."""

    def __init__(self, path: str, node: FunctionDef, owner: str | None, lasting: Collection[str]) -> None:
        """`lasting`: the classes of which the modules may hold objects."""
        check()
        self.path, self.node = path, node
        # Where nothing spells its call, who names its class may run it.
        self.name = owner if owner is not None and node.name.startswith("__") else node.name
        self.mentions = _in_body(node)
        self._locals = locals_of(node)
        # A constructor binds what its object has to begin with: that is kept where the object is.
        first = node.args.args[:1] if owner is not None and node.name not in CONSTRUCTORS else []
        of_class = owner in lasting or any(last_name(item) == "classmethod" for item in node.decorator_list)
        self._own = {item.arg for item in first} if of_class else set[str]()
        self.stores = {name for item in walk(node) for name in self._stored(item)}
        # Is something called for what it does, that is not the function's own and shows nothing?
        self.acts = any(first_name(func) not in self._locals for item in walk(node) for func in _called_to_act(item))

    def _stored(self, item: ast.AST) -> set[str]:
        """The names of what this node does something to that is there after the call."""
        if isinstance(item, ast.Global):
            return set(item.names)
        if isinstance(item, (ast.Attribute, ast.Subscript)) and not isinstance(item.ctx, ast.Load):
            return self._outliving(item)
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in _CHANGING:
            return self._outliving(item.func.value)
        methods = (func for func in _called_to_act(item) if isinstance(func, ast.Attribute))
        return {name for func in methods for name in self._outliving(func.value)}

    def _outliving(self, place: ast.expr) -> set[str]:
        """The names on the way to a place, if its root is no local; of the method's own object, the attribute."""
        names: set[str] = set()
        while isinstance(place, (ast.Attribute, ast.Subscript, ast.Call)):
            names |= {place.attr} if isinstance(place, ast.Attribute) else set()
            place = place.func if isinstance(place, ast.Call) else place.value
        if not isinstance(place, ast.Name):
            return set()
        return names if place.id in self._own else set() if place.id in self._locals else names | {place.id}


class Left:
    """`paths` are the script, whose functions are sent by value, and the modules that workers have loaded; `before` is
    what ran before the loops that run, and `repeated` what these do again."""

    def __init__(
        self, sources: Sources, paths: Iterable[str], before: Iterable[ast.AST], repeated: Iterable[ast.AST]
    ) -> None:
        trees = {path: sources[path].tree for path in sorted(paths) if path in sources}
        lasting = _lasting(trees.values())
        self._functions = [
            Function(path, node, owner, lasting) for path, tree in trees.items() for node, owner in _functions(tree)
        ]
        self._mentions = Mentions(sources, self._functions)
        self._reached: dict[str, set[str]] = {}
        self._before = list(before)
        self._repeated = {name for node in repeated for name in bare_names(node)}

    def found(self) -> tuple[str, str | None, int | None] | None:
        """Something that may have been left, in words, with the file and the line of what did it."""
        for name in (name for node in self._before for name in _tasks(node)):
            if name not in self._repeated and not self._mentions.defines(name) and not hasattr(builtins, name):
                return f"what `{name}` did in a worker before the loop is not done again", None, None
        for function in self._functions:
            if (function.stores or function.acts) and (text := self._left_by(function)) is not None:
                return text, function.path, function.node.lineno
        return None

    def _left_by(self, function: Function) -> str | None:
        check()
        if not self._mentions.is_handed(function.name):
            return None
        if not self._mentions.leading_to(function.name) & self._repeated:
            return f"what `{function.node.name}` did in a worker before the loop is not done again"
        for name in sorted(function.stores):
            reader = next((one for one in self._functions if self._depends(one, name, function)), None)
            if reader is not None:
                return f"`{reader.node.name}` may use what `{function.node.name}` left in `{name}`"
        return None

    def _depends(self, reader: Function, name: str, writer: Function) -> bool:
        """Does a task use what another has left, without doing itself what that did?"""
        if name not in reader.mentions or reader is writer or not self._mentions.is_handed(reader.name):
            return False
        return writer.name not in self._reach(reader)

    def _reach(self, function: Function) -> set[str]:
        """The names that a function comes to."""
        if function.name not in self._reached:
            found = {name for one in self._functions if one.name == function.name for name in one.mentions}
            while more := {name for one in self._functions if one.name in found for name in one.mentions} - found:
                found |= more
            self._reached[function.name] = found
        return self._reached[function.name]


class Mentions:
    """Who mentions whom, in the modules that have the names in question."""

    def __init__(self, sources: Sources, functions: Iterable[Function]) -> None:
        """`functions` have been looked at already."""
        self._sources = sources
        self._known = {id(one.node): one.mentions for one in functions}
        self._seen: set[str] = set()
        self._defined: set[str] = set()
        self._handed: set[str] = set()
        self._used: set[str] = set()  # by what runs after the imports, or in the script
        self._makers: dict[str, set[str]] = {}  # a function within others -> these
        self._by: dict[str, set[str]] = {}  # a name -> the functions that mention it
        self._leading: dict[str, set[str]] = {}

    def defines(self, name: str) -> bool:
        """Is it a function of the program's, so that what it does can be looked at?"""
        self._sources.defining([name])
        self._look()
        return name in self._defined

    def leading_to(self, name: str) -> set[str]:
        """The function's name and those of all that may lead to its call."""
        if name not in self._leading:
            found, todo = set[str](), {name}
            while todo:
                found |= todo
                self._sources.mentioning(todo)
                self._look()
                todo = {caller for mentioned in todo for caller in self._by.get(mentioned, ())} - found
            self._leading[name] = found
        return self._leading[name]

    def is_handed(self, name: str) -> bool:
        """Is what may lead to its call handed to somebody, and not only called? What a function makes that only
        decorates is given to nobody else."""
        handed = self.leading_to(name) & self._handed
        return any(one not in self._makers or not self._makers[one].isdisjoint(self._used) for one in handed)

    def _look(self) -> None:
        for version in self._sources.parsed:
            if version.path not in self._seen:
                check()
                self._seen.add(version.path)
                self._handed |= _handed(version.tree)
                for node in version.tree.body:
                    if not isinstance(node, (*FunctionNode, ast.ClassDef, ast.Import, ast.ImportFrom)):
                        self._used |= bare_names(node)
                for node, _ in _functions(version.tree):
                    self._add(node)

    def _add(self, node: FunctionDef) -> None:
        mentions = self._known.get(id(node)) or _in_body(node)
        self._defined.add(node.name)
        self._used |= mentions
        for mentioned in mentions:
            self._by.setdefault(mentioned, set()).add(node.name)
        for inner in (item for item in walk(node) if isinstance(item, FunctionNode) and item is not node):
            self._makers.setdefault(inner.name, set()).add(node.name)


def _called_to_act(item: ast.AST) -> list[ast.expr]:
    """What a statement calls for its effect, but for what only shows something."""
    calls = calls_for_effect(item.value) if isinstance(item, ast.Expr) else []
    return [call.func for call in calls if last_name(call.func) not in _SHOWING]


def _in_body(node: FunctionDef) -> set[str]:
    """The names that a call of the function may come to; its decorators and defaults were looked up before."""
    return {name for statement in node.body for name in bare_names(statement)}


def _tasks(node: ast.AST) -> list[str]:
    """What is handed to something like a pool, by its name."""
    calls = [item for item in walk(node) if isinstance(item, ast.Call) and item.args]
    given = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in _HANDING]
    return [name for item in given if is_reference(item) and (name := last_name(item)) is not None]


def _functions(tree: ast.AST) -> list[tuple[FunctionDef, str | None]]:
    """All functions of a module, each with the class that it is a method of."""
    owners = {
        id(item): node.name
        for node in walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, FunctionNode)
    }
    return [(node, owners.get(id(node))) for node in walk(tree) if isinstance(node, FunctionNode)]


def _lasting(trees: Iterable[ast.Module]) -> set[str]:
    """The names that import-time statements come to, or functions that bind global names: the classes among them may
    have objects that last."""
    trees = list(trees)
    functions = [node for tree in trees for node, _ in _functions(tree)]
    found: set[str] = set()
    for tree in trees:
        for node in tree.body:
            if not isinstance(node, (*FunctionNode, ast.ClassDef, ast.Import, ast.ImportFrom)):
                found |= bare_names(node)
    for function in functions:
        if any(isinstance(item, ast.Global) for item in walk(function)):
            found |= bare_names(function)
    while more := {name for node in functions if node.name in found for name in bare_names(node)} - found:
        found |= more
    return found


def _handed(tree: ast.AST) -> set[str]:
    """The names that are mentioned other than to be called, and what is made on the spot to be called later; not what
    is given to those who call it in this process, nor what workers begin with, as new ones do."""
    called = _called(tree)
    found: set[str] = set()
    for item in walk(tree):
        if isinstance(item, (ast.Name, ast.Attribute)) and isinstance(item.ctx, ast.Load) and id(item) not in called:
            found |= {item.id if isinstance(item, ast.Name) else item.attr}
        elif isinstance(item, ast.Lambda):
            found |= bare_names(item.body)
        elif isinstance(item, FunctionNode):
            for inner in (node for node in walk(item) if isinstance(node, FunctionNode) and node is not item):
                found |= bare_names(inner)
    return found


def _called(tree: ast.AST) -> set[int]:
    """The ids of the nodes that are called, or given to those of whom that is known."""
    calls = [item for item in walk(tree) if isinstance(item, ast.Call)]
    called = {id(item.func) for item in calls}
    for item in calls:
        if _calls_here(item.func):
            called |= {id(part) for part in arguments_of(item) if is_reference(part)}
    called |= {id(part) for value in initializers_in(tree) if _only_names(value) for part in walk(value)}
    defined = [item for item in walk(tree) if isinstance(item, (*FunctionNode, ast.ClassDef))]
    return called | {id(part) for item in defined for part in item.decorator_list}


def _calls_here(function: ast.expr) -> bool:
    """Is this of the library, and calls what it is given in the process that gives it?"""
    name = last_name(function)
    return name in _HERE if isinstance(function, ast.Attribute) else name in _HERE or hasattr(builtins, name or "")


def _only_names(value: ast.expr) -> bool:
    """Is it a function, or one with some of its arguments?"""
    return is_reference(value) or (isinstance(value, ast.Call) and last_name(value.func) == "partial")
