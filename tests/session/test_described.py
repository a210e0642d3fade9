"""`instruments` in strategies.yaml: what it may say of own data and of shipped symbols."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.cli.checking import Checked, check_setup
from engine.session.firm import Scene
from engine.session.force import InForce
from engine.session.load import Loaded, load_firm
from engine.session.manifest import manifest
from engine.session.options import DryrunOptions
from engine.session.replay import build_desk, cast_of

RULE = """rules 1
strategy plain "Sells a new low" {
  clock 1d on xnys
  entry short down { when close < lowest(close, 5 bars)[1] size 10% of equity order market }
  stop hard at position.entry_price * 110%
}
scenario "crash" "A few days" { replay 2008-09-15 .. 2008-10-15 }
"""
SETUP = """version: 1
data: {data}
account: {{cash: 500000, costs: {{borrow_rate: 3%, commission: {{{costs}}}}}}}
instruments:{said}
strategies: [{{name: plain, rules: plain.rule, universe: [{symbol}]}}]
scenarios: [plain.rule]
"""
OWN = "{source: csv, symbols: [MINE], file: mine.csv}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.rule").write_text(RULE)
    days = [date(2008, 8, 1) + timedelta(n) for n in range(90)]
    rows = [f"{d},{100 + n},{101 + n},{99 + n},{100 + n},9000" for n, d in enumerate(days)]
    weekdays = [row for row, d in zip(rows, days, strict=True) if d.weekday() < 5]
    (tmp_path / "mine.csv").write_text("\n".join(["date,open,high,low,close,volume", *weekdays]))
    return tmp_path


def put(
    folder: Path, said: str, symbol: str = "MINE", data: str = OWN, costs: str = "bps: 1"
) -> Path:
    path = folder / "strategies.yaml"
    path.write_text(SETUP.format(said=said, symbol=symbol, data=data, costs=costs))
    return path


def load(path: Path, **more: object) -> Loaded:
    return load_firm(DryrunOptions(files=(path,), runner="python", **more))  # type: ignore[arg-type]


def shipped(folder: Path, said: str) -> Path:
    return put(folder, said, "JPM", "{source: embedded}")


def complaints(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(RuleErrors) as caught:
        load(path)
    return [(d.span.line, d.message) for d in caught.value.diagnostics]


def checked(path: Path) -> list[tuple[int, str]]:
    found = Checked()
    check_setup(path, found)
    return [(d.span.line, d.message) for d in found.diagnostics if d.code.startswith("SW8")]


def test_own_data_are_described_whole(folder: Path) -> None:
    path = put(
        folder,
        """
  MINE:
    kind: etf
    title: A fund
    lot: 10
    tick: 0.05
    shortable: false
    borrow_rate: 7%
    sector: Energy
    currency: USD
    calendar: xnys
