"""What each limit and switch saved (floor 9): the return with it minus the return without it alone.

Only those that can have changed something are left out and run again. A limit that bound no order
let every order pass as if it were not there. A pause that was in force on no bar where an order was
stopped or cancelled did nothing to any order. Without such a one every order gets the same verdict
on every bar, so the run would be the same run: 0 without running it. Halts and flattens are run
whenever they were entered: resuming, they restart what their block remembers. Before the bar on
which one first acted the run without it is the run with it, so it branches off there.
"""

from collections.abc import Sequence

from engine.records.account import (
    BLOCKED,
    FIRED,
    FROM_FLATTEN,
    SWITCHED_OFF,
    History,
)
from engine.records.desk import PAUSE, Desk
from engine.run.account import Trunk, Unread
from engine.run.branch import Name, without, without_any
from engine.session.cell import Effect
from engine.session.figures import total_return

Place = tuple[int, int]
"""A limit set and one of its switches."""


def worth(trunk: Trunk, history: History) -> tuple[tuple[Effect, ...], Sequence[float]]:
    """Every limit and switch in force, in the order of the text, with what it was worth, and the
    equity line without any. A run in which nothing acted is that run, whatever limits stood by."""
    desk = trunk.run.desk
    bars = fired(desk, history)
    acted = acting(desk, history)
    bare = None if acted else history.equity
    ours = total_return(history.equity, desk.cash)
    made = []
    for name, when in bars.items():
        saved = 0.0
        if name in acted:
            change = without(desk, {name})
            if bare is None:
                run = trunk.branch_unread(min(when), change)
                equity = run.equity()
                bare = equity if _is_bare(run) else None
            else:
                equity = trunk.branch(min(when), change)
            saved = ours - total_return(equity, desk.cash)
        made.append(Effect(".".join(name), len(when), saved))
    if bare is None:
        bare = trunk.branch(min(min(when) for when in bars.values() if when), without_any)
    return tuple(made), bare


def _is_bare(run: Unread) -> bool:
    """Whether a run went as it would have without any limit."""
    return not run.has_bound() and not acting(run.desk, run.history())


def acting(desk: Desk, history: History) -> set[Name]:
    """The limits and switches that may have changed this run."""
    bars = fired(desk, history)
    return {name for name, when in bars.items() if when} & may_matter(desk, history)


def fired(desk: Desk, history: History) -> dict[Name, list[int]]:
    """Per limit, the bars of the orders that it bound; per switch, those on which it was entered
    and of the orders that it stopped because its condition was unknown."""
    bars: dict[Name, list[int]] = {(s.name, x.name): [] for s in desk.limit_sets for x in s.limits}
    bars |= {(s.name, x.name): [] for s in desk.limit_sets for x in s.switches}
    for verdict in history.verdicts:
        for said in verdict.binding:
            if said.said in FIRED:
                block = desk.limit_sets[said.limit_set]
                bars[block.name, block.limits[said.limit].name].append(verdict.bar)
        if verdict.switch is not None and not _in_force(history, verdict.switch, verdict.bar):
            bars[_name(desk, verdict.switch)].append(verdict.bar)
    for event in history.switch_events:
        if event.entered:
            bars[_name(desk, (event.limit_set, event.switch))].append(event.bar)
    return bars


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
