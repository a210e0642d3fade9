"""Slower clocks, from docs/spec.md section 3: completed weeks and months of a symbol's own bars."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Row = tuple[float, float, float, float, float]
"""Open, high, low, close, volume; nan where unknown."""
EPOCH = date(1970, 1, 1)
COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Period:
    """One completed period. at: the day at whose close it was complete."""

    at: int
    row: Row


def period_of(clock: str, day: int) -> tuple[int, int]:
    """The week or month that holds a day."""
    when = EPOCH + timedelta(days=day)
    if clock == "1w":
        year, week, _ = when.isocalendar()
        return year, week
    return when.year, when.month


def completed(
    clock: str,
    days: Sequence[int],
    rows: Sequence[Row],
    ends: Sequence[int],
    sessions: Sequence[int],
) -> list[Period]:
    """A symbol's completed periods. ends: the days that were planned as last of a period, or that
    followed one whose last was called off; sessions: all of the calendar up to the last of them.

    A period of which sessions went before the first bar is left out: nobody recorded its open."""
    by: dict[tuple[int, int], list[Row]] = {}
    for day, row in zip(days, rows, strict=True):
        by.setdefault(period_of(clock, day), []).append(row)
    if days:
        first = period_of(clock, days[0])
        at = bisect_left(sessions, days[0])
        if at and period_of(clock, sessions[at - 1]) == first:
            del by[first]
    done = [(_period_ended(clock, day, sessions), day) for day in ends]
    return [Period(day, gathered(by[key])) for key, day in done if key in by]


def _period_ended(clock: str, end: int, sessions: Sequence[int]) -> tuple[int, int]:
    """The period that ends with a day: its own, or, where its last session was called off, the
    one before it."""
    key, at = period_of(clock, end), bisect_left(sessions, end)
    goes_on = at + 1 < len(sessions) and period_of(clock, sessions[at + 1]) == key
    return period_of(clock, sessions[at - 1]) if goes_on else key


def gathered(rows: list[Row]) -> Row:
    """Open of the first, extremes, close of the last, volume of all; unknown where one is."""
    opens, highs, lows, closes, volumes = zip(*rows, strict=True)
    high = max(highs) if all(h == h for h in highs) else float("nan")
    low = min(lows) if all(x == x for x in lows) else float("nan")
    return opens[0], high, low, closes[-1], sum(volumes)
