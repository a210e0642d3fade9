"""The reference runner (floor 7): it walks the graph and calls each op's kernel. It defines every
value.

It never runs emitted source, and for market nodes it keeps its own memory per node, so that neither
an emitter's fault nor an overlap of cells can agree with itself. Book functions keep their memory
in the plan's cells, because the account loop owns, copies and restarts those.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.fields import POSITION_QTY
from engine.graph.gate import gate, gate_truth
from engine.graph.memory import Memory
from engine.graph.node import Node, Wants, int_consts, op_of, wants
from engine.graph.plan import Plan
from engine.records.desk import Compiled

Value = float | int
Columns = Sequence[Sequence[float]]


def unknown(node: Node) -> Value:
    """What a value is before it is known."""
    return 1 if node.truth else float("nan")


def typed(node: Node, value: float) -> Value:
    """A value out of a flat list: truth values are ints."""
    return int(value) if node.truth else value


@dataclass(frozen=True, slots=True)
class _Ready:
    """A node with what does not change from bar to bar looked up once."""

    n: int
    node: Node
    domain: int
    kernel: Callable[..., Any]
    consts: tuple[float | int, ...]
    needs: Wants


NOTHING = Wants(False, False, False, 0)
"""What a kernel wants besides its arguments: nothing."""


def _ready(plan: Plan, order: Iterable[int]) -> tuple[_Ready, ...]:
    return tuple(_make_ready(plan, n, plan.graph.nodes[n]) for n in order)


def _make_ready(plan: Plan, n: int, node: Node) -> _Ready:
    if node.kind != "op":
        domain = plan.domain(n) if plan.stages[n] == "market" else 0
        return _Ready(n, node, domain, unknown, (), NOTHING)
    return _Ready(n, node, plan.domain(n), op_of(node).kernel, int_consts(node), wants(node.name))


# ---------------------------------------------------------------- market


@dataclass(slots=True)
class _Memo:
    """One op node's own memory on the walk."""

    state: tuple[float, ...]
    ring: list[float]
    scratch: list[float]


@dataclass
class Walk:
    """A market walk in progress: `step` once per instant; `values` holds every node as seen now."""

    plan: Plan
    order: tuple[_Ready, ...]
    places: dict[int, int]
    values: list[Value]
    counts: list[int]
    memos: dict[int, _Memo]

    def step(self, x: Sequence[float], has: Sequence[float]) -> None:
        """Take one instant's inputs."""
        plan, values = self.plan, self.values
        steps = [plan.steps_always(k) or has[k] != 0.0 for k in range(len(plan.frames))]
        for ready in self.order:
            n, node = ready.n, ready.node
            if not steps[ready.domain]:
                if not plan.is_held(n):
                    values[n] = unknown(node)
            elif node.kind in ("column", "across"):
                values[n] = typed(node, x[self.places[n]])
            elif node.kind == "sample":
                values[n] = values[node.args[0]]
            else:
                values[n] = self._apply(ready)
        for k, stepped in enumerate(steps):
            self.counts[k] += stepped

    def _apply(self, ready: _Ready) -> Value:
        needs, memo, i = ready.needs, self.memos[ready.n], self.counts[ready.domain]
        args: list[Any] = [self.values[a] for a in ready.node.args]
        first = args[0] if args else 0.0
        args += ready.consts
        if needs.index:
            args.append(i)
        if needs.ring:
            mask = len(memo.ring) - 1
            memo.ring[i & mask] = first
            args += (memo.ring, 0, mask)
        if needs.scratch:
            args += (memo.scratch, 0)
        answer = ready.kernel(*args, *memo.state)
        if not needs.state:
            return answer  # type: ignore[no-any-return]
        memo.state = answer[1:]
        return answer[0]  # type: ignore[no-any-return]


def _memo(node: Node) -> _Memo:
    op = op_of(node)
    size = 1 << int(op.reach(node.consts)).bit_length()
    scratch = max(1, int(op.scratch(node.consts)))
    return _Memo(op.state, [0.0] * size, [0.0] * scratch)


