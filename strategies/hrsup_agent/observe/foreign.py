"""Which third-party modules could be imported before the program starts, without the program noticing.

Runs in the user's process; owns what is known of the program's start-up. A third-party module is *pristine* if, when
its body began, everything that third-party code commonly looks at was as at the start (environment, search path,
working folder, warning filters), or had been changed by pristine modules only, and no user code had done anything but
define things: a module-level statement such as ``matplotlib.use("Agg")`` or ``os.environ["X"] = "1"`` must come first
again.
"""

from __future__ import annotations

import _warnings
import os
import sys

from hrsup_agent.observe import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Any

_OPTIMIZED = 1  # co_flags: a function, not a module or class body
# Calls whose effect is compared anyway.
_HARMLESS = frozenset({"filterwarnings", "simplefilter"})
# By version: POP_TOP, calls, stores and deletes, LOAD_ATTR and LOAD_METHOD, LOAD_NAME, STORE_SUBSCR, EXTENDED_ARG.
_OPCODES: dict[tuple[int, int], tuple[int, frozenset[int], frozenset[int], frozenset[int], int, int, int]] = {
    (3, 11): (1, frozenset({171, 142}), frozenset({95, 60, 61, 96}), frozenset({106, 160}), 101, 60, 144),
    (3, 12): (1, frozenset({171, 142}), frozenset({95, 60, 61, 96}), frozenset({106, 262}), 101, 60, 144),
    (3, 13): (32, frozenset({53, 57, 54}), frozenset({108, 39, 9, 63}), frozenset({82, 259}), 92, 39, 71),
}


class ForeignModules:
    """Follows the imports of third-party modules, in order."""

    def __init__(self, worker: bool = False) -> None:
        self._worker = worker
        self._prepared = not worker  # a pool's library sets a worker's search path before any code of the user's runs
        self._main_acts = False  # does a worker's ``__mp_main__`` do something before what it guards by its name?
        self._seen: set[str] = set()
        # Instructions and names of user modules that have ended and were not yet looked at. Their code as a whole would
        # hold the code of all their functions, for ever where no third-party module follows.
        self._bodies: list[tuple[bytes, tuple[str, ...]]] = []
        self._tainted = False
        self._state = _state()

    def ended(self, body: CodeType) -> None:
        """The body of a user module has run."""
        if not self._tainted:
            self._bodies.append((body.co_code, body.co_names))

    def first(self, name: str) -> bool:
        """Is it the first time that this module is met?"""
        if name in self._seen:
            return False
        self._seen.add(name)
        return True

    def taint(self) -> None:
        """From now on no import is pristine."""
        self._tainted = True

    def begin(self, frame: FrameType | None) -> bool:
        """An import of third-party code begins under `frame`, not inside another one. Is it pristine?"""
        if not self._tainted:
            self._follow_preparation()
            acted = any(map(_acts, self._bodies)) or any(_acted(frame, self._worker)) or self._main_has_acted()
            self._tainted = acted or self._state != _state()
            self._bodies.clear()
        return not self._tainted

    def _main_has_acted(self) -> bool:
        """Has the script, which is not seen to end, done something? What it guards by its name is not run in a
        worker."""
        return self._main_acts and sys.modules.get("__main__") is sys.modules.get("__mp_main__")

    def runs_main(self, code: CodeType) -> None:
        """This is the code of the script, which a worker runs behind the import system's back."""
        first = _first_act(code.co_code, code.co_names)
        self._main_acts = first is not None and first < _guard(code)

    def user_code(self) -> None:
        """A body of the user's begins."""
        if not self._prepared:
            self._follow_preparation()
            self._prepared = True

    def _follow_preparation(self) -> None:
        if not self._prepared:
            environment, _, *rest = self._state
            self._state = (environment, list(sys.path), *rest)

    def end(self) -> None:
        """That import has ended: what it has changed belongs to it."""
        if not self._tainted:
            self._state = _state()


def _state() -> tuple[Any, ...]:
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    module = sys.modules.get("warnings", _warnings)
    return dict(os.environ), list(sys.path), folder, list(getattr(module, "filters", ()))


def _acts(body: tuple[bytes, tuple[str, ...]]) -> bool:
    return _first_act(*body) is not None


def _acted(frame: FrameType | None, worker: bool) -> Iterator[bool]:
    """For each of the user's frames: has it done something that must come before the import? The command that starts a
    worker is its library's."""
    while frame is not None:
        code = frame.f_code
        in_main = not worker and code.co_filename == "<string>" and frame.f_globals.get("__name__") == "__main__"
        if in_main or places.is_users(code.co_filename):
            if code.co_flags & _OPTIMIZED:
                yield True
            elif code.co_name == "<module>":
                first = _first_act(code.co_code, code.co_names)
                yield first is not None and first < frame.f_lasti
        frame = frame.f_back


def _first_act(instructions: bytes, names: tuple[str, ...]) -> int | None:
    """Where in a module's body the first statement is that does more than import, define or assign to names: an
    expression that is a call, an assignment to an attribute or an item. None if there is none.

    Read from the bytecode, since the body has been compiled anyway and a syntax tree costs a hundred times more.
    """
    known = _OPCODES.get(sys.version_info[:2])
    if known is None:
        return 0
    pop, calls, stores, loads, load_name, store_item, extended = known
    shift = 0 if sys.version_info < (3, 12) else 1  # the lowest bit of LOAD_ATTR's argument is a flag since 3.12
    attribute, before, last = "", 0, 0
    annotation = False
    for at, operation, argument in _operations(instructions, extended):
        if operation in loads:
            attribute = names[argument >> shift] if argument >> shift < len(names) else ""
        elif operation == load_name:
            annotation = names[argument] == "__annotations__"
        elif operation in stores:
            if not (operation == store_item and annotation):
                return at
        elif operation == pop and last in calls:
            if attribute not in _HARMLESS:
                return before
            attribute = ""
        before, last = at, operation
    return None


def _guard(body: CodeType) -> int:
    """Where ``if __name__ == "__main__"`` stands, or the end."""
    known, load = _OPCODES.get(sys.version_info[:2]), 83 if sys.version_info >= (3, 13) else 100
    if known is not None and "__main__" in body.co_consts:
        wanted = body.co_consts.index("__main__")
        for at, operation, argument in _operations(body.co_code, known[-1]):
            if operation == load and argument == wanted:
                return at
    return len(body.co_code)


def _operations(instructions: bytes, extended: int) -> Iterator[tuple[int, int, int]]:
    """Offset, operation and argument of each instruction, without the inline caches (0) and EXTENDED_ARG."""
    argument = 0
    for at in range(0, len(instructions), 2):
        operation = instructions[at]
        if operation:
            argument = argument << 8 | instructions[at + 1]
            if operation != extended:
                yield at, operation, argument
                argument = 0
