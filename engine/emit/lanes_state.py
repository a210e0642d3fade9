"""State to and from the cells of `step`, and the loop over a block (floor 6)."""

from collections.abc import Iterator

from engine.emit.lanes import Lanes, kept_cells
from engine.ops.window import ANCHOR


def emit_load(how: Lanes) -> list[str]:
    """`load(st, vec)`: take the state of many lanes from the cells that `step` keeps."""
    lines = ["def load(st, vec):"]
    for cell, row in _moves(how):
        lines += _each_lane(how, f"vec[{row * how.lanes} + l] = st[l * {_size(how)} + {cell}]")
    return [*lines, "    return"]


def emit_store(how: Lanes) -> list[str]:
    """`store(t, ins, at, st, vec)`: put it back before `step` runs bar t, pasts included."""
    cells = how.plan.market_cells
    lines = ["def store(t, ins, at, st, vec):"]
    for cell, row in _moves(how):
        lines += _each_lane(how, f"st[l * {_size(how)} + {cell}] = vec[{row * how.lanes} + l]")
    for cell in cells.counters.values():
        lines += _each_lane(how, f"st[l * {_size(how)} + {cell}] = t")
    for ring in cells.rings.values():
        if how.plan.graph.nodes[ring.series].kind == "column":
            past = f"ins[at[{how.column(ring.series)}] + (t - k) * {how.stride} + l]"
            here = f"st[l * {_size(how)} + {ring.at} + ((t - k) & {ring.mask})]"
            lines.append(f"    for k in range(1, min(t, {ring.mask + 1}) + 1):")
            lines += ["    " + text for text in _each_lane(how, f"{here} = {past}")]
    return [*lines, "    return"]


MARKET = (
    *("start", "end", "k", "ins", "rows", "at", "gates", "warm", "x", "has", "row", "st", "vec"),
    *("fire", "leave"),
)


def emit_market(how: Lanes) -> list[str]:
    """`market(…)`: the bars of a block, by `step` where `bars` may not run.

    gates: the columns of both gates; warm: the first bar on which all is defined."""
    size, width, lanes = _size(how), len(how.plan.frontier), how.lanes
    return [
        f"def market({', '.join(MARKET)}):",
        "    t = start",
        "    while t < end:",
        f"        if t < warm or t & {ANCHOR - 1} == 0:",
        "            till = max(t + 1, min(end, warm))",
        "            if t >= warm:",
        "                store(t, ins, at, st, vec)",
        f"            for l in range({lanes}):",
        f"                own = st[l * {size} : (l + 1) * {size}]",
        "                for u in range(t, till):",
        *(
            f"                    x[{j}] = ins[at[{how.column(c.node)}] + u * {how.stride} + l]"
            for j, c in enumerate(how.plan.inputs)
        ),
        "                    step(x, has, own, row)",
        f"                    for j in range({width}):",
        f"                        rows[((u - start) * {width} + j) * {lanes} + l] = row[j]",
        "            mark_gates(k, rows, gates, t, till, start, fire, leave)",
        "            if till >= warm:",
        "                load(st, vec)",
        "        else:",
        f"            till = min(end, (t | {ANCHOR - 1}) + 1)",
        "            bars(t, till, start, ins, at, st, vec, rows, fire, leave)",
        "        t = till",
    ]


def _moves(how: Lanes) -> Iterator[tuple[int, int]]:
    """Cells of `step` and the rows of `vec` that hold them."""
    for n, first in how.cells.items():
        for row, k in enumerate(kept_cells(how.plan, how.forms, n)):
            yield how.plan.market_cells.state[n] + k, first + row


def _each_lane(how: Lanes, text: str) -> list[str]:
    if how.lanes == 1:
        return ["    l = 0", f"    {text}"]
    return [f"    for l in range({how.lanes}):", f"        {text}"]


def _size(how: Lanes) -> int:
    return how.plan.market_cells.size
