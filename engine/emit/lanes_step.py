"""The `step` of a lane program (floor 6): written out, or of many nodes a table.

In lanes `step` runs the first bars and those on which sums are rebuilt only. Written out it takes a
compiler longer than all else of a large rule; in a table each node is a turn of a loop, which calls
its operator along a block of one bar. Both call the same kernels in an order that the graph allows.
"""

from engine.emit.along import IN_BUF, Place, tables, turn_of, widths
from engine.emit.lanes import Lanes, is_leaf, is_tabled
from engine.emit.lanes_bars import called_by
from engine.emit.market import emit_step, index_name
from engine.graph.plan import Plan

HEAD = "def step(x, has, st, out{}):"


def emit_lane_step(how: Lanes) -> list[str]:
    """`step(x, has, st, out, called)`; x holds this bar's inputs, and room for a number a node.
    called: where the functions of `called_by` lie."""
    plan, names = how.plan, how.names
    if not is_tabled(plan):
        first, *rest = emit_step(plan, names)
        return [first.replace(HEAD.format(""), HEAD.format(", called")), *rest]
    nodes = plan.graph.nodes
    own = [n for n in plan.market if not is_leaf(plan, n)]
    turns = [
        turn_of(plan, n, _at(plan, n), [Place(IN_BUF, _at(plan, a)) for a in nodes[n].args])
        for n in own
    ]
    wide, reals = widths(turns)
    counter = plan.market_cells.counters.get(0)
    consts = [n for n, node in enumerate(nodes) if node.kind == "const"]
    index = index_name(plan, 0)
    after = [] if counter is None else [f"    st[{counter}] = {index} + 1.0"]
    return [
        *tables("STEP", turns, called_by(how)),
        "",
        "",
        HEAD.format(", called"),
        *(f"    x[{_at(plan, n)}] = {names[n]}" for n in consts),
        f"    {index} = 0" if counter is None else f"    {index} = int(st[{counter}])",
        f"    for k in range({len(turns)}):",
        f"        row = ahead(ROWS_STEP, k * {wide})",
        f"        reals = ahead(REALS_STEP, k * {reals})",
        "        one = along_at(called[row[0]])",
        f"        one(1, 1, {index}, 0, 0, ahead(row, 1), reals, x, called, x, st)",
        *after,
        *(f"    out[{k}] = x[{_at(plan, n)}]" for k, n in enumerate(plan.frontier)),
    ]


def _at(plan: Plan, n: int) -> int:
    """Where in x a node's value lies: inputs come first."""
    if plan.graph.nodes[n].kind == "column":
        return next(k for k, column in enumerate(plan.inputs) if column.node == n)
    return len(plan.inputs) + n
