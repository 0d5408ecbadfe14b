"""Is the new code itself broken, so that a cold start would fail too? Asked before a running service is given up.

Runs in the supervisor; the code is compiled here only if the program runs on the same version of Python, and imported
only in throw-away processes of the program's own interpreter, which end rather than change anything outside of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrsup.opening import opening
from hrsup_strategies.base import CODE, DONE, HELD, MAIN, Change, Facts, Outcome, Refused
from hrsup_strategies.checkpoint import harmless
from hrsup_strategies.targets import layer_before

if TYPE_CHECKING:
    from hrsup.generation import Generation

_TIMEOUT_S = 3.0
_TOO_EXPENSIVE_S = 2.0  # imports that cost more are not done twice just to know whether they fail

_COMPILE = """
import json, sys
for path in sys.argv[1:]:
    try:
        compile(open(path, "rb").read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        message, line = getattr(error, "msg", str(error)), getattr(error, "lineno", None)
        print(json.dumps([type(error).__name__, message, path, line]))
        break
    except OSError:
        pass
"""

_IMPORT = """
import json, os, sys, traceback
sys.path[0], statements, sys.argv, harmless = json.loads(sys.argv[1])
rules = {"__name__": "__harmless__"}
exec(compile(open(harmless).read(), harmless, "exec"), rules)
out, sys.stdout, sys.stderr = sys.stdout, open("/dev/null", "w"), open("/dev/null", "w")
rules["stay_inside"]()
try:
    exec(compile(statements, "<imports>", "exec"), {"__name__": "__imports__"})
except BaseException as error:
    if rules["is_ours"](error):
        os._exit(0)
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<")]
    if not isinstance(error, SyntaxError) and frames:
        file, line = frames[-1].filename, frames[-1].lineno
    print(json.dumps([type(error).__name__, str(error), file, line]), file=out, flush=True)
else:
    print("null", file=out, flush=True)
"""


def syntax_error(change: Change, version: tuple[int, ...] | None, executable: str | None = None) -> Outcome | None:
    """The first changed file that does not compile, as a ``held`` outcome."""
    paths = [file.path for file in change.files if file.kind in (CODE, MAIN) and file.hash is not None]
    if version is not None and version[:2] != sys.version_info[:2]:
        return _ask([executable, "-I", "-S", "-c", _COMPILE, *paths]) if executable else None
    for path in paths:
        try:
            compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            return Outcome(HELD, None, f"{type(error).__name__}: {getattr(error, 'msg', error)}", path, line)
        except OSError:
            continue
    return None


def import_error(change: Change, facts: Facts, generation: Generation, raised: Outcome | None = None) -> Outcome | None:
    """What the script's own imports raise in a cold start, as a ``held`` outcome; None if nothing, or not known.

    A trial goes no further than to the first import that changes something outside. Then the changed modules are tried
    alone, if a reload of them has `raised`: what they raise in the running program and by themselves, at the same
    place, they raise in a cold start.
    """
    if sum(module.seconds or 0.0 for module in facts.modules.values()) > _TOO_EXPENSIVE_S:
        return None
    statements, whole = opening(facts.main)
    found = _trial(statements, change, facts, generation) if statements else None
    if raised is not None and (found is None or (found.state == DONE and not whole)):
        changed = {file.path for file in change.files}
        names = (module.name for module in facts.modules.values() if module.path in changed)
        statements = "".join(f"import {name}\n" for name in names if name != "__main__")
        alone = _trial(statements, change, facts, generation)
        if alone is not None and (alone.reason, alone.file, alone.line) == (raised.reason, raised.file, raised.line):
            return alone
    return found if found is not None and found.state == HELD else None


def _trial(statements: str, change: Change, facts: Facts, generation: Generation) -> Outcome | None:
    """``held`` if these import statements fail, ``done`` if they do not, None if they were not tried to the end.

    They are tried in a fork of an image: in every deeper layer some import is under way, and would look circular.
    """
    images = Facts()
    images.agent, images.layers = facts.agent, [layer for layer in facts.layers if layer.depth == 0]
    image = layer_before(change, images)
    if not isinstance(image, Refused):
        reply = generation.layers.canary(image, statements, _TIMEOUT_S)
        if reply is None or reply["kind"] == "Timeout":
            return None
        if reply["ok"]:
            return Outcome(DONE)
        return _held(reply["kind"], reply["message"], reply.get("file"), reply.get("line"))
    if generation.executable is None or facts.main is None:
        return None
    folder = str(Path.cwd() if facts.is_module else Path(facts.main).resolve().parent)
    told = [folder, statements, facts.argv, harmless.__file__]
    return _ask([generation.executable, "-B", "-c", _IMPORT, json.dumps(told)])


def _ask(argv: list[str]) -> Outcome | None:
    """``held`` if a process prints an error, ``done`` if it prints ``null``, None if it says nothing."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False)
        if not done.stdout.strip():
            return None
        answer: list[Any] | None = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Outcome(DONE) if answer is None else _held(*answer)


def _held(kind: str, message: str, file: str | None, line: int | None) -> Outcome:
    return Outcome(HELD, None, f"{kind}: {message}", file, line)
