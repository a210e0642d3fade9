"""What is legal at each stage (floor 5): a graph after building or any pass, and a plan.

The checker refuses a user's mistakes with spans and help; what is found here is a fault of ours, or
a construct that slipped through. Cheap enough to run on every load.
"""

from collections.abc import Iterable, Iterator, Sequence

from engine.check.typed import SELF
from engine.fields import BY_NAME as FIELD
from engine.fields import POSITION_ENTRY_PRICE, POSITION_LAST_ENTRY_PRICE
from engine.graph.memory import Memory
from engine.graph.node import Graph, Node, keeps_state, op_of, reached
from engine.graph.plan import Plan
from engine.graph.stage import Stage, read_by, stages


class IllegalGraph(Exception):
    """A graph or plan that breaks an invariant; `faults` says each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def verify_graph(graph: Graph) -> None:
    """Raise IllegalGraph unless the graph may be planned."""
    _raise(list(_shape_faults(graph)))
    _raise([*_frame_faults(graph), *_stage_faults(graph)])


def verify_plan(plan: Plan) -> None:
    """Raise IllegalGraph unless the plan's order and cells are sound."""
    for layer in plan.layers:
        verify_plan(layer)
    faults = [*_order_faults(plan)]
    for name, cells in (("market", plan.market_cells), ("book", plan.book_cells)):
        faults.extend(f"{name} cells: {fault}" for fault in _cell_faults(plan.graph, cells))
    _raise(faults)


def _raise(faults: list[str]) -> None:
    if faults:
        raise IllegalGraph(faults)


# ---------------------------------------------------------------- graphs


def _shape_faults(graph: Graph) -> Iterator[str]:
    if len(set(map(repr, graph.nodes))) < len(graph.nodes):
        yield "two nodes are equal"
    for n, node in enumerate(graph.nodes):
        if any(not 0 <= a < n for a in node.args):
            yield f"node {n} ({node.kind} {node.name}) comes before an argument"
        if node.kind in ("op", "across"):
            yield from _op_faults(n, node)
        if node.kind == "field" and node.name.partition("(")[0] not in FIELD:
            yield f"node {n} reads an unknown field {node.name}"


def _op_faults(n: int, node: Node) -> Iterator[str]:
    op = op_of(node)
    series = sum(a.kind != "const" for a in op.args) + len(op.columns)
    if len(node.args) != series:
        yield f"node {n} ({node.name}) takes {series} series, has {len(node.args)}"
    if len(node.consts) != len(op.args) + len(op.columns) - series:
        yield f"node {n} ({node.name}) has {len(node.consts)} constants"
    if node.truth != (op.result == "truth"):
        yield f"node {n} ({node.name}) has the wrong kind"


def _frame_faults(graph: Graph) -> Iterator[str]:
    found = stages(graph.nodes)
    for n, node in enumerate(graph.nodes):
        if node.kind == "sample" and found[n] == "book":
            yield f"node {n} samples a book value"
        if node.kind == "across" and any(found[a] == "book" for a in node.args):
            yield f"node {n} ({node.name}) compares what differs from book to book"
        if node.kind in ("op", "across") and found[n] == "market":
            for a in node.args:
                if found[a] == "market" and graph.nodes[a].frame != node.frame:
                    yield f"node {n} ({node.name}) reads node {a} on other bars"


def _stage_faults(graph: Graph) -> Iterator[str]:
    found = stages(graph.nodes)
    for o in graph.outputs:
        below = sorted(reached(graph, [o.node]))
        if o.function == "market" and found[o.node] == "book":
            yield f"{o.name} reads the book"
        if o.function == "stops":
            yield from _stops_faults(graph, found, o.name, below)
        if graph.kind == "limits":
            yield from _limits_faults(graph, found, o.function == "rule", o.name, below)


