"""The folder is the process boundary: what may import what, shown on the source and on real imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IMPORT_ROOTS = {"hrsup": "supervisor", "hrsup_agent": "strategies", "hrsup_strategies": "strategies"}
# Found by name in the user's process, where the program may have brought them; never loaded for our own sake.
LOOKED_FOR = {"hrsup_agent": {"numpy"}, "hrsup_strategies": {"numpy", "loky", "joblib"}}
# Each of these costs a bare interpreter from 3 to 18 ms.
HEAVY = (
    "ast asyncio concurrent.futures dataclasses enum inspect json logging pathlib re shutil signal socket subprocess"
)
HEAVY += " tempfile threading traceback typing"


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts[1:])
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path
    for package, folder in IMPORT_ROOTS.items()
    for path in sorted((ROOT / folder / package).rglob("*.py"))
}
IN_THE_PROGRAM = [name for name in FILES if not name.startswith("hrsup.") and name != "hrsup"]
# These run as a program, or as its excepthook, and cannot be imported by name.
PROGRAMS = {"hrsup_agent.bootstrap", "hrsup.__main__"}


def imports(name: str) -> Iterator[str]:
    """The full names of the modules that a module's source imports; what only type checkers see is left out."""
    tree = ast.parse(FILES[name].read_bytes())
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    yield from _imports(tree.body, package)


def _imports(body: list[ast.stmt], package: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], *base.split(".")]
                ).strip(".")
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in FILES else base
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _imports(node.orelse, package)
        else:
            for field in ("body", "orelse", "finalbody", "handlers"):
                inner = getattr(node, field, [])
                statements = [h for h in inner if isinstance(h, ast.ExceptHandler)]
                yield from _imports([part for h in statements for part in h.body], package)
                yield from _imports([part for part in inner if isinstance(part, ast.stmt)], package)


def outside(name: str) -> set[str]:
    """The top-level packages a module imports that are neither stdlib nor ours."""
    tops = {target.partition(".")[0] for target in imports(name)}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in IMPORT_ROOTS}


@pytest.mark.parametrize("name", [name for name in IN_THE_PROGRAM if name not in PROGRAMS])
def test_a_module_of_the_program_stands_alone(name: str) -> None:
    """It imports in an isolated interpreter that sees the stdlib and `strategies`, and brings nothing else."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'strategies')!r}); import {name}; "
        "print(*sorted({m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert set(run.stdout.split()) <= {"__main__", "hrsup_agent", "hrsup_strategies"}


@pytest.mark.parametrize("name", IN_THE_PROGRAM)
def test_the_program_s_half_names_no_foreign_package(name: str) -> None:
    """No import statement, lazy ones included, names anything but the stdlib and the packages it may know."""
    assert outside(name) <= LOOKED_FOR[name.partition(".")[0]]


@pytest.mark.parametrize("name", IN_THE_PROGRAM)
def test_arrows_point_from_the_agent_to_the_strategies(name: str) -> None:
    """Strategies know neither the agent nor the supervisor, and the agent does not know the supervisor."""
    forbidden = {"hrsup"} if name.startswith("hrsup_agent") else {"hrsup", "hrsup_agent"}
    assert not {target for target in imports(name) if target.partition(".")[0] in forbidden}


def test_of_the_agent_the_supervisor_uses_the_wire_alone() -> None:
    """The supervisor imports `hrsup_agent.wire`, and the package itself only to learn where bootstrap.py lies."""
    used = {target for name in FILES if name.startswith("hrsup.") for target in imports(name)}
    assert {target for target in used if target.partition(".")[0] == "hrsup_agent"} <= {
        "hrsup_agent",
        "hrsup_agent.wire",
    }


def test_what_a_program_may_import_knows_of_the_agent_only_its_api() -> None:
    """`import hrsup` in a program costs nothing and finds the agent only where it already runs."""
    assert set(imports("hrsup")) <= {"__future__", "sys", "hrsup_agent", "hrsup_agent.api"}


def test_the_start_of_a_program_brings_nothing_heavy(tmp_path: Path) -> None:
    """Before its first line, a program under the agent has loaded none of the modules that are slow to import."""
    look = "import sys; print(*sys.modules, *sys.modules['hrsup_agent.importing']._copies)"
    (tmp_path / "main.py").write_text(look)
    command = [sys.executable, "-m", "hrsup", "run", "--once", "--", sys.executable, "-S", "main.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    loaded = set(run.stdout.split())
    assert "hrsup_agent.runner" in loaded, run.stderr
    assert not loaded & set(HEAVY.split())


def test_no_import_goes_in_a_circle() -> None:
    """The import statements of the three packages, lazy ones included, form no cycle."""
    graph = {name: {t for t in imports(name) if t in FILES and t != name} for name in FILES}
    assert not list(cycles(graph))


def cycles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """Every strongly connected group of more than one node (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[list[str]]:
        number[node] = low[node] = len(number)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in number:
                yield from visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], number[target])
        if low[node] == number[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                yield sorted(group)

    for node in sorted(graph):
        if node not in number:
            yield from visit(node)


def test_the_search_for_circles_finds_one() -> None:
    """The check above is not green because it looks at nothing."""
    assert list(cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == [["a", "b", "c"]]
    assert "hrsup_strategies.base" in set(imports("hrsup.ladder"))
