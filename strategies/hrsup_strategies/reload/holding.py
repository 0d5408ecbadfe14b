"""What only takes a reference and keeps it, and runs nothing of the program's: a constructor that stores what it is
given, a method that appends it, a function that gives back a table of functions. Pure; runs in the user's process.

A function that changed is up to date wherever it is held. So what was only held before the loop is no result of the old
code, as long as nobody has called it there (see ``setup_phase``).
"""

from __future__ import annotations

import ast

from hrsup_strategies.reload.identifiers import arguments_of, bare_names, binds_otherwise, last_name, named_in_text
from hrsup_strategies.reload.records import is_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.closure import Closure
    from hrsup_strategies.reload.units import ClassInfo, Unit

_PUTTING = frozenset(("append", "appendleft", "add", "insert", "enter", "enterabs"))
# Of the standard library, called with constants alone: they make something, and call nothing.
_MAKERS = frozenset(
    (
        "dict", "list", "set", "tuple", "object", "deque", "defaultdict", "OrderedDict", "Counter", "Lock", "RLock",
        "Event", "Queue", "SimpleQueue", "time", "perf_counter", "monotonic", "getLogger", "Path", "scheduler",
    )
)  # fmt: skip
_GOING_THROUGH = frozenset(("items", "keys", "values"))
_DISPLAYS = (ast.List, ast.Tuple, ast.Dict, ast.Set)
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
        if isinstance(node, ast.For):
            return self._goes_through(node) and all(map(self.statement, [*node.body, *node.orelse]))
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

    def _goes_through(self, node: ast.For) -> bool:
        """Does the loop take one item after the other out of a table, and run nothing by that?"""
        table, target = node.iter, node.target
        pairs = isinstance(table, ast.Call)
        if isinstance(table, ast.Call):
            if not isinstance(table.func, ast.Attribute) or table.args or table.keywords:
                return False
            method, table = table.func.attr, table.func.value
            pairs = method == "items"
            if method not in _GOING_THROUGH or self._closure.units_of(method) or self._closure.is_rebound(method):
                return False
        names = target.elts if pairs and isinstance(target, ast.Tuple) else [target]
        if not all(isinstance(item, ast.Name) for item in names):
            return False
        if isinstance(table, (ast.List, ast.Tuple)):
            return self.value(table)
        return isinstance(table, ast.Name) and is_table(self._closure, table.id)

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
        return plain and (name == "partial" or (name in _MAKERS and all(map(self._is_nobodys, given))))

    def makes(self, call: ast.Call) -> bool:
        """Does the call make something new of the library's, of nothing that is the program's?"""
        name = last_name(call.func)
        return name in _MAKERS and not self._closure.units_of(name) and not self._classes(name) and self._call(call)

    def _is_nobodys(self, node: ast.expr) -> bool:
        """Is this a constant, or a function of a module that is none of the program's?"""
        if isinstance(node, ast.Constant):
            return True
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return False
        return node.attr not in self._closure.defined and not self._closure.is_rebound(node.attr)

    def _classes(self, name: str) -> list[ClassInfo]:
        self._closure.class_of(name)
        return [info for module in self._closure.modules for info in module.classes if info.name == name]

    def _class(self, info: ClassInfo) -> bool:
        """Does making an instance run a constructor that only holds, and nothing else?"""
        node = info.node
        if node.decorator_list:
            return is_record(node, self._makes_record)
        if node.keywords or "__new__" in info.methods or self._closure.has_foreign_base(info):
            return False
        if any(base not in ("object", "ABC") and not self._closure.class_of(base) for base in info.bases):
            return False
        bases = [one for base in info.bases if base for one in self._classes(base) if one is not info]
        own = [unit for unit in self._closure.units_of("__init__") if unit.owner == info.name]
        return all(map(self._class, bases)) and all(map(self._function, own))

    def _makes_record(self, decorator: ast.expr) -> bool:
        """Does it write a constructor that binds the fields of a class to what it is given?"""
        options = decorator.keywords if isinstance(decorator, ast.Call) else []
        known = not self._closure.units_of("dataclass") and not self._closure.is_rebound("dataclass")
        return known and last_name(decorator) == "dataclass" and all(isinstance(i.value, ast.Constant) for i in options)

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


def is_table(closure: Closure, name: str) -> bool:
    """Does the name stand for a list, a table or the like that a module writes down, and for nothing else anywhere?"""
    closure.mention(name)
    written = False
    for module in closure.modules:
        for part in module.parts if not closure.looks_up_anything() else ():
            node = part.statement.node
            if not part.spells(name):
                continue
            is_own = isinstance(node, (ast.Assign, ast.AnnAssign)) and part.statement.names == (name,)
            if is_own and isinstance(getattr(node, "value", None), _DISPLAYS):
                written = True
            elif any(_binds(item, name, closure) for item in ast.walk(node)):
                return False
    return written


def _binds(item: ast.AST, name: str, closure: Closure) -> bool:
    if isinstance(item, (ast.Name, ast.Attribute)):
        found = item.id if isinstance(item, ast.Name) else item.attr
        return found == name and not isinstance(item.ctx, ast.Load)
    if isinstance(item, ast.ImportFrom):
        return any(alias.name == name and not _is_own(item, closure) for alias in item.names) or _renames(item, name)
    if isinstance(item, ast.Import):
        return _renames(item, name)
    if isinstance(item, ast.alias):
        return False  # see its statement
    if isinstance(item, (ast.arg, ast.keyword)):
        return item.arg == name
    if isinstance(item, ast.Constant):
        return item.value == name or name in named_in_text(item.value)
    return getattr(item, "name", None) == name or binds_otherwise(item, name)


def _renames(node: ast.Import | ast.ImportFrom, name: str) -> bool:
    plain = isinstance(node, ast.ImportFrom)
    return any((alias.asname or ("" if plain else alias.name.partition(".")[0])) == name for alias in node.names)


def _is_own(node: ast.ImportFrom, closure: Closure) -> bool:
    """Is it imported from a module of the program's?"""
    name = (node.module or "").replace(".", "/")
    return node.level > 0 or any(
        module.path.endswith((f"/{name}.py", f"/{name}/__init__.py")) for module in closure.modules
    )


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
