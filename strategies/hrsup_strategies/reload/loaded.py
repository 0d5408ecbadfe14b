"""What the program has loaded, as a reload begins from it, and what it finds on disk. Runs in the user's process.

Owns what is kept from one change to the next: the texts of all modules, and the syntax trees of those that were parsed,
in the loaded version alone. Of older versions only those remain whose code somebody may still run.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from functools import partial
from itertools import compress
from posix import stat
from time import time
from types import FunctionType

from hrsup_strategies.content import content_hash
from hrsup_strategies.reload import census, leavings, thinking
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.sources import Sources
from hrsup_strategies.reload.texts import Texts
from hrsup_strategies.reload.version import Version
from hrsup_strategies.reload.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import CodeType, FrameType
    from typing import Any

    from hrsup_strategies.base import Program
    from hrsup_strategies.reload.active import Active

# How a program comes to execute a file in other ways than by importing it once.
_LOADS_BY_ITSELF = (b"runpy", b"exec_module", b"load_module", b"spec_from", b"sys.modules", b"exec(")
# Of these, what may execute it under another name, and a name that a module may give itself.
_NAMES_ANEW = (b"runpy", b"exec_module", b"load_module", b"spec_from")
_NAMES_ITSELF = re.compile(rb"__name__\s*(?::[^\n]*)?=(?!=)|\b(?:as|for|global)\s+__name__|['\"]__name__['\"]")
_SAVED_TOGETHER_S = 1.0
_FUNCTION = frozenset((FunctionType,))

_texts = Texts()
_parsed: dict[str, Version] = {}  # by path; replaced when its bytes differ
_late: set[str] = set()  # paths of modules that a change has imported, or reordered
# By the id of a frame's code, that code and its source: a frame keeps the code that it was started with.
_started_with: dict[int, tuple[CodeType, Version]] = {}
# By path, device and inode of the files of all modules as they were when `_ids` had just these paths.
_ids: dict[str, object] = {}


def work_of(
    program: Program, hashes: dict[str, str | None], make: Callable[..., Work] = Work, used: Collection[str] = ()
) -> Work:
    """A work with the loaded and the new versions, which `make` makes; `used` are further modules that matter. Raises
    Refusal where the files are not what `hashes` says (HR104), do not compile (HR105), or are not loaded just once
    (HR103)."""
    modules = program.modules()
    concerned = {*hashes, *used}
    _check_names(modules, concerned)
    _texts.update({path: program.source(path) for path in modules})
    for path in _parsed.keys() - modules.keys():
        del _parsed[path]
    mains = {path for path, module in modules.items() if _is_main(module)}
    scripts = set(modules) if _texts.with_any(_NAMES_ANEW) else mains
    versions = Sources(_texts, lambda path, data: _version(path, data, _is_script(path, data, scripts)))
    if concerned and versions.has_any(_LOADS_BY_ITSELF):
        _check_copies(modules, concerned)
    new = {}
    for path, wanted in hashes.items():
        if path not in modules:
            continue  # imported by this change, or by nobody
        if wanted is None:
            if _is_there(path) or path in mains:
                raise Refusal("HR104", "the file changed again", path, state="failed")
            new[path] = Version(path, b"", False)
            continue
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise Refusal("HR104", f"it cannot be read any more: {error}", path, state="failed") from None
        if content_hash(data) != wanted:
            raise Refusal("HR104", "the file changed again", path, state="failed")
        new[path] = Version(path, data, _is_script(path, data, scripts), True, versions[path])
    work = make(modules, versions, new, program.load_module)
    work.unload, work.executed = program.unload, partial(_is_known, program)
    work.departures = {path: modules[path].__name__ for path in new if hashes[path] is None}
    work.unloaded = [path for path in hashes if path not in modules]
    work.late = frozenset(_late)
    work.closure.has_read_back = program.reads_back()
    return work


def started_with(frame: FrameType, loaded: Version) -> Version:
    """The source of the code that a frame runs; `loaded` is its module's."""
    _, version = _started_with.get(id(frame.f_code), (None, loaded))
    return version


def remember(work: Work, actives: list[Active]) -> None:
    """The new versions are the loaded ones now; what is active goes on with what it was started with."""
    _forget_ended()
    leavings.remember(work.closure)
    for active in actives:
        code = active.frame.f_code
        _started_with.setdefault(id(code), (code, work.old[active.path]))
    _parsed.update((path, version) for path, version in work.new.items() if path not in work.departures)
    _late.difference_update(work.departures)
    _late.update(work.arrivals, work.reordered - set(work.departures))
    for path in work.diffs:
        work.old[path].forget_code()
    if "linecache" in sys.modules:
        for path in work.new:
            sys.modules["linecache"].cache.pop(path, None)


