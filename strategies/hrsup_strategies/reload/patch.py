"""The commit: all steps of a prepared reload, or none. Runs in the user's process, on the main thread, at a safe point.

Functions and classes are updated in place, so whoever holds them has the new version; everything that is touched is
written down first, and any exception puts it back.
"""

from __future__ import annotations

import ast
import gc
import sys
from types import FunctionType

from hrsup_strategies.reload import ingredients, rebuild
from hrsup_strategies.reload.codemap import CHANGED, GONE, NESTED, CodeMap
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff
from hrsup_strategies.reload.identifiers import bare_names
from hrsup_strategies.reload.import_statements import absolute
from hrsup_strategies.reload.values import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Step, Work

_MISSING = object()
_PLAIN_TYPES = frozenset(("builtins.type", "abc.ABCMeta", "enum.EnumType", "typing._ProtocolMeta"))
# What two who hold it need not agree on: it cannot change, or is the same wherever it comes from.
_SHARED = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, range, type)
_ATTRIBUTES = ("__code__", "__defaults__", "__kwdefaults__", "__annotations__", "__doc__")


class Patch:
    """One commit. `fault` is called before every single step (the tests' way to make one fail)."""

    def __init__(self, work: Work, fault: Callable[[str], None] | None = None) -> None:
        self.work = work
        self.patched = 0
        self._fault = fault
        self._saved: list[tuple[FunctionType, dict[str, Any]]] = []
        self._attributes_before: list[tuple[type, str, Any]] = []
        self.snapshots: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.maps = {path: CodeMap(work.old[path], work.new[path], diff) for path, diff in work.diffs.items()}
        for path, steps in work.steps.items():
            if path not in self.maps and any(step.action == "function" for step in steps):
                body = work.old[path].body
                self.maps[path] = CodeMap(work.old[path], work.old[path], ModuleDiff(body, body))
        self._known: list[tuple[FunctionType, str, CodeType | None, CodeType]] = []
        self._built: set[tuple[int, str]] = set()  # id of a namespace, name: what nobody else need hold

    def look(self) -> None:
        """Compare the live objects with what the sources say; touches nothing. Raises Refusal."""
        self._find_functions()
        for path, steps in self.work.steps.items():
            for step in steps:
                self._check_step(path, step)
        ingredients.check(self.work, self._check_live)

    def apply(self) -> None:
        """Do every step. Whatever it raises, the caller must `roll_back`."""
        for path in self.work.steps:
            namespace = vars(self.work.modules[path])
            self.snapshots.append((namespace, dict(namespace)))
            annotations = namespace.get("__annotations__")
            if type(annotations) is dict:
                self.snapshots.append((annotations, dict(annotations)))
        order = _order(self.work)
        for path in order:
            for step in self.work.steps[path]:
                if step.action == "remove":
                    self._step(f"remove {step.names}")
                    for name in step.names:
                        vars(self.work.modules[path]).pop(name, None)
                        vars(self.work.modules[path]).get("__annotations__", {}).pop(name, None)
        # What is executed from here on may call what changed.
        self._new_code()
        for path in order:
            for step in sorted(self.work.steps[path], key=lambda step: (step.new is not None, step.line)):
                self._run(path, step)

    def roll_back(self) -> None:
        """Put everything back that was touched."""
        for function, before in reversed(self._saved):
            for name, value in before.items():
                if getattr(function, name) is not value:
                    setattr(function, name, value)
        for cls, name, value in reversed(self._attributes_before):
            if value is not _MISSING:
                type.__setattr__(cls, name, value)
            elif name in vars(cls):
                type.__delattr__(cls, name)
        self._saved.clear()
        self._attributes_before.clear()
        for namespace, before in self.snapshots:
            if list(namespace) != list(before) or any(namespace[name] is not before[name] for name in before):
                namespace.clear()
                namespace.update(before)
        self.snapshots.clear()

    @property
    def old_codes(self) -> list[CodeType]:
        """The live code objects that nobody may hold any longer."""
        return [code for _, fate, _, code in self._known if fate in (CHANGED, GONE, NESTED) and code is not None]

    def rebuilt(self) -> list[tuple[dict[str, Any], str]]:
        """The classes and other objects that were made anew, or are gone: where the old one is kept for a rollback, and
        its name."""
        kept = {id(namespace): before for namespace, before in self.snapshots}
        found = []
        for path, steps in self.work.steps.items():
            namespace = vars(self.work.modules[path])
            for name in [name for step in steps if step.executes or step.action == "remove" for name in step.names]:
                before = kept[id(namespace)]
                anew = name in before and before[name] is not namespace.get(name)
                if anew and (isinstance(before[name], type) or (id(namespace), name) in self._built):
                    found.append((before, name))
        return found

    def replaced(self) -> list[object]:
        """What functions and classes had before, and have no longer."""
        found = [
            value
            for function, kept in self._saved
            for name, value in kept.items()
            if getattr(function, name) is not value
        ]
        return found + [value for cls, name, value in self._attributes_before if vars(cls).get(name) is not value]

    @property
    def own(self) -> list[object]:
        """The containers of this commit that hold old code by themselves."""
        found: list[object] = [self._saved, self.snapshots, self._known, *self._known, *self._saved]
        found += [self._attributes_before, *self._attributes_before]
        found += [before for _, before in [*self.snapshots, *self._saved]]
        found += [map_.fates for map_ in self.maps.values()]
        return found

    # -- live objects --------------------------------------------------------------------------------------------------

    def _find_functions(self) -> None:
        """Every function of a changed module, wherever it is held: all refer to the module's namespace."""
        self._known.clear()
        # What is executed again may replace a closure; the audit tells whether it has.
        anew = any(step.executes for steps in self.work.steps.values() for step in steps)
        for path, map_ in self.maps.items():
            namespace = vars(self.work.modules[path])
            found: set[CodeType] = set()
            for item in gc.get_referrers(namespace):
                if type(item) is not FunctionType or item.__globals__ is not namespace:
                    continue
                code = item.__code__
                if code.co_name == "<module>" or code.co_filename != path:
                    continue  # the running script's body, or made by exec: what a data class or a named tuple generates
                fate, successor = map_.fates.get(code, (None, None))
                if fate is None:
                    text = f"the running code of `{code.co_qualname}` is not what its source says"
                    raise Refusal("HR140", text, path, code.co_firstlineno)
                if fate == NESTED and successor is None and not anew:
                    text = f"a closure made by the old version, `{code.co_qualname}`, is alive"
                    raise Refusal("HR143", text, path, code.co_firstlineno)
                found.add(code)
                self._known.append((item, fate, successor, code))
            for code, (fate, _) in map_.fates.items():
                if fate == CHANGED and code not in found:
                    text = f"the running version of `{code.co_qualname}` was not found"
                    raise Refusal("HR140", text, path, code.co_firstlineno)

    def _check_step(self, path: str, step: Step) -> None:  # noqa: C901 - one case for each action
        namespace = vars(self.work.modules[path])
        if step.action == "rebuild":
            assert step.old is not None and isinstance(step.old.node, ast.ClassDef)
            rebuild.check_untouched(self.work, path, step.old.node)
            return
        if step.cls is not None:
            cls = self._class(path, step)
            if step.action == "attributes":
                if type(cls).__name__ == "EnumType" and step.new is not None and step.new.kind == "assign":
                    raise Refusal("HR117", f"a member of `{step.cls}` changed", path, step.line)
                for name in step.names:
                    if step.old is None and name in vars(cls) and name not in self._leaving(path, step.cls):
                        raise Refusal("HR113", f"`{name}` is set already", path, step.line)
                    if step.old is not None and name not in vars(cls):
                        raise Refusal("HR113", f"`{name}` is no longer set", path, step.line)
                for statement in step.check:
                    self._check_live(path, statement, vars(cls))
            return
        if step.action not in ("run", "remove"):
            return
        for name in step.names:
            if step.old is None and name in namespace and name not in self._leaving(path, None):
                raise Refusal("HR113", f"`{name}` is set already", path, step.line)
            if step.old is not None and name not in namespace and getattr(step.old.node, "value", name) is not None:
                raise Refusal("HR113", f"`{name}` is no longer set", path, step.line)
        for statement in step.check:
            self._check_live(path, statement, namespace)

    def _leaving(self, path: str, cls: str | None) -> set[str]:
        """The names that another step of the change takes away, in the module or in one of its classes."""
        steps = [step for step in self.work.steps[path] if step.new is None and step.cls == cls]
        return {name for step in steps for name in step.names}

    def _check_live(self, path: str, statement: Statement, scope: Any) -> None:
        """Refuse (HR113) if the program changed the value since its statement ran."""
        try:
            expected = self._build(path, statement, scope)
        except Exception as error:
            text = f"`{statement.names[0]}` cannot be built again: {error!r}"
            raise Refusal("HR113", text, path, statement.node.lineno) from None
        for name, value in expected.items():
            if not same(scope[name], value):
                raise Refusal("HR113", f"`{name}` was changed by the program", path, statement.node.lineno)
            if scope[name] is not value and not isinstance(value, _SHARED):
                self._built.add((id(scope), name))

    def _build(self, path: str, statement: Statement, scope: Any) -> dict[str, Any]:
        """What the statement of the loaded version builds, by name, without binding it."""
        node, version = statement.node, self.work.old[path]
        if isinstance(node, FunctionNode):
            namespace = vars(self.work.modules[path])
            made: dict[str, Any] = {} if scope is namespace else dict(scope)
            exec(version.code_of(node), namespace, made)
            return {node.name: made[node.name]}
        assert isinstance(node, (ast.Assign, ast.AnnAssign))
        if node.value is None:
            return {}
        code = compile(ast.Expression(node.value), path, "eval", flags=version.flags, dont_inherit=True)
        value = eval(code, vars(self.work.modules[path]), dict(scope))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {target.id: value for target in targets if isinstance(target, ast.Name)}

    def _class(self, path: str, step: Step) -> type:
        module = self.work.modules[path]
        cls = vars(module).get(step.cls or "")
        if not isinstance(cls, type) or cls.__qualname__ != step.cls or cls.__module__ != module.__name__:
            raise Refusal("HR117", f"`{step.cls}` is no plain class", path, step.line)
        kind = type(cls)
        if f"{kind.__module__}.{kind.__qualname__}" not in _PLAIN_TYPES:
            raise Refusal("HR117", f"`{step.cls}` has the metaclass `{kind.__qualname__}`", path, step.line)
        return cls

    # -- steps ----------------------------------------------------------------------------------------------------

    def _step(self, name: str) -> None:
        if self._fault is not None:
            self._fault(name)

    def _run(self, path: str, step: Step) -> None:
        module, version = self.work.modules[path], self._version(path)
        if step.action == "remove":
            return
        self._step(f"{step.action} {path}:{step.line}")
        if step.executes:
            assert step.new is not None
            exec(version.code_of(step.new.node), vars(module))
        elif step.action == "function":
            self._function(path, step, version)
        elif step.action == "attributes":
            self._attributes(path, step, version)
        elif step.action == "doc":
            self._doc(path, step)

    def _version(self, path: str) -> Version:
        return self.work.new.get(path) or self.work.old[path]

    def _function(self, path: str, step: Step, version: Version) -> None:
        """Signature and docstring of a changed function; its code follows with all others'."""
        assert step.old is not None and step.new is not None
        old, new = step.old.node, step.new.node
        assert isinstance(old, FunctionNode) and isinstance(new, FunctionNode)
        documented = ast.get_docstring(old, False) != ast.get_docstring(new, False)
        if not (step.signature or documented):
            return
        fresh = self._fresh_function(path, step, version, new)
        for function, _, _, code in self._known:
            same_place = code.co_name == old.name and _covers(code, old)
            if same_place and function.__globals__ is vars(self.work.modules[path]):
                self._save(function)
                if step.signature:
                    _merge_defaults(function, fresh, old, new, self.work.closure.values)
                    function.__annotations__ = fresh.__annotations__
                if documented:
                    function.__doc__ = fresh.__doc__

    def _fresh_function(self, path: str, step: Step, version: Version, node: Any) -> FunctionType:
        """The new function without its decorators; its place in the file does not matter here."""
        bare = type(node)(**{**dict(ast.iter_fields(node)), "decorator_list": []})
        ast.copy_location(bare, node)
        scope: dict[str, Any] = {}
        if step.cls is not None:
            scope.update(vars(self._class(path, step)))
        exec(version.code_of(bare), vars(self.work.modules[path]), scope)
        result = scope[node.name]
        assert isinstance(result, FunctionType)
        return result

    def _attributes(self, path: str, step: Step, version: Version) -> None:
        cls = self._class(path, step)
        if step.new is None:
            for name in step.names:
                self._set_attribute(cls, name, _MISSING)
            return
        namespace = self._run_body(path, step, version, cls)
        for name in step.names:
            value = namespace[name]
            self._set_attribute(cls, name, value)
            hook = getattr(type(value), "__set_name__", None)
            if hook is not None:
                hook(value, cls, name)

    def _run_body(self, path: str, step: Step, version: Version, cls: type) -> dict[str, Any]:
        """Execute one statement of a class's body the way the class statement would."""
        assert step.new is not None and step.cls is not None
        node = ast.ClassDef(name=step.cls, bases=[], keywords=[], body=[step.new.node], decorator_list=[])
        if sys.version_info >= (3, 12):
            node.type_params = []
        ast.copy_location(node, step.new.node)
        outer = version.code_of(node)
        body = next(item for item in outer.co_consts if hasattr(item, "co_code"))
        namespace = dict(vars(cls))
        namespace.pop("__classcell__", None)
        exec(body, vars(self.work.modules[path]), namespace)
        cell = namespace.get("__classcell__")
        if cell is not None:
            cell.cell_contents = cls
        return namespace

    def _set_attribute(self, cls: type, name: str, value: Any) -> None:
        self._attributes_before.append((cls, name, vars(cls).get(name, _MISSING)))
        if value is _MISSING:
            type.__delattr__(cls, name)
        else:
            type.__setattr__(cls, name, value)

    def _doc(self, path: str, step: Step) -> None:
        text = None
        if step.new is not None:
            node = step.new.node
            assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            text = node.value.value
            if sys.version_info >= (3, 13):
                from inspect import cleandoc

                text = compile(ast.Module([node], []), path, "exec").co_consts[0] if text else text
                text = text if isinstance(text, str) else cleandoc(str(text))
        if step.cls is not None:
            self._set_attribute(self._class(path, step), "__doc__", text)
        else:
            vars(self.work.modules[path])["__doc__"] = text

    def _new_code(self) -> None:
        for function, _, successor, code in self._known:
            if successor is not None and successor is not code:
                self._step(f"code {code.co_qualname}")
                self._save(function)
                function.__code__ = successor
                self.patched += 1

    def _save(self, function: FunctionType) -> None:
        self._saved.append((function, {name: getattr(function, name) for name in _ATTRIBUTES}))


