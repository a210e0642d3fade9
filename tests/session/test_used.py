"""How much of each limit a run used: the table beside the summary, held to the other files."""

import json
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pytest
from replays.own import bars_file, cell, run

from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions, Outcome
from session.test_run_facts import HELD, flat_bar, slide, table

SETUP = Path(__file__).resolve().parents[2] / "strategies.yaml"
NEAR = 1e-9


@cache
def shipped() -> tuple[Outcome, pd.DataFrame, pd.DataFrame]:
    """A dry-run of the shipped set-up with its shares and its verdicts."""
    options = DryrunOptions(
        files=(SETUP,),
        crises=("1987-black-monday", "2000-dotcom", "2020-covid"),
        out=Path(mkdtemp()),
    )
    outcome = dryrun(options)
    lines = (outcome.folder / "verdicts.jsonl").read_text().splitlines()
    return outcome, shares(outcome), pd.DataFrame(map(json.loads, lines))


def shares(outcome: Outcome) -> pd.DataFrame:
    found = pd.read_parquet(outcome.folder / "limits.parquet")
    names = {c: found[c].astype(str) for c in ("strategy", "crisis", "limit", "at", "date")}
    return found.assign(**names)


def of(outcome: Outcome, limit: str) -> list[float]:
    found = shares(outcome)
    return [float(v) for v in found[found.limit == limit].used]


# ---------------------------------------------------------------- switches


def test_a_halt_on_a_fall_is_used_as_the_fall_from_its_own_peak(tmp_path: Path) -> None:
    outcome = slide(tmp_path)
    told = table(outcome)
    halts = {e["date"]: e["entered"] for e in cell(outcome)["events"] if e["limit"] == "own.fall"}
    peak, wanted = 100_000.0, []
    for day, equity in zip(map(str, told["date"]), told["equity"], strict=True):
        peak = max(peak, equity)
        wanted.append((peak - equity) / 4_000.0)
        if halts.get(day) is False:
            peak = equity
    assert of(outcome, "own.fall") == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_a_daily_loss_is_used_as_the_loss_against_the_loss_allowed(tmp_path: Path) -> None:
    outcome = slide(tmp_path)
    equity = [100_000.0, *table(outcome)["equity"]]
    wanted = [max(0.0, (a - b) / (0.05 * b)) for a, b in pairwise(equity)]
    assert of(outcome, "own.day") == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    row = next(x for x in cell(outcome)["limits"] if x["name"] == "own.day")
    assert row["most_used"] == pytest.approx(max(wanted), rel=1e-9)
    assert row["most_used_on"] == str(table(outcome)["date"][int(np.argmax(wanted))])


def test_a_drawdown_is_used_as_its_part_of_the_drawdown_allowed() -> None:
    outcome, found, _ = shipped()
    equity = pd.read_parquet(outcome.folder / "equity.parquet")
    quiet = [r for r in outcome.summary["runs"] if r["status"] != "no-data" and not r["halts"]]
    assert len(quiet) > 5
    for row in quiet:
        at = (row["strategy"], row["crisis"])
        mine = equity[(equity.strategy == at[0]) & (equity.crisis == at[1])].equity.tolist()
        halt = found[(found.strategy == at[0]) & (found.crisis == at[1])]
        halt = halt[halt.limit == "house.drawdown_halt"]
        peaks = accumulate(mine, max)
        wanted = [(p - e) / (0.15 * p) for p, e in zip(peaks, mine, strict=True)]
        assert halt.used.tolist() == pytest.approx(wanted, rel=1e-7, abs=1e-7)


def test_switches_are_entered_where_all_is_used_and_nowhere_else() -> None:
    outcome, found, _ = shipped()
    entered = 0
    for row in outcome.summary["runs"]:
        mine = found[(found.strategy == row["strategy"]) & (found.crisis == row["crisis"])]
        for limit in [
            x["name"] for x in row["limits"] if x["kind"] in ("pause", "halt", "flatten")
        ]:
            used = mine[mine.limit == limit].set_index("date").used
            events = [e for e in row["events"] if e["limit"] == limit]
            on = [e["date"] for e in events if e["entered"]]
            assert all(used[day] >= 1.0 - NEAR for day in on)
            entered += len(on)
            if not on:
                assert not (used > 1.0 + NEAR).any()
    assert entered > 5


# ---------------------------------------------------------------- limits on orders


def test_a_cap_is_used_as_what_was_asked_of_what_it_leaves() -> None:
    _, found, verdicts = shipped()
    held = 0
    for k, verdict in verdicts[verdicts.limits.notna()].iterrows():
        for said in verdict.limits:
            if said["said"] == "bound" and said["value"] > 0:
                mine = found[
                    (found.strategy == verdict.strategy) & (found.crisis == verdict.crisis)
                ]
                mine = mine[(mine.limit == said["limit"]) & (mine.date == verdict.date)]
                wanted = min(10.0, verdict.asked / said["value"])
                assert np.isclose(mine.used, wanted, rtol=1e-12).any(), k
                assert wanted > 1.0
                held += 1
    assert held > 10


def test_limits_bind_where_more_than_all_is_used_and_nowhere_else() -> None:
    outcome, found, verdicts = shipped()
    bound = {
        (v.strategy, v.crisis, v.date, said["limit"])
        for v in verdicts[verdicts.limits.notna()].itertuples()
        for said in v.limits
        if said["said"] in ("bound", "refused")
    }
    orders = found[found["at"] == "orders"]
    over = orders[orders.used > 1.0 + NEAR]
    assert {(r.strategy, r.crisis, r.date, r.limit) for r in over.itertuples()} == bound
    fired = sum(x["fired"] for r in outcome.summary["runs"] for x in r["limits"] if _on_orders(x))
    assert len(over) == fired > 10


