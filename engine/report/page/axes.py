"""Scales and ticks of the charts (floor 10): which numbers to write, and which points to draw."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeGuard, cast

import numpy as np

from engine.report.words import money, number

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_WEEKS, _DAYS = (1, 2), (1, 2)


def whole(values: Sequence[float | None]) -> TypeGuard[Sequence[float]]:
    """Whether none of the values is None, NaN or infinite; numbers too large to be added up may
    pass for infinite."""
    try:
        return math.isfinite(sum(cast(Sequence[float], values)))
    except TypeError:  # a None
        return False


def finite(values: Sequence[float | None]) -> Sequence[float]:
    """The numbers among the values; no None, no NaN, no infinity."""
    # Nearly every line is whole, and a page asks of hundreds of thousands of values.
    if whole(values):
        return values
    return [v for v in values if v is not None and math.isfinite(v)]


def missing(values: Sequence[float | None]) -> Sequence[int]:
    """Indexes of the values that are no finite numbers."""
    if whole(values):
        return ()
    return [i for i, v in enumerate(values) if v is None or not math.isfinite(v)]


def extent(values: Sequence[float], with_zero: bool = False) -> tuple[float, float]:
    """Lowest and highest value, widened where they are the same; 0 to 1 where there are none."""
    every = [*values, 0.0] if with_zero else list(values)
    if not every:
        return 0.0, 1.0
    low, high = min(every), max(every)
    size = max(abs(low), abs(high))
    if high - low > size * 1e-9:
        return low, high
    room = size * 0.01 or 0.01
    return (low - room, high) if with_zero and high == 0 else (low - room, high + room)


def ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Round numbers from `low` to `high`, at most `most` steps apart, less than one step from
    either end."""
    step = nice_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{k * step:.15g}") for k in range(first, last + 1))


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that goes into `span` at most `most`
    times."""
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    return power * next(n for n in _NICE if n * power >= raw * (1 - 1e-9))


def tick_label(value: float, unit: str, step: float) -> str:
    """A tick as it is written: $12,000, −10.0%, 1,250."""
    if unit == "%":
        return number(value * 100, max(1, _decimals(step * 100))) + "%"
    if unit == "$" and step >= 1:
        return money(value, 0)
    if unit == "$":
        return ("−$" if value < 0 else "$") + number(abs(value), max(2, _decimals(step)))
    return number(value, _decimals(step))


def days_since(days: Sequence[str]) -> tuple[float, ...]:
    """ISO dates as days since the first of them."""
    moments = [datetime.fromisoformat(d).replace(tzinfo=None) for d in days]
    return tuple((m - moments[0]) / timedelta(days=1) for m in moments)


def date_ticks(days: Sequence[str], most: int) -> tuple[tuple[float, str], ...]:
    """Starts of years, months or weeks between the first and last day, as days since the first
    and ISO text."""
    start, end = (datetime.fromisoformat(d).replace(tzinfo=None) for d in (days[0], days[-1]))
    for moments, form in _calendars(start, end):
        if len(moments) <= most:
            return tuple(((m - start) / timedelta(days=1), m.strftime(form)) for m in moments)
    return ()


def thin(values: Sequence[float | None], most: int) -> list[int]:
    """Indexes of at most `most` of the values: the ends, and lowest and highest of each stretch
    between them."""
    gaps = set(missing(values))
    known = [i for i in range(len(values)) if i not in gaps] if gaps else range(len(values))
    if len(known) <= most:
        return list(known)
    return [known[k] for k in _telling(finite(values), (most - 2) // 2)]


def _telling(numbers: Sequence[float], parts: int) -> list[int]:
    """The ends, and the first lowest and first highest number of each part."""
    line = np.array(numbers, dtype=np.float64)
    ends = np.arange(parts + 1) * len(line) // parts
    kept = np.zeros(len(line), dtype=np.bool_)
    kept[[0, -1]] = True
    for extreme in (np.minimum, np.maximum):
        reached = np.repeat(extreme.reduceat(line, ends[:-1]), ends[1:] - ends[:-1])
        found = np.flatnonzero(line == reached)
        kept[found[np.searchsorted(found, ends[:-1])]] = True
    places: list[int] = np.flatnonzero(kept).tolist()
    return places


def _decimals(step: float) -> int:
    """Decimals that tell two neighbouring ticks apart."""
    return next((d for d in range(8) if abs(round(step, d) - step) < step * 1e-6), 8)


def _calendars(start: datetime, end: datetime) -> Iterator[tuple[list[datetime], str]]:
    """Ever coarser calendars; days first, where there are few."""
    for days in _DAYS:
        if end - start <= timedelta(days=10):
            yield _every(start, end, days), "%Y-%m-%d"
    monday = start + timedelta(days=-start.weekday() % 7)
    for weeks in _WEEKS:
        if end - start <= timedelta(days=75):
            yield _every(monday, end, 7 * weeks), "%Y-%m-%d"
    for months in _MONTHS:
        yield _months(start, end, months), "%Y" if months >= 12 else "%Y-%m"


def _every(first: datetime, end: datetime, days: int) -> list[datetime]:
    first = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return [first + timedelta(days=n) for n in range(0, (end - first).days + 1, days)]


def _months(start: datetime, end: datetime, step: int) -> list[datetime]:
    first, last = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    every = [datetime(m // 12, m % 12 + 1, 1) for m in range(first, last + 1) if m % step == 0]
    return [m for m in every if m >= start]
