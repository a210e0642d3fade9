"""`seawall data` as its caller sees it: text, JSON and exit codes."""

import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.records.catalogue import load_catalogue

SHOWN = pytest.CaptureFixture[str]


def run(capsys: SHOWN, *words: str) -> tuple[int, str, str]:
    code = main(["data", *words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_list_names_every_symbol_and_crisis(capsys: SHOWN) -> None:
    code, out, _ = run(capsys, "list")
    assert code == 0
    shown = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    assert shown >= set(load_catalogue().symbols)
    assert "1987-black-monday" in out
    assert "2025-tariffs: no shipped data" in out


def test_list_as_json(capsys: SHOWN) -> None:
    code, out, _ = run(capsys, "list", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert len(found["instruments"]) == 80
    crises = {row["id"]: row["data"] for row in found["crises"]}
    assert len(crises) == 14
    assert sum(row["SP500"] in ("bars", "closes") for row in crises.values()) == 12
    assert crises["2023-banks"]["SP500"] == "none"
    assert crises["2023-banks"]["VIX"] == "bars"
    assert set(crises["2025-tariffs"].values()) == {"none"}


def test_show_tells_spans_caveats_and_sources(capsys: SHOWN) -> None:
    code, out, _ = run(capsys, "show", "SP500")
    assert code == 0
    assert "2011-06-01 to 2013-12-31  close, no tradable open" in out
    assert "skfolio 1.12.2" in out
    assert "An index cannot be bought" in out
    code, out, _ = run(capsys, "show", "bokeh4:AAPL", "--format", "json")
    assert json.loads(out)["splits"][0] == {"date": "2000-06-21", "ratio": 2.0}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("show", "SP50"), "SP500"),
        (("show",), "data show SP500"),
        (("lst",), "list"),
        (("list", "SP500"), "data show SP500"),
        (("check", "absent.csv"), "no .csv file is in that folder"),
    ],
)
def test_mistakes_exit_2_with_help(capsys: SHOWN, words: tuple[str, ...], hint: str) -> None:
    code, _, err = run(capsys, *words)
    assert code == 2
    assert hint in err
    assert "Traceback" not in err


def test_verify_is_clean(capsys: SHOWN) -> None:
    code, out, _ = run(capsys, "verify")
    assert code == 0
    assert out.count("intact") == 16


def test_check_tells_rows_and_exits_1_on_errors(capsys: SHOWN, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("date,close\n2020-03-02,100\n2020-03-03,abc\n")
    code, out, _ = run(capsys, "check", str(path))
    assert code == 1
    assert f"{path}:3: error: close is `abc`" in out
    path.write_text("date,close\n2020-03-02,100\n2020-03-03,101\n")
    code, out, _ = run(capsys, "check", str(path), "--format", "json")
    assert code == 0
    assert json.loads(out)["bars"] == 2


@pytest.mark.parametrize(
    ("words", "option", "action"),
    [
        (["list", "--source", "alpaca"], "--source", "fetch"),
        (["show", "SP500", "--from", "2020-01-02"], "--from", "fetch"),
        (["verify", "--crisis", "2008-gfc"], "--crisis", "fetch"),
        (["list", "--delimiter", ";"], "--delimiter", "check"),
        (["show", "SP500", "--date-format", "%d.%m.%Y"], "--date-format", "check"),
    ],
)
def test_an_option_that_does_nothing_is_refused(
    capsys: SHOWN, words: list[str], option: str, action: str
) -> None:
    code, _, err = run(capsys, *words)
    assert code == 2
    assert f"`{option}` does nothing for `seawall data {words[0]}`" in err
    assert f"it is for `seawall data {action}`" in err
