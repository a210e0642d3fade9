"""Declared lists of symbols, dates and events as truth columns (floor 9).

A list's file may hold dated copies of it. A bar sees the last copy dated on its day or before, and
knows nothing before the first, or once that copy is older than the list's `stale after`. A list
without a date is taken as it stands today, and the cell says so: how old it was on a past day
cannot be known.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.check.typed import CheckedList
from engine.session.happenings import Events, event_gap, read_events
from engine.session.schedule import Days
from engine.session.timeline import Timeline

FALSE, UNKNOWN, TRUE = 0.0, 1.0, 2.0
AS_OF = "as of "
"""What begins the line that dates the members after it, up to the next one."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The members, symbols or days since 1970-01-01, on the day `as_of` (None: undated)."""

    members: frozenset[str | int]
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: its copies by day, of which an undated one is alone. stale: how many sessions a
    copy counts after its own (0: for ever). events: instead of copies, of a list of events."""

    name: str
    copies: tuple[Copy, ...]
    of_days: bool
    stale: int = 0
    events: Events | None = None

    @property
    def is_dated(self) -> bool:
        """Whether it is known when the list was so."""
        return self.events is not None or self.copies[0].as_of is not None


Lists = Mapping[str, Listed]
NO_LISTS: Lists = {}


# ---------------------------------------------------------------- reading


def read_list(declared: CheckedList) -> Listed:
    """A declared list, from its text or from its file beside the rule file."""
    if declared.type == "event":
        held = read_events(declared.name, list_path(declared))
        return Listed(declared.name, (), True, events=held)
    copies = [(None, declared.items)] if declared.file is None else _file_copies(declared)
    found = tuple(Copy(_members(declared, items), as_of) for as_of, items in copies)
    return Listed(declared.name, found, declared.type == "date", declared.stale_days)


def list_path(declared: CheckedList) -> Path:
    """Where the members of a list from a file lie: beside the rule file that declares it."""
    return Path(declared.span.file).parent / str(declared.file)


def _members(declared: CheckedList, items: Sequence[str]) -> frozenset[str | int]:
    if declared.type != "date":
        return frozenset(items)
    days = (int(i) if i.lstrip("-").isdigit() else _day(declared, i) for i in items)
    return frozenset(days)


def _file_copies(declared: CheckedList) -> list[tuple[int | None, tuple[str, ...]]]:
    """The members under each `as of` line, or all of them undated where the file has none."""
    words = _words(declared)
    at = [k for k, word in enumerate(words) if word.lower().startswith(AS_OF)]
    if not at:
        return [(None, _named(words))]
    if _named(words[: at[0]]):
        raise _refused(declared, f"`{_named(words)[0]}` stands before the first `as of` line")
    days = [_day(declared, words[k][len(AS_OF) :].strip()) for k in at]
    for before, after in pairwise(days):
        if after <= before:
            raise _refused(declared, f"`as of {iso(after)}` comes after `as of {iso(before)}`")
    ends = [*at[1:], len(words)]
    return [(d, _named(words[k + 1 : e])) for d, k, e in zip(days, at, ends, strict=True)]


def _words(declared: CheckedList) -> list[str]:
    path = list_path(declared)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(
            f"list `{declared.name}`: {path} cannot be read: {problem}",
            "put the file beside the rule file, one member per line",
        ) from None
    return [line.split("#", 1)[0].split(",", 1)[0].strip() for line in lines]


def _named(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(w for w in words if w and w.lower() not in ("symbol", "date"))


def _refused(declared: CheckedList, why: str) -> UserError:
    return UserError(
        f"list `{declared.name}`: {why}",
        "write whole copies, oldest first, each under its own line `as of 2020-03-16`",
    )


def _day(declared: CheckedList, text: str) -> int:
    try:
        return parse_day(text)
    except ValueError:
        raise UserError(
            f"list `{declared.name}`: `{text}` is no date", "write dates as 2020-03-16"
        ) from None


# ---------------------------------------------------------------- as columns


def list_column(listed: Listed, symbol: str | None, line: Timeline) -> NDArray[np.float64]:
    """The truth, per session, of the symbol or the date being in the list."""
    at = _copy_at(listed, line)
    truth = np.full(len(line.days), UNKNOWN)
    for k, copy in enumerate(listed.copies):
        held = at == k
        truth[held] = np.where(_is_in(listed, copy, symbol, line.days[held]), TRUE, FALSE)
    return truth


def _is_in(listed: Listed, copy: Copy, symbol: str | None, days: Days) -> NDArray[np.bool_]:
    if listed.of_days:
        return np.isin(days, list(copy.members))
    return np.full(len(days), symbol in copy.members)


def _copy_at(listed: Listed, line: Timeline) -> NDArray[np.int64]:
    """Per session, the copy that it sees; -1 where it sees none."""
    if not listed.is_dated:
        return np.zeros(len(line.days), dtype=np.int64)
    days = np.asarray([c.as_of for c in listed.copies], dtype=np.int64)
    at = days.searchsorted(line.days, "right") - 1
    if listed.stale:
        born, now = (line.sessions.searchsorted(d, "right") for d in (days[at], line.days))
        at[now - born > listed.stale] = -1
    return at


def list_gap(listed: Listed, line: Timeline) -> tuple[bool, str]:
    """Whether the list is known on any session of the window, and a sentence on those where it is
    not ("" for none)."""
    if listed.events is not None:
        return event_gap(listed.events, line)
    unknown = int((_copy_at(listed, line)[line.start :] < 0).sum())
    if not unknown:
        return True, ""
    where = f"the list is unknown on {unknown} of {line.bars} bars"
    return unknown < line.bars, f"{where}, {_why(listed)}"


def _why(listed: Listed) -> str:
    first = f"before its first copy ({iso(listed.copies[0].as_of or 0)})"
    past = f"more than {listed.stale} sessions after a copy"
    return f"{first} or {past}" if listed.stale else first
