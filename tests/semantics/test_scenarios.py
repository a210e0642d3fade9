"""Lines 21 to 25: missing inputs, runs without limits, expectations, set-ups, labels."""

from pathlib import Path
from typing import Any

import pytest

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.base.spans import source
from engine.check import check_file
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue
from engine.records.desk import CostRow
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome
from engine.session.rule_tests import run_tests
from engine.session.summary import run_row
from semantics.make import (
    Bars,
    Case,
    checked,
    flat,
    limits,
    run,
    run_all,
    series,
    sessions_from,
    strategy,
)

BUY = strategy("entry long up { when close == $10 size 5000 shares order market }")
FEAR = 'data fear : pts = "F" daily stale after 2 bars\n'
CALM = FEAR + "pause calm { enter when fear > 30 pts resume when fear < 25 pts allow exits }"


def scenario(body: str, last: str = "2019-01-10") -> str:
    """A scenario over the first four sessions, or up to `last`."""
    return f'scenario "case" {{\n  replay 2019-01-07 .. {last}\n  {body}\n}}\n'


def without_fear(closes: str) -> dict[str, Bars | str]:
    """The feed F begins years after the window."""
    return {"A": flat(closes), "F": Bars(flat("20"), first="2022-01-03", kind="volatility")}


# ---------------------------------------------------------------- 21


def test_line_21_a_pause_without_its_input_is_no_data_never_a_pass() -> None:
    text = BUY + limits(CALM) + scenario("expect always drawdown <= 20%")
    cell = run(text, without_fear("10 10 10 10")).cell
    assert (cell.status, cell.ran) == ("no-data", None)
    assert cell.notices[0].startswith("lim.calm needs F: F has no data before 2022-01-03")
    assert run_row(cell)["expectations"] == []


def test_line_21_waived_it_runs_and_the_waiver_is_listed() -> None:
    text = BUY + limits(CALM) + scenario('waive lim.calm because "no F yet"')
    case = run(text, without_fear("10 10 10 10"))
    assert case.cell.status == "ran"
    assert case.cell.waived == ("lim.calm: no F yet",)
    assert case.fills == [(1, 5000, 10)]


def test_line_21_a_strategys_own_missing_input_is_no_data() -> None:
    text = strategy(FEAR + "entry long up { when fear > 30 pts size 1 shares order market }")
    assert run(text, without_fear("10 10")).cell.status == "no-data"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("volume > 5 shares", "up: undefined 2 of 2 bars, volume missing"),
        ("close > $99", "up: never true in 2 bars"),
        ("sma(close, 9 bars) > $1", "up: undefined 2 of 2 bars, too little history"),
    ],
)
def test_line_21_a_cell_without_a_trade_says_why(condition: str, reason: str) -> None:
    text = strategy(f"entry long up {{ when {condition} size 1 shares order market }}")
    assert run(text, flat("10 10")).ran.no_trade_reason == reason


# ---------------------------------------------------------------- 22


def test_line_22_without_limits_is_the_same_run_with_none() -> None:
    """Clipped to 100 of 5000 shares; at 12 the limit cost 4900 x 2 = 9800, 9.8% of the start."""
    text = BUY + limits("limit cap on order clip qty to 100 shares")
    case = run(text, flat("10 10 12"))
    assert case.ran.bare is not None
    assert list(case.ran.bare) == [100_000, 100_000, 110_000]
    assert case.equity == [100_000, 100_000, 100_200]
    effect = case.ran.effects[0]
    assert (effect.name, effect.fired, round(effect.saved, 9)) == ("lim.cap", 1, -0.098)


def test_line_22_saved_is_leave_one_out() -> None:
    """a (200) and b (100) both bind; without b the clip would be 200: b cost 100 x 2 = 200."""
    rows = "limit a on order clip qty to 200 shares\nlimit b on order clip qty to 100 shares"
    case = run(BUY + limits(rows), flat("10 10 12"))
    assert {e.name: round(e.saved, 9) for e in case.ran.effects} == {"lim.a": 0, "lim.b": -0.002}


def test_line_22_lot_and_buying_power_stay_without_limits() -> None:
    text = strategy("entry long up { when close == $10 size 300% of equity order market }")
    case = run(text, {"A": Bars(flat("10 10"), lot=100)}, limits=False)
    assert case.fills == [(1, 10_000, 10)]
    assert case.ran.bare is None


def test_line_22_ruin_ends_the_run() -> None:
    """Short 10000 at 10 with 100000: at 20 equity is 100000 + 100000 - 200000 = 0."""
    text = strategy("entry short down { when close == $10 size 10_000 shares order market }")
    case = run(text, flat("10 10 20 10 10"))
    assert case.history.ruined
    assert case.equity == [100_000, 100_000, 0]
    assert [t.closed for t in case.history.round_trips] == [False]


# ---------------------------------------------------------------- 23


