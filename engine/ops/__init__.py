"""The operators, as two explicit tuples (floor 2).

A row is added by writing its file and naming it here; checker, graph, emitter, docs and tests read
only these tuples. tests/ops/test_table.py fails when a row of a file is missing.
"""

from engine.ops.across import (
    AMONG_BOTTOM,
    AMONG_TOP,
    BREADTH,
    COUNT_ACROSS,
    MEAN_ACROSS,
    PERCENTILE_ACROSS,
    RANK,
    SUM_ACROSS,
    ZSCORE_ACROSS,
)
from engine.ops.adaptive import KAMA
from engine.ops.argmax import ARGMAX, ARGMIN
from engine.ops.arith import ADD, DIV, MUL, NEG, SUB
from engine.ops.average import EMA, SMA, WILDER
from engine.ops.change import CHANGE, ROC
from engine.ops.comovement import AUTOCORRELATION, BETA, CORRELATION
from engine.ops.compare import EQ, GE, GT, LE, LT, NE
from engine.ops.count import BARS_SINCE, COUNT, VALUE_WHEN
from engine.ops.cumulative import CUMSUM
from engine.ops.extremes import HIGHEST, LOWEST, PEAK, TROUGH
from engine.ops.history import BACK, BACK_TRUTH, CROSS_ABOVE, CROSS_BELOW, LASTING
from engine.ops.latch import LATCH
from engine.ops.levels import NEAREST_ABOVE, NEAREST_BELOW, TOUCHES
from engine.ops.logic import AND, IF, IF_TRUTH, NOT, OR
from engine.ops.maths import ABS, EXP, LOG, MAX, MIN, SQRT
from engine.ops.mean_deviation import MEAN_DEVIATION
from engine.ops.order_flow import ORDER_FLOW
from engine.ops.persistence import HURST
from engine.ops.profile import VALUE_AREA_HIGH, VALUE_AREA_LOW, VOLUME_POC
from engine.ops.quantile import MEDIAN, PERCENTILE_RANK, QUANTILE
from engine.ops.range import ATR, TRUE_RANGE
from engine.ops.regression import LINREG_FORECAST, LINREG_R2, LINREG_SLOPE
from engine.ops.rsi import RSI
from engine.ops.shape import KURTOSIS, SKEW
from engine.ops.since import SUM_SINCE
from engine.ops.spec import Op
from engine.ops.spread import STDEV
from engine.ops.streak import STREAK
from engine.ops.sum import SUM
from engine.ops.tests import BETWEEN, IS_NA, IS_UNKNOWN, WITHIN
from engine.ops.volume import ADV
from engine.ops.weighted import HMA, WMA

OPS: tuple[Op, ...] = (
    *(ADD, SUB, MUL, DIV, NEG),
    *(LT, GT, LE, GE, EQ, NE),
    *(AND, OR, NOT, IF, IF_TRUTH),
    *(IS_NA, IS_UNKNOWN, BETWEEN, WITHIN),
    *(BACK, BACK_TRUTH, CROSS_ABOVE, CROSS_BELOW, LASTING, LATCH),
    *(WMA, HMA, KAMA, MEAN_DEVIATION),
    *(SUM, SMA, EMA, WILDER, STDEV, HIGHEST, LOWEST, PEAK, TROUGH),
    *(RSI, TRUE_RANGE, ATR, CHANGE, ROC, ADV),
    *(ARGMAX, ARGMIN, STREAK, CUMSUM),
    *(VOLUME_POC, VALUE_AREA_HIGH, VALUE_AREA_LOW),
    *(NEAREST_ABOVE, NEAREST_BELOW, TOUCHES),
    *(MEDIAN, QUANTILE, PERCENTILE_RANK, CORRELATION, AUTOCORRELATION, BETA),
    *(LINREG_SLOPE, LINREG_FORECAST, LINREG_R2, SKEW, KURTOSIS, HURST),
    *(ORDER_FLOW, COUNT, BARS_SINCE, VALUE_WHEN, SUM_SINCE),
    *(ABS, SQRT, LOG, EXP, MIN, MAX),
)

ACROSS: tuple[Op, ...] = (
    *(RANK, PERCENTILE_ACROSS, ZSCORE_ACROSS, AMONG_TOP, AMONG_BOTTOM),
    *(SUM_ACROSS, MEAN_ACROSS, COUNT_ACROSS, BREADTH),
)
"""The rows that compare the symbols of a universe; OPS are those that step on one symbol's bars."""

ROWS: tuple[Op, ...] = (*OPS, *ACROSS)

BY_NAME: dict[str, Op] = {op.name: op for op in ROWS}
