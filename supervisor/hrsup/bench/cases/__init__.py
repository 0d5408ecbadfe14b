"""The corpus: small but whole programs, and the edits they live through, one module for each family of hazards."""

from __future__ import annotations

from importlib import import_module

from hrsup.bench.model import Case

FAMILIES = (
    "bodies",
    "imports",
    "import_time",
    "caches",
    "classes",
    "living",
    "vanishing",
    "structure",
    "definitions",
    "registrations",
    "registering_methods",
    "registering_objects",
    "held",
    "broken",
    "effects",
    "data",
    "data_in_place",
    "together",
    "data_readers",
    "looks",
    "folders",
    "saving",
    "nothing",
    "workers",
    "workers_held",
    "workers_left",
    "workers_ways",
    "workers_dask",
    "mains",
    "openings",
    "frames",
    "native",
    "unforeseen",
    "callees",
    "deciding",
    "rounds",
    "wiped",
    "unspelled",
    "unnamed",
    "gone",
    "gone_rows",
    "gone_outside",
    "gone_own",
    "gone_elsewhere",
    "anew",
    "handed",
    "handed_on",
    "sources",
    "given",
    "namespaces",
    "own_items",
    "beside",
    "vacant",
    "asked",
    "remembered",
    "looked_up",
    "guarded",
    "stopping",
    "history",
    "ordinary",
    "batches",
    "strands",
    "streamed",
    "servers",
)


def corpus() -> list[Case]:
    """Every case, in the order of the families."""
    return [case for family in FAMILIES for case in import_module(f"{__name__}.{family}").CASES]
