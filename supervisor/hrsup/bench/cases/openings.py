"""Scripts that set something up between their imports, which is why a module can be imported; with edits that go back to
an earlier point, so that it is asked first whether the new code imports at all."""

from hrsup.bench.cases.programs import Files
from hrsup.bench.vocabulary import Group, edit, sub

WORK, HELPER = "work.py", "helper.py"
LOOP = "\nshown = 0\nwhile True:\n    shown += 1\n    print(f'{shown}\\t{work.show()}', flush=True)\n    time.sleep(0.005)\n"


def _script(kind: str, files: Files) -> Files:
    return {name: text if name != "main.py" else f"import time\n\n{str(text).strip()}\nimport work\n{LOOP}" for name, text in files.items()}


opening = Group("opening", _script)
SAID = "print('here')\n\n\ndef show():\n    return {}\n"
TWICE = sub(WORK, "'here'", "'there'")
opening.service("a-folder-on-the-path", {"main.py": "import os\nimport sys\n\nsys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))", "lib/work.py": "import helper\n\n" + SAID.format("helper.RATE"), "lib/helper.py": "RATE = 2\n"}, sub("lib/work.py", "'here'", "'there'"), sub("lib/helper.py", "RATE = 2", "RATE = 2 / 0"), sub("lib/helper.py", "2 / 0", "3"))
opening.service("a-folder-of-pathlib-on-the-path", {"main.py": "import sys\nfrom pathlib import Path\n\nHERE = Path(__file__).resolve().parent\nif str(HERE / 'lib') not in sys.path:\n    sys.path.append(str(HERE / 'lib'))", "lib/work.py": SAID.format("1")}, sub("lib/work.py", "'here'", "'there'"), sub("lib/work.py", "def show", "def show("), sub("lib/work.py", "def show(", "def show"))
opening.service("a-variable-of-the-environment", {"main.py": "import os\n\nos.environ['HRSUP_BENCH_MODE'] = 'x'", WORK: "import os\n\nMODE = os.environ['HRSUP_BENCH_MODE']\n" + SAID.format("MODE")}, TWICE)
opening.service("another-folder", {"main.py": "import os\n\nos.chdir('data')", WORK: "RATE = open('rate.txt').read()\n" + SAID.format("RATE"), "data/rate.txt": "1"}, sub("data/rate.txt", "1", "2"), TWICE)
opening.service("a-name-for-everybody", {"main.py": "import gettext\n\ngettext.install('none')", WORK: "WORD = _('hello')\n" + SAID.format("WORD")}, TWICE, sub(WORK, "hello", "good morning"))
opening.service("settings-of-another-module", {"main.py": "import settings\n\nsettings.begin(rate=3)", "settings.py": "FOUND = {}\n\n\ndef begin(**found):\n    FOUND.update(found)\n", WORK: "import settings\n\nRATE = settings.FOUND['rate']\n" + SAID.format("RATE")}, TWICE, sub(WORK, "['rate']", "['rate'] * 2"), sub(WORK, "['rate']", "['rates']"), sub(WORK, "['rates']", "['rate']"))
opening.service("one-import-or-another", {"main.py": "try:\n    import quick as fast\nexcept ImportError:\n    import slow as fast", "slow.py": "import helper\n\nhelper.FOUND.append('slow')\n", HELPER: "FOUND = []\n", WORK: "import helper\n\nFIRST = helper.FOUND[0]\n" + SAID.format("FIRST")}, TWICE)
opening.service("a-setting-that-is-computed", {"main.py": "def found():\n    return {'rate': 3}\n\n\nimport helper\n\nhelper.FOUND.update(found())", HELPER: "FOUND = {}\n", WORK: "import helper\n\nRATE = helper.FOUND['rate']\n" + SAID.format("RATE")}, TWICE, edit(sub(WORK, "['rate']", "['rate'] + 1"), sub(HELPER, "FOUND = {}", "FOUND = {'x': 1}")))
opening.service("broken-after-something-unknown", {"main.py": "def ready():\n    return True\n\n\nassert ready()", WORK: SAID.format("1")}, sub(WORK, "print('here')", "print(1 / 0)"), sub(WORK, "1 / 0", "2"), sub(WORK, "return 1", "return 3"))

CASES = opening.cases
