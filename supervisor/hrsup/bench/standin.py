"""Two baselines that keep the events contract of ``hrsup run``: a plain restart, and ``importlib.reload``.

Runs as a process of its own, started by path; stdlib only. Neither watches: which files were saved arrives on standard
input, a JSON list a line, so both are measured without the cost of detection, in their favour.

    standin.py restart|naive --mode batch|service --events FILE -- python main.py
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Events:
    """Writes JSON Lines as hrsup does."""

    def __init__(self, path: str) -> None:
        self._path, self._seq = path, 0

    def say(self, event: str, **fields: Any) -> None:
        """Write one event."""
        self._seq += 1
        line = json.dumps({"event": event, "seq": self._seq, "time": time.time(), "run": 1, **fields})
        with open(self._path, "a") as file:  # noqa: PTH123
            file.write(line + "\n")


def restart(command: list[str], mode: str, events: Events) -> None:
    """Kill and start again at every save."""
    process: subprocess.Popen[bytes] | None = _start(command, events)
    answering = False
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.001)
        if process is not None and process.poll() is not None:
            _report_end(process, mode, answering, events)
            process, answering = None, False
        if ready:
            line = sys.stdin.readline()
            if process is not None:
                process.kill()
                process.wait()
            if not line:
                return
            events.say("change", files=[{"path": path, "kind": "code"} for path in json.loads(line)])
            process = _start(command, events)
            answering = mode == "batch"
            if mode == "service":
                events.say("applied", strategy="restart")


def _start(command: list[str], events: Events) -> subprocess.Popen[bytes]:
    events.say("run_started")
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def _report_end(process: subprocess.Popen[bytes], mode: str, answering: bool, events: Events) -> None:
    status = process.returncode
    if mode == "service":
        events.say("crashed", status=status)
        return
    events.say("run_finished", status=status if status >= 0 else 128 - status, seconds=0)
    if answering:
        events.say("applied", strategy="restart")


def naive(command: list[str], mode: str, events: Events) -> None:
    """Run the script in this process, and reload just the modules that were saved."""
    script, *arguments = command[1:]
    sys.argv[:] = [script, *arguments]
    sys.path[0] = str(Path(script).resolve().parent)
    if mode == "service":
        threading.Thread(target=_reload_for_ever, args=(events,), daemon=True).start()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        events.say("run_started")
        status = _run(script)
        events.say("crashed", status=status)
        sys.stdin.read()
        return
    _run_once(script, events)
    for line in sys.stdin:
        said = _reload(json.loads(line), events, script)
        if said is None:
            continue
        _run_once(script, events)
        events.say(said, strategy="naive")


def _run_once(script: str, events: Events) -> None:
    events.say("run_started")
    events.say("run_finished", status=_run(script), seconds=0)


def _run(script: str) -> int:
    status = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    return status


def _reload_for_ever(events: Events) -> None:
    for line in sys.stdin:
        said = _reload(json.loads(line), events, None)
        time.sleep(0.02)  # in its favour: the tick that was under way may end as it began
        if said is not None:
            events.say(said, strategy="naive")
    os._exit(0)


def _reload(paths: list[str], events: Events, script: str | None) -> str | None:
    """What to say once the result is there; None if the answer has been said."""
    events.say("change", files=[{"path": path, "kind": "code"} for path in paths])
    wanted = {str(Path(path).resolve()) for path in paths}
    modules = [module for module in list(sys.modules.values()) if (getattr(module, "__file__", None) or "") in wanted]
    importlib.invalidate_caches()
    try:
        for module in modules:
            importlib.reload(module)
    except BaseException:
        traceback.print_exc()
        return "held"
    if script is None and not modules:
        events.say("failed", strategy="naive", code="", reason="no such module is loaded")
        return None
    return "applied"


def main() -> None:
    """Run as the arguments say."""
    name, _, mode, _, events, _, *command = sys.argv[1:]
    {"restart": restart, "naive": naive}[name](command, mode, Events(events))


if __name__ == "__main__":
    main()
