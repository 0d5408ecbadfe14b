"""One version of one module's source. Runs in the user's process; pure."""

from __future__ import annotations

import ast
from types import CodeType, FunctionType

from hrsup_strategies.reload.census import trees
from hrsup_strategies.reload.codes import Refusal
from hrsup_strategies.reload.diff import Statement, first_line, parse, undecorated
from hrsup_strategies.reload.import_statements import imports_of
from hrsup_strategies.reload.names import ModuleNames
from hrsup_strategies.reload.parts import parts_of
from hrsup_strategies.reload.waiting import Waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hrsup_strategies.reload.parts import Part


class Version:
    """One version of one module's source, parsed; `code_of` compiles single statements of it.

    `before` is a version of the same module, of which most statements will have stayed as they were. What was found out
    about these is taken over, so that an edit costs what was edited, but for the parser and the compiler.
    """

    def __init__(self, path: str, data: bytes, main: bool, new: bool = False, before: Version | None = None) -> None:
        self.path, self.data, self.main = path, data, main
        self._code: CodeType | None = None
        self._codes: dict[int, list[CodeType]] | None = None
        try:
            self.tree = parse(data, path)
            if new:
                self.code()  # the compiler finds more than the parser
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            message = getattr(error, "msg", None) or str(error)
            raise Refusal("HR105", f"{type(error).__name__}: {message}", path, line, "held") from None
        self.postponed = postponed = _postponed(self.tree)
        texts, known = _texts(data, self.tree), before.known(data, main, postponed) if before is not None else {}
        self.body = [
            Statement(node, index == 0, main, known[text].statement if text in known else None)
            for index, (node, text) in enumerate(zip(self.tree.body, texts, strict=True))
        ]
        self.parts = parts_of(path, self.body, texts, known, postponed, Waiting(data).allows)
        self.names = ModuleNames(path, self.parts)
        self.flags = 0x1000000 if postponed else 0  # CO_FUTURE_ANNOTATIONS
        self.globals = [node for part in self.parts for node in part.globals]
        self.imports = [node for part in self.parts for node in part.imports]
        self.stars = [node for node in self.imports if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
        bodies = [part.statement.node for part in self.parts if part.imports]
        self._imports = imports_of(ast.Module(bodies, []))

    def known(self, data: bytes, main: bool, postponed: bool) -> dict[bytes, Part]:
        """By their text, the parts that mean the same in another version whose source is `data`."""
        same = main == self.main and postponed == self.postponed
        # With other encodings, the same bytes may be other text.
        if not same or b"coding" in data[:500] or b"coding" in self.data[:500]:
            return {}
        return {part.text: part for part in self.parts}

    @property
    def suspends(self) -> bool:
        """Can something in it be a generator or coroutine?"""
        return any(part.suspends for part in self.parts)

    def code(self) -> CodeType:
        """The code of the whole module. Raises SyntaxError, ValueError."""
        if self._code is None:
            self._code = compile(self.tree, self.path, "exec", dont_inherit=True)
        return self._code

    def function_of(self, node: Any, namespace: dict[str, Any], scope: dict[str, Any]) -> FunctionType:
        """The function that a definition makes, without its decorators; its place in the file does not matter here."""
        exec(self.code_of(undecorated(node)), namespace, scope)
        made = scope[node.name]
        assert isinstance(made, FunctionType)
        return made

    def codes(self, statement: Statement) -> list[CodeType]:
        """The code objects that a statement of the body makes functions and classes of, without those in them; of the
        whole module's code, if that is there."""
        if self._codes is None and self._code is not None:
            self._codes = self._by_statement(self._code)
        found = self._codes.get(id(statement)) if self._codes is not None else None
        return inner(self.code_of(statement.node)) if found is None else found

    def in_place(self, new: Version) -> set[int]:
        """The ids of the statements of a `new` version that stand where they do here, in the same words: their code is
        the same, since nothing else is imported."""
        if [part.text for part in self.parts if part.imports] != [part.text for part in new.parts if part.imports]:
            return set()
        places = {id(part.known): _place(part) for part in self.parts}
        return {id(part.statement) for part in new.parts if places.get(id(part.known)) == _place(part)}

    def _by_statement(self, whole: CodeType) -> dict[int, list[CodeType]]:
        """By the ids of statements; those that share a line with another are left out."""
        owners: dict[int, Statement] = {}
        shared: set[int] = set()
        for statement in self.body:
            node = statement.node
            for line in range(first_line(node), (node.end_lineno or node.lineno) + 1):
                if line in owners:
                    shared |= {id(owners[line]), id(statement)}
                owners[line] = statement
        found: dict[int, list[CodeType]] = {id(statement): [] for statement in self.body}
        for code in inner(whole):
            found[id(owners[code.co_firstlineno])].append(code)
        return {key: codes for key, codes in found.items() if key not in shared}

    def holders(self) -> list[object]:
        """What of this version holds code objects."""
        if self._code is None:
            return []
        constants = [code.co_consts for code in trees([self._code])]
        return [*constants, *self._codes.values()] if self._codes is not None else list(constants)

    def forget_code(self) -> None:
        """It would hold that of its functions, after these have got another."""
        self._code = self._codes = None

    def code_of(self, node: ast.stmt) -> CodeType:
        """The code of one statement, as a module's body; functions in it are as in the whole module's code."""
        # The compiler calls a method of an imported name in its own way, so it must know what is imported.
        body: list[ast.stmt] = [node]
        if self._imports and getattr(node, "module", None) != "__future__":
            body.insert(0, ast.If(ast.Constant(False), self._imports, []))
            ast.fix_missing_locations(body[0])
        code: CodeType = compile(ast.Module(body, []), self.path, "exec", flags=self.flags, dont_inherit=True)
        return code


def _texts(data: bytes, tree: ast.Module) -> list[bytes]:
    """The source of each statement of the body, decorators included."""
    data = data.removeprefix(b"\xef\xbb\xbf")  # the parser does not count the bytes of the mark
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found = []
    for node in tree.body:
        first = first_line(node) - 1
        last = (node.end_lineno or node.lineno) - 1
        start = 0 if getattr(node, "decorator_list", None) else node.col_offset
        if first == last:
            found.append(lines[first][start : node.end_col_offset])
        else:
            found.append(
                b"\n".join([lines[first][start:], *lines[first + 1 : last], lines[last][: node.end_col_offset]])
            )
    return found


def _place(part: Part) -> tuple[int, int]:
    node = part.statement.node
    return first_line(node), node.col_offset


def inner(code: CodeType) -> list[CodeType]:
    """The code objects directly in another."""
    return [item for item in code.co_consts if isinstance(item, CodeType)]


def _postponed(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
