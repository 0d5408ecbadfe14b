"""Layers of real programs: a continuation does what a cold start does, and a layer that could not is never taken."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from layered import Supervisor, alive, cold

from hrsup_strategies.checkpoint import layers


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    folder = Path(os.path.realpath(tmp_path))
    with Supervisor(folder) as supervisor:
        yield supervisor


def write(supervisor: Supervisor, **files: str) -> None:
    for name, text in files.items():
        (supervisor.folder / f"{name}.py").write_text(text)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a layer at every point, whatever it costs."""
    monkeypatch.setenv("LAYERED_EAGER", "1")


def descriptors_of(pid: int) -> list[str]:
    return sorted(entry.name for entry in Path(f"/proc/{pid}/fd").iterdir())


def codes(supervisor: Supervisor) -> set[str]:
    return {message["code"] for message in supervisor.of("no_layer")}


def test_a_continuation_runs_the_new_code(supervisor: Supervisor) -> None:
    """After an edit, the layer before the module gives the output of a cold start."""
    write(supervisor, main="import first\nimport second\nprint(first.A, second.B)\n", first="A = 1\n", second="B = 1\n")
    assert supervisor.run("main.py") == "1 1\n"
    before = {layer["point"]: layer for layer in supervisor.layers()}
    assert {"before __main__", "before first", "before second"} <= set(before)
    write(supervisor, second="B = 2\n")
    assert supervisor.resume(before["before second"])["status"] == 0
    assert supervisor.taken() == cold(supervisor.folder, "main.py") == "1 2\n"
    write(supervisor, main="import second\nprint('new', second.B)\n")
    supervisor.resume(before["before __main__"])
    assert supervisor.taken() == cold(supervisor.folder, "main.py") == "new 2\n"


def test_a_layer_continues_many_times(supervisor: Supervisor) -> None:
    """Twenty continuations of one layer leave neither descriptors nor zombies behind."""
    write(supervisor, main="import stage\nprint(stage.A)\n", stage="A = 0\n")
    supervisor.run("main.py")
    layer = supervisor.at("before stage")
    descriptors = descriptors_of(layer["pid"])
    for number in range(20):
        write(supervisor, stage=f"A = {number}\n")
        assert supervisor.resume(layer)["status"] == 0
        assert supervisor.taken() == f"{number}\n"
    assert descriptors_of(layer["pid"]) == descriptors
    assert Path(f"/proc/{layer['pid']}/task/{layer['pid']}/children").read_text() == ""


def test_a_continuation_takes_layers_of_its_own(supervisor: Supervisor) -> None:
    """The layers of a continuation are one deeper than the layer it came from."""
    write(supervisor, main="import a\nimport b\nprint(a.A, b.B)\n", a="A = 1\n", b="B = 1\n")
    supervisor.run("main.py")
    start = supervisor.at("before a")
    supervisor.messages.clear()
    supervisor.resume(start)
    supervisor.until(lambda: any(layer["point"] == "before b" for layer in supervisor.layers()))
    assert min(layer["depth"] for layer in supervisor.layers()) == start["depth"] + 1
    write(supervisor, b="B = 5\n")
    supervisor.taken()
    supervisor.resume(supervisor.at("before b"))
    assert supervisor.taken() == "1 5\n"


