"""Every code that a refusal or a failure can carry; ``python -m hrsup.codes`` prints the page docs/codes.md.

Runs in a process of its own. A strategy's codes live with the strategy, as a dict ``CODES`` in its module or in a
module ``codes`` beside it; here are those that are no strategy's.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from hrsup_strategies.registry import STRATEGIES

CODES = {
    "HR199": "A fault of hrsup's own in the program's process, while a strategy was at work there.",
    "HR901": "The program did not answer in time, or its end of the channel is gone.",
    "HR902": "It was tried in vain lately, for these files or at great length, and is left out for a few changes.",
    "HR903": "There is no running process to replace.",
    "HR904": "The layer to go back to is gone, or did not continue.",
    "HR905": "The continuation of a layer crashed, so the fork was not faithful.",
    "HR906": "The command cannot be started any more.",
}

_HEAD = """# Codes

Why a strategy refused a change, or gave it up. Events, the history and `hrsup stats` carry these codes, and each line
that hrsup prints says the reason. A code keeps its meaning; new ones are added. A refusal is no error: the next
strategy takes over, and `respawn` can do everything. This page is written by `make docs-codes`.
"""


def codes_by_owner() -> dict[str, dict[str, str]]:
    """The codes of each built-in strategy, in ladder order, and at last hrsup's own (""); code -> sentence."""
    owners = {name: _codes_of(target.partition(":")[0]) for name, target in STRATEGIES.items()}
    return {**owners, "": CODES}


def page() -> str:
    """The text of docs/codes.md."""
    parts = [_HEAD]
    for owner, codes in codes_by_owner().items():
        title = f"`{owner}`" if owner else "hrsup itself"
        rows = "".join(f"| {code} | {codes[code]} |\n" for code in sorted(codes))
        parts.append(f"\n## {title}\n\n| code | meaning |\n|---|---|\n{rows}")
    return "".join(parts)


def _codes_of(module: str) -> dict[str, str]:
    found: dict[str, str] = dict(getattr(import_module(module), "CODES", {}))
    if hasattr(import_module(module), "__path__") and find_spec(f"{module}.codes"):
        found.update(import_module(f"{module}.codes").CODES)
    return found


if __name__ == "__main__":
    print(page(), end="")
