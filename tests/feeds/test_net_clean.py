"""What a source sent, made fit to keep: closed sessions, sane prices, every oddity told."""

import math
from datetime import UTC, datetime

import pytest

from engine.base.dates import iso
from engine.feeds.net.cache import Cached
from engine.feeds.net.clean import clean, closed_through
from engine.feeds.net.spec import SPLIT, Answer, Ask
from engine.feeds.own.values import Bar
from engine.records.calendar import load_calendar
from tests.feeds.loopback import day_of_iso, price, sessions

CALENDAR = load_calendar("xnys")
LATER = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAYS = sessions("2023-03-01", "2023-04-28")


def bar(day: int, **more: float) -> Bar:
    close = price(day)
    held = {"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 5.0}
    return Bar(day - DAYS[0] + 1, day, **(held | more))


def cleaned(bars: list[Bar], now: datetime = LATER) -> Cached:
    ask = Ask("KRE", DAYS[0], DAYS[-1], SPLIT, {})
    return clean(Answer(tuple(bars), "America/New_York", "USD"), ask, "yfinance", CALENDAR, now)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2023-03-08T20:59:59", "2023-03-07"),  # winter: 16:00 is 21:00 UTC
        ("2023-03-08T21:00:00", "2023-03-08"),
        ("2023-03-15T19:59:59", "2023-03-14"),  # summer: 16:00 is 20:00 UTC
        ("2023-03-15T20:00:00", "2023-03-15"),
        ("2023-11-24T17:59:59", "2023-11-22"),  # half day after a holiday: 13:00 is 18:00 UTC
        ("2023-11-24T18:00:00", "2023-11-24"),
        ("2023-11-26T12:00:00", "2023-11-24"),  # a Sunday
        ("2023-03-09T03:00:00", "2023-03-08"),  # evening in New York
    ],
)
def test_a_session_counts_once_it_has_closed(now: str, last: str) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert iso(closed_through(CALENDAR, instant)) == last


def test_todays_unfinished_bar_is_never_taken() -> None:
    now = datetime(2023, 3, 15, 15, tzinfo=UTC)
    held = cleaned([bar(day) for day in DAYS], now)
    assert iso(int(held.days[-1])) == "2023-03-14"
    assert iso(held.about.last) == "2023-03-14"
    assert any("not closed" in note for note in held.about.notes)


def test_rows_without_a_session_or_a_close_are_left_out_and_told() -> None:
    saturday = day_of_iso("2023-03-04")
    good_friday = day_of_iso("2023-04-07")
    rows = [bar(d) for d in (*DAYS, saturday, good_friday)]
    rows[3] = bar(DAYS[3], close=math.nan)
    rows[4] = bar(DAYS[4], close=0.0)
    held = cleaned(rows)
    assert held.days.tolist() == [d for d in DAYS if d not in DAYS[3:5]]
    said = "; ".join(held.about.notes)
    assert "2 rows on days without a session" in said
    assert "2 rows without a close" in said


def test_a_range_that_misses_a_price_is_unknown_and_told() -> None:
    rows = [bar(day) for day in DAYS]
    rows[2] = bar(DAYS[2], high=price(DAYS[2]) - 0.5)
    rows[5] = bar(DAYS[5], open=-1.0, volume=-3.0)
    held = cleaned(rows)
    assert len(held.days) == len(DAYS)
    assert all(math.isnan(held.columns[n][2]) for n in ("open", "high", "low"))
    assert held.columns["close"][2] == price(DAYS[2])
    assert math.isnan(held.columns["open"][5])
    assert math.isnan(held.columns["volume"][5])
    assert not math.isnan(held.columns["high"][5])
    assert any("misses its open or close" in note for note in held.about.notes)


def test_days_sent_twice_or_out_of_order_are_put_right_and_told() -> None:
    rows = [bar(day) for day in reversed(DAYS)]
    held = cleaned([*rows, bar(DAYS[0], close=price(DAYS[0]) + 0.25)])
    assert held.days.tolist() == DAYS
    assert any("sent twice" in note for note in held.about.notes)


def test_gaps_are_told_and_not_filled() -> None:
    held = cleaned([bar(day) for day in DAYS if day != DAYS[7]])
    assert len(held.days) == len(DAYS) - 1
    assert any("1 session is missing" in note for note in held.about.notes)


def test_a_half_day_is_a_session() -> None:
    half = day_of_iso("2023-11-24")
    ask = Ask("KRE", half, half, SPLIT, {})
    answer = Answer((bar(half),), "America/New_York", "USD")
    assert clean(answer, ask, "yfinance", CALENDAR, LATER).days.tolist() == [half]
