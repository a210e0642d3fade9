"""Small replays worked out by hand, from a CSV to the summary."""

import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from engine.session.schema import summary_schema
from replays.own import bars_file, cell, run

RULES = """
strategy plain "Buys 100 when the close rises" {
  clock 1d on xnys
  entry long up { when close > close[1] size 100 shares order market because "it rose" }
  exit down of up { when close < close[1] order market }
  stop hard at position.entry_price - $5
}
limits none { limit few on order deny when positions.count >= 9 because "nine at once" }
scenario "week" "Six made-up sessions" {
  replay 2020-03-03 .. 2020-03-10
  start equity $100_000
  costs 10 bps
  expect always drawdown <= 1%
  expect final equity >= 100% of start.equity
  expect position_is_fine_never > 0 leads to drawdown > 0 in 1 bars
}
"""
RULES = "\n".join(x for x in RULES.splitlines() if "never" not in x)

BARS = [
    # open, high, low, close, volume
    (100.0, 101.0, 99.0, 100.0, 1e6),  # 2 March: warm-up
    (100.0, 102.0, 99.5, 101.0, 1e6),  # 3: rises, order
    (101.5, 104.0, 101.0, 103.0, 1e6),  # 4: filled at 101.5; rises, ignored
    (103.0, 103.5, 100.0, 102.0, 1e6),  # 5: falls, exit order
    (101.0, 101.5, 100.0, 100.5, 1e6),  # 6: out at 101; falls
    (100.5, 103.0, 100.0, 102.0, 1e6),  # 9: rises, order
    (103.0, 103.0, 97.0, 97.5, 1e6),  # 10: filled at 103, stopped at 98
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return bars_file(tmp_path, "2020-03-02", BARS)


def test_the_ledger_is_what_a_pencil_says(tmp_path: Path, data: Path) -> None:
    row = cell(run(tmp_path, RULES, data))
    fees = sum(100 * price * 0.001 for price in (101.5, 101.0, 103.0, 98.0))
    assert row["status"] == "ran"
    assert row["bars"] == 6
    assert row["trades"] == 2
    assert row["orders"] == 3
    assert row["fees"] == pytest.approx(fees, abs=0.005)
    interest = row["final_equity"] - (100_000 + 100 * (101.0 - 101.5) + 100 * (98.0 - 103.0) - fees)
    assert 0 <= interest < 60  # a week of 3-month yield on idle cash, about 1% a year then
    assert row["worst_overshoot"] == 0.0  # the stop at 98 filled at 98


def test_holding_is_the_path_from_the_first_close(tmp_path: Path, data: Path) -> None:
    row = cell(run(tmp_path, RULES, data))
    assert row["buy_and_hold"]["return"] == pytest.approx(97.5 / 101.0 - 1)
    assert row["buy_and_hold"]["max_drawdown"] == pytest.approx(97.5 / 103.0 - 1)


def test_the_funnel_accounts_for_every_bar(tmp_path: Path, data: Path) -> None:
    funnel = cell(run(tmp_path, RULES, data))["funnel"]
    assert len(funnel) == 1
    row = funnel[0]
    assert row["conditions"] == [
        {"text": "close > close[1]", "true": 3, "false": 3, "undefined": 0}
    ]
    assert {k: row[k] for k in ("bars", "fired", "sent", "ignored", "filled")} == {
        "bars": 6,
        "fired": 3,
        "sent": 2,
        "ignored": 1,
        "filled": 2,
    }


def test_the_funnel_counts_conditions_and_never_numbers(tmp_path: Path, data: Path) -> None:
    crossed = RULES.replace("close > close[1] size", "close crosses above mean size").replace(
        "clock 1d on xnys\n", "clock 1d on xnys\n  let mean = sma(close, 2 bars)\n"
    )
    (row,) = cell(run(tmp_path, crossed, data))["funnel"]
    assert row["conditions"] == [
        {"text": "close crosses above mean", "true": 1, "false": 4, "undefined": 1}
    ]
    both = crossed.replace("above mean size", "above mean and volume > 1 shares size")
    (row,) = cell(run(tmp_path, both, data))["funnel"]
    assert [(c["text"], c["true"]) for c in row["conditions"]] == [
        ("close crosses above mean", 1),
        ("volume > 1 shares", 6),
    ]


def test_expectations_carry_numbers(tmp_path: Path, data: Path) -> None:
    always, final = cell(run(tmp_path, RULES, data))["expectations"]
    assert (always["text"], always["holds"]) == ("always drawdown <= 1%", True)
    assert always["detail"].endswith("against 1.0% on 2020-03-10")
    assert final["holds"] is False
    assert "against $100,000.00 on 2020-03-10" in final["detail"]


def test_the_files_are_whole_and_fit_their_schema(tmp_path: Path, data: Path) -> None:
    outcome = run(tmp_path, RULES, data)
    told = json.loads((outcome.folder / "summary.json").read_text())
    jsonschema.validate(told, summary_schema())
    assert told == outcome.summary
    assert told["verdict"] == "fail"
    trades = pq.read_table(outcome.folder / "trades.parquet").to_pylist()
    assert [t["pnl"] < 0 for t in trades] == [True, True]
    equity = pq.read_table(outcome.folder / "equity.parquet").to_pylist()
    assert len(equity) == 6
    assert equity[-1]["equity"] == pytest.approx(told["runs"][0]["final_equity"], abs=0.01)
    verdicts = [json.loads(x) for x in (outcome.folder / "verdicts.jsonl").read_text().splitlines()]
    assert [(v["date"], v["rule"], v["outcome"]) for v in verdicts if v["source"] == "entry"] == [
        ("2020-03-03", "up", "allowed"),
        ("2020-03-04", "up", "ignored"),
        ("2020-03-09", "up", "allowed"),
    ]
    names = sorted(p.name for p in outcome.folder.iterdir())
    assert names == [
        "equity.parquet",
        "limits.parquet",
        "manifest.json",
        "summary.json",
        "trades.parquet",
        "verdicts.jsonl",
    ]


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, data: Path) -> None:
    first = run(tmp_path, RULES, data)
    bytes_of = {p.name: p.read_bytes() for p in first.folder.iterdir()}
    assert first.changes is None
    (first.folder / "summary.json").write_text("{}")
    again = run(tmp_path, RULES, data)
    assert again.folder == first.folder
    assert {p.name: p.read_bytes() for p in again.folder.iterdir()} == bytes_of
    assert again.changes is not None
    assert "rebuilt" in again.changes[0]
    assert run(tmp_path, RULES.replace("100 shares", "99 shares"), data).folder != first.folder


