"""The catalogue: symbols, ids, spans and units, read without any number library."""

import json
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.base.resources import data_dir, schemas_dir
from engine.base.units import PRICE, PTS, RATIO, SHARES
from engine.records.calendar import load_calendar
from engine.records.catalogue import load_catalogue
from engine.records.coverage import BARS, CLOSES, NOTHING, PARTLY, coverage, reach
from engine.records.instrument import Instrument
from engine.records.instrument_table import FIELDS, instruments_schema
from engine.records.sums import SUMS, TABLES, sums_of

CATALOGUE = load_catalogue()
ROOT = Path(__file__).resolve().parents[2]


def known(symbol: str) -> Instrument:
    found = CATALOGUE.symbol(symbol)
    assert found is not None
    return found


def test_reading_it_imports_no_number_library() -> None:
    code = (
        "import sys; from engine.records.catalogue import load_catalogue;"
        "load_catalogue().calendar('xnys');"
        "import engine.records.series, engine.records.coverage;"
        "print(sorted({'numpy', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("symbol", "dataset"),
    [
        ("AAPL", "stocks20"),
        ("mega6:AAPL", "mega6"),
        ("bokeh4:AAPL", "bokeh4"),
        ("stocks20:AAPL", "stocks20"),
        ("MSFT", "stocks20"),
        ("GOOG", "mega6"),
        ("IBM", "bokeh4"),
        ("SPY", "etf23"),
        ("UST3M", "ust"),
        ("DAX", "world12"),
    ],
)
def test_a_plain_ticker_means_the_preferred_dataset(symbol: str, dataset: str) -> None:
    assert known(symbol).dataset == dataset


def test_every_symbol_is_unique_and_has_a_close() -> None:
    assert len(set(CATALOGUE.symbols)) == len(CATALOGUE.symbols) == 80
    for instrument in CATALOGUE.instruments:
        assert "close" in instrument.column_names
        assert instrument.spans
        scales = {column.name for column in CATALOGUE.dataset(instrument.dataset).columns}
        assert {column for _, column in instrument.columns} <= scales
        assert CATALOGUE.calendar(instrument.calendar) is not None


def test_near_matches() -> None:
    assert CATALOGUE.symbol("SP50") is None
    assert CATALOGUE.near("SP50") == "SP500"
    assert CATALOGUE.near("nvda") == "NVDA"
    assert CATALOGUE.near("qqqqqqqq") is None
    assert CATALOGUE.near_column("clsoe") == "close"


def test_units() -> None:
    assert CATALOGUE.unit(known("SP500"), "close") == PRICE
    assert CATALOGUE.unit(known("VIX"), "close") == PTS
    assert CATALOGUE.unit(known("UST10Y"), "close") == RATIO
    assert CATALOGUE.unit(known("IBM"), "volume") == SHARES


def test_feeds_cannot_be_traded_and_are_seen_a_session_later() -> None:
    names = {i.symbol for i in CATALOGUE.feeds}
    assert names == {"VIX", "UST3M", "UST2Y", "UST5Y", "UST10Y", "UST30Y"}
    assert all(not i.tradable and i.available == 1 for i in CATALOGUE.feeds)
    others = [i for i in CATALOGUE.instruments if i not in CATALOGUE.feeds]
    assert all(i.available == 0 for i in others)


def test_sp500_opens_count_as_real_only_where_they_are() -> None:
    spans = [(iso(s.first), iso(s.last), s.real_open, s.high_low) for s in known("SP500").spans]
    assert spans == [
        ("1985-01-02", "2007-12-31", False, True),
        ("2008-01-02", "2011-05-31", True, True),
        ("2011-06-01", "2013-12-31", False, True),
        ("2014-01-02", "2020-11-20", True, True),
        ("2020-11-23", "2022-12-28", False, False),
    ]


def test_lots_follow_adjustment() -> None:
    for i in CATALOGUE.instruments:
        assert i.lot == (0.0001 if i.adjusted else 1)


def test_indices_offer_no_volume_and_foreign_ones_their_own_currency() -> None:
    indices = [i for i in CATALOGUE.instruments if i.kind == "index"]
    assert all("volume" not in i.column_names for i in indices)
    foreign = {i.symbol: i.currency for i in indices if i.currency != "USD"}
    assert len(foreign) == 10
    assert foreign["N225"] == "JPY"
    assert {i.symbol for i in indices if i.total_return} == {"DAX", "BOVESPA"}


