"""A user's Parquet file: what a CSV file of the same cells would say, and how it is refused."""

import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from engine.base.errors import UserError
from engine.feeds import FEEDS
from engine.feeds.csv import read_csv
from engine.feeds.own.finding import Finding
from engine.feeds.parquet import read_parquet
from engine.records.own import source_of_file
from engine.records.series import Series

DAYS = [date(2020, 3, 2), date(2020, 3, 3), date(2020, 3, 4)]
GOOD: dict[str, Any] = {
    "date": DAYS,
    "open": [100.0, 101.0, 102.0],
    "high": [103.0, 104.0, 105.0],
    "low": [99.0, 100.0, 101.0],
    "close": [101.0, 102.0, 103.0],
    "volume": [1000, 1100, 1200],
}


def read(
    folder: Path, columns: dict[str, Any], **options: Any
) -> tuple[Series | None, list[Finding]]:
    path = folder / "own.parquet"
    parquet.write_table(pa.table(columns), path)
    return read_parquet(path, "OWN", **options)


def same(one: Series | None, other: Series | None) -> bool:
    """Whether two readings gave the same bars, to the bit."""
    if one is None or other is None:
        return one is other
    names = ("days", "open", "high", "low", "close", "volume", "real_open", "has_range")
    pairs = [(getattr(one, n), getattr(other, n)) for n in names]
    return one.instrument == other.instrument and all(
        a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs
    )


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    series, findings = read(tmp_path, GOOD)
    assert findings == []
    assert series is not None
    assert series.close.tolist() == [101, 102, 103]
    assert series.volume.tolist() == [1000, 1100, 1200]
    assert series.real_open.all() and series.has_range.all()


@pytest.mark.parametrize(
    "dates",
    [
        pa.array(DAYS, pa.date64()),
        pa.array([datetime(d.year, d.month, d.day) for d in DAYS], pa.timestamp("ns")),
        pa.array([datetime(d.year, d.month, d.day, 16) for d in DAYS], pa.timestamp("us")),
        pa.array(
            [datetime(d.year, d.month, d.day, 5, tzinfo=UTC) for d in DAYS],
            pa.timestamp("s", "America/New_York"),
        ),
        [d.isoformat() for d in DAYS],
        pa.array([d.isoformat() for d in DAYS]).dictionary_encode(),
        pa.array([d.isoformat().encode() for d in DAYS]),
    ],
    ids=["date64", "midnight", "afternoon", "new-york", "text", "dictionary", "bytes"],
)
def test_every_kind_of_date_is_its_day(tmp_path: Path, dates: Any) -> None:
    plain, _ = read(tmp_path, GOOD)
    series, findings = read(tmp_path, {**GOOD, "date": dates})
    assert findings == []
    assert same(series, plain)


@pytest.mark.parametrize(
    "closes",
    [
        pa.array([101, 102, 103], pa.int16()),
        pa.array([101, 102, 103], pa.float32()),
        pa.array([Decimal("101.00"), Decimal("102.00"), Decimal("103.00")]),
        ["101", "102", "103"],
    ],
    ids=["int", "float32", "decimal", "text"],
)
def test_every_kind_of_number_is_its_value(tmp_path: Path, closes: Any) -> None:
    plain, _ = read(tmp_path, GOOD)
    assert same(read(tmp_path, {**GOOD, "close": closes})[0], plain)


def test_floats_keep_every_bit(tmp_path: Path) -> None:
    closes = [0.1 + 0.2, 1e-7 + 1, 102.00000000000001]
    series, _ = read(tmp_path, {"date": DAYS, "close": closes})
    assert series is not None and series.close.tolist() == closes


def test_nulls_and_nan_are_unknown(tmp_path: Path) -> None:
    volumes = pa.array([1000.0, None, float("nan")])
    series, findings = read(tmp_path, {**GOOD, "volume": volumes})
    assert findings == [] and series is not None
    assert np.isnan(series.volume).tolist() == [False, True, True]
    series, (blank, *_) = read(tmp_path, {**GOOD, "close": [101.0, None, 103.0]})
    assert (blank.kind, blank.row, blank.severity) == ("blank", 2, "warning")


