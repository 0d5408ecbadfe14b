"""The program's lines of execution: the main thread's, those of other threads, and suspended coroutines and generators.

Runs in the user's process, on the main thread. What holds of the main thread's loop holds of every strand: a frame goes
on with the code it has, what it ran before its loop cannot be undone, and between two iterations nothing is under way.
So a strand that what changed can reach must itself be between two iterations when the change is brought in, and what
it ran before its loop must not have used what changed. A strand without a loop of its own has run up to where it waits;
the rest will run new code, which is right if nothing before it used what changed.

While the commit goes on, no strand moves: it is made in one piece on the main thread, which keeps the one lock.
"""

from __future__ import annotations

import ast
import gc
import sys
from _thread import get_ident
from itertools import compress

from hrsup_strategies.reload.active import Active, InExpression, locate
from hrsup_strategies.reload.boundary import is_waiting
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.reached import Reached, unit_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from types import CodeType, FrameType
    from typing import Any

    from hrsup_strategies.reload.closure import Closure

    Read = Callable[[FrameType], tuple[str, ast.Module]]

_COROUTINE = 0x280  # coroutine, asynchronous generator
_SUSPENDED = _COROUTINE | 0x20
# Functions of the standard library in which a thread waits without running any code of the user's.
_WAITING = frozenset(
    (
        ("selectors.py", "select"),
        ("threading.py", "wait"),
        ("threading.py", "wait_for"),
        ("threading.py", "acquire"),
        ("threading.py", "join"),
        ("threading.py", "_wait_for_tstate_lock"),
        ("threading.py", "_shutdown"),
        ("queue.py", "get"),
        ("socket.py", "accept"),
        ("socket.py", "readinto"),
    )
)
_ASKS = ("socket.py", "readinto")  # in it, a thread waits for the other end of a connection
# Loops of the standard library that call what is the user's, and in which nothing is under way between two rounds.
_LOOPS = frozenset((("base_events.py", "run_forever"), ("socketserver.py", "serve_forever"), ("sched.py", "run")))


class Moving(Refusal):
    """A strand is in the middle of something; it may be between two iterations a moment later. One that `asks` waits
    for an answer, perhaps of the main thread's."""

    asks = False


class Strand:
    """One line of execution. `actives` are its frames of the user's, outermost first, up to the first that runs a loop;
    `frames` all of them; `top` is the innermost Python frame, the user's or not."""

    __slots__ = ("actives", "code", "frames", "read", "top")

    def __init__(self, frames: list[FrameType], top: FrameType | None, code: str, read: Read) -> None:
        self.frames, self.top, self.code, self.read = frames, top, code, read
        self.actives: list[Active] = []

    @property
    def root(self) -> CodeType:
        """The code of its outermost frame of the user's."""
        return self.frames[0].f_code

    @property
    def looping(self) -> Active | None:
        """The frame that runs its outermost loop."""
        return self.actives[-1] if self.actives and self.actives[-1].loop is not None else None

    @property
    def callers(self) -> list[Active]:
        """The frames around the loop."""
        return self.actives[:-1] if self.looping is not None else self.actives

    def locate(self) -> None:
        """Find its place in the source. Raises Refusal; Moving, where a thread is in the middle of an expression."""
        try:
            self.actives = locate(self.frames, self.read)
        except InExpression:
            if self.code == "HR132":
                raise self.moving() from None
            raise

    def settle(self) -> None:
        """Let go of the frames inside its loop: they end, and would count as holders of what they run."""
        self.frames, self.top = [active.frame for active in self.actives], None

    @property
    def waits(self) -> bool:
        """Has it come to rest, where it waits for something?"""
        last = self.frames[-1]
        return bool(last.f_code.co_flags & _SUSPENDED) or _is_library_wait(self.top)

    def check_rest(self, user_names: Container[str]) -> None:
        """Raise Moving if something of an iteration is under way."""
        last, looping = self.frames[-1], self.looping
        if looping is None or looping.loop is None:
            return
        if looping.frame is not last or not is_waiting(looping.loop, last.f_lineno, user_names):
            raise self.moving()

    def moving(self) -> Moving:
        """It is in the middle of something."""
        code = self.frames[-1].f_code
        text = f"`{code.co_qualname}` is {'suspended' if self.code == 'HR123' else 'running in a thread'}"
        moving = Moving(self.code, text, code.co_filename, self.frames[-1].f_lineno)
        moving.asks = self.top is not None and _names(self.top) == _ASKS
        return moving


