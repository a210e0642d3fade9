"""When an exchange is open (floor 1), read from a small packed file instead of a calendar library.

A file lists a range, its weekday holidays and its early closes; every other weekday is a session.
Closures that nobody had planned are listed a second time, so that nothing knows them beforehand.
"""

from bisect import bisect_left, bisect_right
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from engine.base.dates import date_of, day_of, parse_day, weekday_of
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.base.resources import data_dir
from engine.records.sums import verify_table

CALENDARS = ("xnys",)
LISTS = ("closed", "early", "unplanned")
"""The lines of a file that list days."""


@dataclass(frozen=True)
class Calendar:
    """The sessions of one exchange between two days; asking outside them answers `no session`.

    `early` pairs a day with its closing time, as minutes after midnight in `zone`. `unplanned`:
    weekdays that were sessions until days or minutes before (attack, storm, mourning).
    """

    name: str
    zone: str
    opens: int
    closes: int
    first: int
    last: int
    days: tuple[int, ...]
    early: tuple[tuple[int, int], ...]
    unplanned: tuple[int, ...] = ()

    @cached_property
    def _members(self) -> frozenset[int]:
        return frozenset(self.days)

    @cached_property
    def _early(self) -> dict[int, int]:
        return dict(self.early)

    def is_session(self, day: int) -> bool:
        """Whether the exchange is open on `day`."""
        return day in self._members

    def sessions(self, first: int, last: int) -> tuple[int, ...]:
        """The sessions from `first` to `last`, both included."""
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def next(self, day: int) -> int | None:
        """The first session after `day`, or None past the file's end."""
        at = bisect_right(self.days, day)
        return self.days[at] if at < len(self.days) else None

    def previous(self, day: int) -> int | None:
        """The last session before `day`, or None before the file's start."""
        at = bisect_left(self.days, day)
        return self.days[at - 1] if at else None

    def last_of_week(self, day: int) -> int | None:
        """The last scheduled session of the Monday-to-Sunday week that holds `day`."""
        monday = day - weekday_of(day)
        return self._last_within(monday, monday + 6)

    def last_of_month(self, day: int) -> int | None:
        """The last scheduled session of the month that holds `day`."""
        start = date_of(day).replace(day=1)
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        return self._last_within(day_of(start), day_of(following) - 1)

    def ends_week(self, day: int) -> bool:
        """Whether `day` is its week's last scheduled session."""
        return self.last_of_week(day) == day

    def ends_month(self, day: int) -> bool:
        """Whether `day` is its month's last scheduled session."""
        return self.last_of_month(day) == day

    def is_early(self, day: int) -> bool:
        """Whether the session of `day` closes early."""
        return day in self._early

    def close_minute(self, day: int) -> int:
        """When the session of `day` closes, as minutes after midnight in `zone`."""
        return self._early.get(day, self.closes)

    def _last_within(self, first: int, last: int) -> int | None:
        at = bisect_right(self.days, last)
        found = self.days[at - 1] if at else None
        return found if found is not None and found >= first else None


@lru_cache(maxsize=8)
def load_calendar(name: str, folder: Path | None = None) -> Calendar:
    """The calendar `name` of the shipped data, or of `folder`."""
    path = (folder or data_dir()) / f"{name}.txt"
    try:
        data = path.read_bytes()
        verify_table(path, data)
        return parse_calendar(data.decode("utf-8"))
    except (OSError, ValueError, KeyError) as problem:
        raise UserError(
            f"the calendar {path} cannot be read: {problem}",
            "install seawall again, or restore the file from its repository",
        ) from None


def parse_calendar(text: str) -> Calendar:
    """The calendar that `text` describes; ValueError or KeyError when it is malformed."""
    words = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    head = {line[0]: line[1:] for line in words if line[0] not in LISTS}
    closed = {d for line in words if line[0] == "closed" for d in _days(line[1], line[2:])}
    unplanned = [d for line in words if line[0] == "unplanned" for d in _days(line[1], line[2:])]
    early = [
        (d, minute_of(line[1]))
        for line in words
        if line[0] == "early"
        for d in _days(line[2], line[3:])
    ]
    first, last = parse_day(head["first"][0]), parse_day(head["last"][0])
    open_days = (d for d in range(first, last + 1) if (d + 3) % 7 < 5 and d not in closed)
    return Calendar(
        name=head["name"][0],
        zone=head["zone"][0],
        opens=minute_of(head["hours"][0]),
        closes=minute_of(head["hours"][1]),
        first=first,
        last=last,
        days=tuple(open_days),
        early=tuple(sorted(early)),
        unplanned=tuple(sorted(closed.intersection(unplanned))),
    )


def minute_of(clock: str) -> int:
    """`09:30` as minutes after midnight."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _days(year: str, marks: list[str]) -> list[int]:
    return [parse_day(f"{year}-{mark}") for mark in marks]
