"""Windows and averages over a symbol's bars, each worked out anew from all the bars it needs."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import sqrt
from statistics import pstdev

from .rounded import SLIP, Num, divide, largest, total

Column = Callable[[str, int], Num | None]
"""A column of the symbol so many of its own bars ago."""


class Unread(Exception):
    """An expression that this oracle does not read."""


def mean_of_known(values: list[Num | None], is_long: bool = False) -> Num | None:
    """Rule 20: the mean of the known volumes; na when fewer than half are known."""
    known = [v for v in values if v is not None]
    if 2 * len(known) < len(values):
        return None
    return divide(_carried(known, is_long), Num(float(len(known))))


def _carried(values: list[Num], is_long: bool) -> Num:
    """A sum that is carried from bar to bar, which rounds more often than adding it up: only
    numbers that are short in binary leave no doubt, where all before them were (not is_long)."""
    added = total(values)
    is_short = not is_long and all(
        v.off == 0.0 and v.value * SHORT == int(v.value * SHORT) for v in values
    )
    return added if is_short else Num(added.value, 64 * (added.off + abs(added.value) * SLIP))


SHORT = 1024.0
"""Multiples of its inverse add up without rounding."""


def window(name: str, values: list[Num | None], is_long: bool = False) -> Num | None:
    """na inside a window makes the window na."""
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    if name == "highest":
        return largest(known)
    if name == "lowest":
        return -largest(-v for v in known)
    added = _carried(known, is_long)
    return added if name == "sum" else divide(added, Num(float(len(values))))


def changed(name: str, now: Num | None, was: Num | None) -> Num | None:
    """How far a value moved: in its own unit, or as a share of what it was."""
    if now is None or was is None:
        return None
    return now - was if name == "change" else divide(now - was, was)


def true_range(column: Column, back: int) -> Num | None:
    """The range of a bar, from the close before it where that lies outside."""
    high, low, before = column("high", back), column("low", back), column("close", back + 1)
    if high is None or low is None or before is None:
        return None
    return largest([high - low, abs(high - before), abs(low - before)])


def deviation(values: list[Num | None]) -> Num | None:
    """The deviation of all values, of the population; na inside makes it na."""
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    size, off = max(abs(v.value) for v in known), max(v.off for v in known)
    found = pstdev([Fraction(v.value) for v in known])
    return Num(float(found), 2.0 * off + LOOSE * (float(found) + size * LOOSE))


LOOSE = 1e-9
"""How far two ways to a deviation may be apart, relative to it."""


def root(x: Num) -> Num | None:
    """The square root; na below zero."""
    if x.value < 0.0:
        return None
    value = sqrt(x.value)
    return Num(value, value * SLIP + (x.off / value if value else sqrt(x.off)))


class Running:
    """An average that never forgets, begun with the mean of the first n known values: then each
    value weighs `part` of n + `part` - 1. A bar without a value is na and changes nothing."""

    def __init__(self, n: int, part: int = 1) -> None:
        self.n = n
        self.part = part
        self.first: list[Num] = []
        self.mean: Num | None = None
        self.values: list[Num | None] = []

    def push(self, x: Num | None) -> None:
        """The next bar."""
        if x is None:
            self.values.append(None)
            return
        if self.mean is not None:
            rest = Num(float(self.n - 1))
            whole = Num(float(self.n - 1 + self.part))
            self.mean = divide(self.mean * rest + x * Num(float(self.part)), whole)
        else:
            self.first.append(x)
            if len(self.first) == self.n:
                self.mean = divide(total(self.first), Num(float(self.n)))
        self.values.append(None if self.mean is None else _wider(self.mean))


class Strength(Running):
    """Of 100, how much of what moved moved up: Wilder's averages of rises and of falls."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.rises, self.falls = Running(n), Running(n)
        self.last: Num | None = None

    def push(self, x: Num | None) -> None:
        move = None if x is None or self.last is None else x - self.last
        self.last = x
        self.rises.push(None if move is None else Num(max(move.value, 0.0), move.off))
        self.falls.push(None if move is None else Num(max(-move.value, 0.0), move.off))
        up, down = self.rises.values[-1], self.falls.values[-1]
        found = None if up is None or down is None else divide(up, up + down)
        self.values.append(None if found is None else _wider(found * Num(100.0)))


AVERAGES: Mapping[str, Callable[[int], Running]] = {
    "ema": lambda n: Running(n, 2),
    "wilder": Running,
    "atr": Running,
    "rsi": Strength,
}


def _wider(n: Num) -> Num:
    """The same sum in another order, many times over."""
    return Num(n.value, 64.0 * (n.off + abs(n.value) * SLIP))