class Strands:
    """Finds the strands; `names` has the path of each of the user's modules by its name, `read` gives the path and the
    tree that a frame's code is of."""

    def __init__(self, modules: dict[str, Any], names: dict[str, str], read: Read) -> None:
        self._modules, self._names, self._read = modules, names, read
        self._running: set[str] | None = None  # the root of the coroutine that runs on the main thread
        self._roots: set[str] = set()
        self.unbegun: set[str] = set()  # the functions of coroutines that have not begun and spell nothing of it
        self._library: FrameType | None = None  # the loop of the standard library's that the main thread is in

    def path(self, frame: FrameType) -> str:
        """The path of the user's module whose code runs in the frame."""
        path = self._find(frame)
        assert path is not None, "no frame of the user's"
        return path

    def _find(self, frame: FrameType) -> str | None:
        """The same, None if it is no module of the user's."""
        space = frame.f_globals
        name: Any = space.get("__name__")
        module = sys.modules.get(name) if isinstance(name, str) else None
        if getattr(module, "__dict__", None) is space:
            path = self._names.get(name)
            if path is None or self._modules[path] is module:
                return path
        # It goes by another name, or two do by one. Not by `id`: that is audited, so it is no cheap question.
        return next((path for path, one in self._modules.items() if vars(one) is space), None)

    def main(self, frame: FrameType | None, served: bool = False) -> Strand:
        """The main thread's; what runs in an event loop is none of it, but suspended when the boundary is reached.
        `frame` is the innermost; those of a signal handler that is none of the user's may stand above. Of a program
        that is `served` nothing of the user's may stand around the loop."""
        users: list[FrameType] = []
        cut: int | None = None
        for item in _outermost_first(frame):
            if self._find(item) is not None:
                if item.f_code.co_flags & _COROUTINE and self._running is None:
                    self._running, cut = set(), len(users) if cut is None else cut
                users.append(item)
            elif (users or served) and cut is None and _names(item) in _LOOPS:
                self._library, cut = item, len(users)
        if not users and self._library is None:
            raise Refusal("HR130", "no code of the program's own is running on the main thread")
        strand = Strand(users, frame, "HR130", self._read)
        strand.locate()
        if self._running is not None:
            self._running = self._running.union(*map(_root, locate(users[cut:], self._read)))
        if cut is not None and (strand.looping is None or len(strand.actives) > cut):
            strand.actives = locate(users[:cut], self._read)
        return strand

    def boundary(self, main: Strand, user_names: Container[str]) -> tuple[bool, Active | None]:
        """Is the main thread at its boundary, and which loop has it? One that waits for its end has none. Raises
        Refusal (HR130) if nothing is known of where it is."""
        looping, last = main.looping, main.frames[-1] if main.frames else None
        if looping is not None and looping.loop is not None:
            return looping.frame is last and is_waiting(looping.loop, looping.frame.f_lineno, user_names), looping
        at_rest = last is (main.actives[-1].frame if main.actives else None)
        if self._library is not None:
            return at_rest and _rests(main.top), _library_loop(self._library)
        if at_rest and _rests(main.top):
            return True, None
        raise Refusal("HR130", "no loop of the program's own is running on the main thread")

    def roots(self) -> set[str]:
        """The functions that strands beside the main thread's are in, around their loops, as `Unit.id` has them."""
        return set(self._roots)

    def others(self, closure: Closure, suspending: bool) -> list[Strand]:
        """Those beside the main thread's that what changed can reach. Raises Refusal."""
        reached = Reached(closure)
        self.unbegun.clear()
        found = [strand for strand in self._threads() if self._any(strand, reached)]
        if suspending:
            found += [strand for strand in self._suspended(reached) if self._any(strand, reached)]
        self._roots = set()
        for strand in found:
            strand.locate()
            if strand.code != "HR132" or strand.looping is not None:  # a thread that ends may have had others like it
                self._roots = self._roots.union(*map(_root, strand.actives))
        self._roots |= self._running or set()
        return found

    def _any(self, strand: Strand, reached: Reached) -> bool:
        return any(reached.code(frame.f_code, self.path(frame)) for frame in strand.frames)

    def _threads(self) -> list[Strand]:
        own = get_ident()
        # Our own frame, in a variable of itself, would be a cycle that keeps the whole stack alive.
        tops = [frame for number, frame in sys._current_frames().items() if number != own]
        strands = [Strand(self._users(top), top, "HR132", self._read) for top in tops]
        return [strand for strand in strands if strand.frames]

    def _suspended(self, reached: Reached) -> list[Strand]:
        kinds = frozenset((type(_ for _ in ()), *_coroutine_types()))
        everything = gc.get_objects()
        found: dict[int, Any] = {}
        for item in compress(everything, map(kinds.__contains__, map(type, everything))):  # there may be millions
            frame = _frame_of(item)
            if frame is not None and self._find(frame) is not None and not _is_running(item):
                found[id(item)] = item
        inner: set[int] = set()
        for item in found.values():
            inner |= {id(part) for part in _awaited(item)}
        strands = []
        for item in found.values():
            frame = _frame_of(item)
            if id(item) in inner or frame is None:
                continue
            frames = [part for each in (item, *_awaited(item)) if (part := _frame_of(each)) is not None]
            frames = [part for part in frames if self._find(part) is not None]
            if _has_begun(item):
                strands.append(Strand(frames, frames[-1], "HR123", self._read))
            elif reached.holds(frame.f_code, self.path(frame)):
                raise Moving("HR123", f"`{frame.f_code.co_qualname}` has not begun", frame.f_code.co_filename)
            else:
                self.unbegun.add(unit_of(frame.f_code, self.path(frame)))
        return strands

    def _users(self, frame: FrameType | None) -> list[FrameType]:
        found = []
        while frame is not None:
            if self._find(frame) is not None:
                found.append(frame)
            frame = frame.f_back
        return found[::-1]


