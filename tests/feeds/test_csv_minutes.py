"""Own bars of minutes: stamps, zones, half days, gaps and everything that is refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.feeds.csv import read_csv
from engine.feeds.own.finding import Finding
from engine.records.calendar import load_calendar
from engine.records.series import Series

XNYS = load_calendar("xnys")
DAY = 1_440
OPEN = {"bars": "30m", "stamp": "open"}
CLOSE = {"bars": "30m", "stamp": "close"}


def stamps(first: str, last: str, at_open: bool = True, step: int = 30) -> list[str]:
    """The stamps of every bar of the sessions, by New York clocks."""
    found = []
    for day in XNYS.sessions(parse_day(first), parse_day(last)):
        for minute in range(XNYS.opens, XNYS.close_minute(day), step):
            shown = minute if at_open else min(minute + step, XNYS.close_minute(day))
            found.append(f"{iso(day)} {shown // 60:02d}:{shown % 60:02d}")
    return found


def iso(day: int) -> str:
    from engine.base.dates import iso as text

    return text(day)


def read(
    tmp_path: Path, times: Sequence[str], said: dict[str, str], form: str | None = None
) -> tuple[Series | None, list[Finding]]:
    rows = [f"{t},{100 + k},{101 + k},{99 + k},{100.5 + k},{10 + k}" for k, t in enumerate(times)]
    path = tmp_path / "m.csv"
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
    return read_csv(path, "M", minutes=said, date_format=form)


def kinds(found: Sequence[Finding], severity: str) -> list[str]:
    return [f.kind for f in found if f.severity == severity]


@pytest.mark.parametrize("at_open", [True, False])
def test_stamps_of_the_open_and_of_the_close_mean_the_same_bars(
    tmp_path: Path, at_open: bool
) -> None:
    series, found = read(
        tmp_path, stamps("2023-11-22", "2023-11-27", at_open), OPEN if at_open else CLOSE
    )
    assert series is not None
    assert found == []
    assert series.length == 30
    half = parse_day("2023-11-24")
    assert series.closes is not None
    assert series.closes[series.days == half].tolist() == [
        half * DAY + m for m in range(600, 781, 30)
    ]
    assert series.closes[-1] == parse_day("2023-11-27") * DAY + 960
    assert series.real_open.all()


def test_a_short_last_bar_ends_with_the_session(tmp_path: Path) -> None:
    series, found = read(
        tmp_path, stamps("2023-11-27", "2023-11-27", step=60), {"bars": "1h", "stamp": "open"}
    )
    assert series is not None
    assert series.closes is not None
    assert [c % DAY for c in series.closes] == [630, 690, 750, 810, 870, 930, 960]
    assert found == []


@pytest.mark.parametrize(
    ("times", "said"),
    [
        # the clocks of New York went back on 2023-11-05, those of Berlin a week before
        (["2023-11-03T13:30:00Z", "2023-11-06T14:30:00Z"], OPEN),
        (["2023-11-03T13:30:00+00:00", "2023-11-06T09:30:00-05:00"], OPEN),
        (["2023-11-03 13:30", "2023-11-06 14:30"], {**OPEN, "zone": "UTC"}),
        (["2023-11-03 14:30", "2023-11-06 15:30"], {**OPEN, "zone": "Europe/Berlin"}),
        (["2023-11-03 09:30", "2023-11-06 09:30"], OPEN),
    ],
)
def test_any_zone_lands_on_the_open(tmp_path: Path, times: list[str], said: dict[str, str]) -> None:
    series, _ = read(tmp_path, times, said)
    assert series is not None
    assert series.closes is not None
    assert [c % DAY for c in series.closes] == [600, 600]
    assert [iso(int(d)) for d in series.days] == ["2023-11-03", "2023-11-06"]


def test_a_stated_form_is_read(tmp_path: Path) -> None:
    series, _ = read(tmp_path, ["06/11/2023 09.30"], OPEN, "%d/%m/%Y %H.%M")
    assert series is not None
    assert iso(int(series.days[0])) == "2023-11-06"


def test_bars_outside_the_session_are_left_out_and_counted(tmp_path: Path) -> None:
    times = ["2023-11-24 09:00", *stamps("2023-11-24", "2023-11-24"), "2023-11-24 13:00"]
    series, found = read(tmp_path, times, OPEN)
    assert series is not None
    assert len(series) == 7
    assert kinds(found, "warning") == ["hours", "hours"]
    assert [f.row for f in found] == [2, 10]


def test_gaps_inside_a_session_are_told_and_not_filled(tmp_path: Path) -> None:
    times = stamps("2023-11-27", "2023-11-28")
    kept = [*times[1:4], *times[6:12], *times[13:]]
    series, found = read(tmp_path, kept, OPEN)
    assert series is not None
    assert len(series) == len(kept)
    told = [(f.row, f.message) for f in found if f.kind == "hole"]
    assert told == [
        (2, "1 bar is missing from the open of 2023-11-27"),
        (4, "2 bars are missing after 2023-11-27 11:30"),
        (10, "1 bar is missing after 2023-11-27 15:30"),
    ]


def test_a_whole_session_that_is_missing_is_a_gap(tmp_path: Path) -> None:
    _, found = read(
        tmp_path,
        [*stamps("2023-11-27", "2023-11-27"), *stamps("2023-11-29", "2023-11-29")],
        OPEN,
    )
    assert kinds(found, "warning") == ["gap"]


@pytest.mark.parametrize(
    ("times", "said", "kind"),
    [
        (["2023-11-27 09:30", "2023-11-27 09:47"], OPEN, "grid"),
        (["2023-11-27 09:30", "2023-11-27 09:30"], OPEN, "duplicate"),
        (["2023-11-27 10:30", "2023-11-27 09:30", "2023-11-27 11:00"], OPEN, "order"),
        (["2023-11-27 09:30:10"], OPEN, "value"),
        (["2023-11-27"], OPEN, "value"),
        (["2023-11-05 01:30"], OPEN, "value"),
        (["2023-11-27 18:00", "2023-11-27 18:30", "2023-11-27 19:00"], OPEN, "zone"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, times: list[str], said: dict[str, str], kind: str
) -> None:
    series, found = read(tmp_path, times, said)
    assert series is None
    assert kind in kinds(found, "error")


@pytest.mark.parametrize("at_open", [True, False])
def test_a_stamp_of_the_other_kind_is_noticed(tmp_path: Path, at_open: bool) -> None:
    series, found = read(
        tmp_path, stamps("2023-11-27", "2023-12-01", at_open), CLOSE if at_open else OPEN
    )
    assert series is None
    error = next(f for f in found if f.kind == "stamp")
    assert error.settings == (("options", "stamp", "open" if at_open else "close"),)


def test_minutes_that_nobody_announced_are_refused_with_what_to_say(tmp_path: Path) -> None:
    series, found = read(tmp_path, stamps("2023-11-27", "2023-11-28"), {})
    assert series is None
    assert [(f.kind, f.settings) for f in found if f.severity == "error"] == [
        ("minutes", (("options", "bars", "30m"), ("options", "stamp", "open")))
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"bars": "30m"}, "needs to know when they are stamped"),
        ({"bars": "1d", "stamp": "open"}, "needs the length of the bars"),
        ({"stamp": "open"}, "needs the length of the bars"),
        ({**OPEN, "zone": "Mars/Base"}, "is not known on this machine"),
        ({**OPEN, "stamp": "middle"}, "needs to know when they are stamped"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, said: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path, ["2023-11-27 09:30"], said)


def test_a_newest_first_file_is_turned_round(tmp_path: Path) -> None:
    series, found = read(tmp_path, stamps("2023-11-27", "2023-11-27")[::-1], OPEN)
    assert series is not None
    assert series.closes is not None
    assert (series.closes[1:] > series.closes[:-1]).all()
    assert kinds(found, "warning") == ["order"]
