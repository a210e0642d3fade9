"""Market columns of one program on one lane (floor 9): computed once, then replayed as often as
needed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from engine.check.typed import Column, Kind
from engine.graph.plan import Plan
from engine.run.across import Given, compared
from engine.run.program import Program
from engine.session.actions import split_days, splits_of
from engine.session.asks import markets_asked
from engine.session.inputs import PLANNED, Floats, World, column, has_column
from engine.session.timeline import next_sessions

NUMBER = Kind("number")


@dataclass(frozen=True, eq=False)
class Markets:
    """Tables of the programs that run in one world, each made when first asked for. spread: of
    programs that count in sessions on bars of minutes, the row that each bar of the window sees;
    during: the bars that do not close their session, which see its own calendar and lists."""

    world: World
    spread: Any = None
    during: Any = None
    _made: dict[tuple[int, str | None, tuple[str, ...]], Any] = field(default_factory=dict)
    _given: dict[tuple[int, tuple[str, ...]], dict[str, dict[str, Any]]] = field(
        default_factory=dict
    )

    _at: dict[int, "Markets"] = field(default_factory=dict)

    def rows(self, program: Program, lane: str | None, universe: Sequence[str] = ()) -> Any:
        """The table over the window alone: `row_width` cells a bar, without the warm-up.

        universe: the symbols that the lane's is compared with, itself among them."""
        key = (id(program), lane, tuple(sorted(universe)) if program.layers else ())
        if key not in self._made:
            table = self._whole(program, lane, universe)
            self._made[key] = self._spread(program, lane, universe, table)
        return self._made[key]

    def _whole(self, program: Program, lane: str | None, universe: Sequence[str]) -> Any:
        """The table; where shares were split, each part of it in the shares of its day."""
        days = self.world.line.window
        if not self.has_splits or not len(days):
            return _table(program, self.world, lane, self.given(program, lane, universe))
        edges = [int(days[0]), *self._cuts(program, lane, universe), int(days[-1]) + 1]
        width, parts = program.layout.row_width, []
        for first, end in pairwise(edges):
            part = self.at(first)
            table = _table(program, part.world, lane, part.given(program, lane, universe))
            low, high = np.searchsorted(days, (first, end)) * width
            parts.append(table[low:high])
        whole = parts[0]
        return np.concatenate(parts) if hasattr(whole, "tolist") else [v for p in parts for v in p]

    def _cuts(self, program: Program, lane: str | None, universe: Sequence[str]) -> list[int]:
        """The days of the window on which something that a program reads was split."""
        days, series = self.world.line.window, self.world.series
        names = {lane, *symbols_read([program]), *(universe if program.layers else ())}
        held = [series[n] for n in names if n is not None and n in series]
        return split_days(held, int(days[0]), int(days[-1]))

    @cached_property
    def has_splits(self) -> bool:
        """Whether any prices show a split."""
        return any(map(splits_of, self.world.series.values()))

    def at(self, day: int) -> "Markets":
        """The same with all earlier prices in the shares of a day."""
        if not self.has_splits:
            return self
        if day not in self._at:
            self._at[day] = Markets(self.world.at(day))
        return self._at[day]

    def _spread(
        self, program: Program, lane: str | None, universe: Sequence[str], table: Any
    ) -> Any:
        """The rows that the bars of the window see, where these are not the table's own."""
        width = program.layout.row_width
        if self.spread is None or not width:
            return table
        rows = _by_bar(table, width, self.spread)
        seen, inside = self, table
        if any(i.name.partition(":")[0] in PLANNED for i in program.plan.inputs):
            seen = Markets(replace(self.world, ahead=next_sessions(self.world.line)))
            inside = seen._whole(program, lane, universe)
        if seen is not self or self.has_splits:
            today = seen._in_shares_of_the_next(program, lane, universe, inside)
            rows = np.where(self.during[:, None], _by_bar(today, width, self.spread), rows)
        return rows.ravel()

    def _in_shares_of_the_next(
        self, program: Program, lane: str | None, universe: Sequence[str], table: Any
    ) -> Any:
        """The table with each row before a split in the shares of the day of the split: what is
        seen of a session inside the next one, whose prices and positions are in those."""
        days, width = self.world.line.window, program.layout.row_width
        if not self.has_splits or not len(days):
            return table
        told = np.array(table, dtype=np.float64)
        for day in self._cuts(program, lane, universe):
            part, before = self.at(day), int(np.searchsorted(days, day)) - 1
            theirs = _table(program, part.world, lane, part.given(program, lane, universe))
            told[before * width : (before + 1) * width] = theirs[
                before * width : (before + 1) * width
            ]
        return told

    def given(self, program: Program, lane: str | None, universe: Sequence[str]) -> Given:
        """The inputs of a lane that come of comparing the symbols of the universe."""
        if not program.layers or lane is None:
            return {}
        symbols = tuple(sorted({*universe, lane}))
        key = (id(program), symbols)
        if key not in self._given:
            world = self.world
            self._given[key] = compared(
                program,
                symbols,
                lambda plan, symbol, given: columns_of(plan, world, symbol, given),
                len(world.line.days),
            )
        return self._given[key][lane]


def _table(program: Program, world: World, lane: str | None, given: Given) -> Any:
    inputs, has = columns_of(program.plan, world, lane, given)
    table = program.market(inputs, has, len(world.line.days))
    return table[world.line.start * program.layout.row_width :]


def _by_bar(table: Any, width: int, spread: Any) -> Any:
    return np.asarray(table, dtype=np.float64).reshape(-1, width)[spread]


def columns_of(
    plan: Plan, world: World, lane: str | None, given: Given
) -> tuple[list[Any], list[Floats]]:
    """What a plan's `market` takes: its input columns and, per frame, where bars complete."""
    inputs = [
        given[i.name]
        if i.name in given
        else column(world, lane, Column(i.name, plan.frames[i.frame], NUMBER, i.stale))
        for i in plan.inputs
    ]
    return inputs, [has_column(world, lane, f) for f in plan.frames]


def symbols_read(programs: Iterable[Program]) -> frozenset[str]:
    """Symbols that these programs read by name: other symbols, feeds and benchmarks."""
    found: set[str] = set()
    for plan in (p for program in programs for p in (program.plan, *program.plan.layers)):
        found |= {f.symbol for f in plan.frames if f.symbol not in (None, "*")}
        found |= {i.name[5:] for i in plan.inputs if i.name.startswith("feed:")}
        found |= markets_asked(plan)
    return frozenset(s for s in found if s)
