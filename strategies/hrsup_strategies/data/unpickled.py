"""What of the program is called when a file is unpickled: it names the functions and classes that make its objects.

Runs in the user's process. No source says so: it is the file that names them. The file is not loaded for that, and not
parsed either: it is searched for the names, since pickles stand in archives, behind headers, one after the other. A
file that is compressed tells nothing, so it may name everything.
"""

from __future__ import annotations

from types import FunctionType

from hrsup_strategies.data.things import Effect
from hrsup_strategies.reload.codes import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hrsup_strategies.data.repeatable import Repeatable
    from hrsup_strategies.reload.sources import Sources

_UNPICKLING = (b"pickle", b"Unpickler", b"dill", b"joblib", b"unsafe_load", b"UnsafeLoader", b"yaml.Loader")
_DECODING = (b"gzip", b"bz2", b"lzma", b"zlib", b"zipfile", b"b64decode", b"b85decode", b"joblib")
_HOOKS = ("__setstate__", "__new__", "__setattr__", "__setitem__", "__reduce__", "__reduce_ex__", "__getnewargs__")


def check(path: str, modules: dict[str, Any], sources: Sources, repeatable: Repeatable) -> None:
    """Refuse (HR112) if loading this file may call something of the program's that does more than make an object."""
    if not sources.has_any(_UNPICKLING):
        return
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return  # who reads it says what is done then
    opaque = sources.has_any(_DECODING)
    for value in _definitions(modules):
        named = value.__module__.encode() in data and value.__name__.encode() in data
        if (named or opaque) and (reason := _effect_of(value, repeatable)) is not None:
            text = f"unpickling it may call `{value.__name__}`: {reason}"
            raise Refusal("HR112", text, path)


def _definitions(modules: dict[str, Any]) -> Iterator[Any]:
    for module in modules.values():
        for value in list(vars(module).values()):
            if isinstance(value, (type, FunctionType)) and value.__module__ == module.__name__:
                yield value


def _effect_of(value: Any, repeatable: Repeatable) -> str | None:
    try:
        if isinstance(value, FunctionType):
            repeatable.function(value, (value.__code__.co_filename, value.__code__.co_firstlineno))
            return None
        hooks = (name for base in value.__mro__ for name in _HOOKS if isinstance(vars(base).get(name), FunctionType))
        if (found := next(hooks, None)) is not None:
            return f"it has a `{found}`"
        repeatable.made(value, ("", 0))
    except Effect as effect:
        return effect.reason
    return None
