"""What files and options wire together, and which mistakes are told to the user."""

from pathlib import Path

import pytest

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.session.load import Loaded, load_firm
from engine.session.options import DryrunOptions

STRATEGY = """rules 1
strategy plain "Buys a new high" {
  clock 1d on xnys
  param n = 5 bars in 2 bars .. 50 bars
  entry long up { when close > highest(close, n)[1] size 10% of equity order market }
  exit down of up { when close < lowest(close, n)[1] order market }
  stop hard at position.entry_price * 90%
}
"""
SETUP = """version: 1
data: {source: embedded}
account:
  cash: 500000
  costs: {commission: {bps: 2}, slippage: {spread: 10%}, borrow_rate: 3%}
limits: []
strategies:
  - {name: one, rules: plain.rule, universe: [SP500], capital: 3}
  - {name: two, rules: plain.rule, universe: [NASDAQ], capital: 1, params: {n: 9 bars}}
scenarios: [crash.rule]
"""
SCENARIO = """rules 1
scenario "crash" "A few days" {
  replay 2008-09-15 .. 2008-10-15
  expect always drawdown <= 50%
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.rule").write_text(STRATEGY)
    (tmp_path / "crash.rule").write_text(SCENARIO)
    (tmp_path / "strategies.yaml").write_text(SETUP)
    return tmp_path


def load(folder: Path, name: str = "strategies.yaml", **more: object) -> Loaded:
    return load_firm(DryrunOptions(files=(folder / name,), **more))  # type: ignore[arg-type]


def test_a_set_up_wires_everything(folder: Path) -> None:
    firm = load(folder).firm
    assert [(s.name, s.universe, s.capital) for s in firm.strategies] == [
        ("one", ("SP500",), 3.0),
        ("two", ("NASDAQ",), 1.0),
    ]
    assert [s.checked.params[0].value for s in firm.strategies] == [5.0, 9.0]
    assert firm.account.cash == 500_000
    assert firm.account.costs.commission == pytest.approx(0.0002)
    assert firm.account.costs.slippage == pytest.approx(0.05)  # half of the spread each way
    assert firm.account.borrow["SP500"] == pytest.approx(0.03)
    assert [w.crisis for w in firm.windows] == ["crash"]
    assert "UST3M" in firm.series


def test_the_command_line_beats_the_set_up(folder: Path) -> None:
    loaded = load(folder, cash=9_000.0, params=("n=7", "two.n=8"), symbol="SP500")
    firm = loaded.firm
    assert firm.account.cash == 9_000
    assert [s.checked.params[0].value for s in firm.strategies] == [7.0, 8.0]
    assert [s.universe for s in firm.strategies] == [("SP500",), ("SP500",)]
    assert loaded.trials == 2


def test_a_bare_file_runs_on_the_sp500_under_house_limits_and_says_so(folder: Path) -> None:
    firm = load(folder, "plain.rule").firm
    assert firm.strategies[0].universe == ("SP500",)
    assert firm.limits is not None
    assert {b.checked.name for b in firm.limits} == {"house"}
    assert len(firm.windows) == 14
    assert firm.notices == (
        "bare rule file: run on SP500, under the shipped house limits, through the shipped crises",
    )


def test_a_bare_file_may_bring_its_own_limits_and_scenarios(folder: Path) -> None:
    own = "limits mine { limit few on order deny when positions.count >= 1 }\n"
    text = STRATEGY + own + SCENARIO.replace("rules 1\n", "")
    (folder / "all.rule").write_text(text)
    firm = load(folder, "all.rule", symbol="NASDAQ").firm
    assert firm.limits is not None
    assert [b.checked.name for b in firm.limits] == ["mine"]
    assert [w.crisis for w in firm.windows] == ["crash"]
    assert firm.strategies[0].universe == ("NASDAQ",)


def test_an_own_window_replaces_the_scenarios(folder: Path) -> None:
    firm = load(folder, first=14_000, last=14_100).firm
    assert [(w.crisis, w.first, w.last) for w in firm.windows] == [
        ("2008-05-01..2008-08-09", 14_000, 14_100)
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategies": ("oen",)}, "no strategy `oen`"),
        ({"crises": ("crach",)}, "no crisis `crach`"),
        ({"params": ("m=3",)}, "no param `m`"),
        ({"params": ("n",)}, "sets no param"),
        ({"params": ("n=(",)}, "sets no param"),
        ({"symbol": "SP5000"}, "no data for the symbol `SP5000`"),
        ({"symbol": "VIX"}, "cannot be traded"),
        ({"symbol": "DAX"}, "trades in EUR"),
        ({"cash": 0.0}, "--cash must be above 0"),
    ],
)
def test_mistakes_are_told(folder: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        load(folder, **options)


def test_a_param_outside_its_range_is_refused(folder: Path) -> None:
    with pytest.raises(RuleErrors):
        load(folder, params=("n=70 bars",))


def test_costs_per_share_need_real_prices(folder: Path) -> None:
    text = SETUP.replace("{bps: 2}", "{per_share: 0.01}").replace("NASDAQ", "JPM")
    (folder / "strategies.yaml").write_text(text)
    with pytest.raises(UserError, match="`JPM` has adjusted prices"):
        load(folder)


def test_missing_files_are_told(folder: Path) -> None:
    with pytest.raises(UserError, match=r"there is no file `.*plian.rule`"):
        load(folder, "plian.rule")
    with pytest.raises(UserError, match="no strategy in"):
        load(folder, "crash.rule")
    with pytest.raises(UserError, match="wires its own"):
        files = (folder / "strategies.yaml", folder / "plain.rule")
        load_firm(DryrunOptions(files=files))


def test_rule_errors_are_raised_whole(folder: Path) -> None:
    (folder / "plain.rule").write_text(STRATEGY.replace("close >", "clos >"))
    with pytest.raises(RuleErrors) as caught:
        load(folder)
    assert [d.code for d in caught.value.diagnostics] == ["SW201"]


def test_what_comes_later_is_refused_not_ignored(folder: Path) -> None:
    part = "exit some of up { when close < close[1] size 50% order market }"
    (folder / "plain.rule").write_text(
        STRATEGY.replace("entry long up {", f"{part} entry long up {{")
    )
    with pytest.raises(RuleErrors) as caught:
        load(folder)
    assert caught.value.diagnostics[0].severity == "later"