def test_without_a_trade_the_cell_says_why(tmp_path: Path, data: Path) -> None:
    never = RULES.replace("close > close[1]", "close > $1_000")
    assert cell(run(tmp_path, never, data))["no_trade_reason"] == "up: never true in 6 bars"
    lost = RULES.replace("close > close[1]", "close > $1 and volume > 1 shares")
    bare = [(*b[:4], float("nan")) for b in BARS]
    path = bars_file(tmp_path, "2020-03-02", bare, "bare.csv")
    path.write_text(path.read_text().replace("nan", ""))
    reason = cell(run(tmp_path, lost, path))["no_trade_reason"]
    assert reason == "up: undefined 6 of 6 bars, volume missing"


def test_a_refused_order_is_counted_and_leaving_the_limit_out_tells_its_worth(
    tmp_path: Path, data: Path
) -> None:
    text = RULES.replace("positions.count >= 9", "order.qty > 1 shares")
    row = cell(run(tmp_path, text, data))
    assert row["trades"] == 0
    assert row["denied"] == 3
    assert row["no_trade_reason"] == "up: fired on 3 of 6 bars: 3 denied"
    (limit,) = row["limits"]
    assert (limit["name"], limit["fired"]) == ("none.few", 3)
    assert limit["saved"] == pytest.approx(row["return"] - row["without_limits"]["return"])
    assert limit["saved"] > 0


def test_a_limit_that_never_bound_saved_nothing(tmp_path: Path, data: Path) -> None:
    """The claim behind skipping its leave-one-out run: running it anyway changes nothing."""
    row = cell(run(tmp_path, RULES, data))
    why = {"kind": "deny", "because": "nine at once"}
    used = {"most_used": 0.0, "most_used_on": "2020-03-03", "unmeasured": None}
    assert row["limits"] == [{"name": "none.few", **why, "fired": 0, "saved": 0.0, **used}]
    gone = RULES.replace("limit few on order deny when positions.count >= 9", "").replace(
        'because "nine at once" }', "param x = 1 in 0 .. 2 }"
    )
    other = cell(run(tmp_path, gone, data))
    assert other["return"] == row["return"] == row["without_limits"]["return"]


def test_no_limits_is_the_run_without_them(tmp_path: Path, data: Path) -> None:
    text = RULES.replace("positions.count >= 9", "order.qty > 1 shares")
    limited = cell(run(tmp_path, text, data))
    free = cell(run(tmp_path, text, data, limits=False))
    assert free["return"] == limited["without_limits"]["return"]
    assert free["without_limits"] is None
    assert free["limits"] == []


def test_data_that_do_not_reach_are_partial_or_nothing(tmp_path: Path) -> None:
    short = bars_file(tmp_path, "2020-03-04", BARS[:3], "short.csv")
    row = cell(run(tmp_path, RULES, short))
    assert row["status"] == "partial"
    assert row["notices"][0] == "OWN: data end 2020-03-06, 3 of 6 sessions"
    none = bars_file(tmp_path, "2021-03-02", BARS, "none.csv")
    row = cell(run(tmp_path, RULES, none))
    assert (row["status"], row["return"], row["trades"]) == ("no-data", None, 0)
    assert row["notices"] == ["OWN: data begin 2021-03-02"]


def test_progress_counts_cells(tmp_path: Path, data: Path) -> None:
    from engine.session.dryrun import dryrun
    from engine.session.options import DryrunOptions
    from replays.own import rules_file

    seen: list[tuple[int, int]] = []
    file = rules_file(tmp_path, RULES)
    options = DryrunOptions(files=(file,), data=data, symbol="OWN", out=tmp_path / "runs")
    dryrun(options, lambda done, total, what: seen.append((done, total)))
    assert seen[0] == (0, 1)
    assert seen[-1] == (1, 1)
