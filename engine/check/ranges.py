"""What a value can be at most and at least, and whether a condition is decided by that (floor 4).

Everything here errs on the side of not knowing: a verdict is given only when every bar, and every
value that a param may take inside its declared range, agrees.
"""

from collections.abc import Mapping
from math import inf, isnan

from engine.check.typed import Apply, Column, Const, FieldRead, Fold, Sample, Typed
from engine.fields import FIELDS
from engine.fields.sane import SIGNED
from engine.ops.spec import FALSE, TRUE

Span2 = tuple[float, float]
Params = Mapping[int, tuple[Const, float, float]]

ANY: Span2 = (-inf, inf)
POSITIVE: Span2 = (0.0, inf)

_OPS: Mapping[str, Span2] = {
    "rsi": (0.0, 100.0),
    **dict.fromkeys(("percentile_rank", "linreg_r2"), (0.0, 1.0)),
    **dict.fromkeys(("correlation", "autocorrelation"), (-1.0, 1.0)),
    **dict.fromkeys(
        ("stdev", "atr", "true_range", "sqrt", "exp", "count", "bars_since", "adv"), POSITIVE
    ),
    "mean_deviation": POSITIVE,
    "rank": (1.0, inf),
    "count_across": POSITIVE,
    **dict.fromkeys(("percentile_across", "breadth"), (0.0, 1.0)),
}
_SAME = (
    *("sma", "ema", "wilder", "wma", "kama", "median", "quantile"),
    *("highest", "lowest", "peak", "trough", "back"),
)
"""Operators whose value lies between the least and greatest value of their first argument."""

_FIELDS: Mapping[str, Span2] = dict.fromkeys(
    (
        "position.age",
        "account.drawdown",
        "account.positions",
        "account.gross",
        "account.bars",
        "order.qty",
        "order.stop_distance",
        *(f.name for f in FIELDS if f.asked and f.name not in SIGNED),
    ),
    POSITIVE,
)


