"""What kind each changed file has, as a table of facts and edits."""

from __future__ import annotations

import pytest

from hrsup.classify import classify, measured_in_folders
from hrsup.used import FileState
from hrsup_agent.wire import content_hash
from hrsup_strategies.base import Facts, ModuleFact, ReadFact

ROOT = "/p"
SCRIPT = b"import lib\n\nlib.go()\n"
LIB = b'def go():\n    """Goes."""\n    print("on")\n'


class Project:
    """A program with a script and one module, and the sources that the snapshot would have kept."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.facts = Facts()
        self.facts.agent = True
        self.facts.main = "/p/main.py"
        self.loaded("__main__", "/p/main.py", SCRIPT)
        self.loaded("lib", "/p/lib.py", LIB)

    def loaded(self, name: str, path: str, source: bytes) -> None:
        self.facts.modules[path] = ModuleFact(name, path, self.keep(source), None, None, 0.0)

    def keep(self, source: bytes) -> str:
        self.kept[content_hash(source)] = source
        return content_hash(source)

    def edit(self, path: str, old: bytes | None, new: bytes | None, **more: bool) -> tuple[str, str]:
        def version(data: bytes | None) -> str | None:
            return None if data is None else self.keep(data)

        state = FileState(path, version(new), version(old), **more)
        change, reasons = classify([state], self.facts, lambda path, hash: self.kept.get(hash or ""), ROOT)
        assert [file.path for file in change.files] == [path]
        return change.files[0].kind, reasons[path]

    def kind(self, path: str, old: bytes | None = b"1", new: bytes | None = b"2", **more: bool) -> str:
        return self.edit(path, old, new, **more)[0]


@pytest.fixture
def project() -> Project:
    return Project()


LOADED_EDITS = [
    ("a body", b'"on"', b'"off"', "code"),
    ("a trailing comment", b'"on")', b'"on")  # really', "noop"),
    ("a comment on a line of its own", b"def go", b"# goes\ndef go", "noop"),
    ("layout", b'print("on")', b'print( "on" )', "noop"),
    ("a docstring", b"Goes.", b"Goes on.", "code"),
    ("a syntax error", b"def go():", b"def go(:", "code"),
    ("an annotation", b"def go()", b"def go() -> None", "code"),
    ("an invalid escape", b'"on"', b'"\\d"', "code"),
    ("a constant of equal value and other type", b'print("on")', b"print(1.0)", "code"),
]


@pytest.mark.parametrize(
    ("old", "new", "kind"), [row[1:] for row in LOADED_EDITS], ids=[row[0] for row in LOADED_EDITS]
)
def test_edits_of_a_loaded_module(project: Project, old: bytes, new: bytes, kind: str) -> None:
    """Only comments and layout are nothing."""
    assert project.kind("/p/lib.py", LIB, LIB.replace(old, new)) == kind


def test_the_script_is_main(project: Project) -> None:
    """The script has a kind of its own, and its comments are nothing too."""
    assert project.kind("/p/main.py", SCRIPT, SCRIPT + b"lib.go()\n") == "main"
    assert project.kind("/p/main.py", SCRIPT, SCRIPT + b"# done\n") == "noop"


@pytest.mark.parametrize(
    ("observer", "same_line", "moving"),
    [
        (b"print(sys._getframe().f_lineno)", "noop", "code"),
        (b"import inspect", "code", "code"),
        (b"warnings.warn('old')", "code", "code"),
        (b"logging.basicConfig(format='%(lineno)d')", "noop", "code"),
        (b"warnings.filterwarnings('ignore')", "noop", "noop"),
        (b"log.exception('oh')", "code", "code"),
        (b"cache = joblib.Memory('.')", "code", "code"),
    ],
)
def test_comments_count_where_the_program_looks(project: Project, observer: bytes, same_line: str, moving: str) -> None:
    """A comment edit is code if any user module may look at source text, or at line numbers and lines moved."""
    project.loaded("other", "/p/other.py", observer)
    assert project.kind("/p/lib.py", LIB, LIB.replace(b'"on")', b'"on")  # really')) == same_line
    assert project.kind("/p/lib.py", LIB, b"# first\n" + LIB) == moving


def test_comments_count_where_not_all_is_known(project: Project) -> None:
    """Unknown sources, unseen readers, readers of the source, a shown traceback or loguru make a comment count."""
    edited = b"# first\n" + LIB
    state = FileState("/p/lib.py", project.keep(edited), project.keep(LIB))

    def kind(**more: bool) -> str:
        sources = lambda path, hash: project.kept.get(hash or "")  # noqa: E731
        return classify([state], project.facts, sources, ROOT, **more).change.files[0].kind

    assert kind() == "noop"
    assert kind(traceback_shown=True) == "code"
    project.facts.opaque = ["a subprocess ran"]
    assert kind() == "code"
    project.facts.opaque = []
    for shows in ("loguru", "fastapi"):
        project.facts.foreign = [shows]
        assert kind() == "code"
    project.facts.foreign = []
    project.facts.reads["/p/lib.py"] = ReadFact("/p/lib.py", None)
    assert kind() == "code"
    del project.facts.reads["/p/lib.py"]
    project.facts.modules["/p/x.py"] = ModuleFact("x", "/p/x.py", "never kept", None, None, 0.0)
    assert kind() == "code"


def test_comments_count_where_the_source_is_measured(project: Project) -> None:
    """Its size and times are not the same then."""
    edited = LIB + b"# on\n"
    assert project.kind("/p/lib.py", LIB, edited) == "noop"
    project.facts.measured["/p/lib.py"] = 0
    assert project.kind("/p/lib.py", LIB, edited) == "code"


@pytest.mark.parametrize(
    ("source", "folder", "found"),
    [(b"entry.stat()", "/p", {"/p/lib.py": 2}), (b"entry.stat()", "/q", {}), (b"entry.name", "/p", {})],
)
def test_what_is_listed_may_be_measured(
    project: Project, source: bytes, folder: str, found: dict[str, int | None]
) -> None:
    """What an entry of a listing is asked is not observed, so it counts if a source may ask that."""
    project.loaded("other", "/p/other.py", source)
    project.facts.listings[folder] = 2
    state = FileState("/p/lib.py", "2", "1")
    assert measured_in_folders([state], project.facts, lambda path, hash: project.kept.get(hash or "")) == found


def test_a_module_of_uncertain_version_is_code(project: Project) -> None:
    """Where several versions are in use, or the old one is not known, nothing is called cosmetic."""
    assert project.kind("/p/lib.py", LIB, LIB + b"# end\n", unknown=True) == "code"
    assert project.kind("/p/lib.py", LIB, None) == "code"


DATA_FILES = [
    ("/p/data.csv", "data"),
    ("/elsewhere/params.yaml", "data"),
    ("/p/unread.csv", "irrelevant"),
    ("/p/README.md", "irrelevant"),
    ("/p/tests/test_lib.py", "irrelevant"),
    ("/p/ext.c", "irrelevant"),
    ("/p/script_as_data.py", "data"),
]


@pytest.mark.parametrize(("path", "kind"), DATA_FILES)
def test_files_that_are_no_loaded_module(project: Project, path: str, kind: str) -> None:
    """What was read is data; what nothing looked at is irrelevant; with unseen readers nothing is."""
    for read in ("/p/data.csv", "/elsewhere/params.yaml", "/p/script_as_data.py"):
        project.facts.reads[read] = ReadFact(read, None)
    assert project.kind(path) == kind
    project.facts.opaque = ["a subprocess ran"]
    assert project.kind(path) in ("data", "code")


def test_without_an_agent_everything_counts(project: Project) -> None:
    """Of a program that is not Python nothing is known, so nothing is irrelevant."""
    project.facts = Facts()
    kinds = [project.kind(path) for path in ("/p/a.py", "/p/a.csv", "/p/a.c", "/p/.env")]
    assert kinds == ["code", "data", "native", "environment"]


def test_new_and_deleted_files(project: Project) -> None:
    """A new or deleted file counts if its directory was listed or it was looked for; an edited one does not."""
    project.facts.listings = {"/p/inbox": None}
    project.facts.missing = {"/p/local.py": None, "/p/override.json": None, "/p/conf.d": None}
    assert project.kind("/p/inbox/1.txt", None, b"1") == "data"
    assert project.kind("/p/inbox/new/1.txt", None, b"1") == "data"
    assert project.kind("/p/inbox/1.txt", b"1", None) == "data"
    assert project.kind("/p/inbox/1.txt", b"1", b"2") == "irrelevant"
    assert project.kind("/p/inbox/plugin.py", None, b"1") == "code"
    assert project.kind("/p/local.py", None, b"1") == "code"
    assert project.kind("/p/override.json", None, b"1") == "data"
    assert project.kind("/p/conf.d/a.ini", None, b"1") == "data"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/p/random.py", "code"),  # the standard library's
        ("/p/pandas/__init__.py", "code"),  # a third-party module
        ("/p/lib/__init__.py", "code"),  # a package where there was a module
        ("/p/lib.cpython-312-x86_64-linux-gnu.so", "native"),
        ("/p/notes.py", "irrelevant"),
    ],
)
def test_new_modules_that_shadow(project: Project, path: str, kind: str) -> None:
    """A new file counts if a cold start might import it under a name that the program imports."""
    project.facts.foreign = ["pandas"]
    assert project.kind(path, None, b"1") == kind


def test_native_files(project: Project) -> None:
    """A loaded extension is native, and so is source that one of the user's may be built from."""
    project.facts.natives = {"/p/fast.so": None}
    assert [project.kind(path) for path in ("/p/fast.so", "/p/src/fast.pyx")] == ["native", "native"]
    project.facts.natives = {"/usr/lib/other.so": None}
    assert project.kind("/p/src/fast.pyx") == "irrelevant"
    project.facts.foreign = ["cffi"]
    assert project.kind("/p/src/fast.c") == "native"


