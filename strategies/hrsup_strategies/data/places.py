"""Is this line reached in one way only? Decided from the sources of the loaded user modules.

Runs in the user's process. That a line which had read a file reads it again proves little when several callers share it
(a helper ``read_yaml``): one of them may have called it at the start and kept the answer. So the whole way down to the
line must be the only one: every function on the stack is mentioned exactly once in all of the program's sources, in the
statement that its caller is executing. Anything else (methods that share a name, ``__init__``, lambdas) is not decided
in the program's favour.
"""

from __future__ import annotations

import ast
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from hrsup_strategies.base import Program

    Level = tuple[str, str, int, str]

_STRATEGIES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_AGENT = os.path.join(os.path.dirname(_STRATEGIES), "hrsup_agent")
_LIBRARY = {os.path.dirname(os.__file__), os.path.realpath(os.path.dirname(os.__file__))}
_NOT_THE_USERS = ("<", *(folder + os.sep for folder in (_STRATEGIES, _AGENT, *_LIBRARY)))
_INLINE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_LISTERS = ("glob", "iglob", "rglob", "listdir", "scandir", "iterdir", "walk", "fwalk")


def user_frames(frame: FrameType | None) -> list[FrameType]:
    """The frames of the user's code on this stack, innermost first."""
    found = []
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            found.append(frame)
        frame = frame.f_back
    return found


def is_users(path: str) -> bool:
    """Is this a source file of the user's (not the library's, a package's or hrsup's)?"""
    if path.startswith(_NOT_THE_USERS):
        return False
    return "/site-packages/" not in path and "/dist-packages/" not in path


def site_of(frame: FrameType) -> str:
    """The line that a frame executes, as ``file:line``."""
    return f"{os.path.abspath(frame.f_code.co_filename)}:{frame.f_lineno}"


def levels(frames: list[FrameType]) -> list[Level]:
    """What is to be known of a stack: file, function, line and the module's name of each of its frames."""
    return [
        (
            os.path.abspath(frame.f_code.co_filename),
            frame.f_code.co_name,
            frame.f_lineno,
            str(frame.f_globals.get("__name__")),
        )
        for frame in frames
    ]


def only_way(stack: list[Level], program: Program) -> bool:
    """Is this stack (innermost first) the only one on which its innermost line is reached?"""
    stack = [level for level in stack if level[1] not in _INLINE]
    for (_, name, _, module), caller in zip(stack, [*stack[1:], None], strict=True):
        if name == "<module>":
            return caller is None and module == "__main__"
        if name.startswith(("<", "__")):
            return False
        mentions = list(_mentions(name, program))
        if len(mentions) != 1:
            return False
        if caller is not None:
            path, first, last = mentions[0]
            if caller[0] != path or not first <= caller[2] <= last:
                return False
    return bool(stack)


def reached_from(site: str, path: str, first: int, last: int, program: Program) -> bool:
    """May the loop at these lines of `path` come to the line `site` (again)? Only ways of which there is one count,
    as in `only_way`: over any other, nothing could be proved anyway."""
    place, seen = _split(site), set[str]()
    while True:
        file, line = place
        if file == path and first <= line <= last:
            return True
        name = _function_around(file, line, program)
        if name is None or name in seen or name.startswith(("<", "__")):
            return False
        seen.add(name)
        mentions = list(_mentions(name, program))
        if len(mentions) != 1:
            return False
        place = mentions[0][:2]


def _split(site: str) -> tuple[str, int]:
    path, _, line = site.rpartition(":")
    return path, int(line)


def _function_around(path: str, line: int, program: Program) -> str | None:
    """The innermost function that this line belongs to; None for a module's own."""
    if path not in program.modules():
        return None
    functions = [
        node
        for node in ast.walk(ast.parse(program.source(path)))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(functions, key=lambda node: node.lineno).name if functions else None


def lists_in_one_place(program: Program) -> bool:
    """Do the user's sources list folders in a single place?"""
    return sum(1 for name in _LISTERS for _ in _mentions(name, program)) == 1


def _mentions(name: str, program: Program) -> Iterator[tuple[str, int, int]]:
    """Where the name is used, defining and plain importing left out: the file, and the statement's first and last line.
    A rename (``import x as y``) and a string that spells the name count twice, since nobody can tell what becomes of
    them."""
    wanted = name.encode()
    for path in program.modules():
        source = program.source(path)
        if wanted in source:
            tree = ast.parse(source)
            files = _only_files(tree)
            for statement in _statements(tree):
                for _ in range(_uses(statement, name, files)):
                    yield path, statement.lineno, last_line(statement)


def _only_files(tree: ast.AST) -> set[str]:
    """Names that this module binds by ``with open(...) as name`` and in no other way: their methods are a file's."""
    files: set[str] = set()
    others: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and _opens(node.context_expr) and isinstance(node.optional_vars, ast.Name):
            files.add(node.optional_vars.id)
            node.optional_vars.ctx = ast.Load()  # not counted below
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            others.add(node.id)
        elif isinstance(node, (ast.arg, ast.alias, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            others |= {getattr(node, field, None) or "" for field in ("arg", "asname", "name")}
    return files - others


def _opens(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"


def _is_of_file(node: ast.AST, files: set[str]) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    return _opens(node.value) or (isinstance(node.value, ast.Name) and node.value.id in files)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _uses(statement: ast.stmt, name: str, files: set[str]) -> int:
    """How often the statement itself, nested statements left out, uses the name; methods of `files` do not count."""
    count = 0
    for node in (statement, *own_expressions(statement)):
        if isinstance(node, ast.alias):
            count += 2 * (node.asname is not None and name in (node.name, node.asname))
        elif isinstance(node, ast.Constant):
            count += 2 * (node.value == name and not _is_slots_or_all(statement))
        elif not _is_of_file(node, files):
            count += name in (getattr(node, "id", None), getattr(node, "attr", None))
    return count


def own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """What is in the statement, nested statements left out."""
    todo = list(ast.iter_child_nodes(statement))
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.stmt):
            yield node
            todo += ast.iter_child_nodes(node)


def _is_slots_or_all(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def last_line(statement: ast.stmt) -> int:
    """The last line of the statement's own expressions: of a loop, the end of its head."""
    body = getattr(statement, "body", None)
    end = statement.end_lineno or statement.lineno
    return end if not body or not isinstance(body, list) else max(statement.lineno, body[0].lineno - 1)
