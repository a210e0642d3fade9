"""A switch that stays where it was put.

What: `latch` becomes true when `set` is true and false when `clear` is true; `set` wins when both
are. It is unknown until `set` is first known: then a false `set` leaves it false. Afterwards an
unknown condition keeps it as it is.
Why: hysteresis: enter calm below one level, leave it above another, without flapping between.
Example:
    >>> latch_series([0, 2, 0, 0], [0, 0, 0, 2]).tolist()
    [0, 2, 2, 0]

Reference: the set-dominant SR latch; IEC 61131-3, function block SR.
"""

from engine.ops.spec import FALSE, TRUE, UNKNOWN, Arg, Op
from engine.ops.whole import Values


def latch_step(set: int, clear: int, held: float) -> tuple[int, float]:
    on = set == TRUE
    off = (clear == TRUE) | ((held == UNKNOWN) & (set == FALSE))
    y = TRUE if on else (FALSE if off else int(held))
    return y, float(y)


def latch_series(set: Values, clear: Values) -> Values:
    import numpy as np

    out = []
    for t in range(len(set)):
        puts = [(s, c) for s, c in zip(set[: t + 1], clear[: t + 1], strict=True)]
        acted = [TRUE if s == TRUE else FALSE for s, c in puts if TRUE in (s, c)]
        evaluated = any(s != UNKNOWN for s, _ in puts)
        out.append(acted[-1] if acted else (FALSE if evaluated else UNKNOWN))
    return np.array(out)


LATCH = Op(
    name="latch",
    title="Set and cleared by conditions, held between",
    args=(Arg("set", "truth"), Arg("clear", "truth")),
    result="truth",
    kernel=latch_step,
    series=latch_series,
    example="latch calm { set when close > open clear when close < open }",
    formula="true if set, else false if clear, else y[1]",
    source="IEC 61131-3, SR",
    state=(float(UNKNOWN),),
    cost=lambda c: 5,
    fixed=False,
    symbol="latch",
)
