"""Which runs may go in lanes, and why others may not (floor 7).

A lane is one symbol in a book of its own: one entry at market, exits at market, stops, targets and
trails, costs, no limits. Nothing else is run differently: it is refused, with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.emit.lanes_plan import PRICES, plan_refusals
from engine.graph.plan import Plan
from engine.records import desk
from engine.records.desk import BookRow, CostRow, EntryRow, InstrumentRow


@dataclass(frozen=True)
class LaneRun:
    """One strategy on many symbols, each lane an account of its own with cash[lane].

    columns[name] is an array (lanes, first + bars), prices unadjusted by nothing here: what the
    rule reads, and always open, high, low and close. The account trades from bar `first` on; the
    bars before it only warm the rule up. at_close: 1.0 where a bar has no open of its own, same
    shape; None where all have. book: as for the account loop; its symbols and rows are not read.
    """

    plan: Plan
    book: BookRow
    instruments: Sequence[InstrumentRow]
    costs: CostRow
    cash: Sequence[float]
    columns: Mapping[str, Any]
    at_close: Any = None
    first: int = 0


def refusals(run: LaneRun) -> tuple[str, ...]:
    """Why these lanes must run on the account loop instead; empty when they qualify."""
    return (*rule_refusals(run), *market_refusals(run))


def rule_refusals(run: LaneRun) -> tuple[str, ...]:
    """What of the strategy does not qualify."""
    return (*plan_refusals(run.plan), *_book(run))


def market_refusals(run: LaneRun) -> tuple[str, ...]:
    """What of the costs and the bars does not qualify."""
    return (*_money(run), *_bars(run))


def _book(run: LaneRun) -> Iterator[str]:
    book = run.book
    if len(book.entries) != 1 or book.weight_out >= 0:
        yield "lanes hold one entry and no weight"
    for entry in book.entries:
        yield from _entry(entry)
    if any(e.kind != desk.MARKET for e in book.exits):
        yield "an exit in lanes is at market"


def _entry(entry: EntryRow) -> Iterator[str]:
    """Every feature of an entry that a lane does not run."""
    if entry.kind != desk.MARKET or entry.price_out >= 0 or entry.limit_out >= 0:
        yield "an entry in lanes is at market"
    if entry.tif != desk.DAY:
        yield "an entry in lanes is for the day"
    if entry.adds or entry.joins >= 0:
        yield "an entry in lanes adds to no position"
    if entry.spread >= 0 or entry.leg != 0:
        yield "an entry in lanes is no leg of a spread"


def _money(run: LaneRun) -> Iterator[str]:
    if run.costs.interest:
        yield "lanes pay no interest on cash"
    if run.costs.impact:
        yield "a trade in lanes moves no price"
    if run.costs.participation:
        yield "lanes have no cap by volume"
    if any(e.side < 0 for e in run.book.entries):
        rates = [row.borrow_rate for row in run.instruments]
        if any(rate == rate and rate != 0.0 for rate in rates):
            yield "lanes pay no borrow on short positions"


def _bars(run: LaneRun) -> Iterator[str]:
    missing = [name for name in (*PRICES, *inputs_of(run.plan)) if name not in run.columns]
    if missing:
        yield f"the column {missing[0]} is not given"
        return
    shape = np.shape(run.columns["close"])
    if any(np.shape(run.columns[name]) != shape for name in run.columns):
        yield "all columns are (lanes, bars) of one shape"
    elif shape[0] != len(run.cash) or shape[0] != len(run.instruments) or shape[1] <= run.first:
        yield "each lane has an instrument, cash and at least one bar to trade"
    elif not all(np.isfinite(run.columns[name]).all() for name in PRICES):
        yield "a price is missing: a lane has every bar"
    elif not all(np.min(run.columns[name]) > 0.0 for name in PRICES):
        yield "a price is not above zero"


def inputs_of(plan: Plan) -> tuple[str, ...]:
    """The columns that a rule reads, by name."""
    return tuple(dict.fromkeys(c.name for c in plan.inputs))
