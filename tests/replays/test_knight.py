"""The faulty server of August 2012: what each limit stops, after how many orders, at what loss."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from engine.base.resources import rules_dir
from engine.records.account import ALLOWED, CLIPPED, FROM_ENTRY, FROM_EXIT
from engine.session.dryrun import run_cells
from engine.session.load import load_firm
from engine.session.options import DryrunOptions

LIMITS = ("repeats", "fired", "throttle", "count", "leverage", "day_loss", "total_loss")
SERVERS = 8
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "knight.md"


@dataclass(frozen=True)
class Told:
    """entries: orders that went out. last: the session of the last of them, 1 up. lost: percent."""

    entries: int
    last: int
    lost: float


@cache
def under(*kept: str) -> Told:
    """The replay under these limits alone."""
    options = DryrunOptions(
        files=(rules_dir() / "knight.rule",),
        limits=bool(kept),
        waives=tuple(f"gate.{name}" for name in LIMITS if name not in kept) if kept else (),
    )
    (cell,) = run_cells(load_firm(options).firm)
    assert cell.ran is not None
    history = cell.ran.history
    sent = [v for v in history.verdicts if v.source == FROM_ENTRY]
    sent = [v for v in sent if v.outcome in (ALLOWED, CLIPPED)]
    assert all(v.granted == v.asked for v in history.verdicts if v.source == FROM_EXIT)
    return Told(
        len(sent),
        max(v.bar for v in sent) + 1,
        round(100 * (1 - history.equity[-1] / cell.start_equity), 1),
    )


def test_without_limits_it_goes_on_to_the_end() -> None:
    free = under()
    assert free.entries > 150
    assert free.last >= 60
    assert free.lost > 15


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_alone_costs_less(name: str) -> None:
    assert under(name).lost < under().lost
    assert under(name).entries < under().entries


def test_a_halt_stops_it_for_good_and_caps_only_slow_it() -> None:
    assert under("total_loss").last < 20
    assert under("day_loss").last < 20
    assert under("repeats").last >= 60
    assert under("fired").entries == 2 * SERVERS


def test_all_together_send_least() -> None:
    together = under(*LIMITS)
    assert together.lost < 3
    assert together.entries <= min(under(name).entries for name in LIMITS)


def test_the_page_tells_what_happens() -> None:
    rows = {
        cells[0].strip("` "): tuple(float(c.strip(" %")) for c in cells[1:4])
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| (`|none|all)", line) and (cells := line.strip("| ").split("|"))
    }
    told = {"none": under(), "all": under(*LIMITS)} | {f"gate.{n}": under(n) for n in LIMITS}
    assert rows == {n: (t.entries, t.last, t.lost) for n, t in told.items()}
