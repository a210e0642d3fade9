"""What must hold of every rule, as checks that a test or the whole run calls."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import isnan
from typing import Any

import numpy as np

from engine.check.typed import CheckedStrategy
from engine.compile import load_plan, plan_strategy
from engine.emit.module import emit
from engine.graph.node import reached
from engine.graph.plan import Plan
from engine.ops import BY_NAME
from engine.run.program import Program
from tests.agree.decisions import decisions, market_table, stepped_table
from tests.agree.universe import Bars, between, drawn, tables, then
from tests.typed_generators import Columns, bits

BUNDLE_NODES = 300
"""Nodes that one compiled program of several rules may have."""
FADING = {"ema", "wilder", "rsi", "atr", "kama"}
"""Operators that forget where they started by a fixed share a bar."""
Kernel = Callable[..., Any]
STEPPED = {"percentile_rank", "argmax", "argmin", "streak"}
"""Operators that compare values and give a number."""
JITTER = 1e-9


def plain_runners_agree(plan: Plan, seed: int) -> None:
    """Walk, python run, python step and a resumed step answer alike, to the bit."""
    walk, python = load_plan(plan, "walk"), load_plan(plan, "python")
    table = market_table(walk, seed)
    assert market_table(python, seed) == table
    assert stepped_table(python, seed) == table
    assert stepped_table(python, seed, resume_at=random.Random(seed).randrange(1, 59)) == table
    assert decisions(python, seed) == decisions(walk, seed)


def flat(values: list[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array(values, dtype=np.float64)


def compiled_agrees(plan: Plan, seed: int) -> None:
    """The compiled program answers as the emitted source does, to the bit."""
    python, njit = load_plan(plan, "python"), load_plan(plan, "njit")
    assert market_table(njit, seed) == market_table(python, seed)
    assert decisions(njit, seed, flat=flat) == decisions(python, seed)


def does_not_look_ahead(plan: Plan, seed: int, n: int = 50) -> None:
    """Other bars after `now` change nothing at or before it, in the market or in any decision."""
    program = load_plan(plan, "python")
    now = random.Random(seed).randrange(1, n - 1)
    bars = drawn(n, seed)
    changed = then(bars, now, drawn(n, seed + 1))
    cells = now * program.layout.row_width
    before = [bits(table[:cells]) for table in tables(program, bars, n)]
    assert [bits(table[:cells]) for table in tables(program, changed, n)] == before


# ---------------------------------------------------------------- several rules in one program


def renamed(strategy: CheckedStrategy, k: int) -> CheckedStrategy:
    """The same strategy, its parts told apart by a number."""

    def with_number(parts: Sequence[object]) -> tuple[object, ...]:
        return tuple(replace(p, name=f"{p.name}_{k}") for p in parts)  # type: ignore[type-var,attr-defined]

    fields = ("lets", "entries", "exits", "levels")
    return replace(strategy, **{f: with_number(getattr(strategy, f)) for f in fields})


def together(strategies: Sequence[CheckedStrategy]) -> CheckedStrategy:
    """One strategy that holds the parts of all."""
    parts = [renamed(s, k) for k, s in enumerate(strategies)]
    fields = ("lets", "entries", "exits", "levels")
    joined = {f: tuple(p for s in parts for p in getattr(s, f)) for f in fields}
    return replace(strategies[0], **joined, weight=None)


def bundles(strategies: Iterator[CheckedStrategy]) -> Iterator[tuple[int, Plan]]:
    """Plans of at most BUNDLE_NODES nodes over all the strategies, with how many each holds."""
    held: list[CheckedStrategy] = []
    plan: Plan | None = None
    for strategy in strategies:
        larger = plan_strategy(together([*held, strategy]))
        if plan is not None and len(larger.graph.nodes) > BUNDLE_NODES:
            yield len(held), plan
            held, larger = [], plan_strategy(together([strategy]))
        held.append(strategy)
        plan = larger
    if plan is not None:
        yield len(held), plan


# ---------------------------------------------------------------- a later start


def forgetting(plan: Plan) -> dict[int, int]:
    """Frontier columns that forget where they started, and after how many bars.

    Settled means a weight of 0.1%, and 0.001**(10/3) is 1e-10: averages take that much longer."""
    nodes, found = plan.graph.nodes, {}
    for column, n in enumerate(plan.frontier):
        ops = {nodes[m].name for m in reached(plan.graph, [n]) if nodes[m].kind == "op"}
        kept = {name for name in ops if not BY_NAME[name].fixed}
        if not kept - FADING:
            found[column] = plan.settled[n] * (4 if kept else 1)
    return found


def later_start_agrees(plan: Plan, seed: int, longest: int = 400) -> int:
    """Once settled, a run that starts later shows the same numbers to 1e-10 and the same truths.

    A cell is left out where moving inputs, results and compared values by a part in 1e9 moves it as
    well: there the rule stands on a tie, or divides by next to nothing. Returns how many cells were
    compared.
    """
    columns = {k: after for k, after in forgetting(plan).items() if after <= longest}
    program = load_plan(plan, "python")
    start, n = 5 * random.Random(seed).randrange(1, 12), max(columns.values(), default=0) + 60
    bars, names = drawn(start + n, seed, gaps=0.0), program.layout.columns
    whole = cells(program, bars, start + n, start)
    late = cells(program, between(bars, start), n, 0)
    shifted = [(widened(plan, 1 + e, seed), jittered(bars, seed)) for e in (JITTER, -JITTER)]
    moved = [cells(other, given, start + n, start) for other, given in shifted]
    count = 0
    for k, column, t in product(range(len(whole)), columns, range(n)):
        at = t * len(names) + column
        if t >= columns[column] and all(steady(whole[k][at], m[k][at]) for m in moved):
            w, g = whole[k][at], late[k][at]
            assert alike(w, g), f"{names[column]}, {t} bars after the later start: {w!r}, {g!r}"
            count += 1
    return count


def cells(program: Program, bars: Bars, n: int, first: int) -> list[list[float]]:
    """The frontier of every symbol from bar `first` on, a row a bar."""
    return [list(t)[first * program.layout.row_width :] for t in tables(program, bars, n)]


def jittered(bars: Bars, seed: int) -> Bars:
    """The bars, each value moved a little."""

    def moved(plan: Plan, symbol: str) -> tuple[Columns, Columns]:
        inputs, has = bars(plan, symbol)
        rng = random.Random(f"{seed} {symbol}")
        return [[v * (1 + JITTER * rng.uniform(-1, 1)) for v in c] for c in inputs], has

    return moved


def widened(plan: Plan, by: float, seed: int) -> Program:
    """The program with each number that an operator gives moved a little, and the first side of
    everything that compares multiplied by `by`: of symbols that are compared, by more with each."""
    rng, program = random.Random(seed), load_plan(plan, "python")
    move(program.rule.__globals__, plan, by, rng)
    for layer in program.layers:
        move(layer.across.__globals__, layer.plan, by, rng)
    return program


def move(held: dict[str, Any], plan: Plan, by: float, rng: random.Random) -> None:
    """Put moved kernels in the place of a module's."""
    for text, name in emit(plan).kernels:
        op = BY_NAME[name]
        compares = op.across or op.result == "truth" or name in STEPPED
        if compares and op.args[0].kind == "number":
            held[text] = fanned(held[text], by) if op.across else wide(held[text], by)
        elif op.result not in ("truth", "bars") and not op.across:
            held[text] = noisy(held[text], rng)


