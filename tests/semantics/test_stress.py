"""Stress losses on past crises and beta to a benchmark, against numpy, the shipped table and by
hand."""

import json

import numpy as np
import pytest

from engine.base.dates import iso, parse_day
from engine.base.resources import data_dir
from semantics.make import Bars, Case, limits, run, run_all, strategy

BUY = strategy("entry long up { when close > $1 size 100 shares order limit $0.01 }")
SELL = strategy("entry short down { when close > $1 size 100 shares order limit $9_000 }")
SHOCKS = json.loads((data_dir() / "shocks.json").read_text())["shocks"]


def walk(seed: int, count: int) -> np.ndarray:
    steps = np.random.default_rng(seed).normal(0.0, 0.02, count)
    return np.round(100.0 * np.exp(np.cumsum(steps)), 2)


def bars(values: np.ndarray, first: str) -> Bars:
    return Bars("\n".join(f"{v} {v} {v} {v}" for v in values), first=first)


def returns(values: np.ndarray) -> np.ndarray:
    return values[1:] / values[:-1] - 1.0


def beta(x: np.ndarray, m: np.ndarray) -> float:
    return float(np.polyfit(m, x, 1)[0])


def case(text: str, rows: str, mine: np.ndarray, market: np.ndarray, start: str, at: int) -> Case:
    held = {"A": bars(mine, start), "SP500": bars(market, start)}
    return run(text + limits(rows), held, universe=["A"], first=at)


def answers(found: Case) -> dict[str, float]:
    """What one asked field was for the order of each day."""
    told = found.desk.tape.told
    every = found.history.verdicts
    return {told(every[a.verdict].bar): a.asked[0] for a in found.history.askings}


# ---------------------------------------------------------------- stress losses


def worst(side: int, value: float, moved: float, length: int, day: str) -> float:
    """The largest loss by the table alone: crises that ended before the day."""
    known = [s for s in SHOCKS if s["bars"] == length and s["ended"] < day]
    losses = [-side * value * moved * s["moves"]["SP500"] for s in known]
    return max(0.0, *losses) if losses else float("nan")


@pytest.mark.parametrize("length", [1, 5, 20])
@pytest.mark.parametrize(("text", "side", "price"), [(BUY, 1, 0.01), (SELL, -1, 9_000.0)])
def test_a_symbol_without_bars_there_moves_by_its_beta(
    text: str, side: int, price: float, length: int
) -> None:
    """Over the end of the credit crisis: its rises are worse for a short than any before."""
    mine, market = walk(1, 130), walk(2, 130)
    mine = np.round(50 + 0.5 * mine + 0.5 * market, 2)
    rows = f"limit c on order deny when stress_loss({length} bars) > $1_000_000_000"
    found = answers(case(text, rows, mine, market, "2009-01-02", 100))
    moved = beta(returns(mine[:100]), returns(market[:100]))
    assert len(found) == 30
    for day, told in found.items():
        want = worst(side, 100 * price, moved, length, day)
        assert told == pytest.approx(want, rel=1e-9), day
    if side < 0:
        assert found["2009-06-30"] < found["2009-07-01"]


def test_the_year_before_has_to_be_known() -> None:
    mine, market = walk(3, 80), walk(4, 80)
    rows = "limit c on order deny when stress_loss(1 bars) > $1_000_000_000"
    few = case(BUY, rows, mine, market, "2009-01-02", 60)  # 59 returns before
    enough = case(BUY, rows, mine, market, "2009-01-02", 61)
    assert {o for _, o in few.outcomes} == {"denied"}
    assert {o for _, o in enough.outcomes} == {"allowed"}
    assert any("what A would do" in n for n in few.cell.notices)
    assert any("A moves" in n and "times as SP500" in n for n in enough.cell.notices)


def test_nothing_counts_before_the_first_crisis_is_over() -> None:
    mine, market = walk(5, 90), walk(6, 90)
    rows = "limit c on order deny when stress_loss(1 bars) > $1_000_000_000"
    found = case(BUY, rows, mine, market, "1987-09-01", 70)
    told = found.desk.tape.told
    denied = {told(b) for b, o in found.outcomes if o == "denied"}
    assert denied and max(denied) == "1987-12-31"
    assert {told(b) for b, o in found.outcomes if o == "allowed"} >= {"1988-01-04"}
    assert found.cell.status == "partial"
    text = "house.c needs stress losses: no shipped crisis had ended before 1987-12-31"
    assert text.replace("house", "lim") in found.cell.notices


