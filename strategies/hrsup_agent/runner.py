"""Runs the program as plain ``python`` would. Runs in every program process; owns `__main__` from start to end.

`prepare` puts everything back to what plain python would have given the program (argv, orig_argv, path) and returns the
function that runs it, to be called with an empty stack (see `bootstrap`). What happens when the program's code is over
is in `ending`.

What a program could still notice: `hrsup_agent` and `hrsup_strategies` in ``sys.modules``, one more descriptor, one
level less of recursion, one more line in a dump of faulthandler, and what `observe` adds.
"""

from __future__ import annotations

import sys
from _frozen_importlib import BuiltinImporter
from _frozen_importlib_external import MAGIC_NUMBER, PathFinder, SourceFileLoader, SourcelessFileLoader

from hrsup_agent import ending, script, wire
from hrsup_agent.agent import MAIN, WORKER, Agent
from hrsup_agent.hidden import hide
from hrsup_agent.tracing import AtEnd, Tracing, paused_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any, NoReturn

    Entry = tuple[Callable[..., object], tuple[object, ...]]

ModuleClass: type[ModuleType] = type(sys)
FunctionClass: Any = type(hide)
finder: Any = PathFinder
original_excepthook: Any = sys.excepthook  # a sitecustomize may have set its own


class Target:
    """What is to be run. `word` is the script's path as it was typed, the module's name, or the code."""

    __slots__ = ("argv", "kind", "path", "word")

    def __init__(self, kind: str, word: str, argv: list[str], path: str | None = None) -> None:
        self.kind, self.word, self.argv, self.path = kind, word, argv, path


def prepare(address: str, words: list[str]) -> Callable[..., None]:
    """Connect to the supervisor (unless `address` is ``-``) and return the excepthook that runs the program.

    After ``once:`` in `address` no layers are taken, since nobody will go back to one; a worker's begins with the
    folder of its coordinator's versions and ``::``. After ``image:N:`` this is a worker image (see
    `hrsup_agent.warm`), with its coordinator at descriptor N. Raises OSError if nobody listens there.
    """
    image, address = _image(address)
    once, address = address.startswith("once:"), address.removeprefix("once:")
    coordinator, _, address = address.rpartition("::")
    if not words or words[0] == "-":
        _become_plain_python(words)
    if address != "-":
        from hrsup_strategies import execv

        execv.record()
    target = _parse(words)
    sys.orig_argv[-(len(words) + 3) :] = words
    sys.argv[:] = target.argv
    _put_path(target)
    from hrsup_agent import children

    agent = Agent(None if address == "-" else address, WORKER if children.is_worker(words) else MAIN)
    agent.kind, agent.path, agent.coordinator = target.kind, target.path, coordinator or None
    if agent.address is not None:
        from hrsup_agent import link, observe

        agent.link = link.Link(agent.address) if image else link.connect(agent.address, agent.role)
        observe.install(agent)
        children.install(agent)
        if agent.role == MAIN and not once:
            from hrsup_strategies.checkpoint import layers

            host: Any = agent  # its table holds functions, which pyright takes for methods
            agent.shared["layers"] = layers.install(
                host, agent.shared["modules"].sources, agent.shared["files"].effects
            )
    if target.kind in ("module", "folder"):
        from hrsup_agent import modules  # noqa: F401 (loaded while the program does not see what it imports)
    return _program(agent, target, words, image)


def _image(address: str) -> tuple[int, str]:
    """The descriptor in the LINK of a worker image, or 0, and the rest."""
    if not address.startswith(wire.IMAGE):
        return 0, address
    number, _, rest = address.removeprefix(wire.IMAGE).partition(":")
    return int(number), rest


def _parse(words: list[str]) -> Target:
    first, rest = words[0], words[1:]
    for flag, kind in (("-c", "command"), ("-m", "module")):
        if first == flag:
            return Target(kind, rest[0], [flag, *rest[1:]])
        if first.startswith(flag):
            return Target(kind, first[2:], [flag, *rest])
    path = _absolute(first)
    # As the interpreter does: what a path hook accepts is a folder or a zip file, whatever its name.
    kind = "script" if finder._path_importer_cache(path) is None else "folder"
    return Target(kind, first, words, path)


def _absolute(path: str) -> str:
    """The path as the interpreter makes it absolute: not normalised."""
    import posix

    if path.startswith("/"):
        return path
    try:
        folder = posix.getcwd()
    except OSError:
        return path
    return folder if path == "." else folder + "/" + path


