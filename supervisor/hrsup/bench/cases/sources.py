"""Sources of modules that are used as something else besides: read, measured, executed anew, looked at by a child."""

from hrsup.bench.cases.unforeseen import loop
from hrsup.bench.vocabulary import Group, add, put, sub

group = Group("sources-used-besides")

FINE = "def fine():\n    return 'v1'\n"
SECOND = sub("fine.py", "v1", "v22")


def kept(name: str, imports: str, value: str, *edits: object) -> None:
    """`value` is computed in the first tick, and shown in all beside what the module says."""
    keeper = f"{imports}\nVALUE = None\n\n\ndef get():\n    global VALUE\n    if VALUE is None:\n        VALUE = {value}\n    return VALUE\n"
    main = loop("import fine\nimport keeper", "fine.fine(), keeper.get()")
    group.service(name, {"main.py": main, "keeper.py": keeper, "fine.py": FINE}, *(edits or (SECOND,)))  # type: ignore[arg-type]


def at_start(name: str, imports: str, value: str, *edits: object, **files: str) -> None:
    """The same, where it is computed while the module is imported."""
    tree = {"main.py": loop("import fine\nimport keeper", "fine.fine(), keeper.VALUE"), "fine.py": FINE}
    tree |= {"keeper.py": f"{imports}\nVALUE = {value}\n", **{f"{name}.py": text for name, text in files.items()}}
    group.service(name, tree, *(edits or (SECOND,)))  # type: ignore[arg-type]


READ = "open('fine.py').read().count('2')"
kept("read", "", READ)
at_start("read-at-start", "", READ)
at_start("comment-in-what-is-read", "", "len(open('fine.py').read())", sub("fine.py", "def", "# fine\ndef"), SECOND)
kept("read-by-its-loader", "import fine\n", "len(fine.__loader__.get_data(fine.__file__))")
kept("source-of-its-loader", "import fine\n", "len(fine.__spec__.loader.get_source('fine'))")
at_start("hash-of-all-sources", "import hashlib\nimport pathlib\n", "hashlib.md5(b''.join(p.read_bytes() for p in sorted(pathlib.Path(__file__).parent.glob('*.py')))).hexdigest()")
at_start("functions-of-the-source", "import ast\n", "[item.name for item in ast.parse(open('fine.py').read()).body]", add("fine.py", "\n\ndef more():\n    return 2\n"), sub("fine.py", "def more", "def most"))
kept("size", "import os\n", "os.path.getsize('fine.py')")
at_start("comment-in-what-is-measured", "import os\n", "os.path.getsize('fine.py')", sub("fine.py", "def", "# fine\ndef"), SECOND)
kept("sizes-in-a-folder", "import os\n", "sum(entry.stat().st_size for entry in os.scandir('.') if entry.name == 'fine.py')", SECOND, sub("fine.py", "def", "# fine\ndef"))
RUN = "import fine\n\nVALUE = fine.fine()\n"
at_start("script-by-its-path", "import runpy\n", "runpy.run_path('script.py')['VALUE']", script=RUN)
at_start("script-by-its-name", "import runpy\n", "runpy.run_module('script')['VALUE']", script=RUN)
kept("module-by-its-name", "import runpy\n", "runpy.run_module('fine')['fine']()")
CHILD = "import subprocess\nimport sys\n"
SHOWING = "import fine\n\nprint(fine.fine())\n"
at_start("script-in-a-child", CHILD, "subprocess.check_output([sys.executable, 'script.py'], text=True).strip()", script=SHOWING)
kept("module-in-a-child", CHILD, "subprocess.check_output([sys.executable, '-c', 'import fine; print(fine.fine())'], text=True).strip()")
kept("search-in-a-child", CHILD, "subprocess.run(['grep', '-rc', 'v1', '--include=fine.py', '.'], capture_output=True, text=True).stdout")
kept("script-in-a-shell", "import os\n", "os.popen('python -c \"import fine; print(fine.fine())\"').read().strip()")
group.service("script-in-a-child-in-each-tick", {"main.py": loop("import subprocess\nimport sys\n\nimport fine", "fine.fine(), subprocess.check_output([sys.executable, 'script.py'], text=True).strip()"), "fine.py": FINE, "script.py": SHOWING}, SECOND)
group.service("child-that-reads-nothing", {"main.py": loop("import subprocess\n\nimport fine", "fine.fine(), kind", "kind = subprocess.check_output(['uname'], text=True).strip()"), "fine.py": FINE}, SECOND)
TRACE = "import traceback\n\nimport fine\n\n\ndef get():\n    try:\n        return fine.fine() + 1\n    except TypeError:\n        return traceback.format_exc().count('fine')\n"
group.service("traceback-in-each-tick", {"main.py": loop("import fine\nimport keeper", "fine.fine(), keeper.get()"), "keeper.py": TRACE, "fine.py": FINE}, SECOND)

# A batch goes back to before the first use, whatever that was.
SLOW = "import time\n\ntime.sleep(0.3)\n"
for name, first in {
    "child-before-the-import": "import subprocess\n\nvalue = subprocess.run(['grep', '-c', 'v1', 'fine.py'], capture_output=True, text=True).stdout",
    "size-before-the-import": "import os\n\nvalue = os.path.getsize('fine.py')",
    "sizes-in-a-folder-before-the-import": "import os\n\nvalue = sum(entry.stat().st_size for entry in os.scandir('.') if entry.name == 'fine.py')",
    "read-before-the-import": "value = open('fine.py').read().count('2')",
}.items():
    group.batch(name, {"main.py": f"{first}\nimport slow\nimport fine\n\nprint(value, fine.fine())\n", "slow.py": SLOW, "fine.py": FINE}, SECOND, put("slow.py", SLOW + "# slow\n") if "child" in name else sub("fine.py", "def", "# fine\ndef"))

CASES = group.cases
