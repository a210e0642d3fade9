"""Calendar fields and the shipped seasons against a calendar library, session by session."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.base.dates import day_of, parse_day
from engine.fields import FIELDS
from engine.session.season import CALENDAR_FIELDS, FIRST_BAR, calendar_column
from tests.ops.library import table
from tests.session.make import line

FIRST, LAST = date(1980, 1, 1), date(2030, 12, 31)
DAY = timedelta(1)
DATED = [f.name[8:] for f in FIELDS if f.name in CALENDAR_FIELDS and not f.intraday]
WINTER = (11, 12, 1, 2, 3, 4)


class Theirs:
    """The library's days: open ones, those planned until the last moment, early closes."""

    def __init__(self) -> None:
        library: Any = pytest.importorskip("exchange_calendars")
        calendar = library.get_calendar("XNYS", start=str(FIRST), end=str(LAST))
        self.open = [stamp.date() for stamp in calendar.sessions]
        called_off = {stamp.date() for stamp in calendar.adhoc_holidays}
        self.planned = sorted({*self.open, *(d for d in called_off if FIRST <= d <= LAST)})
        self.early = {stamp.date() for stamp in calendar.early_closes}
        self.is_planned = set(self.planned)
        self.is_open = set(self.open)

    def following(self, day: date) -> date | None:
        """The next day on which the exchange was to open."""
        day += DAY
        while day not in self.is_planned:
            day += DAY
            if day > LAST:
                return None
        return day


@cache
def theirs() -> Theirs:
    return Theirs()


@cache
def whole() -> Any:
    return line(str(FIRST), str(LAST))


def weekdays_between(first: date, last: date) -> int:
    """Weekdays after `first` and before `last`."""
    return sum((first + DAY * k).weekday() < 5 for k in range(1, (last - first).days))


@cache
def marked(what: str) -> dict[date, bool]:
    """Per planned session, whether it is one that a count runs to."""
    days = theirs().planned
    if what == "half":
        return {d: d in theirs().early for d in days}
    if what == "expiry":
        return {d: d in expiries() for d in days}
    following = [*days[1:], None]
    return {
        d: n is not None and weekdays_between(d, n) > 0
        for d, n in zip(days, following, strict=True)
    }


@cache
def expiries() -> set[date]:
    found = set()
    for year in range(FIRST.year, LAST.year + 1):
        for month in range(1, 13):
            fridays = [d for k in range(31) if (d := date(year, month, 1) + DAY * k).weekday() == 4]
            day = [d for d in fridays if d.month == month][2]
            while day not in theirs().is_planned:
                day -= DAY
            found.add(day)
    return found


def until(what: str) -> dict[date, float]:
    """Planned sessions from each to the next marked one after it, counted from the end."""
    left, found = float("nan"), {}
    for day in reversed(theirs().planned):
        found[day] = left + 1.0
        left = 0.0 if marked(what)[day] else found[day]
    return found


def after_holiday() -> list[float]:
    days = theirs().open
    gaps = [weekdays_between(a, b) > 0 for a, b in pairwise(days)]
    return [0.0, *(2.0 * gap for gap in gaps)]


def monday(day: date) -> date:
    return day - DAY * day.weekday()


def expected(name: str) -> list[float]:
    t = theirs()
    counts = {"to_holiday": "holiday", "to_half_day": "half", "to_expiry": "expiry"}
    if name in counts:
        found = until(counts[name])
        return [found[d] for d in t.open]
    marks = {"before_holiday": "holiday", "half_day": "half", "expiry_day": "expiry"}
    if name in marks:
        return [2.0 * marked(marks[name])[d] for d in t.open]
    if name == "after_holiday":
        return after_holiday()
    one = {
        "day_of_week": lambda d: d.isoweekday(),
        "day_of_month": lambda d: d.day,
        "month": lambda d: d.month,
        "year": lambda d: d.year,
        "nth_of_month": lambda d: sum(d.replace(day=k) in t.is_open for k in range(1, d.day + 1)),
        "left_in_month": lambda d: sum(
            (d + DAY * k).month == d.month and d + DAY * k in t.is_planned for k in range(1, 31)
        ),
        "left_in_week": lambda d: sum(
            monday(d) + DAY * k in t.is_planned for k in range(d.weekday() + 1, 5)
        ),
    }[name]
    return [float(one(d)) for d in t.open]


@pytest.mark.parametrize("name", DATED)
def test_every_session_of_fifty_years_agrees_with_the_library(name: str) -> None:
    got = calendar_column(f"session.{name}", whole())
    assert whole().days.tolist() == [day_of(d) for d in theirs().open]
    np.testing.assert_array_equal(got, np.array(expected(name)))


def test_the_table_of_fields_and_the_functions_agree() -> None:
    assert {f.name for f in FIELDS if f.calendar} == {*CALENDAR_FIELDS, FIRST_BAR}


@pytest.mark.parametrize("name", list(CALENDAR_FIELDS))
def test_a_stretch_of_the_timeline_sees_what_the_whole_does(name: str) -> None:
    part = line("2001-08-20", "2001-10-05")
    at = whole().days.searchsorted(part.days)
    np.testing.assert_array_equal(calendar_column(name, part), calendar_column(name, whole())[at])


