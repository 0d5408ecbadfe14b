"""What the program's state is asked by: functions that answer from it, and variables that hold the answer. Pure.

Runs in the user's process. ``if not self.ready`` and ``if not self.is_ready()`` decide the same, and so does a
condition over ``first = self.count == 0``. One thing of many, that was taken out of a queue or comes from a loop, is no
answer about where it came from.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import last_name
from hrsup_strategies.reload.known import CONSTRUCTORS
from hrsup_strategies.reload.questions import COMPARING, ORDERED, WHOLE, may_be_builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hrsup_strategies.reload.definitions import Definitions
    from hrsup_strategies.reload.flows import Store
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.parts import Part
    from hrsup_strategies.reload.units import ClassInfo, Unit

    OfMany = Callable[[str, "Asked"], bool]

# Methods that a condition asks without spelling them.
_UNSPELLED = frozenset(
    f"__{name}__" for name in ("bool", "len", "contains", "eq", "ne", "lt", "le", "gt", "ge", "iter", "getitem", "hash")
)

_CONTAINERS = frozenset(
    (
        "list", "dict", "set", "deque", "UserList", "UserDict", "OrderedDict", "defaultdict", "Counter", "List", "Dict",
        "Set", "Deque", "MutableSequence", "MutableMapping", "MutableSet",
    )
)  # fmt: skip


def answering(modules: Iterable[ModuleNames], state: set[str]) -> set[str]:
    """The `state`, with the functions and variables that tell of it."""
    parts = [part for module in modules for part in module.flowing]
    found, size = set(state), -1
    while size != len(found):
        size = len(found)
        for part in parts:
            digest = part.digest
            if not digest.told.isdisjoint(found):
                found |= {unit.name for unit in part.units if not unit.told.isdisjoint(found)}
            if not digest.answered.isdisjoint(found):
                found |= {key for key, values in digest.answers if not values.isdisjoint(found)}
    return found


def _follow(names: set[str], paths: dict[str, set[str]]) -> None:
    """Add what is asked if one of the names is."""
    new = list(names)
    while new:
        found = paths.get(new.pop(), set()) - names
        names |= found
        new += found


def _compares_fields(info: ClassInfo) -> bool:
    decorators = {last_name(item) for item in info.node.decorator_list}
    return "dataclass" in decorators or "NamedTuple" in info.bases


class Asked:
    """Answers whether what has grown, or was summed up, is asked for something else than all of it (``questions``), by
    itself or through the functions and variables that tell of it."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._size = -1
        self._paths: dict[bool, dict[str, set[str]]] = {}
        self._known: dict[tuple[bool, bool, bool], set[str]] = {}
        self._takers: dict[str, list[Unit]] = {}
        self._made: dict[str, list[Unit]] = {}
        self._filled: set[str] = set()  # containers that something is put into
        self._holders: set[str] = set()  # containers that others were put into, by which they are reached, too

    def covers(self, store: Store, kind: str, are_of_many: OfMany | None = None) -> bool:
        """Is what is added in this place, in a way of this kind, asked for? So it is where the object is one of many
        (`are_of_many`) that are asked for: the first of them has what was added in its time."""
        name = store.key.rpartition("|")[2]
        self._take_in()
        inside = store.inside and self._holders.isdisjoint((store.key, name))
        names = self._asked(kind == "aug", inside, store.ahead)
        if store.key in names or name in names or self._is_picked(store, name, kind == "aug"):
            return True
        return are_of_many is not None and name == store.key and are_of_many(name, self)

    def _is_picked(self, store: Store, name: str, summed: bool) -> bool:
        """Is an item asked for that is the same in all rounds, where each round may add to another?"""
        if not store.computed:
            return False
        if store.inside and not self._all_of("picked").isdisjoint((store.key, name)):
            return True
        own = {store.key, name} if store.computed > 1 else set[str]()
        picked = self._all_of("fixed") - own | (self._all_of("deep") if own else set())
        _follow(picked, self._paths[summed])
        return not picked.isdisjoint((store.key, name))

    def _all_of(self, question: str) -> set[str]:
        return set[str]().union(*(getattr(part.questions, question) for part in self._parts()))

    def containers(self, is_filled_once: Callable[[str], bool] | None = None) -> set[str]:
        """By which names containers go of which some is asked for; with `is_filled_once`, also where that is the same
        in all rounds: an item by a constant, or the last of what is filled once."""
        picked = self._asked(False, False, False)
        if is_filled_once is not None:
            last = {key for key in self._filled & self._asked(False, False, True) - picked if is_filled_once(key)}
            picked = picked | last | self._all_of("fixed") | self._all_of("deep")
            _follow(picked, self._paths[False])
        return {key.rpartition("|")[2] for key in self._filled & picked}

    def _take_in(self) -> None:
        self.definitions.take_all()  # whoever is given it may ask
        if self._size != self.definitions.taken:
            self._size = self.definitions.taken
            self._paths.clear()
            self._known.clear()
            self._takers.clear()
            self._made.clear()
            self._holders = set().union(*(part.digest.holders for part in self._parts()))
            self._filled = set().union(*(part.digest.filled for part in self._parts()))

    def _asked(self, summed: bool, inside: bool, ahead: bool) -> set[str]:
        """The names that are asked for: of sums, or of containers; of what is `inside` of one, or of itself; of what
        is put `ahead`, by whoever wants the last."""
        known = self._known.get((summed, inside, ahead))
        if known is None:
            self._known[summed, inside, ahead] = known = set(_UNSPELLED)
            for asked in (part.questions for part in self._parts()):
                known |= asked.decide | (set() if summed else asked.items) | (set() if inside else asked.picked)
                known |= asked.last if ahead else set()
                known.update(*(keys for callee, keys in asked.given.items() if self._asks(callee, summed)))
                known.update(*(keys for method, keys in asked.of.items() if self._looks(method)))
                known |= asked.divides if summed else set()
            known |= set() if summed else self._asked_by_themselves()
            if summed not in self._paths:
                self._paths[summed] = self._paths_of(summed)
            known |= self._fields_compared(self._paths[summed])
            _follow(known, self._paths[summed])
        return known

    def _fields_compared(self, paths: dict[str, set[str]]) -> set[str]:
        """The fields of data classes, instances of which are compared as they are."""
        made = [pair for module in self.definitions.modules for pair in module.same]
        fields = {key: self._compared_fields(found) for key, found in made}
        if not any(fields.values()):
            return set()
        compared: set[str] = set()
        for asked in (part.questions for part in self._parts()):
            compared |= asked.compared.union(*(asked.given.get(name, set()) for name in COMPARING))
        _follow(compared, paths)
        return set().union(*(fields.get(key, set()) for key in compared))

    def _compared_fields(self, tokens: Iterable[str]) -> set[str]:
        names = [token[2:] for token in tokens if token.startswith("()")]
        infos = [(name, self.definitions.class_of(name)) for name in names]
        compare = [name for name, info in infos if info is not None and _compares_fields(info)]
        return set().union(*map(self._fields, compare))

    def _parts(self) -> Iterable[Part]:
        return (part for module in self.definitions.modules for part in module.seen)

    def _asks(self, callee: str, summed: bool) -> bool:
        """May what is called so, which is none of the program's functions, ask for a part of what it is given?"""
        return not (callee in WHOLE or (summed and callee in ORDERED) or self._takers_of(callee))

    def _looks(self, method: str) -> bool:
        return may_be_builtin(method) or not self.definitions.units_of(method)

    def _takers_of(self, callee: str) -> list[Unit]:
        """The program's functions that a call by this name gives something, of a class its constructors."""
        known = self._takers.get(callee)
        if known is None:
            self._takers[callee] = known = list(self.definitions.units_of(callee))
            if self.definitions.class_of(callee) is not None:
                known += self._constructors().get(callee, [])
        return known

    def _constructors(self) -> dict[str, list[Unit]]:
        """By the name of each class."""
        if not self._made:
            for unit in (unit for name in CONSTRUCTORS for unit in self.definitions.units_of(name)):
                self._made.setdefault(unit.owner or "", []).append(unit)
        return self._made

    def _paths_of(self, elements: bool) -> dict[str, set[str]]:
        """By each name, those that are asked if it is. One of many that come one after the other says something of a
        sum, and nothing of where it was taken from (`elements`)."""
        paths: dict[str, set[str]] = {}
        for part in self._parts():
            for unit in part.units:
                paths.setdefault(unit.name, set()).update(unit.told)
            digest = part.digest
            for found in (digest.paths, part.questions.parts, *([digest.elements] if elements else [])):
                for key, values in found.items():
                    paths.setdefault(key, set()).update(values)
            for callee, keys in part.questions.given.items():
                self._hand_over(paths, callee, keys)
        return paths

    def _asked_by_themselves(self) -> set[str]:
        """What holds an instance of a class that is a container, and has methods that ask what is in it."""
        asking: set[str | None] = set()
        for part in self._parts():
            asked = part.questions.decide | part.questions.items | part.questions.picked
            asking |= {unit.owner for unit in part.units if not unit.first.isdisjoint(asked)}
        made = [pair for module in self.definitions.modules for pair in module.same]
        return {key for key, found in made if any(self._asks_itself(token, asking) for token in found)}

    def _asks_itself(self, token: str, asking: set[str | None]) -> bool:
        line = self._line(token[2:]) if token.startswith("()") else []
        bases = {base for info in line for base in info.bases}
        return not bases.isdisjoint(_CONTAINERS) and any(info.name in asking for info in line)

    def _line(self, name: str) -> list[ClassInfo]:
        """The class of this name, and those of the program's that it is derived from."""
        found: dict[str, ClassInfo] = {}
        pending = [name]
        while pending:
            info = self.definitions.class_of(pending.pop())
            if info is not None and info.name not in found:
                found[info.name] = info
                pending += [base for base in info.bases if base]
        return list(found.values())

    def _fields(self, name: str) -> set[str]:
        """What a constructor that nobody has written binds: the annotated names of the class, and of its bases."""
        body = [item for info in self._line(name) for item in info.node.body if isinstance(item, ast.AnnAssign)]
        return {item.target.id for item in body if isinstance(item.target, ast.Name)}

    def _hand_over(self, paths: dict[str, set[str]], callee: str, keys: set[str]) -> None:
        takers = self._takers_of(callee)
        for field in () if takers else self._fields(callee):
            paths.setdefault(field, set()).update(keys)
            for key in keys:
                paths.setdefault(key, set()).add(field)
        for unit in takers:
            bound = unit.owner is not None and "staticmethod" not in unit.decorators
            params = unit.params - unit.first if bound else unit.params
            for param in params:
                paths.setdefault(param, set()).update(keys)
            for key in keys:
                paths.setdefault(key, set()).update(params)
