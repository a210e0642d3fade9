"""What each limit and switch saved (floor 9): the return with it minus the return without it alone.

Only those that can have changed something are left out and run again. A limit that bound no order
let every order pass as if it were not there; a pause or flatten that was in force on no bar where
an order was stopped, cancelled or forced did nothing to any order. Without such a one every order
gets the same verdict on every bar, so the run would be the same run: 0 without running it.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.records.account import (
    BLOCKED,
    BOUND,
    FROM_FLATTEN,
    REFUSED,
    SWITCHED_OFF,
    UNKNOWN_DENIED,
    History,
)
from engine.records.desk import HALT, Desk, LimitSetRow
from engine.run.account import run_account
from engine.session.cell import Effect
from engine.session.figures import total_return

FIRED = (BOUND, REFUSED, UNKNOWN_DENIED)
Name = tuple[str, str]
"""A limits block and one of its limits or switches."""


def effects(desk: Desk, history: History, compiled: bool) -> tuple[Effect, ...]:
    """Every limit and switch in force, in the order of the text, with what it was worth."""
    counts = fired(desk, history)
    acted = {name for name, count in counts.items() if count} & may_matter(desk, history)
    ours = total_return(history.equity, desk.cash)
    made = []
    for (block, name), count in counts.items():
        saved = 0.0
        if (block, name) in acted:
            sets = without(desk.limit_sets, block, name)
            other = run_account(replace(desk, limit_sets=sets), compiled=compiled)
            saved = ours - total_return(other.equity, desk.cash)
        made.append(Effect(f"{block}.{name}", count, saved))
    return tuple(made)


def fired(desk: Desk, history: History) -> dict[Name, int]:
    """Per limit, the orders it bound; per switch, the times it was entered."""
    counts = {(s.name, x.name): 0 for s in desk.limit_sets for x in s.limits}
    counts |= {(s.name, x.name): 0 for s in desk.limit_sets for x in s.switches}
    for verdict in history.verdicts:
        for said in verdict.binding:
            if said.said in FIRED:
                block = desk.limit_sets[said.limit_set]
                counts[block.name, block.limits[said.limit].name] += 1
    for event in history.switch_events:
        if event.entered:
            block = desk.limit_sets[event.limit_set]
            counts[block.name, block.switches[event.switch].name] += 1
    return counts


def may_matter(desk: Desk, history: History) -> set[Name]:
    """Every limit, every halt, and the pauses and flattens in force while a switch did something."""
    stopped = _bars_of_switches(history)
    found = {(s.name, x.name) for s in desk.limit_sets for x in s.limits}
    for k, block in enumerate(desk.limit_sets):
        for j, switch in enumerate(block.switches):
            line = history.paused[k][j]
            if switch.kind == HALT or any(line[bar] for bar in stopped):
                found.add((block.name, switch.name))
    return found


def _bars_of_switches(history: History) -> set[int]:
    """Bars on which any pause, flatten or halt stopped, cancelled or forced an order."""
    bars = {v.bar for v in history.verdicts if v.outcome == BLOCKED or v.source == FROM_FLATTEN}
    return bars | {x.bar for x in history.lapses if x.reason == SWITCHED_OFF}


def without(sets: Sequence[LimitSetRow], block: str, name: str) -> tuple[LimitSetRow, ...]:
    """The same limit sets, less the limit or switch `name` of block `block`."""
    return tuple(
        replace(
            s,
            limits=tuple(x for x in s.limits if x.name != name),
            switches=tuple(x for x in s.switches if x.name != name),
        )
        if s.name == block
        else s
        for s in sets
    )
