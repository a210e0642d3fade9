"""A total since the series began.

What: `cumsum(x)` adds up every known value so far; it is na on a bar without a value and goes on
from there. The error of each addition is kept and added at the end, so that a million bars of
signed values lose nothing.
Why: on-balance volume, the accumulation/distribution line and other lines that never forget. Their
level depends on where the data begin: compare them with their own past only.
Example:
    >>> cumsum_series([1.0, float("nan"), 2.5]).tolist()
    [1.0, nan, 3.5]

Reference: pandas, Series.cumsum; Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation
endlicher Summen (1974).
"""

from engine.ops.numbers import NA, bounded, known
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values
from engine.ops.window import gather


def cumsum_step(x: float, s: float, lost: float) -> tuple[float, float, float]:
    s, lost = gather(known(x), s, lost)
    return (bounded(s + lost) if x == x else NA), s, lost


def cumsum_series(x: Values) -> Values:
    """Exact sums (fractions), rounded once."""
    from fractions import Fraction

    import numpy as np

    out, total = [], Fraction(0)
    for v in (float(v) for v in x):
        total += 0 if v != v else Fraction(v)
        out.append(v if v != v else float(total))
    return np.array(out)


CUMSUM = Op(
    name="cumsum",
    title="Running total since the series began",
    args=(Arg("x"),),
    result="u",
    kernel=cumsum_step,
    series=cumsum_series,
    example="cumsum(volume)",
    formula="x + y[1]",
    source="pandas Series.cumsum, compensated after Neumaier (1974)",
    state=(0.0, 0.0),
    cost=lambda c: 8,
    fixed=False,
)
