"""The worker image: on the real libraries, a worker that is forked from it is what a newly started one is."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hrsup_strategies.workers.processes import descendants

PROJECT = Path(__file__).parents[1] / "projects/images"
KINDS = ["loky", "joblib", "futures", "pool"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="worker images are Linux's")


class Coordinator:
    """`drive.py` under the agent, with a stand-in for the supervisor."""

    def __init__(self, supervisor: Any, folder: Path, kind: str) -> None:
        self.supervisor, self.folder = supervisor, folder
        self.process = supervisor.start(folder, "drive.py", kind)
        self.pid = self.process.pid
        self.first = self._answer("the start")

    def do(self, code: str) -> Any:
        """Execute a line of code in it; the value, if it begins with ``=``."""
        assert self.process.stdin is not None
        self.process.stdin.write(code + "\n")
        self.process.stdin.flush()
        return self._answer(code)

    def image(self, names: list[str], usable: bool = True) -> dict[str, Any]:
        """Have it start an image that imports these, and wait until that is ready; what the image says."""
        like = self.first["workers"][0]["pid"]
        said = len(self.supervisor.of_type("image"))
        groups = [[self.first["path"], self.first["argv"], names]]
        reply = self.supervisor.ask(self.pid, op="warm", like=like, groups=groups)
        assert reply["outcome"]["state"] == "done", reply
        self.supervisor.wait(lambda: len(self.supervisor.of_type("image")) > said)
        answer = self.supervisor.of_type("image")[-1]
        assert answer["usable"] == usable, answer
        return answer

    def names(self) -> list[str]:
        """What its workers have reported as importable beforehand."""
        said = [m for m in self.supervisor.of_type("foreign") if m["from"] == self.first["workers"][0]["pid"]]
        return [message["name"] for message in said if message["pristine"]]

    def _answer(self, to: str) -> Any:
        assert self.process.stdout is not None and self.process.stderr is not None
        ready = select.select([self.process.stdout], [], [], 60)[0]
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            raise AssertionError(f"no answer to {to}: {self.process.stderr.read()}")
        return json.loads(line)


@pytest.fixture
def start(supervisor: Any, tmp_path: Path) -> Iterator[Callable[[str], Coordinator]]:
    shutil.copytree(PROJECT, tmp_path / "images", ignore=shutil.ignore_patterns("__pycache__"))
    started: list[Coordinator] = []

    def start_coordinator(kind: str) -> Coordinator:
        started.append(Coordinator(supervisor, tmp_path / "images", kind))
        return started[-1]

    yield start_coordinator
    for coordinator in started:
        below = descendants(coordinator.pid)
        coordinator.process.kill()
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", KINDS)
def test_a_forked_worker_sees_what_a_started_one_sees(start: Callable[[str], Coordinator], kind: str) -> None:
    """Path, arguments, environment, descriptors, signals, modules, parent and all that: the same; what has to differ
    from worker to worker does."""
    coordinator = start(kind)
    names = coordinator.names()
    assert "numpy" in names
    coordinator.image(names)
    before, after = coordinator.first["workers"], coordinator.do("=renew()")
    assert [one["forked"] for one in before] == [False, False]
    assert [one["forked"] for one in after] == [True, True]
    for new in after:
        for what, value in before[0]["seen"].items():
            assert new["seen"][what] == value, (what, _difference(new["seen"][what], value))
        assert set(new["stdlib"]) >= set(before[0]["stdlib"])
    assert after[0]["seen"]["ppid"] == coordinator.pid
    draws = [tuple(one["draws"][at] for one in [*before, *after]) for at in range(3)]
    assert all(len(set(values)) == 4 for values in draws), draws


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["ADDED"] = "1"',
        'os.chdir("/")',
        'sys.path.append("/nowhere")',
        'sys.argv.append("word")',
        "signal.signal(signal.SIGUSR2, signal.SIG_IGN)",
        "os.nice(1)",
        'os.dup2(os.open("/dev/null", os.O_WRONLY), 2)',
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    ],
)
def test_what_would_be_started_differently_is_started(start: Callable[[str], Coordinator], code: str) -> None:
    """A worker inherits what its coordinator is now, not what it was when the image was started."""
    coordinator = start("futures")
    coordinator.image(coordinator.names())
    coordinator.do(code)
    assert [one["forked"] for one in coordinator.do("=renew()")] == [False, False]


@pytest.mark.parametrize(
    ("code", "what", "value"),
    [
        ("os.umask(0o027)", "umask", 0o027),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})", "mask", [signal.SIGUSR1]),
    ],
)
def test_what_is_sent_along_is_as_it_is_now(
    start: Callable[[str], Coordinator], code: str, what: str, value: Any
) -> None:
    """umask and signal mask of the moment reach a forked worker."""
    coordinator = start("futures")
    coordinator.image(coordinator.names())
    coordinator.do(code)
    for worker in coordinator.do("=renew()"):
        assert worker["forked"]
        assert worker["seen"][what] == value


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A third-party module, which the workers find."""
    path = tmp_path / "site-packages/third.py"
    path.parent.mkdir()
    path.write_text("VALUE = 'old'\n")
    monkeypatch.setenv("PYTHONPATH", str(path.parent))
    return path


def test_a_third_party_file_that_has_changed_is_read(start: Callable[[str], Coordinator], third: Path) -> None:
    """A forked worker whose modules are not what is on disk executes its command."""
    coordinator = start("futures")
    coordinator.image(["third"])
    third.write_text("VALUE = 'another'\n")
    coordinator.do("renew()")
    answers = coordinator.do("=ask(look.value)")
    assert [(one["value"], one["forked"]) for one in answers] == [("another", False)] * 2