def code_holders(path: str) -> list[object]:
    """What is kept here of a module that holds code objects."""
    version = _parsed.get(path)
    return version.holders() if version is not None else []


def _forget_ended() -> None:
    """Drop the code that nobody can run any more."""
    codes = [code for code, _ in _started_with.values()]
    held = census.unknown(codes, list(_started_with.values()))
    for key, count in zip(list(_started_with), held, strict=True):
        if not count:
            del _started_with[key]


def _version(path: str, data: bytes, main: bool) -> Version:
    known = _parsed.get(path)
    if known is None or known.data != data or known.main != main:
        thinking.check()
        known = _parsed[path] = Version(path, data, main, before=known)
    return known


def _is_main(module: object) -> bool:
    return getattr(module, "__name__", None) == "__main__"


def _is_script(path: str, data: bytes, scripts: Collection[str]) -> bool:
    """May the module have been executed as ``__main__``?"""
    return path in scripts or _NAMES_ITSELF.search(data) is not None


# -- loaded once -----------------------------------------------------------------------------------------------------


def _check_names(modules: dict[str, Any], hashes: Collection[str]) -> None:
    """A file that is loaded under two names has two sets of objects, of which `modules` shows one."""
    _look_at_files(modules)
    known = {_ids.get(path) or _file_id(path): path for path in hashes}
    names = {os.path.basename(path) for path in hashes}
    endings = tuple(f"/{name}" for name in names)
    for path, identity in _ids.items():
        if identity in known and known[identity] != path:
            raise Refusal("HR103", "the file is loaded under two names", known[identity])
    users = set(map(id, modules.values()))
    for module in list(sys.modules.values()):
        if id(module) in users:
            continue
        name: object = getattr(module, "__dict__", {}).get("__file__")
        if not isinstance(name, str) or not (name.endswith(endings) or name in names):
            continue
        file = name if name in hashes else {_file_id(one): one for one in hashes}.get(_file_id(name))
        if file is not None:
            raise Refusal("HR103", "the file is loaded under two names", file)


def _look_at_files(modules: dict[str, Any]) -> None:
    """Which modules were loaded from one file is asked when there are new ones: a save in one step changes the inode of
    the file, and of all links to it, but not whether they are one."""
    if _ids.keys() != modules.keys():
        _ids.clear()
        _ids.update((path, _file_id(path)) for path in modules)


def _file_id(path: str) -> object:
    try:
        status = stat(path)  # not `os.stat`, which is observed
    except OSError:
        return path
    return status.st_dev, status.st_ino


def _check_copies(modules: dict[str, Any], hashes: Collection[str]) -> None:
    """Functions of a changed file whose globals are not its module's are of another execution of it."""
    spaces = {path: vars(modules[path]) for path in hashes if path in modules}
    everything = gc.get_objects()
    for item in compress(everything, map(_FUNCTION.__contains__, map(type, everything))):
        code = item.__code__
        if code.co_filename in spaces and item.__globals__ is not spaces[code.co_filename]:
            raise Refusal("HR103", "the file was executed more than once", code.co_filename, code.co_firstlineno)


# -- on disk ---------------------------------------------------------------------------------------------------------


def check_disk(
    program: Program,
    hashes: dict[str, str | None],
    arrivals: dict[str, bytes],
    behind: dict[str, str | None],
) -> None:
    """Refuse (HR104) if the files changed since, or others did: of files saved together one may have been seen late,
    and what is new on disk belongs to this change. `arrivals` are modules that were imported just now; of those that
    are `behind` this version differs from the loaded one in nothing that matters."""
    for path, data in arrivals.items():
        if program.source(path) != data:
            raise Refusal("HR104", "the file changed again", path, state="failed")
    for path, wanted in hashes.items():
        if _hash_of(path) != wanted:
            raise Refusal("HR104", "the file changed again", path, state="failed")
    since = time() - _SAVED_TOGETHER_S
    for path in program.modules():
        try:
            if stat(path).st_mtime < since or path in hashes:
                continue
            with open(path, "rb") as file:
                same = file.read() == program.source(path)
        except OSError:
            continue
        if not same and not (path in behind and _hash_of(path) == behind[path]):
            raise Refusal("HR104", "another file changed meanwhile", path, state="failed")


def _hash_of(path: str) -> str | None:
    """The content hash of a file; None if it is not there. Raises OSError where it cannot be read."""
    if not _is_there(path):
        return None
    with open(path, "rb") as file:
        return content_hash(file.read())


def _is_known(program: Program, path: str) -> bool:
    try:
        program.source(path)
    except KeyError:
        return False
    return True


def _is_there(path: str) -> bool:
    try:
        stat(path)  # not `os.path.exists`, which is observed
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
