"""Methods that only the program's classes have: whose method is called is known by its name. User's process.

``report.add(name, text)`` looks like what is done to a container of the library's, which keeps what it is given. Where
nothing that is alive takes such a call but objects of classes that the program defines, what becomes of the arguments
is in the bodies of these methods, which are followed like any other.

Whose the method may be is asked of the process: every class there is, and whether anything of it is alive. What an
object that is gone by then has kept is gone with it.
"""

from __future__ import annotations

import sys
from collections import deque
from types import FunctionType, ModuleType

from hrsup_strategies.reload.attributes import is_set_by_others
from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.gone import instances
from hrsup_strategies.reload.known import KEEPS_NOTHING, words
from hrsup_strategies.reload.namespaces import loaded_as

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.flows import Store

# Packages whose objects answer to any name.
_ANSWERING = frozenset(("ctypes", "cffi", "unittest", "mock", "xmlrpc", "tkinter"))
_HOOKS = ("__getattr__", "__getattribute__", "__class_getitem__", "__prepare__")
_GUESTS = frozenset(("hrsup_agent", "hrsup_strategies"))
_OPERATIONS = frozenset(("operator", "_operator", "math", "cmath"))  # modules whose functions compute
_COLLECTED, _WRITTEN = 1 << 14, 1 << 9  # flags of a class: its instances are known to the collector, it is no builtin
# Of builtin containers, methods that take one argument; not every version of Python says so.
_OF_ONE, _ONE = (set, list, deque), words("add append appendleft extend extendleft remove discard")
_ANY_NUMBER = 1 << 2  # of a code object: it takes as many arguments as it is given


class OwnMethods:
    """Answers for one closure. Before everybody is at his boundary (`there` is False), what may be gone by then is."""

    def __init__(self, closure: Closure, there: bool) -> None:
        self._closure, self._there = closure, there
        self._known: dict[tuple[str, int | None], bool] = {}
        self._modules: set[str] = set()

    def are_called(self, store: Store) -> bool:
        """Is the method by which `store` was reached one of the program's, whatever object it is called of?"""
        if store.call is None or not self._closure.units_of(store.call[0]):
            return False
        if store.call not in self._known:
            self._known[store.call] = self._is_own(*store.call)
        return self._known[store.call]

    def _is_own(self, name: str, number: int | None) -> bool:
        closure = self._closure
        closure.take_all()
        self._modules = loaded_as(closure)
        if closure.looks_up_anything() or closure.keeps_unknown or not closure.calls_only_named(name):
            return False
        if not _ANSWERING.isdisjoint(closure.imports()) or any(map(closure.units_of, _HOOKS)):
            return False
        if any(_takes(function, number, False) for function in self._functions_of_modules(name)):
            return False
        others = [kind for kind in derived([object]) if name in vars(kind) and not self._defines(kind, name)]
        others = [kind for kind in others if _takes(vars(kind)[name], number, True)]
        known = all(kind.__flags__ & _COLLECTED and kind.__flags__ & _WRITTEN for kind in others)
        if not known or not self._there:
            return known
        return not (others and instances({*derived(others)})) and not is_set_by_others(self._modules, name)

    def _functions_of_modules(self, name: str) -> list[Any]:
        """What goes by the name in modules that are none of the program's, and may keep what it is given."""
        quiet = KEEPS_NOTHING | _GUESTS | _OPERATIONS
        modules = [one for path, one in _others(self._modules) if path.partition(".")[0] not in quiet]
        found = [vars(module)[name] for module in modules if name in vars(module)]
        return [item for item in found if callable(item) and not isinstance(item, type)]

    def _defines(self, kind: type, name: str) -> bool:
        """Is it a class of the program's, or a guest, and the method one that its sources have?"""
        if kind.__module__.partition(".")[0] in _GUESTS:
            return True
        value = vars(kind)[name]
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        module = sys.modules.get(kind.__module__)
        own = kind.__module__ in self._modules and module is not None and type(function) is FunctionType
        return own and function.__globals__ is vars(module) and function.__code__.co_name == name


def _others(own: set[str]) -> list[tuple[str, ModuleType]]:
    """The loaded modules but for these, each with its name."""
    return [(name, one) for name, one in list(sys.modules.items()) if name not in own and isinstance(one, ModuleType)]


def _takes(value: Any, number: int | None, of_class: bool) -> bool:
    """May something that a module, or a class, has under a name be called with so many arguments by place?"""
    if number is None:
        return True
    number += of_class and not isinstance(value, staticmethod)
    function = getattr(value, "__func__", value)
    if type(function) is FunctionType:
        code = function.__code__
        least = code.co_argcount - len(function.__defaults__ or ())
        return least <= number and (number <= code.co_argcount or bool(code.co_flags & _ANY_NUMBER))
    if getattr(value, "__objclass__", None) in _OF_ONE and value.__name__ in _ONE:
        return number == 2
    text = getattr(value, "__text_signature__", None)
    if not isinstance(text, str) or "*" in text:
        return True
    names = [item.strip() for item in text.strip("()").split(",")]
    named = [item for item in names if item not in ("", "/", "$module")]
    return len([item for item in named if "=" not in item]) <= number <= len(named)
