"""User modules, loaded from verified content: what is compiled is what was read and hashed, never a .pyc.

Runs in the user's process. The problem: a .pyc is validated by whole-second mtime and size, so a same-size edit within
a second runs old code; we must know the bytes that were compiled, be called before they are read (layers) and around
the module's body, and the program may not notice. A loader or a meta path finder of our own is visible in
``__loader__``, ``__spec__`` and tracebacks, and misses what uses ``SourceFileLoader`` by hand.

The solution: three functions of the frozen import system get new *code*, while the function objects stay:

* ``SourceFileLoader.path_stats``, called by ``get_code`` just before it looks for a .pyc, raises OSError for a user's
  module: ``get_code`` then neither reads nor writes one. That is the moment for layers, too.
* ``FileLoader.get_data`` shows us the bytes that ``get_code`` is going to compile.
* ``_call_with_frames_removed`` is what executes bodies; it is the name by which the interpreter trims tracebacks.

The new code has the file name, the name and the line numbers of the old, so tracebacks are what they were, those with
import system frames in them included. Our functions are reached through constants: no name is added anywhere.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import _call_with_frames_removed  # type: ignore[attr-defined]  # pyright: ignore
from _frozen_importlib_external import FileLoader, SourceFileLoader
from _thread import _local
from time import monotonic

from hrsup_agent import wire
from hrsup_agent.agent import WORKER
from hrsup_agent.observe import places
from hrsup_agent.observe.foreign import ForeignModules
from hrsup_agent.versions import Versions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

    from hrsup_agent.agent import Agent

_abspath = os.path.abspath


def install(agent: Agent) -> UserModules:
    """Observe imports from now on. ``agent.before_user_code`` is called before the source of a user module is read; in
    a continuation it returns once more, and the source is read after that."""
    modules = UserModules(agent)
    _replace(
        SourceFileLoader.path_stats,
        ["def path_stats(self, path):", "st = _path_stat(path)", "return {'mtime': st.st_mtime, 'size': st.st_size}"],
        {"found": modules._found},
        "found(self, path)",
    )
    _replace(
        FileLoader.get_data,
        [
            "def get_data(self, path):",
            "if isinstance(self, (SourceLoader, ExtensionFileLoader)):",
            " with _io.open_code(str(path)) as file:",
            "  return read(self, path, file.read())",
            " with _io.FileIO(path, 'r') as file:",
            "  return file.read()",
        ],
        {"read": modules._read},
        "",
        "else:",
    )
    _replace(
        _call_with_frames_removed,
        ["def _call_with_frames_removed(f, *args, **kwds):", " return f(*args, **kwds)"],
        {"enter": modules._enter, "leave": modules._leave},
        "token = enter(args) if f is exec else None",
        "try:",
        ["finally:", " if token is not None: leave(token)"],
    )
    return modules


class _Body:
    """A module whose body is being executed. `start` moves on with time that is not its own (`others`: nested ones)."""

    __slots__ = ("code", "inside", "name", "namespace", "others", "start", "used", "users")

    def __init__(self, name: str, code: CodeType, users: bool, inside: bool) -> None:
        self.name, self.code, self.users = name, code, users
        self.namespace: dict[str, Any] | None = None  # of a user module
        self.used = 0  # how many uses of data there had been when it began
        self.inside = inside  # third-party code has imported it
        self.start, self.others = monotonic(), 0.0


class _Stack(_local):
    """The bodies that are being executed by one thread, outermost first."""

    def __init__(self) -> None:
        self.bodies: list[_Body] = []
        self.foreign = False  # inside third-party code
        self.pristine = False


class UserModules:
    """The user modules of this process and their sources. One per process, forks inherit it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._sources: dict[str, bytes] = {}
        self._paths: dict[str, str] = {}
        self.versions = Versions(agent, agent.address or "", agent.coordinator, self.sources)
        self._stack = _Stack()
        self._foreign = ForeignModules(agent.role == WORKER)

    def loaded(self, name: str, path: str, source: bytes) -> None:
        """These bytes are what runs (now, or in a moment) under that name; the supervisor is told."""
        path = _abspath(path)
        self._foreign.user_code()
        self._sources[path] = source
        self._paths[name] = path
        self.versions.publish(path, source)
        self._agent.link.send(
            {
                "type": "module",
                "name": name,
                "path": path,
                "hash": wire.content_hash(source),
                "importer": self.importing(),
                "package": path.endswith("/__init__.py"),
            }
        )

    def unloaded(self, path: str, instead: str | None) -> None:
        """This file is not what runs under any name; its names stand for the file `instead`, or for none."""
        if self._sources.pop(path, None) is None:
            return
        for name in [name for name, own in self._paths.items() if own == path]:
            del self._paths[name]
            if instead is not None:
                self._paths[name] = instead
        self.versions.withdraw(path)
        self._agent.link.send({"type": "unloaded", "path": path})

    def source(self, path: str) -> bytes:
        """The bytes that the loaded version was compiled from. Raises KeyError if it is not a loaded user module."""
        return self._sources[path]

    def importing(self) -> str | None:
        """The user module whose body is being executed by this thread, innermost; None in the run."""
        for body in reversed(self._stack.bodies):
            if body.users:
                return body.name
        return None

    def paths(self) -> dict[str, str]:
        """Module name -> path of every user module read so far, ``__main__`` included."""
        return dict(self._paths)

    def sources(self) -> dict[str, bytes]:
        """Path -> bytes of every user module read so far."""
        return dict(self._sources)

    def begin_anew(self, coordinator: str | None) -> None:
        """This process is a new worker: nothing of the user's is loaded, and nothing has been said yet."""
        self._sources, self._paths = {}, {}
        self._stack, self._foreign = _Stack(), ForeignModules(worker=True)
        self.versions.follow(coordinator)

    def runs_main(self, code: CodeType) -> None:
        """This is the code of the script, which a worker runs as ``__mp_main__``, behind the import system's back."""
        self._foreign.runs_main(code)

    def handed_over(self, names: list[str]) -> None:
        """These third-party modules, whose imports were named in this order, have just appeared together."""
        try:
            pristine = self._foreign.begin(sys._getframe(1))
            for name in names:
                if self._foreign.first(name):
                    self._say_foreign(name, pristine, getattr(sys.modules.get(name), "__file__", None))
            self._foreign.end()
        except Exception as error:
            self._failed("import", error)

    # What the import system calls.

    def _found(self, loader: Any, path: str) -> None:
        """Called by path_stats. Raises OSError for a user's module that is about to be loaded."""
        caller = sys._getframe(2)
        if caller.f_code.co_name != "get_code" or not places.is_users(path):
            return
        if not _is_main(caller):  # else the runner loads it, and says so
            start = monotonic()
            try:
                self._agent.before_user_code(loader.name, _abspath(path))
            except Exception as error:
                self._failed("before_user_code", error)
            waited = monotonic() - start  # a continuation has slept in there
            for body in self._stack.bodies:
                body.start += waited
        raise OSError("loaded from its source")

    def _read(self, loader: Any, path: str, data: bytes) -> bytes:
        """Called by get_data with what it read."""
        if isinstance(loader, SourceFileLoader) and path == loader.path and places.is_users(path):
            caller = sys._getframe(2)
            if caller.f_code.co_name == "get_code" and not _is_main(caller):
                found = self.versions.find(_abspath(path))
                data = data if found is None else found
                self.loaded(loader.name, path, data)
        return data

    def _enter(self, arguments: tuple[Any, ...]) -> _Body | None:
        """Called before a module's body runs, with the arguments of ``exec``."""
        try:
            code, namespace = arguments
            path, name = code.co_filename, namespace["__name__"]
            if not path.startswith("/"):
                path = _abspath(path)
            kind = places.kind_of(path)
            if kind == places.USERS:
                body = self._push(name, code, True)
                body.namespace, body.used = namespace, self._used()
                return body
            if kind == places.FOREIGN:
                return self._enter_foreign(name, code, path)
        except Exception as error:
            self._failed("import", error)
        return None

    def _enter_foreign(self, name: str, code: CodeType, path: str) -> _Body | None:
        stack = self._stack
        outer = not stack.foreign
        # What third-party code imports by itself comes with it again; of that, only the packages are named.
        if not outer and "." in name:
            return None
        is_first = self._foreign.first(name)
        if not outer and not is_first:
            return None
        if outer:
            stack.pristine = self._foreign.begin(sys._getframe(2))
        if is_first:
            self._say_foreign(name, stack.pristine, path)
        if not outer:
            return None
        return self._push(name, code, False)

    def _say_foreign(self, name: str, pristine: bool, path: str | None) -> None:
        """Where it may be imported beforehand, it is said, too, what an image needs to do so in the same way."""
        where: dict[str, object] = {}
        if pristine:
            where["argv"] = list(sys.argv)
            if self._agent.role == WORKER:
                where["sys_path"] = list(sys.path)
        self._agent.link.send({"type": "foreign", "name": name, "path": path, "pristine": pristine, **where})

    def _push(self, name: str, code: CodeType, users: bool) -> _Body:
        stack = self._stack
        body = _Body(name, code, users, stack.foreign)
        if users and stack.foreign:
            self._foreign.taint()  # what the user's code does in there cannot be told from what surrounds it
        stack.foreign = not users
        stack.bodies.append(body)
        return body

    def _leave(self, body: _Body) -> None:
        """Called when that body has ended, in whatever way."""
        try:
            stack = self._stack
            stack.bodies.remove(body)
            stack.foreign = body.inside
            seconds = monotonic() - body.start
            outer = next((other for other in reversed(stack.bodies) if other.users), None)
            if outer is not None:
                outer.others += seconds
            if not body.users:
                self._foreign.end()
                self._agent.link.send({"type": "foreign_imported", "name": body.name, "seconds": round(seconds, 6)})
                return
            self._foreign.ended(body.code)
            if body.namespace is not None and body.used != self._used():
                self._agent.shared["made"].module(_abspath(body.code.co_filename), body.namespace)
            self._agent.link.send(
                {
                    "type": "imported",
                    "name": body.name,
                    "seconds": round(seconds, 6),
                    "self_seconds": round(max(0.0, seconds - body.others), 6),
                }
            )
        except Exception as error:
            self._failed("import", error)

    def _used(self) -> int:
        """How many uses of data there were so far."""
        watch = self._agent.shared.get("files")
        return 0 if watch is None else watch.uses.count

    def _failed(self, where: str, error: Exception) -> None:
        """A fault of ours must not be the program's; whoever decides must know that something was not seen."""
        self._agent.link.send({"type": "opaque", "reason": f"hrsup: {where}: {type(error).__name__}: {error}"})


