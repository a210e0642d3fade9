"""Stages (floor 5): which values are known before running, which need bars only, which need the
book.

A node that compares symbols splits the market stage: what it reads is computed for every symbol
of the universe in a layer before it, and it is an input to what reads it.
A node is `book` if and only if it reads position, order or account (a field), is gated on the
position, keeps state per position, or depends on such a node. Market nodes are computed once for
all accounts; book nodes are evaluated at every decision.
"""

from collections.abc import Sequence
from typing import Literal

from engine.graph.node import Graph, Node

Stage = Literal["const", "market", "book"]


def stages(nodes: Sequence[Node]) -> tuple[Stage, ...]:
    """The stage of every node, in node order."""
    found: list[Stage] = []
    for node in nodes:
        found.append(_stage(node, found))
    return tuple(found)


def _stage(node: Node, before: Sequence[Stage]) -> Stage:
    if node.kind == "const":
        return "const"
    if node.kind in ("field", "gate") or node.fold:
        return "book"
    if any(before[a] == "book" for a in node.args):
        return "book"
    return "market"


def read_by(graph: Graph, n: int) -> tuple[int, ...]:
    """What a node reads in its own layer: an across node finds its value ready."""
    node = graph.nodes[n]
    return () if node.kind == "across" else node.args


def layers_of(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """The across nodes, those first whose symbols can be compared first."""
    depth: list[int] = []
    for node in graph.nodes:
        below = max((depth[a] for a in node.args), default=0)
        depth.append(below + (node.kind == "across"))
    found = [(depth[n], n) for n, node in enumerate(graph.nodes) if node.kind == "across"]
    return tuple(
        tuple(n for d, n in found if d == layer) for layer in sorted({d for d, _ in found})
    )