def test_the_time_that_a_layer_has_waited_is_no_cost_of_layers(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A continuation that has something to keep takes a layer, however late it was asked for."""
    monkeypatch.delenv("LAYERED_EAGER")
    monkeypatch.setenv("LAYERED_FACTOR", "1")
    write(supervisor, main="import a\nimport b\nprint(a.A, b.B)\n", a="A = 1\n", b="B = 1\n")
    supervisor.run("main.py")
    start, asked = supervisor.at("before __main__"), time.monotonic()
    supervisor.until(lambda: time.monotonic() > asked + 2.0)
    write(supervisor, a="A = sum(range(15_000_000))\n")
    supervisor.messages.clear()
    supervisor.resume(start)
    assert "before b" in [layer["point"] for layer in supervisor.layers()]


@pytest.mark.parametrize(
    ("spent_s", "factor", "next_s"),
    [
        (0.02, layers.COST_FACTOR, 11.25),  # an eighth of the run is worth keeping
        (0.46, layers.COST_FACTOR, 12.5),  # with this one 0.5 s, which is 4 % of 12.5 s
        (0.46, layers.COST_FACTOR_AGAIN, 11.25),
    ],
)
def test_layers_together_cost_a_share_of_the_run(spent_s: float, factor: float, next_s: float) -> None:
    """A dear one may follow soon after another where those before it were cheap, or few."""
    taken = object.__new__(layers.Layers)
    taken.depth, taken._began, taken._last = 2, 0.0, 10.0
    taken._cost_s, taken._spent_s, taken._factor = 0.04, spent_s, factor
    assert taken._next_time() == pytest.approx(next_s)


def test_status_and_signal_are_relayed(supervisor: Supervisor) -> None:
    """The layer says how its continuation ended."""
    write(supervisor, main="import stage\n", stage="")
    supervisor.run("main.py")
    layer = supervisor.at("before stage")
    for body, status, number in (
        ("raise SystemExit(7)", 7, None),
        ("1/0", 1, None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", None, signal.SIGKILL),
    ):
        write(supervisor, stage=body + "\n")
        ended = supervisor.resume(layer)
        assert (ended["status"], ended["signal"]) == (status, number)


def test_atexit_and_buffered_text_happen_once(supervisor: Supervisor) -> None:
    """What was registered or still waits in a buffer before the layer happens once in the program, and in each
    continuation."""
    write(
        supervisor,
        main="import atexit\natexit.register(print, 'bye')\nprint('waiting')\nimport stage\nprint(stage.A)\n",
        stage="A = 1\n",
    )
    assert supervisor.run("main.py") == "waiting\n1\nbye\n"
    layer = supervisor.at("before stage")
    write(supervisor, stage="A = 2\n")
    supervisor.resume(layer)
    assert supervisor.taken() == "waiting\n2\nbye\n"


def test_interrupt_ends_the_continuation_and_not_its_layer(supervisor: Supervisor) -> None:
    """Ctrl-C reaches the whole process group; layers live on and can continue again."""
    body = "import sys, time\nsys.stdout.write('up\\n')\nsys.stdout.flush()\n{}\n"
    write(supervisor, main="import stage\n", stage="")
    supervisor.run("main.py")
    layers = supervisor.layers()
    layer = supervisor.at("before stage")
    write(supervisor, stage=body.format("time.sleep(60)"))
    supervisor.peer(layer["pid"]).send(type="continue", id=1)
    supervisor.until(lambda: "up" in supervisor.output.read_text())
    os.killpg(os.getpgid(layer["pid"]), signal.SIGINT)
    supervisor.until(lambda: supervisor.of("exit"))
    assert supervisor.of("exit")[0]["signal"] == signal.SIGINT
    assert "KeyboardInterrupt" in supervisor.taken()
    assert all(alive(layer["pid"]) for layer in layers)
    write(supervisor, stage=body.format(""))
    assert supervisor.resume(layer)["status"] == 0
    assert supervisor.taken() == "up\n"


def test_layers_end_with_their_connection(supervisor: Supervisor) -> None:
    """When the supervisor is gone, so are the layers."""
    write(supervisor, main="import stage\n", stage="")
    supervisor.run("main.py")
    layers = supervisor.layers()
    assert len(layers) >= 2
    for layer in layers:
        descriptor = os.pidfd_open(layer["pid"])
        supervisor.peer(layer["pid"]).connection.shutdown(2)
        import select

        assert select.select([descriptor], [], [], 10.0)[0]
        os.close(descriptor)


@pytest.mark.parametrize(
    ("code", "before"),
    [
        ("HR310", "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"),
        ("HR312", "print('early', flush=True)"),
        ("HR312", "import os\nos.write(1, b'early')"),
        ("HR313", "import os\nos.mkdir('made')"),
        ("HR313", "import subprocess\nsubprocess.run(['true'])"),
        ("HR314", "held = open(__file__)"),
        ("HR314", "import socket\nheld = socket.socket()"),
        ("HR315", "import signal\nsignal.alarm(1000)"),
        ("HR316", "def load():\n    import stage\nload()"),
        ("HR317", "import time\nSTART = time.time()"),
        ("HR317", "from time import perf_counter as now\nSTART = now()"),
        ("HR317", "import time\ndef tick():\n    return time.monotonic()\nSTART = tick()"),
        ("HR317", "import uuid\nRUN = uuid.uuid4()"),
        ("HR317", "import os\nNEW = os.path.exists('params.yaml')"),
        ("HR317", "import random\nCHOICE = random.random()"),
        ("HR317", "import random\nGENERATOR = random.Random()"),
        ("HR318", "import sys\nLINES = sys.stdin.read()"),
        ("HR320", "import signal\nsignal.signal(signal.SIGCHLD, lambda *_: None)"),
        ("HR321", "import mmap\nheld = mmap.mmap(-1, 4096)"),
        ("HR323", "import sys, io\nsys.stdout = io.StringIO()"),
    ],
)
def test_no_layer_where_a_continuation_would_differ(supervisor: Supervisor, code: str, before: str) -> None:
    """Each obstacle is found, named by its code, and leaves the layers before it."""
    write(supervisor, main=f"{before}\nimport stage\n", stage="")
    supervisor.run("main.py")
    assert code in codes(supervisor)
    assert "before stage" not in {layer["point"] for layer in supervisor.layers()}
    assert supervisor.layers()[0]["depth"] == 0


def test_a_fork_is_not_seen_by_the_program(supervisor: Supervisor) -> None:
    """The program has no child, no pending signal and the same warnings as before, with warnings turned into errors."""
    write(
        supervisor,
        main="import numpy, warnings\nBEFORE = list(warnings.filters)\nimport stage\n"
        "import os, signal\nassert warnings.filters == BEFORE\nassert not signal.sigpending()\n"
        "try:\n    os.wait()\nexcept ChildProcessError:\n    print('alone')\n",
        stage="",
    )
    assert supervisor.run("main.py", "-W", "error") == "alone\n"
    assert [layer for layer in supervisor.layers() if layer["point"] == "before stage"]


def test_an_openmp_region_that_ran_is_found_by_the_canary(supervisor: Supervisor) -> None:
    """After a parallel region has run at import time, a fork would crash: that layer is unusable, earlier ones stay."""
    sklearn = importlib.util.find_spec("sklearn")
    assert sklearn is not None
    assert sklearn.origin is not None
    library = next(Path(sklearn.origin).parent.with_name("scikit_learn.libs").glob("libgomp*"))
    write(
        supervisor,
        main=f"import ctypes\nlibrary = ctypes.CDLL({str(library)!r})\nimport model\nimport stage\nprint('done')\n",
        # What KMeans().fit does, without the `lscpu` that joblib runs for it, which would be an obstacle of its own.
        model="import ctypes, __main__\nbody = ctypes.cast(ctypes.CDLL(None).labs, ctypes.c_void_p)\n"
        "__main__.library.GOMP_parallel(body, None, 2, 0)\n",
        stage="",
    )
    assert supervisor.run("main.py") == "done\n"
    supervisor.until(lambda: any(layer["point"] == "before stage" for layer in supervisor.of("layer")))
    points = {layer["point"]: layer for layer in supervisor.of("layer")}
    assert points["before model"]["usable"]
    last = points["before stage"]
    assert not last["usable"]
    assert "survive" in last["reason"]
    supervisor.resume(points["before model"])
    assert supervisor.taken() == "done\n"


@pytest.mark.parametrize(("name", "taken"), [("jemalloc_bg_thd", True), ("some-pool", False)])
def test_native_threads_with_names_are_an_obstacle_but_those_whose_owner_handles_forks(
    supervisor: Supervisor, name: str, taken: bool
) -> None:
    """jemalloc, which pyarrow brings into every program that uses pandas, is no reason to import pandas anew."""
    write(
        supervisor,
        main="import native\nimport stage\n",
        native="import ctypes\nlibrary, thread = ctypes.CDLL(None), ctypes.c_ulong()\n"
        "own = ctypes.create_string_buffer(16)\n"
        f"library.prctl(16, own), library.prctl(15, {name.encode()})\n"  # a thread has its creator's name
        "library.pthread_create(ctypes.byref(thread), None, library.pause, None), library.prctl(15, own)\n",
        stage="",
    )
    supervisor.run("main.py")
    assert ("before stage" in {layer["point"] for layer in supervisor.layers()}) == taken
    assert ("HR319" in codes(supervisor)) != taken


def test_unseeded_generators_differ_between_continuations(supervisor: Supervisor) -> None:
    """numpy's and the standard library's global generators draw anew in each continuation, as in each cold start."""
    write(
        supervisor,
        main="import random, numpy\nimport stage\n",
        stage="import random, numpy\nprint(random.random(), numpy.random.rand())\n",
    )
    supervisor.run("main.py")
    layer = supervisor.at("before stage")
    drawn = set()
    for _ in range(3):
        supervisor.resume(layer)
        drawn |= set(supervisor.taken().split())
    assert len(drawn) == 6


def test_seeded_generators_continue_as_in_a_cold_start(supervisor: Supervisor) -> None:
    """A seed set before the layer holds in the continuation, whatever was drawn in between."""
    write(
        supervisor,
        main="import random, numpy\nrandom.seed(0)\nnumpy.random.seed(0)\nrandom.random()\nimport stage\n",
        stage="import random, numpy\nprint(random.random(), numpy.random.rand())\n",
    )
    first = supervisor.run("main.py")
    layer = supervisor.at("before stage")
    for _ in range(2):
        supervisor.resume(layer)
        assert supervisor.taken() == first == cold(supervisor.folder, "main.py")


def test_layers_between_statements_of_the_script(supervisor: Supervisor) -> None:
    """A module imported late in a script is preceded by a layer, though the script's `main` asks for the time."""
    write(
        supervisor,
        main="import time\n\ndef main():\n    print(time.time() > 0, stage.A)\n\n\nTABLE = list(range(10))\n"
        "import stage\nmain()\n",
        stage="A = 1\n",
    )
    assert supervisor.run("main.py") == "True 1\n"
    assert {"before __main__", "main.py:7", "before stage"} <= {layer["point"] for layer in supervisor.layers()}
    write(supervisor, stage="A = 3\n")
    supervisor.resume(supervisor.at("before stage"))
    assert supervisor.taken() == "True 3\n"


def test_new_code_is_tried_in_a_throw_away_fork(supervisor: Supervisor) -> None:
    """The `canary` request says whether modules import, and where they fail, without a word on the program's output."""
    write(supervisor, main="import stage\n", stage="A = 1\n")
    supervisor.run("main.py")
    layer = supervisor.peer(supervisor.layers()[0]["pid"])
    layer.send(type="canary", id=5, code="import stage")
    supervisor.until(lambda: supervisor.of("reply"))
    assert supervisor.of("reply")[0]["ok"] is True
    write(supervisor, stage="print('loud')\nA = 1\nA.missing\n")
    layer.send(type="canary", id=6, code="import stage")
    supervisor.until(lambda: len(supervisor.of("reply")) == 2)
    reply = supervisor.of("reply")[1]
    assert (reply["to"], reply["ok"], reply["kind"], reply["line"]) == (6, False, "AttributeError", 3)
    assert reply["file"] == str(supervisor.folder / "stage.py")
    assert supervisor.taken() == ""
    write(supervisor, stage="open('kept.txt', 'w').close()\nA.missing\n")
    (supervisor.folder / "kept.txt").write_text("the program's")
    layer.send(type="canary", id=7, code="import stage")
    supervisor.until(lambda: len(supervisor.of("reply")) == 3)
    assert (supervisor.of("reply")[2]["ok"], supervisor.of("reply")[2]["kind"]) == (False, "Timeout")
    assert (supervisor.folder / "kept.txt").read_text() == "the program's"


def preload(supervisor: Supervisor, *modules: str, argument: str = "main.py") -> dict[str, Any]:
    """The image that has these modules, once it says so."""
    image = supervisor.at("before __main__")
    supervisor.peer(image["pid"]).send(type="preload", id=9, modules=[(name, argument) for name in modules])
    supervisor.until(lambda: any(layer["preloaded"] for layer in supervisor.layers()))
    return next(layer for layer in supervisor.layers() if layer["preloaded"])


@pytest.fixture
def packages(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two third-party modules that change the environment and the warning filters as numpy and scikit-learn do."""
    folder = supervisor.folder / "lib"
    folder.mkdir()
    (folder / "one").mkdir()
    (folder / "one/__init__.py").write_text(
        "import os, warnings\nos.environ.setdefault('ONE', '1')\nwarnings.filterwarnings('ignore', message='one')\n"
        "from one import part\n"
    )
    (folder / "one/part.py").write_text("VALUE = 3\n")
    (folder / "one/late.py").write_text("VALUE = 4\n")
    (folder / "two.py").write_text("import one, os\nSEEN = os.environ.get('ONE'), os.environ.get('LEVEL')\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.usefixtures("packages")
def test_a_preloaded_image_continues_a_changed_script(supervisor: Supervisor) -> None:
    """What was imported beforehand appears when the script imports it, with the changes its import makes."""
    show = "print('ONE' in os.environ, 'one' in sys.modules, 'two' in sys.modules, len(warnings.filters))\n"
    use = f"import os, sys, warnings\n{show}import one\n{show}import two\n{show}"
    write(supervisor, main=use)
    supervisor.run("main.py")
    image = preload(supervisor, "one", "two")
    assert image["preloaded"] == ["one", "two"]
    write(
        supervisor, main=use + "import one.late\nprint(one.__spec__.origin, one.late.VALUE, two.SEEN, one.part.VALUE)\n"
    )
    for _ in range(2):
        assert supervisor.resume(image)["status"] == 0
        assert supervisor.taken() == cold(supervisor.folder, "main.py")


@pytest.mark.usefixtures("packages")
def test_a_submodule_is_there_only_once_it_is_imported(supervisor: Supervisor) -> None:
    """A script that relies on another import of the submodule fails as it would in a cold start."""
    use = "import sys, one\nprint(hasattr(one, 'late'), 'one.late' in sys.modules)\n"
    write(supervisor, main=use + "import one.late\nprint(one.late.VALUE, vars(one)['late'].__spec__.name)\n")
    supervisor.run("main.py")
    image = preload(supervisor, "one", "one.late")
    assert image["preloaded"] == ["one", "one.late"]
    assert supervisor.resume(image)["status"] == 0
    assert supervisor.taken() == cold(supervisor.folder, "main.py")
    write(supervisor, main=use)
    assert supervisor.resume(image)["status"] == 0
    assert supervisor.taken() == cold(supervisor.folder, "main.py")


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(
    "change",
    [
        "import os\nos.environ['LEVEL'] = '1'\nimport one, two\n",
        "import warnings\nwarnings.simplefilter('ignore')\nimport one, two\n",
        "import sys\nsys.path.insert(0, '/nowhere')\nimport one, two\n",
        "import two\nimport one\n",
    ],
)
def test_a_script_that_does_something_before_its_imports_starts_cold(supervisor: Supervisor, change: str) -> None:
    """Where an import might turn out otherwise, the continuation replaces itself, with the same pid."""
    write(supervisor, main="import one\nimport two\n")
    supervisor.run("main.py")
    image = preload(supervisor, "one", "two")
    seen = len([hello for hello in supervisor.of("hello") if hello["role"] == "main"])
    write(supervisor, main="print('before')\n" + change + "import sys\nprint(sys.argv, two.SEEN)\n")
    assert supervisor.resume(image)["status"] == 0
    mains = [hello["pid"] for hello in supervisor.of("hello") if hello["role"] == "main"][seen:]
    assert len(mains) == 2
    assert mains[0] == mains[1]
    assert supervisor.taken() == cold(supervisor.folder, "main.py")


@pytest.mark.usefixtures("packages")
def test_who_asks_whether_a_module_is_there_learns_what_a_cold_start_says(supervisor: Supervisor) -> None:
    """Before it is imported, and without importing it."""
    ask = "from importlib.util import find_spec\nspec = find_spec('{}')\nprint(spec.name, spec.origin, spec.cached, "
    ask += "spec.submodule_search_locations, spec.loader.get_source('{}')[:9])\n"
    write(supervisor, main="import one\nimport two\n")
    supervisor.run("main.py")
    image = preload(supervisor, "one", "two")
    use = "import one\nimport two\nprint(two.SEEN, type(one.__spec__.loader), one.part.VALUE)\n"
    write(supervisor, main=ask.format("one", "one") + ask.format("two", "two") + use)
    seen = len(supervisor.of("hello"))
    assert supervisor.resume(image)["status"] == 0
    assert supervisor.taken() == cold(supervisor.folder, "main.py")
    assert [hello["role"] for hello in supervisor.of("hello")[seen:]].count("main") == 1


@pytest.mark.usefixtures("packages")
def test_modules_that_cannot_be_imported_beforehand_are_left_out(supervisor: Supervisor) -> None:
    """A module that prints, and all that came after it, is not preloaded, and its text is not shown."""
    (supervisor.folder / "lib/loud.py").write_text("print('loud')\n")
    write(supervisor, main="import one, loud\n")
    assert supervisor.run("main.py") == "loud\n"
    assert preload(supervisor, "one", "loud", "two")["preloaded"] == ["one"]
    assert supervisor.taken() == ""
