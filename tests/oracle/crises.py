"""What past crises would do to the symbols of a run, from docs/spec.md section 7: the shipped table
where it has the symbol, else its beta times what the market did."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from math import isnan

from engine.base.resources import data_dir

from .averages import Unread
from .rounded import Num, TooClose
from .tails import slope

MARKET = "SP500"
YEAR = 250
"""Sessions before the run whose returns a beta is measured over."""
FEWEST = 60
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Shock:
    """One row of the shipped table. ended: the day its crisis was over."""

    bars: int
    ended: int
    moves: Mapping[str, float]


@cache
def shocks() -> tuple[Shock, ...]:
    rows = json.loads((data_dir() / "shocks.json").read_text())["shocks"]
    return tuple(
        Shock(r["bars"], (date.fromisoformat(r["ended"]) - EPOCH).days, r["moves"]) for r in rows
    )


@dataclass(frozen=True)
class Past:
    """What was known when a run began. closes: of each symbol and of the market, by day; sessions:
    those before the run, the last ones last; shipped: symbols whose data are the shipped ones.
    is_market: every symbol moves as the market does, as in a test of limits."""

    closes: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    sessions: Sequence[int] = ()
    shipped: frozenset[str] = frozenset()
    is_market: bool = False
    _betas: dict[str, Num | None] = field(default_factory=dict)

    def move(self, shock: Shock, symbol: str) -> Num | None:
        """What a symbol would do in a shock."""
        if self.is_market:
            return Num(shock.moves[MARKET])
        if symbol in self.shipped and symbol in shock.moves:
            return Num(shock.moves[symbol])
        beta = self.beta(symbol)
        return None if beta is None else beta * Num(shock.moves[MARKET])

    def beta(self, symbol: str) -> Num | None:
        if symbol not in self._betas:
            self._betas[symbol] = self._measured(symbol)
        return self._betas[symbol]

    def _measured(self, symbol: str) -> Num | None:
        """Of daily returns over the year before, where both are known; too few: unknown."""
        mine, market = (_returns(self.closes[s], self.sessions[-YEAR - 1 :])
                        for s in (symbol, MARKET))  # fmt: skip
        both = [(x, m) for x, m in zip(mine, market, strict=True) if not isnan(x + m)]
        if len(both) < FEWEST:
            return None
        return slope([Num(x) for x, _ in both], [Num(m) for _, m in both])


def _returns(closes: Mapping[int, float], sessions: Sequence[int]) -> list[float]:
    values = [closes.get(day, float("nan")) for day in sessions]
    return [b / a - 1.0 for a, b in pairwise(values)]


def loss(past: Past | None, held: Mapping[str, Num], bars: int, today: int) -> Num | None:
    """The largest loss of holdings (money, by symbol) in any crisis that was over by then."""
    if past is None:
        raise Unread("stress losses without a past")
    worst: Num | None = None
    for shock in shocks():
        if shock.bars != bars or shock.ended >= today:
            continue
        lost = Num(0.0)
        for symbol, value in held.items():
            if not value.value:
                if value.off:
                    raise TooClose
                continue
            moved = past.move(shock, symbol)
            if moved is None:
                return None
            lost = lost - value * moved
        worst = _worse(worst or Num(0.0), lost)
    return worst


def _worse(a: Num, b: Num) -> Num:
    return Num(max(a.value, b.value), max(a.off, b.off))