def _root(active: Active) -> set[str]:
    """Its unit, unless it is a nested function, whose names are written down as those of the outer one."""
    if active.unit is None or active.unit.rpartition(".")[2] != active.frame.f_code.co_name:
        return set()
    return {active.unit}


def _outermost_first(frame: FrameType | None) -> list[FrameType]:
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def _library_loop(found: FrameType) -> Active | None:
    """The loop of a function of the standard library's, from its source."""
    code = found.f_code
    last = max(line for _, _, line in code.co_lines() if line is not None)
    with open(code.co_filename, encoding="utf-8") as file:
        lines = file.readlines()[code.co_firstlineno - 1 : last]
    margin = len(lines[0]) - len(lines[0].lstrip())
    tree = ast.parse("".join(line[margin:] or "\n" for line in lines))
    ast.increment_lineno(tree, code.co_firstlineno - 1)
    active = Active(found, code.co_filename, tree)
    return active if active.loop is not None else None


def _rests(frame: FrameType | None) -> bool:
    """Does one of the innermost frames wait? Above it may stand those of the signal handler."""
    for _ in range(20):
        if frame is None:
            return False
        if _is_library_wait(frame):
            return True
        frame = frame.f_back
    return False


def _names(frame: FrameType) -> tuple[str, str]:
    return frame.f_code.co_filename.rpartition("/")[2], frame.f_code.co_name


def _is_library_wait(frame: FrameType | None) -> bool:
    return frame is not None and _names(frame) in _WAITING


def _frame_of(item: Any) -> FrameType | None:
    for name in ("gi_frame", "cr_frame", "ag_frame"):
        frame: FrameType | None = getattr(item, name, None)
        if frame is not None:
            return frame
    return None


def _awaited(item: Any) -> list[Any]:
    """What it waits for, and what that waits for, and so on, as far as that can be seen."""
    found: list[Any] = []
    while len(found) < 1000:
        for name in ("cr_await", "gi_yieldfrom", "ag_await"):
            following = getattr(item, name, None)
            if following is not None:
                break
        else:
            return found
        found.append(following)
        item = following
    return found


def _is_running(item: Any) -> bool:
    return any(getattr(item, name, False) for name in ("gi_running", "cr_running", "ag_running"))


def _has_begun(item: Any) -> bool:
    """Of an asynchronous generator nothing says so before 3.12, so it counts as begun."""
    return any(getattr(item, name, False) for name in ("gi_suspended", "cr_suspended")) or hasattr(item, "ag_frame")


def _coroutine_types() -> list[type]:
    async def coroutine() -> None: ...

    async def generator() -> object:
        yield None

    one = coroutine()
    one.close()
    return [type(one), type(generator())]
