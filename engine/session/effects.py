"""What each limit and switch saved (floor 9): the return with it minus the return without it alone.

Only those that can have changed something are left out and run again. A limit that bound no order
let every order pass as if it were not there. A pause that was in force on no bar where an order was
stopped or cancelled did nothing to any order. Without such a one every order gets the same verdict
on every bar, so the run would be the same run: 0 without running it. Halts and flattens are run
whenever they were entered: resuming, they restart what their block remembers.
"""

from collections.abc import Sequence

from engine.base.frozen import replace
from engine.records.account import (
    BLOCKED,
    FIRED,
    FROM_FLATTEN,
    SWITCHED_OFF,
    History,
)
from engine.records.desk import PAUSE, Desk, LimitSetRow
from engine.run.account import Unread, run_account, run_equity, run_unread
from engine.session.cell import Effect
from engine.session.figures import total_return

Name = tuple[str, str]
"""A limits block and one of its limits or switches."""

Place = tuple[int, int]
"""A limit set and one of its switches."""


def worth(desk: Desk, history: History, compiled: bool) -> tuple[tuple[Effect, ...], History]:
    """Every limit and switch in force, in the order of the text, with what it was worth, and the
    run without any. A run in which nothing acted is that run, whatever limits stood by."""
    counts = fired(desk, history)
    acted = acting(desk, history)
    bare = None if acted else history
    ours = total_return(history.equity, desk.cash)
    made = []
    for name, count in counts.items():
        saved = 0.0
        if name in acted:
            less = replace(desk, limit_sets=without(desk.limit_sets, *name))
            if bare is None:
                other = run_unread(less, compiled=compiled)
                bare = _unlimited(other)
                equity = other.equity()
            else:
                equity = run_equity(less, compiled=compiled)
            saved = ours - total_return(equity, desk.cash)
        made.append(Effect(".".join(name), count, saved))
    if bare is None:
        bare = run_account(replace(desk, limit_sets=()), compiled=compiled)
    return tuple(made), bare


def _unlimited(run: Unread) -> History | None:
    """A run's history, if it went as it would have without any limit."""
    if run.has_bound():
        return None
    history = run.history()
    return None if acting(run.desk, history) else history


def acting(desk: Desk, history: History) -> set[Name]:
    """The limits and switches that may have changed this run."""
    counts = fired(desk, history)
    return {name for name, count in counts.items() if count} & may_matter(desk, history)


def fired(desk: Desk, history: History) -> dict[Name, int]:
    """Per limit, the orders it bound; per switch, the times it was entered, and the orders that it
    stopped because its condition was unknown."""
    counts = {(s.name, x.name): 0 for s in desk.limit_sets for x in s.limits}
    counts |= {(s.name, x.name): 0 for s in desk.limit_sets for x in s.switches}
    for verdict in history.verdicts:
        for said in verdict.binding:
            if said.said in FIRED:
                block = desk.limit_sets[said.limit_set]
                counts[block.name, block.limits[said.limit].name] += 1
        if verdict.switch is not None and not _in_force(history, verdict.switch, verdict.bar):
            counts[_name(desk, verdict.switch)] += 1
    for event in history.switch_events:
        if event.entered:
            counts[_name(desk, (event.limit_set, event.switch))] += 1
    return counts


def _name(desk: Desk, place: Place) -> Name:
    block = desk.limit_sets[place[0]]
    return block.name, block.switches[place[1]].name


def _in_force(history: History, place: Place, bar: int) -> bool:
    return bool(history.paused[place[0]][place[1]][bar])


def may_matter(desk: Desk, history: History) -> set[Name]:
    """Every limit, halt and flatten, and the pauses that may have touched an order."""
    named = {v.switch for v in history.verdicts if v.switch is not None}
    stopped = _bars_of_switches(history)
    found = {(s.name, x.name) for s in desk.limit_sets for x in s.limits}
    for k, block in enumerate(desk.limit_sets):
        for j, switch in enumerate(block.switches):
            touched = (k, j) in named or any(_in_force(history, (k, j), b) for b in stopped)
            if switch.kind != PAUSE or touched:
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
