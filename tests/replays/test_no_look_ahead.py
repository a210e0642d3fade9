"""Changing what comes later changes nothing that was decided before, from end to end."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.base.dates import parse_day
from engine.records.series import Series
from engine.session.cell import Cell
from engine.session.dryrun import run_cells
from engine.session.firm import Firm
from engine.session.load import load_firm
from engine.session.options import DryrunOptions
from engine.session.records import verdict_row
from replays.own import rules_file

RULES = """
strategy watch "Reads everything that could look ahead" {
  clock 1d on xnys
  data fear : pts = "VIX" daily stale after 3 bars
  let slow = sma(close, 3 bars) on 1w
  entry long dip {
    when close < highest(high, 5 bars) * 99% and fear < 60 pts and close of NASDAQ > $1
    size 20% of equity / 2
    order limit close * 100.2% for day
  }
  exit out of dip { when close > slow or position.age >= 4 bars order market }
  stop hard at position.entry_price - 2 * atr(5 bars)
  trail follow at peak(high) since entry - 4 * atr(5 bars)
}
limits mine {
  data vix : pts = "VIX" daily stale after 2 bars
  limit risk on entry clip qty to 1% of equity / order.stop_distance
  pause calm scope firm { enter when vix > 40 pts resume when vix < 35 pts allow exits }
}
scenario "fall" { replay 2008-08-01 .. 2008-12-31 }
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    file: Path = rules_file(tmp_path_factory.mktemp("rules"), RULES)
    return load_firm(DryrunOptions(files=(file,))).firm


def told(firm: Firm, until: int) -> list[dict[str, Any]]:
    (cell,) = run_cells(firm)
    return [row for row in rows(cell) if row["day"] <= until]


def rows(cell: Cell) -> list[dict[str, Any]]:
    assert cell.ran is not None
    desk, days = cell.ran.desk, cell.ran.desk.tape.days
    found = [{"day": days[v.bar], **verdict_row(desk, v)} for v in cell.ran.history.verdicts]
    for f in cell.ran.history.fills:
        found.append({"day": days[f.bar], "qty": f.qty, "price": f.price})
    for k, value in enumerate(cell.ran.history.equity):
        found.append({"day": days[k], "equity": value})
    return found


def shuffled(series: Series, after: int, seed: int) -> Series:
    """The same series with everything later than `after` in another order and a little higher."""
    rng = np.random.default_rng(seed)
    later = np.flatnonzero(series.days > after)
    order = np.arange(len(series))
    order[later] = rng.permutation(later)
    columns = {
        name: getattr(series, name)[order] * np.where(series.days > after, 1.07, 1.0)
        for name in ("open", "high", "low", "close", "volume")
    }
    return replace(series, **columns)


@pytest.mark.parametrize("cut", ["2008-09-12", "2008-10-10", "2008-10-31", "2008-11-20"])
def test_later_bars_and_unpublished_values_change_nothing(firm: Firm, cut: str) -> None:
    day = parse_day(cut)
    changed = {
        # a feed's value of the day itself is not known at that day's close
        name: shuffled(s, day - 1 if s.instrument.available else day, 5)
        for name, s in firm.series.items()
    }
    assert told(firm, day) == told(replace(firm, series=changed), day)


def test_the_test_can_fail(firm: Firm) -> None:
    day = parse_day("2008-10-10")
    changed = {name: shuffled(s, day - 30, 5) for name, s in firm.series.items()}
    assert told(firm, day) != told(replace(firm, series=changed), day)
