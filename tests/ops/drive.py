"""Runs any operator over series by the kernel convention, in plain Python or compiled by numba."""

import copy
import math
import random
import types
from collections.abc import Callable, Sequence
from typing import Any

from engine.ops import OPS
from engine.ops.spec import Op

CONSTS: dict[str, list[tuple[float, ...]]] = (
    {name: [(1,), (5,), (20,)] for name in ("sum", "sma", "highest", "lowest", "adv", "count")}
    | {name: [(2,), (5,), (20,)] for name in ("stdev", "ema", "wilder", "rsi", "atr")}
    | {
        "change": [(1,), (7,)],
        "roc": [(1,), (7,)],
        "back": [(0,), (1,), (9,)],
        "back_truth": [(0,), (1,), (9,)],
        "lasting": [(1,), (3,)],
        "quantile": [(1, 0.3), (5, 0.0), (20, 0.9)],
    }
)
"""Constants to try for each operator that takes them; others get theirs from `usual_consts`."""

KINDS = ("walk", "constant", "gaps", "runs", "tiny", "huge", "spikes", "ticks")
WHOLE = tuple(k for k in KINDS if k not in ("gaps", "runs"))
"""Kinds of series without na, which TA-Lib does not know."""
ALL_KINDS = (*KINDS, "real")
REAL = ("AMZN", "IBM", "SP500", "NASDAQ")
"""Shipped symbols behind the series of kind `real`."""


class Runner:
    """One operator being fed bars; `compiled` swaps in the njit kernel and array cells."""

    def __init__(self, op: Op, consts: Sequence[float] = (), compiled: bool = False) -> None:
        self.op = op
        self.consts = typed(op, consts)
        reach = op.reach(self.consts)
        size = 1 << reach.bit_length() if reach else 0
        self.at, self.mask, self.base = 3, size - 1, 3 + size + 2
        self.cells: Any = [0.0] * (self.base + op.scratch(self.consts) + 1)
        self.kernel: Callable[..., Any] = op.kernel
        self.state: tuple[float, ...] = op.state
        self.i = 0
        if compiled:
            import numpy as np

            self.cells = np.array(self.cells)
            self.kernel = jit(op.kernel)

    def step(self, *values: float) -> float:
        """One bar: the values of the series arguments and columns."""
        given: list[Any] = [*values, *self.consts]
        if self.op.index:
            given.append(self.i)
        if self.mask >= 0:
            self.cells[self.at + (self.i & self.mask)] = values[0]
            given += [self.cells, self.at, self.mask]
        if self.op.scratch(self.consts):
            given += [self.cells, self.base]
        self.i += 1
        got = self.kernel(*given, *self.state)
        if not self.op.state:
            return got
        self.state = got[1:]
        return got[0]

    def run(self, *series: Sequence[float]) -> list[float]:
        return [self.step(*bar) for bar in zip(*series, strict=True)]

    def copy(self) -> "Runner":
        """A second runner that goes on from here, sharing nothing."""
        twin = copy.copy(self)
        twin.cells = list(self.cells)
        return twin


def typed(op: Op, consts: Sequence[float]) -> tuple[float, ...]:
    """Constants as kernels take them: whole numbers for bars, floats for the rest."""
    units = [a.unit for a in op.args if a.kind == "const"]
    return tuple(int(c) if u == "bars" else float(c) for u, c in zip(units, consts, strict=True))


_JITTED: dict[Callable[..., Any], Any] = {}


def jit(function: Callable[..., Any]) -> Any:
    """The function compiled by numba, with every seawall function that it calls."""
    from numba import njit

    if function not in _JITTED:
        names = {
            name: jit(value)
            if isinstance(value, types.FunctionType) and value.__module__.startswith("engine.")
            else value
            for name, value in function.__globals__.items()
            if name in function.__code__.co_names
        }
        plain = types.FunctionType(function.__code__, names, function.__name__)
        _JITTED[function] = njit(error_model="numpy", nogil=True, _nrt=False)(plain)
    return _JITTED[function]


