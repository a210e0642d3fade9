"""Small series and windows for the tests of the session."""

from collections.abc import Sequence

import numpy as np

from engine.base.dates import parse_day
from engine.records.calendar import Calendar, load_calendar
from engine.records.instrument import Instrument
from engine.records.series import Series
from engine.session.schedule import Schedule
from engine.session.timeline import Timeline, timeline

CALENDAR: Calendar = load_calendar("xnys")
NAN = float("nan")


def instrument(symbol: str = "AAA", **more: object) -> Instrument:
    """A plain stock."""
    known = {
        "title": symbol,
        "dataset": "own",
        "ticker": symbol,
        "columns": (("close", "close"),),
        "kind": "stock",
        "tradable": True,
        "shortable": True,
    }
    return Instrument(symbol=symbol, **{**known, **more})  # type: ignore[arg-type]


def series(
    first: str,
    close: Sequence[float],
    symbol: str = "AAA",
    skip: Sequence[str] = (),
    **more: object,
) -> Series:
    """Bars on consecutive sessions from `first`, with an open, high and low around each close."""
    start = parse_day(first)
    skipped = {parse_day(s) for s in skip}
    days = [d for d in CALENDAR.days if d >= start and d not in skipped][: len(close)]
    values = np.asarray(close, dtype=np.float64)
    flags = np.ones(len(values), dtype=np.bool_)
    return Series(
        symbol=symbol,
        instrument=instrument(symbol, **more),
        days=np.asarray(days, dtype=np.int32),
        open=values - 0.5,
        high=values + 1.0,
        low=values - 1.0,
        close=values,
        volume=np.full(len(values), 1_000_000.0),
        real_open=flags,
        has_range=flags,
        flagged=~flags,
    )


def line(first: str, last: str, warm_up: int = 0) -> Timeline:
    """A timeline of New York sessions."""
    return timeline(Schedule(CALENDAR), parse_day(first), parse_day(last), warm_up)
