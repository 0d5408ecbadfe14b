"""From changed bytes to a list of steps, with nothing touched. Runs in the user's process.

Every check that can be made from the sources is made here; what needs live objects is checked by ``patch`` before its
first step.
"""

from __future__ import annotations

import ast
import sys

from hrsup_strategies.reload import rebuild
from hrsup_strategies.reload.closure import AT_CLASS_CREATION, IMPLICIT, Closure
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff, Statement, bound_once, parse, statements
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.import_statements import absolute, imported, imports_of
from hrsup_strategies.reload.import_time import ImportTime
from hrsup_strategies.reload.imports import Imports, is_quiet
from hrsup_strategies.reload.names import ModuleNames
from hrsup_strategies.reload.values import rebuildable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from hrsup_strategies.reload.sources import Sources

    FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


_SUSPENDING = (ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFunctionDef)


class Version:
    """One version of one module's source, parsed; `code_of` compiles single statements of it. `suspends` says whether
    something in it can be a generator or coroutine."""

    def __init__(self, path: str, data: bytes, main: bool, new: bool = False) -> None:
        self.path, self.data = path, data
        try:
            if new:
                compile(data, path, "exec", dont_inherit=True)  # the compiler finds more than the parser
            self.tree = parse(data, path)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            message = getattr(error, "msg", None) or str(error)
            raise Refusal("HR105", f"{type(error).__name__}: {message}", path, line, "held") from None
        self.body = statements(self.tree.body, main)
        self.names = ModuleNames(path, self.tree, self.body)
        self.flags = 0x1000000 if self.names.postponed else 0  # CO_FUTURE_ANNOTATIONS
        self._imports = imports_of(self.tree)
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)]
        self.stars = [node for node in imports if node.names[0].name == "*"]
        self.suspends = any(isinstance(node, _SUSPENDING) for node in ast.walk(self.tree))

    def code_of(self, node: ast.stmt) -> CodeType:
        """The code of one statement, as a module's body; functions in it are as in the whole module's code."""
        # The compiler calls a method of an imported name in its own way, so it must know what is imported.
        body: list[ast.stmt] = [node]
        if self._imports:
            body.insert(0, ast.If(ast.Constant(False), self._imports, []))
            ast.fix_missing_locations(body[0])
        code: CodeType = compile(ast.Module(body, []), self.path, "exec", flags=self.flags, dont_inherit=True)
        return code


class Step:
    """One thing to do in one module. `action`: ``run`` (execute the statement), ``rebuild`` (the same, of a class that
    nobody else may hold), ``function`` (a function gets new code), ``attributes`` (execute statements of a class's
    body), ``remove``, ``doc``. `cls` names the class concerned; `check` are old statements whose live values must still
    be what they built."""

    __slots__ = ("action", "check", "cls", "names", "new", "nodes", "old", "path", "signature")

    def __init__(self, action: str, path: str, old: Statement | None, new: Statement | None) -> None:
        self.action, self.path, self.old, self.new = action, path, old, new
        self.cls: str | None = None
        self.nodes: list[Statement] = []
        self.check: list[Statement] = []
        self.names: tuple[str, ...] = ()
        self.signature = False

    @property
    def executes(self) -> bool:
        """Is a whole statement executed?"""
        return self.action in ("run", "rebuild")

    @property
    def line(self) -> int:
        """Where in the new (or else the old) source this step is."""
        statement = self.new or self.old
        return statement.node.lineno if statement else 0


