"""Global random generators across a fork. Runs in the program's process, before a layer, and in its continuations.

A cold start that does not seed draws something new each time; one that seeds draws the same. A fork reseeds the
standard library's `random` (which undoes a seed) and leaves numpy's and torch's alone (which repeats draws). Whether
the program seeds is taken from its sources: if a word for it occurs anywhere, every state is put back exactly as it
was.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def remember() -> Any:
    """The state of `random`, which the fork will change; None if the program has not imported it."""
    module = sys.modules.get("random")
    try:
        return None if module is None else module.getstate()
    except AttributeError:  # still being imported
        return None


def restore(memory: Any, program_seeds: bool) -> None:
    """In a continuation: the generators as a cold start would have them here."""
    if program_seeds:
        module = sys.modules.get("random")
        if module is not None and memory is not None:
            module.setstate(memory)
        return
    for name, owner in (("numpy.random.mtrand", ""), ("torch.random", "default_generator")):
        module = sys.modules.get(name)
        generator = module.__dict__.get(owner) if module is not None and owner else module
        seed = getattr(generator, "seed", None)
        if seed is not None:
            seed()
