"""What a change reaches: which names, which import-time statements, which stored results. Pure; user's process.

The fixpoint over-approximates by name (see ``names``): whatever mentions a tainted name is tainted. It works on the
*old* versions of the modules, since those are what has run.
"""

from __future__ import annotations

import ast
import builtins

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.flows import Flow, Store
from hrsup_strategies.reload.identifiers import ANYTHING, BUILDERS, bare_names, last_name
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.names import ClassInfo, ModuleNames, Unit
from hrsup_strategies.reload.once import Once, may_keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hrsup_strategies.reload.sources import Sources

# Callees that do not call what they are given, so their arguments reach no function of the user's.
# fmt: off
QUIET = frozenset(
    (
        "print", "len", "str", "int", "float", "repr", "bool", "sum", "abs", "round", "isinstance", "issubclass",
        "range", "enumerate", "zip", "list", "dict", "set", "tuple", "frozenset", "bytes", "info", "debug",
        "warning", "error", "exception", "critical", "log", "write", "writelines", "writerow", "append", "add",
        "join", "format", "split", "strip", "get", "items", "keys", "values", "flush", "sleep", "put", "put_nowait",
        "send", "sendall", "dumps", "loads", "dump", "load", "open", "encode", "decode", "startswith", "endswith",
        "replace", "extend", "insert", "pop", "appendleft", "ord", "chr", "hash", "id", "upper", "lower", "publish",
        "emit", "respond", "reply", "send_json", "send_text", "send_bytes", "sendto", "fatal", "exit", "sleep",
        "wait", "pprint", "print_exc", "feed", "execute", "executemany", "commit", "rollback", "post", "patch",
        "delete", "request", "notify", "render", "echo", "secho", "end_headers", "send_response", "send_header",
        "send_error"
    )
)
# fmt: on
WRITERS = frozenset(
    (
        "write",
        "writelines",
        "writerow",
        "writerows",
        "dump",
        "info",
        "debug",
        "warning",
        "error",
        "exception",
        "critical",
        "log",
    )
)
# Methods that the standard library calls on whatever it is given.
DUCK = frozenset(
    (
        "read",
        "readline",
        "readlines",
        "readinto",
        "write",
        "writelines",
        "flush",
        "close",
        "fileno",
        "isatty",
        "seek",
        "tell",
        "filter",
        "emit",
        "format",
        "default",
        "keys",
        "items",
        "handleError",
    )
)
SAFE_BASES = frozenset(
    (
        "ABC",
        "Protocol",
        "Generic",
        "NamedTuple",
        "TypedDict",
        "Enum",
        "IntEnum",
        "StrEnum",
        "Flag",
        "IntFlag",
        "auto",
        "Exception",
        "object",
    )
)
SAFE_DECORATORS = frozenset(
    (
        "property",
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "contextmanager",
        "asynccontextmanager",
        "wraps",
        "lru_cache",
        "cache",
        "cached_property",
        "total_ordering",
        "dataclass",
        "singledispatch",
        "overload",
        "final",
        "override",
        "runtime_checkable",
        "unique",
    )
)
SAFE_ORIGINS = frozenset(
    (
        "builtins",
        "functools",
        "contextlib",
        "abc",
        "typing",
        "dataclasses",
        "enum",
        "typing_extensions",
    )
)
ACCESSORS = frozenset(("setter", "getter", "deleter"))
# Hooks that run where nothing in the source says so.
IMPLICIT = frozenset(
    (
        "__getattr__",
        "__getattribute__",
        "__get__",
        "__set__",
        "__instancecheck__",
        "__subclasscheck__",
    )
) | frozenset(("__init_subclass__", "__set_name__", "__class_getitem__", "__prepare__", "__mro_entries__", "__del__"))
AT_CLASS_CREATION = frozenset(
    (
        "__init_subclass__",
        "__set_name__",
        "__class_getitem__",
        "__prepare__",
        "__mro_entries__",
    )
)


