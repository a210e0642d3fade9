"""`seawall check`: what it reads, what it prints, how it ends."""

import json
from pathlib import Path

import pytest

from engine.cli import main as entry

GOOD = """rules 1
strategy dip "Buy a dip" {
  clock 1d on xnys
  entry long dips { when close < sma(close, 5 bars) size 5% of equity order market }
  exit back { when close > sma(close, 5 bars) order market }
  stop hard at position.entry_price * 95%
}
"""
TYPO = GOOD.replace("sma(close, 5 bars) size", "smaa(close, 5 bars) size")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys, *words: str) -> tuple[int, str, str]:
    code = entry.main(["check", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_clean_file(folder, capsys):
    (folder / "dip.rule").write_text(GOOD)
    assert check(capsys, "dip.rule") == (0, "1 file: no findings\n", "")


def test_a_typo_is_shown_where_it_stands_with_help(folder, capsys):
    (folder / "dip.rule").write_text(TYPO)
    code, out, _ = check(capsys, "dip.rule")
    assert code == 1
    assert "dip.rule:4:34" in out and "did you mean `sma`?" in out
    assert out.endswith("1 file: 1 error\n")


def test_json_holds_the_same_findings(folder, capsys):
    (folder / "dip.rule").write_text(TYPO)
    code, out, _ = check(capsys, "dip.rule", "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert told["files"] == ["dip.rule"]
    assert told["diagnostics"][0]["span"]["line"] == 4


def test_a_folder_is_all_its_rule_files(folder, capsys):
    (folder / "deep").mkdir()
    (folder / "a.rule").write_text(GOOD)
    (folder / "deep" / "b.rule").write_text(GOOD.replace("strategy dip", "strategy dap"))
    assert check(capsys, ".")[1] == "2 files: no findings\n"


def test_a_file_named_twice_is_checked_once(folder, capsys):
    (folder / "dip.rule").write_text(GOOD)
    assert check(capsys, "dip.rule", "dip.rule")[1] == "1 file: no findings\n"


def test_a_construct_of_a_later_version_is_a_note_and_no_failure(folder, capsys):
    text = GOOD + 'scenario worse "Later" {\n  simulate 252 bars, 1_000 paths, seed 7\n}\n'
    (folder / "dip.rule").write_text(text)
    code, out, _ = check(capsys, "dip.rule")
    assert "later[" in out
    assert "1 construct that a later version runs" in out
    assert code == 0


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["dipp.rule"], "there is no file `dipp.rule`", "did you mean `dip.rule`?"),
        (["nowhere/x.rule"], "there is no file `nowhere/x.rule`", "no folder `nowhere`"),
        (["emtpy"], "there is no file `emtpy`", "did you mean `empty`?"),
        (["empty"], "`empty` holds no .rule file", "strategies.yaml"),
        ([], "there is no strategies.yaml in this folder", "name the files"),
        (["--explain", "SW9999"], "`SW9999` is no diagnostic code", ""),
        (["--explian", "SW101"], "no option `--explian`", "did you mean `--explain`?"),
    ],
)
def test_what_cannot_be_read_is_two(folder, capsys, words, message, help):
    (folder / "dip.rule").write_text(GOOD)
    (folder / "empty").mkdir()
    code, _, err = check(capsys, *words)
    assert code == 2
    assert message in err and help in err
    assert "Traceback" not in err


def test_an_unreadable_file_is_two(folder, capsys, monkeypatch):
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    (folder / "dip.rule").write_text(GOOD)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    code, _, err = check(capsys, "dip.rule")
    assert (code, "cannot be read: permission denied" in err) == (2, True)


def test_bytes_that_are_no_text_are_a_finding(folder, capsys):
    (folder / "dip.rule").write_bytes(b"rules 1\n# caf\xe9\n")
    code, out, _ = check(capsys, "dip.rule")
    assert code == 1
    assert "SW101" in out and "UTF-8" in out


def test_explain_prints_a_page(folder, capsys):
    code, out, _ = check(capsys, "--explain", "sw101")
    assert code == 0
    assert out.startswith("SW101: ")
    assert "\nwrong:\n" in out and "\nright:\n" in out
