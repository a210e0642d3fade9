"""Average daily volume.

What: `adv(n)` is the mean of the known volumes in the last n bars, this bar's included; na when
fewer than half of the n are known. Bars before the series began count as unknown.
Why: orders are capped at a share of what usually trades, and one missing volume must not lift the
cap.
Example:
    >>> adv_series([4.0, float("nan"), 8.0], 2).tolist()
    [4.0, 4.0, 8.0]

Reference: docs/spec.md, rule 20 of the semantics.
"""

from math import fsum, isnan, nan

from engine.ops.numbers import NA, Ring
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values
from engine.ops.window import mean_of, slide


def adv_step(
    volume: float, n: int, i: int, ring: Ring, at: int, mask: int, s: float, top: float, bad: float
) -> tuple[float, float, float, float]:
    s, top, bad = slide(volume, n, i, ring, at, mask, s, top, bad)
    if (bad == 0.0) & (i >= n - 1):
        return mean_of(volume, n, i, ring, at, mask, s, bad), s, top, bad
    count = (n if i >= n else i + 1) - bad
    return s / (count if count * 2.0 >= n else NA), s, top, bad


def adv_series(volume: Values, n: int) -> Values:
    import numpy as np

    values = [float(v) for v in volume]
    out = np.full(len(values), nan)
    for t in range(len(values)):
        window = [v for v in values[max(t - n + 1, 0) : t + 1] if not isnan(v)]
        if len(window) * 2 >= n:
            out[t] = fsum(window) / len(window)
    return out


ADV = Op(
    name="adv",
    title="Average volume of the last n bars",
    args=(Arg("n", "const", "bars"),),
    result="shares",
    kernel=adv_step,
    series=adv_series,
    example="adv(20 bars)",
    formula="mean of the known volumes among the last n; na when fewer than n / 2 are known",
    source="seawall semantics, rule 20",
    state=(0.0, 0.0, 0.0),
    index=True,
    columns=("volume",),
    reach=lambda c: int(c[0]),
    defined=lambda c: (int(c[0]) + 1) // 2 - 1,
    settled=lambda c: int(c[0]) - 1,
    cost=lambda c: 16,
)
