"""Splits and dividends of raw prices (floor 9): what the account books, and what rules read.

Raw prices stand in the shares of their own day. The account trades them as they are and books each
split and dividend on its bar. A rule sees at each bar all earlier prices in the shares of that bar,
and volumes with them, so that no average runs over a split; a later split changes nothing that was
seen before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.records.series import Series

Action = tuple[int, int, float, float]
"""Bar, symbol, new shares for one, money a new share."""
PRICES = ("open", "high", "low", "close")


def splits_of(series: Series) -> list[tuple[int, float]]:
    """Day and ratio of each split that the prices show."""
    found = (
        [] if series.instrument.adjusted else [(s.day, s.ratio) for s in series.instrument.splits]
    )
    if series.split is not None:
        at = np.flatnonzero(series.split != 1.0)
        found += zip(series.days[at].tolist(), series.split[at].tolist(), strict=True)
    return found


def restated(series: Series, day: int) -> Series:
    """The series in the shares of `day`, as if it had no split: earlier prices divided by each."""
    splits = [(at, ratio) for at, ratio in splits_of(series) if at <= day]
    if not splits:
        return series
    ratio = np.ones(len(series))
    for at, by in splits:
        ratio[series.days < at] *= by
    prices = {name: getattr(series, name) / ratio for name in PRICES}
    whole = replace(series.instrument, splits=())
    return replace(series, instrument=whole, split=None, volume=series.volume * ratio, **prices)


def split_days(series: Iterable[Series], first: int, last: int) -> list[int]:
    """The days after `first`, up to `last`, from which on some series stands in other shares."""
    days = {day for held in series for day, _ in splits_of(held) if first < day <= last}
    return sorted(days)


def actions_of(series: Sequence[Series], days: Sequence[int]) -> tuple[Action, ...]:
    """What an account books on bars of these days, each on the first bar of its day; what fell on
    the first day of all happened before it."""
    return tuple(sorted(a for k, held in enumerate(series) for a in _actions(k, held, days)))


def _actions(symbol: int, series: Series, days: Sequence[int]) -> Iterator[Action]:
    found: dict[int, tuple[float, float]] = {day: (r, 0.0) for day, r in splits_of(series)}
    if series.dividend is not None:
        for at in np.flatnonzero(series.dividend != 0.0).tolist():
            day = int(series.days[at])
            ratio, paid = found.get(day, (1.0, 0.0))
            found[day] = (ratio, paid + float(series.dividend[at]))
    for day, (ratio, paid) in found.items():
        if days and days[0] < day <= days[-1]:
            yield int(np.searchsorted(days, day)), symbol, ratio, paid
