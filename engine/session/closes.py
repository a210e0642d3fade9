"""What the conditions of switches saw at every close of a finished run (floor 9).

The account loop notes the truth of a condition, not the numbers in it. They are computed here by
stepping the sides of its comparison over the finished run, their memory started afresh wherever
the loop did that. They are left out where the condition compares no numbers, where it counts
working orders, and where it sees a part of the account: a finished run does not tell those bar by
bar.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from engine.base.frozen import dataclass
from engine.check.shape import fields_in
from engine.check.typed import Apply, Typed
from engine.compile import compile_values
from engine.fields import WIDTH
from engine.records.account import History
from engine.records.desk import Desk, LimitSetRow
from engine.run.program import Program
from engine.session.firm import Limits, Scene
from engine.session.force import InForce
from engine.session.sides import NO_COMPARISON, Measured, Sides, sides
from engine.session.trial import account_lines, slots_read

KNOWN = frozenset(
    f"account.{name}"
    for name in (
        *("equity", "start_equity", "peak", "drawdown"),
        *("pnl_today", "return", "bars"),
    )
)
"""Fields of which a finished run keeps what a switch saw of them."""

Closes = Mapping[str, Sequence[float]]
"""At each bar, `switch.enter.value`, `.bound`, `.base` and `.holds` (the truth that must last),
and `switch.resume.value`."""


@dataclass(frozen=True)
class Watched:
    """What is looked at of the switches of a block: the sides of each one's `enter`, or why there
    are none, and the program that computes them. lasting: those whose `enter` must hold for some
    bars."""

    enter: Mapping[str, Measured | str]
    program: Program | None
    lasting: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """One limit set in force with what its switches saw at every close, as far as that is told."""

    block: Limits
    watched: Watched
    told: Closes


def closes(scene: Scene, force: InForce, desk: Desk, history: History) -> tuple[Seen, ...]:
    """What a finished run tells of the switches of each limit set in force."""
    made: list[Seen] = []
    for k, (block, _) in enumerate(force.uses):
        names = frozenset(s.name for s in desk.limit_sets[k].switches)
        watched = _watched(block, names, _is_part(desk, desk.limit_sets[k]))
        told: Closes = {}
        if watched.program is not None:
            restarts = _restarts(desk, history, k)
            told = _stepped(scene, block, watched.program, desk, history, restarts)
        made.append(Seen(block, watched, told))
    return tuple(made)


def _is_part(desk: Desk, row: LimitSetRow) -> bool:
    """Whether a limit set sees less than the whole account."""
    return bool(row.books or row.symbols or (row.book >= 0 and len(desk.books) > 1))


# ---------------------------------------------------------------- what to look at


@lru_cache(maxsize=64)
def _watched(block: Limits, names: frozenset[str], is_part: bool) -> Watched:
    """What a run tells of the switches `names`; is_part: they see less than the whole account."""
    wanted: dict[str, Typed] = {}
    enter: dict[str, Measured | str] = {}
    for switch in (s for s in block.checked.switches if s.name in names):
        found = enter[switch.name] = _tellable(switch.enter, is_part)
        if not isinstance(found, str):
            wanted |= {f"{switch.name}.enter.{name}": part for name, part in found.parts.items()}
            if (held := _lasting(switch.enter)) is not None:
                wanted[f"{switch.name}.enter.holds"] = held
        found = _tellable(switch.resume, is_part)
        if isinstance(found, Sides):
            wanted[f"{switch.name}.resume.value"] = found.value
    name = f"seen_{block.checked.name}"
    program = compile_values(name, wanted, "python") if wanted else None
    named = (s for s in block.checked.switches if s.name in names)
    return Watched(enter, program, frozenset(s.name for s in named if _lasting(s.enter)))


def _lasting(condition: Typed) -> Typed | None:
    """What must hold for some bars, where a condition says so."""
    is_lasting = isinstance(condition, Apply) and condition.op == "lasting"
    return condition.args[0] if isinstance(condition, Apply) and is_lasting else None


def _tellable(condition: Typed | None, is_part: bool) -> Measured | str:
    """What a condition compares, or why a finished run does not tell it."""
    found = sides(condition)
    if found is None:
        return NO_COMPARISON
    read = {f.name for part in found.parts.values() for f in fields_in(part)}
    if is_part and read:
        return "it sees a part of the account"
    lost = " and ".join(sorted(read - KNOWN))
    return f"a finished run does not tell {lost} as it was at each close" if lost else found


# ---------------------------------------------------------------- looking at it


def _restarts(desk: Desk, history: History, limit_set: int) -> frozenset[int]:
    """The bars on which a limit set began to remember anew."""
    switches = desk.limit_sets[limit_set].switches
    left = [e for e in history.switch_events if e.limit_set == limit_set and not e.entered]
    return frozenset(e.bar for e in left if switches[e.switch].restarts)


def _stepped(
    scene: Scene,
    block: Limits,
    program: Program,
    desk: Desk,
    history: History,
    restarts: frozenset[int],
) -> Closes:
    """The program's outputs at each close, its memory afresh (and stepped once more) on
    `restarts`."""
    layout, rule = program.layout, program.rule
    width, cells, out = layout.row_width, list(layout.cells_init), [0.0] * layout.out_width
    rows = scene.markets(block.program, block.lists).rows(program, None)
    fields = [float("nan")] * WIDTH
    lines = list(account_lines(desk, history, slots_read(program)).items())
    table: list[float] = []
    for bar in range(len(history.equity)):
        for slot, line in lines:
            fields[slot] = line[bar]
        rule(rows, bar * width, fields, 0, cells, 0, out, 0)
        table += out
        if bar in restarts:
            cells[:] = layout.cells_init
            rule(rows, bar * width, fields, 0, cells, 0, out, 0)
    return {name: table[k :: len(out)] for k, name in enumerate(layout.rule)}
