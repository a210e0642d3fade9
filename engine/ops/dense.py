"""Kernels for bars on which nothing is missing (floor 2): the same bits with less work.

What: past an operator's warm-up, with every value in its reach known, and between the bars on which
running sums are rebuilt, most of a kernel's tests have one outcome. These rows leave them out.
Why: without branches and with fewer tests a compiler steps many lanes at once.
Example:
    >>> sma_dense(4.0, 3, 1.0, 6.0)
    (3.0, 9.0)

`run.lanes` certifies the bars; everything else runs the operator's own kernel. Calling convention:
kernel(*series, *consts, [leaving], *kept state) -> y or (y, *kept state).
Reference: the operator's own file.
"""

from collections.abc import Callable
from typing import Any

from engine.base.frozen import dataclass
from engine.ops.average import ema_rate, wilder_rate
from engine.ops.numbers import div, mul_rn
from engine.ops.range import true_range_step


@dataclass(frozen=True, slots=True)
class Dense:
    """One operator on certified bars.

    keeps: the cells of its state that still change. leaving: it takes the value that leaves its
    window, and no value in reach may be so large beside another that its sum must be rebuilt.
    level: it is another value in a window that hardly moves; a window shorter than SHORTEST often
    does not.
    """

    name: str
    kernel: Callable[..., Any]
    keeps: tuple[int, ...] = ()
    leaving: bool = False
    level: bool = False


SHORTEST = 4


def sum_dense(x: float, n: int, leaving: float, s: float) -> tuple[float, float]:
    s = s + (x - leaving)
    return s, s


def sma_dense(x: float, n: int, leaving: float, s: float) -> tuple[float, float]:
    s = s + (x - leaving)
    return s / n, s


def ema_dense(x: float, n: int, mean: float) -> tuple[float, float]:
    y = mean + mul_rn(x - mean, ema_rate(n))
    return y, y


def wilder_dense(x: float, n: int, mean: float) -> tuple[float, float]:
    y = mean + mul_rn(x - mean, wilder_rate(n))
    return y, y


def rsi_dense(
    x: float, n: int, last: float, gain: float, loss: float
) -> tuple[float, float, float, float]:
    move = x - last
    up = move if move > 0.0 else 0.0
    rise, gain = wilder_dense(up, n, gain)
    fall, loss = wilder_dense(up - move, n, loss)
    return 100.0 * div(rise, rise + fall), x, gain, loss


def atr_dense(
    high: float, low: float, close: float, n: int, last: float, mean: float
) -> tuple[float, float, float]:
    wide, last = true_range_step(high, low, close, last)
    y, mean = wilder_dense(wide, n, mean)
    return y, last, mean


def lt_dense(a: float, b: float) -> int:
    return 2 * (a < b)


def gt_dense(a: float, b: float) -> int:
    return 2 * (a > b)


def le_dense(a: float, b: float) -> int:
    return 2 * (a <= b)


def ge_dense(a: float, b: float) -> int:
    return 2 * (a >= b)


def cross_above_dense(a: float, b: float, last_a: float, last_b: float) -> tuple[int, float, float]:
    return 2 * ((last_a <= last_b) & (a > b)), a, b


def cross_below_dense(a: float, b: float, last_a: float, last_b: float) -> tuple[int, float, float]:
    return 2 * ((last_a >= last_b) & (a < b)), a, b


DENSE: tuple[Dense, ...] = (
    Dense("sum", sum_dense, (0,), leaving=True),
    Dense("sma", sma_dense, (0,), leaving=True, level=True),
    Dense("ema", ema_dense, (0,)),
    Dense("wilder", wilder_dense, (0,)),
    Dense("rsi", rsi_dense, (0, 1, 2)),
    Dense("atr", atr_dense, (0, 1)),
    Dense("lt", lt_dense),
    Dense("gt", gt_dense),
    Dense("le", le_dense),
    Dense("ge", ge_dense),
    Dense("cross_above", cross_above_dense, (0, 1)),
    Dense("cross_below", cross_below_dense, (0, 1)),
)
DENSE_BY_NAME = {row.name: row for row in DENSE}

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
        *("ne", "and", "or", "not", "if", "if_truth", "cross_above", "cross_below", "true_range"),
    )
)
"""Operators whose own kernels have no branch and look back at nothing but their state."""


# Truth values in rows of floats, without a conversion that would be done one by one.


def truth_held(v: int) -> float:
    """A truth value as it is held in a row."""
    return 2.0 if v == 2 else (1.0 if v == 1 else 0.0)


def truth_read(v: float) -> int:
    """A truth value as it comes out of a row."""
    return (v > 0.5) + (v > 1.5)
