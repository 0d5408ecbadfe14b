"""Which locals every iteration of a loop makes anew, and which go over from one to the next. Pure; user's process."""

from __future__ import annotations

import ast

from hrsup_strategies.reload.updates import settles


class Assignment:
    """Definite assignment over one loop body: `carried` are the names read before the iteration wrote them."""

    def __init__(self, done: set[str]) -> None:
        self.done = done
        self.carried: set[str] = set()
        self.assigned: dict[str, int] = {}
        self.summed: dict[str, int] = {}  # what goes on from where it was

    def reads(self, node: ast.AST | None) -> None:
        """Note the names that the expression reads."""
        if node is None:
            return
        inner: set[str] = set()
        for item in ast.walk(node):
            if isinstance(item, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                for generator in item.generators:
                    inner |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
        for item in ast.walk(node):
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load):
                if item.id not in self.done and item.id not in inner:
                    self.carried.add(item.id)
            elif isinstance(item, ast.NamedExpr):
                # Where in the expression it is written is not looked at, so it counts as carried.
                self.assigned.setdefault(item.target.id, item.lineno)
                self.carried.add(item.target.id)

    def test(self, node: ast.expr) -> None:
        """Note what a loop's test reads, and what it has written whatever comes of it: ``while line := read():``."""
        inner = node
        while isinstance(inner, (ast.UnaryOp, ast.Compare)):
            inner = inner.operand if isinstance(inner, ast.UnaryOp) else inner.left
        if isinstance(inner, ast.NamedExpr):
            self.reads(inner.value)
            self.writes(inner.target)
            if isinstance(node, ast.Compare):
                for item in node.comparators:
                    self.reads(item)
        else:
            self.reads(node)

    def writes(self, target: ast.AST) -> None:
        """Note the names that the target binds."""
        for item in ast.walk(target):
            if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
                self.assigned.setdefault(item.id, item.lineno)
                self.done.add(item.id)
            elif isinstance(item, ast.Name):
                self.reads(item)

    def block(self, body: list[ast.stmt]) -> None:
        """Walk statements one after the other."""
        for node in body:
            self.statement(node)

    def branch(self, body: list[ast.stmt]) -> set[str]:
        """Walk statements that may be left out; gives what is assigned behind them."""
        saved = set(self.done)
        self.block(body)
        result, self.done = self.done, saved
        return result

    def statement(self, node: ast.stmt) -> None:
        """Walk one statement."""
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            self._assign(node)
        elif isinstance(node, ast.AugAssign):
            self._accumulate(node)
        elif isinstance(node, ast.If):
            self._if(node)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self._loop(node)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self._with(node)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            self._try(node)
        elif isinstance(node, ast.Match):
            self._match(node)
        else:
            self.reads(node)
            for item in ast.walk(node):
                if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self.assigned.setdefault(item.name, item.lineno)

    def _assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        self.reads(node.value)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            self.writes(target)

    def _accumulate(self, node: ast.AugAssign) -> None:
        self.reads(node.value)
        if settles(node) and isinstance(node.target, ast.Name):
            if node.target.id not in self.done:
                self.carried.add(node.target.id)
            self.writes(node.target)
        elif isinstance(node.target, ast.Name):  # and that is meant
            self.summed.setdefault(node.target.id, node.lineno)

    def _if(self, node: ast.If) -> None:
        self.reads(node.test)
        first, second = self.branch(node.body), self.branch(node.orelse)
        if _leaves(node.body):
            first = second
        elif _leaves(node.orelse):
            second = first
        self.done |= first & second

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        self.reads(node.test if isinstance(node, ast.While) else node.iter)
        saved = set(self.done)
        if not isinstance(node, ast.While):
            self.writes(node.target)
        self.block(node.body)
        self.done = saved
        self.branch(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for manager in node.items:
            self.reads(manager.context_expr)
            if manager.optional_vars is not None:
                self.writes(manager.optional_vars)
        self.block(node.body)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        saved = set(self.done)
        self.block(node.body)
        after = set(self.done)
        self.done = set(saved)
        ends = []
        for handler in node.handlers:
            self.reads(handler.type)
            self.done = saved | ({handler.name} if handler.name else set())
            self.block(handler.body)
            if not _leaves(handler.body):
                ends.append(self.done)
        self.done = after
        self.block(node.orelse)
        for end in ends:
            self.done &= end
        self.block(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        self.reads(node.subject)
        for case in node.cases:
            saved = set(self.done)
            self.done |= {n for p in ast.walk(case.pattern) for n in [getattr(p, "name", None)] if isinstance(n, str)}
            self.reads(case.guard)
            self.block(case.body)
            self.done = saved


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Continue, ast.Break, ast.Raise))
