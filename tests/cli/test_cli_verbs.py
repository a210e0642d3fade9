"""Every verb does what its help says: examples run, JSON parses, mistakes are told plainly."""

import csv
import io
import json
import shlex
from pathlib import Path

import pytest

from engine.cli import main as entry
from engine.cli.main import VERBS, load

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


@pytest.mark.parametrize("verb", [v.name for v in VERBS])
def test_the_example_of_every_verb_works(run, verb):
    words = shlex.split(load(verb).EXAMPLE)
    assert words[:2] == ["seawall", verb]
    code, out, err = run(*words[1:])
    assert code in ((0, 1) if verb == "dryrun" else (0,)), err
    assert out


@pytest.mark.parametrize("verb", [v.name for v in VERBS])
def test_json_of_every_verb_parses(run, verb):
    words = shlex.split(load(verb).EXAMPLE)[1:]
    _, out, _ = run(*words, "--format", "json")
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
    from engine.ops import OPS

    _, out, _ = run("fields")
    assert all(f.name in out for f in FIELDS)
    assert all((o.symbol or o.name) in out for o in OPS)