def _put_path(target: Target) -> None:
    """Put the program's own ``sys.path[0]`` in the place of bootstrap's."""
    if sys.flags.safe_path:
        if target.kind == "folder":
            sys.path.insert(0, target.path or "")
        return
    del sys.path[0]
    if target.kind == "command":
        sys.path.insert(0, "")
    elif target.kind == "folder":
        sys.path.insert(0, target.path or "")
    else:
        import os

        if target.kind == "script":
            sys.path.insert(0, os.path.dirname(os.path.realpath(target.word)))
        else:
            try:
                sys.path.insert(0, os.getcwd())
            except OSError:
                pass


def _become_plain_python(words: list[str]) -> NoReturn:
    """A program that is typed in has no file that could change, so it needs no agent."""
    import os

    os.execv(sys.executable, [*sys.orig_argv[: -len(sys.argv)], *words])


def _forked(agent: Agent, words: list[str], image: int) -> Target:
    """Be a worker image; what a worker that was forked from it is to run."""
    from hrsup_agent.warm import image as images

    _new_main(BuiltinImporter)
    target = _parse(images.serve(agent, words, image))
    sys.argv[:] = target.argv
    agent.kind, agent.path = target.kind, target.path
    return target


def _program(agent: Agent, given: Target, words: list[str], image: int) -> Callable[..., None]:
    @hide
    def run(*_: object) -> None:
        sys.excepthook = original_excepthook
        ending.forget_last_error()
        target = _forked(agent, words, image) if image else given
        failure: BaseException | None = None
        tracing = Tracing()
        at_end = AtEnd(tracing.resume)  # noqa: F841 (lives as long as this frame)
        entry: Any = None
        try:
            entry = load(agent, target)
        except BaseException as error:  # shown as the interpreter shows it, without the frames of `load`
            failure = error.with_traceback(None)
        if failure is None:
            try:
                paused_after(entry[0], entry[1], tracing)()
            except BaseException as error:
                failure = error
            # Else this frame would keep the script's namespace alive while the interpreter shuts down.
            del entry
        ending.finish(agent, target.kind, failure, tracing)

    return run


def load(agent: Agent, target: Target) -> Entry:
    """Make `__main__`, and say which function with which arguments runs the program.

    Raises SystemExit for a script that cannot be opened, SyntaxError and ValueError for one that cannot be compiled.
    """
    if agent.link is not None:
        agent.link.send({"type": "main", "path": target.path, "kind": target.kind, "argv": target.argv})
    if target.kind == "command":
        main = _new_main(BuiltinImporter)
        agent.before_user_code("__main__", None)
        return _entry(script.compile_command(target.word), main)
    if target.kind == "script":
        return _load_script(agent, target)
    _new_main(BuiltinImporter)
    agent.before_user_code("__main__", None)
    from hrsup_agent import modules

    return modules.entry(agent, target.word if target.kind == "module" else None)


def _new_main(loader: Any) -> ModuleType:
    """A `__main__` as it is in a new interpreter, in place of bootstrap's."""
    import builtins

    main = ModuleClass("__main__")
    main.__loader__ = loader
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    main.__dict__["__builtins__"] = builtins
    if sys.modules.get("__mp_main__") is sys.modules["__main__"]:  # multiprocessing is there already: a forked worker
        sys.modules["__mp_main__"] = main
    sys.modules["__main__"] = main
    return main


def _entry(code: CodeType, main: ModuleType) -> Entry:
    """Calling a function made from the code is ``exec`` with one level of recursion less."""
    return FunctionClass(code, main.__dict__), ()


def _load_script(agent: Agent, target: Target) -> Entry:
    path = target.path or ""
    main = _new_main(None)
    main.__file__ = path
    main.__cached__ = None  # type: ignore[attr-defined]
    agent.before_user_code("__main__", path)
    source = _read(agent, path)
    if _is_compiled(path, source):
        import marshal

        main.__loader__ = SourcelessFileLoader("__main__", path)
        return _entry(marshal.loads(source[16:]), main)
    main.__loader__ = SourceFileLoader("__main__", path)
    code = script.compile_script(agent, path, source)
    agent.loaded("__main__", path, source)
    return _entry(code, main)


def _read(agent: Agent, path: str) -> bytes:
    try:
        return script.read(agent, path)
    except OSError as error:
        sys.stderr.write(f"{sys.orig_argv[0]}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        raise SystemExit(2) from None


def _is_compiled(path: str, source: bytes) -> bool:
    is_magic = source[:2] == MAGIC_NUMBER[:2]
    if path.endswith(".pyc") and not is_magic:
        raise RuntimeError("Bad magic number in .pyc file")
    return is_magic
