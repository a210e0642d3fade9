"""What a fetch remembers of the set-up, and what it tells to write there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.cli.fetching import _untold
from engine.feeds.own.finding import Finding
from engine.feeds.own.groups import grouped
from engine.session.fetch import FetchOptions, plan

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
RULE = """rules 1
strategy plain "Holds what rose" {
  clock 1d on xnys
  entry long up { when close > close[1] size 10% of equity }
}
scenario "spring" "After the shipped data" { replay 2023-03-01 .. 2023-05-31 }
"""
SETUP = """version: 1
data: {source: yfinance, cache: bars, symbols: [KRE]}
strategies: [{name: plain, rules: plain.rule, universe: [KRE]}]
scenarios: [plain.rule]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain.rule").write_text(RULE)
    (tmp_path / "strategies.yaml").write_text(SETUP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "cache"))


def test_another_source_still_knows_the_set_ups_symbols() -> None:
    made = plan(FetchOptions(source="alpaca"), NOW)
    assert made.held.feed.symbols == ("KRE",)
    assert "KRE" in [want.symbol for want in made.wants]


def test_what_was_asked_for_by_hand_stands_in_the_line_to_write() -> None:
    made = plan(FetchOptions(symbols=("KRE",), adjust="total", first=19400), NOW)
    assert "adjust: total" in _untold(made, ["KRE"])
    assert "symbols: [KRE]" in _untold(made, ["KRE"])


def test_nothing_is_told_where_the_set_up_reads_it_already() -> None:
    assert _untold(plan(FetchOptions(), NOW), []) == ""


def test_notes_of_the_cache_do_not_promise_a_summary() -> None:
    found = [Finding("session", "warning", row, "closed", "") for row in (3, 4)]
    assert grouped(found, are_kept=False) == [
        "2 rows on days without a session of the exchange are left out, first row 3"
    ]
    assert grouped(found)[0].endswith("all in summary.json")
