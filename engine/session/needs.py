"""Which days of which symbols a firm reads (floor 9): its windows with the warm-up before them."""

from collections.abc import Iterator

from engine.run.program import Program
from engine.session.desk import CASH_RATE
from engine.session.firm import Firm, all_blocks
from engine.session.market import symbols_read
from engine.session.reads import feeds_read
from engine.session.recorded import Recorded
from engine.session.timeline import timeline

BEFORE = 5
"""Sessions more than the warm-up, for what is published late."""


def needed(firm: Firm) -> dict[str, tuple[int, int]]:
    """First and last day needed of each symbol, over all windows of the firm."""
    found: dict[str, tuple[int, int]] = {}
    for symbol, first, last in _all(firm):
        low, high = found.get(symbol, (first, last))
        found[symbol] = (min(low, first), max(high, last))
    return found


def fetched_notices(firm: Firm, held: Recorded) -> tuple[str, ...]:
    """Which of the series in use were fetched, and what of the days needed is not fetched yet."""
    if held.fetched is None:
        return ()
    lacking = held.fetched.lacking(needed(firm), held.calendar)
    is_own = any(w.scenario is None for w in firm.windows)
    return held.fetched.notices(firm.series, lacking, is_own)


def _all(firm: Firm) -> Iterator[tuple[str, int, int]]:
    for strategy in firm.strategies:
        yield from _over(firm, strategy.program, strategy.universe)
    for block in all_blocks(firm.limits, firm.strategies):
        yield from _over(firm, block.program, ())
    for window in firm.windows:
        claims = window.scenario.claims if window.scenario else ()
        for value in (v for c in claims for v in (c.claim, c.then)):
            yield from ((symbol, window.first, window.last) for symbol in feeds_read(value))
        if firm.account.costs.interest:
            yield CASH_RATE, window.first, window.last


def _over(
    firm: Firm, program: Program, universe: tuple[str, ...]
) -> Iterator[tuple[str, int, int]]:
    symbols = (*universe, *sorted(symbols_read([program])))
    for window in firm.windows:
        before = program.plan.settled_bars + BEFORE
        days = timeline(firm.schedule, window.first, window.last, before).days
        if len(days):
            yield from ((symbol, int(days[0]), int(days[-1])) for symbol in symbols)
