"""Ratios against `empyrical`, which takes returns where ours take an equity line.

Where the conventions differ: empyrical gives nan for what we call None, and divides by a deviation
that is only rounding (a line that grows evenly), which we call undefined.
"""

import importlib
import math
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.session.dryrun import dryrun
from engine.session.figures import max_drawdown
from engine.session.options import DryrunOptions
from engine.session.ratios import Ratios, ratios, returns_of

ROOT = Path(__file__).resolve().parents[2]
START = 1_000_000.0
CLOSE = {"rel": 1e-12, "abs": 1e-15}


@cache
def empyrical() -> Any:
    """The package; importing it warns of what its own parts will miss in later versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("empyrical")


def walk(seed: int, count: int, drift: float = 0.0) -> np.ndarray[Any, Any]:
    """A random walk of equity from START."""
    steps = np.random.default_rng(seed).normal(drift, 0.012, count)
    return START * np.cumprod(1.0 + steps)


def same(ours: float | None, theirs: float) -> bool:
    """Whether two figures agree; nan is our None."""
    if ours is None or math.isnan(theirs):
        return ours is None and math.isnan(theirs)
    return ours == pytest.approx(theirs, **CLOSE)


def agree(line: Any) -> None:
    """Every figure of a line against empyrical's of its returns."""
    values = np.asarray(line, dtype=np.float64)
    before = np.concatenate([[START], values[:-1]])
    theirs = (values - before) / before
    assert returns_of(values, START) == pytest.approx(theirs, rel=1e-12, abs=1e-15)
    e, ours = empyrical(), ratios(values, START)
    returns = returns_of(values, START)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = {
            "annual_return": e.annual_return(returns),
            "volatility": e.annual_volatility(returns),
            "sharpe": e.sharpe_ratio(returns),
            "sortino": e.sortino_ratio(returns),
            "calmar": e.calmar_ratio(returns),
            "var_95": e.value_at_risk(returns, cutoff=0.05),
        }
        deepest = e.max_drawdown(returns)
    wrong = {k: (getattr(ours, k), v) for k, v in expected.items() if not same(getattr(ours, k), v)}
    assert not wrong
    assert max_drawdown(values, START) == pytest.approx(deepest, **CLOSE)


@pytest.mark.parametrize("seed", range(8))
def test_random_walks_agree_with_empyrical(seed: int) -> None:
    agree(walk(seed, 40 + 97 * seed, drift=(seed - 4) * 5e-4))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_short_lines_agree_with_empyrical(count: int) -> None:
    agree(walk(11, count, drift=-0.01))


def test_a_shipped_equity_line_agrees_with_empyrical(tmp_path: Path) -> None:
    options = DryrunOptions(
        files=(ROOT / "strategies.yaml",), crises=("2008-gfc",), strategies=("fade",), out=tmp_path
    )
    outcome = dryrun(options)
    table = pq.read_table(outcome.folder / "equity.parquet").to_pydict()
    (row,) = outcome.summary["runs"]
    assert row["start_equity"] == START
    for name, told in (
        ("equity", row["ratios"]),
        ("without_limits", row["without_limits"]["ratios"]),
    ):
        agree(table[name])
        assert told == {k: getattr(ratios(table[name], START), k) for k in told}
    held = np.asarray(table["buy_and_hold"])
    assert row["buy_and_hold"]["ratios"]["sharpe"] == pytest.approx(
        empyrical().sharpe_ratio(returns_of(held, START)), rel=1e-9
    )


def test_a_constant_line_has_no_quotients() -> None:
    found = ratios([START] * 30, START)
    assert found == Ratios(
        volatility=0.0, annual_return=0.0, var_95=0.0, es_95=0.0
    )  # no sharpe, sortino or calmar
    e, flat = empyrical(), np.zeros(30)
    assert e.annual_volatility(flat) == e.annual_return(flat) == e.max_drawdown(flat) == 0.0
    assert math.isnan(e.calmar_ratio(flat))


def test_even_growth_is_rounding_apart_and_has_no_sharpe() -> None:
    line = START * np.power(1.001, np.arange(1, 60))
    found = ratios(line, START)
    assert found.sharpe is None
    assert found.sortino is None
    assert found.calmar is None
    assert found.volatility == pytest.approx(0.0, abs=1e-12)
    assert found.annual_return == pytest.approx(1.001**252 - 1, rel=1e-9)


def test_fewer_than_two_returns_have_no_ratio() -> None:
    assert ratios([], START) == ratios([START * 1.1], START) == Ratios()


def test_ratios_worked_by_hand() -> None:
    """Returns +10%, -10%, +10%, -20% from a start of 100."""
    line = [110.0, 99.0, 108.9, 87.12]
    found = ratios(line, 100.0)
    mean = (0.1 - 0.1 + 0.1 - 0.2) / 4
    spread = math.sqrt(sum((r - mean) ** 2 for r in (0.1, -0.1, 0.1, -0.2)) / 3)
    down = math.sqrt((0.1**2 + 0.2**2) / 4)
    yearly = 0.8712**63 - 1
    assert found.volatility == pytest.approx(spread * math.sqrt(252))
    assert found.sharpe == pytest.approx(mean / spread * math.sqrt(252))
    assert found.sortino == pytest.approx(mean / down * math.sqrt(252))
    assert found.annual_return == pytest.approx(yearly)
    assert found.calmar == pytest.approx(yearly / (1 - 87.12 / 110))
    assert found.var_95 == pytest.approx(-0.2 + 0.15 * 0.1)  # 0.15 of the way to the next worst
    assert found.es_95 == pytest.approx(-0.2)


def test_a_line_that_ends_below_nothing_has_no_yearly_rate() -> None:
    found = ratios([50.0, -10.0], 100.0)
    assert found.annual_return is None
    assert found.calmar is None
    assert ratios([50.0, 0.0], 100.0).annual_return == -1.0
