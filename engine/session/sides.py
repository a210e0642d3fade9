"""The two numbers whose comparison makes a limit act, and how much of the way to acting they are
(floor 9).

One measure serves every limit: the share of it that is used. At 1 it acts, at 0 nothing of it is
used, and there is no share (nan) where a number is unknown or the bound is nothing to measure by.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.base.frozen import dataclass
from engine.check.typed import Apply, Const, Typed
from engine.session.claims import COMPARISONS, compared

Floats = NDArray[np.float64]

NO_COMPARISON = "its condition is no single comparison of two numbers"

MOST = 10.0
"""Shares beyond 1,000% are told as that: nothing is left of a cap, or of what a floor protects."""


@dataclass(frozen=True)
class Sides:
    """A limit acts when `value` goes beyond `bound`: above it when `rises`, else below it.

    base: what a falling bound is a share of (`85% of peak(equity)`), where the text says so.
    """

    value: Typed
    bound: Typed
    rises: bool
    base: Typed | None = None

    @property
    def parts(self) -> dict[str, Typed]:
        """What changes from bar to bar, by name."""
        found = {"value": self.value, "bound": self.bound, "base": self.base}
        return {k: v for k, v in found.items() if v is not None and not isinstance(v, Const)}


def sides(condition: Typed | None, holds: bool = True) -> Sides | None:
    """What a condition compares, None where it is no single comparison; `for n bars` looks at the
    same numbers. holds: whether it acts when the condition is true, or when it is false."""
    if not isinstance(condition, Apply):
        return None
    if condition.op == "lasting" and holds:
        return sides(condition.args[0])
    if condition.op == "not":
        return sides(condition.args[0], not holds)
    if condition.op == "within":
        return _within(condition, holds)
    found = compared(condition)
    return None if found is None else _oriented(*found, (COMPARISONS[condition.op] > 0) == holds)


def _within(condition: Apply, holds: bool) -> Sides:
    """`x within 10% of y` compares the distance of x from y with 10% of y."""
    x, tolerance, centre = condition.args
    frame, kind = condition.frame, x.kind
    away = Apply("sub", (x, centre), (), frame, kind)
    size = Apply("abs", (centre,), (), frame, kind)
    bound = Apply("mul", (tolerance, size), (), frame, kind)
    return Sides(Apply("abs", (away,), (), frame, kind), bound, not holds)


def _oriented(left: Typed, right: Typed, rises: bool) -> Sides:
    if isinstance(left, Const) and not isinstance(right, Const):
        left, right, rises = right, left, not rises
    return Sides(left, right, rises, None if rises else _base(right))


def _base(bound: Typed) -> Typed | None:
    """What a bound is a share of: `peak(equity)` in `85% of peak(equity)`."""
    if not isinstance(bound, Apply) or bound.op != "mul":
        return None
    for share, base in (bound.args, bound.args[::-1]):
        if isinstance(share, Const) and 0.0 < share.value < 1.0 and not isinstance(base, Const):
            return base
    return None


# ---------------------------------------------------------------- the share


def share(found: Sides, told: dict[str, Any], bars: int) -> Floats:
    """The share used on each of so many bars, of a comparison whose parts are `told`."""
    value, bound = line(found.value, told.get("value")), line(found.bound, told.get("bound"))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if found.rises:
            used = np.where(bound > 0.0, value / bound, np.nan)
        else:
            gone = _gone(value, bound, told.get("base"))
            used = np.where(bound < 0.0, value / bound, np.where(bound > 0.0, gone, np.nan))
    return kept(np.broadcast_to(used, bars))


def _gone(value: Floats, bound: Floats, base: Any) -> Floats:
    """How far a value has fallen to a floor: from its base, else as what the floor is of it."""
    if base is not None:
        rest = np.asarray(base, dtype=np.float64)
        gone: Floats = (rest - value) / (rest - bound)
        return gone
    return np.where(value <= 0.0, MOST, bound / value)


def of_cap(asked: Floats, cap: Floats) -> Floats:
    """The share that an order uses of the most that a limit leaves of it."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return kept(np.where(cap <= 0.0, MOST, asked / cap))


def kept(used: Floats) -> Floats:
    """Shares from 0 to MOST; a gain uses nothing of a limit on losses."""
    return np.minimum(np.maximum(used, 0.0), MOST) + 0.0


def line(part: Typed, told: Any) -> Floats:
    """One side of a comparison: a number of the text, or what was told of it."""
    values = part.value if isinstance(part, Const) else told
    return np.asarray(values, dtype=np.float64)
