"""Stages (floor 5): which values are known before running, which need bars only, which need the
book.

A node is `book` if and only if it reads position, order or account (a field), is gated on the
position, keeps state per position, or depends on such a node. Market nodes are computed once for
all accounts; book nodes are evaluated at every decision.
"""

from collections.abc import Sequence
from typing import Literal

from engine.graph.node import Node

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
