"""What a function does to an object that it is given: nothing stays if the object was made for that call. The plain
programs come first, whose edits need no restart; in the others something stays behind."""

from hrsup.bench.cases.unforeseen import BASE, MAIN, WORK, loop
from hrsup.bench.vocabulary import Group, sub

WORD = "def word():\n    return 'v1'\n"
SETS = "    if 'a' not in row:\n        row['a'] = work.word()\n"
FILL = f"import work\n\nSHARED = {{}}\nKEPT = []\n\n\ndef fill(row):\n{SETS}    return row\n\n\n"
group = Group("handed")


def handed(name: str, more: str, state: str = "base.step()", before: str = "pass", fill: str = FILL, imports: str = "import base") -> None:
    """base.step gives what has been set in a row, if it was not there."""
    tree = {WORK: WORD, BASE: fill + more, MAIN: loop(imports, state, before)}
    group.service(name, tree, sub(WORK, "'v1'", "'v2'"), sub(WORK, "'v2'", "'v3'"))


handed("made-by-the-caller", "def step():\n    row = {'n': 1}\n    fill(row)\n    return row\n")
handed("made-in-the-call", "def step():\n    return fill({'n': 1})['a']\n")
handed("made-by-a-function", "def make():\n    row = {}\n    row['n'] = 1\n    return row\n\n\ndef step():\n    row = make()\n    row = fill(row)\n    return row\n")
handed("handed-on-twice", "def more(row):\n    fill(row)\n    row['b'] = 1\n\n\ndef step():\n    row = {}\n    more(row)\n    return row\n")
handed("an-instance", "class Row:\n    text = ''\n\n\ndef name(row):\n    if not row.text:\n        row.text = work.word()\n\n\ndef step():\n    row = Row()\n    name(row)\n    return row.text\n")
FRAME = "import pandas as pd\n\nimport work\n\n\ndef make():\n    return pd.DataFrame([{'n': 1}, {'n': 2}])\n\n\ndef fill(df, by):\n    df['m'] = df['n'] * by\n    return df\n\n\ndef step():\n    df = make()\n    df = fill(df, len(work.word()))\n    df['w'] = work.word()\n    return df.to_dict('list')\n"
handed("a-frame", "", fill=FRAME)
handed("of-the-module", "def step():\n    return fill(SHARED)\n")
handed("of-the-module-now-and-then", "def step():\n    row = {}\n    fill(row)\n    return row, fill(SHARED)\n")
handed("of-the-module-under-a-condition", "def step():\n    row = SHARED\n    if len(KEPT) > 9:\n        row = {}\n    return fill(row)\n")
handed("its-default", "def step():\n    fill({})\n    return fill()\n", fill=FILL.replace("fill(row)", "fill(row={})"))
handed("by-its-keyword", "def step():\n    fill(row={})\n    return fill(row=SHARED)\n")
handed("by-all-arguments", "def step():\n    fill({})\n    return fill(*[SHARED])\n")
handed("by-all-keywords", "def step():\n    fill({})\n    return fill(**{'row': SHARED})\n")
handed("by-another", "def step():\n    fill({})\n    return list(map(fill, [SHARED]))\n")
handed("by-another-name", "again = fill\n\n\ndef step():\n    fill({})\n    return again(SHARED)\n")
handed("by-another-module", "def step():\n    return fill({})['a']\n", "base.step(), base.fill(rows)", "rows = {}")
handed("kept-by-its-maker", "def make():\n    row = {}\n    if not KEPT:\n        KEPT.append(row)\n    return row\n\n\ndef step():\n    row = make()\n    fill(row)\n    return KEPT[0]\n")
handed("kept-by-whom-its-maker-calls", "def note(row):\n    if not KEPT:\n        KEPT.append(row)\n\n\ndef make():\n    row = {}\n    note(row)\n    return row\n\n\ndef step():\n    row = make()\n    fill(row)\n    return KEPT[0]\n")
handed("kept-in-what-its-maker-gives", "def make():\n    row = {}\n    if not KEPT:\n        KEPT.append([row])\n    return row\n\n\ndef step():\n    row = make()\n    fill(row)\n    return KEPT[0]\n")
handed("kept-by-the-caller-before", "def step():\n    row = {}\n    if not KEPT:\n        KEPT.append(row)\n    fill(row)\n    return KEPT[0]\n")
handed("kept-by-a-call-before", "def note(row):\n    if not KEPT:\n        KEPT.append(row)\n\n\ndef step():\n    row = {}\n    note(row)\n    fill(row)\n    return KEPT[0]\n")
handed("kept-two-calls-above", "def more(row):\n    fill(row)\n\n\ndef step():\n    row = {}\n    if not KEPT:\n        KEPT.append(row)\n    more(row)\n    return KEPT[0]\n")
handed("another-name-for-it", "def same(row):\n    return row\n\n\ndef step():\n    row = {}\n    if not KEPT:\n        KEPT.append(row)\n    other = same(row)\n    fill(other)\n    return KEPT[0]\n")
handed("a-plain-other-name-for-it", "def step():\n    row = {}\n    if not KEPT:\n        KEPT.append(row)\n    other = row\n    fill(other)\n    return KEPT[0]\n")
handed("one-of-two", "def pick(one, two):\n    return two\n\n\ndef step():\n    row, other = {}, {}\n    if not KEPT:\n        KEPT.append(other)\n    row = pick(row, other)\n    fill(row)\n    return KEPT[0]\n")
handed("one-of-two-by-its-name", "def pick(one, two=None):\n    return two\n\n\ndef step():\n    row = {}\n    other = {}\n    if not KEPT:\n        KEPT.append(other)\n    row = pick(row, two=other)\n    fill(row)\n    return KEPT[0]\n")
handed("what-is-in-it", "def step():\n    row = {'in': SHARED}\n    deep(row)\n    return row\n", fill=FILL.replace("def fill(row):\n", "def deep(row):\n    if 'a' not in row['in']:\n        row['in']['a'] = work.word()\n\n\ndef fill(row):\n"))
handed("made-before-the-loop", "def step():\n    return fill({})['a']\n", "base.step(), base.fill(row)", "row = {}")
handed("a-generator-has-it", "def rows():\n    row = {}\n    while True:\n        fill(row)\n        yield row['a']\n\n\nROWS = rows()\n\n\ndef step():\n    return next(ROWS)\n")
handed("its-maker-remembers", "import functools\n\n\n@functools.cache\ndef make():\n    return {}\n\n\ndef step():\n    row = make()\n    return fill(row)\n")
handed("its-maker-makes-one", "def make():\n    if not KEPT:\n        KEPT.append({})\n    return KEPT[0]\n\n\ndef step():\n    row = make()\n    return fill(row)\n")
handed("each-of-many", "ROWS = [{}, {}]\n\n\ndef step():\n    for row in ROWS:\n        fill(row)\n    return ROWS\n")
handed("each-of-many-in-an-expression", "ROWS = [{}, {}]\n\n\ndef step():\n    return [fill(row) for row in ROWS]\n")
handed("bound-among-others", "def step():\n    row, n = SHARED, 1\n    return fill(row)\n")
handed("bound-by-a-with", "import contextlib\n\n\ndef step():\n    with contextlib.nullcontext(SHARED) as row:\n        return fill(row)\n")
handed("known-to-a-function-inside", "def step():\n    row = {}\n    if not KEPT:\n        KEPT.append(lambda: row)\n    fill(row)\n    return KEPT[0]()\n")
group.service("its-maker-is-an-object-of-that-name", {WORK: WORD, "maker.py": "def make():\n    return {}\n\n\nclass Maker:\n    row = {}\n\n    def __getattr__(self, name):\n        return lambda: self.row\n", BASE: FILL + "import maker\n\nmaker = maker.Maker()\n\n\ndef step():\n    row = maker.make()\n    return fill(row)\n", MAIN: loop("import base", "base.step()")}, sub(WORK, "'v1'", "'v2'"))
handed("a-view-of-it", "import numpy as np\n\n\ndef make():\n    row = np.zeros(2)\n    if not KEPT:\n        KEPT.append(row[:1])\n    return row\n\n\ndef put(row):\n    row[0] = int(work.word()[1:])\n\n\ndef step():\n    row = make()\n    put(row)\n    return float(KEPT[0][0])\n")
handed("another-has-an-instance", "class Row:\n    text = ''\n\n\ndef name(row):\n    if not row.text:\n        row.text = work.word()\n\n\ndef step():\n    row = Row()\n    if not KEPT:\n        KEPT.append(row)\n    name(row)\n    return KEPT[0].text\n")
handed("its-class-keeps-instances", "class Row:\n    text = ''\n\n    def __init__(self):\n        if not KEPT:\n            KEPT.append(self)\n\n\ndef name(row):\n    if not row.text:\n        row.text = work.word()\n\n\ndef step():\n    row = Row()\n    name(row)\n    return KEPT[0].text\n")

CASES = group.cases
