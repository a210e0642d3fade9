"""What each node is called in emitted source (floor 6): the rule text's own words first."""

import builtins
import keyword
import re
from collections.abc import Iterable

from engine.check.typed import Frame
from engine.graph.node import Graph, Node, op_of
from engine.graph.plan import Plan
from engine.ops import ROWS

WORDS = frozenset(
    (
        *("nan", "inf", "gate", "gate_truth", "zeros", "fresh", "held", "keep", "ahead"),
        *("decisions", "held_bars"),
        *("run", "step", "rule", "stops", "decide", "may_fire", "n", "t", "inputs", "has"),
        *("across", "m", "at", "spare"),
        *("out", "buf", "st", "x", "row", "r", "fields", "f", "cells", "c", "o"),
        *("first", "end", "start", "ins", "planes", "skip", "count", "word", "shift"),
        *("v", "i", "j", "k", "l", "b", "p"),
    )
)
"""Names that the emitted functions use themselves."""


_OURS = re.compile(r"i_\w*|ins_\w*|has_\d+|\w*_[sbc]\d+|\w*_at")
"""Shapes of names that the emitter makes: bar counters, bars, state, columns."""


def kernel_name(op: str) -> str:
    """How emitted source calls an op's kernel."""
    return op + "_" if keyword.iskeyword(op) or hasattr(builtins, op) else op


def literal(value: float, truth: bool = False) -> str:
    """A constant as source."""
    if truth:
        return str(int(value))
    return "nan" if value != value else repr(value)


def node_names(plan: Plan) -> tuple[str, ...]:
    """A distinct identifier per node, in node order; constants are spelled as literals."""
    wishes = _wishes(plan.graph)
    kernels = (kernel_name(op.name) for op in ROWS)
    taken = {*WORDS, *keyword.kwlist, *dir(builtins), *kernels}
    names: list[str] = []
    for n, node in enumerate(plan.graph.nodes):
        if node.kind == "const":
            names.append(literal(node.value, node.truth))
        else:
            names.append(_free(wishes.get(n) or _plain(plan.graph, node, names), taken))
    return tuple(names)


def lane_names(plan: Plan) -> tuple[str, ...]:
    """The same with `_` behind each, as no word ends that the text of lanes uses for itself."""
    kernels = {kernel_name(op.name) for op in ROWS}
    nodes = zip(node_names(plan), plan.graph.nodes, strict=True)
    return tuple(name if node.kind == "const" else _behind(name, kernels) for name, node in nodes)


def _behind(name: str, taken: set[str]) -> str:
    name += "_"
    while name in taken:
        name += "_"
    return name


def _wishes(graph: Graph) -> dict[int, str]:
    """Names from the text: lets first, then outputs."""
    wishes: dict[int, str] = {}
    for label in graph.labels:
        if re.fullmatch(r"[A-Za-z_]\w*", label.name):
            wishes.setdefault(label.node, label.name)
    for o in graph.outputs:
        if o.function not in ("note", "across") and graph.nodes[o.node].kind in ("op", "gate"):
            wishes.setdefault(o.node, "_".join(o.name.split(".")[1:]) or o.name)
    return wishes


def _free(wish: str, taken: set[str]) -> str:
    base = re.sub(r"\W", "_", wish) or "v"
    base = base if not base[0].isdigit() else "v_" + base
    base = base + "_" if _OURS.fullmatch(base) else base
    name, k = base, 2
    while name in taken:
        name, k = f"{base}_{k}", k + 1
    taken.add(name)
    return name


def _plain(graph: Graph, node: Node, names: list[str]) -> str:
    if node.kind == "field":
        return node.name
    if node.kind == "column":
        prefix, _, rest = node.name.rpartition(":")
        word = f"in_{rest}" if prefix == "list" else rest.lower()
        if prefix == "event":
            word = re.sub(r" bars|\)", "", word)
        return "_".join([word, *frame_words(node.frame)])
    if node.kind == "gate":
        return names[node.args[0]] + "_since_entry"
    if node.kind == "sample":
        return names[node.args[0]] + "_seen"
    return "_".join([node.name, *_argument_words(graph, node), *frame_words(node.frame)])


def _argument_words(graph: Graph, node: Node) -> Iterable[str]:
    series = node.args[: sum(a.kind != "const" for a in op_of(node).args)]
    for a in series:
        if graph.nodes[a].kind in ("column", "field") and op_of(node).callable:
            yield graph.nodes[a].name.replace(":", ".").rpartition(".")[2].lower()
    for value in node.consts:
        yield f"{value:g}".replace(".", "_").replace("-", "minus_")


def frame_words(frame: Frame | None) -> list[str]:
    """Words that tell a frame from the lane's own: its symbol and its clock."""
    if frame is None:
        return []
    symbol = [] if frame.symbol in (None, "*") else [re.sub(r"\W", "", frame.symbol or "").lower()]
    return [*symbol, *([frame.clock] if frame.clock else [])]


def frame_text(frame: Frame) -> str:
    """A frame in words: whose bars, and on which clock."""
    symbol = {None: "the lane's symbol", "*": "the clock"}.get(frame.symbol, frame.symbol or "")
    return f"{symbol} {frame.clock}" if frame.clock else symbol
