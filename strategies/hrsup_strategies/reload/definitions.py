"""What the program's modules define, and what goes by which name, taken in as far as it is asked for. Pure.

Runs in the user's process. A module is parsed only when a question may concern it (see ``sources``).
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.identifiers import ANYTHING, last_name
from hrsup_strategies.reload.known import CONSTRUCTORS, DUCK, PROTOCOLS, SAFE_BASES, SAFE_DECORATORS
from hrsup_strategies.reload.making_unnamed import MadeUnnamed
from hrsup_strategies.reload.quiet import QUIET
from hrsup_strategies.reload.trees import walk

_SWALLOWING = frozenset(("suppress", "ExitStack", "AsyncExitStack"))
_DISPATCHING = frozenset(("singledispatch", "singledispatchmethod"))
# A copy is made by whoever the object names, if it says how it is to be made.
_COPYING, _REDUCING = frozenset(("copy", "deepcopy")), ("__reduce__", "__reduce_ex__")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, KeysView
    from re import Pattern

    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.sources import Sources
    from hrsup_strategies.reload.units import ClassInfo, Unit


def _returns_something(unit: Unit) -> bool:
    returned = [item.value for item in walk(unit.node) if isinstance(item, ast.Return)]
    return any(not isinstance(item, (ast.Constant, type(None))) or getattr(item, "value", False) for item in returned)


def _swallows(unit: Unit) -> bool:
    """Does this generator catch what is raised where it yields?"""
    tries = [item for item in walk(unit.node) if isinstance(item, (ast.Try, ast.TryStar)) and item.handlers]
    return any(isinstance(inner, ast.Yield) for item in tries for part in item.body for inner in walk(part))


class Defined:
    """The names of the user's functions and classes, as a container to be asked."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            self._definitions.class_of(name) is not None or bool(self._definitions.units_of(name))
        )


# Of these, who makes one has both ends of a stream; so has who both listens and connects.
_BOTH_ENDS = (b"socketpair", b"Pipe(", b".pipe(", b"import pipe", b"mkfifo", b"openpty", b"stdin=")
_LISTENS = (b"bind(", b"listen(", b"_server(", b"Server", b"Listener(", b"create_datagram_endpoint(")
_CONNECTS = (
    *(b"create_connection(", b"open_connection(", b"unix_connection(", b"sendto(", b"create_datagram_endpoint("),
    # Where one method asks, another takes the answer.
    *(b"HTTPConnection", b"HTTPSConnection", b"Telnet(", b"transfercmd(", b"putcmd(", b"getreply("),
    *(b"multiprocessing.connection", b"import connection"),
)
# How a file is opened that is emptied then, and may be read from; and other ways to begin with an empty one.
_MADE_EMPTY = (
    *(b"'w+", b'"w+', b"'wb+", b'"wb+', b"'wt+", b'"wt+', b"'w').close", b'"w").close', b"truncate("),
    *(b"O_TRUNC", b"write_text('')", b'write_text("")', b"write_bytes(b'')", b'write_bytes(b"")'),
)

# What the library calls of a stream, or of a handler, with what is written.
_OF_STREAMS = ("write", "writelines", "emit", "handle")


