"""The market function in its two shapes (floor 6): `run` over a batch, `step` for one instant.

`run` keeps a few scalars in loop locals, or many in `buf` with rings and scratch; `step` keeps all
of it in `st`. Both are written from one plan, and their equality is tested.
"""

from collections.abc import Callable, Sequence

from engine.emit.names import frame_words, literal
from engine.emit.writer import (
    Spelling,
    Writer,
    state_init,
    truth_from_float,
    truth_to_float,
    unknown,
)
from engine.graph.memory import Memory
from engine.graph.node import wants
from engine.graph.plan import Plan, Segment


def emit_run(plan: Plan, names: Sequence[str]) -> list[str]:
    """`run(n, inputs, has, out, buf)`: n instants; inputs[k] and has[k] are columns, out is
    row-major, buf holds `plan.buffer` before the first.
    """
    cells = plan.market_cells
    first = len(cells.init) - len(plan.buffer)
    scalar = _local(names) if plan.in_locals else _cell("buf", cells)
    spelling = Spelling(
        buffer="buf",
        offset=lambda cell: str(cell - first),
        index=lambda domain: index_name(plan, domain),
        read=scalar,
        write=scalar,
        leaf=lambda n: truth_from_float(plan, n, f"{names[n]}_at[t]"),
    )
    writer = _writer(plan, names, spelling)
    writer.line("def run(n, inputs, has, out, buf):", 0)
    _columns(plan, names, writer)
    _first_values(plan, names, writer)
    writer.line("for t in range(n):", 1)
    _unknowns(plan, names, writer, 2, held=False)
    for k, segment in enumerate(plan.segments):
        _segment(plan, writer, segment, 2, f"has_{segment.frame}[t]")
        if _is_last(plan, k) and segment.frame in plan.market_cells.counters:
            indent = 2 if plan.steps_always(segment.frame) else 3
            writer.line(f"{index_name(plan, segment.frame)} += 1", indent)
    _row(plan, writer, 2, "t")
    return writer.lines


def emit_step(plan: Plan, names: Sequence[str]) -> list[str]:
    """`step(x, has, st, out)`: one instant; x holds this instant's inputs, st everything
    remembered.
    """
    cells = plan.market_cells
    spelling = Spelling(
        buffer="st",
        offset=str,
        index=lambda domain: index_name(plan, domain),
        read=_cell("st", cells),
        write=_cell("st", cells),
        leaf=lambda n: truth_from_float(plan, n, f"x[{_input_place(plan, n)}]"),
    )
    writer = _writer(plan, names, spelling)
    writer.line("def step(x, has, st, out):", 0)
    _unknowns(plan, names, writer, 1, held=True)
    for k, segment in enumerate(plan.segments):
        indent = 1 if plan.steps_always(segment.frame) else 2
        at = cells.counters.get(segment.frame)
        before = [] if at is None else [f"{index_name(plan, segment.frame)} = int(st[{at}])"]
        _segment(plan, writer, segment, 1, f"has[{segment.frame}]", before)
        for n in segment.nodes:
            if n in cells.held:
                text = truth_to_float(plan, n, names[n])
                writer.line(f"st[{cells.held[n]}] = {text}", indent)
        if _is_last(plan, k) and at is not None:
            writer.line(f"st[{at}] = {index_name(plan, segment.frame)} + 1.0", indent)
    _row(plan, writer, 1, "")
    return writer.lines


def _local(names: Sequence[str]) -> Callable[[int, int], str]:
    return lambda n, k: f"{names[n]}_s{k}"


def _cell(buffer: str, cells: Memory) -> Callable[[int, int], str]:
    return lambda n, k: f"{buffer}[{cells.state[n] + k}]"


def index_name(plan: Plan, frame: int) -> str:
    """The bar counter of a frame."""
    words = frame_words(plan.frames[frame]) or ["self" if frame == 0 else "clock"]
    return "_".join(["i", *words])


def _writer(plan: Plan, names: Sequence[str], spelling: Spelling) -> Writer:
    named = [*plan.frontier, *plan.visible, *(n for n in (plan.may_fire(),) if n is not None)]
    return Writer(plan, names, plan.market_cells, spelling, plan.market, named)


def _columns(plan: Plan, names: Sequence[str], writer: Writer) -> None:
    for k, column in enumerate(plan.inputs):
        writer.line(f"{names[column.node]}_at = inputs[{k}]", 1)
    for frame in sorted({s.frame for s in plan.segments}):
        if not plan.steps_always(frame):
            words = " ".join(frame_words(plan.frames[frame])) or "the lane's own"
            writer.line(f"has_{frame} = has[{frame}]  # bars: {words}", 1)


def _first_values(plan: Plan, names: Sequence[str], writer: Writer) -> None:
    """Counters, state and held values before the first bar."""
    for frame in plan.market_cells.counters:
        writer.line(f"{index_name(plan, frame)} = 0", 1)
    for n in plan.market_cells.state if plan.in_locals else ():
        node = plan.graph.nodes[n]
        left = ", ".join(f"{names[n]}_s{k}" for k in range(wants(node.name).state))
        right = ", ".join(literal(value) for value in state_init(node))
        writer.line(f"{left} = {right}", 1)
    for n in plan.market_cells.held:
        writer.line(f"{names[n]} = {unknown(plan, n)}", 1)


def _unknowns(plan: Plan, names: Sequence[str], writer: Writer, indent: int, held: bool) -> None:
    """Values that others read between bars: na until they step, or what they held."""
    cells = plan.market_cells
    for n in sorted(plan.visible):
        if n not in cells.held:
            writer.line(f"{names[n]} = {unknown(plan, n)}", indent)
        elif held:
            text = truth_from_float(plan, n, f"st[{cells.held[n]}]")
            writer.line(f"{names[n]} = {text}", indent)


def _segment(
    plan: Plan,
    writer: Writer,
    segment: Segment,
    indent: int,
    has: str,
    before: Sequence[str] = (),
) -> None:
    if not plan.steps_always(segment.frame):
        writer.line(f"if {has} != 0.0:", indent)
        indent += 1
    start = len(writer.lines)
    for text in before:
        writer.line(text, indent)
    for n in segment.nodes:
        writer.node(n, indent)
    if len(writer.lines) == start:
        writer.line("pass", indent)


def _row(plan: Plan, writer: Writer, indent: int, at: str) -> None:
    """Write the frontier columns of this instant."""
    fires = plan.may_fire()
    width = len(plan.frontier) + (fires is not None)
    base = f"{at} * {width} + " if at else ""
    for k, n in enumerate(plan.frontier):
        text = truth_to_float(plan, n, writer.refer(n))
        writer.line(f"out[{base}{k}] = {text}", indent)
    if fires is not None:
        value = f"float(min({writer.refer(fires)}, 1))"
        writer.line(f"out[{base}{width - 1}] = {value}  # may_fire", indent)
    if width == 0:
        writer.line("pass", indent)


def _input_place(plan: Plan, n: int) -> int:
    return next(k for k, column in enumerate(plan.inputs) if column.node == n)


def _is_last(plan: Plan, k: int) -> bool:
    frame = plan.segments[k].frame
    return all(later.frame != frame for later in plan.segments[k + 1 :])