def test_line_23_run_names_who_plays() -> None:
    text = strategy("entry long up { when close == $10 size 1 shares }", "one")
    text += strategy("entry long up { when close == $10 size 2 shares }", "two")
    found = run_all(text + scenario("run two"), flat("10 10 10 10"))
    assert list(found) == ["two", "portfolio"]
    assert [q for _, q, _ in found["portfolio"].fills] == [2]


def test_line_23_instruments_that_lack_the_window_are_listed() -> None:
    late = Bars(flat("10 10"), first="2019-01-09")
    text = strategy("entry long up { when close == $10 size 1 shares order market }")
    case = run(text, {"A": flat("10 10 10 10"), "B": late})
    assert case.cell.symbols == ("A",)
    assert any(n.startswith("B left out: data begin 2019-01-09") for n in case.cell.notices)


def test_line_23_buy_and_hold_is_the_equally_weighted_price_path() -> None:
    """From the first close: (12/10 + 4/8) / 2 = 0.85; (20/10 + 8/8) / 2 = 1.5."""
    text = strategy("entry long up { when close == $99 size 1 shares order market }")
    case = run(text, {"A": flat("10 12 20"), "B": flat("8 4 8")}, costs=CostRow(commission=0.1))
    assert list(case.ran.hold) == pytest.approx([1, 0.85, 1.5])


def test_line_23_a_scenarios_cash_and_costs() -> None:
    """10 bps of 50000 = 50 on an account of 60000."""
    text = BUY + scenario("start equity $60_000\n costs 10 bps")
    case = run(text, flat("10 10 10 10"), costs=CostRow(per_order=7, interest=False))
    assert case.equity == [60_000, 59_950, 59_950, 59_950]


# ---------------------------------------------------------------- 24


def claims(lines: str, closes: str = "10 10 8 10") -> Case:
    """5000 shares of 100000 in all from bar 1: at 8 the drawdown is 10%, at bar 2 of 4."""
    return run(BUY + limits(NEVER) + scenario(lines), flat(closes))


NEVER = """
  pause never { enter when equity < $1 resume by hand "x" allow exits }
  pause deep { enter when drawdown >= 10% resume when drawdown < 1% allow exits }
"""
CLAIMS = [
    ("always drawdown <= 10%", True),
    ("always drawdown <= 9.9%", False),
    ("always not paused(deep)", False),
    ("final equity >= 100% of start.equity", True),
    ("final drawdown > 0%", False),
    ("drawdown <= 1%", True),  # a bare claim looks at the end
    ("drawdown >= 10% leads to paused(deep) in 0 bars", True),
    ("drawdown >= 10% leads to paused(never) in 1 bar", False),
    ("drawdown >= 10% leads to paused(never) in 2 bars", None),  # bars 2, 3 and one beyond the end
    ("drawdown >= 10% leads to drawdown < 1% in 1 bar", True),
    ("drawdown >= 50% leads to paused(deep) in 9 bars", False),  # vacuous
]


@pytest.mark.parametrize(("claim", "holds"), CLAIMS, ids=[c[0] for c in CLAIMS])
def test_line_24_claims(claim: str, holds: bool | None) -> None:
    case = claims(f"expect {claim}")
    assert case.claims == [holds]
    detail = case.ran.judged[0].detail
    assert ("vacuous" in detail) == ("50%" in claim)
    assert ("undecided" in detail) == (holds is None)


def test_line_24_drawdown_is_positive_in_the_language_and_negative_in_json() -> None:
    case = claims("expect final account.drawdown >= 10%", "10 10 9 8")
    assert case.claims == [True]
    assert run_row(case.cell)["max_drawdown"] == pytest.approx(-0.1)


def test_line_24_pnl_today_on_the_first_bar_is_measured_from_the_start() -> None:
    """docs/fields: never na; nothing is held at the first close, so it is zero there."""
    case = claims("expect always pnl.today between -$10_000 to $10_000")
    assert case.claims == [True]
    assert "unknown" not in case.ran.judged[0].detail


def test_line_24_claims_count_positions_as_limits_do() -> None:
    """Two entries of one strategy are two positions; one of them is closed at bar 3."""
    text = strategy("""
      entry long a { when close == $10 size 1 shares order market }
      entry long b { when close == $10 size 1 shares order market }
      exit out of b { when close == $12 order market }""")
    lines = ["always positions.count <= 1", "always positions.count <= 2", "positions.count == 1"]
    text += scenario("\n".join(f"expect {line}" for line in lines))
    assert run(text, flat("10 11 12 13")).claims == [False, True, True]


# ---------------------------------------------------------------- files: 23, 25, test blocks


def table(folder: Path, closes: str) -> Path:
    """A CSV of bars whose four prices are one."""
    rows = closes.split()
    days = sessions_from("2019-01-07", len(rows))
    lines = [f"{iso(d)},{c},{c},{c},{c},1000000" for d, c in zip(days, rows, strict=True)]
    path = folder / "own.csv"
    path.write_text("date,open,high,low,close,volume\n" + "\n".join(lines) + "\n")
    return path


