"""Dividends and splits in own files: how they are written, and what is refused."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.feeds.csv import read_csv
from engine.feeds.own.finding import Finding
from engine.feeds.parquet import read_parquet
from engine.records.series import Series

HEAD = "date,close,dividend,split\n"
GOOD = HEAD + "2020-03-02,100,,\n2020-03-03,99,0.82,\n2020-03-04,49.5,,2\n2020-03-05,33,0,3:2\n"


def read(folder: Path, text: str, **options: Any) -> tuple[Series | None, list[Finding]]:
    path = folder / "own.csv"
    path.write_text(text)
    series, findings = read_csv(path, "OWN", **options)
    return series, [f for f in findings if f.kind != "header"]  # closes are all there is


def errors(findings: list[Finding]) -> list[tuple[str, int, str]]:
    return [(f.kind, f.row, f.message) for f in findings if f.severity == "error"]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("dividend,split", "Dividends,Stock Splits"),
        GOOD.replace(",,\n", ",0.0,0.0\n").replace("0,3:2", "-,1.5"),
    ],
)
def test_actions_are_read(tmp_path: Path, text: str) -> None:
    series, findings = read(tmp_path, text)
    assert findings == [] and series is not None
    assert series.dividend is not None and series.split is not None
    assert series.dividend.tolist() == [0, 0.82, 0, 0]
    assert series.split.tolist() == [1, 1, 2, 1.5]
    assert "booked as the file has them" in series.instrument.caveats[0]
    assert series.taken(slice(1, 3)).split.tolist() == [1, 2]  # type: ignore[union-attr]


def test_a_file_without_any_holds_none(tmp_path: Path) -> None:
    series, _ = read(tmp_path, HEAD + "2020-03-02,100,,\n2020-03-03,99,0,1\n")
    assert series is not None and series.dividend is None and series.split is None


def test_a_parquet_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    days = [date(2020, 3, d) for d in (2, 3, 4, 5)]
    columns = {
        "date": days,
        "close": [100.0, 99.0, 49.5, 33.0],
        "dividend": [None, 0.82, None, 0.0],
        "split": ["", "", "2", "3:2"],
    }
    parquet.write_table(pa.table(columns), path)
    series, findings = read_parquet(path, "OWN")
    other, _ = read(tmp_path, GOOD)
    assert {f.kind for f in findings} == {"header"}
    assert series is not None and other is not None
    assert series.split.tolist() == other.split.tolist()  # type: ignore[union-attr]
    assert series.dividend.tolist() == other.dividend.tolist()  # type: ignore[union-attr]


def test_a_mapping_names_them(tmp_path: Path) -> None:
    text = GOOD.replace("dividend,split", "div paid,factor")
    plain, _ = read(tmp_path, text)
    assert plain is not None and plain.split is None
    series, _ = read(tmp_path, text, mapping={"dividend": "div paid", "split": "factor"})
    assert series is not None and series.split is not None


REFUSED = {
    "adjusted already": (GOOD.replace("49.5", "98"), "split", 4, "a split of 2 for 1, and the"),
    "no number": (GOOD.replace("3:2", "3 for 2"), "value", 5, "split is `3 for 2`"),
    "zero": (GOOD.replace("3:2", "3:0"), "value", 5, "split ratio is 0: it must be above zero"),
    "below zero": (GOOD.replace("0.82", "-0.82"), "value", 3, "dividend is -0.82"),
    "blank close": (GOOD.replace("49.5", ""), "action", 4, "2020-03-04, which is no bar"),
    "no session": (GOOD.replace("03-05", "03-07"), "action", 5, "2020-03-07, which is no bar"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_booked_is_refused(tmp_path: Path, name: str) -> None:
    text, kind, row, message = REFUSED[name]
    series, findings = read(tmp_path, text)
    assert series is None
    (found,) = errors(findings)
    assert found[:2] == (kind, row) and message in found[2]


def test_a_told_split_is_no_jump_and_an_untold_one_still_is(tmp_path: Path) -> None:
    _, findings = read(tmp_path, GOOD.replace(",,2\n", ",,\n").replace("33,0", "33,0"))
    (found,) = findings
    assert found.kind == "split" and "use prices adjusted" in found.help


def test_a_dividend_of_half_the_price_is_pointed_out(tmp_path: Path) -> None:
    _, findings = read(tmp_path, GOOD.replace("0.82", "60"))
    assert [f.kind for f in findings] == ["dividend"]
