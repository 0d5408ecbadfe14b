"""A program of modules in the test's own process, as the strategies see one."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

from hrsup_strategies.base import Outcome


class Loaded:
    """Its modules, their sources, and the last outcome that was replied."""

    def __init__(self) -> None:
        self.sources: dict[str, bytes] = {}
        self.loaded: dict[str, types.ModuleType] = {}
        self.outcome: Outcome | None = None

    def load(self, path: str, text: str, module: types.ModuleType) -> None:
        """Run a module's text, as if it had been imported from `path`."""
        self.sources[path], self.loaded[path] = text.encode(), module
        exec(compile(text, path, "exec", dont_inherit=True), vars(module))

    def modules(self) -> dict[str, types.ModuleType]:
        return self.loaded

    def source(self, path: str) -> bytes:
        return self.sources[path]

    def load_module(self, name: str) -> None:
        """Import a module that is part of no program yet."""
        importlib.import_module(name)
        for module in [sys.modules[other] for other in sys.modules if other.startswith(name)]:  # and what came with it
            path = str(module.__file__)
            self.loaded[path], self.sources[path] = module, Path(path).read_bytes()

    def unload(self, path: str, instead: str | None) -> None:
        self.sources.pop(path, None)
        self.loaded.pop(path, None)

    def reads_back(self) -> bool:
        """See `hrsup_strategies.base.Program`."""
        return False

    def set_source(self, path: str, data: bytes) -> None:
        self.sources[path] = data

    def reply(self, outcome: Outcome) -> None:
        self.outcome = outcome
