"""The live objects, compared with what the loaded sources say; nothing is touched. Runs in the user's process."""

from __future__ import annotations

import ast
import gc
import sys
from types import FunctionType, ModuleType

from hrsup_strategies.data.fingerprint import fingerprint
from hrsup_strategies.reload import census, rebuild
from hrsup_strategies.reload.binders import already_bound, imported
from hrsup_strategies.reload.codemap import CHANGED, NESTED
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.defaults import built_again, defaults_of
from hrsup_strategies.reload.descent import derived
from hrsup_strategies.reload.diff import FunctionNode
from hrsup_strategies.reload.import_statements import absolute
from hrsup_strategies.reload.values import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType
    from typing import Any

    from hrsup_strategies.reload.codemap import CodeMap
    from hrsup_strategies.reload.diff import Statement
    from hrsup_strategies.reload.work import Step, Work

_PLAIN_TYPES = frozenset(("builtins.type", "abc.ABCMeta", "enum.EnumType", "typing._ProtocolMeta"))

# What runs there when a class is derived from another looks at fields and members, which are never changed in place.
_MACHINERY = frozenset(("builtins", "typing", "enum", "abc"))

# Data: where that goes, and who keeps it, is followed by name. Whoever holds one of anything else is looked for.
_SHARED = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, range, type, list, dict, set, bytearray)

# A function, what becomes of its code, that code's successor, and the code.
Known = tuple[FunctionType, str, "CodeType | None", "CodeType"]


def known_functions(
    path: str, map_: CodeMap, module: ModuleType, frames: Iterable[FrameType], anew: bool
) -> list[Known]:
    """Every function of a changed module, wherever it is held. Raises Refusal (HR140, HR143) where one is not what the
    source says. `frames` are those that run on this thread; `anew` says that closures may be replaced yet."""
    functions = census.functions_of(module, frames)
    known: list[Known] = []
    found: set[CodeType] = set()
    for function in _searched(module) if functions is None else functions:
        code = function.__code__
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
        known.append((function, fate, successor, code))
    for code, (fate, _) in map_.fates.items():
        if fate == CHANGED and code not in found:
            text = f"the running version of `{code.co_qualname}` was not found"
            raise Refusal("HR140", text, path, code.co_firstlineno)
    return known


def _searched(module: ModuleType) -> list[FunctionType]:
    """The functions that refer to the module's namespace, of the whole heap."""
    namespace = vars(module)
    found = gc.get_referrers(namespace)
    return [item for item in found if type(item) is FunctionType and item.__globals__ is namespace]


