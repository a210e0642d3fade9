"""An input that does not exist must not look like safety."""

from pathlib import Path

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
        "mine.calm needs VIX: VIX has no data before 1990-01-02; a `waive` in the scenario runs "
        "without it"
    ]


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