class Defined:
    """The names of the user's functions and classes, as a container to be asked."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            self._closure.class_of(name) is not None or bool(self._closure.units_of(name))
        )


class Closure:
    """The names that a change reaches.

    `functions` are names whose code changed while the object stays the same, `values` names that are bound to another
    object. `tainted` grows from both; `affected` are import-time statements that must be executed again.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._taken = -1  # how many of the sources have been taken in
        self._asked: set[str] = set()  # names whose definitions have been
        self.functions: set[str] = set()
        self.values: set[str] = set()
        self.tainted: set[str] = set()
        self.data: set[str] = set()  # of the tainted keys, those that are more than a reference to a definition
        self.changed_units: set[str] = set()
        self.stale_flows: set[int] = set()  # ids of flows whose statement is not in the new version
        self.drained: set[str] = set()  # variables that hold worker pools without tasks: nothing is kept in these
        self.defined = Defined(self)
        self._eager: set[str] = set()
        self._take_in()

    def class_of(self, name: str | None) -> ClassInfo | None:
        """The class of this name among the user's."""
        if name and name not in self._asked:
            self._asked.add(name)
            self._sources.defining([name])
            self._take_in()
        return self._classes.get(name or "")

    def units_of(self, name: str) -> list[Unit]:
        """The functions and methods of this name."""
        self.class_of(name)  # both come with the same modules
        return self._by_name.get(name, [])

    def _take_in(self) -> None:
        """Take in what has been parsed since the last time."""
        if len(self._sources) == self._taken:
            return
        self._taken = len(self._sources)
        self.modules = modules = [version.names for version in self._sources.parsed]
        self.units = [unit for module in modules for unit in module.units]
        self.flows = [flow for module in modules for flow in module.flows]
        self._classes = {info.name: info for module in modules for info in module.classes}
        self._escapes = set().union(*(module.escapes for module in modules)) if modules else set()
        self._buffers = any(module.buffers for module in modules)
        self._by_name: dict[str, list[Unit]] = {}
        for unit in self.units:
            self._by_name.setdefault(unit.name, []).append(unit)

    def _follow(self) -> None:
        """Take in every module that what is tainted so far may reach."""
        bare, defined = set(), set()
        for key in self.tainted | self.values | self.data:
            if key in ("P:*", "C:*", ANYTHING):  # whoever may be called at all
                self._sources.all()
                break
            if key.startswith(("P:", "C:")):
                defined.add(key[2:])
            elif "|" not in key and not key.startswith("U:"):
                bare.add(key)
        self._sources.mentioning(bare)
        self._sources.defining(defined)
        self._take_in()

    def compare(self, old: ModuleNames, new: ModuleNames, unit_id: str, signature: bool) -> None:
        """Note which flows of a changed unit are not the same in the new version; all, if its `signature` changed."""
        self.changed_units.add(unit_id)
        before = [flow for flow in old.flows if flow.unit is not None and flow.unit.id == unit_id]
        after = [flow for flow in new.flows if flow.unit is not None and flow.unit.id == unit_id]
        marks_before, marks_after = {flow.mark for flow in before}, {flow.mark for flow in after}
        common_before = [flow.mark for flow in before if flow.mark in marks_after]
        common_after = [flow.mark for flow in after if flow.mark in marks_before]
        everything = signature or common_before != common_after
        self.stale_flows |= {id(flow) for flow in before if everything or flow.mark not in marks_after}
        for flow in after:
            if everything or flow.mark not in marks_before:
                self._spread(flow.stores)

    def grow(self) -> None:  # noqa: C901 - the steps of one fixpoint
        """Run the fixpoint."""
        self.tainted |= self.functions | self.values
        self.data |= self.values
        self._take_in()
        before, now = (-1, -1), (0, 0)
        while before != now:
            before = len(self.tainted) + len(self.data), self._taken
            for unit in self.units:
                if unit.dynamic or unit.id in self.changed_units:
                    self._reach(unit)
            self._eager = self._eager_attributes()
            for unit in self.units:
                # Locals do not count: what reaches them from outside is spelled where the unit is called.
                if f"U:{unit.id}" not in self.tainted and not (
                    unit.globals.isdisjoint(self.tainted) and unit.binds.isdisjoint(self.values)
                ):
                    self._reach(unit)
            for flow in self.flows:
                if self.reached(flow):
                    self._spread(flow.stores)
                elif not flow.holds.isdisjoint(self.tainted):
                    # The object that a definition is stays the same when its code changes.
                    self._spread(flow.stores, reference=True)
            self._give_parameters()
            self._inherit()
            for module in self.modules:
                for top in module.tops:
                    self._bind(top)
            self._follow()
            now = len(self.tainted) + len(self.data), self._taken

    def reached(self, flow: Flow) -> bool:
        """Does a value that may come from what changed take this way?"""
        if id(flow) in self.stale_flows or not flow.sources.isdisjoint(self.tainted):
            return True
        if not self._called_under(flow).isdisjoint(self.tainted):
            return True
        return not flow.holds.isdisjoint(self.data) or not flow.holds.isdisjoint(self._eager)

    def affected(self) -> list[tuple[ModuleNames, ImportTime, set[str]]]:
        """The import-time statements that used what changed, with the names that say so."""
        found = []
        eager = self.values | self._eager_attributes()
        for module in self.modules:
            for top in module.tops:
                why = (top.uses & self.tainted) | (top.uses & {ANYTHING}) | ((top.uses | top.holds) & eager)
                why -= self._only_referenced(module, top, why)
                if why:
                    found.append((module, top, why))
        return found

    def check_stores(self, running: ast.stmt | None, living: dict[str, set[str]]) -> None:
        """Refuse (HR122) if a result of what changed may be kept; `running` is the script's statement that runs,
        `living` has the units around the loop, each with the locals that every iteration makes anew."""
        eager = self._eager_attributes()
        if any(may_keep(store) and self.reached(flow) for flow in self.flows for store in flow.stores):
            self._sources.all()  # what a flag is set by, and who calls under it, need not spell what changed
            self._take_in()
        once = Once(self.modules, living)
        for module in self.modules:
            if eager & module.filled:
                raise Refusal("HR122", f"`{sorted(eager & module.filled)[0]}` is stored into", module.path)
            for flow in module.flows:
                if flow.unit is None and flow.top is not running and not flow.deferred:
                    continue
                if self.reached(flow):
                    self._check_flow(module, flow, living)
                    self._check_once(module, flow, once)

    def _check_once(self, module: ModuleNames, flow: Flow, once: Once) -> None:
        for store in flow.stores:
            if store.key not in self.drained and once.keeps(flow, store):
                name = store.key.rpartition("|")[2]
                text = f"what is done with results of what changed (`{name.removeprefix('E:')}`) may be done only once"
                raise Refusal("HR122", text, module.path, flow.line)

    def is_called_unseen(self, unit: Unit) -> bool:
        """May this method be called where nothing in the source mentions it?"""
        if unit.owner is None or _is_dunder(unit.name):
            return _is_dunder(unit.name)
        info = self.class_of(unit.owner)
        return unit.name in DUCK or info is None or self._has_foreign_base(info)

    def _called_under(self, flow: Flow) -> set[str]:
        """The keys that say that what changed decides whether the flow's function is called at all."""
        unit = flow.unit
        if unit is None:
            return {"C:*"} if flow.deferred else set()
        keys = {f"C:{unit.name}"}
        if _is_dunder(unit.name):
            keys |= {f"C:{unit.owner}", "C:*"}
        elif unit.name in self._escapes:  # of no account before ``C:*``, which takes every module in
            keys.add("C:*")
        return keys

    # -- the fixpoint's steps ----------------------------------------------------------------------------------------

    def _reach(self, unit: Unit) -> None:
        self.tainted |= {unit.name, f"U:{unit.id}"}
        info = self.class_of(unit.owner)
        if info is not None and (_is_dunder(unit.name) or unit.name in DUCK or self._has_foreign_base(info)):
            self.tainted.add(info.name)

    def _spread(self, stores: list[Store], reference: bool = False) -> None:
        for store in stores:
            if not store.key or store.kind in ("aug", "effect"):
                continue  # what was accumulated is the program's own state, and goes on
            keys = {store.key}
            kind, name = store.key[:2], store.key[2:]
            if kind in ("P:", "C:") and name not in QUIET and name not in self.defined:
                keys.add(f"{kind}*")
            self.tainted |= keys
            if not reference:
                self.data |= keys

    def _give_parameters(self) -> None:
        for unit in self.units:
            groups = {f"P:{unit.name}"}
            if unit.name in self._escapes or _is_dunder(unit.name):
                groups.add("P:*")
            if _is_dunder(unit.name):
                groups.add(f"P:{unit.owner}")
            if groups & self.tainted:
                self.tainted |= unit.params
            if groups & self.data:
                self.data |= unit.params

    def _inherit(self) -> None:
        for info in list(self._classes.values()):
            if any(base in self.tainted for base in info.bases if base):
                self.tainted.add(info.name)
            for keys in (self.tainted, self.data):
                for kind in ("P", "C"):
                    if f"{kind}:{info.name}" in keys:
                        keys |= {f"{kind}:{base}" for base in info.makers if base}

    def _bind(self, top: ImportTime) -> None:
        statement = top.statement
        if statement.kind == "import":
            node = statement.node
            assert isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names:
                if alias.asname and alias.name.rpartition(".")[2] in self.tainted:
                    self.tainted.add(alias.asname)
        elif statement.kind in ("assign", "effect") and not (top.uses | top.holds).isdisjoint(self.tainted):
            self.tainted |= set(statement.names)
            if not top.uses.isdisjoint(self.tainted):
                self.data |= set(statement.names)

    def _has_foreign_base(self, info: ClassInfo, depth: int = 0) -> bool:
        for base in info.bases:
            if base is None or depth > 20:
                return True
            known = self.class_of(base)
            if known is not None:
                if base != info.name and self._has_foreign_base(known, depth + 1):
                    return True
            elif base not in SAFE_BASES and not hasattr(builtins, base):
                return True
        return False

    def _eager_attributes(self) -> set[str]:
        """Tainted methods that run by being looked at (properties and the like)."""
        return {unit.name for unit in self.units if unit.owner and unit.decorators and f"U:{unit.id}" in self.tainted}

    # -- decorators ------------------------------------------------------------------------------------------------

    def _only_referenced(self, module: ModuleNames, top: ImportTime, why: set[str]) -> set[str]:
        """Of the names in `why`, those of decorated functions whose decorators keep a reference and no more."""
        if not why:
            return set()
        harmless: set[str] = set()
        for node in _decorated(top.statement.node):
            if node.name in why and all(self.keeps_reference(module, item) for item in node.decorator_list):
                harmless.add(node.name)
        return harmless - top.decorators - self.values

    def keeps_reference(self, module: ModuleNames, decorator: ast.expr) -> bool:
        """Is this decorator known to do no more with a function than keep it, wrap it or give it back?"""
        called = isinstance(decorator, ast.Call)
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if bare_names(decorator) & self.values:
            return False
        if isinstance(target, ast.Name):
            origin = module.origins.get(target.id, "builtins")
            if target.id in SAFE_DECORATORS and target.id not in self.defined and origin in SAFE_ORIGINS:
                return True
            name = target.id
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            if target.attr in SAFE_DECORATORS and module.origins.get(target.value.id) in SAFE_ORIGINS:
                return True
            if target.attr in ACCESSORS or self._is_dispatch(target):
                return True
            name = target.attr
        else:
            return False
        units = self.units_of(name)
        return len(units) == 1 and f"U:{units[0].id}" not in self.tainted and _keeps(units[0], called)

    def _is_dispatch(self, target: ast.Attribute) -> bool:
        if target.attr != "register" or not isinstance(target.value, ast.Name):
            return False
        units = self.units_of(target.value.id)
        return len(units) == 1 and "singledispatch" in units[0].decorators

    # -- stored results --------------------------------------------------------------------------------------------

    def _check_flow(self, module: ModuleNames, flow: Flow, living: dict[str, set[str]]) -> None:
        anew = living.get(flow.unit.id) if flow.unit is not None else None
        for store in flow.stores:
            if store.key in self.drained:
                continue
            kind = store.kind
            if store.needs_class is not None and not self._makes_fresh(store.needs_class):
                kind = "last"
            if store.made is not None and anew is not None and store.made not in anew:
                kind = store.lasting  # made on the spot, but before the loop
            name = store.key.rpartition("|")[2]
            if kind == "effect" and name[2:] not in QUIET and name[2:] not in self.defined:
                text = f"what `{name[2:]}` does with results of what changed is not known"
                raise Refusal("HR122", text, module.path, flow.line)
            if kind == "effect" and self._buffers and store.made is None and name[2:] in WRITERS:
                text = "results of what changed may be written where the program reads them"
                raise Refusal("HR122", text, module.path, flow.line)
            if (
                kind == "last"
                or (kind == "append" and self._is_noted(name, "tests"))
                or (kind in ("append", "aug") and self._is_noted(name, "emptied"))
            ):
                where = f"`{name}`" if name else "an object"
                raise Refusal("HR122", f"results of what changed may be kept in {where}", module.path, flow.line)

    def _is_noted(self, name: str, what: str) -> bool:
        """Is the name among those that some module tests, or empties?"""
        self._sources.mentioning([name])
        self._take_in()
        return any(name in getattr(module, what) for module in self.modules)

    def _makes_fresh(self, name: str) -> bool:
        if name in BUILDERS:
            return True
        info = self.class_of(name)
        return info is not None and "__new__" not in info.methods and not self._has_foreign_base(info)