def test_mapping_names_columns_and_what_is_nested_is_left_out(tmp_path: Path) -> None:
    columns = {"Tag": DAYS, "Schluss": GOOD["close"], "more": [[1], [2], [3]]}
    series, findings = read(tmp_path, columns, mapping={"date": "Tag", "close": "Schluss"})
    assert series is not None
    assert [(f.kind, f.severity) for f in findings] == [("header", "warning")]  # closes only


WRONG = [
    ({**GOOD, "high": [90.0, 104.0, 105.0]}, 1, "high"),
    ({**GOOD, "close": [101.0, -1.0, 103.0]}, 2, "above zero"),
    ({**GOOD, "close": [101.0, float("inf"), 103.0]}, 2, "no number"),
    ({**GOOD, "date": [DAYS[0], DAYS[0], DAYS[2]]}, 2, "row 1 already"),
    ({**GOOD, "date": ["2020-03-02", "yesterday", "2020-03-04"]}, 2, "no date"),
    ({"date": DAYS, "Settle": [1.0, 2.0, 3.0]}, 1, "close"),
    ({"date": [], "close": []}, 1, "empty"),
]


@pytest.mark.parametrize(("columns", "row", "says"), WRONG, ids=[w[2] for w in WRONG])
def test_what_is_wrong_is_named_with_its_row(
    tmp_path: Path, columns: dict[str, Any], row: int, says: str
) -> None:
    series, findings = read(tmp_path, columns)
    assert series is None
    first = next(f for f in findings if f.severity == "error")
    assert first.row == row and says in first.message


@pytest.mark.parametrize("data", [b"", b"PAR1", b"date,close\n2020-03-02,1\n", b"PAR1" * 9])
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "own.parquet"
    path.write_bytes(data)
    series, (finding,) = read_parquet(path, "OWN")
    assert series is None
    assert "no Parquet file" in finding.message


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    path = tmp_path / "own.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert read_parquet(path, "OWN")[0] is None


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.parquet"):
        read_parquet(tmp_path / "none.parquet", "OWN")


CELLS = st.one_of(
    st.floats(0.5, 200).map(lambda v: repr(round(v, 2))),
    st.sampled_from(["", "100", "101.5", "-3", "abc", "1e3"]),
)
DATES = st.sampled_from([f"2020-03-{d:02d}" for d in range(1, 32)] + ["2020-13-01", ""])


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(DATES, CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_it_says_what_a_csv_file_of_the_same_cells_says(
    tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    names = list(GOOD)
    text = io.StringIO()
    csv.writer(text).writerows([names, *rows])
    (tmp_path / "own.csv").write_text(text.getvalue())
    theirs, told = read_csv(tmp_path / "own.csv", "OWN")
    ours, found = read(tmp_path, {n: [row[k] for row in rows] for k, n in enumerate(names)})
    if any(f.kind == "header" and f.row == 1 for f in told):
        return  # a CSV file's first row may look like data; a Parquet file has names
    assert same(ours, theirs)
    plain = [(f.kind, f.severity, f.row + 1, f.day) for f in found if f.kind != "empty"]
    assert plain == [(f.kind, f.severity, f.row, f.day) for f in told if f.kind != "empty"]


def test_the_feed_reads_between_days(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    feed = next(f for f in FEEDS if f.name == "parquet")
    series = feed.load("OWN", 18324, None, {"file": str(tmp_path / "own.parquet")})
    assert series.close.tolist() == [102, 103]
    with pytest.raises(UserError, match="needs a file"):
        feed.load("OWN", None, None, {})


@pytest.mark.parametrize(
    ("name", "source"), [("a.parquet", "parquet"), ("a.PQ", "parquet"), ("a.csv", "csv")]
)
def test_the_name_says_how_a_file_is_read(name: str, source: str) -> None:
    assert source_of_file(Path(name)) == source


def test_a_process_that_read_a_file_ends_in_peace(tmp_path: Path) -> None:
    """Threads of the reader that still lived at the end aborted one process in six."""
    file = tmp_path / "one.parquet"
    parquet.write_table(pa.table({"date": ["2020-01-02"], "close": [100.0]}), file)
    words = [sys.executable, "-m", "seawall", "data", "check", str(file)]
    codes = [subprocess.run(words, capture_output=True, check=False).returncode for _ in range(12)]
    assert min(codes) >= 0
