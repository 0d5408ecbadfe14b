"""The commit: all steps of a prepared reload, or none. Runs in the user's process, on the main thread, at a safe point.

Functions and classes are updated in place, so whoever holds them has the new version; everything that is touched is
written down first, and any exception puts it back.
"""

from __future__ import annotations

import ast
import sys
from types import CodeType, FunctionType, ModuleType

from hrsup_strategies.reload import abstract, caches, ingredients, live
from hrsup_strategies.reload.codemap import CHANGED, GONE, NESTED, SAME, CodeMap
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.defaults import merge_defaults
from hrsup_strategies.reload.diff import FunctionNode, ModuleDiff
from hrsup_strategies.reload.execution import execution_order
from hrsup_strategies.reload.loading import Loading, put_back
from hrsup_strategies.reload.refill import Refill
from hrsup_strategies.reload.version import inner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from hrsup_strategies.reload.version import Version
    from hrsup_strategies.reload.work import Step, Work

_MISSING = object()
_OF_MODULES = ("__name__", "__package__", "__spec__", "__builtins__")
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
        self.beside: list[object] = []  # the containers of what is brought in together with this
        self.maps = {
            path: CodeMap(work.old[path], work.new[path], diff, work.rebuilt) for path, diff in work.diffs.items()
        }
        for path, steps in work.steps.items():
            if path not in self.maps and any(step.action == "function" for step in steps):
                body = work.old[path].body
                self.maps[path] = CodeMap(work.old[path], work.old[path], ModuleDiff(body, body))
        self.known: list[live.Known] = []
        self._live = live.Live(work)
        self._loading = Loading(work)
        self._refill = Refill(work)
        self._order = execution_order(work)
        self._has_hooks = self._asks_again = abstract.has_hooks(work)  # may an answer of before be remembered?

    def look(self, frames: list[FrameType]) -> None:
        """Compare the live objects with what the sources say; touches nothing. `frames` run on this thread. Raises
        Refusal."""
        self.known.clear()
        # What is executed again may replace a closure; the audit tells whether it has.
        anew = any(step.executes for steps in self.work.steps.values() for step in steps)
        for path, map_ in self.maps.items():
            self.known += live.known_functions(path, map_, self.work.modules[path], frames, anew)
        self._loading.hide()
        try:
            ingredients.check_definitions(self.work)
            for path, steps in self.work.steps.items():
                for step in steps:
                    self._live.check_step(path, step)
            ingredients.check(self.work, self._live.check_value)
            self._refill.check()
            caches.look(self.work)
        finally:
            self._loading.show()

    def apply(self) -> None:
        """Do every step. Whatever it raises, the caller must `roll_back`."""
        for path in self.work.steps:
            namespace = vars(self.work.modules[path])
            self.snapshots.append((namespace, dict(namespace)))
            annotations = namespace.get("__annotations__")
            if type(annotations) is dict:
                self.snapshots.append((annotations, dict(annotations)))
        self._loading.begin()
        self._refill.begin()
        for path, step in self._order:
            if step.action == "remove":
                self._step(f"remove {step.names}")
                for name in step.names:
                    vars(self.work.modules[path]).pop(name, None)
                    vars(self.work.modules[path]).get("__annotations__", {}).pop(name, None)
        self._step("leave")
        self._loading.leave()
        # What is executed from here on may call what changed.
        self._new_code()
        for path, step in self._order:
            self._run(path, step)
        if self.work.entries.refilled:
            self._step("refill")
        self._refill.finish()
        self._loading.arrange()
        self._asks_again |= self._has_hooks
        self._ask_again()

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
        self._asks_again = self._has_hooks or bool(self._attributes_before)
        self._saved.clear()
        self._attributes_before.clear()
        self._loading.undo()
        self._refill.undo()
        for namespace, before in self.snapshots:
            put_back(namespace, before)
        self.snapshots.clear()
        self._ask_again()

    @property
    def old_codes(self) -> list[CodeType]:
        """The live code objects that nobody may hold any longer."""
        return [code for _, fate, _, code in self.known if fate in (CHANGED, GONE, NESTED) and code is not None]

    @property
    def functions(self) -> list[FunctionType]:
        """Every function of the changed modules that was there before."""
        return [function for function, _, _, _ in self.known]

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
                if anew and (_is_class_of(before[name], namespace) or (id(namespace), name) in self._live.built):
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
    def departed(self) -> list[ModuleType]:
        """The modules that have left the program."""
        return self._loading.departed

    @property
    def own(self) -> list[object]:
        """The containers of this commit, and of what is brought in with it, that hold old code by themselves."""
        found: list[object] = [self._saved, self.snapshots, self.known, *self.known, *self._saved]
        found += [self._attributes_before, *self._attributes_before]
        found += [before for _, before in [*self.snapshots, *self._saved]]
        found += self._refill.own
        found += self._loading.own
        found += self.beside
        found += [map_.fates for map_ in self.maps.values()]
        found += [holder for path in self.maps for holder in self.work.old[path].holders()]
        return found

    # -- steps ----------------------------------------------------------------------------------------------------

    def _step(self, name: str) -> None:
        if self._fault is not None:
            self._fault(name)

    def _run(self, path: str, step: Step) -> None:
        module, version = self.work.modules[path], self._version(path)
        if step.action == "remove":
            return
        self._step(f"{step.action} {path}:{step.line}")
        if step.action == "load":
            self._loading.load(path)
        elif step.executes:
            self._ask_again()
            assert step.new is not None
            for name in step.names if step.new.kind == "effect" else ():
                vars(module).pop(name, None)
            if step.action == "star":
                self._star(module, step, version)
            else:
                exec(version.code_of(step.new.node), vars(module))
        elif step.action == "function":
            self._function(path, step, version)
        elif step.action == "attributes":
            self._attributes(path, step, version)
        elif step.action == "doc":
            self._doc(path, step)

    def _star(self, module: ModuleType, step: Step, version: Version) -> None:
        """Bind what comes by an ``import *``, but for what is something else in the end."""
        assert step.new is not None and step.brought is not None
        namespace = {name: vars(module)[name] for name in _OF_MODULES if name in vars(module)}
        known = {*namespace, "__builtins__"}
        exec(version.code_of(step.new.node), namespace)
        found = set(namespace) - known
        if not step.brought.wins <= found <= step.brought.every:
            raise Refusal("HR115", "other names come by `import *` than the source says", step.path, step.line)
        for name in step.names:
            vars(module).pop(name, None)
        vars(module).update({name: namespace[name] for name in step.brought.wins})

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
        scope = dict(vars(live.plain_class(self.work, path, step))) if step.cls is not None else {}
        fresh = version.function_of(new, vars(self.work.modules[path]), scope)
        for function, _, _, code in self.known:
            same_place = code.co_name == old.name and _covers(code, old)
            if same_place and function.__globals__ is vars(self.work.modules[path]):
                self._save(function)
                if step.signature:
                    merge_defaults(function, fresh, old, new, self.work.closure.reached_names)
                    function.__annotations__ = fresh.__annotations__
                if documented:
                    function.__doc__ = fresh.__doc__

    def _attributes(self, path: str, step: Step, version: Version) -> None:
        cls = live.plain_class(self.work, path, step)
        if step.new is None:
            for name in step.names:
                self._set_attribute(cls, live.attribute_name(cls, name), _MISSING)
            return
        namespace = self._run_body(path, step, version, cls)
        for name in (live.attribute_name(cls, name) for name in step.names):
            value = namespace[name]
            self._set_attribute(cls, name, value)
            hook = getattr(type(value), "__set_name__", None)
            if hook is not None:
                hook(value, cls, name)

    def _run_body(self, path: str, step: Step, version: Version, cls: type) -> dict[str, Any]:
        """Execute one statement of a class's body the way the class statement would."""
        assert step.new is not None and step.cls is not None
        names, node = step.cls.split("."), step.new.node
        for name in reversed(names):
            node = ast.ClassDef(name=name, bases=[], keywords=[], body=[node], decorator_list=[])
            if sys.version_info >= (3, 12):
                node.type_params = []
            ast.copy_location(node, step.new.node)
        body = version.code_of(node)
        for _ in names:
            body = next(item for item in body.co_consts if isinstance(item, CodeType))
        namespace = dict(vars(cls))
        namespace.pop("__classcell__", None)
        exec(body, vars(self.work.modules[path]), namespace)
        cell = namespace.get("__classcell__")
        if cell is not None:
            cell.cell_contents = cls
        return namespace

    def _set_attribute(self, cls: type, name: str, value: Any) -> None:
        self._attributes_before.append((cls, name, vars(cls).get(name, _MISSING)))
        self._asks_again |= name != "__doc__"
        if value is _MISSING:
            type.__delattr__(cls, name)
        else:
            type.__setattr__(cls, name, value)

    def _ask_again(self) -> None:
        if self._asks_again:
            self._asks_again = False
            abstract.forget_answers(self.work)

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
            self._set_attribute(live.plain_class(self.work, path, step), "__doc__", text)
        else:
            vars(self.work.modules[path])["__doc__"] = text

    def _new_code(self) -> None:
        for function, fate, successor, code in self.known:
            if successor is not None and not (fate == SAME and is_same_code(code, successor)):
                self._step(f"code {code.co_qualname}")
                self._save(function)
                function.__code__ = successor
                self.patched += 1

    def _save(self, function: FunctionType) -> None:
        self._saved.append((function, {name: getattr(function, name) for name in _ATTRIBUTES}))


def _is_class_of(value: object, namespace: dict[str, Any]) -> bool:
    """Is this a class, but none that only goes by another name here and is still what its own module has?"""
    if not isinstance(value, type):
        return False
    module = sys.modules.get(value.__module__)
    return vars(module) is namespace or vars(module).get(value.__qualname__) is not value if module else True


def is_same_code(one: CodeType, two: CodeType) -> bool:
    """Do these do the same at the same lines, with all that is in them?"""
    if one != two or one.co_linetable != two.co_linetable:
        return False
    return all(is_same_code(*pair) for pair in zip(inner(one), inner(two), strict=True))


def _covers(code: CodeType, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    return code.co_firstlineno == first
