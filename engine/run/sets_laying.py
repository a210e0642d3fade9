"""Which sets of parameters may run together, and how they are laid out (floor 7)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.emit.lanes_plan import first_bars
from engine.emit.lanes_sets import Group, split
from engine.emit.lanes_state import is_free
from engine.graph.node import op_of
from engine.graph.plan import Plan
from engine.records.desk import BookRow
from engine.run import lanes_fit
from engine.run.lanes_fit import LaneRun
from engine.run.lanes_laying import Batch, accounts, fill_columns, places_of
from engine.run.lanes_module import LaneProgram, load_lanes, tell
from engine.run.sets_columns import Columns, lay_columns


@dataclass(frozen=True)
class SetsRun:
    """One strategy under plans[k], which books[k] describes, for every set k of parameters.

    market: the one symbol with its costs, cash and columns; its plan and book are not read."""

    plans: Sequence[Plan]
    books: Sequence[BookRow]
    market: LaneRun

    def alone(self, k: int) -> LaneRun:
        """One set as a run of one lane."""
        return replace(self.market, plan=self.plans[k], book=self.books[k])


@dataclass(frozen=True)
class Sets:
    """A run laid out: the shared columns, and the sets of one program a batch; a tile is a set."""

    run: SetsRun
    columns: Columns
    batches: tuple[Batch, ...]

    @property
    def count(self) -> int:
        """How many sets there are."""
        return len(self.run.plans)


def refusals(run: SetsRun) -> tuple[str, ...]:
    """Why these sets must run one by one instead; empty when they qualify."""
    if not run.plans or len(run.plans) != len(run.books):
        return ("each set has a plan and a book, and there is at least one",)
    if len(run.market.cash) != 1:
        return ("sets of parameters run on one symbol",)
    found = [text for k in range(len(run.plans)) for text in lanes_fit.rule_refusals(run.alone(k))]
    return tuple(dict.fromkeys((*found, *_needs(run))))


def _needs(run: SetsRun) -> Iterator[str]:
    """What is wrong with the market: every set reads it, and each may read other columns."""
    for plan in {lanes_fit.inputs_of(plan): plan for plan in run.plans}.values():
        yield from lanes_fit.market_refusals(replace(run.alone(0), plan=plan))


def _way(book: BookRow) -> tuple[Any, ...]:
    """How a book trades, whatever its params."""
    return (book.entries, book.exits, book.levels, book.weight_out, book.reads)


def prepare_sets(run: SetsRun, compiled: bool = True, told: Callable[[str], None] = tell) -> Sets:
    """Compile and lay out; see `lanes_laying.prepare`.

    Raises ValueError, with the reasons, when the run does not qualify."""
    found = refusals(run)
    if found:
        raise ValueError(f"these sets need the account loop: {'; '.join(found)}")
    shared = split(run.plans, [_way(book) for book in run.books])
    has_levels = any(book.levels for book in run.books)
    fills = {name: np.asarray(v)[0] for name, v in fill_columns(run.market, has_levels).items()}
    inputs = {name: np.asarray(v, dtype=float)[0] for name, v in run.market.columns.items()}
    columns = lay_columns(shared.nodes, inputs, tuple(fills.values()), compiled, told)
    behind = dict(zip(fills, columns.places[len(shared.nodes) :], strict=True))
    batches = (_batch(run, group, columns, behind, compiled, told) for group in shared.groups)
    return Sets(run, columns, tuple(batches))


def _batch(
    run: SetsRun,
    group: Group,
    columns: Columns,
    fills: dict[str, int],
    compiled: bool,
    told: Callable[[str], None],
) -> Batch:
    names = (*group.names, *(name for name in fills if name not in group.names))
    program = load_lanes(group.plan, 1, names, compiled, told, group.unsure)
    rest = [fills[name] for name in names[len(group.names) :]]
    places = np.array([[*(columns.places[n] for n in reads), *rest] for reads in group.reads])
    alone = run.alone(group.sets[0])
    k = places_of(alone, program, names, places[0], columns.bars)
    start = tuple(row[None, :] for row in accounts(alone, program, k, range(1)))
    firsts = [_firsts(program, group, columns, reads) for reads in group.reads]
    warm, quiet = np.array(firsts, dtype=np.int64).T.copy()
    return Batch(program, start, columns.ins, np.array(group.sets), places, warm, quiet)


def _firsts(
    program: LaneProgram, group: Group, columns: Columns, reads: Sequence[int]
) -> tuple[int, int]:
    """From which bar a set may run without tests, and from which a gate may open."""
    if not columns.is_sure:
        return columns.bars, 0
    begun = {name: columns.known[n] for name, n in zip(group.names, reads, strict=True)}
    known, fires = first_bars(group.plan, begun)
    if is_free(program.how):
        return known, fires
    reach = max(
        (int(op_of(n).reach(n.consts)) for n in group.plan.graph.nodes if n.kind == "op"), default=0
    )
    return known + reach + 1, 0
