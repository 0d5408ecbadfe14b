"""Processes, threads and sockets that the program starts. Called by the audit hook of `files`; owns nothing else.

Runs in the user's process. A pool's worker speaks for itself (`hrsup_agent.children` brings it under the agent); what
any other child reads is not seen.
"""

from __future__ import annotations

import os

from hrsup_agent.observe import natives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hrsup_agent.agent import Agent


class Processes:
    """`effect`, `opaque` and `handed` are `FileWatch`'s."""

    def __init__(
        self,
        agent: Agent,
        effect: Callable[[str], None],
        opaque: Callable[[str, bool], None],
        handed: Callable[[list[str], str | None], None],
    ) -> None:
        self._agent, self._effect, self._opaque, self._handed = agent, effect, opaque, handed
        self.table: dict[str, Callable[[tuple[Any, ...]], object]] = {
            "subprocess.Popen": self._on_popen,
            "os.system": self._on_system,
            "os.posix_spawn": self._on_popen,
            "os.spawn": lambda arguments: self._on_popen((arguments[1], arguments[2])),
            "pty.spawn": lambda arguments: self._on_popen((arguments[0][:1], arguments[0])),
            "os.fork": self._on_fork,
            "os.forkpty": self._on_fork,
            "os.exec": lambda _: self._effect("the process was replaced"),
            "socket.connect": self._on_connect,
            "_thread.start_new_thread": self._on_thread,
            "_thread.start_joinable_thread": self._on_thread,
        }

    def _on_popen(self, arguments: tuple[Any, ...]) -> None:
        words = _words(arguments[1]) or _words(arguments[0])
        if not words or not natives.may_read(words[0]):
            return
        self._effect(f"{words[0]} was started")
        if any(word.endswith("/hrsup_agent/bootstrap.py") for word in words):
            return
        self._child("subprocess", words)
        self._opaque(f"{os.path.basename(words[0])} was started, and what it reads is not seen", True)
        folder = arguments[2] if len(arguments) > 3 else None  # of `subprocess.Popen`; others have none of their own
        self._handed(words[1:] or words, None if folder is None else os.fsdecode(folder))

    def _on_system(self, arguments: tuple[Any, ...]) -> None:
        words = _words(arguments[0])[0].split()
        self._on_popen((None, words or ["sh"]))

    def _on_fork(self, arguments: tuple[Any, ...]) -> None:
        if not self._agent.own_fork:
            self._effect("the process was forked")
            self._child("fork", [])

    def _on_connect(self, arguments: tuple[Any, ...]) -> None:
        if arguments[1] != self._agent.address:
            self._effect("a socket was connected")

    def _on_thread(self, arguments: tuple[Any, ...]) -> None:
        function = arguments[0]
        thread = getattr(function, "__self__", None)
        name = getattr(thread, "_name", None) or getattr(function, "__qualname__", "thread")
        self._effect(f"the thread {name} was started")
        self._agent.link.send({"type": "thread", "name": str(name)})

    def _child(self, kind: str, argv: list[str]) -> None:
        self._agent.link.send({"type": "child", "kind": kind, "argv": argv[:20], "pid": None})


def _words(command: Any) -> list[str]:
    """A command as words: a sequence, or one string; of str, bytes or paths."""
    if command is None:
        return []
    if isinstance(command, (str, bytes)) or hasattr(command, "__fspath__"):
        return [os.fsdecode(command)]
    return [
        os.fsdecode(word) if isinstance(word, (str, bytes)) or hasattr(word, "__fspath__") else "?" for word in command
    ]
