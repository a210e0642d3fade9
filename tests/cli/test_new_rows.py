"""`seawall new indicator|process|section`: rows that work, in a copy of the repository."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.cli import main as entry
from engine.cli import scaffold
from engine.cli.new import KINDS
from engine.cli.scaffold import (
    LONGEST,
    TABLES,
    check_name,
    natural,
    row_texts,
    with_name,
    with_row,
)

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("engine", "rules", "data", "schemas", "grammar", "tests/ops", "tests/processes")
COPIED_FILES = ("pyproject.toml", "seawall.py", "strategies.yaml")
ROWS = (("indicator", "my_pace"), ("process", "my_pull"), ("section", "my_fees"))

INDICATOR, PROCESS, SECTION = TABLES


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    """A copy of what the rows and their tests need, with one row of each kind added."""
    copy = tmp_path_factory.mktemp("repository")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, copy / folder)
    for name in COPIED_FILES:
        shutil.copy2(ROOT / name, copy / name)
    for kind, name in ROWS:
        done = python(copy, "-m", "seawall", "new", kind, name)
        assert done.returncode == 0, done.stderr
    return copy


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own that sees the engine of this folder."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("SEAWALL", "PYTEST"))}
    settings |= {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=settings, capture_output=True, text=True
    )


def changed(repository: Path) -> list[str]:
    """The files that differ from the checkout's."""
    copied = [p for f in ("engine", "tests") for p in (repository / f).rglob("*.py")]
    names = [p.relative_to(repository) for p in copied]
    return sorted(
        n.as_posix()
        for n in names
        if not (ROOT / n).exists() or (ROOT / n).read_bytes() != (repository / n).read_bytes()
    )


def test_three_files_each_and_no_other(repository):
    assert changed(repository) == [
        "engine/ops/__init__.py",
        "engine/ops/my_pace.py",
        "engine/processes/__init__.py",
        "engine/processes/my_pull.py",
        "engine/report/page/sections/__init__.py",
        "engine/report/page/sections/my_fees.py",
        "tests/ops/test_ops_my_pace.py",
        "tests/processes/test_processes_my_pull.py",
        "tests/report/test_report_my_fees.py",
    ]


def test_what_was_added_is_clean(repository):
    files = changed(repository)
    for words in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = python(repository, "-m", *words, *files)
        assert done.returncode == 0, done.stdout
    mine = [f for f in files if f.startswith("engine/")]
    done = python(repository, "-m", "mypy", "--follow-imports=silent", *mine)
    assert done.returncode == 0, done.stdout


def test_the_new_rows_pass_their_own_tests_and_those_of_their_tables(repository):
    owed = ["tests/ops/test_ops_table.py", "tests/ops/test_ops_agree.py", "tests/processes"]
    words = "my_pace or my_pull or my_fees or tuple or unique or examples"
    own = ("tests/ops/test_ops_my_pace.py", "tests/report/test_report_my_fees.py")
    done = python(repository, "-m", "pytest", "-x", "-vv", "-k", words, *owed, *own)
    assert done.returncode == 0, done.stdout[-3000:]
    for _, name in ROWS:
        assert f"test_{name}_" in done.stdout
    for asked in ("kernel_equals_the_definition[my_pace]", "moments_are_those_of_theory[my_pull-"):
        assert asked in done.stdout


def test_rule_text_and_fields_know_the_new_operator(repository):
    done = python(repository, "-m", "seawall", "eval", "my_pace(close, 3 bars)", "--data", "SP500")
    assert done.returncode == 0 and len(done.stdout.splitlines()) > 9000
    done = python(repository, "-m", "seawall", "fields", "my_pace")
    assert "my_pace(close, 10 bars)" in done.stdout


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_the_same_name_twice_is_refused_and_changes_nothing(repository, kind, name):
    before = {p: p.read_bytes() for p in repository.rglob("*.py")}
    done = python(repository, "-m", "seawall", "new", kind, name)
    assert done.returncode == 2
    assert "already means an operator" in done.stderr or "exists" in done.stderr
    assert {p: p.read_bytes() for p in repository.rglob("*.py")} == before


def test_the_verb_knows_the_tables():
    assert tuple(t.kind for t in TABLES) == KINDS


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.kind)
def test_tables_are_where_the_rows_say(table):
    assert importlib.util.find_spec(table.package)
    text = (ROOT / table.folder / "__init__.py").read_text()
    assert "SPARE" in with_row(text, table, "spare")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rsi", "an operator"),
        ("equity", "a field"),
        ("position", "a field"),
        ("volume", "a column of the bars"),
        ("strategy", "a keyword of the language"),
        ("ratio", "a unit"),
        ("nan", "something in generated source"),
        ("smooth", "a function of the kernels"),
        ("zscore", "something in a shipped rule file"),
        ("lambda", "something in Python"),
        ("len", "something in Python"),
    ],
)
def test_names_that_an_operator_may_not_have(name, reason):
    with pytest.raises(UserError) as refused:
        check_name(INDICATOR, name)
    assert refused.value.message == f"`{name}` already means {reason}"
    assert refused.value.help == f"choose another name: `my_{name}`"


