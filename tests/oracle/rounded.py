"""Numbers that know how far another order of the same arithmetic may end from them.

The judge does the sums of the spec in its own order, the engine in its own: two floats that may
differ in the last digits. A number here is a float and a bound on that difference, 0 where every
step was exact. A comparison is decided only where the bounds leave no doubt.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import product
from typing import NamedTuple

SLIP = 2.0**-49
"""A few roundings of one step, relative to its result."""

Could = frozenset[bool | None]
"""What a condition may come out as; None is unknown. More than one: too close to call."""
TRUE: Could = frozenset({True})
FALSE: Could = frozenset({False})
UNKNOWN: Could = frozenset({None})
EITHER: Could = TRUE | FALSE


class TooClose(Exception):
    """A step that only a comparison too close to call could decide."""


class Num(NamedTuple):
    """A float, and how far the engine's may be from it."""

    value: float
    off: float = 0.0

    def __add__(self, other: "Num") -> "Num":  # type: ignore[override]
        a, b = self.value, other.value
        value = a + b
        if self.off == other.off == 0.0:
            part = value - a
            return _made(value, (a - (value - part)) + (b - part) == 0.0)
        return _widened(value, self.off + other.off)

    def __neg__(self) -> "Num":
        return Num(-self.value, self.off)

    def __sub__(self, other: "Num") -> "Num":
        return self + -other

    def __mul__(self, other: "Num") -> "Num":  # type: ignore[override]
        value = self.value * other.value
        if self.off == other.off == 0.0:
            return _made(value, _is_product(value, self.value, other.value))
        off = abs(self.value) * other.off + abs(other.value) * self.off + self.off * other.off
        return _widened(value, off)

    def __abs__(self) -> "Num":
        return Num(abs(self.value), self.off)


def divide(a: Num, b: Num) -> Num | None:
    """a / b; None, na, by zero."""
    if b.value == 0.0 and b.off == 0.0:
        return None
    if abs(b.value) <= 2.0 * b.off:
        raise TooClose
    value = a.value / b.value
    if a.off == b.off == 0.0:
        return _made(value, _is_product(a.value, value, b.value))
    return _widened(value, (a.off + abs(value) * b.off) / (abs(b.value) - b.off))


def exactly(amount: Decimal) -> Num:
    """An exact decimal as the engine would hold it."""
    value = float(amount)
    return Num(value, 0.0 if Decimal(value) == amount else abs(value) * SLIP)


def total(numbers: Iterable[Num]) -> Num:
    """Their sum."""
    made = Num(0.0)
    for number in numbers:
        made = made + number
    return made


def largest(numbers: Iterable[Num]) -> Num:
    """The largest of them."""
    found = list(numbers)
    return Num(max(n.value for n in found), max(n.off for n in found))


def _is_product(c: float, a: float, b: float) -> bool:
    """Whether c is a times b without any rounding."""
    if c == 0.0:
        return a == 0.0 or b == 0.0
    (an, ad), (bn, bd), (cn, cd) = (x.as_integer_ratio() for x in (a, b, c))
    return an * bn * cd == cn * ad * bd


def _made(value: float, is_exact: bool) -> Num:
    return Num(value) if is_exact else _widened(value, 0.0)


def _widened(value: float, off: float) -> Num:
    return Num(value, off + abs(value) * SLIP)


# ---------------------------------------------------------------- truth


def above(a: Num | None, b: Num | None) -> Could:
    """Whether a > b."""
    if a is None or b is None:
        return UNKNOWN
    if abs(a.value - b.value) <= a.off + b.off and a.off + b.off:
        return EITHER
    return TRUE if a.value > b.value else FALSE


def same(a: Num | None, b: Num | None) -> Could:
    """Whether a == b."""
    if a is None or b is None:
        return UNKNOWN
    if abs(a.value - b.value) <= a.off + b.off and a.off + b.off:
        return EITHER
    return TRUE if a.value == b.value else FALSE


def opposite(a: Could) -> Could:
    """Not a; the opposite of unknown is unknown."""
    return frozenset(None if x is None else not x for x in a)


def all_of(items: Iterable[Could]) -> Could:
    """And: false as soon as one is false, else unknown as soon as one is."""
    return frozenset(map(_and, product(*items)))


def any_of(items: Iterable[Could]) -> Could:
    """Or: true as soon as one is true, else unknown as soon as one is."""
    return opposite(all_of(map(opposite, items)))


def _and(items: tuple[bool | None, ...]) -> bool | None:
    if False in items:
        return False
    return None if None in items else True
