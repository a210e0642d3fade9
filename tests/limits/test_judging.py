"""The judge behind every test: it sees the runs that a test made, and can say no."""

import importlib.util
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hearing
import judging
import pytest
from handing import Given
from hearing import Run
from semantics.make import flat, limits, run, strategy

from engine.records.account import ALLOWED

ROOT = Path(__file__).resolve().parents[2]
TEXT = strategy("entry long up { when close == $10 size 100 shares order market }") + limits(
    "limit few on order clip qty to NUMBER shares"
)


def one_run(number: int) -> Given:
    """A run whose limit leaves so many shares."""
    run(TEXT.replace("NUMBER", str(number)), flat("10 11 10"))
    given = hearing.RUNS[0].given()
    hearing.RUNS.clear()
    assert isinstance(given, Given)
    return given


def test_a_run_of_rule_texts_is_judged_once() -> None:
    run(TEXT.replace("NUMBER", "8"), flat("10 11 10"))
    assert len(hearing.RUNS) >= 2  # walked and emitted, each alone
    (found,) = list(judging.judged())
    assert (found[1].orders, found[1].unread, found[1].findings) == (1, 0, [])
    assert hearing.RUNS == []


def forged(given: Given, granted: float) -> Given:
    """The run with another grant, told before anything filled."""
    verdict = given.history.verdicts[0]._replace(granted=granted, outcome=ALLOWED, binding=())
    return replace(given, history=replace(given.history, verdicts=(verdict,), fills=(), bars=1))


def kept(given: Given, tmp_path: Path) -> None:
    hearing.RUNS.append(Run(given.desk, given.history, lambda: given))


def put_down(given: Given, tmp_path: Path) -> None:
    (tmp_path / "one.run").write_bytes(pickle.dumps(given))


@pytest.mark.parametrize(("granted", "kind"), [(90.0, "escape"), (1.0, "disagreement")])
@pytest.mark.parametrize("where", [kept, put_down])
def test_a_grant_that_the_limits_do_not_leave_is_found(
    granted: float, kind: str, where: Callable[[Given, Path], None], tmp_path: Path
) -> None:
    for _ in range(2):  # what was found wrong is judged again
        where(forged(one_run(7), granted), tmp_path)
        ((_, told),) = list(judging.judged(tmp_path))
        assert kind in [f.kind for f in told.findings]
    assert list(tmp_path.iterdir()) == []


def test_runs_differ_when_anything_of_them_does() -> None:
    seven, nine = one_run(7), one_run(9)
    tape = seven.desk.tape
    dearer = [[*tape.close[0][:2], 12.0]]
    others = [
        nine,
        replace(seven, rules=nine.rules, laws=nine.laws),
        replace(seven, desk=replace(seven.desk, tape=replace(tape, close=dearer))),
        replace(seven, desk=replace(seven.desk, cash=1.0)),
        forged(seven, 5.0),
    ]
    marks = {judging.fingerprint(x) for x in (seven, *others)}
    assert len(marks) == 6
    assert judging.fingerprint(one_run(7)) in marks


SETUP = """version: 1
limits: [few.rule]
scenarios: [few.rule]
strategies: [{name: up, rules: few.rule, universe: [SP500, NASDAQ], capital: 1}]
"""
RULES = """rules 1
strategy up { clock 1d on xnys entry long up { when close > $1 size 1% of equity / close
  order limit $0.01 for ioc because "never fills" } }
limits few { limit odd on order deny when market.last > $DOLLARS because "x" }
scenario "fall" "A year's fall" { replay 2008-01-02 .. 2008-12-31 }
"""


@pytest.mark.parametrize(
    ("words", "most"), [("dryrun", 500), ("why up SP500 2008-09-15 --file", 100)]
)
@pytest.mark.parametrize("clean", [False, True])
def test_a_command_in_its_own_process_is_judged(
    words: str, most: int, clean: bool, tmp_path: Path
) -> None:
    (tmp_path / "few.rule").write_text(RULES.replace("DOLLARS", str(900 + clean)))
    (tmp_path / "s.yaml").write_text(SETUP)
    env = {"PYTHONPATH": str(ROOT)} if clean else None
    line = [sys.executable, "-m", "seawall", *words.split(), "s.yaml"]
    done = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = list(judging.judged(Path(os.environ[hearing.FOLDER])))
    assert sum(told.orders for _, told in found) > most
    for _, told in found:
        assert told.unread == 0 and not told.of("escape", "disagreement")


def test_other_processes_are_heard_where_this_one_is() -> None:
    path = Path(hearing.PLACE) / "sitecustomize.py"
    spec = importlib.util.spec_from_file_location("elsewhere", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.meta_path)
    spec.loader.exec_module(module)
    sys.meta_path[:] = before
    assert tuple(hearing.HEARD) == module.NAMES