# ---------------------------------------------------------------- nothing is known too early

CALLED_OFF = [
    ("1985-09-27", "1985-09-26"),
    ("1994-04-27", "1994-04-26"),
    ("2001-09-11", "2001-09-10"),
    ("2004-06-11", "2004-06-10"),
    ("2007-01-02", "2006-12-29"),
    ("2012-10-29", "2012-10-26"),
    ("2018-12-05", "2018-12-04"),
    ("2025-01-09", "2025-01-08"),
]


@pytest.mark.parametrize(("closed", "before"), CALLED_OFF)
def test_a_closure_at_short_notice_is_no_holiday_beforehand(closed: str, before: str) -> None:
    there = line(before, before)
    is_before = calendar_column("session.before_holiday", there)[0] == 2
    assert parse_day(closed) in there.schedule.planned
    assert parse_day(closed) not in there.sessions
    assert is_before == (before == "2006-12-29")  # New Year's Day was a holiday of its own


def test_the_week_that_a_closure_cut_short_was_to_last_until_friday() -> None:
    assert calendar_column("session.left_in_week", line("2001-09-10", "2001-09-10"))[0] == 4
    assert calendar_column("session.left_in_week", line("2004-06-10", "2004-06-10"))[0] == 1
    assert calendar_column("session.left_in_week", line("2020-04-09", "2020-04-09"))[0] == 0


def test_counts_back_go_by_what_took_place() -> None:
    there = line("2001-09-17", "2001-09-17")
    assert calendar_column("session.after_holiday", there)[0] == 2
    assert calendar_column("session.nth_of_month", there)[0] == 6


# ---------------------------------------------------------------- the shipped seasons

SEASONS = {
    "into_turn_of_month(1, 3)": lambda d: in_turn(d, 1, 3),
    "into_turn_of_month(0, 1)": lambda d: in_turn(d, 0, 1),
    "into_pre_holiday()": lambda d: marked("holiday")[d],
    "into_pre_holiday_friday()": lambda d: marked("holiday")[d] and d.weekday() == 4,
    "into_week()": lambda d: (
        not any(monday(d) + DAY * k in theirs().is_planned for k in range(d.weekday()))
    ),
    "into_winter_half()": lambda d: d.month in WINTER,
    "into_january()": lambda d: d.month == 1,
    "into_santa_claus()": lambda d: (
        (d.month == 12 and d in months()[d.year, 12][-5:])
        or (d.month == 1 and d in months()[d.year, 1][:2])
    ),
    "into_expiry_week()": lambda d: any(
        d + DAY * k in expiries() and monday(d + DAY * k) == monday(d) for k in range(5)
    ),
    "into_expiry_day()": lambda d: d in expiries(),
    "into_quarterly_expiry_day()": lambda d: d in expiries() and d.month % 3 == 0,
    "into_half_day()": lambda d: d in theirs().early,
}


@cache
def months() -> dict[tuple[int, int], list[date]]:
    found: dict[tuple[int, int], list[date]] = {}
    for day in theirs().planned:
        found.setdefault((day.year, day.month), []).append(day)
    return found


def in_turn(day: date, before: int, after: int) -> bool:
    held = months()[day.year, day.month]
    return day in held[len(held) - before :] or day in held[:after]


@cache
def seasons() -> Any:
    days = whole()
    columns = {f"calendar:{n}": calendar_column(n, days) for n in CALENDAR_FIELDS}
    texts = {text: f"if {text} then 1 else 0" for text in (*SEASONS, "into_after_holiday()")}
    return table(texts, {"close": np.ones(len(days.days)), **columns})


@pytest.mark.parametrize("text", list(SEASONS))
def test_a_season_is_true_at_the_close_before_it(text: str) -> None:
    # Where a month was called off in part, what counts is what was planned at that close.
    calm = [k for k, d in enumerate(theirs().open[:-70]) if not near_a_closure(d)]
    want = [SEASONS[text](theirs().following(theirs().open[k])) for k in calm]
    assert len(calm) > 12_000
    assert seasons()[text][calm].tolist() == [float(w) for w in want]
    assert 0 < sum(want) < len(want)


def test_after_a_holiday_is_the_next_session_after_the_one_before_it() -> None:
    before = [marked("holiday")[d] for d in theirs().open[:-70]]
    assert seasons()["into_after_holiday()"][:-70].tolist() == [float(w) for w in before]


def near_a_closure(day: date) -> bool:
    return (day.year, day.month) in shortened()


@cache
def shortened() -> set[tuple[int, int]]:
    return {(d.year, d.month) for d in theirs().planned if d not in theirs().is_open}


def test_known_seasons() -> None:
    found = seasons()
    at = {d: k for k, d in enumerate(theirs().open)}
    assert found["into_pre_holiday_friday()"][at[date(2023, 8, 31)]] == 1  # Labor Day on the Monday
    assert found["into_pre_holiday()"][at[date(2023, 4, 5)]] == 1  # Good Friday two days on
    assert found["into_pre_holiday_friday()"][at[date(2023, 4, 5)]] == 0
    assert found["into_expiry_day()"][at[date(2022, 4, 13)]] == 1  # Thursday, before Good Friday
    assert found["into_half_day()"][at[date(2019, 11, 27)]] == 1
