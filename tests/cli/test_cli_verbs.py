"""Every verb does what its help says: examples run, JSON parses, mistakes are told plainly."""

import csv
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from engine.cli import main as entry
from engine.cli.main import VERBS, load, overview, parser_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run words in the checkout; runs go to a folder of the test's own."""
    monkeypatch.chdir(ROOT)

    def go(*words: str):
        extra = ("--out", str(tmp_path / "runs")) if words[0] == "dryrun" else ()
        code = entry.main([*words, *extra])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return go


@pytest.fixture
def in_project(monkeypatch, capsys, tmp_path):
    """Run words in a project as `seawall new` leaves it."""
    monkeypatch.chdir(tmp_path)
    assert entry.main(["new", "starter"]) == 0
    monkeypatch.chdir(tmp_path / "starter")
    capsys.readouterr()

    def go(*words: str):
        code = entry.main([*words])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return go


def shown(help: str) -> list[str]:
    """The commands under `example:` and `start here:`, without what stands behind them.

    Commands that stand deeper explain an option, and may need a network.
    """
    return re.findall(r"^  (seawall \S.*?)(?: {2,}.*)?$", help, re.MULTILINE)


HELPS = [overview(), *(parser_of(v.name, load(v.name)).format_help() for v in VERBS)]
EXAMPLES = list(dict.fromkeys(command for help in HELPS for command in shown(help)))


def test_every_help_shows_an_example():
    assert all(shown(help) for help in HELPS)
    assert {load(v.name).EXAMPLE for v in VERBS} <= set(EXAMPLES)


@pytest.mark.parametrize("command", EXAMPLES)
def test_every_example_of_a_help_text_works_in_a_new_project(in_project, command):
    words = shlex.split(command)
    assert words[0] == "seawall"
    code, out, err = in_project(*words[1:])
    assert code == 0, err
    assert out


@pytest.mark.parametrize("verb", [v.name for v in VERBS])
def test_json_of_every_verb_parses(in_project, verb):
    words = shlex.split(load(verb).EXAMPLE)[1:]
    _, out, _ = in_project(*words, "--format", "json")
    assert json.loads(out)["version"] == 1


@pytest.mark.parametrize("verb", [v.name for v in VERBS])
def test_help_of_every_verb_has_its_example_and_fits(run, verb, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(verb, "--help")
    assert code == 0
    assert load(verb).EXAMPLE in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_eval_prints_csv_with_gaps_for_undefined(run):
    code, out, _ = run("eval", "sma(close, 3 bars)", "--data", "SP500")
    rows = list(csv.reader(io.StringIO(out)))
    assert code == 0
    assert rows[0] == ["date", "value"]
    assert [bool(r[1]) for r in rows[1:5]] == [False, False, True, True]
    assert all(len(r) == 2 for r in rows)


def test_eval_of_an_own_file(run, tmp_path):
    days = ["2020-01-02", "2020-01-03", "2020-01-06"]
    rows = "".join(f"{d},{p},{p},{p},{p},100\n" for d, p in zip(days, (1, 2, 4), strict=True))
    path = tmp_path / "own.csv"
    path.write_text("date,open,high,low,close,volume\n" + rows)
    code, out, _ = run("eval", "change(close)", "--data", str(path))
    assert (code, out) == (0, "date,value\n2020-01-02,\n2020-01-03,1\n2020-01-06,2\n")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["eval", "close"], 2, "`eval` needs data to run on"),
        (["eval", "close", "--data", "SP5OO"], 2, "did you mean `SP500`?"),
        (["eval", "clse", "--data", "SP500"], 1, "did you mean `close`?"),
        (["eval", "close +", "--data", "SP500"], 1, "error[SW1"),
        (["eval"], 2, "missing: EXPR"),
        (["graph", "rules/sma_cross.rule", "--stage", "stop"], 2, "did you mean `step`?"),
        (["graph", "rules/sma_cross.rule", "--block", "sma_cros"], 2, "did you mean `sma_cross`?"),
        (["graph", "rules/lib/zscore.rule"], 2, "holds no strategy, limits or scenario"),
        (["graph", "rules/crises.rule", "--block", "1998-ltcm", "--stage", "step"], 0, "expect_2"),
        (["graph", "rules/sma_cros.rule"], 2, "did you mean `rules/sma_cross.rule`?"),
        (["test", "rules/nothing.rule"], 2, "there is no file `rules/nothing.rule`"),
        (["dryrun", "rules/nothing.rule"], 2, "nothing.rule"),
        (["dryrun", "--crisis", "2008-gfk"], 2, "did you mean `2008-gfc`?"),
        (["dryrun", "--strategy", "fadee"], 2, "did you mean `fade`?"),
        (["dryrun", "--from", "2008-02-30"], 2, "is no date"),
        (["dryrun", "--from", "2009-01-01", "--to", "2008-01-01"], 2, "--from lies after --to"),
        (["dryrun", "--data", "nothing.csv"], 2, "nothing.csv"),
        (["dryrun", "--param", "zz_in=3"], 2, "did you mean"),
        (["dryrun", "--crsis", "2008-gfc"], 2, "did you mean `--crisis`?"),
        (["why", "fadee", "SP500", "2008-10-10"], 2, "did you mean `fade`?"),
        (["why", "fade", "SP5OO", "2008-10-10"], 2, "did you mean `SP500`?"),
        (["why", "fade", "SP500", "2008-10-32"], 2, "is no date"),
        (["why", "fade", "SP500"], 2, "missing: DATE"),
    ],
)
def test_mistakes_are_told_plainly(run, words, code, message):
    got, out, err = run(*words)
    assert message in out + err
    assert got == code


def test_graph_prints_each_stage(run):
    texts = {}
    for stage in ("ast", "checked", "graph", "plan", "step"):
        code, texts[stage], _ = run("graph", "rules/sma_cross.rule", "--stage", stage)
        assert code == 0
    assert "def step(" in texts["step"]
    assert len(set(texts.values())) == 5


def test_an_out_folder_that_cannot_be_made_is_two(run, tmp_path, monkeypatch, capsys):
    blocker = tmp_path / "file"
    blocker.write_text("")
    code = entry.main(["dryrun", "rules/sma_cross.rule", "--crisis", "2020-covid",
                       "--out", str(blocker / "runs")])  # fmt: skip
    assert code == 2
    assert "--out DIR" in capsys.readouterr().err


def test_fields_lists_every_row_of_the_tables(run):
    from engine.fields import FIELDS
    from engine.ops import ROWS

    _, out, _ = run("fields")
    assert all(f.name in out for f in FIELDS)
    assert all((o.symbol or o.name) in out for o in ROWS)


def test_fields_explains_a_shipped_define(run):
    code, out, _ = run("fields", "adx", "atr")
    assert code == 0
    assert 'adx(n): use "lib/adx.rule"' in out and "Source: Wilder" in out
    assert "Average true range" in out
    told = json.loads(run("fields", "adx", "--format", "json")[1])
    assert told["defines"] == [{"name": "adx(n)", "file": "lib/adx.rule"}]
    assert told["operators"] == told["fields"] == []
