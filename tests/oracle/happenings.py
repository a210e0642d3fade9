"""Dated events, from docs/spec.md section 7: which session each belongs to, what is known of it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from engine.records.calendar import Calendar

from .rounded import FALSE, TRUE, UNKNOWN, Could, Num

DAY = 1_440
"""Minutes."""


@dataclass(frozen=True)
class Event:
    """minute: of the day in New York, None: the whole day. symbol: "" for all. known: since which
    day, None: for ever."""

    day: int
    minute: int | None = None
    symbol: str = ""
    known: int | None = None


@dataclass(frozen=True)
class Agenda:
    """A file of events, with the days that it covers."""

    first: int
    last: int
    events: Sequence[Event]

    def knows(self, symbol: str | None) -> bool:
        """A file that names symbols knows nothing of the others."""
        named = {e.symbol for e in self.events} - {""}
        return not named or symbol in named

    def known(self, symbol: str | None, day: int) -> list[Event]:
        """Events that concern a symbol and were known on a day."""
        mine = [e for e in self.events if e.symbol in ("", symbol)]
        return [e for e in mine if e.known is None or e.known <= day]


def session_of(calendar: Calendar, event: Event) -> int:
    """The number of the first session whose close is not before the event."""
    at = bisect_left(calendar.days, event.day)
    on_a_session = calendar.days[at : at + 1] == (event.day,)
    if event.minute is not None and on_a_session:
        close = dict(calendar.early).get(event.day, calendar.closes)
        return at + 1 if event.minute > close else at
    return at


def blackout(
    calendar: Calendar,
    agenda: Agenda,
    symbol: str | None,
    now: int,
    day: int,
    before: int,
    after: int,
) -> Could:
    """Whether an event lies so many sessions ahead or back of session `now`, on a day."""
    if not agenda.knows(symbol):
        return UNKNOWN
    near = range(now - after, now + before + 1)
    if any(session_of(calendar, e) in near for e in agenda.known(symbol, day)):
        return TRUE
    days = [calendar.days[k] for k in near if 0 <= k < len(calendar.days)]
    is_covered = len(days) == len(near) and agenda.first <= days[0] and days[-1] <= agenda.last
    return FALSE if is_covered else UNKNOWN


def distance(
    calendar: Calendar, agenda: Agenda, symbol: str | None, now: int, day: int, ahead: bool
) -> Num | None:
    """Sessions to the next event, or since the last."""
    if not agenda.knows(symbol) or not agenda.first <= calendar.days[now] <= agenda.last:
        return None
    steps = [session_of(calendar, e) - now for e in agenda.known(symbol, day)]
    found = [s if ahead else -s for s in steps if (s >= 0 if ahead else s <= 0)]
    return Num(float(min(found))) if found else None
