"""The symbols of a universe side by side (floor 7): each layer of a plan for all of them, in the
order of their names, then one comparison per close, whose results are inputs to what follows.

A symbol takes part in a close at which it has a bar. Nothing is carried over from another close, so
no symbol sees what another did later.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.graph.plan import ACROSS, Plan
from engine.run.program import Layer, Program

Given = Mapping[str, Any]
"""The inputs of one symbol that layers before computed, by their names."""
Columns = Callable[[Plan, str, Given], tuple[Sequence[Any], Sequence[Any]]]
"""What a plan's `market` takes for one symbol: its inputs and where its frames have bars."""


def compared(
    program: Program, symbols: Sequence[str], columns: Columns, n: int
) -> dict[str, dict[str, Any]]:
    """Per symbol, the inputs that come of comparing all of them at each of n instants."""
    names = sorted(symbols)
    given: dict[str, dict[str, Any]] = {name: {} for name in names}
    for layer in program.layers:
        taken = [columns(layer.plan, name, given[name]) for name in names]
        tables = [layer.market(inputs, has, n) for inputs, has in taken]
        results = compare(layer, tables, [has[0] for _, has in taken], n)
        for k, name in enumerate(names):
            for j, node in enumerate(layer.plan.across):
                given[name][f"{ACROSS}{node}"] = results[j][k :: len(names)]
    return given


def compare(layer: Layer, tables: Sequence[Any], has: Sequence[Any], n: int) -> Any:
    """Every result of a layer: instant after instant, the symbols in the order of `tables`."""
    m = len(tables)
    x = layer.table(len(layer.plan.sources), n * m)
    out = layer.table(len(layer.plan.across), n * m)
    for j, node in enumerate(layer.plan.sources):
        for k in range(m):
            x[j][k::m] = _source(layer, node, tables[k], has[k], n)
    layer.across(n, m, x, out, [0.0] * m)
    return out


def _source(layer: Layer, node: int, table: Any, has: Any, n: int) -> Any:
    """One symbol's values of a source; a constant is known where the symbol has a bar."""
    if node in layer.plan.frontier:
        return table[layer.plan.frontier.index(node) :: layer.width]
    value = layer.plan.graph.nodes[node]
    absent = 1.0 if value.truth else float("nan")
    return [value.value if has[t] != 0.0 else absent for t in range(n)]


Instant = Callable[[Plan, int, Given], tuple[Any, Any]]
"""What a plan's `step` takes for the k-th symbol at one instant: its inputs and its bars."""


def stepped(program: Program, states: Sequence[Sequence[Any]], inputs: Instant) -> list[Any]:
    """One instant for all symbols, in the order of their names: the row of each.

    states[k]: what the k-th symbol remembers, one state per layer and the program's own last.
    """
    m = len(states)
    fresh = program.layers[0].table
    given: list[dict[str, float]] = [{} for _ in range(m)]
    for at, layer in enumerate(program.layers):
        assert layer.step is not None
        rows, bars = fresh(m, layer.width), []
        for k in range(m):
            x, has = inputs(layer.plan, k, given[k])
            layer.step(x, has, states[k][at], rows[k])
            bars.append(has[:1])
        results = compare(layer, rows, bars, 1)
        for k in range(m):
            for j, node in enumerate(layer.plan.across):
                given[k][f"{ACROSS}{node}"] = results[j][k]
    assert program.step is not None
    last = fresh(m, program.layout.row_width)
    for k in range(m):
        x, has = inputs(program.plan, k, given[k])
        program.step(x, has, states[k][-1], last[k])
    return list(last)
