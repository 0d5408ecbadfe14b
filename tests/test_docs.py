"""What the pages say exists: codes, paths, options, commands, targets."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from hrsup import codes, commands, config, events
from hrsup_strategies.registry import STRATEGIES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "examples").glob("*/README.md"))
SOURCES = sorted((ROOT / "supervisor").rglob("*.py")) + sorted((ROOT / "strategies").rglob("*.py"))
CODE = re.compile(r"HR\d{3}\b")
# Codes that no test provokes, each with the reason.
NOT_PROVOKED: dict[str, str] = {
    "HR311": "children are found as such; no test takes a layer beside one yet",
    "HR322": "wants a system that is out of processes",
    "HR324": "stands for a fault while the process is examined",
    "HR904": "wants a layer that ends between the decision and its request",
}


def all_codes() -> dict[str, str]:
    return {code: sentence for owned in codes.codes_by_owner().values() for code, sentence in owned.items()}


def test_the_page_of_codes_is_up_to_date() -> None:
    """docs/codes.md is what `make docs-codes` would write now."""
    assert (ROOT / "docs" / "codes.md").read_text() == codes.page()


def test_every_code_in_the_source_is_declared() -> None:
    """A code that is used anywhere has a sentence in a dict `CODES`, and belongs to one owner."""
    used = {code for path in SOURCES for code in CODE.findall(path.read_text())}
    assert used == set(all_codes())
    owned = [code for name, own in codes.codes_by_owner().items() if name != "workers" for code in own]
    assert len(owned) == len(set(owned))


def test_every_code_is_one_plain_sentence() -> None:
    """Each meaning begins with a capital and ends with its only full stop."""
    bad = {
        code: text for code, text in all_codes().items() if not re.fullmatch(r"[A-Z`].*[^.]\.", text) or "\n" in text
    }
    assert not bad


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_every_code_is_provoked_by_a_test(code: str) -> None:
    """Some test names the code."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    provoked = any(code.encode() in path.read_bytes() for path in tests)
    if not provoked and code in NOT_PROVOKED:
        pytest.xfail(NOT_PROVOKED[code])
    assert provoked is (code not in NOT_PROVOKED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_paths_that_a_page_names_exist(page: Path) -> None:
    """Links, and words that look like a path of this project, lead somewhere."""
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), link
    for path in re.findall(r"(?<![\w/.])(?:supervisor|strategies|tests|docs|examples|\.ci)/[\w./-]*\w", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_make_targets_that_a_page_names_exist(page: Path) -> None:
    """`make x` in a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^ {4})make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
    assert named <= targets


def test_make_help_lists_every_target() -> None:
    """A person finds every target of the Makefile with `make help`."""
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    assert set(re.findall(r"make ([a-z-]+)", listed)) == set(phony[1].split())


def options_of_run() -> list[str]:
    options = [option for option in commands.main.commands["run"].params if isinstance(option, click.Option)]
    return [name for option in options for name in option.opts if name.startswith("--")]


def test_the_readme_knows_every_strategy_and_option() -> None:
    """Each strategy has its row in the table, each option of `hrsup run` its line, each event its name."""
    text = (ROOT / "README.md").read_text()
    assert [name for name in STRATEGIES if f"| `{name}` |" not in text] == []
    assert [name for name in options_of_run() if f"`{name}" not in text] == []
    assert [name for name in events.NAMES if f"`{name}`" not in text] == []


def test_the_readme_names_commands_that_exist() -> None:
    """`hrsup x` in the README is a command of hrsup."""
    text = (ROOT / "README.md").read_text()
    assert set(re.findall(r"`hrsup ([a-z]+)", text)) <= {*commands.main.commands, "bench"}


def test_the_options_of_the_command_line_are_the_options_of_the_configuration() -> None:
    """What can be said on the command line can be said in [tool.hrsup] by the same name."""
    given = [name[2:] for name in options_of_run()]
    settings = {"stop-timeout": 1, "stop-signal": "INT", "mode": "batch", "strategy": "respawn", "events": "-"}
    settings |= {"drain-timeout": 1}
    known = {name: settings.get(name, ["x"] if name in ("watch", "ignore") else True) for name in given}
    config.load(known, ROOT / "docs", {})


def test_the_version_is_said_once_and_the_changelog_knows_it() -> None:
    """pyproject.toml, `hrsup.__version__` and the newest entry of the changelog agree."""
    import hrsup

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert hrsup.__version__ == version
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest and newest[1] == version


def test_public_names_exist_and_say_what_they_do() -> None:
    """Everything in `hrsup.__all__` is there and has a docstring."""
    import hrsup

    assert all(getattr(hrsup, name).__doc__ for name in hrsup.__all__)
    assert sys.modules["hrsup"].__doc__