def test_outputs(project: Project) -> None:
    """What the program wrote is output; the same file edited by somebody else is data."""
    project.facts.writes = {"/p/out.csv"}
    project.facts.reads["/p/out.csv"] = ReadFact("/p/out.csv", None)
    assert project.kind("/p/out.csv", own=True) == "output"
    assert project.kind("/p/out.csv", own=False) == "data"


@pytest.mark.parametrize(
    "path",
    [
        "/p/mine-1.dist-info/METADATA",
        "/p/.env",
        "/p/uv.lock",
        "/p/requirements-dev.txt",
        "/p/pyproject.toml",
        "/v/lib/python3.12/site-packages/x/y.py",
    ],
)
def test_environment(project: Project, path: str) -> None:
    """Lock files and their like at the project's root, and installed packages, are the environment; read or not."""
    assert project.kind(path) == "environment"
    project.facts.reads[path] = ReadFact(path, None)
    assert project.kind(path) == "environment"


def test_a_fixture_that_looks_like_an_environment(project: Project) -> None:
    """A requirements file somewhere below governs nothing."""
    assert project.kind("/p/tests/data/requirements.txt") == "irrelevant"


def test_settings_of_linters(project: Project) -> None:
    """pyproject.toml is irrelevant where only tables of tools without influence changed, and nobody reads it."""
    old = b"[project]\nname='x'\n[tool.ruff]\nline-length=80\n"
    assert project.kind("/p/pyproject.toml", old, old.replace(b"80", b"99")) == "irrelevant"
    assert project.kind("/p/pyproject.toml", old, old.replace(b"'x'", b"'y'")) == "environment"
    project.facts.opaque = ["a subprocess ran"]
    assert project.kind("/p/pyproject.toml", old, old.replace(b"80", b"99")) == "environment"


