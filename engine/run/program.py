"""A loaded plan (floor 7): the same five functions whichever runner made them."""

from collections.abc import Callable
from typing import Any, Literal

from engine.base.frozen import dataclass
from engine.emit.layout import Layout
from engine.graph.plan import Plan
from engine.records.desk import Compiled

Runner = Literal["walk", "python", "njit"]

COLD_LANE_BARS, CACHED_LANE_BARS = 150_000, 20_000
"""Below these many lane-bars of one program plain Python finishes sooner than a compiler, or than
what loads its work from the cache (measured, ADR 0005)."""
COLD_SESSION, CACHED_SESSION = 1_500_000, 50_000
"""The same of a session: its account is compiled too, and every cell replayed several times."""


@dataclass(frozen=True)
class Program:
    """market(inputs, has, n): a flat row-major table, `layout.row_width` cells an instant.

    inputs[k] is the column plan.inputs[k] of one lane's timeline, has[k] is 1.0 where
    plan.frames[k] completes a bar ; inputs that compare symbols come
    from `layers` (see run.across). step(x, has, st, out): one instant, x[k] and has[k] scalars, st
    from `new_state`. rule, stops, decide are Compiled (records.desk).
    """

    plan: Plan
    layout: Layout
    runner: Runner
    market: Callable[[Any, Any, int], Any]
    step: Callable[[Any, Any, Any, Any], None] | None
    rule: Compiled
    stops: Compiled
    decide: Compiled
    source: str = ""
    notice: str = ""
    layers: "tuple[Layer, ...]" = ()


@dataclass(frozen=True)
class Layer:
    """What compares symbols, loaded: `market` and `step` of one symbol as in Program, then
    across(n, m, x, out, spare) over m symbols (see emit.across). table makes empty columns."""

    plan: Plan
    width: int
    market: Callable[[Any, Any, int], Any]
    step: Callable[[Any, Any, Any, Any], None] | None
    across: Callable[[int, int, Any, Any, Any], None]
    table: Callable[[int, int], Any]
    source: str = ""


def nothing(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
    """The function that a kind of graph has no use for (`decide` of a strategy)."""


def new_state(plan: Plan) -> list[float]:
    """The state of `step` before the first bar."""
    return list(plan.market_cells.init)


def choose(lane_bars: int, cached: bool, with_account: bool = False) -> Runner:
    """The runner that answers first for so many lane-bars, of a session where `with_account`."""
    cold, warm = COLD_LANE_BARS, CACHED_LANE_BARS
    if with_account:
        cold, warm = COLD_SESSION, CACHED_SESSION
    return "python" if lane_bars < (warm if cached else cold) else "njit"
