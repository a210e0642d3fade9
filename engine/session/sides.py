"""The numbers whose comparison makes a limit act, and how much of the way to acting they are
(floor 9).

One measure serves every limit: the share of it that is used. At 1 it acts, at 0 nothing of it is
used, and there is no share (nan) where a number is unknown or the bound is nothing to measure by.
Where several comparisons must all be crossed, it is the least of theirs; where one is enough, the
largest.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.base.frozen import dataclass
from engine.check.typed import Apply, Const, Typed
from engine.session.claims import COMPARISONS, FALSE, TRUE, UNKNOWN, compared

Floats = NDArray[np.float64]

NO_COMPARISON = "its condition compares no numbers"

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


@dataclass(frozen=True)
class Truth:
    """A part of a condition that compares no numbers (`order.is_long`): all or nothing of it is
    used. holds: whether the limit acts when it is true, or when it is false."""

    condition: Typed
    holds: bool

    @property
    def parts(self) -> dict[str, Typed]:
        """What changes from bar to bar, by name."""
        return {} if isinstance(self.condition, Const) else {"truth": self.condition}


@dataclass(frozen=True)
class Joined:
    """A limit that acts when `every` one of several says so, or when any of them does; at least one
    is a comparison."""

    of: tuple["Part", ...]
    every: bool

    @property
    def parts(self) -> dict[str, Typed]:
        """What changes from bar to bar, by name and the place of what it belongs to."""
        return {f"{k}.{n}": v for k, one in enumerate(self.of) for n, v in one.parts.items()}


Measured = Sides | Joined
Part = Measured | Truth


def sides(condition: Typed | None, holds: bool = True) -> Measured | None:
    """What a condition compares, None where it compares no numbers; `for n bars` looks at the same
    numbers. holds: whether it acts when the condition is true, or when it is false."""
    if not isinstance(condition, Apply):
        return None
    match condition.op:
        case "lasting" if holds:
            return sides(condition.args[0])
        case "not":
            return sides(condition.args[0], not holds)
        case "within":
            return _within(condition, holds)
        case "and" | "or" as op:
            return _joined(condition.args, (op == "and") == holds, holds)
        case "between":
            return _joined(_ends(condition), holds, holds)
    found = compared(condition)
    return None if found is None else _oriented(*found, (COMPARISONS[condition.op] > 0) == holds)


def _joined(conditions: Sequence[Typed], every: bool, holds: bool) -> Joined | None:
    found = [sides(c, holds) for c in conditions]
    if all(one is None for one in found):
        return None
    pairs = zip(found, conditions, strict=True)
    return Joined(tuple(one or Truth(c, holds) for one, c in pairs), every)


def _ends(between: Apply) -> tuple[Apply, Apply]:
    """Both comparisons of `x between a to b`."""
    x, low, high = between.args
    frame, kind = between.frame, between.kind
    return Apply("ge", (x, low), (), frame, kind), Apply("le", (x, high), (), frame, kind)


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


def share(found: Measured, told: Mapping[str, Any], bars: int) -> Floats:
    """The share used on each of so many bars, of a condition whose parts are `told`."""
    return _joint(found, told, bars) if isinstance(found, Joined) else _alone(found, told, bars)


def _joint(found: Joined, told: Mapping[str, Any], bars: int) -> Floats:
    """The least of the shares, or the largest; where one is unknown only if the others decide: at
    0% the limit cannot act, at 100% it does."""
    shares = [_part(found, k, told, bars) for k in range(len(found.of))]
    if found.every:
        return reduce(lambda a, b: np.where(np.fmin(a, b) <= 0.0, 0.0, np.minimum(a, b)), shares)
    known = reduce(np.fmax, shares)
    return np.where(known >= 1.0, known, reduce(np.maximum, shares))


def _part(found: Joined, k: int, told: Mapping[str, Any], bars: int) -> Floats:
    one, place = found.of[k], f"{k}."
    mine = {n.removeprefix(place): v for n, v in told.items() if n.startswith(place)}
    if not isinstance(one, Truth):
        return share(one, mine, bars)
    # With others that must hold too, what is true leaves their share as it is.
    full = MOST if found.every else 1.0
    truth = np.broadcast_to(line(one.condition, mine.get("truth")), bars)
    acts = truth == (TRUE if one.holds else FALSE)
    return np.where(truth == UNKNOWN, np.nan, np.where(acts, full, 0.0))


def _alone(found: Sides, told: Mapping[str, Any], bars: int) -> Floats:
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
