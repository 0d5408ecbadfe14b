"""Dictionaries that only remember what one function has computed, by its arguments. Pure; runs in the user's process.

``if key not in MEMO: MEMO[key] = ...`` at its first call leaves a result of the old code. Where such a dictionary is
nothing but a memo, it is emptied with the change (see ``refill``), as a cold start would have it: it is bound once,
empty, to the name of a module; one function alone spells that name, and uses it only by a key that is made of all of
its arguments and of constants, the same everywhere; it stores there only what is not there yet; and beside that it only
builds a value, before and after the change.
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import locals_of, params_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.names import ModuleNames
    from hrsup_strategies.reload.units import Unit
    from hrsup_strategies.reload.work import Work

    Place = tuple[str, str]  # the path of a module, and a name in it


class Memos:
    """The memos that a change reaches: `emptied`, once ``settle`` was called."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.emptied: set[Place] = set()

    def settle(self) -> None:
        """Find them, and tell the closure of them."""
        closure = self._work.closure
        for flow in closure.near.flows() if self._work.diffs else ():
            unit = flow.unit
            if unit is None or unit.owner is not None or not closure.reached(flow):
                continue
            for store in flow.stores:
                if store.kind != "last" or "|" in store.key or not store.key.isidentifier():
                    continue
                place = self._place(unit, store.key)
                if place is not None and self._is_memo(unit, place, store.key):
                    self.emptied.add(place)
                    closure.memos.add((unit.id, store.key))

    def _place(self, unit: Unit, name: str) -> Place | None:
        places = set()
        for purity in (self._work.before, self._work.after):
            found = purity.names.binding(unit.path, name)
            value = getattr(found[1].node, "value", None) if found is not None else None
            is_empty = isinstance(value, ast.Dict) and not value.keys
            if found is None or not is_empty or not purity.is_container(found[0], found[1]) or found[2] != name:
                return None
            places.add((found[0], found[2]))
        place = places.pop()
        return place if not places and place not in self._work.entries.refilled else None

    def _is_memo(self, unit: Unit, place: Place, name: str) -> bool:
        closure, work = self._work.closure, self._work
        closure.mention(name)
        if len(closure.units_of(unit.name)) != 1 or closure.looks_up_anything():
            return False
        if any(one.dynamic for one in closure.units):
            return False
        modules = [*closure.modules, *(version.names.spelling([name]) for version in work.new.values())]
        if not all(_spells_in(module, name, unit) for module in modules):
            return False
        return all(self._remembers(unit.path, unit.name, place, old) for old in (True, False))

    def _remembers(self, path: str, function: str, place: Place, old: bool) -> bool:
        purity = self._work.before if old else self._work.after
        found = purity.names.binding(path, function)
        if found is None or found[0] != path or not isinstance(found[1].node, ast.FunctionDef):
            return False
        node = found[1].node
        if not _uses_as_memo(node, place[1]) or not purity.fills_only(path, node, {place}):
            return False
        for read in purity.reads:
            bound = purity.names.binding(*read)
            if bound is None or (bound[0], bound[2]) != place:
                self._work.reads.add(read)
        return True


def _spells_in(module: ModuleNames, name: str, function: Unit) -> bool:
    """Does a module spell the name in this function, where it is bound and imported, and nowhere else?"""
    if any(name in one.mentions and one.id != function.id for one in module.units):
        return False
    for flow in module.flows:
        inside = flow.unit is not None and flow.unit.id == function.id
        if not inside and any(store.key == name for store in flow.stores) and not _binds(flow.top, name):
            return False
    return all(name not in top.spelled or _imports(top.statement.node, name) for top in module.tops)


def _uses_as_memo(node: ast.FunctionDef, name: str) -> bool:
    """Is the name used only by one key, of all arguments, and stored into only where the key is not there yet?"""
    arguments = node.args
    if node.decorator_list or arguments.vararg or arguments.kwarg or arguments.defaults or arguments.kwonlyargs:
        return False
    names = params_of(arguments)
    bound = {item.id for item in ast.walk(node) if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)}
    inner = any(
        isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef))
        for item in ast.walk(node)
        if item is not node
    )
    if bound & set(names) or name in locals_of(node) or inner or len(_keys(node, name)) != 1:
        return False
    allowed: set[int] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Subscript) and _is_name(item.value, name) and _is_key(item.slice, names):
            allowed |= {id(item.value)} if isinstance(item.ctx, ast.Load) else set()
        elif _asks(item, name, names, (ast.In, ast.NotIn)):
            allowed.add(id(item.comparators[0]))  # type: ignore[attr-defined]
    allowed |= _guarded(node.body, name, names, False)
    return all(id(item) in allowed for item in ast.walk(node) if isinstance(item, ast.Name) and item.id == name)


def _guarded(body: list[ast.stmt], name: str, names: list[str], absent: bool) -> set[int]:
    """The mentions of the memo in assignments that are reached only where it does not have the key."""
    found: set[int] = set()
    for statement in body:
        if isinstance(statement, ast.Assign) and absent and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Subscript) and _is_name(target.value, name) and _is_key(target.slice, names):
                found.add(id(target.value))
                absent = False
        elif isinstance(statement, ast.If):
            is_absent = _asks(statement.test, name, names, (ast.NotIn,))
            is_present = _asks(statement.test, name, names, (ast.In,))
            found |= _guarded(statement.body, name, names, is_absent)
            found |= _guarded(statement.orelse, name, names, is_present)
            absent = is_present and not statement.orelse and isinstance(statement.body[-1], ast.Return)
    return found


def _asks(node: ast.AST, name: str, names: list[str], kinds: tuple[type[ast.cmpop], ...]) -> bool:
    return (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], kinds)
        and _is_name(node.comparators[0], name)
        and _is_key(node.left, names)
    )


def _keys(node: ast.FunctionDef, name: str) -> set[str]:
    """The keys that the memo is asked for, as text."""
    keys = [item.slice for item in ast.walk(node) if isinstance(item, ast.Subscript) and _is_name(item.value, name)]
    keys += [
        item.left for item in ast.walk(node) if isinstance(item, ast.Compare) and _is_name(item.comparators[0], name)
    ]
    return {ast.unparse(key) for key in keys}


def _is_key(node: ast.expr, names: list[str]) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    found = [part.id for part in parts if isinstance(part, ast.Name)]
    constants = [part for part in parts if isinstance(part, ast.Constant)]
    return len(found) + len(constants) == len(parts) and sorted(found) == sorted(names)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _binds(node: ast.stmt | None, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _imports(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ImportFrom) and all(item.asname is None for item in node.names if item.name == name)
