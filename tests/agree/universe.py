"""Tables of a program over all symbols that it compares, or over its own where it compares none."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.graph.plan import Plan
from engine.run.across import compared, stepped
from engine.run.program import Program, new_state
from tests.typed_generators import Columns, data

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
Bars = Callable[[Plan, str], tuple[Columns, Columns]]
"""What a symbol's columns hold and where its frames have bars, for any plan."""


def symbols_of(plan: Plan) -> tuple[str, ...]:
    """The symbols that a test runs it on, in the order in which they are compared."""
    return SYMBOLS if plan.layers else ("",)


def drawn(n: int, seed: int, gaps: float = 0.1) -> Bars:
    """Random bars of every symbol."""
    return lambda plan, symbol: data(plan, n, seed, gaps, symbol)


def between(bars: Bars, first: int, last: int | None = None) -> Bars:
    """The bars from one instant to another."""

    def cut(plan: Plan, symbol: str) -> tuple[Columns, Columns]:
        inputs, has = bars(plan, symbol)
        return [c[first:last] for c in inputs], [h[first:last] for h in has]

    return cut


def then(before: Bars, now: int, after: Bars) -> Bars:
    """The bars of one up to an instant, of the other from there on."""

    def joined(plan: Plan, symbol: str) -> tuple[Columns, Columns]:
        (a, a_has), (b, b_has) = before(plan, symbol), after(plan, symbol)
        inputs = [x[:now] + y[now:] for x, y in zip(a, b, strict=True)]
        return inputs, [x[:now] + y[now:] for x, y in zip(a_has, b_has, strict=True)]

    return joined


def tables(program: Program, bars: Bars, n: int) -> list[Any]:
    """The market table of each symbol, by `market`."""

    def columns(plan: Plan, symbol: str, given: Mapping[str, Any]) -> tuple[Any, Any]:
        inputs, has = bars(plan, symbol)
        return filled(plan, inputs, given), has

    symbols = symbols_of(program.plan)
    given = compared(program, symbols, columns, n)
    return [program.market(*columns(program.plan, s, given[s]), n) for s in symbols]


def filled(plan: Plan, inputs: Sequence[Any], given: Mapping[str, Any]) -> list[Any]:
    """Inputs with those that layers before computed."""
    return [given.get(c.name, x) for c, x in zip(plan.inputs, inputs, strict=True)]


def rows(
    program: Program, bars: Bars, n: int, resume_at: int = -1, flat: Any = list
) -> list[float]:
    """The market row of each symbol in turn, by `step`, bar by bar; at `resume_at` what every
    symbol remembers moves to fresh lists."""
    symbols = symbols_of(program.plan)
    parts = [*(layer.plan for layer in program.layers), program.plan]
    known = [[bars(part, symbol) for part in parts] for symbol in symbols]
    states = [[flat(new_state(part)) for part in parts] for _ in symbols]
    told: list[float] = []
    for t in range(n):
        if t == resume_at:
            states = [[flat([float(x) for x in state]) for state in own] for own in states]

        def inputs(plan: Plan, k: int, given: Mapping[str, Any], t: int = t) -> tuple[Any, Any]:
            at = next(j for j, part in enumerate(parts) if part is plan)
            columns, has = known[k][at]
            now = [float(x) for x in filled(plan, [c[t] for c in columns], given)]
            return flat(now), flat([h[t] for h in has])

        for row in instant(program, states, inputs, flat):
            told += [float(x) for x in row]
    return told


def instant(program: Program, states: Any, inputs: Any, flat: Any) -> list[Any]:
    """The row of every symbol at one instant."""
    if program.layers:
        return list(stepped(program, states, inputs))
    assert program.step is not None
    row = flat([math.nan] * program.layout.row_width)
    program.step(*inputs(program.plan, 0, {}), states[0][-1], row)
    return [row]
