"""Saves that change nothing, and some that look so and do."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, add, edit, put, sub, touch

R, F = "shop/rules.py", "shop/features.py"
group = Group("nothing", shop)
AFTER = sub(F, "+=", "-=")  # proof that the program still listens
group.both("touch", {}, edit(touch(F), save="touch"), AFTER)
group.both("same-bytes", {}, touch(F), AFTER)
group.both("same-bytes-atomic", {}, edit(touch(F), save="atomic"), AFTER)
group.both("comment", {}, edit(add(F, "# a remark\n"), quiet=True), AFTER)
group.both("comment-above-moves-lines", {}, edit(sub(F, "from collections", "# one\n# two\nfrom collections"), quiet=True), AFTER)
group.both("layout", {}, edit(sub(F, "    sums[", "    sums   [", 1), quiet=True), AFTER)
group.both("docstring-nobody-reads", {}, edit(sub(F, '"""Sums by region."""', '"""Totals of each region."""'), quiet=True), AFTER)
group.both("docstring-read", {R: rules("from shop import features\n", "features.__doc__")}, sub(F, '"""Sums by region."""', '"""Totals of each region."""'))
group.both("line-number-read", {R: rules("import sys\n\n\ndef line():\n    return sys._getframe().f_lineno\n", "line()")}, sub(R, "import sys", "# more\n# lines\nimport sys"))
group.both("own-source-read", {R: rules("import inspect\n\n\ndef word():\n    return 'x'  # one\n", "inspect.getsource(word)[-6:].strip()")}, sub(R, "# one", "# two"))
group.both("file-read-as-text", {R: rules("from pathlib import Path\n", "len(Path(__file__).with_name('features.py').read_text())")}, edit(add(F, "# a remark\n"), save="atomic"))
group.both("unused-module", {"shop/unused.py": "VALUE = 1\n"}, edit(sub("shop/unused.py", "1", "2"), quiet=True), AFTER)
group.both("unused-module-broken", {"shop/unused.py": "VALUE = 1\n"}, edit(sub("shop/unused.py", "= 1", "="), quiet=True), AFTER)
group.both("readme", {"README.md": "# shop\n"}, edit(add("README.md", "more\n"), quiet=True), AFTER)
group.both("unused-data", {"data/old.csv": "a\n1\n"}, edit(add("data/old.csv", "2\n"), quiet=True), AFTER)
group.both("new-unused-file", {}, edit(put("notes.txt", "x\n"), quiet=True), AFTER)
group.both("ignored-by-git", {".gitignore": "*.log\n"}, edit(put("shop.log", "x\n"), quiet=True), AFTER)
group.both("editor-swap-file", {}, edit(put("shop/.features.py.swp", "x\n"), quiet=True), AFTER)
group.both("test-nobody-imports", {"tests/test_shop.py": "def test():\n    pass\n"}, edit(add("tests/test_shop.py", "\n\ndef test_more():\n    pass\n"), quiet=True), AFTER)
group.both("renamed-local-variable", {}, edit(sub(F, "sums", "totals", 3), quiet=True), AFTER)
group.batch("own-output", {R: rules("from pathlib import Path\n\nOUT = Path(__file__).parent.parent / 'figures.txt'\n\n\ndef save(orders):\n    OUT.write_text(str(len(orders)))\n    return OUT.read_text()\n", "save(orders)")}, AFTER, sub("shop/clean.py", "> 0", "> 2"))
group.service("own-output-every-tick", {R: rules("from pathlib import Path\n\nOUT = Path(__file__).parent.parent / 'figures.txt'\n\n\ndef save(orders):\n    OUT.write_text(str(len(orders)))\n    return 'saved'\n", "save(orders)")}, AFTER)

CASES = group.cases
