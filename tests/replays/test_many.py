"""Several strategies: books in one account, limits of their own, scenarios that name who runs."""

from pathlib import Path
from typing import Any

import pytest

from engine.session import share
from engine.session.dryrun import dryrun, run_cells
from engine.session.load import load_firm
from engine.session.options import DryrunOptions, Outcome
from engine.session.summary import summary
from replays.own import bars_file
from replays.own import run as run_own

STRATEGY = """rules 1
strategy NAME "one of two" {
  clock 1d on xnys
  entry long up { when close > close[1] size 30% of equity order market }
  exit down of up { when close < close[1] order market }
  stop hard at position.entry_price * 90%
}
"""
LIMITS = """rules 1
limits firm {
  limit few on order deny when positions.count >= 3 because "three at once"
  limit small on entry scope strategy clip qty to 20% of equity / order.price
}
"""
OWN = 'rules 1\nlimits own { limit never on entry deny when close > $0 because "tested" }\n'
SCENARIOS = """rules 1
scenario "crash" "two names" { replay 2008-09-02 .. 2008-10-31 }
scenario "calm" "one name" {
  replay 2006-05-01 .. 2006-07-31
  run one, firm
  expect always drawdown <= 90%
}
"""
SETUP = """version: 1
account: {cash: 1000000, costs: {commission: {bps: 1}}}
limits: [firm.rule]
strategies:
  - {name: one, rules: one.rule, universe: [SP500, JPM], capital: 3}
  - {name: two, rules: two.rule, universe: [NASDAQ], capital: 1, limits: [own.rule]}
scenarios: [scenarios.rule]
"""


@pytest.fixture
def setup(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / f"{name}.rule").write_text(STRATEGY.replace("NAME", name))
    (tmp_path / "firm.rule").write_text(LIMITS)
    (tmp_path / "own.rule").write_text(OWN)
    (tmp_path / "scenarios.rule").write_text(SCENARIOS)
    path = tmp_path / "strategies.yaml"
    path.write_text(SETUP)
    return path


def run(setup: Path, **more: Any) -> Outcome:
    return dryrun(DryrunOptions(files=(setup,), out=setup.parent / "runs", **more))


def rows(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    runs: Any = outcome.summary["runs"]
    return {(r["strategy"], r["crisis"]): r for r in runs}


def test_every_strategy_runs_alone_and_all_in_one_account(setup: Path) -> None:
    found = rows(run(setup))
    assert list(found) == [
        ("one", "calm"),
        ("portfolio", "calm"),
        ("one", "crash"),
        ("two", "crash"),
        ("portfolio", "crash"),
    ]
    together = found["portfolio", "crash"]
    assert together["symbols"] == ["SP500", "JPM", "NASDAQ"]
    assert {f["strategy"] for f in together["funnel"]} == {"one", "two"}
    assert together["start_equity"] == 1_000_000


def test_a_scenario_that_names_who_runs_leaves_the_rest_out(setup: Path) -> None:
    found = rows(run(setup))
    assert ("two", "calm") not in found
    assert found["portfolio", "calm"]["symbols"] == ["SP500", "JPM"]


def test_a_strategy_may_have_limits_of_its_own(setup: Path) -> None:
    found = rows(run(setup))
    assert found["two", "crash"]["trades"] == 0
    assert "denied" in found["two", "crash"]["no_trade_reason"]
    names = {x["name"]: x["fired"] for x in found["portfolio", "crash"]["limits"]}
    assert names["own.never"] > 0
    assert found["one", "crash"]["trades"] > 0
    assert {x["name"] for x in found["one", "crash"]["limits"]} == {"firm.few", "firm.small"}


def test_capital_is_shared_in_proportion(setup: Path) -> None:
    firm = load_firm(DryrunOptions(files=(setup,), crises=("crash",))).firm
    portfolio = run_cells(firm)[-1]
    assert portfolio.ran is not None
    assert [b.capital for b in portfolio.ran.desk.books] == [750_000.0, 250_000.0]


def test_money_is_conserved_on_every_bar(setup: Path) -> None:
    """Cash moves by what was filled, paid and earned, to the cent."""
    firm = load_firm(DryrunOptions(files=(setup,), crises=("crash",))).firm
    for cell in run_cells(firm):
        assert cell.ran is not None
        h, desk = cell.ran.history, cell.ran.desk
        cash = desk.cash
        for bar in range(h.bars):
            spent = sum(f.qty * f.price + f.fee for f in h.fills if f.bar == bar)
            cash += h.interest[bar] - h.borrow[bar] - spent
            assert h.cash[bar] == pytest.approx(cash, abs=0.005)
            cash = h.cash[bar]


def test_one_strategy_is_its_own_portfolio(setup: Path) -> None:
    found = rows(run(setup, strategies=("one",)))
    assert [name for name, _ in found] == ["one", "one"]


def test_processes_tell_the_same(setup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = load_firm(DryrunOptions(files=(setup,))).firm
    alone = summary(run_cells(firm))
    monkeypatch.setattr(share, "FEWEST_BARS", 0)
    assert summary(run_cells(firm)) == alone


def test_runners_write_the_same_bytes(setup: Path) -> None:
    python, walk = (run(setup, runner=r, crises=("crash",)) for r in ("python", "walk"))
    assert python.folder == walk.folder
    assert walk.changes == ()  # neither rebuilt nor changed


def test_the_command_to_paste_names_a_bar_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for cells that came back from another process, without their tables."""
    text = """
strategy never {
  clock 1d on xnys
  entry long up { when close > $9_999 size 1 shares order market }
  exit down of up { when close < $1 order market }
}
limits none { limit few on order deny when positions.count >= 9 because "nine at once" }
scenario "one" { replay 2020-03-03 .. 2020-03-10 }
scenario "two" { replay 2020-03-05 .. 2020-03-20 }
"""
    data = bars_file(tmp_path, "2020-03-02", [(10.0, 10.0, 10.0, 10.0, 1e6)] * 8)  # to 11 March
    want = {
        ("never", "one"): "seawall why never OWN 2020-03-10",
        ("never", "two"): "seawall why never OWN 2020-03-11",
    }
    for fewest in (10**9, 0):
        monkeypatch.setattr(share, "FEWEST_BARS", fewest)
        assert run_own(tmp_path, text, data).commands == want
