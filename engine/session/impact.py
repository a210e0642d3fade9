"""How far one share would move a symbol's price on each bar (floor 9), for fills.cost.impact.

Coefficient x volatility / root of volume, both over the 20 bars before, so an order sees neither
its own bar nor a later one. Volatility is the standard deviation of log returns a bar, volume the
mean of the known ones, of which half at least must be known.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.records.series import Series

Floats = NDArray[np.float64]

WINDOW = 20
"""Bars over which volatility and volume are taken."""


def impact_of_a_share(series: Series, days: Sequence[int], coefficient: float) -> list[float]:
    """One value per day, nan where the symbol has no bar or too little is known before it."""
    moves = coefficient * _volatility(series.close) / np.sqrt(_volume(series.volume))
    wanted = np.asarray(days)
    if not len(series):
        return [float("nan")] * len(wanted)
    at = np.minimum(series.days.searchsorted(wanted), len(series) - 1)
    found: list[float] = np.where(series.days[at] == wanted, moves[at], np.nan).tolist()
    return found


def _volatility(close: Floats) -> Floats:
    """Per bar, the standard deviation of the log returns of the bars before it."""
    known = np.where(close > 0.0, close, np.nan)
    returns = np.concatenate([np.full(min(1, len(close)), np.nan), np.diff(np.log(known))])
    return _before(returns, lambda rows: rows.std(axis=1))


def _volume(volume: Floats) -> Floats:
    """Per bar, the mean of the known volumes of the bars before it; nan when it is not above 0."""
    known = ~np.isnan(volume)
    count = _before(known.astype(np.float64), lambda rows: rows.sum(axis=1))
    total = _before(np.where(known, volume, 0.0), lambda rows: rows.sum(axis=1))
    enough = count >= WINDOW / 2
    mean = np.where(enough, total, np.nan) / np.where(enough, count, 1.0)
    return np.where(mean > 0.0, mean, np.nan)


def _before(values: Floats, fold: Callable[[Floats], Floats]) -> Floats:
    """A fold over the WINDOW values before each one, nan where there are fewer."""
    found = np.full(len(values), np.nan)
    if len(values) > WINDOW:
        rows = np.lib.stride_tricks.sliding_window_view(values[:-1], WINDOW)
        found[WINDOW:] = fold(rows)
    return found