def _on_orders(limit: dict[str, Any]) -> bool:
    return limit["kind"] in ("deny", "clip", "reduce")


MANY = """
strategy many "Buys again and again" {
  clock 1d on xnys
  entry long a { when close > $0 size 100 shares order market because "x" }
  entry long b { when close[1] > $0 size 100 shares order market because "x" }
  exit x of a { when position.age >= 1 bars because "x" }
}
limits own {
  limit few on order deny when positions.count >= 2 because "two"
  limit small on order clip qty to 400 shares because "four hundred"
  limit calm on order deny when atr(3 bars) > 50% of close because "calm"
  limit level on order deny when equity < 50% of peak(equity) because "peak"
  limit short on order deny when order.is_short because "short"
  limit both on order deny when order.is_short and close > $1 because "both"
  limit every on order deny when order.is_long and order.notional > $20_000 and close > $400
    because "every"
  limit any on order deny when order.is_short or order.notional > $20_000 or close > $400
    because "any"
  limit range on order deny when close between $10 to $80 because "range"
  pause far scope firm {
    enter when equity > $400_000 and equity < $100_000 resume after 1d because "far"
  }
  pause gross scope firm { enter when exposure.gross > 90% of equity resume after 1d because "g" }
}
"""


def test_denials_are_measured_on_what_they_compare(tmp_path: Path) -> None:
    bars = [(100.0, 102.0, 99.0, 100.0, 1e9)] * 12
    outcome = run(
        tmp_path, MANY, bars_file(tmp_path, "2020-03-02", bars), first=18_324, last=18_333
    )
    rows = {x["name"]: x for x in cell(outcome)["limits"]}
    assert set(of(outcome, "own.few")) <= {0.0, 0.5}
    assert set(of(outcome, "own.small")) == {0.25}
    calm = of(outcome, "own.calm")
    assert calm[-1] == pytest.approx(3.0 / 50.0, rel=1e-9)
    assert rows["own.small"]["unmeasured"] is None
    assert "remembers" in rows["own.level"]["unmeasured"]
    assert "compares no numbers" in rows["own.short"]["unmeasured"]
    assert set(of(outcome, "own.both")) == {0.0}
    assert set(of(outcome, "own.every")) == {0.25}
    assert set(of(outcome, "own.any")) == {0.5}
    assert set(of(outcome, "own.range")) == {0.8}
    equity = table(outcome)["equity"]
    assert of(outcome, "own.far") == pytest.approx([100_000 / e for e in equity], rel=1e-9)
    assert "account.gross" in rows["own.gross"]["unmeasured"]
    for name in ("own.level", "own.short", "own.gross"):
        assert (rows[name]["most_used"], rows[name]["most_used_on"]) == (None, None)


SCOPED = """
strategy one "Buys once" {
  clock 1d on xnys
  entry long a { when close > $0 size 100 shares order market because "x" }
}
strategy two "Buys once" {
  clock 1d on xnys
  entry long a { when close > $0 size 50 shares order market because "x" }
}
limits own {
  pause firm { enter when pnl.today < -1% of equity resume after 1d because "all of it" }
  pause book scope strategy { enter when pnl.today < -1% of equity resume after 1d because "mine" }
  pause name scope symbol { enter when pnl.today < -1% of equity resume after 1d because "its own" }
  pause late scope symbol { enter when session.month > 24 resume after 1d because "no account" }
}
"""


def test_a_switch_that_sees_a_part_of_the_account_says_so(tmp_path: Path) -> None:
    """A finished run keeps the account as a whole: of a book only where there is no other."""
    data = bars_file(tmp_path, "2020-03-02", [flat_bar(100.0)] * 12)
    outcome = run(tmp_path, SCOPED, data, first=18_324, last=18_333)
    told = {
        (r["strategy"], x["name"]): x["unmeasured"]
        for r in outcome.summary["runs"]
        for x in r["limits"]
    }
    part, whole = "it sees a part of the account", None
    assert {s for s, _ in told} == {"one", "two", "portfolio"}
    for strategy in ("one", "two"):
        assert told[strategy, "own.book"] is whole
    assert told["portfolio", "own.book"] == part
    for strategy in ("one", "two", "portfolio"):
        assert told[strategy, "own.firm"] is whole
        assert told[strategy, "own.name"] == part
        assert told[strategy, "own.late"] is whole, "it reads nothing of the account"
    assert set(shares(outcome).limit) == {"own.firm", "own.book", "own.late"}


def test_a_limit_that_no_order_met_says_so(tmp_path: Path) -> None:
    never = HELD.replace("close > $0", "close > $1_000_000").replace("2020-04-30", "2020-03-13")
    bars = [flat_bar(100.0)] * 12
    rows = cell(run(tmp_path, never, bars_file(tmp_path, "2020-03-02", bars)))["limits"]
    few = next(x for x in rows if x["name"] == "own.few")
    assert few["unmeasured"] == "no order was put to it"


def test_an_unknown_input_is_a_gap_and_no_zero() -> None:
    _, found, _ = shipped()
    volume = found[(found.limit == "house.adv_cap") & (found.crisis == "2020-covid")]
    assert set(volume.strategy) == {"rsi2", "portfolio"}  # the others trade indexes alone
    assert (volume.used.isna() | (volume.used > 0.0)).all()


def test_the_compiled_run_tells_the_same_shares(tmp_path: Path) -> None:
    def made(runner: str) -> bytes:
        options = DryrunOptions(
            files=(SETUP,), crises=("2020-covid",), out=tmp_path / runner, runner=runner
        )
        return (dryrun(options).folder / "limits.parquet").read_bytes()

    assert made("python") == made("njit") != b""
