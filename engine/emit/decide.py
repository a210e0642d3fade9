"""The function of limits (floor 6): `decide` judges one order."""

from collections.abc import Sequence

from engine.emit.rule import book_leaf, book_writer, write_outputs
from engine.emit.writer import Spelling, truth_from_float
from engine.graph.plan import Plan


def emit_decide(plan: Plan, names: Sequence[str]) -> list[str]:
    """`decide` steps nothing: what must be remembered was computed by `rule` at this close."""
    spelling = Spelling(
        buffer="cells",
        offset=_none,
        index=_none,
        read=lambda n, k: _none(n),
        write=lambda n, k: _none(n),
        leaf=book_leaf(plan),
    )
    writer = book_writer(plan, names, spelling, plan.decide, "decide")
    for n, at in plan.book_cells.kept.items():
        text = truth_from_float(plan, n, f"cells[c + {at}]")
        writer.line(f"{names[n]} = {text}  # from rule", 1)
    for n in plan.decide:
        writer.node(n, 1)
    write_outputs(plan, writer, "decide")
    return writer.lines


def _none(_: int) -> str:
    raise AssertionError("decide keeps no state of its own")
