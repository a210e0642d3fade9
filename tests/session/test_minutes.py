"""Bars of minutes: timelines, slower clocks and what rules see of them, worked out a second way."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.dates import date_of, iso, parse_day
from engine.check.typed import CLOCK, Column, Frame, Kind
from engine.records.series import Series
from engine.session.inputs import World, column, has_column
from engine.session.schedule import Schedule
from engine.session.season import calendar_column
from engine.session.timeline import Timeline, closed_sessions, timeline
from tests.session.make import CALENDAR, series

DAY = 1_440
FIRST, LAST = "2023-11-20", "2023-12-15"
NUMBER = Kind("number")


def minutes(first: str, last: str, every: str = "5m", warm_up: int = 0) -> Timeline:
    return timeline(Schedule(CALENDAR, every), parse_day(first), parse_day(last), warm_up)


def bars(first: str, last: str, length: int = 5, seed: int = 1, lacks: float = 0.0) -> Series:
    """A walk on bars of minutes; a share of them is missing."""
    rng = np.random.default_rng(seed)
    line = minutes(first, last, f"{length}m")
    kept = rng.random(len(line.days)) >= lacks
    close = 100 + np.cumsum(rng.normal(0, 0.2, len(line.days))).round(2)
    around = series(first, [1.0])
    flags = np.ones(kept.sum(), dtype=np.bool_)
    return Series(
        symbol="AAA",
        instrument=around.instrument,
        days=line.days[kept],
        open=(close - 0.1)[kept],
        high=(close + 0.5)[kept],
        low=(close - 0.5)[kept],
        close=close[kept],
        volume=rng.integers(1, 100, len(close)).astype(float)[kept],
        real_open=flags,
        has_range=flags,
        flagged=~flags,
        closes=line.instants[kept],
        length=length,
    )


# ---------------------------------------------------------------- the grid


@pytest.mark.parametrize("every", ["1m", "5m", "7m", "30m", "1h", "4h", "390m"])
def test_bars_fill_the_library_sessions_to_the_minute(every: str) -> None:
    library = pytest.importorskip("exchange_calendars")
    theirs = library.get_calendar("XNYS", start="2023-11-01", end="2024-03-28")
    line = minutes("2023-11-20", "2024-03-15", every)
    length, want = line.schedule.length, []
    for session in theirs.sessions_in_range("2023-11-20", "2024-03-15"):
        opened, closed = (
            at.tz_convert("America/New_York")
            for at in (theirs.session_open(session), theirs.session_close(session))
        )
        at, end = (m.hour * 60 + m.minute for m in (opened, closed))
        day = parse_day(str(session.date()))
        while at < end:
            at = min(at + length, end)
            want.append(day * DAY + at)
    assert line.instants.tolist() == want
    assert line.days.tolist() == [w // DAY for w in want]


def test_a_half_day_ends_early_and_says_so() -> None:
    line = minutes("2023-11-24", "2023-11-24", "1h")
    assert [i % DAY for i in line.instants] == [630, 690, 750, 780]
    assert calendar_column("session.minutes", line).tolist() == [60, 120, 180, 210]
    assert calendar_column("session.minutes_to_close", line).tolist() == [150, 90, 30, 0]
    assert calendar_column("market.time", line).tolist() == [630, 690, 750, 780]


def test_daily_bars_have_no_time_of_day() -> None:
    line = timeline(Schedule(CALENDAR), parse_day(FIRST), parse_day(LAST), 0)
    assert np.isnan(calendar_column("session.minutes", line)).all()
    assert np.isnan(calendar_column("market.time", line)).all()


@pytest.mark.parametrize("warm_up", [0, 1, 77, 78, 79, 500])
def test_a_warm_up_reaches_back_to_an_open(warm_up: int) -> None:
    line = minutes("2023-12-04", "2023-12-05", warm_up=warm_up)
    assert line.start >= warm_up
    assert line.start - warm_up < 78
    assert line.instants[0] % DAY == 575
    assert iso(int(line.window[0])) == "2023-12-04"


# ---------------------------------------------------------------- slower clocks


@cache
def own() -> Series:
    return bars("2023-11-01", "2023-12-29")


def world(lacks: float = 0.0, every: str = "5m") -> World:
    held = bars("2023-11-01", "2023-12-29", lacks=lacks)
    return World(minutes(FIRST, LAST, every, 300), {"AAA": held})


def period(at: int, clock: str) -> Any:
    """The period that holds a bar which ends at `at`, told by plain dates."""
    day = date_of(at // DAY)
    if clock == "1w":
        return day.isocalendar()[:2]
    if clock == "1mo":
        return day.year, day.month
    if clock == "1d":
        return day
    size = {"15m": 15, "30m": 30, "1h": 60, "2h": 120}[clock]
    return day, (at % DAY - 570 - 1) // size


@pytest.mark.parametrize("lacks", [0.0, 0.3])
@pytest.mark.parametrize("clock", ["15m", "30m", "1h", "2h", "1d", "1w", "1mo"])
def test_slower_bars_are_what_their_own_bars_make(clock: str, lacks: float) -> None:
    here = world(lacks)
    held, line = here.series["AAA"], here.line
    found = here.bars("AAA", clock)
    assert held.closes is not None
    groups: dict[Any, list[int]] = {}
    for k, at in enumerate(held.closes.tolist()):
        groups.setdefault(period(at, clock), []).append(k)
    lasts = {period(int(at), clock): t for t, at in enumerate(line.instants)}
    first = period(int(held.closes[0]), clock)
    checked = 0
    for key, t in lasts.items():
        is_done = t + 1 < len(line.days) or clock not in ("1w", "1mo")
        if key not in groups or (key == first and lacks) or not is_done:
            continue
        inside, checked = groups[key], checked + 1
        assert found.has[t] == 1.0
        assert found.open[t] == held.open[inside[0]]
        assert found.high[t] == max(held.high[inside])
        assert found.low[t] == min(held.low[inside])
        assert found.close[t] == held.close[inside[-1]]
        assert found.volume[t] == sum(held.volume[inside])
    assert checked or (clock == "1mo" and lacks)
    assert found.has.sum() <= len(lasts)


def test_a_day_completes_at_the_early_close_of_a_half_day() -> None:
    here = world()
    at = {int(i): k for k, i in enumerate(here.line.instants)}
    done = here.bars("AAA", "1d").has
    friday = parse_day("2023-11-24") * DAY
    assert done[at[friday + 780]] == 1.0
    assert done[at[friday + 775]] == 0.0


def test_finer_bars_make_those_of_the_clock() -> None:
    here = World(minutes(FIRST, LAST, "15m"), {"AAA": own()})
    found = here.bars("AAA")
    same = world().bars("AAA", "15m")
    kept = same.has[world().line.start :] == 1.0
    assert found.close.tolist() == same.close[world().line.start :][kept].tolist()
    assert (found.at_close == 0.0).all()  # orders may fill inside them


def test_bars_of_minutes_make_days_for_a_daily_clock() -> None:
    line = timeline(Schedule(CALENDAR), parse_day(FIRST), parse_day(LAST), 0)
    found = World(line, {"AAA": own()}).bars("AAA")
    day = own().days == parse_day("2023-12-01")
    at = line.days.tolist().index(parse_day("2023-12-01"))
    assert found.open[at] == own().open[day][0]
    assert found.high[at] == own().high[day].max()
    assert found.close[at] == own().close[day][-1]


def test_a_daily_symbol_has_its_bar_at_the_close() -> None:
    daily = series("2023-11-01", [float(k) for k in range(40)], symbol="DAY")
    here = World(minutes(FIRST, LAST), {"DAY": daily})
    has = here.bars("DAY").has
    closes = here.line.schedule.closes(here.line.days)
    assert (has == (here.line.instants == closes)).all()


# ---------------------------------------------------------------- feeds, sessions, limits


def feed(lag: int) -> Series:
    return series("2023-11-01", [float(k) for k in range(40)], symbol="VIX", available=lag)


@pytest.mark.parametrize(("lag", "since"), [(0, 960), (1, 575)])
def test_a_daily_feed_is_seen_when_it_is_published(lag: int, since: int) -> None:
    here = World(minutes(FIRST, LAST), {"VIX": feed(lag)})
    seen = column(here, None, Column("feed:VIX", CLOCK, NUMBER))
    day, days = parse_day("2023-11-28"), feed(lag).days.tolist()
    value = float(days.index(day))
    shown = here.line.instants[seen == value]
    begins = day if lag == 0 else parse_day("2023-11-29")
    assert shown[0] == begins * DAY + since


def test_a_feed_grows_stale_by_bars_of_the_clock() -> None:
    held = feed(1).between(None, parse_day("2023-11-27"))
    here = World(minutes(FIRST, LAST), {"VIX": held})
    seen = column(here, None, Column("feed:VIX", CLOCK, NUMBER, 78))
    known = here.line.instants[~np.isnan(seen)]
    assert known[-1] == parse_day("2023-11-29") * DAY + 575  # 78 bars after 2023-11-28 09:35


def test_limits_see_the_last_session_that_has_closed() -> None:
    line = minutes("2023-11-24", "2023-11-27", "1h")
    assert closed_sessions(line).tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2]


def test_the_first_bar_is_the_symbols_own() -> None:
    here = world(0.5)
    first = column(here, "AAA", Column("calendar:session.first_bar", Frame(), Kind("truth"))) == 2.0
    has = has_column(here, "AAA", Frame()) == 1.0
    for day in np.unique(here.line.days):
        inside = np.flatnonzero((here.line.days == day) & has)
        assert first[inside].tolist() == [k == inside[0] for k in inside]
    assert not (first & ~has).any()


# ---------------------------------------------------------------- nothing of the future


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.sampled_from([None, "15m", "1h", "1d", "1w", "1mo"]))
def test_changing_the_future_changes_nothing_before(seed: int, clock: str | None) -> None:
    line = minutes(FIRST, LAST, "5m", 300)
    held = bars("2023-11-01", "2023-12-29", seed=seed, lacks=0.2)
    assert held.closes is not None
    rng = np.random.default_rng(seed)
    now = int(rng.integers(len(line.days)))
    later = held.closes > line.instants[now]
    names = ("open", "high", "low", "close")
    changed: Any = {n: np.where(later, getattr(held, n) * 3, getattr(held, n)) for n in names}
    other = replace(held, **changed)
    a = World(line, {"AAA": held}).bars("AAA", clock)
    b = World(line, {"AAA": other}).bars("AAA", clock)
    for name in ("has", "open", "high", "low", "close", "volume"):
        x, y = getattr(a, name)[: now + 1], getattr(b, name)[: now + 1]
        assert np.array_equal(x, y, equal_nan=True)