@pytest.mark.parametrize(
    "name", ["", "A", "aB", "1a", "_a", "a_", "a__b", "a-b", "a.b", "ä", "a" * (LONGEST + 1)]
)
def test_names_that_no_row_may_have(name):
    with pytest.raises(UserError, match="no name for a row"):
        check_name(PROCESS, name)


def test_files_and_constants_in_the_way_are_refused():
    with pytest.raises(UserError, match=r"spec\.py` exists"):
        row_texts(ROOT, PROCESS, "spec")
    text = (ROOT / INDICATOR.folder / "__init__.py").read_text()
    with pytest.raises(UserError, match="`BY_NAME` is taken"):
        with_row(text, INDICATOR, "by_name")


def test_an_installed_copy_says_so(monkeypatch, capsys):
    monkeypatch.setattr(scaffold, "checkout", lambda: None)
    assert entry.main(["new", "section", "mine"]) == 2
    told = capsys.readouterr().err
    assert "this is an installed copy" in told and "clone" in told


def test_a_row_that_cannot_be_written_leaves_all_as_it_was(tmp_path):
    listing = tmp_path / "engine" / "__init__.py"
    listing.parent.mkdir()
    listing.write_text("old")
    (tmp_path / "tests").write_text("a file where a folder should be")
    texts = {Path("engine/row.py"): "new", Path("engine/__init__.py"): "new",
             Path("tests/test_row.py"): "new"}  # fmt: skip
    with pytest.raises(OSError):
        scaffold.write(tmp_path, texts)
    assert listing.read_text() == "old"
    assert [p.name for p in listing.parent.iterdir()] == ["__init__.py"]


def test_imports_stand_where_the_linter_wants_them(tmp_path):
    """Names that sort oddly, one after the other, in every order of arrival."""
    names = ["spam", "spam2", "spam10", "spam_x", "a", "zz", "sma2x", "specs", "spe"]
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    ops = shutil.copytree(ROOT / INDICATOR.folder, tmp_path / INDICATOR.folder)
    for name in names:
        (ops / f"{name}.py").write_text("")
    for order in (names, names[::-1], sorted(names)):
        text = (ROOT / INDICATOR.folder / "__init__.py").read_text()
        for name in order:
            text = with_row(text, INDICATOR, name)
        (ops / "__init__.py").write_text(text)
        for words in (["check", "--select", "I"], ["format", "--check"]):
            done = python(tmp_path, "-m", "ruff", *words, "engine/ops/__init__.py")
            assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.kind)
@pytest.mark.parametrize("name", ["q", "q" * LONGEST])
def test_rows_with_the_shortest_and_longest_names_are_clean(tmp_path, table, name):
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    texts = row_texts(ROOT, table, name)
    scaffold.write(tmp_path, {Path(path.name): text for path, text in texts.items()})
    files = [path.name for path in texts if path.name != "__init__.py"]
    for words in (["check", "--ignore", "I001"], ["format", "--check"]):
        done = python(tmp_path, "-m", "ruff", *words, *files)
        assert done.returncode == 0, done.stdout


def test_natural_order():
    assert sorted(["x10", "x2", "x", "x_a", "xa"], key=natural) == ["x", "x2", "x10", "x_a", "xa"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("T: tuple[R, ...] = (A,)", "T: tuple[R, ...] = (A, NEW)"),
        ("T: tuple[R, ...] = (A, B)", "T: tuple[R, ...] = (A, B, NEW)"),
        ("T: tuple[R, ...] = (\n    A,\n)", "T: tuple[R, ...] = (\n    A,\n    NEW,\n)"),
        ("T = {1}", None),
    ],
)
def test_tuples_of_each_shape(before, after):
    got = with_name(f"{before}\nU = ()\n", "T", "NEW")
    assert got == (None if after is None else f"{after}\nU = ()\n")


def test_a_line_that_grows_too_long_is_broken():
    names = ", ".join(f"NAME_{k}" for k in range(10))
    got = with_name(f"T: tuple[R, ...] = ({names})\n", "T", "NEW_ROW")
    assert got is not None and got.count("\n") == 13
    assert got.endswith("    NAME_9,\n    NEW_ROW,\n)\n")


def test_a_table_of_another_shape_is_refused():
    with pytest.raises(UserError, match="holds no plain tuple PROCESSES"):
        with_row("PROCESSES = list()\n", PROCESS, "mine")