PARAM = """rules 1
strategy s {
  clock 1d on xnys
  param n = 5 shares in 1 shares .. 9 shares
  entry long up { when close == $10 size n order market }
}
limits mine { limit none on order deny when close > $99 }
"""


def replayed(folder: Path, text: str, **more: Any) -> Outcome:
    """A bare rule file on its own CSV."""
    rules = folder / "own.rule"
    rules.write_text(text)
    data = table(folder, "10 10 10 12")
    more = {"data": data, "symbol": "OWN", **more}
    return dryrun(DryrunOptions(files=(rules,), out=folder / "runs", **more))


def test_line_23_a_bare_file_says_what_it_ran_on(tmp_path: Path) -> None:
    text = PARAM + scenario("start equity $50_000\n costs 0 bps")
    told = replayed(tmp_path, text).summary
    assert "on OWN" in str(told["notices"])
    row: Any = told["runs"][0]  # type: ignore[index]
    assert row["start_equity"] == 50_000
    assert row["final_equity"] > 50_010  # 5 x 2, and interest


def test_line_23_the_command_line_beats_the_scenario(tmp_path: Path) -> None:
    text = PARAM + scenario("start equity $50_000\n costs 0 bps")
    row: Any = replayed(tmp_path, text, cash=70_000.0).summary["runs"][0]  # type: ignore[index]
    assert row["start_equity"] == 70_000
    assert row["final_equity"] > 70_010


def test_line_25_trials_are_counted(tmp_path: Path) -> None:
    text = PARAM + scenario("start equity $50_000\n costs 0 bps")
    told = replayed(tmp_path, text, params=("n=9 shares",)).summary
    row: Any = told["runs"][0]  # type: ignore[index]
    assert (told["trials"], row["params"]) == (1, {"n": 9})
    assert replayed(tmp_path, text).summary["trials"] == 0


@pytest.mark.parametrize(
    ("costs", "symbol", "refused"),
    [
        ("{commission: {per_share: 0.01}}", "KO", True),
        ("{commission: {per_order: 1}}", "KO", True),
        ("{commission: {bps: 1}}", "KO", False),
        ("{commission: {per_share: 0.01}}", "IBM", False),
    ],
)
def test_line_14_adjusted_prices_allow_bps_costs_only(
    tmp_path: Path, costs: str, symbol: str, refused: bool
) -> None:
    (tmp_path / "own.rule").write_text(PARAM + scenario("").replace("2019", "2010"))
    setup = tmp_path / "strategies.yaml"
    setup.write_text(
        f"version: 1\naccount: {{cash: 1000, costs: {costs}}}\nlimits: [own.rule]\n"
        f"strategies:\n  - {{name: s, rules: own.rule, universe: [{symbol}]}}\n"
        "scenarios: [own.rule]\n"
    )
    options = DryrunOptions(files=(setup,), out=tmp_path / "runs")
    if refused:
        with pytest.raises(UserError, match="adjusted"):
            dryrun(options)
    else:
        assert dryrun(options).summary["runs"]


def test_line_25_price_and_total_return_are_labelled() -> None:
    case = run(BUY, flat("10 10"))
    assert "A: price return, dividends left out" in case.cell.notices


TESTED = """rules 1
strategy s {
  clock 1d on xnys
  entry long up { when close > $10 size volume * 10% order market }
  exit out of up { when position.age >= 2 bars order market }
}
test "outcomes" of s {
  given close  = $10, $11, $11, $11, $11
  given volume = 50, na, 100, 5, 5
  expect silent up at bar 0
  expect fires up at bar 1..4
  expect sized up at bar 2
  expect undefined out at bar 0
}
test "wrong" of s {
  given close  = $10, $11
  given volume = 50, na
  expect sized up at bar 1
  expect undefined up at bar 0
}
"""


def test_line_04_outcomes_in_test_blocks(tmp_path: Path) -> None:
    path = tmp_path / "own.rule"
    path.write_text(TESTED)
    good, wrong = run_tests(path)
    assert good.missed == ()
    assert [(m.bar, m.expected, m.actual) for m in wrong.missed] == [
        (1, "sized", "fires"),
        (0, "undefined", "silent"),
    ]


@pytest.mark.parametrize(
    ("side", "level"),
    [
        ("long", "stop hard at position.entry_price * 110%"),
        ("short", "stop hard at position.entry_price * 90%"),
        ("long", "target t at position.entry_price * 90%"),
    ],
)
def test_line_17_a_stop_on_the_wrong_side_is_an_error(side: str, level: str) -> None:
    body = f"entry {side} e {{ when close > $1 size 1 shares order market }}\n{level}"
    with pytest.raises(AssertionError, match="SW510"):
        checked(strategy(body), {"A": series("A", Bars(flat("10")))})


def test_line_18_the_checker_says_that_an_entry_without_a_stop_will_be_denied() -> None:
    file, _ = parse(source("case.rule", "rules 1\n" + BUY))
    _, found = check_file(file, {}, load_catalogue(), {})
    assert "SW601" in {d.code for d in found}
