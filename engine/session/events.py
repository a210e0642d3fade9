"""Every entering and leaving of a switch in one run, with the figure that its condition saw
(floor 9).

The account loop notes the truth of a condition, not the number in it. The number is computed here
by stepping the condition's left side over the finished run, its memory started afresh wherever the
loop did that. It is left out where the condition compares no number with a bound, where something
else than a condition did it (time, a hand), and where it counts working orders or belongs to one
book of several: a finished run does not tell those bar by bar.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from engine.base.dates import iso
from engine.check.shape import fields_in
from engine.check.typed import Apply, CheckedLimits, Typed
from engine.compile import compile_values
from engine.fields import WIDTH
from engine.records.account import History, SwitchEvent
from engine.records.desk import Desk
from engine.run.program import Program
from engine.session.cell import Event
from engine.session.claims import compared
from engine.session.figures import plain
from engine.session.firm import Limits, Scene
from engine.session.force import InForce
from engine.session.trial import account_lines, slots_read

KNOWN = frozenset(
    f"account.{name}"
    for name in (
        *("equity", "start_equity", "peak", "drawdown"),
        *("pnl_today", "return", "bars"),
    )
)
"""Fields of which a finished run keeps what a switch saw of them."""

TRUE = 2
"""The truth value of a condition that is true, as the account loop notes it."""

Figures = Mapping[tuple[int, str], float | None]
"""Per bar and `switch.enter` or `switch.resume`: what the left side was."""


def events(scene: Scene, force: InForce, desk: Desk, history: History) -> tuple[Event, ...]:
    """Every entering and leaving, in the order in which the account loop met them."""
    by_set: dict[int, Figures] = {}
    for k, found in groupby(sorted(history.switch_events, key=_set), key=_set):
        by_set[k] = _figures(scene, force, desk, history, k, list(found))
    return tuple(_event(force, desk, e, by_set[e.limit_set]) for e in history.switch_events)


def _set(event: SwitchEvent) -> int:
    return event.limit_set


def _event(force: InForce, desk: Desk, event: SwitchEvent, figures: Figures) -> Event:
    checked = force.uses[event.limit_set][1].checked
    name = desk.limit_sets[event.limit_set].switches[event.switch].name
    switch = next(s for s in checked.switches if s.name == name)
    by_condition = event.value == TRUE
    side = f"{name}.{'enter' if event.entered else 'resume'}"
    return Event(
        date=iso(desk.tape.days[event.bar]),
        limit=f"{checked.name}.{name}",
        kind=switch.kind,
        entered=event.entered,
        value=figures.get((event.bar, side)) if by_condition else None,
        because=switch.because or None,
    )


# ---------------------------------------------------------------- what the conditions saw


def left_side(condition: Typed | None) -> Typed | None:
    """The number that a condition compares with a bound; `for n bars` looks at the same one."""
    if isinstance(condition, Apply) and condition.op == "lasting":
        return left_side(condition.args[0])
    sides = None if condition is None else compared(condition)
    return sides[0] if sides else None


@lru_cache(maxsize=64)
def _program(name: str, sides: tuple[tuple[str, Typed], ...]) -> Program:
    return compile_values(f"seen_{name}", dict(sides), "python")


def _sides(checked: CheckedLimits, is_whole: bool) -> tuple[tuple[str, Typed], ...]:
    """The left sides that a finished run can tell; is_whole: the block's scope is the account."""
    known = KNOWN if is_whole else frozenset[str]()
    pairs = [
        (f"{s.name}.{word}", left_side(value))
        for s in checked.switches
        for word, value in (("enter", s.enter), ("resume", s.resume))
    ]
    return tuple(
        (name, value)
        for name, value in pairs
        if value is not None and {f.name for f in fields_in(value)} <= known
    )


def _figures(
    scene: Scene,
    force: InForce,
    desk: Desk,
    history: History,
    limit_set: int,
    happened: Sequence[SwitchEvent],
) -> Figures:
    """What the left sides of one limit set were on the bars on which its switches turned."""
    block, use = force.uses[limit_set]
    sides = _sides(use.checked, use.book < 0 or len(desk.books) == 1)
    if not sides:
        return {}
    program = _program(use.checked.name, sides)
    switches = desk.limit_sets[limit_set].switches
    restarts = {e.bar for e in happened if not e.entered and switches[e.switch].restarts}
    lines = account_lines(desk, history, slots_read(program))
    return _stepped(scene, block, program, lines, {e.bar for e in happened}, restarts)


def _stepped(
    scene: Scene,
    block: Limits,
    program: Program,
    lines: Mapping[int, Sequence[float]],
    bars: set[int],
    restarts: set[int],
) -> Figures:
    """The program's outputs on `bars`, its memory afresh (and stepped once more) on `restarts`."""
    layout = program.layout
    rows = scene.markets(block.program, block.lists).rows(program, None)
    fields = [float("nan")] * WIDTH
    cells, out = list(layout.cells_init), [0.0] * layout.out_width
    found: dict[tuple[int, str], float | None] = {}
    for bar in range(max(bars) + 1) if cells else sorted(bars):
        for slot, line in lines.items():
            fields[slot] = line[bar]
        program.rule(rows, bar * layout.row_width, fields, 0, cells, 0, out, 0)
        if bar in bars:
            found.update(((bar, n), plain(v)) for n, v in zip(layout.rule, out, strict=True))
        if bar in restarts:
            cells[:] = layout.cells_init
            program.rule(rows, bar * layout.row_width, fields, 0, cells, 0, out, 0)
    return found


def kinds_of(force: InForce) -> dict[str, tuple[str, str | None]]:
    """Kind and reason of every limit and switch in force, by `block.name`."""
    found: dict[str, tuple[str, str | None]] = {}
    for _, use in force.uses:
        rows: list[tuple[str, str, str]] = [
            (x.name, x.action, x.because) for x in use.checked.limits
        ]
        rows += [(s.name, s.kind, s.because) for s in use.checked.switches]
        found |= {f"{use.checked.name}.{n}": (kind, why or None) for n, kind, why in rows}
    return found
