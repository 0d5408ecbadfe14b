"""Functions that leave no trace on the stack. Runs in the program's processes; owns nothing.

The problem: "no foreign frames". The agent calls the user's code (the script's body, a module's body), so its frames
lie below the user's and show up in tracebacks, ``traceback.print_stack()``, ``inspect.stack()``, ``sys._getframe(n)``,
``f_back`` and the ``stacklevel`` of warnings. Trimming tracebacks in ``sys.excepthook`` helps with one of these and
fails for all others.

The solution: since 3.11 the interpreter itself skips a frame that has not yet reached its ``RESUME`` instruction (it is
"incomplete": its cells are not made yet), everywhere where frames become visible: ``f_back``, ``sys._getframe``, the
traceback of an exception that passes through, trace and profile functions. `hide` takes ``RESUME`` out of a function,
so its frames stay incomplete for ever. Exceptions still propagate through it and can be caught in it.

What remains visible: a dump of ``faulthandler`` (it walks the raw stack), and one level of the recursion limit.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    F = TypeVar("F")

# RESUME and NOP by version; the module `opcode` would cost a millisecond.
_OPCODES = {(3, 11): (151, 9), (3, 12): (151, 9), (3, 13): (149, 30)}


def hide(function: F) -> F:
    """Make the frames of this Python function invisible. Only the function itself: what it calls is visible.

    Not for generators and coroutines, whose ``RESUME`` has a second meaning. Usable as a decorator.
    """
    resume, nop = _opcodes()
    target: Any = function
    code = target.__code__
    instructions = bytearray(code.co_code)
    # Only MAKE_CELL and COPY_FREE_VARS can come before it, so the first match is an instruction and not an argument.
    at = next(at for at in range(0, len(instructions), 2) if instructions[at] == resume)
    instructions[at : at + 2] = bytes((nop, 0))
    target.__code__ = code.replace(co_code=bytes(instructions))
    return function


def _opcodes() -> tuple[int, int]:
    known = _OPCODES.get(sys.version_info[:2])
    if known is None:
        import opcode

        known = opcode.opmap["RESUME"], opcode.opmap["NOP"]
    return known
