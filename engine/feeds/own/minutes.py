"""Bars of minutes in a user's file (floor 8): when each ends, and whether it lies in a session.

How long the bars are and whether they are stamped at their open or close is stated, never guessed.
An instant is in minutes since 1970-01-01 by the exchange's own clock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from engine.base.clocks import minutes_in
from engine.base.dates import iso
from engine.base.errors import UserError
from engine.feeds.own.finding import Findings, Settings
from engine.feeds.own.values import BadCell, Bar, known_zone
from engine.records.calendar import Calendar

DAY = 1_440
STAMPS = ("open", "close")
MOST = 0.5
"""Above this share of odd rows or sessions, the file means something else than was stated."""


@dataclass(frozen=True, slots=True)
class MinuteReader:
    """How instants are written: `form` a strptime format or None for ISO; a stamp without a zone
    of its own is in `said`. length: minutes of a bar; at_open: stamps tell when bars begin."""

    form: str | None
    zone: str
    said: ZoneInfo
    calendar: Calendar
    length: int
    at_open: bool

    def day(self, text: str) -> int:
        """The session's day; BadCell when the cell names no instant."""
        return self.place(text)[0]

    def place(self, text: str) -> tuple[int, int]:
        """The day of a stamp by the exchange's clock and the instant at which its bar ends."""
        stamp = self._stamp(text)
        local = stamp.astimezone(known_zone(self.zone))
        if local.second or local.microsecond:
            raise BadCell(f"`{text}` lies inside a minute", "bars begin and end on whole minutes")
        day = (local.date() - date(1970, 1, 1)).days
        minute = local.hour * 60 + local.minute
        return day, day * DAY + (self._end(day, minute) if self.at_open else minute)

    def _stamp(self, text: str) -> datetime:
        try:
            if self.form is not None:
                stamp = datetime.strptime(text, self.form)
            elif len(text) < 16:
                raise ValueError(text)
            else:
                stamp = datetime.fromisoformat(text)
        except ValueError:
            form = self.form or "YYYY-MM-DD HH:MM"
            help = "write every stamp as 2024-03-15 09:35, or state `date_format`"
            raise BadCell(f"`{text[:40]}` is no instant of the form {form}", help) from None
        if stamp.tzinfo is not None:
            return stamp
        here = stamp.replace(tzinfo=self.said)
        if here.utcoffset() != here.replace(fold=1).utcoffset():
            text = f"`{text}` is said twice or never by the clocks of {self.said.key}"
            raise BadCell(text, "write it with its offset: 2024-11-03T01:30:00-04:00")
        return here

    def _end(self, day: int, minute: int) -> int:
        """A bar that begins before the close ends with it at the latest."""
        end, close = minute + self.length, self.calendar.close_minute(day)
        return min(end, close) if minute < close else end


def minute_reader(
    options: Mapping[str, str], form: str | None, calendar: Calendar
) -> MinuteReader | None:
    """The reader that `bars`, `stamp` and `zone` ask for; None without them. UserError for what
    makes no sense."""
    said = [key for key in ("bars", "stamp", "zone") if key in options]
    if not said:
        return None
    length = minutes_in(options.get("bars"))
    if not length:
        text = f"`{said[0]}` needs the length of the bars in minutes"
        raise UserError(text, "write `bars: 5m` beside it, the length of one bar of the file")
    if options.get("stamp") not in STAMPS:
        text = f"`bars: {options['bars']}` needs to know when they are stamped"
        raise UserError(
            text, "write `stamp: open` where stamps begin their bars, else `stamp: close`"
        )
    zone = options.get("zone", calendar.zone)
    try:
        ours = known_zone(zone)
    except BadCell as problem:
        raise UserError(str(problem), "such as `zone: UTC` or `zone: America/New_York`") from None
    at_open = options["stamp"] == "open"
    return MinuteReader(form, calendar.zone, ours, calendar, length, at_open)


