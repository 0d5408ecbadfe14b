"""The edits that people make, of a random program. Pure. Runs in the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from hrsup.bench.random_programs import (
    BREAKS,
    Data,
    Item,
    Module,
    Program,
    new_module,
    with_item,
    with_module,
    with_use,
)
from hrsup.bench.random_source import FORMS, KINDS

Change = Callable[[Random, Program], Program]
MOST_MODULES, MOST_ITEMS = 10, 8


def random_edit(rng: Random, program: Program, past: Sequence[Program] = ()) -> Program:
    """The program after one save. What is broken is mended, more often than not, before anything else is done."""
    if program.broken is not None and rng.random() < 0.7:
        program = replace(program, broken=None)
        return program if rng.random() < 0.7 else random_edit(rng, program)
    if program.forgotten is not None and rng.random() < 0.7:
        number, program = program.forgotten, replace(program, forgotten=None)
        return program if rng.random() < 0.5 else _without_item(program, number)
    if past and rng.random() < 0.03:
        return past[rng.randrange(len(past))]
    for _ in range(1 if rng.random() < 0.85 else rng.randint(2, 4)):
        weights = [weight for weight, _ in EDITS]
        program = rng.choices([change for _, change in EDITS], weights)[0](rng, program)
    return program


def _numbers(rng: Random, program: Program) -> Program:
    def change(item: Item) -> Item:
        values = list(item.values)
        values[rng.randrange(3)] = rng.randint(1, 9)
        return replace(item, values=(values[0], values[1], values[2]))

    return _with_changed_item(rng, program, change)


def _variant(rng: Random, program: Program) -> Program:
    """Another body, signature, decorator, base class, field or member; callers follow."""
    return _with_changed_item(rng, program, lambda item: replace(item, variant=rng.randrange(len(KINDS[item.kind]))))


def _rename(rng: Random, program: Program) -> Program:
    return _with_changed_item(rng, program, lambda item: replace(item, name=f"{item.name}x"[:12]))


def _move(rng: Random, program: Program) -> Program:
    """To another module; everybody who uses it imports it from there."""
    place, module = _any_module(rng, program)
    if not module.items or len(program.modules) < 2:
        return program
    item = rng.choice(module.items)
    to = rng.choice([other for other in range(len(program.modules)) if other != place])
    program = with_module(program, place, replace(module, items=tuple(one for one in module.items if one != item)))
    target = program.modules[to]
    return with_module(program, to, replace(target, items=(*target.items, item)))


def _add_item(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    return with_item(rng, program, place) if len(module.items) < MOST_ITEMS else program


def _remove_item(rng: Random, program: Program) -> Program:
    _, module = _any_module(rng, program)
    return _without_item(program, rng.choice(module.items).number) if module.items else program


def _forget_item(rng: Random, program: Program) -> Program:
    """It is taken away, and those who use it still do."""
    _, module = _any_module(rng, program)
    return replace(program, forgotten=rng.choice(module.items).number) if module.items else program


def _reorder(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    return with_module(program, place, replace(module, items=tuple(rng.sample(module.items, len(module.items)))))


def _add_use(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    return with_use(rng, program, place) if len(module.uses) < MOST_ITEMS else program


def _remove_use(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    gone = rng.choice(module.uses) if module.uses else None
    return with_module(program, place, replace(module, uses=tuple(use for use in module.uses if use != gone)))


def _other_form(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    if not module.uses:
        return program
    chosen = rng.choice(module.uses)
    uses = tuple(replace(use, form=rng.choice(list(FORMS))) if use == chosen else use for use in module.uses)
    return with_module(program, place, replace(module, uses=uses))


def _re_export(rng: Random, program: Program) -> Program:
    """A use goes by way of another module that has the same name, or straight again."""
    place, module = _any_module(rng, program)
    if not module.uses or not place:
        return program
    chosen, via = rng.choice(module.uses), rng.choice([None, *(one.name for one in program.modules[:place])])
    uses = tuple(replace(use, via=via) if use == chosen else use for use in module.uses)
    return with_module(program, place, replace(module, uses=uses))


def _cycle(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    if module.cycles:
        return with_module(program, place, replace(module, cycles=()))
    later = [one.name for one in program.modules[place + 1 :]]
    return with_module(program, place, replace(module, cycles=(rng.choice(later),))) if later else program


def _add_module(rng: Random, program: Program) -> Program:
    return new_module(rng, program) if len(program.modules) < MOST_MODULES else program


def _remove_module(rng: Random, program: Program) -> Program:
    if len(program.modules) < 3:
        return program
    _, module = _any_module(rng, program)
    for item in module.items:
        program = _without_item(program, item.number)
    left = (one for one in program.modules if one.name != module.name)
    modules = tuple(replace(one, cycles=tuple(name for name in one.cycles if name != module.name)) for one in left)
    broken = None if program.broken is not None and program.broken[0] == module.name else program.broken
    return replace(program, modules=modules, broken=broken)


def _rename_module(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    name = f"m{program.next_number}"
    program = replace(program, next_number=program.next_number + 1, broken=None)
    for at, one in enumerate(program.modules):
        cycles = tuple(name if other == module.name else other for other in one.cycles)
        program = with_module(program, at, replace(one, cycles=cycles))
    return with_module(program, place, replace(program.modules[place], name=name))


def _break(rng: Random, program: Program) -> Program:
    _, module = _any_module(rng, program)
    return replace(program, broken=(module.name, rng.choice(BREAKS)))


def _note(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    return with_module(program, place, replace(module, note=(module.note + 1) % 3))


def _data(rng: Random, program: Program) -> Program:
    number = rng.randrange(len(program.data))
    one = program.data[number]
    values = tuple(rng.sample(range(100, 999), rng.randint(1, 3)))
    if one.kind == "folder" and one.values is not None:  # a file more, or one less
        values = one.values[1:] if len(one.values) > 2 else (*one.values, values[0])
    changed = Data(one.kind, None if one.values is not None and rng.random() < 0.15 else values)
    return replace(program, data=(*program.data[:number], changed, *program.data[number + 1 :]))


def _reads(rng: Random, program: Program) -> Program:
    place, module = _any_module(rng, program)
    reads = () if module.reads else ((rng.randrange(len(program.data)), rng.choice(("import", "tick"))),)
    return with_module(program, place, replace(module, reads=reads))


def _main(rng: Random, program: Program) -> Program:
    return replace(program, title=rng.randint(0, 99))


def _hub(rng: Random, program: Program) -> Program:
    return replace(program, hub_note=(program.hub_note + 1) % 3)


EDITS: tuple[tuple[int, Change], ...] = (
    (24, _numbers),
    (18, _variant),
    (4, _rename),
    (4, _move),
    (6, _add_item),
    (4, _remove_item),
    (2, _forget_item),
    (2, _reorder),
    (5, _add_use),
    (3, _remove_use),
    (5, _other_form),
    (3, _re_export),
    (2, _cycle),
    (2, _add_module),
    (2, _remove_module),
    (1, _rename_module),
    (4, _break),
    (3, _note),
    (10, _data),
    (2, _reads),
    (2, _main),
    (1, _hub),
)


def _any_module(rng: Random, program: Program) -> tuple[int, Module]:
    place = rng.randrange(len(program.modules))
    return place, program.modules[place]


def _with_changed_item(rng: Random, program: Program, change: Callable[[Item], Item]) -> Program:
    place, module = _any_module(rng, program)
    if not module.items:
        return program
    chosen = rng.choice(module.items)
    items = tuple(change(item) if item == chosen else item for item in module.items)
    return with_module(program, place, replace(module, items=items))


def _without_item(program: Program, number: int) -> Program:
    """It is gone, and so is every use of it."""
    for place, module in enumerate(program.modules):
        items = tuple(item for item in module.items if item.number != number)
        uses = tuple(use for use in module.uses if use.of != number)
        program = with_module(program, place, replace(module, items=items, uses=uses))
    return replace(program, forgotten=None) if program.forgotten == number else program
