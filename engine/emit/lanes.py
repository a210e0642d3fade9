"""The market of a lane program (floor 6): `bars` over dense bars, for one lane or for many.

One lane keeps state in locals. Many lanes lie beside each other, a row of `LANES` cells a number,
so that a compiler steps them together; operators with branches or memory of their own run lane by
lane on the cells that `step` keeps. `store` puts everything back to where `step` expects it, and
`load` takes it from there: `step` runs the bars before all is defined, and those on which running
sums are rebuilt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.emit.lanes_plan import PRICES, gate
from engine.emit.names import literal
from engine.emit.writer import Spelling, Writer
from engine.graph.node import Node, int_consts, wants
from engine.graph.plan import Plan
from engine.ops.dense import DENSE_BY_NAME, NEVER_NA, SHORTEST, STRAIGHT, Dense

LANES = 64
ANYWHERE = (1 << 62) - 1
"""The mask under which a whole column is the ring of its own past."""
HEAD = "def bars(first, end, start, ins, at, st, vec, rows, fire, leave):"


@dataclass(frozen=True)
class Lanes:
    """How a plan runs: lanes beside each other, columns in `ins`, and each node's form.

    known: nodes that are never na on certified bars. forms: nodes that run a dense kernel. cells:
    the first row of `vec` that holds a node's state. crossing: the row that carries a value from
    one loop over the lanes to the next."""

    plan: Plan
    names: tuple[str, ...]
    lanes: int
    columns: tuple[str, ...]
    known: frozenset[int]
    forms: dict[int, Dense]
    groups: tuple[tuple[bool, tuple[int, ...]], ...]
    cells: dict[int, int]
    crossing: dict[int, int]
    vec_rows: int

    @property
    def stride(self) -> int:
        """Cells from one bar to the next."""
        return self.lanes

    def column(self, node: int) -> int:
        """The place of an input among the columns."""
        return self.columns.index(self.plan.graph.nodes[node].name)


def plan_lanes(plan: Plan, names: tuple[str, ...], lanes: int, columns: tuple[str, ...]) -> Lanes:
    """Choose a form for every market node."""
    known = _known(plan)
    forms = {n: row for n in plan.market if (row := _form(plan, known, n)) is not None}
    groups = ((True, plan.market),) if lanes == 1 else tuple(_groups(plan, forms))
    cells: dict[int, int] = {}
    crossing: dict[int, int] = {}
    rows = 0
    if lanes > 1:
        for n in (n for is_vector, nodes in groups for n in nodes if is_vector):
            cells[n] = rows
            rows += len(kept_cells(plan, forms, n))
        for n in _crossing(plan, groups):
            crossing[n] = rows
            rows += 1
    return Lanes(plan, names, lanes, columns, known, forms, groups, cells, crossing, rows)


def _known(plan: Plan) -> frozenset[int]:
    """Market nodes that have a value on every certified bar."""
    known: set[int] = set()
    nodes = plan.graph.nodes
    for n, node in enumerate(nodes):
        if node.kind == "const":
            is_known = node.value == node.value
        elif node.kind == "column":
            is_known = True
        else:
            is_known = node.kind == "op" and node.name in NEVER_NA
            is_known = is_known and all(a in known for a in node.args)
        if is_known:
            known.add(n)
    return frozenset(known)


def _form(plan: Plan, known: frozenset[int], n: int) -> Dense | None:
    node = plan.graph.nodes[n]
    row = DENSE_BY_NAME.get(node.name) if node.kind == "op" else None
    if row is None or not all(a in known for a in node.args):
        return None
    if row.level and node.consts[0] < SHORTEST:
        return None
    first = plan.graph.nodes[node.args[0]]
    is_price = first.kind == "column" and first.name in PRICES
    return row if is_price or not row.leaving else None


def _groups(plan: Plan, forms: dict[int, Dense]) -> Iterator[tuple[bool, tuple[int, ...]]]:
    """As few loops over the lanes as the order of the nodes allows, straight ones first."""
    left = list(plan.market)
    is_vector = True
    while left:
        waiting, batch = set(left), []
        for n in left:
            ready = not waiting.intersection(plan.graph.nodes[n].args)
            if ready and is_straight(plan, forms, n) == is_vector:
                batch.append(n)
                waiting.discard(n)
        if batch:
            yield is_vector, tuple(batch)
        left = [n for n in left if n in waiting]
        is_vector = not is_vector


def is_straight(plan: Plan, forms: dict[int, Dense], n: int) -> bool:
    """Whether many lanes of a node can be stepped together."""
    node = plan.graph.nodes[n]
    if node.kind != "op" or n in forms or node.name in STRAIGHT:
        return True
    return node.name == "back" and plan.graph.nodes[node.args[0]].kind == "column"


def _crossing(plan: Plan, groups: Sequence[tuple[bool, tuple[int, ...]]]) -> list[int]:
    """Ops that another loop reads."""
    home = {n: k for k, (_, nodes) in enumerate(groups) for n in nodes}
    read = {a for n in home for a in plan.graph.nodes[n].args if a in home and home[a] != home[n]}
    return sorted(a for a in read if plan.graph.nodes[a].kind == "op")


def kept_cells(plan: Plan, forms: dict[int, Dense], n: int) -> tuple[int, ...]:
    """The state cells of a node that change on dense bars."""
    node = plan.graph.nodes[n]
    if node.kind != "op":
        return ()
    return forms[n].keeps if n in forms else tuple(range(wants(node.name).state))


# ---------------------------------------------------------------- writing nodes


class LaneWriter(Writer):
    """Writes nodes in the form that was chosen for them."""

    def __init__(self, how: Lanes, spelling: Spelling, order: Sequence[int]) -> None:
        plan = how.plan
        named = [*plan.frontier, *how.crossing]
        super().__init__(plan, how.names, plan.market_cells, spelling, order, named)
        self.how = how
        self.views: dict[str, str] = {}

    def node(self, n: int, indent: int) -> None:
        node = self.plan.graph.nodes[n]
        row = self.how.forms.get(n)
        if row is not None:
            targets = [self.names[n], *(f"{self.names[n]}_s{k}" for k in row.keeps)]
            args = [self.refer(a) for a in node.args]
            args += [str(c) if isinstance(c, int) else literal(c) for c in int_consts(node)]
            if row.leaving:
                args.append(self.past(node.args[0], int(node.consts[0])))
            args += targets[1:]
            call = f"{row.kernel.__name__}({', '.join(args)})"
            self.line(f"{', '.join(targets)} = {call}", indent)
        elif node.kind == "op" and node.name == "back" and self.is_direct(node):
            past = self.past(node.args[0], int(node.consts[0]))
            self.line(f"{self.names[n]} = {past}", indent)
        else:
            super().node(n, indent)

    def is_direct(self, node: Node) -> bool:
        """Whether a node looks back at an input, whose past lies in `ins`."""
        return self.plan.graph.nodes[node.args[0]].kind == "column"

    def past(self, n: int, bars: int) -> str:
        """An input so many bars ago."""
        if self.how.lanes == 1:
            return f"ins[{self.names[n]}_at + t - {bars}]"
        return self.view(n, bars)

    def view(self, n: int, bars: int) -> str:
        """One lane of an input, in a view of its row: nothing is before its first cell."""
        name = f"ins_{self.names[n]}_{bars}"
        first = f"{self.names[n]}_at + x - {bars * self.how.lanes}"
        self.views[name] = f"ins[{first} : {first} + {self.how.lanes}]"
        return f"{name}[l]"

    def ring_write(self, n: int, node: Node, indent: int) -> None:
        if self.how.lanes > 1 or not (wants(node.name).ring and self.is_direct(node)):
            super().ring_write(n, node, indent)

    def _arguments(self, n: int, node: Node) -> list[str]:
        args = super()._arguments(n, node)
        if self.how.lanes == 1 and wants(node.name).ring and self.is_direct(node):
            ring = self.cells.rings[node.args[0], self.plan.domain(n)]
            known = [self.spelling.buffer, self.spelling.offset(ring.at), str(ring.mask)]
            place = next(k for k in range(len(args)) if args[k : k + 3] == known)
            args[place : place + 3] = ["ins", f"{self.names[node.args[0]]}_at", str(ANYWHERE)]
        return args


def emit_bars(how: Lanes) -> list[str]:
    """`bars(first, end, start, ins, at, st, vec, rows, fire, leave)`.

    Bars first .. end - 1 of the block that begins at `start`; at[k] is where the k-th column of
    `ins` begins. fire, leave: a bit a lane where its gate is TRUE."""
    return _alone(how) if how.lanes == 1 else _beside(how)


def _alone(how: Lanes) -> list[str]:
    plan, names = how.plan, how.names
    spelling = Spelling(
        buffer="st",
        offset=str,
        index=lambda domain: "t",
        read=lambda n, k: f"{names[n]}_s{k}",
        write=lambda n, k: f"{names[n]}_s{k}",
        leaf=lambda n: f"ins[{names[n]}_at + t]",
    )
    writer = LaneWriter(how, spelling, plan.market)
    writer.line(HEAD, 0)
    for column in plan.inputs:
        writer.line(f"{names[column.node]}_at = at[{how.column(column.node)}]", 1)
    kept = [(n, k) for n in plan.market for k in kept_cells(plan, how.forms, n)]
    for n, k in kept:
        writer.line(f"{names[n]}_s{k} = st[{plan.market_cells.state[n] + k}]", 1)
    writer.line("for t in range(first, end):", 1)
    for n in plan.market:
        writer.node(n, 2)
    width = len(plan.frontier)
    for k, n in enumerate(plan.frontier):
        writer.line(f"rows[(t - start) * {width} + {k}] = {_as_float(plan, n, writer)}", 2)
    for gate_name, mask in (("may_fire", "fire"), ("may_exit", "leave")):
        writer.line(f"{mask}[t - start] = {_gate(plan, writer, gate_name)}", 2)
    for n, k in kept:
        writer.line(f"st[{plan.market_cells.state[n] + k}] = {names[n]}_s{k}", 1)
    return writer.lines


def _gate(plan: Plan, writer: Writer, name: str) -> str:
    """1 where the gate is TRUE, for one lane."""
    column = gate(plan, name)
    if column < 0:
        return str(-1 - column)
    return f"int({writer.refer(plan.frontier[column])} == 2)"


def _as_float(plan: Plan, n: int, writer: Writer) -> str:
    text = writer.refer(n)
    return f"truth_held({text})" if plan.graph.nodes[n].truth else text


def _beside(how: Lanes) -> list[str]:
    plan, names, cells = how.plan, how.names, how.plan.market_cells
    size = cells.size
    spelling = Spelling(
        buffer="st",
        offset=lambda cell: f"b + {cell}",
        index=lambda domain: "t",
        read=lambda n, k: f"{names[n]}_s{k}" if n in how.cells else f"st[b + {cells.state[n] + k}]",
        write=lambda n, k: (
            f"{names[n]}_s{k}" if n in how.cells else f"st[b + {cells.state[n] + k}]"
        ),
        leaf=lambda n: writer.view(n, 0),
    )
    writer = LaneWriter(how, spelling, plan.market)
    writer.line(HEAD, 0)
    for column in plan.inputs:
        writer.line(f"{names[column.node]}_at = at[{how.column(column.node)}]", 1)
    writer.line("for t in range(first, end):", 1)
    writer.line(f"x = t * {how.stride}", 2)
    writer.line(f"r = (t - start) * {len(plan.frontier) * how.lanes}", 2)
    for mask, gate_name in (("fire", "may_fire"), ("leave", "may_exit")):
        all_of_it = "0" if gate(plan, gate_name) != -2 else "-1"
        writer.line(f"{mask}_now = {all_of_it}", 2)
    before = len(writer.lines)
    home = {n: k for k, (_, nodes) in enumerate(how.groups) for n in nodes}
    for group, (is_vector, nodes) in enumerate(how.groups):
        writer.line(f"for l in range({how.lanes}):", 2)
        if not is_vector:
            writer.line(f"b = l * {size}", 3)
        _loop(how, writer, group, home, nodes)
    views = [f"        {name} = {text}" for name, text in writer.views.items()]
    writer.lines[before:before] = views
    writer.line("fire[t - start] = fire_now", 2)
    writer.line("leave[t - start] = leave_now", 2)
    return writer.lines


def _loop(
    how: Lanes, writer: LaneWriter, group: int, home: dict[int, int], nodes: tuple[int, ...]
) -> None:
    """One loop over the lanes: what it reads, its nodes, what others read of them."""
    plan, names = how.plan, how.names
    outside = {a for n in nodes for a in plan.graph.nodes[n].args if home.get(a, group) != group}
    for n in sorted(outside):
        text = (
            f"vec[{how.crossing[n] * how.lanes} + l]"
            if n in how.crossing
            else writer.spelling.leaf(n)
        )
        writer.line(f"{names[n]} = {_from_row(plan, n, text)}", 3)
    kept = [
        (n, k) for n in nodes if n in how.cells for k in enumerate(kept_cells(plan, how.forms, n))
    ]
    for n, (row, k) in kept:
        writer.line(f"{names[n]}_s{k} = vec[{(how.cells[n] + row) * how.lanes} + l]", 3)
    for n in nodes:
        writer.node(n, 3)
    for n, (row, k) in kept:
        writer.line(f"vec[{(how.cells[n] + row) * how.lanes} + l] = {names[n]}_s{k}", 3)
    for n in nodes:
        if n in how.crossing:
            writer.line(f"vec[{how.crossing[n] * how.lanes} + l] = {_as_float(plan, n, writer)}", 3)
        if n in plan.frontier:
            place = plan.frontier.index(n) * how.lanes
            writer.views[f"row_{place}"] = f"rows[r + {place} : r + {place} + {how.lanes}]"
            writer.line(f"row_{place}[l] = {_as_float(plan, n, writer)}", 3)
    for mask, gate_name in (("fire", "may_fire"), ("leave", "may_exit")):
        column = gate(plan, gate_name)
        if column >= 0 and plan.frontier[column] in nodes:
            truth = writer.refer(plan.frontier[column])
            writer.line(f"{mask}_now |= bit({truth} == 2, l)", 3)


def _from_row(plan: Plan, n: int, text: str) -> str:
    return f"truth_read({text})" if plan.graph.nodes[n].truth else text
