"""Risk and reward ratios of an equity line (floor 9), from its daily simple returns.

Conventions: the first return is measured from the start equity; a year has 252 sessions; standard
deviations are of a sample (ddof 1); the risk-free rate is 0. Downside deviation is the root mean
square of min(r, 0) over all returns. What is not defined is None, never 0: everything with fewer
than two returns, and a quotient whose divisor is 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.session.figures import Floats, max_drawdown

YEAR = 252
"""Sessions a year."""

TAIL = 0.05
"""The share of the worst returns that value at risk and expected shortfall look at."""

NOISE = 1e-15
"""A return is a quotient of two floats minus one: a deviation below this is rounding, so none."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Per year: volatility, annual_return. Over a day: var_95 and es_95, negative for a loss."""

    volatility: float | None = None
    sharpe: float | None = None
    sortino: float | None = None
    calmar: float | None = None
    var_95: float | None = None
    es_95: float | None = None
    annual_return: float | None = None


def returns_of(line: Sequence[float] | Floats, start: float) -> Floats:
    """Simple returns from value to value, the first from `start`."""
    values = np.asarray(line, dtype=np.float64)
    before = np.concatenate([[start], values[:-1]]) if len(values) else values
    made: Floats = values / before - 1.0
    return made


def ratios(line: Sequence[float] | Floats, start: float) -> Ratios:
    """Every ratio of an equity line; all None with fewer than two values."""
    found = returns_of(line, start)
    if len(found) < 2:
        return Ratios()
    yearly = annual_return(line, start)
    tail = quantile(found, TAIL)
    return Ratios(
        volatility=volatility(found),
        sharpe=sharpe(found),
        sortino=sortino(found),
        calmar=_quotient(yearly, abs(max_drawdown(line, start))),
        var_95=tail,
        es_95=float(found[found <= tail].mean()),
        annual_return=yearly,
    )


def annual_return(line: Sequence[float] | Floats, start: float) -> float | None:
    """The compound growth a year; None for a line that ends below 0, which no rate leads to."""
    growth = float(line[-1]) / start
    return math.pow(growth, YEAR / len(line)) - 1.0 if growth >= 0 else None


def quantile(found: Floats, share: float) -> float:
    """The value below which so large a share lies: linear between neighbours, as numpy's."""
    values, place = np.sort(found), share * (len(found) - 1)
    k = int(place)
    above = values[min(k + 1, len(values) - 1)]
    return float(values[k] + (above - values[k]) * (place - k))


def volatility(found: Floats) -> float:
    """The standard deviation of daily returns, a year."""
    return float(found.std(ddof=1)) * math.sqrt(YEAR)


def sharpe(found: Floats) -> float | None:
    """Mean daily return over its standard deviation, a year."""
    each = _quotient(float(found.mean()), float(found.std(ddof=1)))
    return None if each is None else each * math.sqrt(YEAR)


def sortino(found: Floats) -> float | None:
    """Mean daily return over its downside deviation, a year."""
    down = float(np.sqrt(np.mean(np.minimum(found, 0.0) ** 2)))
    each = _quotient(float(found.mean()), down)
    return None if each is None else each * math.sqrt(YEAR)


def _quotient(value: float | None, by: float) -> float | None:
    return None if value is None or by <= NOISE else value / by
