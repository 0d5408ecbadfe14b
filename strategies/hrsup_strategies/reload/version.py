"""One version of one module's source. Runs in the user's process; pure."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import parse, statements
from hrsup_strategies.reload.import_statements import imports_of
from hrsup_strategies.reload.names import ModuleNames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

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
        if self._imports and getattr(node, "module", None) != "__future__":
            body.insert(0, ast.If(ast.Constant(False), self._imports, []))
            ast.fix_missing_locations(body[0])
        code: CodeType = compile(ast.Module(body, []), self.path, "exec", flags=self.flags, dont_inherit=True)
        return code
