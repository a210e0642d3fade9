"""`import seawall`: the same engine from Python."""

from datetime import date
from pathlib import Path

import pytest

import seawall
from engine.base.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def checkout(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_check_returns_diagnostics(tmp_path):
    path = tmp_path / "x.rule"
    path.write_text("rules 1\nstrategy x {\n  let a = clse\n}\n")
    assert "SW201" in [d.code for d in seawall.check(path)]
    assert seawall.check("rules/sma_cross.rule") == []
    assert seawall.check(["rules/sma_cross.rule", "rules/crises.rule"]) == []


def test_evaluate_returns_points():
    points = seawall.evaluate("sma(close, 2 bars)", "SP500")
    assert points[0][1] is None and points[1][1] is not None


def test_dryrun_takes_plain_values(tmp_path):
    outcome = seawall.dryrun("rules/sma_cross.rule", crises=["2018-q4"], out=str(tmp_path / "r"))
    assert [r["crisis"] for r in outcome.summary["runs"]] == ["2018-q4"]
    assert (outcome.folder / "summary.json").exists()


def test_why_takes_a_text_or_a_date():
    one = seawall.why("sma_cross.golden", "SP500", "2018-12-03")
    two = seawall.why("sma_cross.golden", "SP500", date(2018, 12, 3))
    assert one == two
    assert [r.name for r in one.rules] == ["golden"]


def test_mistakes_raise_what_the_command_prints():
    with pytest.raises(UserError, match="fadee"):
        seawall.why("fadee", "SP500", "2018-12-03")