class Work:
    """A prepared reload: the closure and, by path, versions, differences and steps."""

    def __init__(self, modules: dict[str, Any], versions: Sources, new: dict[str, Version]) -> None:
        self.modules, self.old, self.new = modules, versions, new
        self.closure = Closure(versions)
        self.diffs = {path: ModuleDiff(versions[path].body, new[path].body) for path in new}
        self.steps: dict[str, list[Step]] = {}
        self.functions: list[tuple[str, Statement, Statement]] = []  # path, old, new: code changes
        self.running: ast.stmt | None = None  # the script's statement that is being executed
        self._pairs: dict[int, Statement] = {}
        self._deferred: list[tuple[ModuleNames, FunctionDef]] = []
        self._stars: set[str] = set()
        self._rebuilt: set[int] = set()  # class statements that are executed as a whole
        self._repeated: set[int] = set()  # statements (and nodes of class bodies) that have their step

    def prepare(self, running: Statement | None) -> None:
        """Make the steps. Raises Refusal."""
        self.running = running.node if running else None
        for path, diff in self.diffs.items():
            self._pairs.update((id(before), after) for before, after in diff.kept)
            self._module(path, diff)
        self._check_load_order()
        self._close()
        for path in self.steps:
            self._check_precedence(path)
        for names, node in self._deferred:
            for decorator in node.decorator_list:
                if not self.closure.keeps_reference(names, decorator):
                    text = f"what `@{ast.unparse(decorator)}` does with a function is not known"
                    raise Refusal("HR118", text, names.path, node.lineno)
        self._check_caches()

    # -- the changed modules -----------------------------------------------------------------------------------------

    def _module(self, path: str, diff: ModuleDiff) -> None:
        self.steps.setdefault(path, [])
        touched_old = [*diff.removed, *(before for before, _ in diff.changed)]
        touched_new = [*diff.added, *(after for _, after in diff.changed)]
        for statement in [*touched_old, *touched_new]:
            self._check_kind(path, statement)
        bound_once(path, touched_old, diff.old)
        bound_once(path, touched_new, diff.new)
        self._check_globals(path, [*touched_old, *touched_new])
        self._check_order(path, diff)
        for before in diff.removed:
            if before.kind != "inert":
                self._remove(path, before)
        for before, after in diff.changed:
            self._changed(path, before, after)
        for after in diff.added:
            if after.kind != "inert":
                self._added(path, after)

    def _check_kind(self, path: str, statement: Statement) -> None:
        node = statement.node
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            raise Refusal("HR116", "a `from __future__` import changed", path, node.lineno)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            raise Refusal("HR115", "an `import *` changed", path, node.lineno)
        if "__getattr__" in statement.names or "__dir__" in statement.names:
            raise Refusal("HR110", "what the module does with unknown names changed", path, node.lineno)
        if statement.kind == "effect":
            raise Refusal("HR110", "a changed statement does more than bind a name", path, node.lineno)
        if self.running is not None and node is self.running:
            raise Refusal("HR131", "the statement that is running changed", path, node.lineno)

    def _check_globals(self, path: str, touched: list[Statement]) -> None:
        names = {name for statement in touched for name in statement.names}
        for version in (self.old[path], self.new[path]):
            for node in ast.walk(version.tree):
                if isinstance(node, ast.Global) and names & set(node.names):
                    first = sorted(names & set(node.names))[0]
                    raise Refusal("HR113", f"`{first}` is bound again by the program", path, node.lineno)

    def _check_order(self, path: str, diff: ModuleDiff) -> None:
        """In the script, what comes after the running statement has not been executed yet."""
        if self.running is None or not any(s.node is self.running for s in diff.old):
            return
        at = next(i for i, s in enumerate(diff.old) if s.node is self.running)
        after_new = self._pairs.get(id(diff.old[at]))
        later_old = {id(s) for s in diff.old[at + 1 :]}
        position = next((i for i, s in enumerate(diff.new) if s is after_new), -1)
        later_new = {id(s) for s in diff.new[position + 1 :]}
        touched = [*diff.removed, *diff.added, *(s for pair in diff.changed for s in pair)]
        for statement in touched:
            if id(statement) in later_old | later_new and statement.kind != "inert":
                raise Refusal("HR131", "a statement behind the running one changed", path, statement.node.lineno)
        for before, after in diff.kept:
            if (id(before) in later_old) != (id(after) in later_new):
                raise Refusal("HR131", "a statement moved past the running one", path, after.node.lineno)

    def _check_load_order(self) -> None:
        """A cold start executes what moved, and imports what is named, in the order of the new sources."""
        before, after = Imports(self, True), Imports(self, False)
        for path, diff in self.diffs.items():
            for statement in [*diff.moved, *diff.removed]:
                if not is_quiet(statement, self.closure.defined):
                    text = "a statement moved or went that does more than bind a name"
                    raise Refusal("HR110", text, path, statement.node.lineno)
            for statement in [*diff.removed, *(old for old, _ in diff.changed)]:
                if statement.kind == "import":
                    before.check(path, statement, True)
            for statement in [*diff.added, *diff.moved, *(new for _, new in diff.changed)]:
                if statement.kind == "import":
                    after.check(path, statement, False)

    def _check_precedence(self, path: str) -> None:
        """A cold start runs a body from top to bottom: what is executed again must find its names bound above it."""
        body = (self.new.get(path) or self.old[path]).body
        first: dict[str, int] = {}
        for index, statement in enumerate(body):
            for name in statement.names:
                first.setdefault(name, index)
        again = {id(step.new) for step in self.steps[path]}
        moved = self.diffs[path].moved if path in self.diffs else []
        again |= {id(statement) for statement in moved}
        places = {name for step in self.steps[path] if step.executes for name in step.names}
        places |= {name for statement in moved for name in statement.names}
        for index, statement in enumerate(body):
            if id(statement) in again or places:
                top = ImportTime(statement, True)
                names = top.uses | top.holds
                for name in names if id(statement) in again else names & places:
                    if first.get(name, -1) >= index and name not in statement.names:
                        raise Refusal("HR110", f"`{name}` is bound below its use", path, statement.node.lineno)

    def _remove(self, path: str, before: Statement) -> None:
        step = Step("doc" if before.kind == "doc" else "remove", path, before, None)
        step.names = before.names
        self.steps[path].append(step)
        self._values(set(before.names), path)
        if before.kind == "class":
            self.closure.values |= {
                name for item in ast.walk(before.node) for name in [getattr(item, "name", None)] if name
            }

    def _changed(self, path: str, before: Statement, after: Statement) -> None:
        if before.kind == "inert":
            return
        if before.kind == "def":
            self._function(path, before, after, None)
        elif before.kind == "class":
            self._class_or_rebuild(path, before, after)
        elif before.kind == "doc":
            self.steps[path].append(Step("doc", path, before, after))
            self.closure.values.add("__doc__")
        else:
            self._binding(path, before, after)

    def _binding(self, path: str, before: Statement | None, after: Statement) -> None:
        step = Step("run", path, before, after)
        step.names = after.names
        if after.kind == "import":
            self._check_import(path, after)
        elif after.kind == "assign":
            self._check_value(path, after, self.new)
            if before is not None:
                self._check_value(path, before, self.old)
                step.check.append(before)
        self.steps[path].append(step)
        self._values(set(after.names), path)

    def _check_value(self, path: str, statement: Statement, versions: Sources | dict[str, Version]) -> None:
        node = statement.node
        assert isinstance(node, (ast.Assign, ast.AnnAssign))
        version = versions[path] if path in versions else self.old[path]
        if not rebuildable(node.value, self.closure.defined, version.names.origins):
            names = ", ".join(statement.names)
            raise Refusal("HR112", f"`{names}` cannot be built again without side effects", path, node.lineno)

    def _check_import(self, path: str, statement: Statement) -> None:
        node = statement.node
        package = getattr(self.modules[path], "__package__", None) or ""
        for name in imported(node, package):
            if name not in sys.modules and name.partition(".")[0] not in sys.stdlib_module_names:
                raise Refusal("HR114", f"`{name}` is not loaded yet", path, node.lineno)

    def _added(self, path: str, after: Statement) -> None:
        node = after.node
        if after.kind == "doc":
            self.steps[path].append(Step("doc", path, None, after))
            self.closure.values.add("__doc__")
            return
        if isinstance(node, FunctionNode):
            self._check_new_function(path, node)
        elif isinstance(node, ast.ClassDef):
            self._check_new_class(path, node)
        self._binding(path, None, after)

    def _check_new_function(self, path: str, node: FunctionDef) -> None:
        names = self.new[path].names
        for decorator in node.decorator_list:
            text = ast.unparse(decorator)
            if text not in ("property", "staticmethod", "classmethod") and not text.endswith((".setter", ".deleter")):
                raise Refusal("HR118", f"a new function is decorated by `@{text}`", path, node.lineno)
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if not rebuildable(default, self.closure.defined, names.origins):
                raise Refusal("HR112", f"a default of `{node.name}` has side effects", path, node.lineno)
        if getattr(node, "type_params", None):
            raise Refusal("HR117", f"`{node.name}` has type parameters", path, node.lineno)

    def _check_new_class(self, path: str, node: ast.ClassDef) -> None:
        bases = [ast.unparse(base) for base in node.bases]
        if node.keywords or node.decorator_list or getattr(node, "type_params", None) or self._has_creation_hooks():
            raise Refusal("HR117", f"the new class `{node.name}` may run code when it is made", path, node.lineno)
        for base in bases:
            plain = base in ("object", "Exception", "ValueError", "RuntimeError")
            if not plain and self.closure.class_of(base) is None:
                raise Refusal("HR117", f"what the base `{base}` does is not known", path, node.lineno)
        for item in statements(node.body):
            if isinstance(item.node, FunctionNode):
                self._check_new_function(path, item.node)
            elif item.kind == "assign":
                self._check_value(path, item, self.new)
            elif item.kind not in ("doc", "inert"):
                raise Refusal("HR117", f"the body of `{node.name}` does more than bind names", path, item.node.lineno)

    def _has_creation_hooks(self) -> bool:
        return any(name in self.closure.defined for name in AT_CLASS_CREATION)

    def _values(self, names: set[str], path: str) -> None:
        self.closure.values |= names
        self._stars.add(path)

    # -- functions and classes ---------------------------------------------------------------------------------------

    def _function(self, path: str, before: Statement, after: Statement, cls: str | None) -> None:
        old, new = before.node, after.node
        assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
        if [ast.dump(d) for d in old.decorator_list] != [ast.dump(d) for d in new.decorator_list]:
            raise Refusal("HR118", f"the decorators of `{new.name}` changed", path, new.lineno)
        if getattr(old, "type_params", None) or getattr(new, "type_params", None):
            raise Refusal("HR117", f"`{new.name}` has type parameters", path, new.lineno)
        step = Step("function", path, before, after)
        step.cls, step.names = cls, after.names
        step.signature = _signature(old) != _signature(new)
        plain = all(ast.unparse(d) in ("staticmethod", "classmethod", "abstractmethod") for d in new.decorator_list)
        documented = ast.get_docstring(old, False) != ast.get_docstring(new, False)
        if not plain and (step.signature or documented):
            raise Refusal("HR118", f"a decorator may have looked at the signature of `{new.name}`", path, new.lineno)
        if step.signature:
            for default in [*new.args.defaults, *new.args.kw_defaults]:
                if not rebuildable(default, self.closure.defined, self.new[path].names.origins):
                    raise Refusal("HR112", f"a default of `{new.name}` has side effects", path, new.lineno)
        if new.decorator_list:
            self._deferred.append((self.old[path].names, old))
        self.steps[path].append(step)
        self.functions.append((path, before, after))
        self.closure.functions.add(new.name)
        unit_id = f"{path}:{cls}.{new.name}"
        self.closure.compare(self.old[path].names, self.new[path].names, unit_id, step.signature)

    def _class_or_rebuild(self, path: str, before: Statement, after: Statement) -> None:
        """Change a class in place, so that instances follow; or make it anew, which needs that there are none."""
        closure = self.closure
        lists: tuple[list[Any], ...] = (self.steps[path], self.functions, self._deferred)
        names = ("functions", "values", "tainted", "data", "changed_units", "stale_flows")
        sets = {name: set(getattr(closure, name)) for name in names}
        lengths = [len(items) for items in lists]
        try:
            self._class(path, before, after)
        except Refusal as refusal:
            for name, items in sets.items():
                setattr(closure, name, items)
            for found, length in zip(lists, lengths, strict=True):
                del found[length:]
            self._rebuild(path, before, after, refusal)

    def _rebuild(self, path: str, before: Statement, after: Statement, refusal: Refusal) -> None:
        told = tuple(sorted(name.encode() for name in {"__subclasses__", *AT_CLASS_CREATION}))
        if self.old.has_any(told) or any(word in version.data for version in self.new.values() for word in told):
            raise refusal  # who lists classes, or is told of new ones, sees that it was made twice
        for version, statement in ((self.old[path], before), (self.new[path], after)):
            assert isinstance(statement.node, ast.ClassDef)
            rebuild.check_source(self, version, statement.node, refusal)
            for item in statement.node.body:
                self.closure.values |= {name for part in ast.walk(item) for name in rebuild.bound(part)}
                if isinstance(item, FunctionNode):
                    method = statements([item])[0]
                    self.functions.append((path, method, method))
                    unit_id = f"{path}:{statement.names[0]}.{item.name}"
                    self.closure.compare(self.old[path].names, self.new[path].names, unit_id, True)
        step = Step("rebuild", path, before, after)
        step.names = after.names
        self.steps[path].append(step)
        self._rebuilt.add(id(before))
        self._values(set(after.names), path)

    def _class(self, path: str, before: Statement, after: Statement) -> None:
        old, new = before.node, after.node
        assert isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef)
        if _class_head(old) != _class_head(new):
            raise Refusal("HR117", f"the bases or decorators of `{new.name}` changed", path, new.lineno)
        diff = ModuleDiff(statements(old.body), statements(new.body))
        touched_old = [*diff.removed, *(first for first, _ in diff.changed)]
        touched_new = [*diff.added, *(second for _, second in diff.changed)]
        bound_once(path, touched_old, diff.old)
        bound_once(path, touched_new, diff.new)
        for first, second in diff.changed:
            if first.kind == "def":
                self._function(path, first, second, new.name)
            elif first.kind == "assign" or first.kind == "doc":
                self._attribute(path, new, first, second)
            elif first.kind != "inert":
                raise Refusal("HR117", f"the body of `{new.name}` changed", path, second.node.lineno)
        for first in diff.removed:
            self._attribute(path, new, first, None)
        for second in diff.added:
            self._attribute(path, new, None, second)

    def _attribute(self, path: str, cls: ast.ClassDef, before: Statement | None, after: Statement | None) -> None:  # noqa: C901 - every way in which it can be refused
        statement = after or before
        assert statement is not None
        if statement.kind == "inert":
            return
        line = statement.node.lineno
        refusal = Refusal(
            "HR117", f"the body of `{cls.name}` changed in a way that its making may depend on", path, line
        )
        if statement.kind not in ("def", "assign", "doc"):
            raise refusal
        if statement.kind == "doc":
            step = Step("doc", path, before, after)
            step.cls = cls.name
            self.steps[path].append(step)
            self.closure.values.add("__doc__")
            return
        if any(name.startswith("__") and name.endswith("__") for name in statement.names):
            raise refusal
        if statement.kind == "assign":
            if cls.decorator_list or cls.keywords or any(_special(base) for base in cls.bases):
                raise refusal
            both: tuple[tuple[Statement | None, Sources | dict[str, Version]], ...]
            both = ((before, self.old), (after, self.new))
            for item, versions in both:
                if item is not None:
                    self._check_value(path, item, versions)
            if before and after and _annotation(before.node) != _annotation(after.node):
                raise refusal
            if (before is None or after is None) and isinstance(statement.node, ast.AnnAssign):
                raise refusal
        elif isinstance(statement.node, FunctionNode):
            if cls.keywords or (cls.decorator_list and _decorator_names(cls) - {"dataclass"}):
                raise refusal
            if "abstractmethod" in {ast.unparse(d).rpartition(".")[2] for d in statement.node.decorator_list}:
                raise refusal
            if after is not None:
                self._check_new_function(path, statement.node)
        step = Step("attributes", path, before, after)
        step.cls, step.names = cls.name, statement.names
        if before is not None and before.kind == "assign":
            step.check.append(before)
        self.steps[path].append(step)
        self.closure.values |= set(statement.names)

    # -- everything that used what changed -----------------------------------------------------------------------------

    def _close(self) -> None:
        done: set[tuple[int, frozenset[str]]] = set()
        while True:
            self.closure.grow()
            found = [item for item in self.closure.affected() if self._has_run(item)]
            fresh = [item for item in found if (id(item[1]), frozenset(item[2])) not in done]
            if not fresh:
                break
            for module, top, why in fresh:
                done.add((id(top), frozenset(why)))
                self._again(module, top, why)
        self._check_stars()
        for unit in self.closure.units:
            if unit.name in IMPLICIT and f"U:{unit.id}" in self.closure.tainted:
                raise Refusal("HR117", f"`{unit.name}` may depend on what changed", unit.path, unit.node.lineno)

    def _has_run(self, item: tuple[ModuleNames, ImportTime, set[str]]) -> bool:
        module, top, _ = item
        if module.path in self.diffs and id(top.statement) not in self._pairs:
            return self._changed_class(module.path, top)
        if self.running is None or top.statement.node is self.running:
            return top.statement.node is not self.running
        body = [statement.node for statement in self.old[module.path].body]
        return self.running not in body or body.index(top.statement.node) < body.index(self.running)

    def _changed_class(self, path: str, top: ImportTime) -> bool:
        """A changed class or function statement is not executed as a whole: its unchanged parts may be affected too."""
        return (
            path in self.diffs
            and top.statement.kind in ("class", "def")
            and any(b is top.statement for b, _ in self.diffs[path].changed)
        )

    def _again(self, module: ModuleNames, top: ImportTime, why: set[str]) -> None:
        path, before = module.path, top.statement
        if id(before) in self._rebuilt:
            return
        after = self._pairs.get(id(before), before)
        names = ", ".join(f"`{name}`" for name in sorted(why)[:3])
        refusal = Refusal("HR120", f"{names} was used when this was executed", path, after.node.lineno)
        self.steps.setdefault(path, [])
        if before.kind == "class" and not self._changed_class(path, top):
            self._again_class(path, before, after, why, refusal)
            return
        if not why <= self.closure.values:
            raise refusal
        if id(before) in self._repeated:
            return
        self._repeated.add(id(before))
        if before.kind == "import":
            if isinstance(before.node, ast.ImportFrom) and before.node.names[0].name == "*":
                raise Refusal("HR115", "names that come by `import *` changed", path, before.node.lineno)
        elif before.kind == "assign":
            self._check_value(path, before, self.old)
        elif before.kind == "def" and not self._changed_class(path, top):
            bound_once(path, [before], self.old[path].body)
            self._again_function(path, before, after, None, refusal)
            return
        else:
            raise refusal
        bound_once(path, [before], self.old[path].body)
        self._check_globals_of(path, before)
        step = Step("run", path, before, after)
        step.names = after.names
        if before.kind == "assign":
            step.check.append(before)
        self.steps[path].append(step)
        self._values(set(before.names), path)

    def _again_class(self, path: str, before: Statement, after: Statement, why: set[str], refusal: Refusal) -> None:
        """An unchanged class whose defaults or attributes used a changed value: only those statements are repeated."""
        bound_once(path, [before], self.old[path].body)
        old, new = before.node, after.node
        assert isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef)
        names = why & self.closure.values
        if _head_names(old) & why:
            raise refusal
        body = statements(old.body)
        for one, two in zip(body, statements(new.body), strict=True):
            inner = ImportTime(one, self.old[path].names.postponed)
            if not (inner.uses | inner.holds) & names:
                continue
            names |= set(one.names) if one.kind == "assign" else set()
            if id(one.node) in self._repeated:
                continue
            self._repeated.add(id(one.node))
            if one.kind == "def":
                self._again_function(path, one, two, new.name, refusal)
            elif one.kind == "assign":
                bound_once(path, [one], body)
                self._attribute(path, new, one, two)
            else:
                raise refusal
        if not why <= names:
            raise refusal

    def _again_function(
        self, path: str, before: Statement, after: Statement, cls: str | None, refusal: Refusal
    ) -> None:
        old, new = before.node, after.node
        assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
        if not all(ast.unparse(item) in ("staticmethod", "classmethod") for item in new.decorator_list):
            raise refusal
        for default in [*old.args.defaults, *old.args.kw_defaults]:
            if not rebuildable(default, self.closure.defined, self.old[path].names.origins):
                raise Refusal("HR112", f"a default of `{new.name}` has side effects", path, new.lineno)
        step = Step("function", path, before, after)
        step.cls, step.names, step.signature = cls, after.names, True
        self.steps[path].append(step)
        self.closure.functions.add(new.name)

    def _check_globals_of(self, path: str, statement: Statement) -> None:
        for node in ast.walk(self.old[path].tree):
            if isinstance(node, ast.Global) and set(node.names) & set(statement.names):
                raise Refusal("HR113", f"`{statement.names[0]}` is bound again by the program", path, node.lineno)

    def _check_stars(self) -> None:
        changed = {getattr(self.modules[path], "__name__", "") for path in self._stars}
        for path in self.old.starred():
            package = getattr(self.modules[path], "__package__", None) or ""
            for node in self.old[path].stars:
                if absolute(node, package) in changed:
                    raise Refusal("HR115", "names that come by `import *` changed", path, node.lineno)

    def _check_caches(self) -> None:
        """Memos of the standard library hold results: those that can be emptied are, the others are a refusal."""
        for module in self.closure.modules:
            for unit in module.units:
                if f"U:{unit.id}" not in self.closure.tainted or not unit.node.decorator_list:
                    continue
                names = set(unit.decorators)
                arguments = unit.node.args
                parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                memo = names & {"lru_cache", "cache"}
                if "cached_property" in names or (memo and not parameters):
                    raise Refusal("HR122", f"the result of `{unit.name}` is kept", unit.path, unit.node.lineno)
                if not all(self.closure.keeps_reference(module, item) for item in unit.node.decorator_list):
                    text = f"a decorator of `{unit.name}` may keep its results"
                    raise Refusal("HR122", text, unit.path, unit.node.lineno)

    @property
    def cached(self) -> bool:
        """Is a function with a cache of the standard library's among those reached?"""
        return any(
            f"U:{unit.id}" in self.closure.tainted and {"lru_cache", "cache"} & set(unit.decorators)
            for unit in self.closure.units
        )


def _head_names(node: ast.ClassDef) -> set[str]:
    """The names in a class statement's bases, keywords and decorators."""
    parts = [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]
    return {name for part in parts for name in bare_names(part)}


def _signature(node: FunctionDef) -> str:
    return ast.dump(node.args) + (ast.dump(node.returns) if node.returns else "") + type(node).__name__


def _class_head(node: ast.ClassDef) -> list[str]:
    parts = [*node.bases, *node.keywords, *node.decorator_list, *getattr(node, "type_params", [])]
    return [ast.dump(part) for part in parts]


def _annotation(node: ast.stmt) -> str | None:
    return ast.dump(node.annotation) if isinstance(node, ast.AnnAssign) else None


def _decorator_names(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in node.decorator_list}


def _special(base: ast.expr) -> bool:
    return (
        ast.unparse(base).rpartition(".")[2] not in ("object", "ABC", "Exception") and isinstance(base, ast.Attribute)
    ) or (
        isinstance(base, ast.Name)
        and base.id
        in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple", "TypedDict", "Protocol", "Structure")
    )
