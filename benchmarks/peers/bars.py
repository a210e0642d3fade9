"""Bars for the benchmarks: seeded random walks, the same bytes every time.

`single`: one symbol, 1,000,000 bars. `panel`: 500 symbols, 2,520 bars. `rich`: one symbol, 100,000
bars, wilder and with jumps. Prices have four decimals; high and low enclose open and close.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Bars:
    """Prices of many symbols, arrays (symbols, bars)."""

    open: Values
    high: Values
    low: Values
    close: Values

    def first(self, bars: int, symbols: int | None = None) -> "Bars":
        """The first bars of the first symbols."""
        cut = (slice(0, symbols), slice(0, bars))
        return Bars(*(np.ascontiguousarray(v[cut]) for v in self.columns().values()))

    def columns(self) -> dict[str, Values]:
        """By name, as lanes take them."""
        return {"open": self.open, "high": self.high, "low": self.low, "close": self.close}


def walk(seed: int, bars: int, symbols: int, vol: float, jump_p: float, jump_vol: float) -> Bars:
    """Geometric random walks that end where they began, from $100."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0, vol, (bars, symbols))
    if jump_p:
        moves += (rng.random((bars, symbols)) < jump_p) * rng.normal(0.0, jump_vol, moves.shape)
    moves -= moves.mean(axis=0)
    close = 100.0 * np.exp(np.cumsum(moves, axis=0))
    before = np.vstack([np.full((1, symbols), 100.0), close[:-1]])
    first = before * np.exp(rng.normal(0.0, 0.1 * vol, close.shape))
    above = np.exp(np.abs(rng.normal(0.0, 0.5 * vol, close.shape)))
    below = np.exp(-np.abs(rng.normal(0.0, 0.5 * vol, close.shape)))
    high, low = np.maximum(first, close) * above, np.minimum(first, close) * below
    return Bars(*(np.ascontiguousarray(np.round(v, 4).T) for v in (first, high, low, close)))


def single() -> Bars:
    return walk(1, 1_000_000, 1, 0.001, 0.0, 0.0)


def panel() -> Bars:
    return walk(2, 2_520, 500, 0.015, 0.0, 0.0)


def rich() -> Bars:
    return walk(3, 100_000, 1, 0.006, 1 / 100, 0.06)
