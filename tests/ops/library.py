"""Runs expressions of the shipped library over series held in memory."""

import random
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.base.dates import parse_day
from engine.check.typed import Named
from engine.compile import compile_values
from engine.feeds.embedded import load
from engine.records.catalogue import Catalogue
from engine.run.program import Runner
from engine.session.evaluate import check_expression
from engine.session.recorded import recorded
from tests.ops.drive import prices

Columns = dict[str, Any]
NAMES = ("open", "high", "low", "close", "volume")


@cache
def catalogue() -> Catalogue:
    return recorded(None, None).catalogue


@cache
def checked(text: str) -> Named:
    """One expression, checked with every shipped define at hand."""
    return check_expression(text, catalogue())


def values(text: str, bars: Mapping[str, Any], runner: Runner = "python") -> Any:
    """The expression at each bar, nan while it is undefined."""
    return table({"value": text}, bars, runner)["value"]


def table(texts: Mapping[str, str], bars: Mapping[str, Any], runner: Runner = "python") -> Columns:
    """Several expressions at each bar, from one program."""
    program = compile_values("t", {k: checked(t).value for k, t in texts.items()}, runner)
    count = len(bars["close"])
    inputs = [np.asarray(bars[c.name], dtype=float) for c in program.plan.inputs]
    rows = program.market(inputs, [np.ones(count) for _ in program.plan.frames], count)
    fields, layout = np.full(64, np.nan), program.layout
    cells, out = np.array([*layout.cells_init, 0.0]), np.zeros(len(texts))
    found = np.empty((count, len(texts)))
    for t in range(count):
        program.rule(rows, t * layout.row_width, fields, 0, cells, 0, out, 0)
        found[t] = out
    return {name: found[:, k] for k, name in enumerate(texts)}


def bars_of(kind: str, count: int = 600) -> Columns:
    """Bars around a close of the named kind; a missing close is a missing bar."""
    rng = np.random.default_rng(random.Random(kind).randrange(2**32))
    close = np.array(prices(kind, count, 7))
    up, down, first = (rng.random(count) * 0.01 for _ in range(3))
    if kind == "constant":
        up = down = first = np.zeros(count)
    if kind == "ticks":
        up, down, first = (np.round(100 * v) / close for v in (up, down, first))
    volume = np.where(np.isnan(close), np.nan, rng.integers(1, 10**6, count).astype(float))
    return {
        "open": close * (1 + up - first),
        "high": close * (1 + up),
        "low": close * (1 - down),
        "close": close,
        "volume": volume,
    }


@cache
def shipped(symbol: str, first: str | None = None, last: str = "2018-12-31") -> Columns:
    """Shipped bars of a symbol while they have opens, ranges and volumes."""
    series = load(symbol, None if first is None else parse_day(first), parse_day(last))
    return {c: np.array(getattr(series, c)) for c in NAMES}


def windows(x: Any, n: int, formula: Callable[[Any], float]) -> Any:
    """The formula on every full window without na."""
    out = np.full(len(x), np.nan)
    for t in range(n - 1, len(x)):
        window = x[t - n + 1 : t + 1]
        out[t] = np.nan if np.isnan(window).any() else formula(window)
    return out


def truths(yes: Any, *operands: Any) -> Any:
    """2 where it holds, 0 elsewhere, 1 where an operand is na."""
    missing = np.any([np.isnan(o) for o in operands], axis=0)
    return np.where(missing, 1, np.where(yes, 2, 0))
