"""The run without limits is that, even where it was taken from a run in which no limit acted."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.run.account import run_account
from engine.session.dryrun import play_window
from engine.session.load import load_firm
from engine.session.options import DryrunOptions

SETUP = Path(__file__).resolve().parents[2] / "strategies.yaml"


@pytest.mark.parametrize("crisis", ["1987-black-monday", "2010-flash-crash", "2018-volmageddon"])
def test_the_bare_run_equals_a_run_with_the_empty_limit_set(crisis: str) -> None:
    options = DryrunOptions(files=(SETUP,), crises=(crisis,), runner="python")
    firm = load_firm(options, lambda done, total, what: None).firm
    cells = [cell.ran for cell in play_window(firm, 0) if cell.ran is not None]
    assert len(cells) >= 6
    for ran in cells:
        empty = run_account(replace(ran.desk, limit_sets=()))
        assert ran.bare is not None
        assert list(ran.bare) == list(empty.equity)
