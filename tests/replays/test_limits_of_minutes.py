"""Limits on bars of minutes: the time of day, and the calendar and lists of the day in progress."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome

DAYS = {"2023-11-20": 960, "2023-11-21": 960, "2023-11-22": 960, "2023-11-24": 780}
"""Sessions around Thanksgiving with the minute of their close: the 24th is a half day."""
BEFORE = {"2023-11-16": 960, "2023-11-17": 960}

RULES = """rules 1
list day    : date   = { 2023-11-21 }
list names  : symbol = file "names.csv"
list happen : event  = file "events.csv"
strategy each "An order at every close that never fills" {
  clock 30m on xnys
  entry long up { when close > $1 size 1 shares order limit $0.01 for ioc because "always" }
}
limits own { LIMIT }
"""
SETUP = """version: 1
data:
  source: csv
  files: {MINE: bars.csv}
  options: {bars: 30m, stamp: close, zone: America/New_York}
limits: [each.rule]
strategies:
  - {name: each, rules: each.rule, universe: [MINE], capital: 1}
"""


def bars() -> str:
    rows = ["date,open,high,low,close,volume"]
    for day, close in {**BEFORE, **DAYS}.items():
        for minute in range(600, close + 1, 30):
            rows.append(f"{day} {minute // 60:02d}:{minute % 60:02d},10,10,10,10,1000")
    return "\n".join(rows) + "\n"


@cache
def replay(limit: str, costs: str = "") -> Outcome:
    place = Path(mkdtemp())
    (place / "bars.csv").write_text(bars())
    (place / "names.csv").write_text("as of 2023-11-01\nOTHER\nas of 2023-11-22\nMINE\n")
    (place / "events.csv").write_text(
        "covers 2023-11-01 to 2023-11-30\ndate,time\n2023-11-22,14:00\n"
    )
    (place / "each.rule").write_text(RULES.replace("LIMIT", limit))
    (place / "strategies.yaml").write_text(SETUP + costs)
    options = DryrunOptions(
        files=(place / "strategies.yaml",),
        first=parse_day("2023-11-20"),
        last=parse_day("2023-11-24"),
        out=place / "runs",
    )
    return dryrun(options)


def denied(limit: str) -> dict[str, list[str]]:
    """The times of each day at which the order was denied; every close has one order."""
    lines = (replay(limit).folder / "verdicts.jsonl").read_text().splitlines()
    rows = [r for r in map(json.loads, lines) if r["strategy"] == "each"]
    assert len(rows) == sum((close - 570) // 30 for close in DAYS.values())
    found: dict[str, list[str]] = {day: [] for day in DAYS}
    for row in rows:
        day, time = row["date"].split()
        if row["verdict"] == "deny":
            found[day].append(time)
    return found


def times(day: str, first: int = 600, last: int = 960) -> list[str]:
    end = min(last, DAYS[day])
    return [f"{m // 60:02d}:{m % 60:02d}" for m in range(first, end + 1, 30)]


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ("session.half_day", ["2023-11-24"]),
        ("market.date is in day", ["2023-11-21"]),
        ("session.before_holiday", ["2023-11-22"]),
        ("order.symbol is in names", ["2023-11-22", "2023-11-24"]),
        ("blackout(happen, 1 bars, 0 bars)", ["2023-11-21", "2023-11-22"]),
        ("sessions_to(happen) == 2", ["2023-11-20", "2023-11-24"]),
    ],
)
def test_what_is_known_beforehand_is_of_the_session_in_progress(
    condition: str, days: list[str]
) -> None:
    found = denied(f'limit it on entry deny when {condition} because "x"')
    assert found == {day: times(day) if day in days else [] for day in DAYS}


def test_the_first_and_the_last_minutes() -> None:
    found = denied('limit it on entry deny when session.minutes <= 60 because "x"')
    assert found == {day: ["10:00", "10:30"] for day in DAYS}
    found = denied('limit it on entry deny when session.minutes_to_close < 60 because "x"')
    assert found == {
        day: times(day, 930) if day != "2023-11-24" else ["12:30", "13:00"] for day in DAYS
    }


def test_the_time_of_day_around_an_event() -> None:
    limit = "blackout(happen, 0 bars, 0 bars) and market.time between 13:30 to 15:00"
    found = denied(f'limit it on entry deny when {limit} because "x"')
    assert found == {day: [] for day in DAYS} | {"2023-11-22": times("2023-11-22", 810, 900)}


def test_a_pause_by_the_time_of_day() -> None:
    rows = "pause lunch { enter when market.time == 12:00 resume when market.time >= 13:00 }"
    found = denied(rows)
    assert found == {day: ["12:00", "12:30"] for day in DAYS}


@pytest.mark.parametrize(
    ("window", "bars", "most"), [("1h", 2, 1), ("90m", 3, 2), ("60s", 1, 1), ("1d", 13, 3)]
)
def test_windows_are_as_many_bars_as_hold_them(window: str, bars: int, most: int) -> None:
    """Counted anew: an order is denied once its window holds so many sent before it."""
    found = denied(f'limit it on entry deny when orders({window}) >= {most} because "x"')
    sent: list[int] = []
    every = [(day, time) for day in DAYS for time in times(day)]
    want: dict[str, list[str]] = {day: [] for day in DAYS}
    for k, (day, time) in enumerate(every):
        if sum(k - bars < at < k for at in sent) >= most:
            want[day].append(time)
        else:
            sent.append(k)
    assert found == want


def test_bars_of_a_day_have_no_time_of_day(tmp_path: Path) -> None:
    (tmp_path / "own.rule").write_text(
        "rules 1\nstrategy s { clock 1d on xnys entry long up { when close > $1 size 1 shares "
        "order market } }\n"
        'limits own { limit it on entry deny when session.minutes < 30 because "x"\n'
        'limit few on entry deny when positions.count >= 9 because "x" }'
    )
    (tmp_path / "strategies.yaml").write_text(
        "version: 1\nlimits: [own.rule]\nstrategies:\n"
        "  - {name: s, rules: own.rule, universe: [SP500], capital: 1}\n"
    )
    options = DryrunOptions(
        files=(tmp_path / "strategies.yaml",),
        first=parse_day("2019-01-02"),
        last=parse_day("2019-02-01"),
        out=tmp_path,
    )
    (row, *_) = dryrun(options).summary["runs"]
    assert row["status"] == "no-data"
    assert "own.it needs session.minutes: bars of a day have no time of day" in row["notices"][0]
    (row, *_) = dryrun(replace(options, waives=("own.it",))).summary["runs"]
    assert (row["status"], row["denied"]) == ("ran", 0) and row["waived"]


def test_breaches_tell_bars_and_seconds() -> None:
    """The first bar of an unbroken run is the breach: two bars of 30 minutes."""
    rows = "pause late { enter when account.bars >= 3 bars for 3 bars resume after 9d }"
    (row, *_) = replay(rows).summary["runs"]
    (found,) = [b for b in row["breaches"] if b["limit"] == "own.late"]
    assert (found["breached"], found["acted"]) == ("2023-11-20 11:30", "2023-11-20 12:30")
    assert (found["bars"], found["seconds"]) == (2, 3_600)


def test_impact_is_refused_on_bars_of_minutes() -> None:
    with pytest.raises(UserError, match="reckoned on daily bars, and these are of minutes"):
        replay(
            "limit few on order deny when positions.count >= 9", "account: {costs: {impact: 1.0}}\n"
        )
