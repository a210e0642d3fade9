"""Nodes and graphs (floor 5): the same work written twice in the text is one node here.

A node's number is its place in `Graph.nodes`; arguments always come before their users, so a walk
from first to last is an evaluation order. A Builder interns: adding an equal node gives its number.
"""

import inspect
import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from engine.base.clocks import DAILY
from engine.base.frozen import dataclass, replace
from engine.check.typed import Frame
from engine.ops import BY_NAME
from engine.ops.spec import Op

NodeKind = Literal["const", "column", "field", "op", "across", "sample", "gate"]
GraphKind = Literal["strategy", "limits", "value", "across"]
Function = Literal["market", "across", "rule", "stops", "decide", "note"]

NAN = math.nan
"""The one nan of constants: a graph holds no other, so equal graphs print equal text."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value.

    const: `value`. column: `name` on `frame`, na after `stale` bars of a feed. field: `name`, a row
    of FIELDS. op: row `name` of OPS on `args` (series, then implicit columns) and `consts`; `fold`
    says that its state starts afresh with each position. across: a row of ACROSS on the same value
    of every symbol of the universe at one close. sample: args[0] as seen from `frame`.
    gate: args[0], na while flat. `frame` is None where no bars are concerned.
    """

    kind: NodeKind
    name: str = ""
    args: tuple[int, ...] = ()
    consts: tuple[float, ...] = ()
    value: float = 0.0
    frame: Frame | None = None
    stale: int = 0
    fold: bool = False
    truth: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A named result of one of the emitted functions. `note` outputs only feed traces and `why`."""

    function: Function
    name: str
    node: int


@dataclass(frozen=True, slots=True)
class Label:
    """What the rule text says of a node: a let's name (empty for a condition), text and line."""

    name: str
    text: str
    line: int
    node: int


@dataclass(frozen=True)
class Graph:
    """Interned nodes in evaluation order, with named outputs. kind: what it was built from. every:
    the clock of the frames that name none."""

    name: str
    kind: GraphKind
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    labels: tuple[Label, ...] = ()
    every: str = DAILY

    def out(self, name: str) -> int:
        """The node of the output called `name`."""
        return next(o.node for o in self.outputs if o.name == name)


class Builder:
    """Grows a list of nodes in which no two are equal."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[object, ...], int] = {}

    def add(self, node: Node) -> int:
        """The number of this node, new or known."""
        if node.kind == "const" and math.isnan(node.value):
            node = replace(node, value=NAN)
        key = _key(node)
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return self._known[key]


def _key(n: Node) -> tuple[object, ...]:
    consts = tuple(c.hex() for c in n.consts)
    return (n.kind, n.name, n.args, consts, n.value.hex(), n.frame, n.stale, n.fold, n.truth)


Rewrite = Callable[[Builder, Node], int]


def rebuild(graph: Graph, rewrite: Rewrite) -> Graph:
    """Pass every node, its arguments already rewritten, through `rewrite`."""
    builder = Builder()
    moved: list[int] = []
    for node in graph.nodes:
        args = tuple(moved[a] for a in node.args)
        moved.append(rewrite(builder, replace(node, args=args)))
    return renumbered(graph, builder, moved)


def renumbered(graph: Graph, builder: Builder, moved: list[int]) -> Graph:
    """The graph on the builder's nodes, where node k has become moved[k]."""
    outputs = tuple(replace(o, node=moved[o.node]) for o in graph.outputs)
    alive = [label for label in graph.labels if moved[label.node] >= 0]
    labels = tuple(replace(label, node=moved[label.node]) for label in alive)
    return replace(graph, nodes=tuple(builder.nodes), outputs=outputs, labels=labels)


def reached(graph: Graph, roots: Iterable[int], stop: frozenset[int] = frozenset()) -> set[int]:
    """All nodes that the roots need, roots included; nodes in `stop` are included, not entered."""
    seen: set[int] = set()
    todo = list(roots)
    while todo:
        n = todo.pop()
        if n not in seen:
            seen.add(n)
            if n not in stop:
                todo.extend(graph.nodes[n].args)
    return seen


def op_of(node: Node) -> Op:
    """The row of OPS or ACROSS behind an op or across node."""
    return BY_NAME[node.name]


@dataclass(frozen=True, slots=True)
class Wants:
    """What a kernel takes besides values: fixed by its row, whatever the constants."""

    index: bool
    ring: bool
    scratch: bool
    state: int


@cache
def wants(name: str) -> Wants:
    """Read off the row, and off the kernel's parameters for ring and scratch."""
    op = BY_NAME[name]
    params = inspect.signature(op.kernel).parameters
    return Wants(op.index, "ring" in params, "scratch" in params, len(op.state))


def keeps_state(node: Node) -> bool:
    """Whether stepping this node leaves something behind for its next step."""
    if node.kind != "op":
        return False
    w = wants(node.name)
    return w.index or w.ring or w.scratch or w.state > 0


def int_consts(node: Node) -> tuple[float | int, ...]:
    """The constants as the kernel takes them: window lengths are ints."""
    specs = [a for a in op_of(node).args if a.kind == "const"]
    return tuple(int(c) if a.unit == "bars" else c for a, c in zip(specs, node.consts, strict=True))
