"""Dated events from a file (floor 9): rate decisions, price indices, earnings.

The file says which days it covers. What lies outside of them, and a symbol that a file with symbols
does not name, is unknown, so that limits deny. An event belongs to the first session whose close is
not before it: one after the close, or on a day without trading, to the next session.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.session.schedule import MINUTES
from engine.session.timeline import Timeline

FALSE, UNKNOWN, TRUE = 0.0, 1.0, 2.0
COLUMNS = ("date", "time", "zone", "symbol", "known")
HOME = "America/New_York"
"""The zone of the sessions, and of times that name none."""
_COVERS = re.compile(r"covers\s+(\S+)\s+to\s+(\S+)", re.IGNORECASE)
_CALL = re.compile(r"(\w+)\((\w+)(?:, (\d+) bars, (\d+) bars)?\)")
_FORM = (
    "begin the file with `covers 2024-01-01 to 2024-12-31` and a header such as `date,time,zone`"
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. instant: minutes since 1970-01-01 by the exchange's clock, None for a whole day.
    symbol: whom it concerns, "" for all. known: the day from which it was known, None for ever."""

    day: int
    instant: int | None
    symbol: str = ""
    known: int | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """What a file holds: the days it covers, both included, and their events."""

    first: int
    last: int
    events: tuple[Happening, ...]

    @property
    def symbols(self) -> frozenset[str]:
        """Whom the file knows; empty: its events concern all."""
        return frozenset(e.symbol for e in self.events if e.symbol)


# ---------------------------------------------------------------- reading


def read_events(name: str, path: Path) -> Events:
    """The events of a file; UserError with the line for whatever is wrong in it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        help = "put the file beside the rule file"
        raise UserError(f"events `{name}`: {path} cannot be read: {problem}", help) from None
    kept = [(k, line.split("#", 1)[0].strip()) for k, line in enumerate(lines, 1)]
    rows = [(k, line) for k, line in kept if line]
    if len(rows) < 2 or not _COVERS.fullmatch(rows[0][1]):
        raise UserError(f"events `{name}`: {path} does not say which days it covers", _FORM)
    place = f"events `{name}`: {path}"
    first, last = _covers(place, *rows[0])
    header = [h.strip().lower() for h in rows[1][1].split(",")]
    if "date" not in header or not set(header) <= set(COLUMNS):
        raise UserError(f"{place}:{rows[1][0]}: `{rows[1][1]}` is no header", _FORM)
    found = [_happening(f"{place}:{k}", header, line, first, last) for k, line in rows[2:]]
    return Events(first, last, tuple(sorted(found, key=lambda e: (e.day, e.instant or 0))))


def _covers(place: str, number: int, line: str) -> tuple[int, int]:
    found = _COVERS.fullmatch(line)
    words = found.groups() if found else ()
    first, last = (_day(f"{place}:{number}", word) for word in words)
    if last < first:
        raise UserError(f"{place}:{number}: covers no day", "write the earlier day first")
    return first, last


def _happening(place: str, header: Sequence[str], line: str, first: int, last: int) -> Happening:
    cells = [c.strip() for c in next(csv.reader([line]))]
    if len(cells) > len(header):
        raise UserError(f"{place}: more cells than the header names", ", ".join(header))
    row = dict(zip(header, cells, strict=False))
    day = _day(place, row["date"])
    if not first <= day <= last:
        help = "widen the `covers` line, or leave the event out"
        raise UserError(f"{place}: {iso(day)} lies outside of what the file covers", help)
    known = _day(place, row["known"]) if row.get("known") else None
    return Happening(day, _instant(place, day, row), row.get("symbol", ""), known)


def _instant(place: str, day: int, row: Mapping[str, str]) -> int | None:
    """The minute of an event by the exchange's clock; None where the file names no time."""
    if not row.get("time"):
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", row["time"])
    if found is None:
        raise UserError(f"{place}: `{row['time']}` is no time", "write times as 14:00")
    minute = int(found[1]) * 60 + int(found[2])
    zone = row.get("zone") or HOME
    return day * MINUTES + minute if zone == HOME else _moved(place, day, minute, zone)


