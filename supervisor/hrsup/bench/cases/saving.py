"""The same edits, saved in every way in which editors and tools save."""

from hrsup.bench.cases.import_time import rules
from hrsup.bench.cases.programs import shop
from hrsup.bench.vocabulary import Group, edit, put, sub

group = Group("saving", shop)
CONFIG = {"data/settings.json": '{"limit": 50}\n', "shop/rules.py": rules("import json\n\nfrom shop.config import DATA\n\nLIMIT = json.loads((DATA / 'settings.json').read_text())['limit']\n", "LIMIT")}
for way in ("plain", "atomic", "truncate", "two-part", "slow", "vim", "older", "same-mtime", "checkout", "burst"):
    group.both(f"code-{way}", {}, edit(sub("shop/clean.py", "> 0", "> 1"), save=way), edit(sub("shop/clean.py", "> 1", "> 2"), save=way))
    group.both(f"data-{way}", CONFIG, edit(sub("data/settings.json", "50", "60"), save=way))
group.both("two-files-checkout", {}, edit(sub("shop/clean.py", "> 0", "> 1"), sub("shop/config.py", "0.19", "0.21"), save="checkout"))
group.both("ten-files-checkout", {f"shop/part{n}.py": f"VALUE = {n}\n" for n in range(10)} | {"shop/rules.py": rules("\n".join(f"from shop.part{n} import VALUE as V{n}" for n in range(10)) + "\n", "V0, V1, V2, V3, V4, V5, V6, V7, V8, V9")}, edit(*(sub(f"shop/part{n}.py", f"= {n}", f"= {n}0") for n in range(10)), save="checkout"))
group.both("same-size-twice-in-a-second", {}, sub("shop/clean.py", "> 0", "> 1"), sub("shop/clean.py", "> 1", "> 2"), sub("shop/clean.py", "> 2", "> 3"), sub("shop/clean.py", "> 3", "> 0"))
group.both("whole-file-replaced", {}, edit(put("shop/features.py", "def by_region(orders):\n    return {'everywhere': float(len(orders))}\n"), save="atomic"))

CASES = group.cases