""",
    )
    firm = load(path).firm
    found = firm.series["MINE"].instrument
    assert (found.kind, found.title, found.lot, found.tick) == ("etf", "A fund", 10.0, 0.05)
    assert (found.shortable, found.sector, found.tradable) == (False, "Energy", True)
    assert found.column_names == ("open", "high", "low", "close", "volume")
    assert firm.account.borrow["MINE"] == pytest.approx(0.07)
    assert firm.account.borrow["JPM"] == pytest.approx(0.03)
    assert checked(path) == []


def test_the_accounts_borrow_rate_holds_for_own_data_too(folder: Path) -> None:
    assert load(put(folder, " {}")).firm.account.borrow["MINE"] == pytest.approx(0.03)


def test_data_of_the_command_line_are_described_by_their_symbol(folder: Path) -> None:
    path = put(folder, " {MINE: {lot: 10}, OTHER: {lot: 20}}", "JPM", "{source: embedded}")
    with pytest.raises(RuleErrors):
        load(path, data=folder / "mine.csv", symbol="OTHER")
    path = put(folder, " {MINE: {lot: 10}, OTHER: {lot: 20}}")
    firm = load(path, data=folder / "mine.csv", symbol="OTHER").firm
    assert firm.series["OTHER"].instrument.lot == 20.0


@pytest.mark.parametrize("name", ["JPM", "stocks20:JPM"])
def test_a_shipped_symbol_takes_lot_tick_and_shorting(folder: Path, name: str) -> None:
    said = f' {{"{name}": {{lot: 5, tick: 0.1, shortable: false, borrow_rate: 1%}}}}'
    firm = load(put(folder, said, name, "{source: embedded}")).firm
    found = firm.series[name].instrument
    assert (found.lot, found.tick, found.shortable) == (5.0, 0.1, False)
    assert found.title == load(put(folder, " {}", "JPM")).firm.series["JPM"].instrument.title
    scene = Scene(firm, firm.windows[0])
    row = build_desk(scene, cast_of(scene, firm.strategies), InForce()).instruments[0]
    assert (row.lot, row.tick, row.shortable) == (5.0, 0.1, False)
    assert row.borrow_rate == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("said", "tick"),
    [("{kind: stock}", 0.01), ("{kind: index}", 0.0), ("{kind: index, tick: 0.25}", 0.25)],
)
def test_an_index_of_ones_own_has_no_tick_unless_one_is_given(
    folder: Path, said: str, tick: float
) -> None:
    found = load(put(folder, f" {{MINE: {said}}}")).firm.series["MINE"].instrument
    assert found.tick == tick


@pytest.mark.parametrize(
    ("tick", "is_fine"), [("0", True), ("0.000001", True), ("0.05", True), ("0.0000015", False)]
)
def test_a_tick_is_whole_millionths(folder: Path, tick: str, is_fine: bool) -> None:
    path = put(folder, f" {{MINE: {{tick: {tick}}}}}")
    found = [message for _, message in checked(path)]
    assert found == ([] if is_fine else [FINE])
    if not is_fine:
        with pytest.raises(RuleErrors):
            load(path)


FINE = "a tick of 1.5e-06 for `MINE` is no whole number of millionths"


def test_facts_of_shipped_data_are_refused(folder: Path) -> None:
    path = shipped(folder, "\n  JPM: {currency: EUR, lot: 1}\n  XOM: {lot: 1,\n    kind: etf}")
    expected = [
        (5, "`currency` of `JPM` is a fact of its data"),
        (7, "`kind` of `XOM` is a fact of its data"),
    ]
    assert complaints(path) == expected
    assert checked(path) == expected


def test_a_renamed_shipped_symbol_keeps_its_facts(folder: Path) -> None:
    path = put(folder, " {X: {kind: etf}}", "X", "{source: embedded}")
    with pytest.raises(RuleErrors, match="fact of its data"):
        load(path, data=Path("JPM"), symbol="X")


def test_an_unknown_symbol_is_refused(folder: Path) -> None:
    path = shipped(folder, "\n  NASDQ: {lot: 1}")
    assert complaints(path) == [(5, "no data for the symbol `NASDQ`")]
    assert checked(path) == [(5, "no data for the symbol `NASDQ`")]


def test_unknown_keys_and_values_have_their_lines(folder: Path) -> None:
    path = put(folder, "\n  MINE:\n    lott: 1\n    lot: 0\n    kind: eft\n    adjusted: true")
    assert [line for line, _ in complaints(path)] == [6, 7, 8, 9]


def test_another_currency_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="`MINE` trades in EUR, the account in USD"):
        load(put(folder, " {MINE: {currency: EUR}}"))


def test_levels_are_not_traded(folder: Path) -> None:
    with pytest.raises(UserError, match="`MINE` cannot be traded"):
        load(put(folder, " {MINE: {kind: volatility}}"))


def test_fractions_rule_out_costs_per_share(folder: Path) -> None:
    with pytest.raises(UserError, match=r"`MINE` has lots of 0\.5"):
        load(put(folder, " {MINE: {lot: 0.5}}", costs="per_share: 0.01"))


def test_a_table_file_is_not_read_yet(folder: Path) -> None:
    with pytest.raises(UserError, match="cannot name a table file yet"):
        load(put(folder, " mine.csv"))


def test_the_runs_id_depends_on_every_word(folder: Path) -> None:
    said = ["", "lot: 2", "tick: 0.5", "shortable: false", "borrow_rate: 9%"]
    ids = [manifest(load(shipped(folder, f" {{JPM: {{{s}}}}}")))["id"] for s in said]
    own = [manifest(load(put(folder, f" {{MINE: {{{s}}}}}")))["id"] for s in [*said, "kind: etf"]]
    assert len(set(ids)) == len(said)
    assert len(set(own)) == len(said) + 1
