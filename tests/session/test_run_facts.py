"""What a run row tells beside its figures, each against a truth computed apart from it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from fills.changed import delayed, doubled
from replays.own import bars_file, cell, run

from engine.base.dates import parse_day
from engine.run.account import run_account, run_trunk
from engine.session.dryrun import dryrun, play_window
from engine.session.load import load_firm, silent
from engine.session.options import DryrunOptions, Outcome
from engine.session.provenance import fact
from engine.session.sensitivity import sensitivity
from session.make import NAN, series

SETUP = Path(__file__).resolve().parents[2] / "strategies.yaml"

HELD = """
strategy held "Buys 900 and keeps them" {
  clock 1d on xnys
  entry long up { when close > $0 size 900 shares order market because "always" }
}
limits own {
  halt fall scope firm {
    enter when peak(equity) - equity >= $4_000
    resume after 3d
    because "four thousand down"
  }
  flatten day scope firm {
    enter when pnl.today <= -5% of equity
    resume when equity > $1
    because "five in a day"
  }
  pause near scope firm {
    enter when positions.count >= 2
    resume after 2d
    because "never here"
  }
  limit few on order deny when positions.count >= 9 because "nine at once"
}
scenario "slide" "Made-up sessions" {
  replay 2020-03-03 .. 2020-04-30
  start equity $100_000
  costs 0 bps
}
"""


def flat_bar(price: float) -> tuple[float, float, float, float, float]:
    return (price, price, price, price, 1e9)


def slide(tmp_path: Path) -> Outcome:
    """Prices that go down and up by turns, at most a few percent a day."""
    steps = np.random.default_rng(3).normal(-0.001, 0.012, 43)
    prices = [100.0, *(100.0 * np.cumprod(1.0 + steps)).round(2).tolist()]
    return run(tmp_path, HELD, bars_file(tmp_path, "2020-03-02", [flat_bar(p) for p in prices]))


def table(outcome: Outcome) -> dict[str, list[Any]]:
    return pq.read_table(outcome.folder / "equity.parquet").to_pydict()


# ---------------------------------------------------------------- events


def expected_halts(dates: list[str], equity: list[float]) -> list[tuple[str, bool, float | None]]:
    """The halt of HELD, told once more: the peak begins anew on the bar on which it resumes."""
    found: list[tuple[str, bool, float | None]] = []
    peak, since = -1.0, -1
    for k, value in enumerate(equity):
        peak = max(peak, value)
        if since >= 0 and k - since >= 3:
            found.append((dates[k], False, None))
            since, peak = -1, value
        elif since < 0 and peak - value >= 4_000:
            found.append((dates[k], True, peak - value))
            since = k
    return found


def test_a_halt_tells_what_its_own_memory_held_after_it_was_restarted(tmp_path: Path) -> None:
    outcome = slide(tmp_path)
    told = table(outcome)
    row = cell(outcome)
    halts = [e for e in row["events"] if e["limit"] == "own.fall"]
    wanted = expected_halts([str(d) for d in told["date"]], told["equity"])
    assert [on for _, on, _ in wanted] == [True, False, True]
    again = told["equity"][[str(d) for d in told["date"]].index(wanted[2][0])]
    assert max(told["equity"]) - again > (wanted[2][2] or 0.0)  # the first peak is forgotten
    assert [(e["date"], e["entered"]) for e in halts] == [(d, on) for d, on, _ in wanted]
    for event, (_, _, value) in zip(halts, wanted, strict=True):
        assert event["value"] == (None if value is None else pytest.approx(value, rel=1e-12))
        assert (event["kind"], event["because"]) == ("halt", "four thousand down")


def test_events_agree_with_the_counts_of_the_row(tmp_path: Path) -> None:
    row = cell(slide(tmp_path))
    entered = [e["limit"] for e in row["events"] if e["entered"]]
    assert row["halts"] == entered.count("own.fall")
    assert [e["date"] for e in row["events"]] == sorted(e["date"] for e in row["events"])
    by_name = {x["name"]: x for x in row["limits"]}
    assert by_name["own.fall"]["fired"] == entered.count("own.fall")
    assert {n: (x["kind"], x["because"]) for n, x in by_name.items()} == {
        "own.few": ("deny", "nine at once"),
        "own.fall": ("halt", "four thousand down"),
        "own.day": ("flatten", "five in a day"),
        "own.near": ("pause", "never here"),
    }


def test_a_flatten_tells_the_loss_of_its_day_and_the_equity_that_freed_it(tmp_path: Path) -> None:
    bars = [flat_bar(p) for p in (100.0, 100.0, 100.0, 92.0, 92.0, 92.0, 92.0)]
    text = HELD.replace("2020-04-30", "2020-03-10")
    outcome = run(tmp_path, text, bars_file(tmp_path, "2020-03-02", bars))
    days = [e for e in cell(outcome)["events"] if e["limit"] == "own.day"]
    equity = table(outcome)["equity"]
    fell = equity.index(pytest.approx(100_000 - 900 * 8.0, abs=200))
    assert days[0]["value"] == pytest.approx(equity[fell] - equity[fell - 1], rel=1e-9)
    assert (days[0]["entered"], days[1]["entered"]) == (True, False)
    assert days[1]["value"] == pytest.approx(equity[fell + 1], rel=1e-12)


def test_what_counts_working_orders_or_turned_by_time_has_no_value(tmp_path: Path) -> None:
    text = HELD.replace("positions.count >= 2", "positions.count >= 1")
    bars = [flat_bar(100.0) for _ in range(12)]
    text = text.replace("2020-04-30", "2020-03-13")
    row = cell(run(tmp_path, text, bars_file(tmp_path, "2020-03-02", bars)))
    near = [e for e in row["events"] if e["limit"] == "own.near"]
    assert near
    assert all(e["value"] is None for e in near)


def test_the_vix_pause_tells_the_vix_that_was_known(tmp_path: Path) -> None:
    options = DryrunOptions(
        files=(SETUP,), crises=("2008-gfc",), strategies=("fade",), out=tmp_path
    )
    loaded = load_firm(options, silent)
    vix, sessions = loaded.firm.series["VIX"], [int(d) for d in loaded.firm.schedule.sessions]
    close = {int(d): float(v) for d, v in zip(vix.days, vix.close, strict=True)}
    (row,) = dryrun(options).summary["runs"]
    events = row["events"]
    assert [e["entered"] for e in events] == [True, False] * 3 + [True]
    for event in events:
        before = sessions[sessions.index(parse_day(event["date"])) - 1]
        assert event["value"] == close[before]
        assert event["value"] > 30 if event["entered"] else event["value"] < 25


# ---------------------------------------------------------------- conditions


TWO = """
strategy two "Two conditions" {
  clock 1d on xnys
  data vix : pts = "VIX" daily stale after 5 bars
  entry long up { when close > sma(close, 3 bars) and vix > 1 pts size 10 shares order market }
}
limits none { limit few on order deny when positions.count >= 9 because "nine at once" }
scenario "week" "Sessions" { replay 2020-03-02 .. 2020-03-13 }
"""


def test_conditions_are_counted_on_the_bars_that_the_symbol_has(tmp_path: Path) -> None:
    prices = [100.0, 101.0, 102.0, 101.0, 100.0, 103.0, 104.0, 90.0, 91.0, 95.0]
    file = bars_file(tmp_path, "2020-03-02", [flat_bar(p) for p in prices])
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:5] + lines[6:]) + "\n")  # one session has no bar
    kept = prices[:4] + prices[5:]
    (funnel,) = cell(run(tmp_path, TWO, file))["funnel"]
    means = [sum(kept[k - 2 : k + 1]) / 3 for k in range(2, len(kept))]
    above = sum(p > m for p, m in zip(kept[2:], means, strict=True))
    assert funnel["bars"] == len(kept)
    rising, fear = funnel["conditions"]
    assert (rising["true"], rising["undefined"]) == (above, 2)
    assert rising["false"] == len(kept) - 2 - above
    assert fear == {"text": "vix > 1 pts", "true": len(kept), "false": 0, "undefined": 0}


# ---------------------------------------------------------------- worst days


def test_the_worst_days_are_those_of_the_equity_line(tmp_path: Path) -> None:
    outcome = slide(tmp_path)
    told, row = table(outcome), cell(outcome)
    equity = np.array([100_000.0, *told["equity"]])
    held = np.array(told["buy_and_hold"])
    returns = [(equity[k + 1] / equity[k] - 1, k) for k in range(len(equity) - 1)]
    wanted = sorted(r for r in returns if r[0] < 0)[:5]
    assert [d["return"] for d in row["worst_days"]] == pytest.approx([r for r, _ in wanted])
    assert [d["date"] for d in row["worst_days"]] == [str(told["date"][k]) for _, k in wanted]
    merely = [held[k] / held[k - 1] - 1 for _, k in wanted]
    assert [d["buy_and_hold"] for d in row["worst_days"]] == pytest.approx(merely)


def test_days_without_a_loss_are_none_of_the_worst(tmp_path: Path) -> None:
    bars = [flat_bar(100.0 + k) for k in range(12)]
    text = HELD.replace("2020-04-30", "2020-03-13")
    assert cell(run(tmp_path, text, bars_file(tmp_path, "2020-03-02", bars)))["worst_days"] == []


# ---------------------------------------------------------------- data


def test_a_fact_is_of_the_bars_inside_the_window() -> None:
    held = series("2020-03-02", [10.0, 11.0, 12.0, 13.0, 14.0], caveats=("They all survived.",))
    real = np.array([False, True, True, False, False])
    volume = np.array([NAN, 5.0, 6.0, NAN, NAN])
    held = replace(held, real_open=real, volume=volume)
    days = [int(d) for d in held.days]
    whole = fact(held, days[0], days[4], False)
    assert (whole.bars, whole.opens, whole.volume) == ("mixed", "mixed", "partly")
    assert whole.survivorship == "They all survived."
    middle = fact(held, days[1], days[2], False)
    assert (middle.bars, middle.opens, middle.volume) == ("ohlcv", "real", "known")
    assert (middle.first, middle.last) == (days[1], days[2])
    late = fact(held, days[3], days[4] + 30, False)
    assert (late.bars, late.opens, late.volume) == ("ohlc", "not real", "unknown")
    assert (late.first, late.last) == (days[3], days[4])
    feed = fact(held, days[0], days[4], True)
    assert (feed.role, feed.returns, feed.opens) == ("feed", None, None)
    none = fact(held, days[4] + 10, days[4] + 20, True)
    assert (none.first, none.last, none.bars) == (None, None, "close only")


@pytest.mark.parametrize(("total", "returns"), [(True, "total"), (False, "price")])
def test_a_fact_says_what_prices_hold(total: bool, returns: str) -> None:
    held = series("2020-03-02", [10.0, 11.0], total_return=total, adjusted=total)
    found = fact(held, int(held.days[0]), int(held.days[1]), False)
    assert (found.returns, found.adjusted) == (returns, total)
    own = series("2020-03-02", [10.0], dataset="csv")
    assert fact(own, int(own.days[0]), int(own.days[0]), False).returns is None


def test_a_cell_tells_its_traded_symbols_and_the_feeds_that_are_in_force(tmp_path: Path) -> None:
    options = DryrunOptions(
        files=(SETUP,),
        crises=("1987-black-monday", "2008-gfc"),
        strategies=("fade",),
        out=tmp_path,
    )
    old, new = dryrun(options).summary["runs"]
    assert [(d["symbol"], d["role"]) for d in old["data"]] == [("SP500", "traded")]  # VIX waived
    assert [(d["symbol"], d["role"]) for d in new["data"]] == [
        ("SP500", "traded"),
        ("VIX", "feed"),
    ]
    assert (new["data"][0]["first"], new["data"][0]["last"]) == (new["start"], new["end"])
    assert (old["data"][0]["opens"], new["data"][0]["opens"]) == ("not real", "mixed")


# ---------------------------------------------------------------- sensitivity


WEEK = """
strategy plain "Buys 100 when the close rises" {
  clock 1d on xnys
  entry long up { when close > close[1] size 100 shares order market }
  exit down of up { when close < close[1] order market }
}
limits none { limit few on order deny when positions.count >= 9 because "nine at once" }
scenario "week" "Six made-up sessions" {
  replay 2020-03-03 .. 2020-03-10
  start equity $100_000
  costs 10 bps
}
"""
BARS = [
    (100.0, 101.0, 99.0, 100.0, 1e6),  # 2 March: warm-up
    (100.0, 102.0, 99.5, 101.0, 1e6),  # 3: rises, order
    (101.5, 104.0, 101.0, 103.0, 1e6),  # 4: a bar later the order is still under way
    (103.0, 103.5, 100.0, 102.0, 1e6),  # 5: filled at 103; falls, exit order
    (101.0, 101.5, 100.0, 100.5, 1e6),  # 6: under way
    (100.5, 103.0, 100.0, 102.0, 1e6),  # 9: out at 100.5; rises, order
    (103.0, 103.0, 97.0, 97.5, 1e6),  # 10: under way
]


def test_a_week_a_bar_later_is_what_a_pencil_says(tmp_path: Path) -> None:
    row = cell(run(tmp_path, WEEK, bars_file(tmp_path, "2020-03-02", BARS)))
    late = row["sensitivity"]["delayed"]
    fees = 100 * 103.0 * 0.001 + 100 * 100.5 * 0.001
    trading = 100 * (100.5 - 103.0) - fees
    interest = late["final_equity"] - 100_000 - trading
    assert 0 <= interest < 60
    assert late["return"] == pytest.approx(late["final_equity"] / 100_000 - 1, abs=1e-7)
    assert late["final_equity"] != row["final_equity"]


def test_doubled_costs_are_the_run_at_twice_the_costs(tmp_path: Path) -> None:
    data = bars_file(tmp_path, "2020-03-02", BARS)
    once = cell(run(tmp_path, WEEK, data))
    twice = cell(run(tmp_path, WEEK.replace("costs 10 bps", "costs 20 bps"), data))
    found = once["sensitivity"]["doubled_costs"]
    assert found == {k: twice[k] for k in ("return", "max_drawdown", "final_equity")}
    assert found["final_equity"] < once["final_equity"]
    free = cell(run(tmp_path, WEEK.replace("costs 10 bps", "costs 0 bps"), data))
    assert free["sensitivity"]["doubled_costs"]["final_equity"] == free["final_equity"]


def test_borrow_rates_are_doubled_too() -> None:
    options = DryrunOptions(files=(SETUP,), crises=("2010-flash-crash",), strategies=("fade",))
    firm = load_firm(options, silent).firm
    (ran,) = [c.ran for c in play_window(firm, 0) if c.ran]
    rows = tuple(replace(i, borrow_rate=0.03) for i in ran.desk.instruments)
    dear = doubled(replace(ran.desk, instruments=rows))
    assert [i.borrow_rate for i in dear.instruments] == [0.06] * len(rows)
    assert dear.costs.commission == 2 * ran.desk.costs.commission
    assert dear.costs.slippage == 2 * ran.desk.costs.slippage
    assert dear.costs.participation == ran.desk.costs.participation


@pytest.mark.parametrize("crisis", ["1987-black-monday", "2020-covid"])
def test_what_is_not_run_again_would_have_been_the_same(crisis: str) -> None:
    """The claim behind `has_orders` and `has_costs`, on every shipped cell of a window."""
    options = DryrunOptions(files=(SETUP,), crises=(crisis,), runner="python")
    firm = load_firm(options, silent).firm
    cells = [c.ran for c in play_window(firm, 0) if c.ran is not None]
    assert len(cells) >= 5
    for ran in cells:
        free = replace(ran.desk, costs=replace(ran.desk.costs, commission=0.0, slippage=0.0))
        idle = replace(ran.desk, books=tuple(_idle(b) for b in ran.desk.books))
        for desk in (ran.desk, free, idle):
            trunk = run_trunk(desk)
            found = sensitivity(trunk, trunk.run.history())
            assert list(found.delayed) == list(run_account(delayed(desk)).equity)
            assert list(found.doubled_costs) == list(run_account(doubled(desk)).equity)


def _idle(book: Any) -> Any:
    """The book with neither entries nor a weight."""
    return replace(book, entries=(), exits=(), levels=(), weight_out=-1)
