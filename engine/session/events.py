"""Every entering and leaving of a switch in one run, with the figure that its condition saw
(floor 9).

The figure is left out where the condition compares no number with a bound, where something else
than a condition did it (time, a hand), and where a finished run does not tell it (see closes).
"""

from collections.abc import Sequence

from engine.records.account import History, SwitchEvent
from engine.records.desk import Desk
from engine.session.cell import Event
from engine.session.closes import Seen
from engine.session.figures import plain
from engine.session.force import InForce
from engine.session.lists import TRUE


def events(saw: Sequence[Seen], desk: Desk, history: History) -> tuple[Event, ...]:
    """Every entering and leaving, in the order in which the account loop met them."""
    return tuple(_event(saw[e.limit_set], desk, e) for e in history.switch_events)


def _event(seen: Seen, desk: Desk, event: SwitchEvent) -> Event:
    checked = seen.block.checked
    name = desk.limit_sets[event.limit_set].switches[event.switch].name
    switch = next(s for s in checked.switches if s.name == name)
    by_condition = event.value == TRUE
    line = seen.told.get(f"{name}.{'enter' if event.entered else 'resume'}.value")
    return Event(
        date=desk.tape.told(event.bar),
        limit=f"{checked.name}.{name}",
        kind=switch.kind,
        entered=event.entered,
        value=plain(line[event.bar]) if line and by_condition else None,
        because=switch.because or None,
    )


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