def settings() -> list[tuple[str, tuple[float, ...]]]:
    """Every operator with each of its constants."""
    return [
        (n, consts)
        for n, op in ((op.name, op) for op in OPS)
        for consts in CONSTS.get(n) or usual_consts(op)
    ]


def usual_consts(op: Op) -> list[tuple[float, ...]]:
    """The least value of each constant, and two larger ones."""
    lows = [(a.low, a.high) for a in op.args if a.kind == "const"]
    return [tuple(min(low + k, high) for low, high in lows) for k in ((0, 4, 19) if lows else (0,))]


def prices(kind: str, count: int, seed: int) -> list[float]:
    """A price series: a random walk with the named trouble in it, or shipped closes."""
    if kind == "real":
        return real_bars(REAL[seed % len(REAL)], "close", count)
    rng = random.Random(f"{kind}{seed}")
    level = {"tiny": 1e-6, "huge": 1e7}.get(kind, 100.0)
    out = []
    for _ in range(count):
        level = max(level * (1 + rng.gauss(0, 0.01)), 1e-7)
        out.append(level)
    if kind == "constant":
        return [0.1] * count
    if kind == "ticks":
        return [float(round(v * 10)) for v in out]
    for t in range(count):
        if kind == "gaps" and rng.random() < 0.03:
            out[t] = math.nan
        if kind == "runs" and (t % 150) in range(60, 60 + rng.choice((25, 40))):
            out[t] = math.nan
        if kind == "spikes" and rng.random() < 0.01:
            out[t] *= rng.choice((1e5, 1e-5))
    return out


def real_bars(symbol: str, column: str, count: int) -> list[float]:
    """The last shipped values of a column up to 2018."""
    from tests.ops.library import shipped

    values: list[float] = shipped(symbol)[column][-count:].tolist()
    assert len(values) == count
    return values


def truths(kind: str, count: int, seed: int) -> list[int]:
    """A condition series with some unknown bars, except in the clean kinds."""
    rng = random.Random(f"{kind}{seed}?")
    if kind == "constant":
        return [2] * count
    weights = (2, 1, 4) if kind in ("gaps", "runs") else (2, 0, 5)
    return rng.choices((0, 1, 2), weights=weights, k=count)


def inputs(op: Op, kind: str, count: int = 400) -> list[list[float]]:
    """Series for each argument and column of the operator."""
    out: list[list[float]] = []
    for k, arg in enumerate(a for a in op.args if a.kind != "const"):
        if arg.kind == "truth":
            out.append([*truths(kind, count, k)])
        elif arg.name == "tolerance":
            out.append([0.05] * count)
        else:
            out.append(prices(kind, count, k))
    if kind == "real":
        return out + [real_bars("AMZN", column, count) for column in op.columns]
    close = prices(kind, count, 7)
    rng = random.Random(kind)
    bar = {"close": close, "high": [], "low": [], "volume": []}
    for value in close:
        bar["high"].append(value * (1 + rng.random() * 0.01))
        bar["low"].append(value * (1 - rng.random() * 0.01))
        bar["volume"].append(value if value != value else float(rng.randrange(10**6)))
    return out + [bar[column] for column in op.columns]


def same(a: float, b: float) -> bool:
    """Equal to the bit, any nan being the one nan."""
    return a == b or (a != a and b != b)


def bad_bars(got: Sequence[float], want: Sequence[float], tolerance: float) -> list[str]:
    """Bars where the two differ by more than the relative tolerance, as readable lines."""
    out = []
    for t, (g, w) in enumerate(zip(got, want, strict=True)):
        if not (same(g, w) or abs(g - w) <= tolerance * abs(w)):
            out.append(f"bar {t}: got {g!r}, want {w!r}")
    return out