def test_a_file_of_the_users_takes_the_place_of_a_module(start: Callable[[str], Coordinator], third: Path) -> None:
    """A file that a start would find first is found first."""
    coordinator = start("futures")
    coordinator.image(["third"])
    (coordinator.folder / "third.py").write_text("VALUE = 'mine'\n")
    coordinator.do("renew()")
    assert [one["value"] for one in coordinator.do("=ask(look.value)")] == ["mine"] * 2


def test_a_module_is_handed_over_when_it_is_imported(start: Callable[[str], Coordinator], third: Path) -> None:
    """Not before: until then it is in no table of modules."""
    coordinator = start("futures")
    coordinator.image(["third"])
    coordinator.do("renew()")
    loaded = "pool.submit(eval, \"'third' in __import__('sys').modules\").result()"
    assert coordinator.do(f"={loaded}") is False
    assert [(one["value"], one["forked"]) for one in coordinator.do("=ask(look.value)")] == [("old", True)] * 2
    assert coordinator.do(f"={loaded}") is True


def test_a_worker_in_another_environment_waits_for_the_end(
    start: Callable[[str], Coordinator], supervisor: Any, third: Path
) -> None:
    """What would have been imported otherwise is never handed over: the supervisor is told instead."""
    coordinator = start("futures")
    coordinator.image(["third"])
    coordinator.do("renew()")
    coordinator.do('late = pool.submit(look.import_late, "third")')
    unfit = supervisor.wait_for("unfit")
    assert (unfit["module"], unfit["reason"]) == ("third", "the environment has been changed")
    assert coordinator.do("=late.done()") is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print('hello')", "prints"),
        # 3.12 and later tell of the start of a thread; before, one more task of the process is what is seen.
        (
            "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
            "it starts the thread" if sys.version_info >= (3, 12) else "it changes the process",
        ),
        ("open('data.txt', 'w')", "it writes /"),
        ("import os; PID = os.getpid()", "noted the number"),
        ("import look", "look.py is the user's"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_module_that_does_more_than_define_is_left_out(
    start: Callable[[str], Coordinator], third: Path, text: str, reason: str
) -> None:
    """The image says what is wrong and ends; new workers are started as ever."""
    third.write_text(f"{text}\nVALUE = 'old'\n")
    coordinator = start("futures")
    said = coordinator.image([*coordinator.names(), "third"], usable=False)
    assert reason in said["reason"]
    assert said["modules"][-1] == ("third" if "noted" in reason else "numpy")
    assert [one["forked"] for one in coordinator.do("=renew()")] == [False, False]


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_the_image_ends_with_its_coordinator(start: Callable[[str], Coordinator], supervisor: Any, how: str) -> None:
    """At once, however that ends."""
    coordinator = start("loky")
    image = coordinator.image(coordinator.names())["from"]
    if how == "ends":
        assert coordinator.process.stdin is not None
        coordinator.process.stdin.write("raise SystemExit\n")
        coordinator.process.stdin.flush()
        coordinator.process.wait(timeout=60)
    else:
        below = descendants(coordinator.pid)
        coordinator.process.kill()
        for pid in set(below) - {image}:  # plain python leaves these
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    supervisor.wait(lambda: image in supervisor.ended)


def test_a_dropped_image_is_gone(start: Callable[[str], Coordinator]) -> None:
    """It has ended, nobody has to wait for it, and workers are started as ever."""
    coordinator = start("loky")
    image = coordinator.image(coordinator.names())["from"]
    assert image in descendants(coordinator.pid)
    coordinator.do("import gc; [o.drop() for o in gc.get_objects() if type(o).__name__ == 'Keeper']")
    assert not Path(f"/proc/{image}").exists()
    assert [one["forked"] for one in coordinator.do("=renew()")] == [False, False]


def test_a_killed_image_costs_nothing(start: Callable[[str], Coordinator]) -> None:
    """The next worker is started as ever."""
    coordinator = start("pool")
    image = coordinator.image(coordinator.names())["from"]
    os.kill(image, signal.SIGKILL)
    assert [one["forked"] for one in coordinator.do("=renew()")] == [False, False]


def test_no_child_of_the_program_has_the_images_socket(start: Callable[[str], Coordinator]) -> None:
    """Neither a fork nor a command."""
    coordinator = start("loky")
    listing = "[n for n in os.listdir('/proc/self/fd') if 'socket' in os.path.realpath('/proc/self/fd/' + n)]"
    listing = listing.replace("os.", "__import__('os').")
    command = f"print(len({listing}))"
    started = f"=__import__('subprocess').check_output([sys.executable, '-c', {command!r}], close_fds=False).decode()"
    forked = f"=multiprocessing.get_context('fork').Pool(1).apply(eval, ({listing!r},))"
    before = coordinator.do(started), len(coordinator.do(forked))
    coordinator.image(coordinator.names())
    assert (coordinator.do(started), len(coordinator.do(forked))) == before


def test_a_parent_that_adopts_goes_on_adopting(start: Callable[[str], Coordinator]) -> None:
    """A program that is a subreaper itself stays one; one that is not, is not for longer than it takes."""
    coordinator = start("futures")
    coordinator.image(coordinator.names())
    asked = "import ctypes; libc = ctypes.CDLL(None); flag = ctypes.c_int(); libc.prctl(37, ctypes.byref(flag))"
    for wanted in (0, 1):
        coordinator.do(f"import ctypes; ctypes.CDLL(None).prctl(36, {wanted})")
        assert [one["forked"] for one in coordinator.do("=renew()")] == [True, True]
        coordinator.do(asked)
        assert coordinator.do("=flag.value") == wanted


def _difference(new: Any, old: Any) -> Any:
    """What one has that the other has not, for people."""
    if not isinstance(new, list):
        return new, old
    return [item for item in new if item not in old], [item for item in old if item not in new]
