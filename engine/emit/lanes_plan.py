"""The plan of a lane program (floor 6): the strategy's own, with gates in place of `may_fire`.

`may_fire` and `may_exit` become columns: on a bar where the gate of a lane is not TRUE, its rule
need not run. What cannot run in lanes is said here as far as the plan tells.
"""

from collections.abc import Iterator, Mapping
from math import inf

from engine.graph.build import may_exit, may_fire
from engine.graph.node import Builder, Graph, Node, Output, op_of
from engine.graph.plan import Plan, make_plan
from engine.graph.simplify import simplify
from engine.graph.verify import verify_graph, verify_plan

GATES = ("may_fire", "may_exit")
PRICES = ("open", "high", "low", "close")
"""Columns whose values are near enough to each other for running sums without a rebuild, where
the loader certifies it."""


def lane_plan(plan: Plan) -> Plan:
    """A strategy's plan with both gates among the columns of a row."""
    simple = lane_graph(plan)
    verify_graph(simple)
    made = make_plan(simple)
    verify_plan(made)
    return made


def lane_graph(plan: Plan) -> Graph:
    """A strategy's graph with both gates among its notes."""
    builder = Builder()
    moved = [builder.add(node) for node in plan.graph.nodes]
    kept = [o for o in plan.graph.outputs if o.function in ("rule", "stops")]
    assert moved == list(range(len(moved)))
    gates = (may_fire(builder, kept), may_exit(builder, kept))
    notes = [Output("note", name, n) for name, n in zip(GATES, gates, strict=True)]
    graph = Graph(
        plan.graph.name,
        "strategy",
        tuple(builder.nodes),
        (*kept, *notes),
        plan.graph.labels,
    )
    return simplify(graph)


def gate(plan: Plan, name: str) -> int:
    """The column of a row that holds a gate; -1 when it is never, -2 when it is always TRUE."""
    node = plan.graph.out(name)
    if plan.graph.nodes[node].kind == "const":
        return -2 if plan.graph.nodes[node].value == 2.0 else -1
    return plan.frontier.index(node)


def plan_refusals(plan: Plan) -> Iterator[str]:
    """Why a strategy cannot run in lanes, as far as its plan says."""
    if plan.graph.kind != "strategy":
        yield "only a strategy runs in lanes"
    if any(node.kind == "across" for node in plan.graph.nodes):
        yield "the rule compares the symbols of a universe"
    if len(plan.frames) > 1:
        yield "the rule reads another symbol, a slower clock or a data series"
    if any(plan.graph.nodes[c.node].truth or ":" in c.name for c in plan.inputs):
        yield "the rule reads a list or a data series"
    if plan.extra_fields:
        yield f"the rule reads {plan.extra_fields[0]}"


STRICT = frozenset(("lt", "gt", "le", "ge", "eq", "ne", "cross_above", "cross_below"))
"""Conditions that are UNKNOWN until everything they read is known."""


def first_bars(plan: Plan, given: Mapping[str, int]) -> tuple[int, int]:
    """The first bar on which every market node is known, and the first on which an entry may fire.

    given: the first known bar of each input that does not begin at once."""
    nodes = plan.graph.nodes
    known: list[int] = []
    true: list[float] = []
    for node in nodes:
        begun = given.get(node.name, 0) if node.kind == "column" else 0
        before = max((known[a] for a in node.args), default=begun)
        own = int(op_of(node).defined(node.consts)) if node.kind == "op" else 0
        known.append(before + own)
        true.append(_may_be_true(node, before + own, [true[a] for a in node.args]))
    fires = true[plan.graph.out("may_fire")]
    return max((known[n] for n in plan.market), default=0), int(min(fires, 2**40))


def _may_be_true(node: Node, known: int, before: list[float]) -> float:
    if node.kind == "const":
        return 0 if node.value == 2.0 else inf
    if node.kind == "column" or (node.kind == "op" and node.name in STRICT):
        return known
    if node.kind == "op" and node.name in ("and", "or"):
        return max(before) if node.name == "and" else min(before)
    return 0
