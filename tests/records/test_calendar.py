"""The packed New York calendar: known days, and the library it was made from where installed."""

from datetime import date
from pathlib import Path

import pytest

from engine.base.dates import date_of, day_of, iso, parse_day, weekday_of
from engine.base.errors import UserError
from engine.records.calendar import Calendar, load_calendar, parse_calendar

XNYS = load_calendar("xnys")


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("1987-10-19", True),
        ("2001-09-11", False),
        ("2001-09-14", False),
        ("2001-09-17", True),
        ("2007-01-02", False),
        ("2012-10-29", False),
        ("2012-10-31", True),
        ("2018-12-05", False),
        ("2022-06-20", False),
        ("2025-01-09", False),
        ("2020-03-14", False),
    ],
)
def test_known_days(day: str, is_open: bool) -> None:
    assert XNYS.is_session(parse_day(day)) is is_open


def test_sessions_include_both_ends() -> None:
    week = XNYS.sessions(parse_day("2001-09-10"), parse_day("2001-09-18"))
    assert [iso(day) for day in week] == ["2001-09-10", "2001-09-17", "2001-09-18"]
    assert XNYS.sessions(parse_day("2001-09-12"), parse_day("2001-09-13")) == ()


def test_next_and_previous_skip_closed_days() -> None:
    assert iso(XNYS.next(parse_day("2001-09-10")) or 0) == "2001-09-17"
    assert iso(XNYS.previous(parse_day("2001-09-17")) or 0) == "2001-09-10"
    assert XNYS.next(XNYS.days[-1]) is None
    assert XNYS.previous(XNYS.days[0]) is None


@pytest.mark.parametrize(
    ("day", "week", "month"),
    [
        ("2020-04-06", "2020-04-09", "2020-04-30"),
        ("2001-09-10", "2001-09-10", "2001-09-28"),
        ("2023-12-27", "2023-12-29", "2023-12-29"),
        ("2015-12-01", "2015-12-04", "2015-12-31"),
    ],
)
def test_periods_end_on_their_last_scheduled_session(day: str, week: str, month: str) -> None:
    assert iso(XNYS.last_of_week(parse_day(day)) or 0) == week
    assert iso(XNYS.last_of_month(parse_day(day)) or 0) == month
    assert XNYS.ends_week(parse_day(week))
    assert XNYS.ends_month(parse_day(month))


def test_a_week_without_sessions_has_no_end() -> None:
    alone = parse_calendar(
        "name t\nzone America/New_York\nhours 09:30 16:00\nfirst 2020-03-02\nlast 2020-03-20\n"
        "closed 2020 03-09 03-10 03-11 03-12 03-13\n"
    )
    assert alone.last_of_week(parse_day("2020-03-10")) is None


def test_early_closes() -> None:
    assert XNYS.close_minute(parse_day("2019-11-29")) == 13 * 60
    assert XNYS.close_minute(parse_day("1986-12-24")) == 14 * 60
    assert XNYS.close_minute(parse_day("2019-12-02")) == 16 * 60
    assert XNYS.is_early(parse_day("2019-11-29"))
    assert all(XNYS.is_session(day) for day, _ in XNYS.early)


def test_a_missing_calendar_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        load_calendar("xnys", tmp_path)


def test_equals_the_library_it_was_made_from() -> None:
    library = pytest.importorskip("exchange_calendars")
    theirs = library.get_calendar("XNYS", start="1980-01-01", end="2030-12-31")
    assert list(XNYS.days) == [day_of(stamp.date()) for stamp in theirs.sessions]
    assert [d for d, _ in XNYS.early] == [day_of(stamp.date()) for stamp in theirs.early_closes]
    called_off = sorted(day_of(stamp.date()) for stamp in theirs.adhoc_holidays)
    assert list(XNYS.unplanned) == [day for day in called_off if day >= XNYS.first]


def test_dates_are_days_since_1970() -> None:
    assert day_of(date(1970, 1, 1)) == 0
    assert date_of(day_of(date(1987, 10, 19))) == date(1987, 10, 19)
    assert weekday_of(parse_day("1987-10-19")) == 0
    for bad in ("1987-1-9", "19871019", "1987-10-19T00:00:00", "1987-13-01", ""):
        with pytest.raises(ValueError):
            parse_day(bad)


def test_every_session_is_a_weekday_in_order() -> None:
    calendar: Calendar = XNYS
    assert all(weekday_of(day) < 5 for day in calendar.days)
    assert list(calendar.days) == sorted(set(calendar.days))
    assert len(calendar.days) == 12_850
