"""Market columns of one program on one lane (floor 9): computed once, then replayed as often as
needed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.check.typed import Column, Kind
from engine.run.program import Program
from engine.session.inputs import Floats, World, column, has_column

NUMBER = Kind("number")


@dataclass(frozen=True, eq=False)
class Markets:
    """Tables of the programs that run in one world, each made when first asked for."""

    world: World
    _made: dict[tuple[int, str | None], Any] = field(default_factory=dict)

    def rows(self, program: Program, lane: str | None) -> Any:
        """The table over the window alone: `row_width` cells a bar, without the warm-up."""
        key = (id(program), lane)
        if key not in self._made:
            self._made[key] = _table(program, self.world, lane)
        return self._made[key]


def _table(program: Program, world: World, lane: str | None) -> Any:
    inputs, has = columns_of(program, world, lane)
    table = program.market(inputs, has, len(world.line.days))
    return table[world.line.start * program.layout.row_width :]


def columns_of(
    program: Program, world: World, lane: str | None
) -> tuple[list[Floats], list[Floats]]:
    """What a program's `market` takes: its input columns and, per frame, where bars complete."""
    plan = program.plan
    inputs = [
        column(world, lane, Column(i.name, plan.frames[i.frame], NUMBER, i.stale))
        for i in plan.inputs
    ]
    return inputs, [has_column(world, lane, f) for f in plan.frames]


def symbols_read(programs: Iterable[Program]) -> frozenset[str]:
    """Symbols that these programs read by name: other symbols and feeds."""
    found: set[str] = set()
    for program in programs:
        plan = program.plan
        found |= {f.symbol for f in plan.frames if f.symbol not in (None, "*")}
        found |= {i.name[5:] for i in plan.inputs if i.name.startswith("feed:")}
    return frozenset(s for s in found if s)