def _covers(code: CodeType, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    return code.co_firstlineno == first


def _merge_defaults(function: FunctionType, fresh: FunctionType, old: Any, new: Any, values: set[str]) -> None:
    """New defaults, except that a default whose expression and ingredients are the same stays the object it is."""

    def text(node: ast.expr) -> str | None:
        return None if bare_names(node) & values else ast.dump(node)

    before = dict(zip(_with_default(old), function.__defaults__ or (), strict=True)) if old.args.defaults else {}
    texts_old = dict(zip(_with_default(old), map(text, old.args.defaults), strict=True))
    texts_new = dict(zip(_with_default(new), map(text, new.args.defaults), strict=True))
    merged = dict(zip(_with_default(new), fresh.__defaults__ or (), strict=True))
    for name in merged:
        if texts_new[name] is not None and texts_old.get(name) == texts_new[name] and name in before:
            merged[name] = before[name]
    function.__defaults__ = tuple(merged.values()) or None
    keywords = dict(fresh.__kwdefaults__ or {})
    kw_old = {a.arg: text(d) for a, d in zip(old.args.kwonlyargs, old.args.kw_defaults, strict=True) if d is not None}
    kw_new = {a.arg: text(d) for a, d in zip(new.args.kwonlyargs, new.args.kw_defaults, strict=True) if d is not None}
    for name in keywords:
        if (
            kw_new.get(name) is not None
            and kw_old.get(name) == kw_new.get(name)
            and name in (function.__kwdefaults__ or {})
        ):
            keywords[name] = (function.__kwdefaults__ or {})[name]
    function.__kwdefaults__ = keywords or None


def _with_default(node: Any) -> list[str]:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return [item.arg for item in arguments[len(arguments) - len(node.args.defaults) :]]


def _order(work: Work) -> list[str]:
    """The modules with steps, imported ones first. Raises Refusal (HR119) where a circle of imports decides."""
    names = {getattr(work.modules[path], "__name__", ""): path for path in work.steps}
    running = {
        path
        for path, steps in work.steps.items()
        if any(step.executes or step.action == "attributes" for step in steps)
    }
    needs = {path: _needs(work, path, names) for path in work.steps}
    done: list[str] = []
    state: dict[str, int] = {}

    def visit(path: str) -> None:
        if state.get(path) == 1:
            if path in running:
                raise Refusal("HR119", "modules that must be executed again import each other", path, 1)
            return
        if state.get(path) == 2:
            return
        state[path] = 1
        for other in sorted(needs[path]):
            visit(other)
        state[path] = 2
        done.append(path)

    for path in sorted(work.steps):
        visit(path)
    return done


def _needs(work: Work, path: str, names: dict[str, str]) -> set[str]:
    package = getattr(work.modules[path], "__package__", None) or ""
    found: set[str] = set()
    version = work.new.get(path) or work.old[path]
    for node in ast.walk(version.tree):
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, package)
            wanted = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        found |= {names[name] for name in wanted if name in names and names[name] != path}
    return found
