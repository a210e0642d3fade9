"""The bars before the asked one (floor 9): what `why` shows of a cross, of `x[k]` and of
`for n bars`, which today's values alone cannot explain.

Only market values are known apart from a run; those of the account have no past here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from engine.base.dates import iso
from engine.base.frozen import dataclass
from engine.check.typed import Apply, Const, Named, Sample, Typed
from engine.graph.node import Node
from engine.graph.plan import Plan
from engine.session.answers import WhySide
from engine.session.figures import plain
from engine.session.lists import TRUE
from engine.session.spell import Names, spell

CROSSES = {"cross_above": "above", "cross_below": "below"}
_NAMED = re.compile(r"(?!-?[$0-9.]).*[A-Za-z_]", re.DOTALL)
"""The text of a side that is more than a number."""


@dataclass(frozen=True)
class Past:
    """Every market value of every instant up to the asked bar, and where each frame had a bar."""

    plan: Plan
    rows: Sequence[Sequence[float]]
    has: Sequence[Sequence[float]]
    days: Sequence[int]

    def steps(self, node: int) -> Iterator[int]:
        """The instants at which a node stepped, newest first."""
        frame = self.plan.domain(node)
        for t in range(len(self.rows) - 1, -1, -1):
            if self.plan.steps_always(frame) or self.has[frame][t]:
                yield t

    def step(self, node: int, back: int) -> int | None:
        """The instant at which a node stepped `back` steps before its last; None before its
        first."""
        return next(islice(self.steps(node), back, None), None)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the bars before add to one value; see WhyNode."""

    sides: tuple[WhySide, ...] = ()
    of_date: str = ""
    lasted: tuple[int, int] | None = None


def earlier(named: Named, output: int, past: Past, names: Mapping[Typed, str]) -> Earlier:
    """What the past adds to the value at the node `output`; nothing for most."""
    value = named.value
    while isinstance(value, Sample):
        value = value.value
    found = _op(past.plan, output)
    if not isinstance(value, Apply) or found is None or found[1].name != value.op:
        return Earlier()
    at, node = found
    if value.op in CROSSES:
        return Earlier(sides=_sides(named.text, value, at, node, past, names))
    if value.op in ("back", "back_truth"):
        then = past.step(at, int(value.consts[0]))
        return Earlier(of_date="" if then is None else iso(past.days[then]))
    if value.op == "lasting":
        bars = int(value.consts[0])
        true = sum(past.rows[t][node.args[0]] == TRUE for t in islice(past.steps(at), bars))
        return Earlier(lasted=(true, bars))
    return Earlier()


def _op(plan: Plan, output: int) -> tuple[int, Node] | None:
    """The market op behind an output, seen through the samples that carry it."""
    node = plan.graph.nodes[output]
    while node.kind == "sample":
        output = node.args[0]
        node = plan.graph.nodes[output]
    return (output, node) if node.kind == "op" and plan.stages[output] == "market" else None


def _sides(
    text: str, value: Apply, at: int, node: Node, past: Past, names: Names
) -> tuple[WhySide, ...]:
    """Both sides of a cross, at the last bar and at the one before; plain numbers are left out."""
    before, now = past.step(at, 1), past.step(at, 0)
    texts = _texts(text, value, names)
    return tuple(
        WhySide(said, str(arg.kind.unit), _value(past, before, n), _value(past, now, n))
        for said, arg, n in zip(texts, value.args, node.args, strict=True)
        if not isinstance(arg, Const) or _NAMED.match(said)
    )


def _texts(text: str, value: Apply, names: Names) -> list[str]:
    """The sides as the rule text writes them, where it holds this cross alone."""
    sides = re.split(rf"\s+crosses\s+{CROSSES[value.op]}\s+", text)
    is_whole = len(sides) == 2 and all(s.count("(") == s.count(")") for s in sides)
    return sides if is_whole else [spell(a, names) for a in value.args]


def _value(past: Past, instant: int | None, node: int) -> float | None:
    return None if instant is None else plain(past.rows[instant][node])
