"""A program with layers and a supervisor that is none: for the tests of the checkpoint strategy.

Run as a program (``python layered.py ADDRESS script.py``) it is a small agent: it loads user modules from the script's
folder, asks for layers where the real one would, and counts what the audit hook sees. `Supervisor` is the other end.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hrsup_agent import wire
from hrsup_agent.agent import MAIN, Agent

DEADLINE_S = 30.0


class Peer:
    """One connection of the program's."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.role, self.pid = "", 0
        self.lines = wire.LineBuffer()
        self.ended = False

    def send(self, **message: Any) -> None:
        self.connection.sendall(wire.encode(message))


class Supervisor:
    """Starts a program, remembers what it says, and asks its layers to continue."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder / "link")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self.address)
        self._listening.listen(64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self.peers: list[Peer] = []
        self.messages: list[dict[str, Any]] = []
        self.output = folder / "output"
        self.program: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self._pump(0.0)
        for peer in self.peers:
            peer.connection.close()
        self._listening.close()
        for pid in {peer.pid for peer in self.peers if peer.role != "layer"}:
            if pid and alive(pid) and Path(f"/proc/{pid}/cwd").readlink() == self.folder:
                os.kill(pid, signal.SIGKILL)
        if self.program is not None:
            self.program.kill()
            self.program.wait()

    def start(self, script: str, *flags: str, **environment: str) -> None:
        """Start the script in its own process group, its output appended to a file."""
        with self.output.open("ab") as output:
            self.program = subprocess.Popen(
                [sys.executable, *flags, __file__, self.address, script],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                env={
                    **{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
                    **environment,
                },
            )

    def run(self, script: str, *flags: str) -> str:
        """Start the script, wait for its end, and return its output."""
        self.start(script, *flags)
        assert self.program is not None
        self.program.wait(DEADLINE_S)
        self.until(lambda: all("usable" in message for message in self.of("layer")), settle=True)
        return self.taken()

    def taken(self) -> str:
        """The output since the last call."""
        text = self.output.read_text()
        self.output.write_text("")
        return text

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def layers(self) -> list[dict[str, Any]]:
        """What the usable layers said, by depth."""
        return sorted((layer for layer in self.of("layer") if layer["usable"]), key=lambda layer: layer["depth"])

    def at(self, point: str) -> dict[str, Any]:
        """The layer that was taken at this point."""
        return next(layer for layer in self.layers() if layer["point"] == point)

    def resume(self, layer: dict[str, Any]) -> dict[str, Any]:
        """Continue from a layer; its `exit` message."""
        seen = len(self.of("exit"))
        self.peer(layer["pid"]).send(type="continue", id=1)
        self.until(lambda: len(self.of("exit")) > seen)
        return self.of("exit")[-1]

    def peer(self, pid: int) -> Peer:
        return next(peer for peer in self.peers if peer.pid == pid and not peer.ended)

    def until(self, condition: Callable[[], object], settle: bool = False) -> None:
        """Take in messages until the condition holds; with `settle`, and none has come for a moment."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            heard = self._pump(0.3 if settle else 0.05)
            if condition() and not (settle and heard):
                return
        raise AssertionError(f"never happened; heard {self.messages}\noutput {self.output.read_text()}")

    def _pump(self, timeout_s: float) -> bool:
        heard = False
        for key, _ in self._selector.select(timeout_s):
            heard = True
            if key.fileobj is self._listening:
                peer = Peer(self._listening.accept()[0])
                self.peers.append(peer)
                self._selector.register(peer.connection, selectors.EVENT_READ, peer)
                continue
            self._read(key.data)
        return heard

    def _read(self, peer: Peer) -> None:
        data = peer.connection.recv(1 << 16)
        if not data:
            peer.ended = True
            self._selector.unregister(peer.connection)
            return
        for message in peer.lines.feed(data):
            if message["type"] == "hello":
                peer.role, peer.pid = message["role"], message["pid"]
            self.messages.append({**message, "from": peer.pid})


def alive(pid: int) -> bool:
    """Is this process there, and no zombie?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def cold(folder: Path, script: str, *flags: str) -> str:
    """What a fresh plain python prints."""
    command = [sys.executable, "-B", *flags, script]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=DEADLINE_S).stdout


def main(address: str, path: str) -> None:
    """The small agent."""
    from importlib.machinery import PathFinder, SourceFileLoader

    from hrsup_agent import link, script
    from hrsup_strategies import execv
    from hrsup_strategies.checkpoint import layers

    execv.record()
    folder = str(Path.cwd())
    agent = Agent(address, MAIN)
    agent.link = link.connect(address, MAIN)
    sources: dict[str, bytes] = {}
    effects: list[str] = []

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("subprocess.Popen", "os.system", "os.remove", "os.rename", "os.mkdir") and not agent.own_fork:
            effects.append(event)

    class Loader(SourceFileLoader):
        def get_code(self, name: str) -> Any:
            agent.before_user_code(name, self.path)
            sources[self.path] = Path(self.path).read_bytes()
            agent.link.send({"type": "module", "name": name, "path": self.path})
            return compile(sources[self.path], self.path, "exec", dont_inherit=True)

    class Finder:
        @staticmethod
        def find_spec(name: str, search: Any = None, target: Any = None) -> Any:
            spec = None if "." in name else PathFinder.find_spec(name, [folder])
            if spec is not None and isinstance(spec.loader, SourceFileLoader):
                spec.loader = Loader(name, spec.loader.path)
            return spec

        invalidate_caches = PathFinder.invalidate_caches

    Loader.__module__ = Finder.__module__ = "hrsup_agent.test"
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]
    sys.addaudithook(audit)
    sys.path[0] = folder
    sys.argv[:] = [path]
    if os.environ.get("LAYERED_EAGER"):  # a layer at every point, whatever it costs
        layers.COST_FACTOR = 0.0
        layers.Layers._next_time = lambda self: 0.0  # type: ignore[method-assign]
    if factor := os.environ.get("LAYERED_FACTOR"):
        layers.COST_FACTOR = float(factor)
    layers.install(agent, lambda: sources, lambda: (len(effects), effects[0] if effects else None))
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    globals()["__name__"] = "hrsup_agent.test"
    full = f"{folder}/{path}"
    module.__file__ = full
    agent.before_user_code("__main__", full)
    sources[full] = Path(full).read_bytes()
    agent.link.send({"type": "module", "name": "__main__", "path": full})
    code = script.compile_script(agent, full, sources[full])
    exec(code, module.__dict__)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
