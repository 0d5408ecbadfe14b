"""Objects that are some of many: by which names the containers go that have them."""

from __future__ import annotations

from types import SimpleNamespace

from hrsup_strategies.reload.of_many import are_asked


class Job:
    def __init__(self) -> None:
        self.errors: list[str] = []


class Shop:
    def __init__(self) -> None:
        self.jobs: list[object] = []


def test_an_object_alone_is_no_one_of_many() -> None:
    """What only an attribute and a variable lead to is not asked for, whatever is."""
    shop = SimpleNamespace(job=Job())
    assert not are_asked([shop.job], {"job", "jobs"}, [])


def test_the_list_of_an_object() -> None:
    """An object in a list that is an attribute is asked for by the attribute's name alone."""
    shop = Shop()
    shop.jobs.append(Job())
    assert are_asked([shop.jobs[0]], {"jobs"}, [])
    assert not are_asked([shop.jobs[0]], {"rows"}, [])


def test_a_list_of_pairs() -> None:
    """A container within a container counts as well."""
    shop = Shop()
    shop.jobs.append((1, Job()))
    assert are_asked([shop.jobs[0][1]], {"jobs"}, [])  # type: ignore[index]
    assert not are_asked([shop.jobs[0][1]], {"rows"}, [])  # type: ignore[index]


def test_a_list_that_nobody_is_seen_to_have() -> None:
    """What goes by no name may be asked for."""
    jobs = [Job()]
    assert are_asked([jobs[0]], {"rows"}, [])
