"""Why a reload can be refused: the stable codes, one sentence each. Runs in both processes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.base import Outcome

CODES = {
    "HR101": "The program is not a running Python service under the agent.",
    "HR102": "A kind of file changed that a reload cannot bring in.",
    "HR103": "A file that changed, came or went is not one module, executed once, or is used not only by its import.",
    "HR104": "Files changed again, or were saved together and not all seen, while the reload was prepared.",
    "HR105": "The new source does not compile.",
    "HR110": "A changed, moved or removed statement does more than bind a name; what it did cannot be undone.",
    "HR111": "A name of the changed statement is bound more than once.",
    "HR112": "A changed statement builds a value that cannot be built again without side effects.",
    "HR113": "A value, or one that it is built of, was changed since; building it again would lose that or use it.",
    "HR114": "A changed import would load a module that does more than define names, or no longer load one that is.",
    "HR115": "Names that come by `import *` changed, and which come, or what binds them, is not plain.",
    "HR116": "A `from __future__` import changed.",
    "HR117": "A class changed in a way that cannot be applied to a class that exists.",
    "HR118": "A decorator that does more than wrap would be applied again, or may have kept more than a reference.",
    "HR119": "Modules import each other in a circle, or in another order than a cold start's, perhaps only in workers.",
    "HR120": "A statement that ran at import time used what changed, and cannot be repeated.",
    "HR121": "What changed ran, or was read, before the loop; its results may be kept.",
    "HR122": "What changed may have left its result in a memo or another place that outlives the iteration.",
    "HR123": "A generator or coroutine that depends on what changed is suspended in the middle of something.",
    "HR130": "The main thread runs neither a loop of the program's own nor one that is known, nor does it wait.",
    "HR131": "What changed is running right now, above the loop.",
    "HR132": "Another thread is in the middle of what depends on the change, or a child may hold the old code.",
    "HR133": "A debugger or a coverage tool is tracing the program.",
    "HR134": "The loop ended before the change could be brought in.",
    "HR135": "The program's own line numbers are looked at, and those of a running function moved.",
    "HR140": "The loaded code is not what its source says.",
    "HR141": "Old code is still held after the update.",
    "HR142": "The new code raised when it was run.",
    "HR143": "A closure is alive that the new version of its function would make of other things.",
    "HR144": "Workers of a cluster may hold the old code, or results of it.",
    "HR145": "The program is too large: finding out what the change reaches would stop it for longer than a restart.",
}


class Refusal(Exception):
    """The change cannot be reloaded. `state` is ``refused``, ``failed`` or ``held`` (see ``base.Outcome``)."""

    def __init__(
        self, code: str, reason: str, file: str | None = None, line: int | None = None, state: str = "refused"
    ) -> None:
        super().__init__(reason)
        self.code, self.reason, self.file, self.line, self.state = code, reason, file, line, state

    def outcome(self) -> Outcome:
        """The answer that says so."""
        from hrsup_strategies.base import Outcome

        return Outcome(self.state, self.code, self.reason, self.file, self.line)
