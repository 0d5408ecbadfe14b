"""Named tuples without ``typing``, which would cost the start of every program 10 ms. Runs in the supervisor.

`NamedTuple` here is what ``typing.NamedTuple`` is to a type checker, and at run time the same thing made by hand.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
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
