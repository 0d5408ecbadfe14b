"""Which layer precedes a change. Runs in the supervisor; pure.

A layer knows nothing of a file if the file was first used after the layer was taken. Facts carry the depth of the last
layer before each first use, so the deepest layer that is not deeper than any of these depths is the one. What was never
observed may have been used at any time: it goes back to the image, in which no line of user code has run. So does what
has no depth at all (a worker that the program started has no layers): no layer exists unless the image does.
"""

from __future__ import annotations

import sys

from hrsup_strategies.base import CODE, DATA, ENVIRONMENT, LAYER, MAIN, NATIVE, Plan, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from hrsup_strategies.base import Change, Facts, FileChange, LayerFact

_ANNOUNCED_S = 1.0  # less is over before the line is read

CODES = {
    "HR301": "No layer was taken before the changed file was first used.",
    "HR302": "Compiled code or the environment has changed, and every layer has loaded the old one.",
    "HR303": "The program does not run under the agent, so there are no layers.",
}


def layer_before(change: Change, facts: Facts) -> LayerFact | Refused:
    """The usable layer from which the least has to be imported again, of those that precede the first use of every
    changed file; or why there is none."""
    if not facts.agent:
        return Refused("HR303", CODES["HR303"])
    depths = []
    for file in change.files:
        if file.kind in (NATIVE, ENVIRONMENT):
            return Refused("HR302", CODES["HR302"], file.path)
        depths.append(depth_before(file, facts))
    limit = min(depths, default=0)
    names = _users_names(change, facts)
    data = [file.path for file in change.files if file.kind == DATA]
    usable = [
        layer
        for layer in facts.layers
        if layer.usable and layer.depth <= limit and not _rival(layer, names) and not _may_have_read(layer, data)
    ]
    if not usable:
        return Refused("HR301", _why_none(facts, limit), change.files[0].path if change.files else None)
    costs = {layer.id: repeated_s(facts, layer.depth, layer.preloaded) for layer in usable}
    return min(usable, key=lambda layer: (costs[layer.id], -layer.depth, -len(layer.preloaded)))


def repeated_s(facts: Facts, depth: int = 0, beforehand: Collection[str] = ()) -> float:
    """Seconds of imports that the program did after the layer of this depth was taken, but for those of the modules
    that are imported `beforehand`: what going back there repeats."""
    foreign = (
        seconds
        for name, (seconds, at) in facts.foreign_costs.items()
        if at is not None and at >= depth and name not in beforehand
    )
    users = (fact.seconds or 0.0 for fact in facts.modules.values() if (fact.layer or 0) >= depth)
    return round(sum(foreign) + sum(users), 3)


def repeats(cost_s: float) -> list[str]:
    """What is to be said beforehand of imports that take this long again; nothing if that is not felt."""
    return [f"imports of {cost_s:.1f} s are repeated"] if cost_s >= _ANNOUNCED_S else []


def _users_names(change: Change, facts: Facts) -> set[str]:
    """Names that the user's files have, or had before this change, at the top level of some folder."""
    names = {fact.name.partition(".")[0] for fact in facts.modules.values()}
    for file in change.files:
        if file.path.endswith(".py") and (file.hash is None or file.old_hash is None):
            folder, _, name = file.path.rpartition("/")
            names.add(folder.rpartition("/")[2] if name == "__init__.py" else name[:-3])
    return names


def _rival(layer: LayerFact, names: set[str]) -> bool:
    """Has the layer imported something beforehand whose name one of the user's files takes, or has taken?"""
    return bool(layer.preloaded) and not names.isdisjoint([*layer.preloaded, *sys.stdlib_module_names])


def _may_have_read(layer: LayerFact, paths: list[str]) -> bool:
    """May what the layer has imported beforehand have opened one of these files unseen?"""
    return bool(layer.preloaded) and layer.opened is not None and any(path in layer.opened for path in paths)


def plan_for_layer(strategy: str, change: Change, facts: Facts) -> Plan | Refused:
    """The plan to continue from the layer that precedes the change, in the name of this strategy."""
    layer = layer_before(change, facts)
    if isinstance(layer, Refused):
        return layer
    detail = {"depth": layer.depth, "point": layer.point}
    notes = repeats(repeated_s(facts, layer.depth, layer.preloaded))
    return Plan(strategy, LAYER, layer=layer.id, detail=detail, notes=notes)


def depth_before(file: FileChange, facts: Facts) -> int:
    """The depth of the last layer before this file could have been used; 0 is the image."""
    if file.kind == MAIN or file.path == facts.main:
        return 0
    created = file.old_hash is None and file.path not in facts.reads and file.path not in facts.modules
    if file.hash is None or created:
        # Whether an import looked for it is not observed for every folder, so code goes back to the image.
        if file.kind == CODE or file.path.endswith((".py", ".pth")):
            return 0
        return _depth_of_existence(file.path, facts)
    uses = _uses(file.path, facts)
    if facts.children or (facts.opaque and file.path not in facts.modules):  # its first use need not have been seen
        uses.append(_unopened(file.path, facts))
    return _first(uses)


def _uses(path: str, facts: Facts) -> list[int | None]:
    """The depths at which the content of this file was used, as far as observed."""
    uses: list[int | None] = []
    if path in facts.modules:
        uses.append(facts.modules[path].layer)
    if path in facts.reads:
        uses.append(facts.reads[path].layer)
    if path in facts.natives:
        uses.append(facts.natives[path])
    if path in facts.measured:
        uses.append(facts.measured[path])
    if path in facts.missing:
        uses.append(facts.missing[path])
    if path in facts.left:
        uses.append(facts.left[path])
    return uses


def _unopened(path: str, facts: Facts) -> int:
    """The depth of the last layer before which nobody had opened this file, seen or not."""
    before = [layer.depth for layer in facts.layers if layer.opened is not None and path not in layer.opened]
    return max([facts.opaque_from, *before])


def _depth_of_existence(path: str, facts: Facts) -> int:
    """The depth before anybody could have noticed whether this file exists; the image if nobody was seen to ask."""
    uses = _uses(path, facts)
    if path in facts.looked:
        uses.append(facts.looked[path])
    if not uses and path.rpartition("/")[0] not in facts.listings:
        return 0
    if facts.opaque:  # to ask, or to list, is not to open
        uses.append(facts.opaque_from)
    folder = path.rpartition("/")[0]
    while folder:  # a listing may have been recursive, and a folder above may have come or gone with the file
        if folder in facts.listings:
            uses.append(facts.listings[folder])
        folder = folder.rpartition("/")[0]
    return _first(uses)


def _first(depths: list[int | None]) -> int:
    return min((depth or 0 for depth in depths), default=0)


def _why_none(facts: Facts, limit: int) -> str:
    reasons = [layer.reason for layer in facts.layers if layer.depth <= limit and layer.reason]
    return reasons[-1] if reasons else CODES["HR301"]