def suggested(texts: Sequence[tuple[int, str]]) -> tuple[int, Settings] | None:
    """The row and the settings of a file whose days have several rows with times; else None."""
    stamps: list[tuple[int, datetime]] = []
    for row, text in texts[:2_000]:
        try:
            stamps.append((row, datetime.fromisoformat(text)))
        except ValueError:
            return None
    steps = [
        int(abs((b - a).total_seconds()) // 60)
        for (_, a), (_, b) in pairwise(stamps)
        if a.date() == b.date() and (a.tzinfo is None) == (b.tzinfo is None)
    ]
    if len(steps) < 2 or min(steps) < 1:
        return None
    times = {f"{s:%H:%M}" for _, s in stamps}
    at_open = "09:30" in times and "16:00" not in times
    length = Counter(steps).most_common(1)[0][0]
    stamp = "open" if at_open else "close"
    return stamps[1][0], (("options", "bars", f"{length}m"), ("options", "stamp", stamp))


# ---------------------------------------------------------------- all bars together


def in_order(bars: Sequence[Bar], findings: Findings) -> list[Bar]:
    """Bars by ascending instant: a newest-first file is turned round, anything else is an error."""
    if len(bars) > 1 and all(a.at > b.at for a, b in pairwise(bars)):
        findings.warn("order", bars[0].row, "the file is newest first: it is read from its end")
        return list(reversed(bars))
    for before, bar in pairwise(bars):
        if bar.at == before.at:
            text = f"the bar to {told(bar.at)} stands in row {before.row} already"
            findings.error("duplicate", bar.row, text, "one row for each bar")
        elif bar.at < before.at:
            text = f"{told(bar.at)} comes after {told(before.at)}"
            findings.error("order", bar.row, text, "sort the rows by time")
    return list(bars)


def in_hours(bars: Sequence[Bar], reader: MinuteReader, findings: Findings) -> list[Bar]:
    """The bars inside their sessions; one that ends elsewhere than its kind do is an error."""
    calendar, kept = reader.calendar, list[Bar]()
    outside: list[Bar] = []
    for bar in bars:
        since, close = bar.at % DAY - calendar.opens, calendar.close_minute(bar.day)
        if since <= 0 or bar.at % DAY > close:
            outside.append(bar)
        elif since % reader.length and bar.at % DAY != close:
            text = f"a bar of {reader.length}m ends at {told(bar.at)}, off the session's bars"
            findings.error("grid", bar.row, text, "is `bars` or `stamp` another one?")
        else:
            kept.append(bar)
    for bar in outside:
        hours = f"{_clock(calendar.opens)} to {_clock(calendar.close_minute(bar.day))}"
        text = f"the bar to {told(bar.at)} lies outside {hours}: the row is left out"
        findings.warn("hours", bar.row, text, "only a session's own hours are read", bar.day)
    _doubt(bars, outside, reader, findings)
    return kept


def _doubt(
    bars: Sequence[Bar], outside: Sequence[Bar], reader: MinuteReader, findings: Findings
) -> None:
    """Errors for a file that cannot mean what was stated."""
    if not bars:
        return
    if len(outside) > MOST * len(bars):
        text = f"{len(outside):,} of {len(bars):,} bars lie outside the session's hours"
        said = (("options", "zone", "UTC"),) if reader.said.key == reader.zone else ()
        findings.error("zone", outside[0].row, text, "are the times of another zone?", said)
    days = len({bar.day for bar in bars})
    edge = 0 if not reader.at_open else reader.length
    opens, closes = reader.calendar.opens, reader.calendar.closes
    odd = [b for b in outside if b.at % DAY == (closes + edge if edge else opens)]
    if len(odd) > MOST * days:
        other = "close" if reader.at_open else "open"
        text = f"most sessions have a bar that is stamped at their {'close' if edge else 'open'}"
        settings = (("options", "stamp", other),)
        findings.error("stamp", odd[0].row, text, f"bars seem stamped at their {other}", settings)


def find_gaps(bars: Sequence[Bar], reader: MinuteReader, findings: Findings) -> None:
    """Bars inside sessions that have no row."""
    calendar, length = reader.calendar, reader.length
    last = replace(bars[-1], day=-1) if bars else None
    for before, bar in pairwise([*bars, *([last] if last else [])]):
        if bar.day == before.day:
            missing = -(-(bar.at - before.at) // length) - 1
        else:
            missing = -(-(calendar.close_minute(before.day) - before.at % DAY) // length)
        if missing > 0:
            _warn_gap(before, missing, findings)
    for before, bar in pairwise([replace(bars[0], day=-1), *bars] if bars else []):
        missing = -(-(bar.at % DAY - calendar.opens) // length) - 1
        if bar.day != before.day and missing > 0:
            word = "bar is" if missing == 1 else "bars are"
            text = f"{missing} {word} missing from the open of {iso(bar.day)}"
            findings.warn("hole", bar.row, text, _NOTHING, bar.day)


def _warn_gap(before: Bar, missing: int, findings: Findings) -> None:
    word = "bar is" if missing == 1 else "bars are"
    text = f"{missing} {word} missing after {told(before.at)}"
    findings.warn("hole", before.row, text, _NOTHING, before.day)


_NOTHING = "nothing is filled in: rules see no bar there"


def told(at: int) -> str:
    """An instant as people write it."""
    return f"{iso(at // DAY)} {_clock(at % DAY)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
