"""What a `test` block gives, as the world that it runs in (floor 9).

The default account, one symbol of its own beside those that it names. Columns that are not given
are na; the first bar given is the first that exists, so warm-up is part of what a test shows.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.check.typed import CheckedTest
from engine.fields import BY_NAME as FIELDS
from engine.records.instrument import Instrument
from engine.records.series import Series
from engine.session.inputs import World
from engine.session.lists import UNKNOWN, Lists
from engine.session.schedule import Schedule
from engine.session.timeline import Timeline, cut

SYMBOL = "TEST"
FIRST_SESSION = 7_307
"""Any day does: 1990-01-03."""


def length_of(test: CheckedTest) -> int:
    """How many bars a test has."""
    return max((len(g.values) for g in test.givens), default=0)


def given_world(
    test: CheckedTest, schedule: Schedule, lists: Lists, legs: Sequence[str] = ()
) -> World:
    """The given columns as recorded series, those of legs even where nothing is given; feeds are
    known at their own bar, calendar fields that are not given are those of the days from
    FIRST_SESSION on."""
    line = _line(schedule, length_of(test))
    days = line.days
    given = {g.name: g.values for g in test.givens if not g.symbol}
    held = {}
    for symbol in dict.fromkeys(("", *legs, *(g.symbol for g in test.givens))):
        columns = {g.name: g.values for g in test.givens if g.symbol == symbol}
        series = _series(symbol or SYMBOL, days, columns)
        held[symbol or SYMBOL] = replace(series, closes=line.closes, length=schedule.length)
    for name, values in given.items():
        if name.startswith("feed:"):
            held[name[5:]] = _series(name[5:], days, {"close": values})
    live = {n: _padded(v, len(days)) for n, v in given.items() if n in FIELDS and _is_column(n)}
    for name, column in live.items():
        if FIELDS[name].unit == "truth":
            column[np.isnan(column)] = UNKNOWN
    return World(line, held, lists, live)


def _line(schedule: Schedule, bars: int) -> Timeline:
    """So many bars from FIRST_SESSION on, the first of them its session's."""
    days = schedule.sessions[schedule.sessions >= FIRST_SESSION][:bars]
    if not schedule.length:
        return Timeline(schedule, days, 0)
    whole = cut(schedule, days, 0)
    return Timeline(schedule, whole.days[:bars], 0, schedule.grid(days)[:bars])


def _is_column(name: str) -> bool:
    return FIELDS[name].live or FIELDS[name].calendar


def _series(symbol: str, days: np.ndarray, given: dict[str, tuple[float, ...]]) -> Series:
    columns: dict[str, Any] = {
        name: _padded(given.get(name, ()), len(days))
        for name in ("open", "high", "low", "close", "volume")
    }
    has_range = ~(np.isnan(columns["high"]) | np.isnan(columns["low"]))
    return Series(
        symbol=symbol,
        instrument=_instrument(symbol),
        days=days,
        real_open=~np.isnan(columns["open"]),
        has_range=has_range,
        flagged=np.zeros(len(days), dtype=np.bool_),
        **columns,
    )


def _instrument(symbol: str) -> Instrument:
    return Instrument(symbol, "given by a test", "test", symbol, (), "stock", True, shortable=True)


def _padded(values: Sequence[float], length: int) -> np.ndarray:
    return np.asarray([*values, *[float("nan")] * (length - len(values))], dtype=np.float64)


def given_fields(test: CheckedTest) -> dict[int, tuple[float, ...]]:
    """Fields such as position.age that a test sets by hand, by their slot."""
    return {
        FIELDS[g.name].slot: g.values
        for g in test.givens
        if not g.symbol and g.name in FIELDS and FIELDS[g.name].slot >= 0
    }
