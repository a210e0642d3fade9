"""Portfolio rules on shipped data: who is held is who should be, worked out by pandas."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.base.dates import iso, parse_day
from engine.base.diagnostics import RuleErrors
from engine.feeds.embedded import load
from engine.session.dryrun import run_cells
from engine.session.evaluate import evaluate
from engine.session.load import load_firm
from engine.session.options import DryrunOptions
from engine.session.why import why
from replays.own import rules_file

ROOT = Path(__file__).resolve().parents[2]
NINE = ("SPY", "EWG", "EWJ", "EWQ", "EWU", "EPP", "FXI", "EEM", "VGK")
SETUP = """version: 1
data: {{source: embedded}}
account: {{cash: 1000000, costs: {{commission: {{bps: 1}}, slippage: {{bps: 4}}}}}}
limits: [{rules}/limits/house.rule]
strategies:
  - {{name: country_rotation, rules: {rules}/country_rotation.rule, universe: [{universe}]}}
scenarios: [{rules}/crises.rule]
"""


@cache
def closes(symbols: tuple[str, ...]) -> pd.DataFrame:
    """Daily closes of shipped symbols by date."""
    found = {s: load(s, None, None) for s in symbols}
    lines = {s: pd.Series(f.close, index=[iso(int(d)) for d in f.days]) for s, f in found.items()}
    return pd.DataFrame(lines)


def setup(folder: Path, universe: tuple[str, ...]) -> Path:
    path = folder / "strategies.yaml"
    path.write_text(SETUP.format(rules=ROOT / "rules", universe=", ".join(universe)))
    return path


def played(path: Path, **more: Any) -> Any:
    """The only cell of a set-up (or rule file), without the portfolio's."""
    options = DryrunOptions(files=(path,), crises=("2011-downgrade",), **more)
    return run_cells(load_firm(options).firm)[0]


def best_of_month(table: pd.DataFrame) -> dict[str, set[str]]:
    """By date, the three that rose most over the twelve whole months before but the last one."""
    table.index = pd.to_datetime(table.index)
    month = table.groupby(table.index.to_period("M")).tail(1).dropna()
    score = month.shift(1) / month.shift(12) - 1
    held = score.reindex(table.index, method="ffill").dropna()
    return {str(day.date()): set(row.nlargest(3).index) for day, row in held.iterrows()}


@pytest.mark.parametrize("universe", [NINE, tuple(reversed(NINE))], ids=["as is", "reversed"])
def test_country_rotation_holds_the_three_that_rose_most(
    tmp_path: Path, universe: tuple[str, ...]
) -> None:
    cell = played(setup(tmp_path, universe), limits=False)
    desk, history = cell.ran.desk, cell.ran.history
    best = best_of_month(closes(NINE).copy())
    days = [iso(d) for d in desk.tape.days]
    names = [i.symbol for i in desk.instruments]
    seen = set()
    for bar in range(2, len(days)):
        wanted, before = best[days[bar - 1]], best[days[bar - 2]]
        held = {n for n, q in zip(names, history.position_qty[0], strict=True) if q[bar] > 0}
        if wanted == before:
            assert held == wanted, days[bar]
            seen.add(frozenset(held))
        assert all(q[bar] >= 0 for q in history.position_qty[0])
        assert history.gross[bar] <= history.equity[bar] + 0.01
    assert len(seen) > 3


def test_under_a_cap_on_exposure_a_switch_takes_two_days(tmp_path: Path) -> None:
    stops = ("house.vix_pause", "house.daily_loss", "house.drawdown_halt")
    history = played(setup(tmp_path, NINE), waives=stops).ran.history
    counts = [sum(q[bar] > 0 for q in history.position_qty[0]) for bar in range(1, history.bars)]
    short = [k for k, count in enumerate(counts) if count != 3]
    assert short and all(counts[k] == 2 and counts[k + 1] == 3 for k in short)


def test_a_rule_file_alone_runs_on_the_universe_it_states(tmp_path: Path) -> None:
    rotation = ROOT / "tests" / "cases" / "rules" / "03_rotation.rule"
    cell = played(rotation)
    assert len(cell.symbols) == 20 and cell.ran.history.fills
    assert not [n for n in cell.notices if "compares symbols" in n]
    with pytest.raises(RuleErrors, match="stocks2"):
        text = rotation.read_text().replace("stocks20", "stocks2").removeprefix("rules 1\n")
        played(rules_file(tmp_path, text))


def test_one_symbol_alone_is_said_to_be_alone() -> None:
    cell = played(ROOT / "rules" / "country_rotation.rule", symbol="SP500")
    assert "country_rotation compares symbols, and SP500 is the only one here" in cell.notices


def test_why_tells_the_place_and_the_weight(tmp_path: Path) -> None:
    options = DryrunOptions(files=(setup(tmp_path, NINE),))
    day = "2011-08-10"
    best = best_of_month(closes(NINE).copy())[day]
    for symbol in ("EWG", "EWJ", "FXI"):
        report = why("country_rotation", None, symbol, parse_day(day), options)
        (rule,) = report.rules
        assert rule.when is not None and (rule.kind, rule.name) == ("weight", "weight")
        place = next(p.value for p in rule.when.parts if p.text == "place by momentum")
        assert place is not None and (place <= 3) == (symbol in best)
        assert (rule.when.truth == "true") == (symbol in best)
        assert rule.size == pytest.approx(1 / 3 if symbol in best else 0.0)


def test_eval_ranks_like_pandas() -> None:
    table = closes(NINE)
    want = (table / table.shift(60) - 1).rank(axis=1, ascending=False, method="min")["EWJ"]
    got = evaluate("rank(roc(close, 60 bars))", "EWJ", across=NINE)
    known = [(day, v) for day, v in got if v is not None]
    assert len(known) > 2_000
    np.testing.assert_array_equal([v for _, v in known], want.loc[[d for d, _ in known]])
    breadth = dict(evaluate("breadth(close > sma(close, 200 bars))", "EWJ", across=["etf23"]))
    assert breadth["2008-11-20"] < 0.4 < 0.6 < breadth["2009-12-31"]


def test_relative_strength_and_beta_to_another_symbol() -> None:
    table = closes(("JPM", "SP500")).loc["2005-01-03":"2015-12-31"]
    moves = table.pct_change()
    want = moves["JPM"].rolling(60).cov(moves["SP500"]) / moves["SP500"].rolling(60).var()
    got = dict(evaluate("beta_to(close of SP500, 60 bars)", "JPM"))
    days = list(want.index[80:])
    np.testing.assert_allclose([got[d] for d in days], want.loc[days], rtol=1e-8)
    ratio = table["JPM"] / table["SP500"]
    got = dict(evaluate("relative_strength(close of SP500, 20 bars)", "JPM"))
    np.testing.assert_allclose([got[d] for d in days], (ratio / ratio.shift(20) - 1).loc[days])