class Definitions:
    """The functions, classes and flows of the modules that were parsed so far; `defined` are the names of all."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.has_read_back = False  # see `Program.reads_back`
        self._taken = -1  # how much of the sources has been taken in
        self._asked: set[str] = set()  # names whose definitions have been
        self._asked_bound: set[str] = set()  # names whose other bindings have been
        self.defined = Defined(self)
        self._ducks: frozenset[str] | None = None
        self._uncalled: dict[str, bool] = {}
        self.coming = frozenset[str]()  # names of functions that come with the change (see ``coming``)
        self._take_in()

    def class_of(self, name: str | None) -> ClassInfo | None:
        """The class of this name among the user's."""
        if name and name not in self._asked:
            self._asked.add(name)
            self._sources.defining([name])
            self._take_in()
        return self._classes.get(name or "")

    @property
    def classes(self) -> list[ClassInfo]:
        """All classes."""
        return [info for module in self.modules for info in module.classes]

    def derived_from(self, name: str) -> set[str]:
        """The name of this class, and of those that say that they are derived from it."""
        below, size = {name}, 0
        while size != len(below):
            size = len(below)
            below |= {info.name for info in self.classes if not below.isdisjoint(info.bases)}
        return below

    def units_of(self, name: str) -> list[Unit]:
        """The functions and methods of this name."""
        self.class_of(name)  # both come with the same modules
        found = self._by_name.get(name, [])
        for own in private_in(name):
            found = [*found, *self.units_of(own)]
        return found

    def handed_on(self) -> set[str]:
        """The keys (``.append``) of methods that may fill a container and are handed on where they are not called."""
        return {name for name in self._escapes if name.startswith(".")}

    def has_match(self, pattern: Pattern[bytes]) -> bool:
        """Does it match somewhere in any source?"""
        return self._sources.has_match(pattern)

    def imports(self) -> KeysView[str]:
        """The top-level names of what the program's modules import, and perhaps more."""
        return self._sources.imports()

    def take_all(self) -> None:
        """Take in every module."""
        self._sources.all()
        self._take_in()

    def take_whole(self) -> None:
        """Take in all of the modules of which something has been."""
        self._sources.whole()
        self._take_in()

    @property
    def taken(self) -> int:
        """How much has been taken in, of which it grows with every further module and function."""
        return self._taken

    def _take_in(self) -> None:
        """Take in what has been parsed since the last time."""
        if len(self._sources) == self._taken:
            return
        self._taken = len(self._sources)
        self.modules = modules = self._sources.shown
        self.units = [unit for module in modules for unit in module.units]
        self.flows = [flow for module in modules for flow in module.flows]
        self._classes = {info.name: info for module in modules for info in module.classes}
        self._escapes = set().union(*(module.escapes for module in modules)) if modules else set()
        self.rebound: set[str] = set().union(*(module.rebound for module in modules))
        self._hooked = set().union(*(module.hooked for module in modules)) if modules else set()
        self.buffers = any(module.buffers for module in modules)
        self._made_unnamed = MadeUnnamed(self)
        self._by_name: dict[str, list[Unit]] = {}
        for unit in self.units:
            self._by_name.setdefault(unit.name, []).append(unit)

    def is_rebound(self, callee: str) -> bool:
        """May something that is called go by this name without being defined under it?"""
        if callee not in self._asked_bound:
            self._asked_bound.add(callee)
            self._sources.binding(callee)
            self._take_in()
        return callee in self.rebound

    def calls_only_named(self, callee: str) -> bool:
        """Does whatever is called so call no function of the user's, but for the one of that name?"""
        if callee in QUIET or callee in SAFE_DECORATORS:
            own = any(map(self.is_rebound, callee.split(".")))
            return not own and not (callee in _COPYING and any(map(self.units_of, _REDUCING)))
        if callee in self.coming:
            return not self.is_rebound(callee) and not self.dispatches(callee)
        return callee in self.defined and not self.is_rebound(callee) and not self.dispatches(callee)

    def dispatches(self, name: str) -> bool:
        """Does this function call whichever was registered with it?"""
        return any(not _DISPATCHING.isdisjoint(unit.decorators) for unit in self.units_of(name))

    def swallows(self, name: str) -> bool:
        """May a context manager of this name swallow what is raised in it?"""
        if name in _SWALLOWING:
            return True
        exits = [*self.units_of("__exit__"), *self.units_of("__aexit__")]
        return any(map(_returns_something, exits)) or any(map(_swallows, self.units_of(name)))

    def may_be_called_unnamed(self, unit: Unit) -> bool:
        """May it be called where its name is not spelled?"""
        return unit.name in self._escapes or ANYTHING in self._escapes or is_dunder(unit.name)

    def may_run_unnamed(self, unit: Unit) -> bool:
        """The same; but of what makes an instance, whether that may be asked of its class where it is not spelled."""
        if unit.name in CONSTRUCTORS and unit.owner is not None and unit.name not in self._escapes:
            return self._made_unnamed.is_one(unit.owner, self._escapes)
        return self.may_be_called_unnamed(unit)

    def may_be_made_unnamed(self, name: str) -> bool:
        """May this class, or one below it, be called where its name is not spelled?"""
        return self.is_rebound(name) or self._made_unnamed.is_one(name, self._escapes)

    def calls_of(self, name: str) -> Iterator[tuple[ModuleNames, ast.Call]]:
        """The calls that spell the name, with the modules in which they stand."""
        for module in self.modules:
            for part in module.parts:
                for item in walk(part.statement.node) if part.spells(name) else ():
                    if isinstance(item, ast.Call) and last_name(item.func) == name:
                        yield module, item

    def is_called_unseen(self, unit: Unit) -> bool:
        """May this method be called where nothing in the source mentions it?"""
        if unit.owner is None or is_dunder(unit.name):
            return is_dunder(unit.name)
        info = self.class_of(unit.owner)
        return self.is_duck(unit.name) or info is None or self.has_foreign_base(info)

    @property
    def ducks(self) -> frozenset[str]:
        """The names of methods that the standard library calls on whatever it is given; `ANYTHING` if by any name."""
        if self._ducks is None:
            found = [names or frozenset((ANYTHING,)) for words, names in PROTOCOLS if self.has_any(words)]
            self._ducks = DUCK.union(*found)
        return self._ducks

    def is_duck(self, name: str) -> bool:
        """Is this one of them?"""
        return not self.ducks.isdisjoint((name, ANYTHING))

    def is_never_called(self, unit: Unit) -> bool:
        """Is it spelled nowhere but where it is defined, and called by nobody who does not spell it?"""
        known = self._uncalled.get(unit.id)
        if known is None:
            self.mention(unit.name)
            unseen = self.may_be_called_unnamed(unit) or self.is_called_unseen(unit) or unit.decorators
            found = not unseen and not self.looks_up_anything() and not self.is_rebound(unit.name)
            self._uncalled[unit.id] = known = found and not any(self._mentions(unit.name))
        return known

    def _mentions(self, name: str) -> Iterator[ast.AST]:
        """Whatever spells the name, but definitions."""
        for module in self.modules:
            for part in module.parts:
                for item in walk(part.statement.node) if part.spells(name) else ():
                    known = [getattr(item, field, None) for field in ("id", "attr", "name", "arg", "asname", "value")]
                    if name in known and not isinstance(item, FunctionNode):
                        yield item

    def is_called_in_passing(self, unit: Unit) -> bool:
        """May the standard library call it with data that passes through?"""
        hooked = unit.name in self._hooked or unit.owner in self._hooked
        return hooked or (unit.name not in CONSTRUCTORS and self.is_called_unseen(unit))

    def has_foreign_base(self, info: ClassInfo, depth: int = 0) -> bool:
        """Does a class that is none of the user's, and not known to call no method, stand above this one?"""
        for base in info.bases:
            if base is None or depth > 20:
                return True
            known = self.class_of(base)
            if known is not None:
                if base != info.name and self.has_foreign_base(known, depth + 1):
                    return True
            elif base not in SAFE_BASES and not hasattr(builtins, base):
                return True
        return False

    def looks_up_anything(self) -> bool:
        """Does the program look names up at run time?"""
        return ANYTHING in self._escapes

    def has_any(self, words: tuple[bytes, ...]) -> bool:
        """Is one of these in any source?"""
        return self._sources.has_any(words)

    def mention(self, name: str) -> None:
        """Take in every module that may spell the name."""
        self._sources.mentioning([name])
        self._take_in()

    def reads_back(self) -> bool:
        """May the program read what it has written itself, and would be without at a cold start?"""
        in_memory = self.has_any((b"BytesIO", b"StringIO")) and self.has_any((b"seek",))
        if self.has_read_back or self.buffers or in_memory or self.has_any(_MADE_EMPTY) or self._keeps_records():
            return True
        return any(map(self.is_rebound, _OF_STREAMS))  # to what fills a container, perhaps

    def _keeps_records(self) -> bool:
        """Is there a handler that puts what is logged somewhere in memory?"""
        queued = self.has_any((b"QueueHandler",)) and not self.has_any((b"QueueListener",))
        return queued or self.has_any((b"MemoryHandler", b"BufferingHandler"))

    def reads_what_is_sent(self) -> bool:
        """May the program have both ends of a stream, as of a pipe, of a child that answers, or of a server of its own?
        What is under way in it, nobody sees."""
        socket = self.has_any((b"socket(",)) and self.has_any((b"connect(", b"connect_ex("))
        connects = socket or self.has_any(_CONNECTS)
        return self.has_any(_BOTH_ENDS) or (connects and self.has_any(_LISTENS))

    def redirects(self) -> bool:
        """May what is printed go elsewhere than to where the program began?"""
        return self.has_any((b"redirect_stdout", b"redirect_stderr")) or any(map(self.is_rebound, ("stdout", "stderr")))

    def is_bound(self, name: str) -> bool:
        """Does the program bind this name somewhere? If nobody does, it is one of the library's."""
        if not name.isidentifier() or self._sources.binds(name):
            return True
        return any(store.binds and store.key == name for flow in self.flows for store in flow.stores)

    def is_emptied(self, name: str) -> bool:
        """Does some module take something out of what goes by this name?"""
        self.mention(name)
        return any(name in module.emptied for module in self.modules)


def private_in(name: str) -> list[str]:
    """What ``_Class__name`` may be called in the class; the class's name may have underscores too."""
    if name[:1] != "_" or name[:2] == "__" or name[-2:] == "__":
        return []
    return [name[at:] for at in range(2, len(name) - 2) if name.startswith("__", at)]


def is_dunder(name: str) -> bool:
    """Is it a name of the language's own, or of its enumerations?"""
    return (name.startswith("__") and name.endswith("__")) or name in ("_missing_", "_generate_next_value_")