def wide(kernel: Kernel, by: float) -> Kernel:
    return lambda x, *rest: kernel(x * by, *rest)


def fanned(kernel: Kernel, by: float) -> Kernel:
    """The k-th symbol's value times 1 + k * (by - 1): no two that were equal stay so."""

    def moved(m: int, x: Any, at: int, *rest: Any) -> None:
        held = x[at : at + m]
        x[at : at + m] = [v * (1 + k * (by - 1)) for k, v in enumerate(held)]
        kernel(m, x, at, *rest)
        x[at : at + m] = held

    return moved


def noisy(kernel: Kernel, rng: random.Random) -> Kernel:
    def moved(*args: Any) -> Any:
        got, noise = kernel(*args), 1 + JITTER * rng.uniform(-1, 1)
        return (got[0] * noise, *got[1:]) if isinstance(got, tuple) else got * noise

    return moved


def steady(value: float, moved: float) -> bool:
    """Whether a small move of the inputs moves the value by as little."""
    return (isnan(value) and isnan(moved)) or abs(value - moved) <= 100 * JITTER * abs(value)


def alike(a: float, b: float) -> bool:
    return (isnan(a) and isnan(b)) or abs(a - b) <= 1e-10 * max(abs(a), abs(b))


Check = Callable[[Plan, int], object]
EACH: tuple[Check, ...] = (plain_runners_agree, does_not_look_ahead, later_start_agrees)
