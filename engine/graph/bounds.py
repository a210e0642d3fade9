"""What is known about cost before running (floor 5): warm-up, settling, operations."""

from collections.abc import Sequence

from engine.base.clocks import DAILY, SESSION, bars_a_day, minutes_in
from engine.check.typed import Frame
from engine.graph.node import Graph, Node, op_of
from engine.graph.stage import Stage

_SESSIONS = {"d": 1, "w": 5, "mo": 23, "q": 66, "y": 262}
"""Most sessions that one period can hold."""


def bars_in(clock: str | None, every: str = DAILY) -> int:
    """Bars of the strategy's clock in one bar of a slower one, at most."""
    if clock is None:
        return 1
    if minutes_in(clock):
        return max(1, minutes_in(clock) // (minutes_in(every) or SESSION))
    digits = clock.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits or 1) * _SESSIONS.get(clock[len(digits) :], 1) * bars_a_day(every)


def warm_up(graph: Graph, stages: Sequence[Stage], settled: bool = False) -> tuple[int, ...]:
    """Per node, bars of its own frame before its first value (or until its seed is forgotten).

    A fold's own warm-up begins with each position and is not counted here; input columns count as
    known from the first bar.
    """
    bars: list[int] = []
    for node, stage in zip(graph.nodes, stages, strict=True):
        before = max((bars[a] for a in node.args), default=0)
        bars.append(_after(graph, node, stage, before, settled))
    return tuple(bars)


def _after(graph: Graph, node: Node, stage: Stage, before: int, settled: bool) -> int:
    if node.kind == "sample":
        source = graph.nodes[node.args[0]].frame
        return _seen_from(source, node.frame, before, graph.every)
    if node.kind != "op" or node.fold:
        return before
    op = op_of(node)
    own = op.settled if settled and op.settled is not None else op.defined
    return before + int(own(node.consts))


def _seen_from(source: Frame | None, target: Frame | None, bars: int, every: str) -> int:
    """A slower clock's bar k completes at the latest on the last session of period k."""
    ratio = bars_in(source.clock if source else None, every)
    own = bars_in(target.clock if target else None, every)
    if ratio <= own:
        return -(-bars // max(1, own // ratio))
    return (bars + 1) * (ratio // own) - 1


def operations(graph: Graph, nodes: Sequence[int]) -> int:
    """Operations of one step over these nodes, at most."""
    return sum(_cost(graph.nodes[n]) for n in nodes)


def _cost(node: Node) -> int:
    return int(op_of(node).cost(node.consts)) if node.kind in ("op", "across") else 1