def _stops_faults(
    graph: Graph, found: Sequence[Stage], name: str, below: list[int]
) -> Iterator[str]:
    """A level knows the signal's row and the entry price; a trail may read other fields."""
    for n in below:
        node = graph.nodes[n]
        if keeps_state(node) and found[n] == "book" and not node.fold:
            yield f"{name} keeps state over decisions ({node.name}); write `since entry`"
        if node.kind == "field" and not name.startswith("trail."):
            if FIELD[node.name].slot in (POSITION_ENTRY_PRICE, POSITION_LAST_ENTRY_PRICE):
                continue
            yield f"{name} reads {node.name}, which is not known when the order is placed"


def _limits_faults(
    graph: Graph, found: Sequence[Stage], in_rule: bool, name: str, below: list[int]
) -> Iterator[str]:
    for n in below:
        node = graph.nodes[n]
        if node.kind == "gate" or node.fold:
            yield f"{name} folds over a position, which limits do not have"
        if node.kind == "across":
            yield f"{name} compares symbols, and limits have no universe"
        if keeps_state(node) and found[n] == "book":
            yield from _account_faults(graph, f"{name}: state ({node.name})", n)
    if in_rule:
        roots = [o.node for o in graph.outputs if o.name == name]
        for root in roots:
            yield from _account_faults(graph, name, root)


OF_THE_ACCOUNT = ("account.", "losses.", "risk.", "session.", "market.time")
"""Groups of fields that say the same whichever order is judged."""


def _account_faults(graph: Graph, who: str, root: int) -> Iterator[str]:
    """What is evaluated once per close on the clock may not read one order, position or symbol."""
    for n in sorted(reached(graph, [root])):
        node = graph.nodes[n]
        if node.kind == "field" and not node.name.startswith(OF_THE_ACCOUNT):
            yield f"{who} reads {node.name}, which differs from order to order"
        if node.kind == "column" and node.frame is not None and node.frame.symbol == SELF.symbol:
            yield f"{who} reads {node.name} of the order's symbol"


# ---------------------------------------------------------------- plans


def _order_faults(plan: Plan) -> Iterator[str]:
    done = {n for n, s in enumerate(plan.stages) if s == "const"}
    for n in plan.market:
        if not done.issuperset(read_by(plan.graph, n)):
            yield f"market steps node {n} before its arguments"
        done.add(n)
    if not done.issuperset(plan.frontier):
        yield "the frontier holds a node that market does not compute"
    for name, order in (("rule", plan.rule), ("stops", plan.stops), ("decide", plan.decide)):
        known = {*done, *(plan.kept if name == "decide" else ())}
        for n in order:
            if not known.issuperset(plan.graph.nodes[n].args):
                yield f"{name} steps node {n} before its arguments"
            known.add(n)


def _cell_faults(graph: Graph, cells: Memory) -> Iterator[str]:
    taken: set[int] = set()
    for what, at, count in _places(graph, cells):
        span = set(range(at, at + count))
        if span & taken:
            yield f"{what} overlaps another"
        if at + count > cells.size:
            yield f"{what} lies outside"
        taken |= span
    if len(taken) != cells.size:
        yield f"{cells.size - len(taken)} cells belong to nobody"
    for ring in cells.rings.values():
        if (ring.mask + 1) & ring.mask:
            yield f"the ring of node {ring.series} is no power of two"


def _places(graph: Graph, cells: Memory) -> Iterator[tuple[str, int, int]]:
    for domain, at in cells.counters.items():
        yield f"counter of {domain}", at, 1
    for n, at in cells.state.items():
        yield f"state of node {n}", at, len(op_of(graph.nodes[n]).state)
    for n, at in (*cells.held.items(), *cells.kept.items()):
        yield f"value of node {n}", at, 1
    for ring in cells.rings.values():
        yield f"ring of node {ring.series}", ring.at, ring.mask + 1
    for n, at in cells.scratch.items():
        yield (
            f"scratch of node {n}",
            at,
            max(1, int(op_of(graph.nodes[n]).scratch(graph.nodes[n].consts))),
        )