def start(plan: Plan) -> Walk:
    """A walk before its first bar."""
    nodes = plan.graph.nodes
    places = {c.node: k for k, c in enumerate(plan.inputs)}
    memos = {n: _memo(nodes[n]) for n in plan.market if nodes[n].kind == "op"}
    return Walk(plan, _ready(plan, plan.market), places, blank(plan), [0] * len(plan.frames), memos)


def blank(plan: Plan) -> list[Value]:
    """A value per node: constants as they are, the rest not known yet."""
    return [typed(n, n.value) if n.kind == "const" else unknown(n) for n in plan.graph.nodes]


def market(plan: Plan) -> Callable[[Columns, Columns, int], list[float]]:
    """The market function: columns in, a flat row-major table of the frontier out."""

    def run(inputs: Columns, has: Columns, n: int) -> list[float]:
        walk, out = start(plan), list[float]()
        for x, here in instants(inputs, has, n):
            walk.step(x, here)
            out.extend(row_of(plan, walk.values))
        return out

    return run


def trace(plan: Plan, inputs: Columns, has: Columns, n: int) -> list[list[Value]]:
    """Every node's value as seen at each instant (na for nodes of the book), for `why`."""
    walk, rows = start(plan), list[list[Value]]()
    for x, here in instants(inputs, has, n):
        walk.step(x, here)
        rows.append(list(walk.values))
    return rows


def instants(inputs: Columns, has: Columns, n: int) -> Iterator[tuple[list[float], list[float]]]:
    """Turn columns into one list of inputs and one of bars per instant."""
    for t in range(n):
        yield [float(c[t]) for c in inputs], [float(h[t]) for h in has]


def row_of(plan: Plan, values: Sequence[Value]) -> list[float]:
    """The frontier columns of one instant, `may_fire` last."""
    row = [float(values[n]) for n in plan.frontier]
    fires = plan.may_fire()
    return row if fires is None else [*row, float(min(values[fires], 1))]


def across(plan: Plan) -> Callable[[int, int, Columns, Any, Any], None]:
    """What a layer compares, walked: each kernel on one close's values alone."""
    nodes = [(plan.graph.nodes[n], op_of(plan.graph.nodes[n]).kernel) for n in plan.across]

    def run(n: int, m: int, x: Columns, out: Any, spare: Any) -> None:
        for t in range(n):
            close = slice(t * m, t * m + m)
            for j, (node, kernel) in enumerate(nodes):
                series = [list(x[plan.sources.index(a)][close]) for a in node.args]
                found = [0.0] * m
                kernel(m, *series, 0, *node.consts, found, [0.0] * m)
                out[j][close] = found

    return run


# ---------------------------------------------------------------- book


def rule(plan: Plan) -> Compiled:
    """The plan's `rule`, walked."""
    return watch(plan, [name for name, _ in plan.outputs("rule")])


