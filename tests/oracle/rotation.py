"""What a portfolio rule orders and what comes of it, in exact decimals, from closes alone.

Written from docs/spec.md, section 5, not from the engine: it shares no code with it. Markets are
without costs and open where they closed before: orders fill at the close they were decided on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext
from itertools import pairwise

Closes = dict[str, list[Decimal | None]]
"""Per symbol, the close of each session; None without a bar."""
DIGITS = 60
SLACK = Decimal("1e-9")
"""A share count this close below a whole number is that number: floats cannot tell."""


@dataclass(frozen=True)
class Rule:
    """hold `count` by the return of `bars`; weigh(rule, closes of the held so far) gives shares of
    equity; band None orders at every rebalance; `days` are those on which one is due."""

    count: int
    bars: int
    weigh: "Callable[[Rule, dict[str, list[Decimal]]], dict[str, Decimal | None]]"
    days: frozenset[int]
    band: Decimal | None = None
    least: Decimal | None = None


Fill = tuple[int, str, Decimal, Decimal]


@dataclass
class Account:
    cash: Decimal
    held: dict[str, Decimal]
    last: dict[str, Decimal]

    @property
    def equity(self) -> Decimal:
        return self.cash + sum(q * self.last[s] for s, q in self.held.items() if q)


def trade(rule: Rule, closes: Closes, cash: Decimal) -> tuple[list[Fill], list[Decimal]]:
    """Every fill in order, and equity at each close. Symbols trade in the order of `closes`."""
    with localcontext(prec=DIGITS):
        return _trade(rule, closes, Account(cash, dict.fromkeys(closes, Decimal(0)), {}))


def _trade(rule: Rule, closes: Closes, account: Account) -> tuple[list[Fill], list[Decimal]]:
    fills: list[Fill] = []
    equity: list[Decimal] = []
    waiting: dict[str, Decimal] = {}
    seen: dict[str, list[Decimal]] = {s: [] for s in closes}
    for day in range(len(next(iter(closes.values())))):
        here = [s for s in closes if closes[s][day] is not None]
        for is_sale in (True, False):
            for s in here:
                if s in waiting and (waiting[s] < 0) == is_sale:
                    price = account.last[s]
                    qty = min(waiting.pop(s), _whole(account.cash / price))  # cash is what buys
                    if qty:
                        fills.append((day, s, qty, price))
                    account.cash -= qty * price
                    account.held[s] += qty
        for s in here:
            price = closes[s][day]
            assert price is not None
            seen[s].append(price)
            account.last[s] = price
        equity.append(account.equity)
        if day in rule.days:
            waiting |= _orders(rule, account, {s: seen[s] for s in here})
    return fills, equity


def _orders(rule: Rule, account: Account, seen: dict[str, list[Decimal]]) -> dict[str, Decimal]:
    weights = _weights(rule, seen)
    known = {s: w for s, w in weights.items() if w is not None}
    gaps = [abs(w * account.equity - account.held[s] * seen[s][-1]) for s, w in known.items()]
    if rule.band is not None and not any(g > rule.band * account.equity for g in gaps):
        return {}
    wanted = {s: _whole(w * account.equity / seen[s][-1]) for s, w in known.items()}
    return {s: q - account.held[s] for s, q in wanted.items() if q != account.held[s]}


def _weights(rule: Rule, seen: dict[str, list[Decimal]]) -> dict[str, Decimal | None]:
    """The weight of each symbol with a bar: None where it cannot be ranked."""
    score = {s: p[-1] / p[-1 - rule.bars] - 1 for s, p in seen.items() if len(p) > rule.bars}
    may = [s for s in score if rule.least is None or score[s] > rule.least]
    best = sorted(may, key=lambda s: (-score[s], s))[: rule.count]
    found = rule.weigh(rule, {s: seen[s] for s in best})
    out = dict.fromkeys((s for s in seen if s in score), Decimal(0))
    return {**dict.fromkeys(seen), **out, **{s: found[s] for s in best}}


def _whole(shares: Decimal) -> Decimal:
    return (shares + SLACK).to_integral_value(ROUND_FLOOR)


# ---------------------------------------------------------------- ways to weigh


def equal(_: Rule, held: dict[str, list[Decimal]]) -> dict[str, Decimal | None]:
    return {s: 1 / Decimal(len(held)) for s in held}


def volatility(prices: Sequence[Decimal], bars: int) -> Decimal | None:
    """Population deviation of the last returns; None with too few, or without any."""
    returns = [b / a - 1 for a, b in pairwise(prices)][-bars:]
    if len(returns) < bars:
        return None
    mean = sum(returns) / bars
    return (sum((r - mean) ** 2 for r in returns) / bars).sqrt() or None


def inverse_vol(bars: int) -> Callable[..., dict[str, Decimal | None]]:
    def weigh(_: Rule, held: dict[str, list[Decimal]]) -> dict[str, Decimal | None]:
        found = {s: volatility(p, bars) for s, p in held.items()}
        total = sum((1 / v for v in found.values() if v), Decimal(0))
        return {s: 1 / v / total if v else None for s, v in found.items()}

    return weigh


def vol_target(aim: Decimal, bars: int, cap: Decimal) -> Callable[..., dict[str, Decimal | None]]:
    def weigh(_: Rule, held: dict[str, list[Decimal]]) -> dict[str, Decimal | None]:
        year = Decimal(252).sqrt()
        found = {s: volatility(p, bars) for s, p in held.items()}
        wish = {s: aim / (len(held) * v * year) if v else None for s, v in found.items()}
        total = sum((w for w in wish.values() if w), Decimal(0))
        scale = min(Decimal(1), cap / total) if total else Decimal(1)
        return {s: w * scale if w else None for s, w in wish.items()}

    return weigh
