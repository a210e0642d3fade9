"""Value at risk, shortfall, symbols that move together and betas, from docs/spec.md section 7:
holdings put through each of the last bars' returns."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from math import fsum, sqrt
from statistics import NormalDist

from engine.records.desk import Desk

from .rounded import Num, TooClose, divide, largest, total

ROOT = 1e-9
"""How far two ways to a deviation or a correlation may be apart, relative to it."""
FLAT = 1e-9
"""A deviation below which nobody can say whether a symbol moved at all."""


class Returns:
    """The returns of every symbol on the clock, those before the run too."""

    def __init__(self, desk: Desk) -> None:
        before = desk.before or [()] * len(desk.instruments)
        self.lead = len(before[0]) if desk.before else 0
        self.closes = [
            _carried([*early, *own]) for early, own in zip(before, desk.tape.close, strict=True)
        ]
        for bar, symbol, ratio, _ in desk.tape.actions:
            row = self.closes[symbol]
            for k in range(bar + self.lead):
                row[k] = None if (close := row[k]) is None else close / ratio
        self.benchmarks = {name: _carried(values) for name, values in desk.benchmarks}
        self.found: dict[tuple[int | str, int], Num | None] = {}

    def last(self, symbol: int, t: int, bars: int) -> list[Num] | None:
        """The returns of the last bars, the newest first; None where history is too short."""
        return self._of(symbol, self.closes[symbol], t, bars)

    def benchmark(self, name: str, t: int, bars: int) -> list[Num] | None:
        """The same of a symbol that need not trade."""
        return self._of(name, self.benchmarks[name], t, bars)

    def _of(
        self, name: int | str, closes: Sequence[float | None], t: int, bars: int
    ) -> list[Num] | None:
        at = t + self.lead
        for k in range(at - bars + 1, at + 1):
            if (name, k) not in self.found:
                self.found[name, k] = _return(closes, k)
        found = [self.found[name, at - k] for k in range(bars)]
        known = [r for r in found if r is not None]
        return known if len(known) == bars else None


def _carried(closes: Iterable[float]) -> list[float | None]:
    """Each close until the next: a symbol without a bar did not move."""
    found: list[float | None] = []
    for close in closes:
        found.append(close if close == close else found[-1] if found else None)
    return found


def _return(closes: Sequence[float | None], at: int) -> Num | None:
    before, now = (closes[k] if k >= 0 else None for k in (at - 1, at))
    if before is None or now is None:
        return None
    ratio = divide(Num(now), Num(before))
    return None if ratio is None else ratio - Num(1.0)


def gains(returns: Returns, held: Mapping[int, Num], t: int, bars: int) -> list[Num] | None:
    """What the holdings (money, by symbol) would have gained on each of the last bars."""
    moved = {s: returns.last(s, t, bars) for s, value in held.items() if value.value}
    if None in moved.values():
        return None
    rows = [[held[s] * r[k] for s, r in moved.items() if r] for k in range(bars)]
    return [total(row) for row in rows]


def tail(name: str, level: Decimal, found: list[Num]) -> Num:
    """The loss that only the worst bars passed, the mean of those, or that of a normal loss."""
    if name == "parametric_var":
        return _normal(level, found)
    exact = (1 - level) * len(found)
    count = max(1, int(exact.to_integral_value(ROUND_CEILING)))
    losses = sorted((-g for g in found), key=lambda n: -n.value)[:count]
    off = max(g.off for g in found)
    loss = losses[-1] if name == "value_at_risk" else divide(total(losses), Num(float(count)))
    assert loss is not None
    wide = Num(loss.value, loss.off + off)
    return largest([wide, Num(0.0)])


def _normal(level: Decimal, found: list[Num]) -> Num:
    values = [g.value for g in found]
    mean = fsum(values) / len(values)
    deviation = sqrt(fsum((v - mean) ** 2 for v in values) / len(values))
    loss = NormalDist().inv_cdf(float(level)) * deviation
    size = max(map(abs, values), default=0.0)
    return Num(loss, abs(loss) * ROOT + size * ROOT + 4.0 * max(g.off for g in found))


def together(a: list[Num], b: list[Num]) -> Num | None:
    """The correlation of two rows of returns; None where either did not move."""
    (x, xx), (y, yy) = (_spread(row) for row in (a, b))
    if not xx or not yy:
        return None
    if min(xx, yy) < FLAT:
        raise TooClose
    return Num(fsum(p * q for p, q in zip(x, y, strict=True)) / (xx * yy), ROOT)


def slope(x: list[Num], m: list[Num]) -> Num | None:
    """How far x moved for each move of m, by least squares; None where m did not move."""
    (a, aa), (b, bb) = (_spread(row) for row in (x, m))
    if not bb:
        return None
    if bb < FLAT:
        raise TooClose
    together = fsum(p * q for p, q in zip(a, b, strict=True))
    return Num(together / (bb * bb), ROOT * max(aa, FLAT) / bb)


def _spread(row: list[Num]) -> tuple[list[float], float]:
    values = [r.value for r in row]
    mean = fsum(values) / len(values)
    apart = [v - mean for v in values]
    if len(set(values)) == 1:
        return apart, 0.0
    return apart, sqrt(fsum(v * v for v in apart))
