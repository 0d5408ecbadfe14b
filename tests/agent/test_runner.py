"""What the runner builds on: frames that do not show, and a script that is compiled as it would have been."""

from __future__ import annotations

import sys
import sysconfig
import types
from pathlib import Path

import pytest

from hrsup_agent import script
from hrsup_agent.agent import MAIN, Agent
from hrsup_agent.hidden import hide


def test_a_hidden_frame_is_in_no_stack_and_no_traceback() -> None:
    """Neither ``f_back`` nor a traceback contains the frame of a hidden function, which can still catch."""
    frames: list[types.FrameType | None] = []

    def inner() -> None:
        frames.append(sys._getframe().f_back)
        raise KeyError(1)

    @hide
    def hidden() -> BaseException | None:
        try:
            inner()
        except KeyError as error:
            return error
        return None

    error = hidden()
    assert error is not None
    assert error.__traceback__ is not None
    assert error.__traceback__.tb_frame.f_code.co_name == "inner"
    assert frames == [sys._getframe()]


def compiled(source: bytes, statements: bool) -> types.CodeType:
    """A script, with or without the calls between its statements."""
    agent = Agent(None, MAIN)
    agent.wants_statements = statements
    return script.compile_script(agent, "script.py", source)


def without_calls(code: types.CodeType) -> list[tuple[object, ...]]:
    """Opcodes, meanings and places of all instructions but those of the inserted calls."""
    import dis

    found = list(dis.get_instructions(code))
    kept: list[tuple[object, ...]] = []
    at = 0
    while at < len(found):
        one = found[at]
        if isinstance(one.argval, script._Gate):
            assert [other.opname for other in found[at + 2 : at + 4]] == ["COMPARE_OP", "POP_TOP"]
            at += 4
            continue
        meaning = (
            None if "JUMP" in one.opname or one.opname in ("FOR_ITER", "SEND") else one.argrepr.partition(" at 0x")[0]
        )
        kept.append((one.opname, meaning, one.positions))
        at += 1
    return kept


@pytest.mark.parametrize("name", ["argparse", "textwrap", "tarfile", "sysconfig", "turtle", "this", "__future__"])
def test_calls_between_statements_change_nothing_else(name: str) -> None:
    """Without the inserted calls, the code is instruction for instruction, that of the plain script."""
    path = Path(sysconfig.get_paths()["stdlib"]) / f"{name}.py"
    if not path.exists():
        pytest.skip("not in this installation")
    source = path.read_bytes()
    plain, called = compiled(source, False), compiled(source, True)
    assert without_calls(called) == without_calls(plain)
    assert (called.co_names, called.co_flags) == (plain.co_names, plain.co_flags)


def test_the_docstring_and_future_imports_stay_first() -> None:
    """Nothing is put before them."""
    source = b'"""doc"""\nfrom __future__ import annotations\nx: no = print\nx()\n'
    names: dict[str, object] = {}
    exec(compiled(source, True), names)
    assert (names["__doc__"], names["__annotations__"]) == ("doc", {"x": "no"})


def test_a_statement_is_announced_before_it_runs() -> None:
    """Top-level statements with work in them, and those in a top-level ``if``, are announced with their line."""
    agent = Agent(None, MAIN)
    agent.wants_statements = True
    lines: list[int] = []
    agent.before_statement = lambda path, line: lines.append(line)
    source = b"import sys\ndef f():\n    return 1\nx = 3\nf()\nif x:\n    y = f()\n"
    source += b"for i in [1]:\n    f()\nwith open('/') if 0 else memoryview(b'') as m: pass\n"
    exec(script.compile_script(agent, "script.py", source), {})
    assert lines == [5, 6, 7, 8, 10]
