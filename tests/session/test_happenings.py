"""Events from a file: what it says and covers, and the columns made of it, told a second way."""

from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.session.happenings import (
    Events,
    Happening,
    event_column,
    event_gap,
    read_events,
)
from session.make import line

HEAD = "covers 2020-03-02 to 2020-03-31\ndate,time,zone,symbol,known\n"
DAY = 1_440


def read(tmp_path: Path, text: str) -> Events:
    path = tmp_path / "fomc.csv"
    path.write_text(text)
    return read_events("fomc", path)


def blackout(
    held: Events, before: int, after: int, first: str, last: str, symbol: str | None = "AAA"
) -> list[int]:
    asked = f"blackout(fomc, {before} bars, {after} bars)"
    return event_column(held, asked, symbol, line(first, last)).astype(int).tolist()


# ---------------------------------------------------------------- the file


def test_a_file_is_read_with_its_comments_and_blanks(tmp_path: Path) -> None:
    text = "# central bank\n\ncovers 2020-03-02 to 2020-03-31\nDate , Time\n"
    text += "2020-03-15, 17:00 # Sunday\n"
    held = read(tmp_path, text + "2020-03-03\n")
    assert [iso(d) for d in (held.first, held.last)] == ["2020-03-02", "2020-03-31"]
    sunday = parse_day("2020-03-15")
    assert held.events == (
        Happening(parse_day("2020-03-03"), None),
        Happening(sunday, sunday * DAY + 17 * 60),
    )


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("day", ["2020-03-06", "2020-03-09", "2020-03-30"])
def test_times_are_those_of_their_zone(tmp_path: Path, zone: str, day: str) -> None:
    """Over the days on which New York has changed its clocks and London has not."""
    held = read(tmp_path, f"{HEAD}{day},00:30,{zone},,\n")
    when = datetime.fromisoformat(f"{day}T00:30").replace(tzinfo=ZoneInfo(zone))
    here = when.astimezone(ZoneInfo("America/New_York"))
    minutes = (here.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds() / 60
    assert held.events[0].instant == minutes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say which days it covers"),
        ("date\n2020-03-03\n", "does not say which days it covers"),
        ("covers 2020-03-31 to 2020-03-02\ndate\n", "covers no day"),
        ("covers 2020-13-01 to 2020-03-02\ndate\n", "`2020-13-01` is no date"),
        ("covers 2020-03-02 to 2020-03-31\nday\n2020-03-03\n", "is no header"),
        (HEAD + "2020-04-01\n", ":3: 2020-04-01 lies outside"),
        (HEAD + "2020-03-41\n", ":3: `2020-03-41` is no date"),
        (HEAD + "2020-03-03,25:00\n", ":3: `25:00` is no time"),
        (HEAD + "2020-03-03,14:00,Mars/Base\n", ":3: `Mars/Base` is no time zone"),
        (HEAD + "2020-03-03,,,,soon\n", ":3: `soon` is no date"),
        (HEAD + "2020-03-03,,,,,9\n", ":3: more cells"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as told:
        read(tmp_path, text)
    assert said in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_events("fomc", tmp_path / "none.csv")


# ---------------------------------------------------------------- columns by hand


def test_an_event_of_a_sunday_belongs_to_monday(tmp_path: Path) -> None:
    """Thursday 12 to Wednesday 18 March 2020: sessions 12, 13, 16, 17, 18."""
    held = read(tmp_path, HEAD + "2020-03-15,17:00\n")
    assert blackout(held, 0, 0, "2020-03-12", "2020-03-18") == [0, 0, 2, 0, 0]
    assert blackout(held, 1, 1, "2020-03-12", "2020-03-18") == [0, 2, 2, 2, 0]


def test_an_event_after_the_close_belongs_to_the_next_session(tmp_path: Path) -> None:
    held = read(tmp_path, HEAD + "2020-03-16,16:00\n2020-03-18,16:01\n")
    assert blackout(held, 0, 0, "2020-03-16", "2020-03-19") == [2, 0, 0, 2]


def test_what_the_file_does_not_cover_is_unknown(tmp_path: Path) -> None:
    held = read(tmp_path, HEAD + "2020-03-03\n")
    assert blackout(held, 0, 0, "2020-02-28", "2020-03-03") == [1, 0, 2]
    assert blackout(held, 0, 1, "2020-02-28", "2020-03-04") == [1, 1, 2, 2]
    assert blackout(held, 0, 0, "2020-03-30", "2020-04-01") == [0, 0, 1]
    assert blackout(held, 1, 0, "2020-03-30", "2020-04-01") == [0, 1, 1]


def test_a_symbol_that_the_file_does_not_name_is_unknown(tmp_path: Path) -> None:
    held = read(tmp_path, HEAD + "2020-03-03,,,AAA\n2020-03-04,,,BBB\n2020-03-05\n")
    span = ("2020-03-03", "2020-03-06")
    assert blackout(held, 0, 0, *span, "AAA") == [2, 0, 2, 0]
    assert blackout(held, 0, 0, *span, "BBB") == [0, 2, 2, 0]
    assert blackout(held, 0, 0, *span, "CCC") == [1, 1, 1, 1]
    assert blackout(held, 0, 0, *span, None) == [1, 1, 1, 1]


def test_an_event_is_not_seen_before_it_is_known(tmp_path: Path) -> None:
    """The cut of 3 March 2020 was announced on that morning: nobody kept out of its eve."""
    held = read(tmp_path, HEAD + "2020-03-05,10:00,,,2020-03-05\n2020-03-18,14:00\n")
    assert blackout(held, 2, 0, "2020-03-03", "2020-03-06") == [0, 0, 2, 0]
    found = event_column(held, "sessions_to(fomc)", "AAA", line("2020-03-03", "2020-03-06"))
    assert found.tolist() == [11, 10, 0, 8]


def test_counts_to_and_since(tmp_path: Path) -> None:
    held = read(tmp_path, HEAD + "2020-03-04\n2020-03-06\n")
    days = line("2020-02-28", "2020-03-10")
    to = event_column(held, "sessions_to(fomc)", "AAA", days)
    since = event_column(held, "sessions_since(fomc)", "AAA", days)
    nan = float("nan")
    np.testing.assert_array_equal(to, [nan, 2, 1, 0, 1, 0, nan, nan])
    np.testing.assert_array_equal(since, [nan, nan, nan, 0, 1, 0, 1, 2])


def test_a_gap_is_told(tmp_path: Path) -> None:
    held = read(tmp_path, HEAD + "2020-03-03\n")
    assert event_gap(held, line("2020-03-02", "2020-03-31")) == (True, "")
    is_any, said = event_gap(held, line("2020-03-27", "2020-04-02"))
    assert is_any and said == "the file covers 2020-03-02 to 2020-03-31, not 2 of 5 bars"
    assert not event_gap(held, line("2020-05-04", "2020-05-08"))[0]


# ---------------------------------------------------------------- a second way


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_columns_are_those_of_a_walk_day_by_day(seed: int) -> None:
    rng = Random(seed)
    first = parse_day("2020-01-02") + rng.randrange(20)
    last = first + rng.randrange(1, 60)
    events = tuple(
        Happening(day, None, "", rng.choice([None, day, day - rng.randrange(9)]))
        for day in sorted(rng.randint(first, last) for _ in range(rng.randrange(6)))
    )
    held = Events(first, last, events)
    days = line("2020-01-02", "2020-04-30")
    before, after = rng.randrange(4), rng.randrange(4)
    told = event_column(held, f"blackout(x, {before} bars, {after} bars)", "AAA", days)
    to = event_column(held, "sessions_to(x)", "AAA", days)
    every = [int(d) for d in days.sessions]
    for day, truth, steps in zip(map(int, days.days), told, to, strict=True):
        k = every.index(day)
        seen = [e for e in events if e.known is None or e.known <= day]
        places = [min(j for j, s in enumerate(every) if s >= e.day) for e in seen]
        near = any(k - after <= p <= k + before for p in places)
        inside = first <= every[k - after] and every[k + before] <= last
        assert truth == (2 if near else 0 if inside else 1)
        later = [p - k for p in places if p >= k]
        known = later and first <= day <= last
        assert steps == min(later) if known else np.isnan(steps)