def _decorated(node: ast.stmt) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, FunctionNode):
        return [node] if node.decorator_list else []
    if isinstance(node, ast.ClassDef):
        return [found for item in node.body for found in _decorated(item)]
    return []


def _only_stores(item: ast.AST) -> bool:
    return isinstance(item, ast.Assign) and not any(isinstance(target, ast.Name) for target in item.targets)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _keeps(unit: Unit, called: bool) -> bool:  # noqa: C901 - one case for each harmless use
    """Does the user's decorator only store, wrap or return the function that it is given?"""
    node: ast.FunctionDef | ast.AsyncFunctionDef = unit.node
    if called:
        inner = [item for item in node.body if isinstance(item, FunctionNode)]
        if len(inner) != 1:
            return False
        node = inner[0]
    arguments = [*node.args.posonlyargs, *node.args.args]
    if unit.owner is not None and not called and len(arguments) == 2:
        arguments = arguments[1:]
    if len(arguments) != 1 or isinstance(node, ast.AsyncFunctionDef):
        return False
    parameter = arguments[0].arg
    allowed: set[int] = set()
    inner_functions: list[ast.AST] = []
    for item in ast.walk(node):
        if isinstance(item, FunctionNode) and item is not node:
            inner_functions.append(item)
            for decorator in item.decorator_list:
                if isinstance(decorator, ast.Call) and last_name(decorator) == "wraps":
                    allowed |= {id(argument) for argument in decorator.args}
        elif isinstance(item, ast.Return) or _only_stores(item):
            allowed.add(id(getattr(item, "value", None)))
        elif isinstance(item, ast.Call) and last_name(item) in ("append", "add", "setdefault", "update_wrapper"):
            allowed |= {id(argument) for argument in item.args}
        elif isinstance(item, ast.Attribute) and item.attr in ("__name__", "__qualname__", "__module__"):
            allowed.add(id(item.value))
    for function in inner_functions:
        assert isinstance(function, FunctionNode)
        allowed |= {id(item) for statement in function.body for item in ast.walk(statement)}
        # A wrapper that runs at once would run what it wraps.
        if any(isinstance(item, ast.Call) and last_name(item) == function.name for item in ast.walk(node)):
            return False
    uses = [item for item in ast.walk(node) if isinstance(item, ast.Name) and item.id == parameter]
    return all(id(item) in allowed for item in uses)
