"""The whole module of one rule file (floor 6): head, market, rule, stops, decide."""

from engine.base.frozen import dataclass
from engine.emit.across import emit_across
from engine.emit.decide import emit_decide
from engine.emit.layout import Layout, layout_of
from engine.emit.market import emit_run, emit_step
from engine.emit.names import frame_text, kernel_name, node_names
from engine.emit.rule import emit_rule, emit_stops
from engine.graph.plan import Input, Plan

MAKERS = {
    "run": emit_run,
    "step": emit_step,
    "across": emit_across,
    "rule": emit_rule,
    "stops": emit_stops,
    "decide": emit_decide,
}
FUNCTIONS = {
    "strategy": ("run", "step", "rule", "stops"),
    "limits": ("run", "step", "rule", "decide"),
    "value": ("run", "step", "rule"),
    "across": ("run", "step", "across"),
}
"""What the module of each kind of graph holds."""


@dataclass(frozen=True)
class Module:
    """Source text, what it needs to run, and what its cells mean.

    kernels: (name in the text, op name). Always needed too: `gate`, `gate_truth`, `zeros` (a
    fresh list of so many cells), `nan` and `inf`."""

    text: str
    kernels: tuple[tuple[str, str], ...]
    layout: Layout


def emit(plan: Plan) -> Module:
    """Write the module of a plan."""
    names = node_names(plan)
    layout = layout_of(plan, names)
    parts = [_head(plan, layout)]
    for function in FUNCTIONS[plan.graph.kind]:
        parts.append("\n".join(MAKERS[function](plan, names)))
    return Module("\n\n\n".join(parts) + "\n", _kernels(plan), layout)


def _head(plan: Plan, layout: Layout) -> str:
    inputs = ", ".join(_input(plan, c) for c in plan.inputs)
    lines = [
        f"# {plan.graph.kind} {plan.graph.name}, written by seawall: edit the rule, not this file.",
        f"# row: {', '.join(layout.columns) or 'nothing'}",
        f"# defined after {plan.defined_bars} bars, settled after {plan.settled_bars};"
        f" at most {plan.operations} operations and {plan.state_bytes} bytes a lane",
    ]
    return "\n".join(lines) if not inputs else "\n".join([*lines, f"# inputs: {inputs}"])


def _input(plan: Plan, column: Input) -> str:
    node = plan.graph.nodes[column.node]
    if node.kind == "across":
        return f"{node.name} across the universe"
    return f"{column.name} of {frame_text(plan.frames[column.frame])}"


def _kernels(plan: Plan) -> tuple[tuple[str, str], ...]:
    order = (*plan.market, *plan.rule, *plan.stops, *plan.decide)
    used = {plan.graph.nodes[n].name for n in order if plan.graph.nodes[n].kind == "op"}
    used |= {plan.graph.nodes[n].name for n in plan.across}
    return tuple((kernel_name(name), name) for name in sorted(used))
