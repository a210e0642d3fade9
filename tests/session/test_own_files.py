"""`data: {source: csv, files: ...}`: own data of many symbols, from the set-up to the summary."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.cli.checking import Checked, check_setup
from engine.lang.setup import read_setup
from engine.session.dryrun import dryrun
from engine.session.load import Loaded, load_firm
from engine.session.manifest import manifest
from engine.session.options import DryrunOptions

SETUP = """version: 1
data:
  source: csv
  {data}
account: {{cash: 100000, costs: {{commission: {{bps: 0}}, slippage: {{bps: 0}}, interest: false}}}}
instruments: {said}
strategies: [{{name: plain, rules: plain.rule, universe: {universe}}}]
scenarios: [plain.rule]
"""
BOTH = "files: {MINE: mine.csv, YOURS: data/yours.csv}"
RULE = """rules 1
strategy plain "Holds the riser, is short of the faller" {
  clock 1d on xnys
  entry long up { when close > close[1] size 10 shares order market }
  entry short down { when close < close[1] size 10 shares order market }
}
scenario "week" "Some days" { replay 2008-09-15 .. 2008-09-30 }
"""


def weekdays(count: int = 90) -> list[date]:
    days = [date(2008, 8, 1) + timedelta(n) for n in range(count)]
    return [d for d in days if d.weekday() < 5 and d != date(2008, 9, 1)]


def bars(path: Path, closes: Sequence[float], head: str = "close") -> None:
    rows = [f"{d},{c},{c + 1},{c - 1},{c},9000" for d, c in zip(weekdays(), closes, strict=False)]
    path.write_text("\n".join([f"date,open,high,low,{head},volume", *rows]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "plain.rule").write_text(RULE)
    bars(tmp_path / "mine.csv", [100 + n for n in range(99)])
    bars(tmp_path / "data" / "yours.csv", [300 - 2 * n for n in range(99)])
    return tmp_path


def put(folder: Path, data: str = BOTH, said: str = "{}", universe: str = "[MINE, YOURS]") -> Path:
    path = folder / "strategies.yaml"
    path.write_text(SETUP.format(data=data, said=said, universe=universe))
    return path


def load(path: Path, **more: object) -> Loaded:
    return load_firm(DryrunOptions(files=(path,), runner="python", limits=False, **more))  # type: ignore[arg-type]


def checked(path: Path) -> list[tuple[int, str]]:
    found = Checked()
    check_setup(path, found)
    return [(d.span.line, d.message) for d in found.diagnostics if d.severity == "error"]


def complaint(path: Path) -> str:
    with pytest.raises((UserError, RuleErrors)) as caught:
        load(path)
    found = caught.value
    if isinstance(found, UserError):
        return found.message
    return "; ".join(f"{d.code} {d.span.line}" for d in found.diagnostics)


def test_one_long_one_short_end_to_end(folder: Path) -> None:
    """Both orders of 15 September fill at the open of the 16th and stand ten sessions later."""
    path = put(folder)
    assert checked(path) == []
    options = DryrunOptions(files=(path,), runner="python", limits=False, out=folder / "runs")
    told = dryrun(options).summary
    assert told["notices"] == ["MINE: own data from mine.csv", "YOURS: own data from yours.csv"]
    (run,) = told["runs"]  # type: ignore[misc]
    assert (run["symbols"], run["trades"], run["fees"]) == (["MINE", "YOURS"], 2, 0.0)
    mine, yours = 10 * 10 * 1, -10 * 10 * -2
    assert run["final_equity"] == 100_000 + mine + yours
    filled = {(f["entry"], f["symbol"]): f["filled"] for f in run["funnel"]}
    assert filled["up", "MINE"] == filled["down", "YOURS"] == 1


def test_paths_start_from_the_set_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    setup, _ = read_setup(put(folder))
    assert setup is not None
    assert setup.data is not None
    assert dict(setup.data.files) == {
        "MINE": folder / "mine.csv",
        "YOURS": folder / "data" / "yours.csv",
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("files: {MINE: mine.csv,\n    YOURS: gone.csv}", "SW815 5"),
        ("file: mine.csv\n  files: {MINE: mine.csv}", "SW817 5"),
        ("symbols: [MINE]\n  files: {MINE: mine.csv}", "SW817 5"),
        ("files: {MINE: mine.csv}\n  options: {delimeter: ;}", "SW810 5"),
        ("files: {MINE: mine.csv}\n  options: {delimiter: 5}", "SW812 5"),
        ("files: {}", "the data source `csv` cannot be replayed"),
    ],
)
def test_what_is_refused(folder: Path, data: str, said: str) -> None:
    assert complaint(put(folder, data)) == said


def test_files_need_the_csv_feed(folder: Path) -> None:
    path = put(folder)
    path.write_text(path.read_text().replace("source: csv", "source: embedded"))
    assert complaint(path) == "`files` with the data source `embedded`"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("file", "mine.csv"),
        ("mapping", "{close: Price}"),
        ("options", "{date_format: '%d.%m.%Y'}"),
    ],
)
def test_embedded_data_take_no_keys_of_files(folder: Path, key: str, value: str) -> None:
    path = put(folder, f"{key}: {value}")
    path.write_text(path.read_text().replace("source: csv", "source: embedded"))
    assert complaint(path) == f"`{key}` with the data source `embedded`"


def test_every_refused_file_is_named_with_its_rows(folder: Path) -> None:
    for name in ("mine.csv", "data/yours.csv"):
        text = (folder / name).read_text().splitlines()
        text[3] = text[3].replace("2008", "208", 1)
        (folder / name).write_text("\n".join(text))
    said = complaint(put(folder))
    assert f"{folder / 'mine.csv'} cannot be used:\n  row 4:" in said
    assert f"{folder / 'data' / 'yours.csv'} cannot be used:\n  row 4:" in said


def test_what_is_odd_is_told_with_its_file(folder: Path) -> None:
    held = folder / "data" / "mine.csv"
    held.write_text((folder / "data" / "yours.csv").read_text() + "\n2008-11-01,1,1,1,1,1\n")
    path = put(folder, "files: {MINE: mine.csv, YOURS: data/mine.csv}")
    found = load(path)
    (row,) = {(file, f.kind) for file, f in found.findings if f.kind == "session"}
    assert row == ("mine.csv (YOURS)", "session")
    assert any(n.startswith("mine.csv (YOURS): row ") for n in found.firm.notices)


def test_an_own_symbol_in_place_of_a_shipped_one_is_told(folder: Path) -> None:
    firm = load(put(folder, "files: {JPM: mine.csv}", universe="[JPM]")).firm
    assert firm.notices[0] == "JPM: own data from mine.csv, in place of the shipped data"
    assert firm.series["JPM"].close[0] == 100


def test_mapping_and_options_hold_for_every_file(folder: Path) -> None:
    for name in ("mine.csv", "data/yours.csv"):
        lines = (folder / name).read_text().replace("close", "Last", 1).replace(",", ";")
        (folder / name).write_text(lines)
    data = f"{BOTH}\n  mapping: {{close: Last}}\n  options: {{delimiter: ';'}}"
    series = load(put(folder, data)).firm.series
    assert (series["MINE"].close[1], series["YOURS"].close[1]) == (101, 298)


def test_own_and_shipped_symbols_mix_and_no_universe_means_all_own_ones(folder: Path) -> None:
    path = put(folder, universe="[MINE, JPM, YOURS]")
    assert load(path).firm.strategies[0].universe == ("MINE", "JPM", "YOURS")
    assert checked(path) == []
    path.write_text(path.read_text().replace(", universe: [MINE, JPM, YOURS]", ""))
    assert load(path).firm.strategies[0].universe == ("MINE", "YOURS")


def test_own_data_are_a_feed_when_they_are_described_as_one(folder: Path) -> None:
    rule = RULE.replace("entry long", 'data fear : pts = "YOURS"\n  entry long')
    (folder / "plain.rule").write_text(rule.replace("close > close[1]", "fear < 300 pts"))
    path = put(folder, said="{YOURS: {kind: volatility}, MINE: {lot: 5}}", universe="[MINE]")
    assert checked(path) == []
    firm = load(path).firm
    assert not firm.series["YOURS"].instrument.tradable
    assert firm.series["MINE"].instrument.lot == 5
    path.write_text(path.read_text().replace(", universe: [MINE]", ""))
    assert load(path).firm.strategies[0].universe == ("MINE",)


def test_an_own_window_spans_all_files(folder: Path) -> None:
    bars(folder / "data" / "yours.csv", [300] * 20)
    path = put(folder)
    (window,) = load(path, first=int(load(path).firm.series["MINE"].days[3])).firm.windows
    assert window.last == load(path).firm.series["MINE"].days[-1]


def test_the_runs_id_depends_on_every_file(folder: Path) -> None:
    path = put(folder, universe="[MINE]")
    before = manifest(load(path))["id"]
    bars(folder / "data" / "yours.csv", [301 - 2 * n for n in range(99)])
    assert manifest(load(path))["id"] != before


def test_data_of_the_command_line_beat_every_file(folder: Path) -> None:
    path = put(folder, said="{MINE: {lot: 5}, YOURS: {lot: 7}}")
    firm = load(path, data=folder / "mine.csv", symbol="YOURS").firm
    assert firm.strategies[0].universe == ("YOURS",)
    assert (firm.series["YOURS"].close[0], firm.series["YOURS"].instrument.lot) == (100, 7)
    assert "MINE" not in firm.series