def _is_main(get_code: FrameType) -> bool:
    """Is ``get_code`` called by ``python -m`` (or for a folder)? The runner then reads the file again, itself."""
    frame: FrameType | None = get_code.f_back
    for _ in range(4):
        if frame is None:
            return False
        if frame.f_code.co_name == "_run_module_as_main" and frame.f_globals.get("__name__") == "runpy":
            return True
        frame = frame.f_back
    return False


def _replace(
    function: Any,
    statements: list[str],
    constants: dict[str, object],
    first: str = "",
    before_last_block: str = "",
    after: list[str] | None = None,
) -> None:
    """Give `function` new code whose `statements` are on the lines of the old; `first` follows the ``def``,
    `before_last_block` precedes what is on the last block's first line. The `constants` become locals."""
    old: CodeType = function.__code__
    numbers = sorted({line for _, _, line in old.co_lines() if line})
    if len(numbers) != len(statements):
        raise RuntimeError(f"{old.co_name} is not as it was in Python 3.11 to 3.13")
    lines = dict(zip(numbers, [statements[0], *(" " + text for text in statements[1:])], strict=True))
    assignments = "; ".join(f"{name} = 'hrsup:{name}'" for name in constants)
    lines[numbers[0] + 1] = f" {assignments}{'; ' + first if first else ''}"
    if before_last_block:
        lines[numbers[-1 if after else -2] - 1] = " " + before_last_block
    for offset, text in enumerate(after or (), 1):
        lines[numbers[-1] + offset] = " " + text
    # Compiled as if it began on line 1, since a thousand empty lines before it would take a millisecond to read; the
    # table of lines is relative to the first one.
    source = "\n".join(lines.get(number, "") for number in range(numbers[0], max(lines) + 1))
    namespace: dict[str, Any] = {}
    exec(compile(source, old.co_filename, "exec", dont_inherit=True), namespace)
    new: CodeType = namespace[old.co_name].__code__
    values = {f"hrsup:{name}": value for name, value in constants.items()}
    function.__code__ = new.replace(
        co_consts=tuple(values.get(value, value) if isinstance(value, str) else value for value in new.co_consts),
        co_qualname=old.co_qualname,
        co_firstlineno=numbers[0],
    )