class Reader:
    """Reads ranges with the params' own ranges in mind; remembers every value it has seen."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.seen: dict[int, tuple[Typed, Span2]] = {}


def range_of(reader: Reader, typed: Typed) -> Span2:
    """The least and greatest value that a number can have."""
    held = reader.seen.get(id(typed))
    if held is not None:
        return held[1]
    found = _range(reader, typed)
    found = ANY if isnan(found[0]) or isnan(found[1]) else found
    reader.seen[id(typed)] = (typed, found)
    return found


def _range(reader: Reader, typed: Typed) -> Span2:
    match typed:
        case Const():
            held = reader.params.get(id(typed))
            return (typed.value, typed.value) if held is None else (held[1], held[2])
        case Column():
            return POSITIVE if typed.name == "volume" else ANY
        case FieldRead():
            return _FIELDS.get(typed.name, ANY)
        case Sample() | Fold():
            return range_of(reader, typed.value)
        case Apply():
            if typed.op in _OPS:
                return _OPS[typed.op]
            return _combined(typed.op, [range_of(reader, a) for a in typed.args])


def _combined(op: str, at: list[Span2]) -> Span2:
    match op, at:
        case "add", [a, b]:
            return a[0] + b[0], a[1] + b[1]
        case "sub", [a, b]:
            return a[0] - b[1], a[1] - b[0]
        case "neg", [a]:
            return -a[1], -a[0]
        case "mul", [a, b]:
            return _product(a, b)
        case "div", [a, b]:
            return POSITIVE if a[0] >= 0 and b[0] >= 0 else ANY
        case "abs", [a]:
            return (0.0, max(abs(a[0]), abs(a[1]))) if a[0] < 0 < a[1] else _turned(a)
        case "min", [a, b]:
            return min(a[0], b[0]), min(a[1], b[1])
        case "max", [a, b]:
            return max(a[0], b[0]), max(a[1], b[1])
        case "if", [_, a, b]:
            return min(a[0], b[0]), max(a[1], b[1])
        case "sum" | "sum_since", [a, *_]:
            return POSITIVE if a[0] >= 0 else ANY
        case "value_when", [_, a]:
            return a
        case _:
            return at[0] if op in _SAME and at else ANY


def _product(a: Span2, b: Span2) -> Span2:
    ends = [_times(x, y) for x in a for y in b]
    return min(ends), max(ends)


def _times(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def _turned(a: Span2) -> Span2:
    return (abs(a[1]), abs(a[0])) if a[1] <= 0 else a


def same(reader: Reader, a: Typed, b: Typed) -> bool:
    """Whether two values are one and the same, and not only for the params now in force."""
    return a == b and _free(reader, a) == _free(reader, b)


def _free(reader: Reader, typed: Typed) -> list[Span2 | None]:
    """The ranges of the constants inside a value, in order (None for written numbers)."""
    match typed:
        case Const():
            held = reader.params.get(id(typed))
            return [None if held is None else (held[1], held[2])]
        case Apply():
            return [r for arg in typed.args for r in _free(reader, arg)]
        case Sample() | Fold():
            return _free(reader, typed.value)
        case _:
            return []


# ---------------------------------------------------------------- verdicts


def verdict(reader: Reader, typed: Typed) -> bool | None:
    """True when a condition holds whenever it is known, False when it never does, else None."""
    match typed:
        case Const():
            return {TRUE: True, FALSE: False}.get(int(typed.value))
        case Sample() | Fold():
            return verdict(reader, typed.value)
        case Apply():
            return _decided(reader, typed)
        case _:
            return None


def _decided(reader: Reader, typed: Apply) -> bool | None:
    args = typed.args
    match typed.op:
        case "not":
            inner = verdict(reader, args[0])
            return None if inner is None else not inner
        case "and":
            return _all(reader, typed)
        case "or":
            parts = [verdict(reader, a) for a in args]
            return True if True in parts else False if parts == [False, False] else None
        case "lasting" | "back_truth":
            return verdict(reader, args[0])
        case "lt" | "le" | "gt" | "ge" | "eq" | "ne":
            return _compared(reader, typed.op, args[0], args[1])
        case "cross_above" | "cross_below":
            return _crossed(reader, args[0], args[1])
        case "between":
            return _between(reader, args)
        case _:
            return None


def _compared(reader: Reader, op: str, a: Typed, b: Typed) -> bool | None:
    if same(reader, a, b):
        return op in ("le", "ge", "eq")
    return _ordered(op, range_of(reader, a), range_of(reader, b))


def _ordered(op: str, a: Span2, b: Span2) -> bool | None:
    below, above = a[1] < b[0], a[0] > b[1]
    at_most, at_least = a[1] <= b[0], a[0] >= b[1]
    always, never = {
        "lt": (below, at_least),
        "le": (at_most, above),
        "gt": (above, at_most),
        "ge": (at_least, below),
        "eq": (at_most and at_least, below or above),
        "ne": (below or above, at_most and at_least),
    }[op]
    return True if always else False if never else None


def _crossed(reader: Reader, a: Typed, b: Typed) -> bool | None:
    """A crossing never happens between values that stay apart (it can never happen always)."""
    if same(reader, a, b):
        return False
    one, other = range_of(reader, a), range_of(reader, b)
    return False if one[1] < other[0] or one[0] > other[1] else None


def _between(reader: Reader, args: tuple[Typed, ...]) -> bool | None:
    x, low, high = (range_of(reader, a) for a in args)
    parts = [_ordered("ge", x, low), _ordered("le", x, high), _ordered("le", low, high)]
    return False if False in parts else True if parts[:2] == [True, True] else None


# ---------------------------------------------------------------- and


def items(typed: Typed, op: str) -> list[Typed]:
    """The parts of a chain of one logical word."""
    if isinstance(typed, Apply) and typed.op == op:
        return [part for arg in typed.args for part in items(arg, op)]
    return [typed]


def _all(reader: Reader, typed: Apply) -> bool | None:
    parts = items(typed, "and")
    found = [verdict(reader, p) for p in parts]
    if False in found or _contradict(reader, parts):
        return False
    return True if all(found) else None


_RELATIONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=", "ne": "<>"}
_FLIP = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


def _contradict(reader: Reader, parts: list[Typed]) -> bool:
    """Whether two comparisons of the same value leave no room for both."""
    compared = [p for p in parts if isinstance(p, Apply) and p.op in _RELATIONS]
    return any(
        _clash(reader, one, other)
        for at, one in enumerate(compared)
        for other in compared[at + 1 :]
    )


def _clash(reader: Reader, one: Apply, other: Apply) -> bool:
    a, b = one.args
    c, d = other.args
    if same(reader, a, c) and same(reader, b, d):
        return not set(_RELATIONS[one.op]) & set(_RELATIONS[other.op])
    if same(reader, a, d) and same(reader, b, c):
        return not set(_RELATIONS[one.op]) & set(_RELATIONS[_FLIP[other.op]])
    bounds = [_bound(reader, one), _bound(reader, other)]
    lows = [x for x in bounds if x is not None and x[1] == "low"]
    highs = [x for x in bounds if x is not None and x[1] == "high"]
    if len(lows) != 1 or len(highs) != 1 or not same(reader, lows[0][0], highs[0][0]):
        return False
    low, high = lows[0], highs[0]
    return low[2] > high[2] or (low[2] == high[2] and (low[3] or high[3]))


Bound = tuple[Typed, str, float, bool]
"""A value, the side it is bounded on, the loosest bound its params allow, whether it is strict."""


def _bound(reader: Reader, typed: Apply) -> Bound | None:
    op, (value, against) = typed.op, typed.args
    if isinstance(value, Const) and not isinstance(against, Const):
        op, value, against = _FLIP[op], against, value
    if op in ("eq", "ne") or not isinstance(against, Const):
        return None
    low, high = range_of(reader, against)
    if op in ("gt", "ge"):
        return value, "low", low, op == "gt"
    return value, "high", high, op == "lt"
