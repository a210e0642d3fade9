"""An input that does not exist must not look like safety."""

from pathlib import Path

import pytest

from engine.base.dates import parse_day
from engine.base.errors import UserError
from engine.report.glyphs import Screen
from engine.report.terminal import report
from replays.own import cell, run

STRATEGY = """
strategy plain {
  clock 1d on xnys
  entry long up { when close > close[1] size 10% of equity order market }
  exit down of up { when close < close[1] order market }
}
limits mine {
  data vix : pts = "VIX" daily stale after 2 bars
  pause calm scope firm { enter when vix > 30 pts resume when vix < 25 pts allow exits }
  limit few on order deny when vix > 90 pts SKIP
}
scenario "crash" {
  replay 1987-10-01 .. 1987-10-30
  WAIVE
}
"""
SKIP = 'else skip because "no VIX"'
WAIVE = 'waive mine.calm because "no VIX before 1990"'


def text(skip: str, waive: str) -> str:
    return STRATEGY.replace("SKIP", skip).replace("WAIVE", waive)


def test_without_a_waiver_the_cell_has_no_data_and_says_why(tmp_path: Path) -> None:
    row = cell(run(tmp_path, text(SKIP, ""), None))
    assert row["status"] == "no-data"
    assert row["notices"] == [
        "mine.calm needs VIX: VIX has no data before 1990-01-02; to run without it: "
        '--waive mine.calm, or `waive mine.calm because "…"` in the scenario'
    ]


def test_the_command_line_waives_too_and_says_so(tmp_path: Path) -> None:
    outcome = run(tmp_path, text(SKIP, ""), None, waives=("mine.calm",))
    row = cell(outcome)
    assert row["status"] == "ran"
    assert row["waived"] == ["mine.calm: waived on the command line"]
    assert "mine.calm: waived on the command line" in outcome.summary["notices"]
    assert [x["name"] for x in row["limits"]] == ["mine.few"]
    same = cell(run(tmp_path, text(SKIP, WAIVE), None))
    assert (row["return"], row["trades"]) == (same["return"], same["trades"])
    other = run(tmp_path, text(SKIP, ""), None, waives=("mine.calm", "mine.few"))
    assert len({outcome.folder, other.folder, run(tmp_path, text(SKIP, ""), None).folder}) == 3


def test_a_scenario_s_own_reason_stands_before_the_command_line(tmp_path: Path) -> None:
    row = cell(run(tmp_path, text(SKIP, WAIVE), None, waives=("mine.calm", "mine.few")))
    assert row["waived"] == [
        "mine.calm: no VIX before 1990",
        "mine.few: waived on the command line",
    ]
    assert row["limits"] == []


def test_every_limit_that_lacks_its_feed_is_named(tmp_path: Path) -> None:
    (said,) = cell(run(tmp_path, text("", ""), None))["notices"]
    assert "--waive mine.few --waive mine.calm, or" in said


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("mine.clam", "did you mean `mine.calm`?"),
        ("calm", "did you mean `mine.calm`?"),
        ("qqqq.zzzzzz", "there are mine.few, mine.calm"),
    ],
)
def test_a_limit_that_is_not_in_force_cannot_be_waived(
    tmp_path: Path, name: str, help: str
) -> None:
    with pytest.raises(UserError, match="to waive") as found:
        run(tmp_path, text(SKIP, ""), None, waives=(name,))
    assert found.value.help == help


def test_without_limits_there_is_nothing_to_waive(tmp_path: Path) -> None:
    with pytest.raises(UserError) as found:
        run(tmp_path, text(SKIP, ""), None, waives=("mine.calm",), limits=False)
    assert "--no-limits" in found.value.help


def test_when_nothing_could_run_the_verdict_is_fail(tmp_path: Path) -> None:
    outcome = run(tmp_path, text(SKIP, ""), None)
    assert outcome.summary["verdict"] == "fail"
    told = report(outcome, Screen(80))
    assert "Nothing was run: there is no data for the only run" in told
    assert "held" not in told.splitlines()[-2]


def test_a_window_without_a_session_is_no_data_and_says_so(tmp_path: Path) -> None:
    days = {"first": parse_day("1950-01-01"), "last": parse_day("1950-12-31")}
    outcome = run(tmp_path, text("", ""), None, **days)
    row = cell(outcome)
    assert (row["status"], row["bars"]) == ("no-data", 0)
    assert row["notices"][0].startswith("no session in this window (the calendar has ")


def test_with_a_waiver_it_runs_and_lists_it(tmp_path: Path) -> None:
    row = cell(run(tmp_path, text(SKIP, WAIVE), None))
    assert row["status"] == "ran"
    assert row["waived"] == ["mine.calm: no VIX before 1990"]
    assert row["trades"] > 0
    assert row["skipped"] > 0  # the other limit could not be evaluated and said so
    assert [x["name"] for x in row["limits"]] == ["mine.few"]


def test_a_limit_that_would_deny_for_lack_of_data_needs_a_waiver_too(tmp_path: Path) -> None:
    row = cell(run(tmp_path, text("", WAIVE), None))
    assert row["status"] == "no-data"
    assert "mine.few needs VIX" in row["notices"][0]


def test_no_limits_need_no_feeds(tmp_path: Path) -> None:
    assert cell(run(tmp_path, text("", ""), None, limits=False))["status"] == "ran"


def test_a_feed_that_begins_inside_the_window_is_partial(tmp_path: Path) -> None:
    rules = text("", "").replace("1987-10-01 .. 1987-10-30", "1989-12-20 .. 1990-01-31")
    row = cell(run(tmp_path, rules, None))
    assert row["status"] == "partial"
    assert "mine.calm needs VIX: VIX has no data before 1990-01-02" in row["notices"]
    assert row["paused_bars"] > 0  # without a value the pause holds


def test_a_strategy_whose_own_feed_is_missing_has_no_data(tmp_path: Path) -> None:
    rules = text(SKIP, WAIVE).replace(
        "  entry long", '  data fear : pts = "VIX" daily stale after 2 bars\n  entry long'
    )
    rules = rules.replace("when close > close[1]", "when close > close[1] and fear < 20 pts")
    row = cell(run(tmp_path, rules, None))
    assert row["status"] == "no-data"
    assert row["notices"] == ["VIX has no data before 1990-01-02"]


def test_an_expectation_about_a_waived_pause_says_that_it_is_waived(tmp_path: Path) -> None:
    claims = "expect final paused(calm)\n  expect final equity > 0.0 * start.equity"
    asked = text(SKIP, claims).replace("1987-10-01 .. 1987-10-30", "2008-10-01 .. 2008-10-31")
    (tmp_path / "with").mkdir()
    held = cell(run(tmp_path / "with", asked, None))["expectations"]
    assert "waived" not in held[0]["detail"]
    waived = cell(run(tmp_path, asked, None, waives=("mine.calm",)))["expectations"]
    assert waived[0]["holds"] is False
    assert waived[0]["detail"].endswith("; mine.calm is waived: it never pauses")
    assert "waived" not in waived[1]["detail"]
