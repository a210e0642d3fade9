"""One strategy under many sets of parameters (floor 6): what all sets share, and what each reads.

Why: a thousand pairs of windows hold sixty-five averages. Every operator that looks back becomes a
column of its own, worked out once however many sets read it; what is left of the strategy is the
same for every set but for the columns that it reads, and is compiled once. Sets whose strategies
have not the same shape (a param that switches a condition off) fall into groups.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from engine.base.frozen import replace
from engine.check.typed import SELF
from engine.emit.lanes import known_nodes
from engine.emit.lanes_plan import lane_graph
from engine.graph.node import Builder, Graph, Node, keeps_state, renumbered
from engine.graph.plan import Plan, make_plan
from engine.graph.simplify import drop_dead
from engine.graph.stage import Stage, stages
from engine.graph.verify import verify_graph, verify_plan
from engine.ops.dense import DENSE_BY_NAME


@dataclass(frozen=True)
class Group:
    """Sets whose strategies differ in the columns they read only.

    plan: what is left of them. sets: which. names: the columns that the plan reads, in order of
    its inputs; reads[k] are the shared nodes that these are for sets[k]. unsure: names of those
    that may be na on certified bars."""

    plan: Plan
    sets: tuple[int, ...]
    names: tuple[str, ...]
    reads: tuple[tuple[int, ...], ...]
    unsure: frozenset[str]


@dataclass(frozen=True)
class Shared:
    """Every column of all sets once, each after what it is made of, and the groups of sets."""

    nodes: tuple[Node, ...]
    groups: tuple[Group, ...]


def split(plans: Sequence[Plan], ways: Sequence[Hashable]) -> Shared:
    """Part the columns of all sets from what each set does with them; sets that trade in another
    way are never one group."""
    graphs = [lane_graph(plan) for plan in plans]
    alike: dict[Hashable, list[int]] = {}
    for k, graph in enumerate(graphs):
        alike.setdefault((_shape(graph), ways[k]), []).append(k)
    found = [text for sets in alike.values() for text in _refusals([graphs[k] for k in sets])]
    if found:
        raise ValueError(f"these sets need the account loop: {found[0]}")
    columns = Builder()
    groups = tuple(_group(graphs, sets, columns) for sets in alike.values())
    return Shared(tuple(columns.nodes), groups)


def _refusals(group: Sequence[Graph]) -> Iterable[str]:
    """Windows of the book that differ from set to set: they have no column."""
    nodes = group[0].nodes
    stage = stages(nodes)
    for n in _varied(group):
        if nodes[n].kind == "op" and stage[n] == "book":
            yield f"the sets differ in a constant of {nodes[n].name} over the position"


def _shape(graph: Graph) -> tuple[object, ...]:
    """What two graphs share that differ in constants only."""
    nodes = tuple(
        (n.kind, n.name, n.args, n.frame, n.stale, n.fold, n.truth, n.truth and n.value)
        for n in graph.nodes
    )
    return (nodes, graph.outputs)


def _varied(group: Sequence[Graph]) -> list[int]:
    """Nodes whose constants are not the same in all."""
    first = group[0].nodes
    return [
        n
        for n, node in enumerate(first)
        if any((g.nodes[n].consts, g.nodes[n].value) != (node.consts, node.value) for g in group)
    ]


def _looks_back(node: Node) -> bool:
    """Whether an operator remembers more than the value of the bar before."""
    row = DENSE_BY_NAME.get(node.name)
    return keeps_state(node) and (row is None or row.chain is not None)


def _read_twice(graph: Graph, stage: Sequence[Stage], n: int) -> Iterable[int]:
    """Computed values that a node reads of the bar before, too."""
    node = graph.nodes[n]
    row = DENSE_BY_NAME.get(node.name) if node.kind == "op" and stage[n] == "market" else None
    for place, _ in row.lasts if row is not None else ():
        if graph.nodes[node.args[place]].kind == "op":
            yield node.args[place]


def _group(graphs: Sequence[Graph], sets: Sequence[int], columns: Builder) -> Group:
    first = graphs[sets[0]]
    stage, varied = stages(first.nodes), set(_varied([graphs[k] for k in sets]))
    cut = {
        n
        for n, node in enumerate(first.nodes)
        if (node.kind == "const" and n in varied)
        or (node.kind == "op" and stage[n] == "market" and (n in varied or _looks_back(node)))
    }
    cut |= {a for n in range(len(first.nodes)) for a in _read_twice(first, stage, n)}
    plan = _rest(first, cut)
    names = tuple(dict.fromkeys(c.name for c in plan.inputs))
    places = {_name(first.nodes[n], n): n for n in range(len(first.nodes)) if n in cut}
    places |= {node.name: n for n, node in enumerate(first.nodes) if node.kind == "column"}
    reads = tuple(_reads(graphs[k], [places[name] for name in names], columns) for k in sets)
    known = known_nodes(first)
    unsure = frozenset(name for name, n in places.items() if n not in known)
    return Group(plan, tuple(sets), names, reads, unsure)


def _name(node: Node, n: int) -> str:
    return f"{node.name or 'param'}_column_{n}"


def _rest(graph: Graph, cut: set[int]) -> Plan:
    """The plan of a strategy that finds the nodes of `cut` ready, as columns."""
    builder = Builder()
    moved: list[int] = []
    for n, node in enumerate(graph.nodes):
        if n in cut:
            made = Node("column", name=_name(node, n), frame=SELF, truth=node.truth)
        else:
            made = replace(node, args=tuple(moved[a] for a in node.args))
        moved.append(builder.add(made))
    left = drop_dead(renumbered(graph, builder, moved))
    verify_graph(left)
    plan = make_plan(left)
    verify_plan(plan)
    return plan


def _reads(graph: Graph, wanted: Sequence[int], columns: Builder) -> tuple[int, ...]:
    """The shared nodes behind some nodes of one set's graph."""
    moved: dict[int, int] = {}

    def move(n: int) -> int:
        if n not in moved:
            args = tuple(move(a) for a in graph.nodes[n].args)
            moved[n] = columns.add(replace(graph.nodes[n], args=args))
        return moved[n]

    return tuple(move(n) for n in wanted)
