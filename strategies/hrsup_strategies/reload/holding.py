"""What only takes a reference and keeps it, and runs nothing of the program's: a constructor that stores what it is
given, a method that appends it, a function that gives back a table of functions. Pure; runs in the user's process.

A function that changed is up to date wherever it is held. So what was only held before the loop is no result of the old
code, as long as nobody has called it there (see ``setup_phase``).
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import arguments_of, bare_names, last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.units import ClassInfo, Unit

_PUTTING = frozenset(("append", "appendleft", "add", "insert", "enter", "enterabs"))
# Of the standard library, called with constants alone: they make something, and call nothing.
_MAKERS = frozenset(
    (
        "dict", "list", "set", "tuple", "object", "deque", "defaultdict", "OrderedDict", "Counter", "Lock", "RLock",
        "Event", "Queue", "SimpleQueue", "time", "perf_counter", "monotonic", "getLogger", "Path",
    )
)  # fmt: skip
# Methods that are called by looking at an attribute, or by storing something; and such that an item's key has.
_HOOKS = ("__getattr__", "__getattribute__", "__setattr__", "__get__", "__set__", "__setitem__", "__missing__")
_OF_KEYS = ("__hash__", "__eq__")


class Holding:
    """Answers for one closure. `read` are the names that the functions mention which were found to hold only, `storing`
    those of them, and of classes, that store into other things than the object that is made."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._known: dict[str, bool] = {}
        self.read: set[str] = set()
        self.storing: set[str] = set()
        of_keys = [unit for name in _OF_KEYS for unit in closure.units_of(name)]
        self._hooked = any(map(closure.units_of, _HOOKS)) or any(f"U:{unit.id}" in closure.tainted for unit in of_keys)

    def statement(self, node: ast.AST) -> bool:
        """Does the statement bind, store or give back what it mentions, and nothing else?"""
        if self._hooked:
            return False
        if isinstance(node, (ast.Pass, ast.FunctionDef)):
            return isinstance(node, ast.Pass) or self._definition(node)
        if isinstance(node, ast.Return):
            return node.value is None or self.value(node.value)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return all(map(self._target, targets)) and (node.value is None or self.value(node.value))
        if isinstance(node, ast.If):
            return self._is_none(node.test) and all(map(self.statement, [*node.body, *node.orelse]))
        if not isinstance(node, ast.Expr):
            return False
        return isinstance(node.value, ast.Constant) or (isinstance(node.value, ast.Call) and self._effect(node.value))

    def value(self, node: ast.expr) -> bool:
        """Does the expression give what it mentions, or something new that holds it?"""
        if isinstance(node, (ast.Constant, ast.Name)):
            return True
        if isinstance(node, ast.Attribute):
            return self.value(node.value) and self._is_plain(node.attr)
        if isinstance(node, (ast.List, ast.Tuple)):
            return all(map(self.value, node.elts))
        if isinstance(node, ast.Dict):
            keys = all(isinstance(key, ast.Constant) for key in node.keys)
            return keys and all(map(self.value, node.values))
        if isinstance(node, ast.Lambda):
            return all(map(self.value, [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]))
        return isinstance(node, ast.Call) and self._call(node)

    def _definition(self, node: ast.FunctionDef) -> bool:
        defaults = [*node.args.defaults, *(item for item in node.args.kw_defaults if item is not None)]
        return not node.decorator_list and all(map(self.value, defaults))

    def _is_none(self, node: ast.expr) -> bool:
        """Is this a question that calls nothing?"""
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            return False
        return len(node.ops) == 1 and self.value(node.left) and isinstance(node.comparators[0], ast.Constant)

    def _target(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return True
        if isinstance(node, ast.Attribute):
            return self.value(node)
        return (
            isinstance(node, ast.Subscript)
            and self.value(node.value)
            and isinstance(node.slice, (ast.Constant, ast.Name))
        )

    def _is_plain(self, name: str) -> bool:
        """Does looking at an attribute of this name, or setting it, run nothing?"""
        return all(not unit.decorators for unit in self._closure.units_of(name))

    def _effect(self, call: ast.Call) -> bool:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in _PUTTING:
            name = function.attr
            if not self._closure.units_of(name) and not self._closure.is_rebound(name):
                base = function.value
                inner = isinstance(base, ast.Call) and last_name(base) == "setdefault" and self._is_setdefault(base)
                return (inner or self.value(base)) and all(map(self.value, arguments_of(call)))
        return self._call(call)

    def _is_setdefault(self, call: ast.Call) -> bool:
        unknown = self._closure.units_of("setdefault") or self._closure.is_rebound("setdefault")
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        return not unknown and base is not None and self.value(base) and all(map(self.value, arguments_of(call)))

    def _call(self, call: ast.Call) -> bool:
        function, name = call.func, last_name(call.func)
        if any(isinstance(item, ast.Starred) for item in call.args) or any(item.arg is None for item in call.keywords):
            return False
        if name is None or not isinstance(function, (ast.Name, ast.Attribute)) or not self.value(function):
            return False
        closure, given = self._closure, arguments_of(call)
        units, classes = closure.units_of(name), self._classes(name)
        if closure.is_rebound(name) or (units and classes) or not all(map(self.value, given)):
            return False
        if classes:
            return all(map(self._class, classes))
        if units:
            return all(map(self._function, units))
        plain = isinstance(function, ast.Name) or isinstance(function.value, ast.Name)
        return plain and (
            name == "partial" or (name in _MAKERS and all(isinstance(item, ast.Constant) for item in given))
        )

    def _classes(self, name: str) -> list[ClassInfo]:
        self._closure.class_of(name)
        return [info for module in self._closure.modules for info in module.classes if info.name == name]

    def _class(self, info: ClassInfo) -> bool:
        """Does making an instance run a constructor that only holds, and nothing else?"""
        node = info.node
        if node.keywords or node.decorator_list or "__new__" in info.methods or self._closure.has_foreign_base(info):
            return False
        if any(base not in ("object", "ABC") and not self._closure.class_of(base) for base in info.bases):
            return False
        bases = [one for base in info.bases if base for one in self._classes(base) if one is not info]
        own = [unit for unit in self._closure.units_of("__init__") if unit.owner == info.name]
        return all(map(self._class, bases)) and all(map(self._function, own))

    def _function(self, unit: Unit) -> bool:
        """Does this function, the same in the new version, only hold what it is given, or mentions?"""
        if unit.id not in self._known:
            self._known[unit.id] = False  # not if it calls itself
            self._known[unit.id] = self._looked_at(unit)
        return self._known[unit.id]

    def _looked_at(self, unit: Unit) -> bool:
        closure = self._closure
        if unit.decorators or unit.dynamic or (unit.id in closure.changed_units and unit.id not in closure.shells):
            return False
        if isinstance(unit.node, ast.AsyncFunctionDef) or unit.generates:
            return unit.id not in closure.changed_units  # nothing of it runs until somebody goes on with it
        if not all(map(self.statement, unit.node.body)):
            return False
        self.read |= bare_names(unit.node)
        if _stores_elsewhere(unit, self.storing):
            self.storing.add(unit.owner or "" if unit.name == "__init__" else unit.name)
        return True


def _stores_elsewhere(unit: Unit, storing: set[str]) -> bool:
    """Does it, or one of those in `storing` that it calls, store into more than attributes of the object that is being
    made?"""
    first = [item.arg for item in unit.node.args.args[:1]] if unit.name == "__init__" else []
    for item in ast.walk(unit.node):
        if isinstance(item, ast.Call) and last_name(item.func) in storing:
            return True
        if isinstance(item, ast.Expr) and isinstance(item.value, ast.Call):
            return True
        if not isinstance(item, (ast.Attribute, ast.Subscript)) or isinstance(item.ctx, ast.Load):
            continue
        if isinstance(item, ast.Subscript) or not isinstance(item.value, ast.Name) or item.value.id not in first:
            return True
    return False
