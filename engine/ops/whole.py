"""Loops that the whole-series definitions share; tests and docs only (floor 2).

What: apply a textbook formula to each window, with na where a window holds one.
Why: the definitions must not share a line with the kernels they judge. numpy is imported inside, so
that `seawall check` never loads it.
Reference: math.fsum (Shewchuk 1997) for exactly rounded sums.
"""

from collections.abc import Callable
from math import nan
from typing import TYPE_CHECKING, Any

from engine.ops.spec import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[Any]
else:
    Values = Any


def rolling(x: Values, n: int, formula: Callable[[list[float]], float]) -> Values:
    """The formula of each full window of n known values; na elsewhere."""
    import numpy as np

    values = [float(v) for v in x]
    out = np.full(len(values), nan)
    gap = 0
    for t, v in enumerate(values):
        gap = n if v != v else max(gap - 1, 0)
        if t >= n - 1 and gap == 0:
            out[t] = formula(values[t - n + 1 : t + 1])
    return out


def shifted(x: Values, k: int, fill: float = nan) -> Values:
    """The series k bars ago."""
    import numpy as np

    out = np.full(len(x), fill, dtype=np.asarray(x).dtype)
    out[k:] = x[: len(x) - k]
    return out


def truth(yes: Values, *operands: Values) -> Values:
    """TRUE where `yes`, FALSE elsewhere, UNKNOWN where any operand is na."""
    import numpy as np

    out = np.where(yes, 2, 0)
    for operand in operands:
        out = np.where(np.isnan(operand), UNKNOWN, out)
    return out


def exponential(x: Values, rate: float, n: int) -> Values:
    """mean + rate * (x - mean) over the known values, seeded by the mean of the first n."""
    import numpy as np

    places = np.flatnonzero(~np.isnan(x))
    out = np.full(len(x), nan)
    if len(places) < n:
        return out
    mean = float(np.mean(x[places[:n]]))
    out[places[n - 1]] = mean
    for t in places[n:]:
        mean = (1.0 - rate) * mean + rate * float(x[t])
        out[t] = mean
    return out
