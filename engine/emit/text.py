"""Every stage of the pipeline as plain text (floor 6), for `seawall graph FILE --stage …`."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from engine.base.spans import Span
from engine.check.typed import (
    Column,
    Const,
    FieldRead,
    Fold,
    Frame,
    Named,
    Sample,
    Typed,
)
from engine.emit.layout import layout_of
from engine.emit.module import emit
from engine.emit.names import frame_text, literal, node_names
from engine.graph.memory import Memory
from engine.graph.node import Graph, Node
from engine.graph.plan import Plan
from engine.graph.stage import stages

ShowStage = Literal["ast", "checked", "graph", "plan", "step"]


def show(stage: ShowStage, value: Any) -> str:
    """The text of one stage. value: an ast or checked block, a Graph, or (plan, step) a Plan."""
    if stage in ("ast", "checked"):
        return "\n".join(_tree(value, 0)) + "\n"
    if stage == "graph":
        return show_graph(value)
    shown = show_plan if stage == "plan" else _source
    return "\n".join([shown(part) for part in (*value.layers, value)])


def _source(plan: Plan) -> str:
    return emit(plan).text


def show_graph(graph: Graph) -> str:
    """One line a node: number, stage, what it is, and what the text calls it."""
    found = stages(graph.nodes)
    called = {label.node: label.name for label in graph.labels if label.name}
    lines = [f"{graph.kind} {graph.name}: {len(graph.nodes)} nodes"]
    for n, node in enumerate(graph.nodes):
        name = f"   # {called[n]}" if n in called else ""
        lines.append(f"  {n:4} {found[n]:6} {_node(node)}{name}")
    lines += [f"  {o.function}: {o.name} = {o.node}" for o in graph.outputs]
    return "\n".join(lines) + "\n"


def show_plan(plan: Plan) -> str:
    """Frames, inputs, order, frontier, cells and bounds."""
    names = node_names(plan)
    layout = layout_of(plan, names)
    lines = [f"{plan.graph.kind} {plan.graph.name}"]
    lines += [f"  frame {k}: {frame_text(f)}" for k, f in enumerate(plan.frames)]
    for k, column in enumerate(plan.inputs):
        stale = f", na after {column.stale} bars" if column.stale else ""
        lines.append(f"  input {k}: {column.name} on frame {column.frame}{stale}")
    for s in plan.segments:
        lines.append(f"  market on frame {s.frame}: {' '.join(names[n] for n in s.nodes)}")
    if plan.across:
        lines.append(f"  across the universe: {' '.join(names[n] for n in plan.across)}")
    for function, order in (("rule", plan.rule), ("stops", plan.stops), ("decide", plan.decide)):
        if order:
            lines.append(f"  {function}: {' '.join(names[n] for n in order)}")
    for what, cells in (("row", layout.columns), ("rule out", layout.rule)):
        lines += [f"  {what}[{k}] {name}" for k, name in enumerate(cells)]
    for what, cells in (("stops out", layout.stops), ("decide out", layout.decide)):
        lines += [f"  {what}[{k}] {name}" for k, name in enumerate(cells)]
    lines += [*_cells("market", plan.market_cells, names), *_cells("book", plan.book_cells, names)]
    return "\n".join([*lines, *_bounds(plan)]) + "\n"


def _bounds(plan: Plan) -> list[str]:
    return [
        f"  defined after {plan.defined_bars} bars, settled after {plan.settled_bars}",
        f"  {plan.state_bytes} bytes a lane, {plan.operations} operations a bar at most",
    ]


def _cells(what: str, cells: Memory, names: tuple[str, ...]) -> Iterator[str]:
    yield f"  {what} cells: {cells.size}, of which {cells.fold_cells} restart with a position"
    for domain, at in cells.counters.items():
        yield f"    [{at}] bars of domain {domain}"
    for n, at in cells.state.items():
        yield f"    [{at}] state of {names[n]}"
    for n, at in (*cells.held.items(), *cells.kept.items()):
        yield f"    [{at}] value of {names[n]}"
    for ring in cells.rings.values():
        yield f"    [{ring.at}:{ring.at + ring.mask + 1}] ring of {names[ring.series]}"
    for n, at in cells.scratch.items():
        yield f"    [{at}] scratch of {names[n]}"


def _node(node: Node) -> str:
    on = "" if node.frame is None else f" on {frame_text(node.frame)}"
    if node.kind == "const":
        return literal(node.value, node.truth)
    if node.kind in ("column", "field"):
        return f"{node.name}{on}"
    inner = ", ".join([*map(str, node.args), *(f"={c:g}" for c in node.consts)])
    fold = " since entry" if node.fold else ""
    return f"{node.name or node.kind}({inner}){on}{fold}"


# ---------------------------------------------------------------- ast and checked


def typed_text(value: Typed) -> str:
    """A typed expression on one line."""
    if isinstance(value, Const):
        return literal(value.value, value.kind.name == "truth")
    if isinstance(value, Column):
        on = "" if value.frame == Frame() else f" of {frame_text(value.frame)}"
        return f"{value.name}{on}"
    if isinstance(value, FieldRead):
        return f"{value.name}({value.arg})" if value.arg else value.name
    if isinstance(value, Sample):
        return f"seen({typed_text(value.value)})"
    if isinstance(value, Fold):
        return f"since_entry({typed_text(value.value)})"
    consts = [f"{c:g}" for c in value.consts]
    return f"{value.op}({', '.join([*map(typed_text, value.args), *consts])})"


def _tree(value: Any, depth: int) -> Iterator[str]:
    """An indented outline of a frozen value, without spans and empty fields."""
    pad = "  " * depth
    if isinstance(value, Named):
        yield f"{pad}{value.name} = {typed_text(value.value)}   # {value.text}"
    elif isinstance(value, Typed):
        yield f"{pad}{typed_text(value)} : {value.kind.name} {value.kind.unit}"
    elif not is_dataclass(value):
        yield f"{pad}{value}"
    else:
        yield f"{pad}{type(value).__name__}"
        for f in fields(value):
            yield from _field(f.name, getattr(value, f.name), depth + 1)


def _field(name: str, value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Span) or value is None or value == () or value == "":
        return
    if isinstance(value, tuple) and any(is_dataclass(v) for v in value):
        yield f"{pad}{name}:"
        for item in value:
            yield from _tree(item, depth + 1)
    elif is_dataclass(value):
        yield f"{pad}{name}:"
        yield from _tree(value, depth + 1)
    else:
        yield f"{pad}{name}: {value}"
