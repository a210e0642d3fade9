"""Returns and drawdowns of equity lines (floor 9): the few sums that every report repeats."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.records.desk import Tape
from engine.session.inputs import Bars

Floats = NDArray[np.float64]


def at_sessions(line: Sequence[float] | Floats, tape: Tape) -> Sequence[float] | Floats:
    """The values of a line at the last bar of each session; of daily bars, all of them."""
    if not tape.sessions or not len(line):
        return line
    numbers = np.asarray(tape.sessions[: len(line)])
    last: Floats = np.asarray(line, dtype=np.float64)[np.append(np.diff(numbers) > 0, True)]
    return last


def total_return(line: Sequence[float] | Floats, start: float) -> float:
    """Last value over `start`, minus one; 0 for an empty line."""
    return float(line[-1]) / start - 1.0 if len(line) else 0.0


def max_drawdown(line: Sequence[float] | Floats, start: float) -> float:
    """The deepest fall from a running peak, as a negative ratio; the peak begins at `start`."""
    if not len(line):
        return 0.0
    values = np.asarray(line, dtype=np.float64)
    peaks = np.maximum(np.maximum.accumulate(values), start)
    return float(min(0.0, np.min(values / peaks - 1.0)))


def drawdown_line(line: Sequence[float] | Floats, start: float) -> Floats:
    """Per bar, the fall from the running peak as a positive ratio."""
    values = np.asarray(line, dtype=np.float64)
    return 1.0 - values / np.maximum(np.maximum.accumulate(values), start)


def hold_line(bars: Sequence[Bars], start: int) -> Floats:
    """Buy-and-hold: the equally weighted price path from each symbol's first close in the window.

    Fractional and without costs; a symbol without a bar keeps its last price, and one that
    begins late counts from its own first close. 1.0 at the start.
    """
    paths = [path for b in bars if (path := _path(b.close[start:])) is not None]
    if not paths:
        return np.empty(0)
    total: Floats = np.mean(np.vstack(paths), axis=0)
    return total


def _path(close: Floats) -> Floats | None:
    known = np.flatnonzero(~np.isnan(close))
    if not len(known):
        return None
    held = np.maximum.accumulate(np.where(np.isnan(close), 0, np.arange(len(close))))
    path: Floats = close[held] / close[known[0]]
    path[: known[0]] = 1.0
    return path


def plain(value: float | None) -> float | None:
    """A number for JSON: None for what is not finite."""
    return None if value is None or not math.isfinite(value) else float(value)