class Live:
    """The steps of a work, compared with what is there. `built` are, by the id of a namespace and the name, the values
    that were built again to be compared: nobody else need hold these."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.built: set[tuple[int, str]] = set()

    def check_step(self, path: str, step: Step) -> None:  # noqa: C901 - one case for each action
        """Refuse (HR113, HR117) if what the step replaces is not what its old statement made."""
        namespace = vars(self.work.modules[path])
        if step.action == "function" and step.signature:
            self._check_defaults(path, step)
        if step.action == "rebuild":
            assert step.old is not None and isinstance(step.old.node, ast.ClassDef)
            rebuild.check_untouched(self.work, path, step.old.node)
            return
        if step.cls is not None:
            cls = plain_class(self.work, path, step)
            if step.action == "attributes":
                if type(cls).__name__ == "EnumType" and step.new is not None and step.new.kind == "assign":
                    raise Refusal("HR117", f"a member of `{step.cls}` changed", path, step.line)
                for name in step.names:
                    key = attribute_name(cls, name)
                    if step.old is None and key in vars(cls) and name not in self._leaving(path, step.cls):
                        raise Refusal("HR113", f"`{name}` is set already", path, step.line)
                    if step.old is not None and (key not in vars(cls) or (step.check and key != name)):
                        raise Refusal("HR113", f"`{name}` is no longer set", path, step.line)
                for statement in step.check:
                    self.check_value(path, statement, vars(cls))
            return
        if step.brought is not None:
            self._check_brought(path, step, namespace)
        if step.action not in ("run", "remove"):
            return
        already = already_bound(self.work, path, step.new.node) if step.new is not None else set[str]()
        for name in step.names:
            is_new = (step.old is None or name not in step.old.names) and name not in already
            if is_new and name in namespace and name not in self._leaving(path, None):
                raise Refusal("HR113", f"`{name}` is set already", path, step.line)
            bound = (
                step.old is not None and step.old.kind != "effect" and getattr(step.old.node, "value", name) is not None
            )
            if bound and name not in namespace:
                raise Refusal("HR113", f"`{name}` is no longer set", path, step.line)
        for statement in step.check:
            self.check_value(path, statement, namespace)
        for name in step.as_made:
            self._check_made(path, step, name, namespace)
        if step.new is not None and (step.old is not None or already):
            self._check_imported(path, step, (step.old or step.new).node, namespace)

    def _check_made(self, path: str, step: Step, name: str, namespace: dict[str, Any]) -> None:
        value = namespace[name]
        made = self.work.made_of(path, name, value)
        if made is None or made != fingerprint(value):
            raise Refusal("HR113", f"`{name}` was changed by the program", path, step.line)
        if not isinstance(value, _SHARED):
            self.built.add((id(namespace), name))

    def _check_imported(self, path: str, step: Step, node: ast.stmt, namespace: dict[str, Any]) -> None:
        """Refuse (HR113) if what an import binds again, and is no part of the change, is no longer what it was."""
        package = getattr(self.work.modules[path], "__package__", None) or ""
        for name, (_, _, there) in imported(node).items():
            known = name in self.work.closure.values or name not in step.names or name not in namespace
            source = sys.modules
            if isinstance(node, ast.ImportFrom):
                source = vars(sys.modules.get(absolute(node, package), ast))
            if not known and namespace[name] is not source.get(there):
                raise Refusal("HR113", f"`{name}` was bound again by the program", path, step.line)

    def _check_brought(self, path: str, step: Step, namespace: dict[str, Any]) -> None:
        """Refuse (HR113) if what came by an ``import *`` was bound again, there or here."""
        assert step.brought is not None
        node = step.old.node if step.old is not None else None
        package = getattr(self.work.modules[path], "__package__", None) or ""
        source = sys.modules.get(absolute(node, package)) if isinstance(node, ast.ImportFrom) else None
        for name in step.brought.had:
            if name not in namespace or namespace[name] is not vars(source or ast).get(name):
                raise Refusal("HR113", f"`{name}` was bound again by the program", path, step.line)
        for name in step.brought.fresh - self._leaving(path, None):
            if name in namespace:
                raise Refusal("HR113", f"`{name}` is set already", path, step.line)

    def _leaving(self, path: str, cls: str | None) -> set[str]:
        """The names that another step of the change takes away in the module or in one of its classes, and those that
        came by an ``import *``."""
        steps = [step for step in self.work.steps[path] if step.cls == cls]
        brought = {name for step in steps if step.brought is not None for name in step.brought.had}
        return brought | {name for step in steps if step.new is None for name in step.names}

    def check_value(self, path: str, statement: Statement, scope: Any) -> None:
        """Refuse (HR113) if the program changed the value since its statement ran."""
        try:
            expected = self._build(path, statement, scope)
        except Exception as error:
            text = f"`{statement.names[0]}` cannot be built again: {error!r}"
            raise Refusal("HR113", text, path, statement.node.lineno) from None
        if statement.kind == "effect" and any((name in scope) != (name in expected) for name in statement.names):
            raise Refusal("HR113", "what this binds was changed by the program", path, statement.node.lineno)
        for name, value in expected.items():
            if not same(scope[name], value):
                raise Refusal("HR113", f"`{name}` was changed by the program", path, statement.node.lineno)
            if scope[name] is not value and not isinstance(value, _SHARED):
                self.built.add((id(scope), name))

    def _check_defaults(self, path: str, step: Step) -> None:
        """Refuse (HR113) if a default that is built again is no longer what the definition built."""
        assert step.old is not None and isinstance(step.old.node, FunctionNode)
        node = step.old.node
        names = built_again(node, self.work.closure.reached_names)
        if not names:
            return
        scope = vars(plain_class(self.work, path, step)) if step.cls is not None else vars(self.work.modules[path])
        current = scope.get(node.name)
        current = getattr(current, "__func__", current)
        expected = self.work.old[path].function_of(node, vars(self.work.modules[path]), dict(scope))
        if not isinstance(current, FunctionType):
            raise Refusal("HR113", f"`{node.name}` was changed by the program", path, node.lineno)
        now, built = defaults_of(current, node), defaults_of(expected, node)
        for name in sorted(names):
            if name not in now or not same(now[name], built[name]):
                raise Refusal("HR113", f"the default of `{name}` was changed by the program", path, node.lineno)

    def _build(self, path: str, statement: Statement, scope: Any) -> dict[str, Any]:
        """What the statement of the loaded version builds, by name, without binding it."""
        node, version = statement.node, self.work.old[path]
        if isinstance(node, FunctionNode):
            namespace = vars(self.work.modules[path])
            made: dict[str, Any] = {} if scope is namespace else dict(scope)
            exec(version.code_of(node), namespace, made)
            return {node.name: made[node.name]}
        if statement.kind == "effect":
            bound: dict[str, Any] = {}
            exec(version.code_of(node), vars(self.work.modules[path]), bound)
            return bound
        assert isinstance(node, (ast.Assign, ast.AnnAssign))
        if node.value is None:
            return {}
        code = compile(ast.Expression(node.value), path, "eval", flags=version.flags, dont_inherit=True)
        value = eval(code, vars(self.work.modules[path]), dict(scope))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {target.id: value for target in targets if isinstance(target, ast.Name)}


def attribute_name(cls: type, name: str) -> str:
    """What a name that is bound in the body of this class is called in the class: private ones have the class's in
    front."""
    own = cls.__name__.lstrip("_")
    private = name.startswith("__") and not name.endswith("__") and own != ""
    return f"_{own}{name}" if private else name


def plain_class(work: Work, path: str, step: Step) -> type:
    """The class whose body the step concerns. Raises Refusal (HR117) for one that cannot be changed in place."""
    module = work.modules[path]
    around: list[type] = []  # it, and the classes that it is defined in
    for name in (step.cls or "").split("."):
        found = vars(around[-1] if around else module).get(name)
        if not isinstance(found, type) or found.__module__ != module.__name__:
            raise Refusal("HR117", f"`{step.cls}` is no plain class", path, step.line)
        around.append(found)
    cls = around[-1]
    if cls.__qualname__ != step.cls:
        raise Refusal("HR117", f"`{step.cls}` is no plain class", path, step.line)
    for one in around:
        if not _is_plain(one):
            raise Refusal("HR117", f"`{step.cls}` has the metaclass `{type(one).__qualname__}`", path, step.line)
    if step.action != "function":
        _check_told(around, path, step)
    return cls


def _is_plain(cls: type) -> bool:
    kind = type(cls)
    return f"{kind.__module__}.{kind.__qualname__}" in _PLAIN_TYPES


def _check_told(around: list[type], path: str, step: Step) -> None:
    """Refuse (HR117) if a base may have worked into a class, when it was derived from, what the class had then."""
    for cls in derived(around):
        told = any("__init_subclass__" in vars(base) for base in cls.__mro__[1:] if base.__module__ not in _MACHINERY)
        if told or not _is_plain(cls):
            text = f"a base of `{cls.__qualname__}` was told of it when it was made"
            raise Refusal("HR117", text, path, step.line)
