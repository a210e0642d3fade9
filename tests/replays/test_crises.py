"""Shipped data through shipped crises: figures that are known from outside this project."""

from functools import lru_cache
from pathlib import Path

import pytest

from engine.base.resources import rules_dir
from engine.session.dryrun import run_cells
from engine.session.load import load_firm
from engine.session.options import DryrunOptions

HELD = {
    "1987-black-monday": -33.5,
    "1998-ltcm": -19.3,
    "2000-dotcom": -49.1,
    "2008-gfc": -56.8,
    "2010-flash-crash": -16.0,
    "2011-downgrade": -19.4,
    "2018-volmageddon": -10.2,
    "2018-q4": -19.8,
    "2020-covid": -33.9,
    "2022-bear": -25.4,
}
"""S&P 500, close to close, percent."""


@lru_cache(maxsize=1)
def falls() -> dict[str, float]:
    from engine.session.figures import max_drawdown

    file: Path = rules_dir() / "sma_cross.rule"
    cells = run_cells(load_firm(DryrunOptions(files=(file,))).firm)
    return {c.window.crisis: 100 * max_drawdown(c.ran.hold, 1.0) for c in cells if c.ran}


@pytest.mark.parametrize("crisis", HELD)
def test_holding_the_sp500_fell_as_it_is_known_to_have(crisis: str) -> None:
    assert falls()[crisis] == pytest.approx(HELD[crisis], abs=0.05)


def test_crises_without_index_data_are_not_run() -> None:
    assert "2023-banks" not in falls()
    assert "2025-tariffs" not in falls()
