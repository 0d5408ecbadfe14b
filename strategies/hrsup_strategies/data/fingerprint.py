"""Is a value still what it was? A fingerprint of everything that can be changed about it, taken without running any of
the program's code. Runs in the user's process.

What is plain data to the end has one: numbers, text and containers of them, arrays, and objects that keep all they have
in a ``__dict__``. What keeps something where it cannot be seen (a file's position, a generator, most of what is written
in C) has none, and nothing can be said of it.
"""

from __future__ import annotations

import marshal
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from hrsup_strategies.content import content_hash
from hrsup_strategies.data.places import is_users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIMIT_NODES = 50_000
_LIMIT_BYTES = 32 * 1024 * 1024
_HEAP_TYPE = 1 << 9
_IMMUTABLE = frozenset(
    (
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone"),
        *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "re.Pattern", "builtins.range", "zoneinfo.ZoneInfo"),
    )
)
_PATHS = frozenset(("pathlib", "pathlib._local"))
# Third-party objects that say all of their state when they are pickled, and run none of the program's code for it.
_TOLD = frozenset(("numpy", "pandas", "scipy", "sklearn"))
_REFERENCES = (type, FunctionType, BuiltinFunctionType, ModuleType, MethodType)


class _Unknown(Exception):
    """Nothing can be said of a part of the value."""


def fingerprint(value: Any) -> str | None:
    """The same as long as the value has not been changed, in whatever depth; None if that cannot be said."""
    try:
        return content_hash(marshal.dumps(value, 2))
    except (ValueError, TypeError, BufferError, RuntimeError):
        pass
    try:
        plain: Any = _Walk().plain(value)
        data = marshal.dumps(plain, 2)
    except (_Unknown, ValueError, TypeError, BufferError, RuntimeError):  # too deep, or a thread changes it just now
        return None
    return content_hash(data) if len(data) <= _LIMIT_BYTES else None


class _Walk:
    """Turns a value into what ``marshal`` takes. What was met before is named by its number, so circles end."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []  # ids must stay unique

    def plain(self, value: Any) -> object:
        kind = type(value)
        if value is None or kind in (bool, int, float, complex, str, bytes):
            return value
        if isinstance(value, _REFERENCES) or kind is object:
            return ("is", id(value))
        if id(value) in self._seen:
            return ("seen", self._seen[id(value)])
        if len(self._seen) > _LIMIT_NODES:
            raise _Unknown
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        return (id(kind), self._content(value, kind))

    def _content(self, value: Any, kind: type) -> object:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if kind in (list, tuple):
            return [self.plain(item) for item in value]
        if kind is dict:
            return self._items(value)
        if kind in (set, frozenset):
            return [self.plain(item) for item in value]
        if name in _IMMUTABLE:
            return repr(value)
        if kind.__module__ in _PATHS and kind.__qualname__ in ("PosixPath", "PurePosixPath"):
            return str(value)
        if type(kind).__name__ == "EnumType":
            return id(value)
        if kind.__module__.partition(".")[0] in _TOLD and not _is_pythons(kind):
            return _pickled(value)
        return self._object(value, kind)

    def _object(self, value: Any, kind: type) -> object:
        """An object with a ``__dict__``, perhaps on top of a container."""
        parts: list[object] = []
        base: Any
        for base in kind.__mro__:
            if base is object or (base.__flags__ & _HEAP_TYPE and not _has_slots(base) and base.__module__ != "_io"):
                continue
            if base is dict or base.__qualname__ in ("OrderedDict", "defaultdict"):
                parts.append(self._items(value))
            elif base in (list, tuple) or (base.__qualname__ == "deque" and base.__module__ == "collections"):
                parts.append([self.plain(item) for item in base.__iter__(value)])
            elif base.__qualname__ not in ("SimpleNamespace", "Generic"):
                raise _Unknown
        try:
            attributes = object.__getattribute__(value, "__dict__")
        except AttributeError:
            attributes = {}
        if type(attributes) is not dict:
            raise _Unknown
        return [*parts, self._items(attributes)]

    def _items(self, value: dict[Any, Any]) -> object:
        return [(self.plain(key), self.plain(item)) for key, item in dict.items(value)]


def _is_pythons(kind: type) -> bool:
    """Does everything of the class lie in its ``__dict__``?"""
    return all(base is object or (base.__flags__ & _HEAP_TYPE and not _has_slots(base)) for base in kind.__mro__) and (
        kind.__module__.partition(".")[0] not in ("pandas", "numpy")
    )


def _has_slots(base: type) -> bool:
    slots = base.__dict__.get("__slots__", ())
    names = [slots] if isinstance(slots, str) else slots
    return any(name not in ("__dict__", "__weakref__") for name in names)


def _pickled(value: object) -> str:
    import io
    import pickle

    class Told(pickle.Pickler):
        """Refuses whatever is not of the packages that are known."""

        def reducer_override(self, item: Any) -> Any:
            kind = item if isinstance(item, (type, FunctionType)) else type(item)
            file = getattr(sys.modules.get(kind.__module__), "__file__", None)
            if kind.__module__ == "__main__" or (isinstance(file, str) and is_users(file)):
                raise _Unknown  # pickling it may run the program's code
            return NotImplemented

    file = io.BytesIO()
    try:
        Told(file, 5).dump(value)
    except Exception:
        raise _Unknown from None
    return content_hash(file.getvalue())
