"""What a newcomer does wrong first: each mistake made as a person makes it, and what is said to it.

Every one ends with its exit code, one sentence, what to do next, no traceback and nothing lost.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from newcomer import RULE, SHORT, Done, told

from engine.cli import main

SETUP = """version: 1
data: {DATA}
strategies: [{name: plain, rules: plain.rule, universe: [UNIVERSE]}]
limits: []
scenarios: []
"""


@pytest.fixture
def typed(tmp_path: Path, monkeypatch, capsys) -> Run:
    """`seawall` without a process of its own: for mistakes that no environment makes."""

    def run(*words: str, cwd: Path = tmp_path, **env: str) -> Done:
        monkeypatch.chdir(cwd)
        for name, value in {"COLUMNS": "80", **env}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main.main(list(words))
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())

    return run


def setup(place: Path, data: str = "source: embedded", universe: str = "SP500") -> None:
    text = SETUP.replace("DATA", data).replace("UNIVERSE", universe)
    (place / "strategies.yaml").write_text(text)


# ---------------------------------------------------------------- no file, wrong folder


@pytest.mark.parametrize(
    "words", [["check"], ["test"], ["dryrun"], ["why", "x", "SP500", "2008-10-10"]]
)
def test_an_empty_folder_names_itself_and_the_way_to_start(typed: Run, tmp_path: Path, words):
    said = told(typed(*words), 2, "there is no strategies.yaml in this folder", str(tmp_path))
    assert "name the files, or start a project: `seawall new demo`" in said


@pytest.mark.parametrize("verb", ["check", "dryrun"])
def test_the_wrong_folder_is_told_where_the_right_one_is(typed: Run, place: Path, verb: str):
    (place / "project" / "rules").mkdir(parents=True)
    (place / "project" / "strategies.yaml").write_text("version: 1\n")
    told(typed(verb, cwd=place), 2, "go where there is one: `cd project`")
    inside = typed(verb, cwd=place / "project" / "rules")
    told(inside, 2, f"`cd {place / 'project'}`")


@pytest.mark.parametrize("verb", ["check", "test", "dryrun"])
@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("plian.rule", "did you mean `plain.rule`?"),
        ("zzz.rule", "there are `plain.rule`"),
        ("rulez/plain.rule", "there is no folder `rulez` either; you are in"),
    ],
)
def test_a_missing_rule_file(typed: Run, place: Path, verb: str, name: str, help: str):
    told(typed(verb, name), 2, f"there is no file `{name}`", help)


def test_a_missing_setup(typed: Run, place: Path):
    setup(place)
    said = told(typed("dryrun", "strategy.yaml"), 2, "there is no file `strategy.yaml`")
    assert "did you mean `strategies.yaml`?" in said


@pytest.mark.parametrize("verb", ["check", "test", "dryrun"])
def test_a_misspelt_rule_file_of_the_setup_has_its_place(typed: Run, place: Path, verb: str):
    text = "version: 1\nstrategies: [{name: plain, rules: plian.rule}]\nscenarios: []\n"
    (place / "strategies.yaml").write_text(text)
    said = told(typed(verb), 1, "strategies.yaml:2:35", "file `plian.rule` does not exist")
    assert "did you mean `plain.rule`?" in said


@pytest.mark.parametrize("verb", ["check", "test", "dryrun"])
def test_data_where_rules_belong(typed: Run, place: Path, verb: str):
    (place / "mine.csv").write_text("date,close\n2008-10-01,5\n")
    said = told(typed(verb, "mine.csv"), 2, "`mine.csv` holds data, not rules")
    assert "`seawall dryrun mine.rule --data mine.csv` runs on it" in said


@pytest.mark.parametrize("verb", ["check", "dryrun"])
def test_a_typo_in_a_rule_file_has_its_place(typed: Run, place: Path, verb: str):
    (place / "plain.rule").write_text(RULE.replace("close > close", "clsoe > close"))
    said = told(typed(verb, "plain.rule"), 1, "plain.rule:4:24", "unknown name `clsoe`")
    assert "did you mean `close`?" in said


# ---------------------------------------------------------------- misspelt names


def test_a_misspelt_symbol_of_the_setup_has_its_place_in_every_verb(typed: Run, place: Path):
    setup(place, universe="SP5OO")
    for verb in ("check", "dryrun"):
        said = told(typed(verb), 1, "no data for the symbol `SP5OO`", "strategies.yaml:3:57")
        assert "did you mean `SP500`?" in said


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["--symbol", "SP5OO"], "no data for the symbol `SP5OO`", "did you mean `SP500`?"),
        (["--symbol", "QQQQQ"], "no data for the symbol `QQQQQ`", "`seawall data list` shows"),
        (["--crisis", "2008-gcf"], "no crisis `2008-gcf`", "did you mean `2008-gfc`?"),
        (["--crisis", "zzzzz"], "no crisis `zzzzz`", "there are 1987-black"),
        (["--strategy", "plan"], "no strategy `plan`", "did you mean `plain`?"),
        (["--waive", "vix_paus"], "no limit `vix_paus`", "did you mean `house.vix_pause`?"),
        (["--from", "10/01/2008"], "`10/01/2008` is no date", "year-month-day: 2008-10-10"),
        (["--data"], "--data: a value is missing after it", "`seawall dryrun --help`"),
        (["--out", ""], "--out names no folder", "leave it out for `runs`"),
        (["--from", "2029-01-02"], "is empty", "the data run from 1985-01-02 to"),
    ],
)  # fmt: skip
def test_misspelt_options(typed: Run, place: Path, words, message: str, help: str):
    told(typed("dryrun", "plain.rule", *words), 2, message, help)
    assert sorted(p.name for p in place.iterdir()) == ["plain.rule"]


def test_a_misspelt_symbol_of_why_and_eval(typed: Run, place: Path):
    why = typed("why", "plain", "SP5OO", "2008-10-10", "--file", "plain.rule")
    told(why, 2, "`SP5OO`", "did you mean `SP500`?")
    told(typed("eval", "close", "--data", "SP5OO"), 2, "did you mean `SP500`?")


def test_an_open_end_stops_where_the_data_do_and_says_so(typed: Run, place: Path):
    done = typed("dryrun", "plain.rule", "--from", "2022-12-01", COLUMNS="120")
    assert done.returncode == 0, done.stderr
    assert "2022-12-01..2022-12-28" in done.stdout
    said = "the window ends where the data do, on 2022-12-28: no --to was given"
    assert said in done.stdout
    both = typed("dryrun", "plain.rule", *SHORT, COLUMNS="120")
    assert "where the data do" not in both.stdout


# ---------------------------------------------------------------- CSV: columns, dates, numbers


def on_data(typed: Run, place: Path, text: str, *, code: int = 2) -> str:
    (place / "mine.csv").write_text(text)
    words = ("plain.rule", "--data", "mine.csv", "--symbol", "MINE", *SHORT)
    done = typed("dryrun", *words, COLUMNS="120")
    return told(done, code) if code else done.stdout


def rows(form: str, count: int = 20) -> str:
    """The sessions of October 2008, each through strftime, the price growing by one."""
    from datetime import date, timedelta

    days = [date(2008, 10, 1) + timedelta(n) for n in range(31)]
    kept = [d for d in days if d.weekday() < 5][:count]
    return "".join(
        f"{d.strftime(form)}\n".replace("PRICE", str(100 + n)) for n, d in enumerate(kept)
    )


def pasted(place: Path, said: str) -> None:
    """Put the YAML of the help into strategies.yaml, as the help says."""
    lines = said.split("(--data cannot):\n")[1].split("\nand row")[0].rstrip().split("\n")
    yaml = "\n".join(line.removeprefix("  ") for line in lines)
    rest = "strategies: [{name: plain, rules: plain.rule}]\nlimits: []\nscenarios: []\n"
    (place / "strategies.yaml").write_text(f"version: 1\n{yaml}\n{rest}")


@pytest.mark.parametrize(
    ("head", "form", "setting"),
    [
        ("Datum,Schlusskurs", "%Y-%m-%d,PRICE", "mapping: {date: Datum, close: Schlusskurs}"),
        ("Date,Adj Close", "%Y-%m-%d,PRICE", "mapping: {close: Adj Close}"),
        ("Date,Clsoe", "%Y-%m-%d,PRICE", "mapping: {close: Clsoe}"),
        ("Date,Close/Last", "%m/%d/%Y,PRICE", 'options: {date_format: "%m/%d/%Y"}'),
        ("Date,Close", "%d.%m.%Y,PRICE", 'options: {date_format: "%d.%m.%Y"}'),
        ("Date,Close", "%Y%m%d,PRICE", 'options: {date_format: "%Y%m%d"}'),
        ("Date,Close", "%Y/%m/%d,PRICE", 'options: {date_format: "%Y/%m/%d"}'),
        ("Date,Close", '"%b %d, %Y",PRICE', 'options: {date_format: "%b %d, %Y"}'),
        ("Date,Close", "%m/%d/%Y 16:00:00,PRICE", 'options: {date_format: "%m/%d/%Y %H:%M:%S"}'),
        ("Date;Close", "%Y-%m-%d;PRICE", 'options: {delimiter: ";"}'),
        ("Datum;Schluss", "%d.%m.%Y;PRICE", 'options: {delimiter: ";", date_format: "%d.%m.%Y"}'),
    ],
)
def test_what_the_help_says_to_paste_reads_the_file(
    typed: Run, place: Path, head: str, form: str, setting: str
):
    said = on_data(typed, place, f"{head}\n{rows(form)}")
    assert "say how the file is written in strategies.yaml" in said
    assert "files: {MINE: mine.csv}" in said
    assert setting in said
    pasted(place, said)
    done = typed("dryrun", *SHORT, COLUMNS="120")
    assert done.returncode == 0, done.stderr
    assert "MINE: own data from mine.csv" in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Date,Price,Last\n2008-10-01,5,5\n",
            ["row 1: `Last`, `Price` may each be the close", "`mapping: {close: Last}` or `"],
        ),
        (
            "a,b\n2008-10-01,5\n",
            ["row 1: there is no date column and no close column; the header has `a`, `b`"],
        ),
        ("2008-10-01,5\n", ["row 1: the first row holds data", "such as `date,close`"]),
        ("10/01/2008,5\n", ["row 1: the first row holds data"]),
        ("sep=;\ndate;close\n2008-10-01;5\n", ["row 1: `sep=` is a line for Excel", "remove"]),
        (
            "date,close\n10/01/2008,5\n10/02/2008,5\n",
            ["row 2: `10/01/2008` is no date", "never guessed", "as 2008-10-01", "as 2008-01-10"],
        ),
        (
            "date,close\n1222819200,5\n1222905600,5\n",
            ["row 2", "seconds since 1970", "2008-10-01 00:00 in UTC", "2008-09-30 20:00 in A"],
        ),
        ("date,close\n2008-10-02T00:00:00Z,5\n", ["row 2", "is 2008-10-01 in America/New_York"]),
        ('date,close\n2008-10-01,"1,234.50"\n', ["row 2: close is `1,234.50`", "write 1234.50:"]),
        ('date,close\n2008-10-01,"1.234,50"\n', ["row 2: close is `1.234,50`", "write 1234.50:"]),
        ('date,close\n2008-10-01,"99,5"\n', ["row 2: close is `99,5`", "write 99.5:"]),
        ('date,close\n2008-10-01,"1,234"\n', ["write 1234 where", "1.234 where it is decimal"]),
        ('date,close\n2008-10-01,"$12.50"\n', ["close is `$12.50`", "write 12.50, without"]),
        ("date,close\n2008-10-01,5%\n", ["close is `5%`", "a percentage is no price"]),
        ("date,close,volume\n2008-10-01,5,1.2M\n", ["volume is `1.2M`", "write 1200000,"]),
        ("date,close,volume\n2008-10-01,5,-9\n", ["row 2: volume is -9: it must be zero or more"]),
        ("date,close\n2008-10-01,5\n2008-10-02,5,6\n", ["row 3: 3 cells where the header has 2"]),
    ],
)  # fmt: skip
def test_a_file_that_only_its_owner_can_mend(typed: Run, place: Path, text: str, words: list[str]):
    said = on_data(typed, place, text)
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Datum,Höchst\n".encode("latin-1"), ["row 1: the file is not UTF-8", "iconv -f WIN"]),
        ("date,close\n".encode("utf-16"), ["the file is UTF-16", "`iconv -f UTF-16 -t UTF-8 mine"]),
        (b"PK\x03\x04xl", ["an Excel workbook", "save the sheet as CSV"]),
        (b"\x1f\x8b\x08", ["is compressed", "`gunzip -c mine.csv > plain.csv`"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plain_text(typed: Run, place: Path, data: bytes, words: list[str]):
    (place / "mine.csv").write_bytes(data)
    done = typed("dryrun", "plain.rule", "--data", "mine.csv")
    told(done, 2, "mine.csv cannot be used", *words)


@pytest.mark.parametrize(
    "change", [str.upper, lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")]
)
def test_harmless_differences_are_read(typed: Run, place: Path, change: Callable[[str], str]):
    text = change(f"Date,Close\n{rows('%Y-%m-%d,PRICE')}")
    assert "MINE" in on_data(typed, place, text, code=0)


def test_a_second_close_is_not_passed_over_in_silence(typed: Run, place: Path):
    text = f"Date,Close,Adj Close\n{rows('%Y-%m-%d,PRICE,PRICE')}"
    said = on_data(typed, place, text, code=0)
    assert "the close is `Close`, and `Adj Close` is not read" in said
