"""The last values seen on true bars, asked for levels around a price.

What: x is remembered on each bar where c is true, the latest 16 times. `nearest_above(c, x, y)` is
the smallest of them at or above y, `nearest_below(c, x, y)` the largest at or below it, na when
there is none; `touches(c, x, y, tolerance)` is how many of them lie within that share of y. All
are na on a bar whose condition is unknown; an x that is na is not remembered.
Why: support and resistance from confirmed pivots, and how often a level was met, in a state that
cannot grow. Older ones are forgotten: 16 pivots cover a year or so.
Example:
    >>> nearest_above_series([2, 2, 0], [5.0, 4.0, 1.0], [1.0, 4.5, 3.0]).tolist()
    [5.0, 5.0, 4.0]

Reference: Edwards and Magee, Technical Analysis of Stock Trends (1948), support and resistance.
"""

from math import nan

from engine.base.frozen import replace
from engine.ops.numbers import NA, Ring, mul_rn
from engine.ops.spec import TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values

KEPT = 16
SETTLED = 20 * KEPT
"""How much history a replay reads for them: one value in 20 bars, as pivots of five bars on both
sides come. An estimate, for only the data can tell how often c is true."""


def remember(c: int, x: float, own: Ring, base: int, seen: float) -> float:
    """Keeps x on a true bar, in place of the oldest; how many were seen so far."""
    if (c == TRUE) & (x == x):
        own[base + int(seen) % KEPT] = x
        return seen + 1.0
    return seen


def held_count(seen: float) -> int:
    return KEPT if seen > KEPT else int(seen)


def nearest_above_step(
    c: int, x: float, y: float, scratch: Ring, base: int, seen: float
) -> tuple[float, float]:
    seen = remember(c, x, scratch, base, seen)
    best = NA
    for k in range(held_count(seen)):
        level = scratch[base + k]
        best = level if (level >= y) & ((level < best) | (best != best)) else best
    return (NA if c == UNKNOWN else best), seen


def nearest_below_step(
    c: int, x: float, y: float, scratch: Ring, base: int, seen: float
) -> tuple[float, float]:
    seen = remember(c, x, scratch, base, seen)
    best = NA
    for k in range(held_count(seen)):
        level = scratch[base + k]
        best = level if (level <= y) & ((level > best) | (best != best)) else best
    return (NA if c == UNKNOWN else best), seen


def touches_step(
    c: int, x: float, y: float, tolerance: float, scratch: Ring, base: int, seen: float
) -> tuple[float, float]:
    seen = remember(c, x, scratch, base, seen)
    near = mul_rn(tolerance, abs(y))
    hits = 0.0
    for k in range(held_count(seen)):
        hits = hits + (abs(scratch[base + k] - y) <= near)
    return (NA if (c == UNKNOWN) | (near != near) else hits), seen


def kept(c: Values, x: Values) -> list[list[float]]:
    """What is remembered on each bar."""
    pairs = list(zip(c, x, strict=True))
    held = []
    for t in range(len(pairs)):
        values = [float(v) for truth, v in pairs[: t + 1] if truth == TRUE and v == v]
        held.append(values[-KEPT:])
    return held


def nearest_above_series(c: Values, x: Values, y: Values) -> Values:
    import numpy as np

    best = [min((v for v in held if v >= at), default=nan) for held, at in _with(kept(c, x), y)]
    return np.where(np.asarray(c) == UNKNOWN, nan, best)


def nearest_below_series(c: Values, x: Values, y: Values) -> Values:
    import numpy as np

    best = [max((v for v in held if v <= at), default=nan) for held, at in _with(kept(c, x), y)]
    return np.where(np.asarray(c) == UNKNOWN, nan, best)


def touches_series(c: Values, x: Values, y: Values, tolerance: Values) -> Values:
    import numpy as np

    near = np.asarray(tolerance) * np.abs(y)
    pairs = zip(_with(kept(c, x), y), near, strict=True)
    hits = [float(sum(abs(v - at) <= w for v in held)) for (held, at), w in pairs]
    return np.where((np.asarray(c) == UNKNOWN) | np.isnan(near), nan, hits)


def _with(held: list[list[float]], y: Values) -> list[tuple[list[float], float]]:
    return list(zip(held, (float(v) for v in y), strict=True))


_ARGS = (Arg("c", "truth"), Arg("x"), Arg("y"))

NEAREST_ABOVE = Op(
    name="nearest_above",
    title="Nearest remembered value at or above a level",
    args=_ARGS,
    result="u",
    kernel=nearest_above_step,
    series=nearest_above_series,
    example="nearest_above(close < close[1], high, close)",
    formula="smallest x >= y among the x of the latest 16 bars with c true",
    source="Edwards and Magee, Technical Analysis of Stock Trends (1948), resistance",
    state=(0.0,),
    scratch=lambda c: KEPT,
    settled=lambda c: SETTLED,
    cost=lambda c: 5 * KEPT,
    fixed=False,
)

NEAREST_BELOW = replace(
    NEAREST_ABOVE,
    name="nearest_below",
    title="Nearest remembered value at or below a level",
    kernel=nearest_below_step,
    series=nearest_below_series,
    example="nearest_below(close > close[1], low, close)",
    formula="largest x <= y among the x of the latest 16 bars with c true",
    source="Edwards and Magee, Technical Analysis of Stock Trends (1948), support",
)

TOUCHES = Op(
    name="touches",
    title="Remembered values near a level",
    args=(*_ARGS, Arg("tolerance", unit="ratio")),
    result="ratio",
    kernel=touches_step,
    series=touches_series,
    example="touches(close < close[1], high, close, 1%)",
    formula="count of abs(x - y) <= tolerance * abs(y) among the 16 latest x with c true",
    source="Edwards and Magee, Technical Analysis of Stock Trends (1948)",
    state=(0.0,),
    scratch=lambda c: KEPT,
    settled=lambda c: SETTLED,
    cost=lambda c: 4 * KEPT,
    fixed=False,
)