def test_raw_stocks_with_splits_cannot_be_traded() -> None:
    found = {i.symbol: [(iso(s.day), s.ratio) for s in i.splits] for i in CATALOGUE.instruments}
    assert found["bokeh4:AAPL"] == [("2000-06-21", 2.0), ("2005-02-28", 2.0)]
    assert found["bokeh4:MSFT"] == [("2003-02-18", 2.0)]
    assert found["IBM"] == []
    assert not known("bokeh4:AAPL").tradable
    assert known("IBM").tradable


def test_every_stock_has_a_sector_and_a_survivorship_caveat() -> None:
    for i in CATALOGUE.instruments:
        if i.kind == "stock":
            assert i.sector
            assert any("survivorship" in c or "hindsight" in c for c in i.caveats)


def test_the_table_obeys_its_generated_schema() -> None:
    schema = json.loads((schemas_dir() / "instruments.schema.json").read_text(encoding="utf-8"))
    assert schema == instruments_schema()
    table = json.loads((data_dir() / "instruments.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(table)
    table["instruments"][0]["colour"] = "red"
    assert not jsonschema.Draft202012Validator(schema).is_valid(table)


def test_schema_fields_are_the_fields_of_an_instrument() -> None:
    assert {f.name for f in FIELDS} == {f.name for f in fields(Instrument)}


def test_no_generated_file_names_an_index_or_a_machine() -> None:
    for path in (*data_dir().glob("*.json"), *data_dir().glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text.replace("https://json-schema.org", "")
        assert "/work" not in text
        assert "/tmp" not in text


def test_damaged_tables_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        load_catalogue(tmp_path)
    (tmp_path / "instruments.json").write_text("{not json")
    with pytest.raises(UserError, match="cannot be read"):
        load_catalogue(tmp_path)
    (tmp_path / "instruments.json").write_text('{"instruments": [{}]}')
    (tmp_path / "manifest.json").write_text('{"datasets": []}')
    with pytest.raises(UserError, match="expected form"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("symbol", "first", "last", "expected"),
    [
        ("SP500", "1987-08-25", "1987-12-31", BARS),
        ("SP500", "2020-11-02", "2020-12-31", CLOSES),
        ("VIX", "1987-08-25", "1987-12-31", NOTHING),
        ("SPY", "2007-10-01", "2009-06-30", PARTLY),
        ("NVDA", "2023-03-01", "2023-05-31", BARS),
    ],
)
def test_reach(symbol: str, first: str, last: str, expected: str) -> None:
    assert reach(known(symbol), parse_day(first), parse_day(last)) == expected


def test_coverage_says_when_the_index_is_missing() -> None:
    windows = [
        ("x", parse_day("2023-03-04"), parse_day("2023-05-28")),
        ("y", parse_day("2025-03-03"), parse_day("2025-05-30")),
        ("z", parse_day("2022-01-01"), parse_day("2022-12-28")),
    ]
    rows = coverage(windows, CATALOGUE, ["SP500", "VIX"])
    assert [dict(row.cells) for row in rows] == [
        {"SP500": NOTHING, "VIX": BARS},
        {"SP500": NOTHING, "VIX": NOTHING},
        {"SP500": CLOSES, "VIX": BARS},
    ]
    assert "no index" in rows[0].note
    assert "no shipped data" in rows[1].note
    assert rows[2].note == ""


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("xnys.txt", " 09-11 09-12 09-13 09-14", ""),
        ("instruments.json", '"lot": 1', '"lot": 100'),
        ("manifest.json", '"scale": 100', '"scale": 10'),
    ],
)
def test_a_table_that_reads_well_but_was_changed_is_refused(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    for file in (*TABLES, SUMS):
        shutil.copy(data_dir() / file, tmp_path)
    assert load_calendar("xnys", tmp_path) and load_catalogue(tmp_path)
    load_calendar.cache_clear()
    load_catalogue.cache_clear()
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match="is corrupt"):
        load_catalogue(tmp_path)
        load_calendar("xnys", tmp_path)


def test_shipped_sums_are_those_of_the_shipped_tables() -> None:
    wrong = "stale: run python tools/build_sums.py"
    assert (data_dir() / SUMS).read_text(encoding="utf-8") == sums_of(data_dir()), wrong
