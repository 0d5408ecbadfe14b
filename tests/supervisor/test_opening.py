"""The imports of a script that are tried before a running service is given up, and what comes before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hrsup.opening import opening


def _opening(folder: Path, text: str) -> tuple[list[str], bool]:
    script = folder / "main.py"
    script.write_text(text)
    statements, whole = opening(str(script))
    return statements.splitlines()[1:], whole


@pytest.mark.parametrize(
    "setting",
    ["sys.path.insert(0, 'lib')", "os.chdir('data')", "HERE = Path(__file__)", "begin()", "assert ready()"],
)
def test_what_stands_before_an_import_is_done_too(tmp_path: Path, setting: str) -> None:
    """An import may need it; if it fails by itself, nothing is known."""
    guarded = ["try:", f"    {setting}", "except BaseException:", "    __import__('os')._exit(0)"]
    found = _opening(tmp_path, f"import os\n{setting}\nimport work\n{setting}\n")
    assert found == (["import os", *guarded, "import work"], True)


@pytest.mark.parametrize(
    "telling",
    [
        "from . import other",
        "if __name__ == '__main__':\n    x = 1",
        "@register\ndef run(): ...",
        "class A(B): ...",
        "x = sys.modules['__main__']",
    ],
)
def test_what_may_tell_a_trial_from_the_script_ends_it(tmp_path: Path, telling: str) -> None:
    """Without it, an import may fail that does not fail in a start."""
    assert _opening(tmp_path, f"import os\n{telling}\nimport work\n") == (["import os"], False)
    assert _opening(tmp_path, f"import os\nimport work\n{telling}\n") == (
        ["import os", "import work"],
        telling[:5] != "from ",
    )


def test_an_import_that_is_tried_is_one(tmp_path: Path) -> None:
    """One for the future is none."""
    text = "'Doc.'\nfrom __future__ import annotations\ntry:\n    import a\nexcept ImportError:\n    import b\n"
    assert _opening(tmp_path, text)[0][-4:] == ["try:", "    import a", "except ImportError:", "    import b"]
    assert _opening(tmp_path, "from __future__ import annotations\nx = 1\n") == ([], True)


def test_a_script_that_cannot_be_read_has_nothing_to_try(tmp_path: Path) -> None:
    """Nor has one that is broken, or a program without one."""
    assert _opening(tmp_path, "import (\n") == ([], False)
    assert opening(str(tmp_path / "gone.py")) == ("", False)
    assert opening(None) == ("", True)
