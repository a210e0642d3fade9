"""The functions of the book (floor 6): `rule` at every decision, `stops` on the row of a signal."""

from collections.abc import Callable, Sequence

from engine.emit.names import literal
from engine.emit.writer import (
    Spelling,
    Writer,
    state_init,
    truth_from_float,
    truth_to_float,
)
from engine.graph.memory import BOOK, FOLD
from engine.graph.node import Function
from engine.graph.plan import Plan

COUNTERS = {BOOK: "decisions", FOLD: "held_bars"}
HEAD = "def {}(row, r, fields, f, cells, c, out, o):"


def emit_rule(plan: Plan, names: Sequence[str]) -> list[str]:
    """`rule` reads a market row and fields, steps its cells and writes the rule's outputs."""
    cells = plan.book_cells
    spelling = Spelling(
        buffer="cells",
        offset=lambda cell: f"c + {cell}",
        index=lambda domain: COUNTERS[domain],
        read=lambda n, k: f"cells[c + {cells.state[n] + k}]",
        write=lambda n, k: f"cells[c + {cells.state[n] + k}]",
        leaf=book_leaf(plan),
    )
    writer = book_writer(plan, names, spelling, plan.rule, "rule")
    for domain, at in cells.counters.items():
        writer.line(f"{COUNTERS[domain]} = int(cells[c + {at}])", 1)
    for n in plan.rule:
        writer.node(n, 1)
    for domain, at in cells.counters.items():
        writer.line(f"cells[c + {at}] = {COUNTERS[domain]} + 1.0", 1)
    for n, at in cells.kept.items():
        text = truth_to_float(plan, n, writer.refer(n))
        writer.line(f"cells[c + {at}] = {text}  # for decide", 1)
    write_outputs(plan, writer, "rule")
    return writer.lines


def emit_stops(plan: Plan, names: Sequence[str]) -> list[str]:
    """`stops` is a pure function of a row and the entry price; folds are at their first bar."""
    cells = plan.stops_cells
    spelling = Spelling(
        buffer="fresh",
        offset=str,
        index=lambda domain: "0",
        read=lambda n, k: literal(state_init(plan.graph.nodes[n])[k]),
        write=lambda n, k: "_",
        leaf=book_leaf(plan),
        gated=False,
    )
    writer = book_writer(plan, names, spelling, plan.stops, "stops")
    if cells.rings or cells.scratch:
        writer.line(f"fresh = zeros({cells.size})", 1)
    for n in plan.stops:
        writer.node(n, 1)
    write_outputs(plan, writer, "stops")
    return writer.lines


def book_leaf(plan: Plan) -> Callable[[int], str]:
    """How book functions read fields."""

    def leaf(n: int) -> str:
        slot = plan.field_slot(plan.graph.nodes[n].name)
        return truth_from_float(plan, n, f"fields[f + {slot}]")

    return leaf


def book_writer(
    plan: Plan,
    names: Sequence[str],
    spelling: Spelling,
    order: Sequence[int],
    function: Function,
) -> Writer:
    """A writer with the function's head and the market columns it reads."""
    outputs = [n for _, n in plan.outputs(function)]
    kept = [n for n in plan.kept if n in order]
    cells = plan.stops_cells if function == "stops" else plan.book_cells
    writer = Writer(plan, names, cells, spelling, order, [*outputs, *kept])
    writer.line(HEAD.format(function), 0)
    read = {a for n in order for a in plan.graph.nodes[n].args}.union(outputs)
    for k, n in enumerate(plan.frontier):
        if n in read:
            writer.line(f"{names[n]} = {truth_from_float(plan, n, f'row[r + {k}]')}", 1)
    return writer


def write_outputs(plan: Plan, writer: Writer, function: Function) -> None:
    """Write the function's outputs in the order of the layout."""
    outputs = plan.outputs(function)
    for k, (name, n) in enumerate(outputs):
        text = truth_to_float(plan, n, writer.refer(n))
        writer.line(f"out[o + {k}] = {text}  # {name}", 1)
    if not outputs:
        writer.line("return", 1)