def test_every_file_has_a_reason(project: Project) -> None:
    """Each verdict says why in one line, naming what it rests on."""
    project.facts.reads["/p/data.csv"] = read = ReadFact("/p/data.csv", None)
    read.sites["/p/lib.py:7"] = 1
    assert project.edit("/p/data.csv", b"1", b"2") == ("data", "the program read it (at lib.py:7)")
    assert project.edit("/p/x.csv", b"1", b"2") == ("irrelevant", "nothing has read it")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (b"try:\n    from fast import go\nexcept ImportError:\n    pass\n", "code"),
        (b"importlib.import_module(NAME)\n", "code"),
        (b"print('slow and steady')\n", "irrelevant"),
    ],
)
def test_a_new_module_counts_where_its_import_may_have_failed(project: Project, source: bytes, kind: str) -> None:
    """A new source file is code if a loaded module mentions its name, or computes the names that it imports."""
    project.loaded("other", "/p/other.py", source)
    assert project.kind("/p/fast.py", None, b"def go(): pass\n") == kind


@pytest.mark.parametrize(
    ("source", "came", "edited"),
    [
        (b"if FLAG.exists(): pass\n", "data", "irrelevant"),
        (b"size = os.path.getsize(NAME)\n", "data", "data"),
        (b"print('plain')\n", "irrelevant", "irrelevant"),
    ],
)
def test_a_file_counts_where_the_program_may_ask_about_it(
    project: Project, source: bytes, came: str, edited: str
) -> None:
    """Questions about files are not observed: who asks whether files exist, or for their state, may have asked here."""
    project.loaded("other", "/p/other.py", source)
    assert project.kind("/p/flag.txt", None, b"1") == came
    assert project.kind("/p/flag.txt") == edited
