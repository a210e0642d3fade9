"""Sessions, warm-up, and where weeks and months complete."""

from engine.base.dates import iso
from engine.session.timeline import period_ends
from session.make import line


def marked(first: str, last: str, clock: str) -> list[str]:
    found = line(first, last)
    ends = period_ends(found, clock)
    return [iso(int(d)) for d, e in zip(found.days, ends, strict=True) if e]


def test_a_window_has_its_sessions_and_the_warm_up_before_them() -> None:
    found = line("2020-02-14", "2020-02-21", warm_up=3)
    assert [iso(int(d)) for d in found.days[:4]] == [
        "2020-02-11",
        "2020-02-12",
        "2020-02-13",
        "2020-02-14",
    ]
    assert found.start == 3
    assert found.bars == 5  # 17 February was Presidents' Day


def test_warm_up_stops_where_the_calendar_begins() -> None:
    found = line("1980-01-03", "1980-01-04", warm_up=50)
    assert found.start == 1


def test_weeks_complete_at_their_last_session() -> None:
    # Friday 10 April 2020 was Good Friday: the week ended on Thursday, and that was known before
    assert marked("2020-04-01", "2020-04-20", "1w") == ["2020-04-03", "2020-04-09", "2020-04-17"]


def test_months_complete_at_their_last_session() -> None:
    assert marked("2020-01-15", "2020-03-15", "1mo") == ["2020-01-31", "2020-02-28"]


def test_a_week_cut_short_by_surprise_completes_when_trading_resumes() -> None:
    # nobody knew on Monday 10 September 2001 that it was the last session of its week
    assert marked("2001-09-03", "2001-09-21", "1w") == ["2001-09-07", "2001-09-17", "2001-09-21"]
