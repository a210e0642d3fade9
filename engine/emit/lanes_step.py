"""The `step` of a lane program (floor 6): written out, or of many nodes one loop an operator.

In lanes `step` runs the first bars and those on which sums are rebuilt only. Written out it takes a
compiler longer than all else of a large rule; in loops over tables it takes the same time however
many nodes there are. An operator that runs along a block in any case is called with a block of one
bar: that costs 20 ns a node, and no compiler's time. All call the same kernels in an order that the
graph allows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.emit.along import IN_BUF, Place, tables, turn_of, widths
from engine.emit.lanes import Lanes, alongs, is_leaf, is_tabled
from engine.emit.lanes_bars import called_by
from engine.emit.market import emit_step, index_name
from engine.emit.names import kernel_name, literal
from engine.emit.writer import INFIX
from engine.graph.node import int_consts, wants
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
    rows, body = list[str](), list[str]()
    for j, run in enumerate(runs_of(plan)):
        is_along = nodes[run[0]].name in alongs(how)
        told, turn = _along(how, run, j) if is_along else _inline(plan, run, j)
        rows += told
        body += [f"    for k in range({len(run)}):", *turn]
    consts = [n for n, node in enumerate(nodes) if node.kind == "const"]
    counter, index = plan.market_cells.counters.get(0), index_name(plan, 0)
    after = [] if counter is None else [f"    st[{counter}] = {index} + 1.0"]
    return [
        *rows,
        "",
        "",
        HEAD.format(", called"),
        *(f"    x[{_place(plan, n)}] = {names[n]}" for n in consts),
        f"    {index} = 0" if counter is None else f"    {index} = int(st[{counter}])",
        *body,
        *after,
        *(f"    out[{k}] = x[{_place(plan, n)}]" for k, n in enumerate(plan.frontier)),
    ]


def _along(how: Lanes, run: Sequence[int], j: int) -> tuple[list[str], list[str]]:
    """The tables of a run of one operator along a block, and a turn of its loop."""
    plan = how.plan
    turns = [
        turn_of(
            plan,
            n,
            _place(plan, n),
            [Place(IN_BUF, _place(plan, a)) for a in plan.graph.nodes[n].args],
        )
        for n in run
    ]
    wide, reals = widths(turns)
    given = f"1, 1, {index_name(plan, 0)}, 0, 0, ahead(row, 1), reals, x, called, x, st"
    lines = [
        f"row = ahead(ROWS_STEP_{j}, k * {wide})",
        f"reals = ahead(REALS_STEP_{j}, k * {reals})",
        f"along_at(called[row[0]])({given})",
    ]
    told = tables(f"STEP_{j}", turns, called_by(how))
    return told, ["        " + line for line in lines]


def _inline(plan: Plan, run: Sequence[int], j: int) -> tuple[list[str], list[str]]:
    """The tables of a run of one operator, and a turn of its loop, which holds its kernel."""
    rows = [_row(plan, n) for n in run]
    told = [_table(f"ROWS_STEP_{j}", [str(v) for ints, _ in rows for v in ints])]
    if rows[0][1]:
        reals = [literal(v) for _, some in rows for v in some]
        told.append(_table(f"REALS_STEP_{j}", reals))
    return told, _one(plan, run[0], j, len(rows[0][0]))


def runs_of(plan: Plan) -> Iterator[list[int]]:
    """The market's nodes, each after what it reads, in runs of one operator: the one of which
    fewest must wait."""
    left = [n for n in plan.market if not is_leaf(plan, n)]
    while left:
        ready = dict(_ready(plan, left))
        count = Counter(plan.graph.nodes[n].name for n in left)
        run = ready[min(ready, key=lambda name: count[name] - len(ready[name]))]
        left = [n for n in left if n not in set(run)]
        yield run


def _ready(plan: Plan, left: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """The nodes of each operator that wait for nothing but nodes before them in the same run."""
    nodes = plan.graph.nodes
    for name in dict.fromkeys(nodes[n].name for n in left):
        waiting, run = set(left), list[int]()
        for n in left:
            if nodes[n].name == name and waiting.isdisjoint(nodes[n].args):
                run.append(n)
                waiting.discard(n)
        if run:
            yield name, run


def _table(name: str, values: list[str]) -> str:
    return f"{name} = table({', '.join(values)})"


def _place(plan: Plan, n: int) -> int:
    """Where in x a node's value lies: inputs come first."""
    if plan.graph.nodes[n].kind == "column":
        return next(k for k, column in enumerate(plan.inputs) if column.node == n)
    return len(plan.inputs) + n


def _row(plan: Plan, n: int) -> tuple[list[int], list[float]]:
    """What one node's turn of the loop reads: places, cells and lengths; and other constants."""
    node, cells, needs = plan.graph.nodes[n], plan.market_cells, wants(plan.graph.nodes[n].name)
    consts = int_consts(node)
    row = [_place(plan, n), *(_place(plan, a) for a in node.args)]
    row += [c for c in consts if isinstance(c, int)]
    if needs.ring:
        ring = cells.rings[node.args[0], plan.domain(n)]
        row += [ring.at, ring.mask]
    row += [cells.scratch[n]] if needs.scratch else []
    row += [cells.state[n]] if needs.state else []
    return row, [c for c in consts if not isinstance(c, int)]


def _one(plan: Plan, n: int, j: int, width: int) -> list[str]:
    """A turn of the loop over a run that begins with a node."""
    node, nodes = plan.graph.nodes[n], plan.graph.nodes
    needs, consts = wants(node.name), int_consts(node)
    cell = (f"row[{c}]" for c in range(width))
    reals = sum(not isinstance(c, int) for c in consts)
    real = (f"reals[{c}]" for c in range(reals))
    out = next(cell)
    series = [f"x[{next(cell)}]" for _ in node.args]
    args = [f"int({x})" if nodes[a].truth else x for x, a in zip(series, node.args, strict=True)]
    args += [next(cell) if isinstance(c, int) else next(real) for c in consts]
    lines = [f"row = ahead(ROWS_STEP_{j}, k * {width})"]
    lines += [f"reals = ahead(REALS_STEP_{j}, k * {reals})"] if reals else []
    index = index_name(plan, 0)
    args += [index] * needs.index
    if needs.ring:
        at, mask = next(cell), next(cell)
        lines.append(f"st[{at} + ({index} & {mask})] = {series[0]}")
        args += ["st", at, mask]
    args += ["st", next(cell)] if needs.scratch else []
    states = [f"s{k}" for k in range(needs.state)]
    if states:
        lines.append(f"s = {next(cell)}")
        args += [f"st[s + {k}]" for k in range(needs.state)]
    call = f" {INFIX[node.name]} ".join(args) if node.name in INFIX else ""
    call = call or f"{kernel_name(node.name)}({', '.join(args)})"
    lines.append(f"{', '.join(['v', *states])} = {call}")
    lines += [f"st[s + {k}] = {name}" for k, name in enumerate(states)]
    lines.append(f"x[{out}] = {'float(v)' if node.truth else 'v'}")
    return ["        " + line for line in lines]
