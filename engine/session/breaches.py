"""Breaches (floor 9): from each limit that was passed to what was done about it, and how far beyond
it went.

A switch is breached at the first close at which its comparison holds, and acts at the close at
which it is entered: later, where its text says `for n bars`. A planned loss is breached at the
first close beyond it, and acted on where the trade ends. A limit on orders acts before anything
is sent, so what it refused is told by verdicts and not here.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.records.account import History, RoundTrip, SwitchEvent
from engine.records.desk import FLATTEN, Desk, LimitSetRow
from engine.session.cell import Breach, Plan
from engine.session.closes import Seen
from engine.session.figures import plain
from engine.session.lists import TRUE, UNKNOWN
from engine.session.sides import Floats, Sides, line, share


def breaches(saw: Sequence[Seen], desk: Desk, history: History) -> tuple[Breach, ...]:
    """Every time that a pause, flatten or halt was entered, in order."""
    events = history.switch_events
    found = ((k, e) for k, e in enumerate(events) if e.entered)
    return tuple(_breach(saw[e.limit_set], desk, history, k, e) for k, e in found)


def _breach(seen: Seen, desk: Desk, history: History, k: int, event: SwitchEvent) -> Breach:
    row = desk.limit_sets[event.limit_set]
    switch = row.switches[event.switch]
    name = f"{row.name}.{switch.name}"
    first = _first(seen, switch.name, history, k)
    end = _end(history, k)
    flat = _flat_at(desk, row, history, event.bar) if switch.kind == FLATTEN else None
    begun = event.bar if first is None else first
    value, bound, worst_on, overshoot = _worst(seen, switch.name, desk, begun, end)
    told = desk.tape.told
    return Breach(
        limit=name,
        code=f"{name}.entered",
        severity=switch.severity,
        group=row.group or None,
        cause="unknown" if event.value == UNKNOWN else "condition",
        breached=None if first is None else told(first),
        acted=told(event.bar),
        bars=None if first is None else event.bar - first,
        seconds=_seconds(desk, first, event.bar),
        flat=None if flat is None else told(flat),
        left=None if end is None else told(end),
        value=value,
        bound=bound,
        worst_on=worst_on,
        overshoot=overshoot,
    )


def _seconds(desk: Desk, first: int | None, bar: int) -> int | None:
    """Between two closes by the clock; not told of daily bars."""
    closes = desk.tape.closes
    return 60 * (closes[bar] - closes[first]) if closes and first is not None else None


def _first(seen: Seen, name: str, history: History, k: int) -> int | None:
    """The first of the closes up to the k-th event at which the comparison held throughout; None
    where a finished run does not tell it."""
    event = history.switch_events[k]
    if event.value != TRUE or name not in seen.watched.lasting:
        return event.bar
    held = seen.told.get(f"{name}.enter.holds")
    if held is None:
        return None
    bar, before = event.bar, _before(history, k)
    while bar - 1 > before and held[bar - 1] == TRUE:
        bar -= 1
    return bar


def _is_same(a: SwitchEvent, b: SwitchEvent) -> bool:
    return (a.limit_set, a.switch) == (b.limit_set, b.switch)


def _before(history: History, k: int) -> int:
    """The close at which the switch was last left before its k-th event; -1 for never."""
    event = history.switch_events[k]
    return max((e.bar for e in history.switch_events[:k] if _is_same(e, event)), default=-1)


def _end(history: History, k: int) -> int | None:
    """The close at which what the k-th event began is over."""
    event = history.switch_events[k]
    later = history.switch_events[k + 1 :]
    return next((e.bar for e in later if _is_same(e, event)), None)


def _flat_at(desk: Desk, row: LimitSetRow, history: History, since: int) -> int | None:
    """The first close from `since` on at which nothing is held of what the set covers."""
    lines = list(_held(desk, row, history))
    bars = range(since, len(history.equity))
    return next((t for t in bars if all(line[t] == 0.0 for line in lines)), None)


def _held(desk: Desk, row: LimitSetRow, history: History) -> Iterator[Sequence[float]]:
    books = row.books or (() if row.book == -1 else (row.book,))
    for b, book in enumerate(desk.books):
        for k, symbol in enumerate(book.symbols):
            if (not books or b in books) and (not row.symbols or symbol in row.symbols):
                yield history.position_qty[b][k]


Worst = tuple[float | None, float | None, str | None, float | None]
"""Value, bound, close and overshoot of the worst of a breach."""


def _worst(seen: Seen, name: str, desk: Desk, first: int, end: int | None) -> Worst:
    """The close that went furthest beyond the bound while it was breached or in force."""
    found = seen.watched.enter.get(name)
    if found is None or isinstance(found, str):
        return None, None, None, None
    told = {part: seen.told[f"{name}.enter.{part}"] for part in found.parts}
    bars = len(next(iter(told.values()), ()))
    used = share(found, told, bars)[first:end]
    if np.isnan(used).all():
        return None, None, None, None
    at = int(np.nanargmax(used))
    value = bound = None
    if isinstance(found, Sides):
        value = _at(line(found.value, told.get("value")), first + at)
        bound = _at(line(found.bound, told.get("bound")), first + at)
    return value, bound, desk.tape.told(first + at), max(0.0, float(used[at]) - 1.0)


def _at(values: Floats, bar: int) -> float | None:
    return plain(float(values[bar] if values.ndim else values))


# ---------------------------------------------------------------- planned losses


def plans(desk: Desk, history: History) -> tuple[Plan, ...]:
    """Per entry that plans its losses: how many trades lost more than that, and the worst."""
    found: dict[tuple[int, int], list[RoundTrip]] = {}
    for trip in history.round_trips:
        if trip.planned_loss == trip.planned_loss:
            found.setdefault((trip.book, trip.entry), []).append(trip)
    return tuple(_plan(desk, trips) for _, trips in sorted(found.items()))


def _plan(desk: Desk, trips: Sequence[RoundTrip]) -> Plan:
    worst = max(trips, key=_beyond)
    is_beyond = _beyond(worst) > 0.0
    book = desk.books[worst.book]
    return Plan(
        strategy=book.name,
        entry=book.entries[worst.entry].name,
        trades=len(trips),
        beyond=sum(_beyond(t) > 0.0 for t in trips),
        overshoot=_share_beyond(worst) if is_beyond else 0.0,
        money=max(0.0, _beyond(worst)),
        symbol=desk.instruments[worst.symbol].symbol if is_beyond else None,
        acted=desk.tape.told(worst.last_bar) if is_beyond else None,
        bars=_bars_beyond(desk, worst) if is_beyond else None,
    )


def _beyond(trip: RoundTrip) -> float:
    """What prices took beyond the plan; fees are no part of one."""
    return -(trip.pnl + trip.fees) - trip.planned_loss


def _share_beyond(trip: RoundTrip) -> float | None:
    return _beyond(trip) / trip.planned_loss if trip.planned_loss > 0.0 else None


def _bars_beyond(desk: Desk, trip: RoundTrip) -> int:
    """Bars from the first close at which more than the plan was lost to the bar of the exit."""
    closes = desk.tape.close[trip.symbol]
    for t in range(trip.first_bar, trip.last_bar):
        lost = (trip.entry_price - closes[t]) * trip.side * trip.qty
        if lost > trip.planned_loss:
            return trip.last_bar - t
    return 0