def _moved(place: str, day: int, minute: int, zone: str) -> int:
    """A minute of a day in one zone, by the exchange's clock."""
    from datetime import UTC, datetime, timedelta  # few files name a zone of their own
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        help = "write zones as Europe/London or UTC"
        raise UserError(f"{place}: `{zone}` is no time zone", help) from None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    local = (epoch + timedelta(days=day, minutes=minute)).replace(tzinfo=there)
    here = local.astimezone(ZoneInfo(HOME)).replace(tzinfo=UTC)
    return int((here - epoch).total_seconds()) // 60


def _day(place: str, text: str) -> int:
    try:
        return parse_day(text)
    except ValueError:
        raise UserError(f"{place}: `{text}` is no date", "write dates as 2020-03-16") from None


# ---------------------------------------------------------------- as columns


def called(column: str) -> tuple[str, str, int, int]:
    """`blackout(fomc, 1 bars, 0 bars)` as what is asked, of which list, and its two lengths."""
    found = _CALL.fullmatch(column)
    if found is None:
        raise ValueError(f"no look into events: {column}")
    return found[1], found[2], int(found[3] or 0), int(found[4] or 0)


def event_column(held: Events, column: str, symbol: str | None, line: Timeline) -> Floats:
    """What is asked of the events, at each bar of the timeline."""
    asked, _, before, after = called(column)
    now = line.sessions.searchsorted(line.days)
    if held.symbols and symbol not in held.symbols:
        return np.full(len(now), UNKNOWN if asked == "blackout" else np.nan)
    mine = [e for e in held.events if e.symbol in ("", symbol)]
    if asked == "blackout":
        return _blackout(held, mine, line, now, before, after)
    return _distance(held, mine, line, now, asked == "sessions_to")


def _sessions_of(events: Sequence[Happening], line: Timeline) -> NDArray[np.int64]:
    """The session that each event belongs to."""
    closes = line.schedule.closes(line.sessions)
    days = np.asarray([e.day for e in events], dtype=np.int64)
    whole = line.sessions.searchsorted(days, "left")
    timed = np.asarray([-1 if e.instant is None else e.instant for e in events], dtype=np.int64)
    at: NDArray[np.int64] = np.where(timed < 0, whole, closes.searchsorted(timed, "left"))
    return at


def _covered(held: Events, line: Timeline) -> tuple[int, int]:
    """The first and last session that the file covers."""
    first = int(line.sessions.searchsorted(held.first, "left"))
    return first, int(line.sessions.searchsorted(held.last, "right")) - 1


def _seen(event: Happening, line: Timeline) -> NDArray[np.bool_]:
    """On which bars an event is known."""
    return line.days >= (np.iinfo(np.int32).min if event.known is None else event.known)


def _blackout(
    held: Events,
    mine: Sequence[Happening],
    line: Timeline,
    now: NDArray[np.int64],
    before: int,
    after: int,
) -> Floats:
    first, last = _covered(held, line)
    truth = np.where((now - after >= first) & (now + before <= last), FALSE, UNKNOWN)
    for event, at in zip(mine, _sessions_of(mine, line), strict=True):
        truth[(now >= at - before) & (now <= at + after) & _seen(event, line)] = TRUE
    return truth


def _distance(
    held: Events,
    mine: Sequence[Happening],
    line: Timeline,
    now: NDArray[np.int64],
    ahead: bool,
) -> Floats:
    """Sessions to the next event, or since the last; 0 on its own session."""
    first, last = _covered(held, line)
    away = np.full(len(now), np.nan)
    for event, at in zip(mine, _sessions_of(mine, line), strict=True):
        steps = (at - now if ahead else now - at).astype(np.float64)
        steps[(steps < 0) | ~_seen(event, line)] = np.nan
        away = np.fmin(away, steps)
    away[(now < first) | (now > last)] = np.nan
    return away


def event_gap(held: Events, line: Timeline) -> tuple[bool, str]:
    """Whether the file covers any session of the window, and a sentence on those it does not."""
    first, last = _covered(held, line)
    now = line.sessions.searchsorted(line.window)
    lacking = int(((now < first) | (now > last)).sum())
    if not lacking:
        return True, ""
    covers = f"the file covers {iso(held.first)} to {iso(held.last)}"
    return lacking < line.bars, f"{covers}, not {lacking} of {line.bars} bars"