def watch(plan: Plan, names: Sequence[str]) -> Compiled:
    """`rule` that writes these outputs instead: notes too, where the graph was built with them."""
    book = _Book(plan, plan.rule, plan.book_cells)
    nodes = [plan.graph.out(name) for name in names]

    def run(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        values = book.values(row, r, fields, f, cells, c)
        book.count(cells, c)
        for n, at in plan.book_cells.kept.items():
            cells[c + at] = float(values[n])
        for k, n in enumerate(nodes):
            out[o + k] = float(values[n])

    return run


def stops(plan: Plan) -> Compiled:
    """The plan's `stops`, walked: folds at their first bar, whatever the position."""
    book = _Book(plan, plan.stops, plan.stops_cells, gated=False)
    nodes = [n for _, n in plan.outputs("stops")]

    def run(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        values = book.values(row, r, fields, f, list(plan.stops_cells.init), 0)
        for k, n in enumerate(nodes):
            out[o + k] = float(values[n])

    return run


def decide(plan: Plan) -> Compiled:
    """The plan's `decide`, walked: it reads the values that `rule` kept, and steps nothing."""
    book = _Book(plan, plan.decide, plan.book_cells, kept=plan.kept)
    nodes = [n for _, n in plan.outputs("decide")]

    def run(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        values = book.values(row, r, fields, f, cells, c)
        for k, n in enumerate(nodes):
            out[o + k] = float(values[n])

    return run


def _is_plain(ready: _Ready) -> bool:
    """Whether a node is its kernel on its arguments and nothing else."""
    return ready.node.kind == "op" and ready.needs == NOTHING and not ready.consts


class _Step(NamedTuple):
    """A book node, with its kernel and first arguments. arity: of nodes that are their kernel on
    one to three arguments; 0: of all others."""

    arity: int
    n: int
    kernel: Callable[..., Any]
    a: int
    b: int
    c: int
    ready: _Ready


def _step(ready: _Ready) -> _Step:
    a, b, c, *more = (*ready.node.args, 0, 0, 0)
    arity = len(ready.node.args) if _is_plain(ready) and len(more) <= 3 else 0
    return _Step(arity, ready.n, ready.kernel, a, b, c, ready)


class _Book:
    """Evaluates book nodes in order over the plan's cells."""

    def __init__(
        self,
        plan: Plan,
        order: tuple[int, ...],
        cells: Memory,
        gated: bool = True,
        kept: tuple[int, ...] = (),
    ) -> None:
        nodes = plan.graph.nodes
        ready = _ready(plan, order)
        self.steps = tuple(_step(r) for r in ready if r.node.kind != "field")
        self.fields = [(n, nodes[n], plan.field_slot(nodes[n].name)) for n in order
                       if nodes[n].kind == "field"]  # fmt: skip
        self.frontier = [(n, nodes[n], k) for k, n in enumerate(plan.frontier)]
        self.kept = [(n, nodes[n], cells.kept[n]) for n in kept]
        self.cells = cells
        self.gated = gated
        self.blank = blank(plan)

    def values(self, row: Any, r: int, fields: Any, f: int, cells: Any, c: int) -> list[Value]:
        """Every book node's value at this decision; steps state, not counters."""
        values = list(self.blank)
        for n, node, at in self.frontier:
            values[n] = typed(node, float(row[r + at]))
        for n, node, at in self.kept:
            values[n] = typed(node, float(cells[c + at]))
        for n, node, at in self.fields:
            values[n] = typed(node, float(fields[f + at]))
        for arity, n, kernel, a, b, third, ready in self.steps:
            if arity == 2:
                values[n] = kernel(values[a], values[b])
            elif arity == 3:
                values[n] = kernel(values[a], values[b], values[third])
            elif arity == 1:
                values[n] = kernel(values[a])
            elif ready.node.kind == "gate":
                values[n] = self._gate(ready.node, values, float(fields[f + POSITION_QTY]))
            else:
                values[n] = self._apply(ready, values, cells, c)
        return values

    def count(self, cells: Any, c: int) -> None:
        """One more decision seen."""
        for at in self.cells.counters.values():
            cells[c + at] += 1.0

    def _gate(self, node: Node, values: list[Value], qty: float) -> Value:
        inner = values[node.args[0]]
        if not self.gated:
            return inner
        return gate_truth(qty, int(inner)) if node.truth else gate(qty, inner)

    def _apply(self, ready: _Ready, values: list[Value], cells: Any, c: int) -> Value:
        needs = ready.needs
        args: list[Any] = [values[a] for a in ready.node.args]
        memory = self._memory(ready, args[0] if args else 0.0, cells, c)
        at = c + self.cells.state.get(ready.n, 0)
        state = [float(cells[at + k]) for k in range(needs.state)]
        answer = ready.kernel(*args, *ready.consts, *memory, *state)
        if not needs.state:
            return answer  # type: ignore[no-any-return]
        for k, value in enumerate(answer[1:]):
            cells[at + k] = value
        return answer[0]  # type: ignore[no-any-return]

    def _memory(self, ready: _Ready, first: Value, cells: Any, c: int) -> list[Any]:
        """The index, ring and scratch arguments; writes the current value into the ring."""
        needs, domain, args = ready.needs, ready.domain, list[Any]()
        i = int(cells[c + self.cells.counters[domain]]) if needs.index or needs.ring else 0
        if needs.index:
            args.append(i)
        if needs.ring:
            ring = self.cells.rings[ready.node.args[0], domain]
            cells[c + ring.at + (i & ring.mask)] = float(first)
            args += (cells, c + ring.at, ring.mask)
        if needs.scratch:
            args += (cells, c + self.cells.scratch[ready.n])
        return args
