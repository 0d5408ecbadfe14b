"""What the way to the program's start uses instead of slower parts of the standard library. Runs in the supervisor.

`NamedTuple` and `signal` are the usual ones to a type checker. At run time the first is made without ``typing`` (10
ms), the second is the C module below ``signal``, without its enumerations (3 ms): signals and handlers are plain
numbers.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signal
    from typing import NamedTuple as NamedTuple
else:
    import _signal as signal
    from collections import namedtuple

    _OWN = frozenset({"__annotations__", "__module__", "__qualname__"})

    class _Maker(type):
        def __new__(cls, name, bases, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = [namespace[field] for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            made.__annotations__ = namespace.get("__annotations__", {})
            for attribute, value in namespace.items():
                if attribute not in _OWN and attribute not in fields:
                    setattr(made, attribute, value)
            return made

    class _Base:
        def __mro_entries__(self, bases):
            return (type.__new__(_Maker, "NamedTuple", (), {}),)

    NamedTuple = _Base()
    __all__ = ("NamedTuple", "signal")
