"""Kernels for bars on which nothing is missing (floor 2): the same bits with less work.

What: past an operator's warm-up, with every value in its reach known, and between the bars on which
running sums are rebuilt, most of a kernel's tests have one outcome. These rows leave them out, and
part the step from bar to bar (`chain`) from what each bar does for itself (`flat`).
Why: a chain waits for the bar before and should do no more than it must; the rest has no order, so
that a compiler does several bars or several lanes at once.
Example:
    >>> sma_flat(sum_chain(4.0, 3, 1.0, 6.0), 3)
    3.0

`run.lanes` certifies the bars; everything else runs the operator's own kernel.
Reference: the operator's own file.
"""

from collections.abc import Callable
from typing import Any

from engine.base.frozen import dataclass
from engine.ops.average import ema_rate, wilder_rate
from engine.ops.numbers import Ring, div, mul_rn
from engine.ops.range import true_range_step
from engine.ops.window import deviation, spread


@dataclass(frozen=True, slots=True)
class Dense:
    """One operator on certified bars.

    chain(*series, *lasts, *consts, [leaving], *carried) -> carried; where `inside` is given instead
    chain(*series, *consts, i, ring, at, mask, *inside) -> (y, *inside), one lane after another.
    flat(*carried, *consts) -> y after a chain, else flat(*series, *lasts, *consts) -> y. Without a
    flat the first carried value is y.
    carries, inside: the state cells that hold these values. lasts: (series, cell) of each series
    whose value of the bar before is read. leaving: the chain takes the value that leaves its
    window, and no value in reach may be so large beside another that its sum must be rebuilt.
    level: it is another value in a window that hardly moves; a window shorter than SHORTEST often
    does not. rough: as flat, cheaper, above zero, and within ROUGH of it: which of two numbers is
    larger may then be said `surely_above`, or must be asked again.
    """

    name: str
    chain: Callable[..., Any] | None = None
    flat: Callable[..., Any] | None = None
    carries: tuple[int, ...] = ()
    lasts: tuple[tuple[int, int], ...] = ()
    inside: tuple[int, ...] = ()
    leaving: bool = False
    level: bool = False
    rough: Callable[..., Any] | None = None

    @property
    def kept(self) -> int:
        """How many values a chain hands to the flat part."""
        return 1 if self.inside else len(self.carries)


SHORTEST = 4
ROUGH = 2.0**-51
"""How far a rough value may lie from the true one, of either, where neither is below SMALLEST."""
SMALLEST = 1e-290
SURELY = 1.0 + 8.0 * ROUGH


def sum_chain(x: float, n: int, leaving: float, s: float) -> float:
    return s + (x - leaving)


def sma_flat(s: float, n: int) -> float:
    return s / n


def sma_rough(s: float, n: int) -> float:
    """Three roundings, of 1/n, the product and the quotient it stands for, are 1.5 * 2**-52."""
    return mul_rn(s, 1.0 / n)


def surely_above(a: float, b: float) -> bool:
    """Whether the true value of a is above that of b, where one is rough, or both are.

    Rough values are above zero. Where both numbers are, the true ones lie within ROUGH of them, and
    a (1 - ROUGH) > b (1 + ROUGH) follows from a > b (1 + 8 ROUGH), its roundings included. Where
    one is exact and not above zero, the sign decides."""
    return a > mul_rn(b, SURELY)


def ema_chain(x: float, n: int, mean: float) -> float:
    return mean + mul_rn(x - mean, ema_rate(n))


def wilder_chain(x: float, n: int, mean: float) -> float:
    return mean + mul_rn(x - mean, wilder_rate(n))


def rsi_chain(x: float, last: float, n: int, gain: float, loss: float) -> tuple[float, float]:
    move = x - last
    up = move if move > 0.0 else 0.0
    return wilder_chain(up, n, gain), wilder_chain(up - move, n, loss)


def rsi_flat(rise: float, fall: float, n: int) -> float:
    return 100.0 * div(rise, rise + fall)


