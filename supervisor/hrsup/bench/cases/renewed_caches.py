"""Functions whose caches of the standard library's come, go, or are others."""

from hrsup.bench.cases.made_at_import import NEW_STEP, program
from hrsup.bench.vocabulary import Group, edit, sub

group = Group("renewed-caches")

CACHED = """
from functools import cache, lru_cache

import rates

SEEN = []


@lru_cache
def figure(x):
    return [x, rates.STEP]


def told():
    return figure(4), figure(5)
"""
group.service(
    "cache-that-is-another",
    program(CACHED, "work.told()"),
    sub("work.py", "@lru_cache", "@cache"),
    sub("work.py", "@cache\n", ""),
    edit(sub("work.py", "def figure", "@lru_cache(maxsize=1)\ndef figure"), sub("work.py", "[x, ", "[x + 1, ")),
    NEW_STEP,
)
group.service(
    "cache-of-a-function-that-counts",
    program(CACHED.replace("    return [x", "    SEEN.append(x)\n    return [x"), "(work.told(), len(work.SEEN))"),
    sub("work.py", "@lru_cache", "@cache"),
)
group.service(
    "cache-of-the-one-object",
    program(
        CACHED.replace("def figure(x):\n    return [x, rates.STEP]", "def figure():\n    return []").replace(
            "    return figure(4), figure(5)", "    HELD.append(1)\n    return HELD is figure(), len(figure()) > 0"
        )
        + "\n\nHELD = figure()\n",
        "work.told()",
    ),
    sub("work.py", "@lru_cache", "@cache"),
)
group.service(
    "cache-that-somebody-keeps",
    program(CACHED + "\n\nTABLE = {'a': figure}\n", "(work.told(), work.TABLE['a'](1), work.TABLE['a'] is work.figure)"),
    sub("work.py", "@lru_cache", "@cache"),
    sub("work.py", "[x, ", "[x + 2, "),
)
group.service(
    "cache-of-another-size",
    program(
        CACHED.replace("@lru_cache", "@lru_cache(maxsize=rates.STEP)"), "(work.told(), work.figure.cache_parameters())"
    ),
    NEW_STEP,
)
group.service(
    "cache-that-was-filled-by-hand",
    program(
        CACHED.replace("@lru_cache", "@lru_cache(maxsize=rates.STEP)").replace("    return [x", "    SEEN.append(x)\n    return [x"),
        "(work.told(), len(work.SEEN) > 0)",
    ),
    NEW_STEP,
)

CASES = group.cases
