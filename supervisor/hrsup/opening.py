"""The imports with which a script begins, and what it does for them before. Pure. Runs in the supervisor.

What a module is at its import may depend on all that the script has done so far: the path it is found on, a variable of
the environment, a name for everybody, a setting of another module. So that is done, too, where the imports are tried.
"""

from __future__ import annotations

import ast
from pathlib import Path

_GIVE_UP = ast.parse("__import__('os')._exit(0)").body


def opening(script: str | None) -> tuple[str, bool]:
    """The statements up to the last import of a script as it is on disk; are they all? None are after one that may tell
    a trial from the script, or whose package is not known. What else than an import raises ends the trial: that may be
    the trial's own fault."""
    try:
        tree = ast.parse(Path(script).read_bytes()) if script is not None else ast.Module([], [])
    except (OSError, SyntaxError, ValueError):
        return "", False
    last = max((number for number, node in enumerate(tree.body) if _imports(node)), default=-1)
    found: list[ast.stmt] = []
    for node in tree.body[: last + 1]:
        if _tells_itself(node):
            return _text(script, found), False
        if getattr(node, "module", "") != "__future__":
            found.append(node)
    return _text(script, found), True


def _text(script: str | None, found: list[ast.stmt]) -> str:
    if not any(map(_imports, found)):
        return ""
    tried = [node if _imports(node) else _guarded(node) for node in found]
    return "\n".join([f"__file__ = {script!r}", *(ast.unparse(node) for node in tried)])


def _guarded(node: ast.stmt) -> ast.stmt:
    handler = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, _GIVE_UP)
    return ast.Try([node], [handler], [], [])


def _imports(node: ast.stmt) -> bool:
    """Is this an import, or one of several, that a start always comes to?"""
    if isinstance(node, ast.Try):
        return any(map(_imports, node.body))
    return isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "module", "") != "__future__"


def _tells_itself(node: ast.stmt) -> bool:
    """May it ask for the module that it is in, or be relative to its package?"""
    for item in ast.walk(node):
        if isinstance(item, ast.ClassDef) or (isinstance(item, ast.ImportFrom) and item.level):
            return True
        if isinstance(item, ast.Name) and item.id in ("__name__", "__spec__", "__package__", "__loader__"):
            return True
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.decorator_list:
            return True
        if isinstance(item, ast.Constant) and item.value in ("__main__", "__name__"):
            return True
    return False
