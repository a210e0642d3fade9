"""`seawall new NAME`: a project that passes at once, or nothing at all."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

from engine import __version__
from engine.base.resources import rules_dir, schemas_dir
from engine.check import check_file, load_uses, read_near
from engine.cli import main as entry
from engine.cli import starting
from engine.cli.starting import STARTER, starter_files
from engine.compile import plan_strategy
from engine.emit.text import show
from engine.lang.parse import parse_file
from engine.lang.setup import read_setup
from engine.records.catalogue import load_catalogue

DAILY = ("seawall check", "seawall test rules", "seawall dryrun")
EXAMPLES = ("sma_cross", "fade", "breakout", "vol_hold", "rsi2", "vix_guard")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run words in an empty folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def go(*words: str):
        code = entry.main([*words])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return go


def files_below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_new_project_passes_everything_at_once(run, monkeypatch, tmp_path):
    code, out, _ = run("new", "demo")
    assert code == 0
    assert [line.strip() for line in out.splitlines()[-4:]] == ["cd demo", *DAILY]
    monkeypatch.chdir(tmp_path / "demo")
    code, out, _ = run("check", "--strict")
    assert (code, out) == (0, "5 files: no findings\n")
    code, out, _ = run("test", "rules")
    assert (code, out.splitlines()[-1]) == (0, "2 tests: 2 passed, 0 failed")
    code, out, _ = run("dryrun", "--format", "json")
    summary = json.loads(out)
    assert (code, summary["verdict"]) == (0, "pass")
    assert len(summary["runs"]) == 18
    assert all(r["status"] == "ran" and r["expectations"] for r in summary["runs"])
    assert sum(r["trades"] for r in summary["runs"]) > 50
    assert (tmp_path / "demo" / "runs" / summary["id"] / "summary.json").is_file()


def test_the_expectations_of_a_new_project_can_fail(run, monkeypatch, tmp_path):
    """Without the limits, and with a wilder strategy, the same expectations say no."""
    run("new", "demo")
    monkeypatch.chdir(tmp_path / "demo")
    code, out, _ = run("dryrun", "--no-limits", "--strategy", "sma_cross")
    assert code == 1
    assert "✗" in out


def test_the_files_are_those_told_and_nothing_else(run, tmp_path):
    _, out, _ = run("new", "demo", "--format", "json")
    told = json.loads(out)
    assert set(told["files"]) == files_below(tmp_path / "demo")
    assert set(told["files"]) == set(starter_files("demo"))
    assert told["next"] == ["cd demo", *DAILY]
    assert os.listdir(tmp_path) == ["demo"]


def test_every_template_is_used_and_filled(tmp_path):
    shipped = Path(starting.starter_dir() / "project")
    assert files_below(shipped) == set(STARTER)
    texts = starter_files("my-desk")
    assert not [name for name, text in texts.items() if re.search(r"@\w+@", text)]
    assert texts["README.md"].startswith("# my-desk\n")


def test_readme_and_workflow_name_the_daily_commands():
    texts = starter_files("demo")
    indented = re.findall(r"^    (seawall .*?)(?: *#.*)?$", texts["README.md"], re.MULTILINE)
    assert indented == [*DAILY]
    for name in starting.STARTER[2:]:
        assert name in texts["README.md"] or name.startswith("rules/")
    (job,) = yaml.safe_load(texts[".github/workflows/rules.yml"])["jobs"].values()
    steps = [s["run"] for s in job["steps"] if "run" in s]
    assert steps == [f'python -m pip install "seawall=={__version__}"', *DAILY]
    assert texts[".gitignore"] == "runs/\n"


def test_the_schema_that_the_set_up_names_is_there():
    texts = starter_files("demo")
    first = texts["strategies.yaml"].splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert texts[name] == (schemas_dir() / "strategies.schema.json").read_text()
    import jsonschema

    jsonschema.validate(yaml.safe_load(texts["strategies.yaml"]), json.loads(texts[name]))


@pytest.mark.parametrize("name", ["sma_cross.rule", "dip_fade.rule"])
def test_starter_strategies_mean_what_the_shipped_ones_mean(name):
    """They are the shipped ones with more comments."""
    steps = []
    for path in (rules_dir() / name, starting.starter_dir() / "project" / "rules" / name):
        file, problems = parse_file(path)
        used, more = load_uses(file, read_near)
        checked, wrong = check_file(file, used, load_catalogue())
        assert not [*problems, *more, *wrong]
        step = show("step", plan_strategy(checked.strategies[0]))
        steps.append(re.sub(r"# line \d+:", "", step))
    assert steps[0] == steps[1]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_project_checks_and_carries_what_it_uses(run, monkeypatch, tmp_path, example):
    code, out, _ = run("new", "mine", "--example", example)
    assert code == 0
    assert "strategies:" not in out
    folder = tmp_path / "mine"
    setup, problems = read_setup(folder / "strategies.yaml")
    assert setup is not None and not problems
    (strategy,) = setup.strategies
    assert strategy.name == example
    named = [strategy.rules, *setup.limits, *setup.scenarios]
    assert all(p.is_file() for p in named)
    for lib in re.findall(r'^use "(.*?)"', strategy.rules.read_text(), re.MULTILINE):
        assert (folder / "rules" / lib).read_text() == (rules_dir() / lib).read_text()
    monkeypatch.chdir(folder)
    assert run("check", "strategies.yaml", "rules")[0] == 0
    assert run("test", "rules")[0] == 0
    assert run("dryrun", "--crisis", "2020-covid")[0] == 0


def test_examples_are_all_that_ship():
    assert tuple(s.name for s in starting._setup_strategies()) == EXAMPLES


def test_inside_a_project_an_example_comes_with_the_entry_to_paste(run, monkeypatch, tmp_path):
    run("new", "demo")
    monkeypatch.chdir(tmp_path / "demo")
    code, out, _ = run("new", "more", "--example", "rsi2")
    assert code == 0
    entry_text = out[out.index("  - name: rsi2") :]
    setup = tmp_path / "demo" / "strategies.yaml"
    before, after = setup.read_text().split("\n# What to replay")
    setup.write_text(f"{before.rstrip()}\n{entry_text}\n# What to replay{after}")
    code, out, _ = run("check")
    assert (code, out) == (0, "6 files: no findings\n")
    assert run("dryrun", "--crisis", "2020-covid", "--strategy", "rsi2")[0] == 0


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["demo", "--example", "fad"], "no shipped strategy is called `fad`", "mean `fade`?"),
        (["demo", "--example", "zzz"], "no shipped strategy is called `zzz`", "sma_cross, fade"),
        (["taken"], "`taken` exists and is not empty", "never overwrites"),
        (["file"], "`file` is a file", "choose another name"),
        (["link"], "`link` is a file", "choose another name"),
        (["no/where/demo"], "there is no folder `no/where`", "mkdir -p no/where"),
        (["file/demo"], "there is no folder `file`", "mkdir"),
        ([""], "no name for a project", "letters, digits"),
        (["."], "`.` is no name for a project", "letters, digits"),
        ([".."], "no name for a project", "letters, digits"),
        (["demo", "-x"], "has no option", "--help"),
        ([".hidden"], "no name for a project", "letters, digits"),
        (["a b"], "no name for a project", "letters, digits"),
        (["a\nb"], "no name for a project", "letters, digits"),
        (["x" * 64], "no name for a project", "letters, digits"),
        (["demo", "other"], "`demo` is none of indicator", "one word: demo"),
        (["indicator"], "needs a name", "./indicator"),
        (["indicator", "a", "b"], "one word too many", "one row"),
        (["indicatr", "a"], "is none of", "did you mean `indicator`?"),
        (["indicator", "a", "--example", "fade"], "does not go with", "seawall new NAME"),
        ([], "missing", "--help"),
    ],
)
def test_refusals_say_why_and_leave_no_trace(run, tmp_path, words, message, help):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("nowhere")
    before = files_below(tmp_path)
    code, out, err = run("new", *words)
    assert code == 2
    assert message in err and help in err and not out
    assert files_below(tmp_path) == before


def test_an_empty_folder_is_filled_and_a_path_is_taken(run, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("new", "empty")[0] == 0
    assert "strategies.yaml" in files_below(tmp_path / "empty")
    code, out, _ = run("new", "empty/../empty/inner desk".replace(" ", "-"))
    assert code == 0
    assert "cd empty/../empty/inner-desk" in out


def test_a_name_of_letters_beyond_ascii(run, tmp_path):
    assert run("new", "straße")[0] == 0
    assert (tmp_path / "straße" / "README.md").read_text(encoding="utf-8").startswith("# straße\n")


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_is_cut_off_leaves_nothing(run, monkeypatch, tmp_path, problem):
    written = []

    def write_text(path, text, **kwargs):
        if len(written) == 4:
            raise problem
        written.append(path.write_bytes(text.encode()))
        return len(text)

    monkeypatch.setattr(Path, "write_text", write_text)
    code, _, err = run("new", "demo")
    assert code == (2 if isinstance(problem, OSError) else 130)
    assert len(written) == 4
    assert os.listdir(tmp_path) == []
    assert "no space left on device" in err or code == 130


def test_no_permission_is_told(run, monkeypatch, tmp_path):
    def mkdir(path, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    code, _, err = run("new", "demo")
    assert code == 2
    assert "cannot write `.`: permission denied" in err
    assert "a place that you may write to" in err


def test_what_another_run_left_is_named_and_kept(run, tmp_path):
    (tmp_path / ".demo.part").mkdir()
    (tmp_path / ".demo.part" / "x").write_text("x")
    code, _, err = run("new", "demo")
    assert code == 2
    assert "`.demo.part` is in the way" in err
    assert files_below(tmp_path) == {".demo.part/x"}


def test_next_commands_survive_a_shell(run, tmp_path):
    (tmp_path / "with blank").mkdir()
    _, out, _ = run("new", "with blank/demo")
    command = next(line for line in out.splitlines() if line.startswith("  cd "))
    assert shlex.split(command) == ["cd", "with blank/demo"]