def test_before_every_crisis_there_is_no_data() -> None:
    mine, market = walk(5, 70), walk(6, 70)
    rows = "limit c on order deny when stress_loss(1 bars) > $1_000_000_000"
    held = {"A": bars(mine, "1987-02-02"), "SP500": bars(market, "1987-02-02")}
    cell = list(run_all(BUY + limits(rows), held, universe=["A"]).values())[-1].cell
    assert (cell.status, cell.ran) == ("no-data", None)
    assert "waive" in cell.notices[0]


def test_a_position_counts_and_a_pause_sees_it() -> None:
    """100 shares bought at the open of bar 101 at 10; the market moves as they do: beta 1. The
    worst day by then is 19 October 1987: 20.4669% of 1,000 is 204.67."""
    market = walk(7, 101)
    mine = np.append(market, [10.0, 10.0, 10.0])
    market = np.append(market, [10.0, 10.0, 10.0])
    text = strategy("entry long up { when close == $10 size 100 shares order market }")
    rows = 'pause p { enter when stress_loss(1 bars) > $205 resume by hand "x" }'
    assert case(text, rows, mine, market, "2009-01-02", 101).switched == []
    rows = 'pause p { enter when stress_loss(1 bars) > $204 resume by hand "x" }'
    found = case(text, rows, mine, market, "2009-01-02", 101)
    assert [s[1:] for s in found.switched] == [("p", True)]


# ---------------------------------------------------------------- beta


@pytest.mark.parametrize("n", [2, 20, 60])
def test_beta_exposure_is_that_of_least_squares(n: int) -> None:
    mine, market = walk(8, 100), walk(9, 100)
    rows = f"limit c on order deny when beta_exposure(SP500, {n} bars) > $1_000_000"
    found = answers(case(BUY, rows, mine, market, "2019-01-07", 70))
    days = sorted(found)
    for k, day in enumerate(days):
        t = 70 + k
        want = beta(returns(mine)[t - n : t], returns(market)[t - n : t])
        assert found[day] == pytest.approx(1.0 * want, rel=1e-9, abs=1e-12)


def test_a_market_that_stood_still_has_no_betas() -> None:
    mine, market = walk(10, 40), np.full(40, 100.0)
    rows = "limit c on order deny when beta_exposure(SP500, 20 bars) > $1_000_000"
    assert {o for _, o in case(BUY, rows, mine, market, "2019-01-07", 30).outcomes} == {"denied"}


def test_a_benchmark_without_data_is_no_safety() -> None:
    held = {"A": bars(walk(11, 40), "2019-01-07"), "F": Bars("5\n5", first="2015-01-05")}
    rows = "limit c on order deny when beta_exposure(F, 20 bars) > $1_000_000"
    cell = list(run_all(BUY + limits(rows), held, universe=["A"]).values())[-1].cell
    assert (cell.status, cell.ran) == ("no-data", None)
    assert "F has no data" in cell.notices[0]


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("crisis", "bars", "rises", "day", "move"),
    [
        ("1987-black-monday", 1, False, "1987-10-19", -0.2047),
        ("2008-gfc", 1, True, "2008-10-13", 0.1158),
        ("2020-covid", 1, False, "2020-03-16", -0.1198),
        ("2020-covid", 1, True, "2020-03-24", 0.0938),
        ("2018-volmageddon", 1, False, "2018-02-05", -0.0410),
        ("2022-bear", 1, False, "2022-09-13", -0.0432),
    ],
)
def test_the_worst_days_are_the_known_ones(
    crisis: str, bars: int, rises: bool, day: str, move: float
) -> None:
    (row,) = [s for s in SHOCKS if (s["crisis"], s["bars"], s["rises"]) == (crisis, bars, rises)]
    assert row["to"] == day
    assert row["moves"]["SP500"] == pytest.approx(move, abs=5e-5)


def test_no_shock_lies_after_its_crisis() -> None:
    for row in SHOCKS:
        assert row["from"] < row["to"] <= row["ended"]
        assert iso(parse_day(row["ended"])) == row["ended"]
