"""Rewrites that keep every value to the bit (floor 5).

PASSES is the whole list, in order; each is a function from graph to graph that can be read, tested
and left out by itself. A value that needs no bars is known at every instant, on whatever frame it
was written: folding is what makes it so. What is not here is left out on purpose: x + 0 turns
-0.0 into 0.0.
"""

from collections.abc import Callable

from engine.graph.build import AND, NOT, OR
from engine.graph.node import (
    Builder,
    Graph,
    Node,
    int_consts,
    keeps_state,
    op_of,
    reached,
    rebuild,
    renumbered,
)
from engine.ops.spec import FALSE, TRUE

LAGS = ("back", "back_truth")
Pass = Callable[[Graph], Graph]


def fold_constants(graph: Graph) -> Graph:
    """An op without state on constants becomes its value, computed by its own kernel."""
    return rebuild(graph, _fold)


def _fold(builder: Builder, node: Node) -> int:
    args = [builder.nodes[a] for a in node.args]
    if node.kind != "op" or keeps_state(node) or any(a.kind != "const" for a in args):
        return builder.add(node)
    values = [int(a.value) if a.truth else a.value for a in args]
    value = float(op_of(node).kernel(*values, *int_consts(node)))
    return builder.add(Node("const", value=value, truth=node.truth))


def drop_zero_lags(graph: Graph) -> Graph:
    """x[0] is x."""

    def rewrite(builder: Builder, node: Node) -> int:
        if node.kind == "op" and node.name in LAGS and node.consts[0] == 0:
            return node.args[0]
        return builder.add(node)

    return rebuild(graph, rewrite)


def drop_idle_samples(graph: Graph) -> Graph:
    """A value seen from its own frame is itself, and so is a constant seen from anywhere."""

    def rewrite(builder: Builder, node: Node) -> int:
        if node.kind == "sample":
            inner = builder.nodes[node.args[0]]
            if inner.kind == "const" or inner.frame == node.frame:
                return node.args[0]
        return builder.add(node)

    return rebuild(graph, rewrite)


def settle_logic(graph: Graph) -> Graph:
    """not not x is x; and, or with a constant or with itself need no step."""
    return rebuild(graph, _settle)


def _settle(builder: Builder, node: Node) -> int:
    if node.kind == "op" and node.name == NOT:
        inner = builder.nodes[node.args[0]]
        if inner.kind == "op" and inner.name == NOT:
            return inner.args[0]
    if node.kind == "op" and node.name in (AND, OR):
        return _settle_pair(builder, node)
    return builder.add(node)


def _settle_pair(builder: Builder, node: Node) -> int:
    a, b = node.args
    if a == b:
        return a
    keeps, wins = (TRUE, FALSE) if node.name == AND else (FALSE, TRUE)
    for this, other in ((a, b), (b, a)):
        known = builder.nodes[this]
        if known.kind == "const" and known.value == keeps:
            return other
        if known.kind == "const" and known.value == wins:
            return this
    return builder.add(node)


def drop_dead(graph: Graph) -> Graph:
    """Nodes that no output needs go; labels on them go too."""
    alive = reached(graph, (o.node for o in graph.outputs))
    builder = Builder()
    moved: list[int] = []
    for n, node in enumerate(graph.nodes):
        args = tuple(moved[a] for a in node.args)
        moved.append(builder.add(_with_args(node, args)) if n in alive else -1)
    return renumbered(graph, builder, moved)


def _with_args(node: Node, args: tuple[int, ...]) -> Node:
    return Node(
        node.kind, node.name, args, node.consts, node.value, node.frame, node.stale, node.fold,
        node.truth,
    )  # fmt: skip


PASSES: tuple[Pass, ...] = (
    fold_constants,
    drop_zero_lags,
    drop_idle_samples,
    settle_logic,
    drop_dead,
)


def simplify(graph: Graph) -> Graph:
    """Run every pass once, in order."""
    for step in PASSES:
        graph = step(graph)
    return graph
