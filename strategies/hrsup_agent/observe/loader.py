"""User modules, loaded from verified content: what is compiled is what was read and hashed, never a .pyc."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hrsup_agent.link import Link


def install(link: Link, before_user_code: Callable[[str, str], None]) -> UserModules:
    """Observe imports from now on. `before_user_code(name, path)` is called before the source of a user module is read;
    in a continuation it returns once more, and the source is read after that."""
    raise NotImplementedError


class UserModules:
    """The user modules of this process and their sources. One per process, forks inherit it."""

    def set_main(self, path: str, data: bytes) -> None:
        """For the runner: the script was read; sends `module` for ``__main__``. Call it just before the body runs."""

    def source(self, path: str) -> bytes:
        """The bytes that the loaded version was compiled from. Raises KeyError if it is not a loaded user module."""
        raise KeyError(path)

    def set_source(self, path: str, data: bytes) -> None:
        """The loaded version is `data` now (after a commit); sends `module` again."""

    def importing(self) -> str | None:
        """The user module whose body is being executed by this thread, innermost; None in the run."""
        return None

    def paths(self) -> dict[str, str]:
        """Module name -> path of every user module read so far, ``__main__`` included."""
        return {}