def true_range_flat(high: float, low: float, close: float, last: float) -> float:
    wide, _ = true_range_step(high, low, close, last)
    return wide


def atr_chain(high: float, low: float, close: float, last: float, n: int, mean: float) -> float:
    return wilder_chain(true_range_flat(high, low, close, last), n, mean)


def stdev_chain(
    x: float,
    n: int,
    i: int,
    ring: Ring,
    at: int,
    mask: int,
    ref: float,
    s1: float,
    s2: float,
    top: float,
) -> tuple[float, float, float, float, float]:
    w, ref, s1, s2, top, _ = spread(x, n, i, ring, at, mask, ref, s1, s2, top, 0.0)
    return w, ref, s1, s2, top


def lt_flat(a: float, b: float) -> int:
    return 2 * (a < b)


def gt_flat(a: float, b: float) -> int:
    return 2 * (a > b)


def le_flat(a: float, b: float) -> int:
    return 2 * (a <= b)


def ge_flat(a: float, b: float) -> int:
    return 2 * (a >= b)


def cross_above_flat(a: float, b: float, last_a: float, last_b: float) -> int:
    return 2 * ((last_a <= last_b) & (a > b))


def cross_below_flat(a: float, b: float, last_a: float, last_b: float) -> int:
    return 2 * ((last_a >= last_b) & (a < b))


DENSE: tuple[Dense, ...] = (
    Dense("sum", sum_chain, carries=(0,), leaving=True),
    Dense("sma", sum_chain, sma_flat, carries=(0,), leaving=True, level=True, rough=sma_rough),
    Dense("ema", ema_chain, carries=(0,)),
    Dense("wilder", wilder_chain, carries=(0,)),
    Dense("rsi", rsi_chain, rsi_flat, carries=(1, 2), lasts=((0, 0),)),
    Dense("atr", atr_chain, carries=(1,), lasts=((2, 0),)),
    Dense("stdev", stdev_chain, deviation, inside=(0, 1, 2, 3)),
    Dense("true_range", flat=true_range_flat, lasts=((2, 0),)),
    Dense("lt", flat=lt_flat),
    Dense("gt", flat=gt_flat),
    Dense("le", flat=le_flat),
    Dense("ge", flat=ge_flat),
    Dense("cross_above", flat=cross_above_flat, lasts=((0, 0), (1, 1))),
    Dense("cross_below", flat=cross_below_flat, lasts=((0, 0), (1, 1))),
)
DENSE_BY_NAME = {row.name: row for row in DENSE}

COMPARED = frozenset(("lt", "gt", "le", "ge", "cross_above", "cross_below"))
"""Conditions that keep nothing of two numbers but which is larger."""

NEVER_NA = frozenset(
    (
        *("add", "sub", "neg", "abs", "min", "max", "sum", "sma", "stdev", "ema", "wilder"),
        *("true_range", "atr", "back", "highest", "lowest"),
    )
)
"""Numbers that are known past their warm-up wherever their arguments are."""

STRAIGHT = frozenset(
    (
        *("add", "sub", "mul", "div", "neg", "abs", "min", "max", "lt", "gt", "le", "ge", "eq"),
        *("ne", "and", "or", "not", "if", "if_truth"),
    )
)
"""Operators whose own kernels have no branch and look back at nothing."""


# Truth values in rows of floats, without a conversion that would be done one by one.


def truth_held(v: int) -> float:
    """A truth value as it is held in a row."""
    return 2.0 if v == 2 else (1.0 if v == 1 else 0.0)


def truth_read(v: float) -> int:
    """A truth value as it comes out of a row."""
    return (v > 0.5) + (v > 1.5)


def are_set(word: int, count: int) -> bool:
    """Whether the lowest bits of a word, so many, are all set; the higher ones are not, or all are
    as a sign has it."""
    return ((word & (word + 1)) == 0) & (((word >> (count - 1)) & 1) == 1)
