"""The user's process as a strategy sees it, and the answers to the supervisor's requests."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_agent.link import Link
    from hrsup_agent.observe.files import FileWatch
    from hrsup_agent.observe.loader import UserModules
    from hrsup_agent.wire import Message
    from hrsup_strategies.base import Outcome


class Program:
    """Implements `hrsup_strategies.base.Program`. `link.listen(program.answer)` makes the process answer requests."""

    def __init__(self, link: Link, user_modules: UserModules, files: FileWatch) -> None:
        self._link, self._user_modules, self._files = link, user_modules, files

    def answer(self, request: Message) -> None:
        """One request: `perform`, `cancel`, `observe` (field ``paths``), `ping`; anything of ours that goes wrong
        becomes a ``failed`` outcome with code HR199."""

    def modules(self) -> dict[str, Any]:
        """The loaded user modules by path; ``__main__`` included."""
        return {}

    def source(self, path: str) -> bytes:
        """The bytes that the loaded version of this user module was compiled from."""
        return self._user_modules.source(path)

    def set_source(self, path: str, data: bytes) -> None:
        """Say that the loaded version of this user module now is `data`."""

    def reply(self, outcome: Outcome) -> None:
        """Answer the request that was performed last."""
