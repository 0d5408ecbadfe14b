"""Code and data in one save: none of the two may be brought in alone, whichever way the data is used."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, delete, edit, put, sub

R, S = "shop/rules.py", "data/settings.json"
group = Group("together", shop)
CONFIG = {S: '{"limit": 50, "word": "big"}\n', "shop/words.py": "MARK = '!'\n\n\ndef loud(word):\n    return word + MARK\n"}
READ = "import json\n\nfrom shop.config import DATA\nfrom shop.words import loud\n\n"
AT_IMPORT = READ + "SETTINGS = json.loads((DATA / 'settings.json').read_text())\n"
EVERY_TIME = READ + "\ndef settings():\n    return json.loads((DATA / 'settings.json').read_text())\n"
LIMIT, LOUD, MARK = sub(S, "50", "70"), sub("shop/words.py", "word + MARK", "MARK + word.upper()"), sub("shop/words.py", "'!'", "'?'")

at_import = {**CONFIG, R: rules(AT_IMPORT, "loud(SETTINGS['word']) + str(SETTINGS['limit'])")}
group.service("read-at-import-and-a-body", at_import, edit(LIMIT, LOUD, save="atomic"), edit(sub(S, "big", "huge"), MARK, save="atomic"))
group.service("read-at-import-and-a-constant", at_import, edit(MARK, LIMIT, save="atomic"), LOUD)
group.service("read-at-import-and-its-own-module", at_import, edit(LIMIT, sub(R, "+ str(", "+ '/' + str("), save="atomic"), edit(sub(S, "70", "90"), sub(R, "import json\n", "import json\n# One more line.\n"), save="atomic"), sub(S, "90", "91"))
group.service("the-reading-statement-itself", at_import, edit(LIMIT, sub(R, "json.loads((DATA / 'settings.json').read_text())", "json.loads((DATA / 'settings.json').read_text().replace('b', 'p'))"), save="atomic"))
group.service("a-key-and-its-use", at_import, edit(sub(S, "limit", "most"), sub(R, "['limit']", "['most']"), save="atomic"))
group.service("read-at-import-three-modules-away", {**CONFIG, "shop/first.py": "import json\n\nfrom shop.config import DATA\n\nFIRST = json.loads((DATA / 'settings.json').read_text())\n", "shop/second.py": "from shop.first import FIRST\n\nTWICE = FIRST['limit'] * 2\n", R: rules("from shop.second import TWICE\nfrom shop.words import loud\n", "loud(str(TWICE))")}, edit(LIMIT, sub("shop/second.py", "* 2", "* 3"), save="atomic"), edit(sub(S, "70", "71"), LOUD, save="atomic"))
group.service("a-default-made-of-it", {**CONFIG, R: rules(AT_IMPORT + "\n\ndef over(value, limit=SETTINGS['limit']):\n    return value > limit\n", "[over(60), loud('x')]")}, edit(LIMIT, sub(R, "value > limit", "value >= limit"), save="atomic"), edit(sub(S, "70", "60"), LOUD, save="atomic"))
group.service("a-class-made-of-it", {**CONFIG, R: rules(AT_IMPORT + "\n\nclass Shop:\n    limit = SETTINGS['limit']\n\n    def show(self):\n        return loud(str(self.limit))\n\n\nSHOP = Shop()\n", "SHOP.show()")}, edit(LIMIT, sub(R, "loud(str(self.limit))", "loud(str(-self.limit))"), save="atomic"), edit(sub(S, "70", "71"), LOUD, save="atomic"))
group.service("a-memo-made-of-it", {**CONFIG, R: rules(AT_IMPORT.replace("import json\n", "import json\nfrom functools import lru_cache\n") + "\n\n@lru_cache\ndef limit():\n    return SETTINGS['limit']\n", "loud(str(limit()))")}, edit(LIMIT, LOUD, save="atomic"), edit(sub(S, "70", "71"), sub(R, "return SETTINGS['limit']", "return SETTINGS['limit'] + 1"), save="atomic"))
group.service("changed-by-the-program-since", {**CONFIG, R: rules(AT_IMPORT + "\n\ndef more():\n    SETTINGS['limit'] += 0\n    return SETTINGS['limit']\n", "loud(str(more()))")}, edit(LIMIT, LOUD, save="atomic"))
every_time = {**CONFIG, R: rules(EVERY_TIME, "loud(settings()['word']) + str(settings()['limit'])")}
group.service("read-every-time-and-a-body", every_time, edit(LIMIT, LOUD, save="atomic"), edit(sub(S, "big", "huge"), MARK, save="atomic"))
group.service("read-every-time-and-the-reader", every_time, edit(LIMIT, sub(R, "return json.loads((DATA / 'settings.json').read_text())", "return {'word': 'w', **json.loads((DATA / 'settings.json').read_text())}"), save="atomic"), edit(sub(S, "70", "90"), sub(R, "\ndef settings", "# One more line.\n\ndef settings"), save="atomic"), edit(sub(S, "90", "91"), LOUD, save="atomic"))
group.service("read-at-first-use", {**CONFIG, R: rules(READ + "_settings = None\n\n\ndef settings():\n    global _settings\n    if _settings is None:\n        _settings = json.loads((DATA / 'settings.json').read_text())\n    return _settings\n", "loud(settings()['word']) + str(settings()['limit'])")}, edit(LIMIT, LOUD, save="atomic"))
group.service("read-when-its-time-changes", {**CONFIG, R: rules(READ.replace("import json\n", "import json\nimport os\n") + "_known = [0, None]\n\n\ndef settings():\n    now = os.stat(DATA / 'settings.json').st_mtime_ns\n    if now != _known[0]:\n        _known[:] = [now, json.loads((DATA / 'settings.json').read_text())]\n    return _known[1]\n", "loud(settings()['word']) + str(settings()['limit'])")}, edit(LIMIT, LOUD, save="atomic"), edit(sub(S, "70", "71"), MARK, save="atomic"))
listed = {**CONFIG, "data/parts/a.txt": "1\n", R: rules("from shop.config import DATA\nfrom shop.words import loud\n\n\ndef total():\n    return sum(int(path.read_text() or 0) for path in sorted((DATA / 'parts').glob('*.txt')))\n", "loud(str(total()))")}
group.service("a-new-file-in-a-listed-folder", listed, edit(put("data/parts/b.txt", "2\n"), LOUD, save="atomic"), edit(delete("data/parts/a.txt"), MARK, save="atomic"))
group.service("an-arrival-taken-in-once", {**CONFIG, "data/inbox/a.txt": "1\n", R: rules("from shop.config import DATA\nfrom shop.words import loud\n\n_seen = {}\n\n\ndef take():\n    for path in sorted((DATA / 'inbox').glob('*.txt')):\n        if path.name not in _seen:\n            _seen[path.name] = path.read_text().strip()\n    return sorted(_seen.values())\n", "[loud(word) for word in take()]")}, edit(put("data/inbox/b.txt", "2\n"), LOUD, save="atomic"), edit(put("data/inbox/c.txt", "3\n"), MARK, save="atomic"), edit(put("data/inbox/a.txt", "4\n"), sub("shop/words.py", ".upper()", ""), save="atomic"))
group.service("a-missing-file-that-comes", {**CONFIG, R: rules("from shop.config import DATA\nfrom shop.words import loud\n\nPATH = DATA / 'note.txt'\nNOTE = PATH.read_text().strip() if PATH.exists() else 'no note'\n", "loud(NOTE)")}, edit(put("data/note.txt", "closed\n"), LOUD, save="atomic"), edit(delete("data/note.txt"), MARK, save="atomic"))
group.service("broken-data-beside-code", at_import, edit(sub(S, "}", ""), LOUD, save="atomic"), sub(S, "big\"", "big\"}"), edit(LIMIT, MARK, save="atomic"))
group.service("broken-code-beside-data", at_import, edit(LIMIT, sub("shop/words.py", "= '!'", "= = '!'"), save="atomic"), sub("shop/words.py", "= = '!'", "= '?'"))
group.service("code-that-raises-with-the-new-data", {**CONFIG, R: rules(AT_IMPORT + "\nHALF = SETTINGS['limit'] // 2\n", "loud(str(HALF))")}, edit(LIMIT, sub(R, "// 2", "// (SETTINGS['limit'] - 70)"), save="atomic"), edit(sub(S, "70", "72"), LOUD, save="atomic"))
group.service("two-files-of-data", {**CONFIG, "data/names.json": '["a", "b"]\n', R: rules(AT_IMPORT + "NAMES = json.loads((DATA / 'names.json').read_text())\n", "loud(NAMES[0] + str(SETTINGS['limit']))")}, edit(LIMIT, sub("data/names.json", "a", "z"), LOUD, save="atomic"))
group.service("read-at-import-and-every-time", {**CONFIG, R: rules(EVERY_TIME + "\n\nFIRST = settings()['limit']\n", "loud(str([FIRST, settings()['limit']]))")}, edit(LIMIT, LOUD, save="atomic"))
CASES = group.cases
