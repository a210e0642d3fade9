"""Own raw bars of minutes booked to the cent: a split and a dividend under limits that count time,
every window in the shares of its moment; orders for the open and the close of a session."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from oracle.ledger import differences, identity_gaps

from engine.base.dates import parse_day
from engine.records.account import History
from engine.records.desk import Desk
from engine.session import replay
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions

DAYS = {
    "2023-11-16": 960,
    "2023-11-17": 960,
    "2023-11-20": 960,
    "2023-11-21": 960,
    "2023-11-22": 960,
    "2023-11-24": 780,
    "2023-11-27": 960,
}
"""Sessions with the minute of their close; those before the 20th warm up."""
FIRST = "2023-11-20"
SPLIT, PAID = "2023-11-22", "2023-11-24"
"""Two shares for one, and 0.50 a new share: both on the first bar of their day."""
SETUP = """version: 1
data:
  source: csv
  files: {MINE: bars.csv}
  options: {bars: 30m, stamp: close, zone: America/New_York}
account:
  cash: $1_000_000
  costs: {COSTS, participation: 10%}
limits: [each.rule]
strategies:
  - {name: each, rules: each.rule, universe: [MINE], capital: 1}
"""


FREE = "commission: {bps: 0}, slippage: {bps: 0}"


def stamps() -> list[tuple[str, int]]:
    """Every bar: its day and the minute of its close."""
    return [(day, m) for day, close in DAYS.items() for m in range(600, close + 1, 30)]


def bars() -> str:
    """100 a share, 50 from the split on, each with a cent more for every bar since the open."""
    rows = ["date,open,high,low,close,volume,split,dividend"]
    for day, m in stamps():
        base = 50 if day >= SPLIT else 100
        price = base + (m - 600) / 3_000
        acts = [",", "2,"][day == SPLIT and m == 600], ["", "0.5"][day == PAID and m == 600]
        spread = f"{price:.2f},{price + 0.25:.2f},{price - 0.25:.2f},{price:.2f}"
        rows.append(f"{day} {m // 60:02d}:{m % 60:02d},{spread},{200_000 // base},{''.join(acts)}")
    return "\n".join(rows) + "\n"


def run(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    strategy: str,
    limits: str,
    runner: str = "python",
    costs: str = FREE,
) -> tuple[Desk, History, list[dict[str, Any]]]:
    """The desk and history of the run under limits, and its verdicts."""
    made: list[tuple[Desk, History]] = []
    own = replay._run

    def kept(scene: Any, cast: Any, force: Any, desk: Desk) -> Any:
        ran = own(scene, cast, force, desk)
        made.append((desk, ran.history))
        return ran

    monkeypatch.setattr(replay, "_run", kept)
    (place / "bars.csv").write_text(bars())
    rule = f"strategy each {{\n  clock 30m on xnys\n{strategy}\n}}"
    (place / "each.rule").write_text(f"rules 1\n{rule}\nlimits own {{\n{limits}\n}}\n")
    (place / "strategies.yaml").write_text(SETUP.replace("COSTS", costs))
    outcome = dryrun(
        DryrunOptions(
            files=(place / "strategies.yaml",),
            first=parse_day(FIRST),
            last=parse_day(list(DAYS)[-1]),
            out=place / "runs",
            runner=runner,
        )
    )
    lines = (outcome.folder / "verdicts.jsonl").read_text().splitlines()
    desk, history = made[0]
    return desk, history, [r for r in map(json.loads, lines) if r["strategy"] == "each"]


def denied(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [r["date"] for r in rows if r["verdict"] == "deny"]


ALWAYS = "entry long up { when close > $1 size 1 shares order limit $0.01 for ioc }"


@pytest.mark.parametrize(
    ("limit", "days"),
    [
        ("last < 80% * sma(close, 2 bars)", []),
        ("last < 80% * sma(close, 2 bars) and session.month > 0", []),
        ("last > 120% * sma(close, 2 bars)", []),
        ("adv(2 bars) > 30_000 shares", ["2023-11-22", "2023-11-24", "2023-11-27"]),
        ("lowest(low, 2 bars) < $60", ["2023-11-22", "2023-11-24", "2023-11-27"]),
    ],
)
def test_windows_are_in_the_shares_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, days: list[str]
) -> None:
    """Inside the day of the split too: sessions before it stand at half their prices, and at twice
    their 13 bars of 2,000 shares."""
    _, _, rows = run(tmp_path, monkeypatch, ALWAYS, f"limit it on entry deny when {limit}")
    assert len(rows) == sum(day >= FIRST for day, _ in stamps())
    assert sorted({at.split()[0] for at in denied(rows)}) == days
    assert len(denied(rows)) == sum(day in days for day, _ in stamps())


STRATEGY = """
  entry long up add 30 times { when close > $1 size 11 shares order market }
  exit out of up {
    when position.qty >= 200 shares and session.minutes == 330
    order market
  }
  stop far of up at position.entry_price * 60%
"""
LIMITS = """
  limit pace  on entry deny when orders(90m) >= 1
  limit late  on entry deny when session.minutes_to_close <= 60
  limit lunch on entry deny when market.time between 12:00 to 13:00
"""


def test_a_run_with_all_of_it_is_booked_to_the_cent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """11 at 10:30, 12:00 and 14:00 of each day, of the half day not at 14:00. The 66 of the first
    two days become 132; 165 get 0.50 each; the stop at 60 of 100 moves to 30 of 50. A tenth of a
    bar's 4,000 holds nothing back."""
    desk, history, _ = run(tmp_path, monkeypatch, STRATEGY, LIMITS)
    assert differences(desk, history) == []
    assert identity_gaps(desk, history) == []
    bought = [(f"{d} {at}", 11.0) for d in DAYS if d >= FIRST for at in ("10:30", "12:00", "14:00")]
    bought.remove((f"{PAID} 14:00", 11.0))
    filled = [(desk.tape.told(f.bar), f.qty) for f in history.fills]
    assert filled[: len(bought)] == bought
    assert sum(q for _, q in filled[len(bought) :]) == -220
    assert desk.tape.actions == ((26, 0, 2.0, 0.0), (39, 0, 1.0, 0.5))
    assert {t: d for t, d in enumerate(history.dividends) if d} == {39: 82.5}
    assert [history.position_qty[0][0][t] for t in (25, 26, 38, 39)] == [66, 132, 165, 165]
    spent = 2 * 11 * (100.01 + 100.04 + 100.08) + 2 * 11 * (50.01 + 50.04 + 50.08)
    spent += 11 * (50.01 + 50.04)
    assert round(history.equity[-1], 2) == round(1_000_000 - spent + 82.5 + 220 * 50.11, 2)


AUCTIONS = """
  entry long up { when session.minutes == 60 size 10 shares order market for opg }
  exit out of up { when session.minutes == 90 order market for cls }
  stop far of up at position.entry_price * 60%
"""


def test_orders_for_the_open_and_the_close_are_booked_to_the_cent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent at 10:30 for the next session's open, at 11:00 for the close of the same, the half day's
    at 13:00. What is wanted while one is open is ignored; the last open does not come. 5 bps of
    slippage go to the tick against us: 100.05, 100.12 less 0.05006 is 100.06, 50.025 is 50.03,
    50.06 less 0.02503 is 50.03; a basis point of each is paid: 0.30017 in all."""
    told = [auctions(tmp_path, monkeypatch, runner) for runner in ("walk", "python", "njit")]
    desk, history = told[0]
    assert [(desk.tape.told(f.bar), f.qty, f.price) for f in history.fills] == [
        ("2023-11-21 10:00", 10, 100.05),
        ("2023-11-21 16:00", -10, 100.06),
        ("2023-11-24 10:00", 10, 50.03),
        ("2023-11-24 13:00", -10, 50.03),
    ]
    assert differences(desk, history) == []
    assert identity_gaps(desk, history) == []
    assert round(history.equity[-1], 2) == round(1_000_000 - 1000.5 + 1000.6 - 0.30017, 2)
    for _, other in told[1:]:
        for part in ("fills", "verdicts", "lapses", "round_trips"):
            assert repr(getattr(other, part)) == repr(getattr(history, part))
        assert list(other.equity) == list(history.equity)


def auctions(place: Path, monkeypatch: pytest.MonkeyPatch, runner: str) -> tuple[Desk, History]:
    """The run of AUCTIONS by one of the runners."""
    folder = place / runner
    folder.mkdir()
    costs = "commission: {bps: 1}, slippage: {bps: 5}"
    limit = "limit any on entry deny when last < $1"
    return run(folder, monkeypatch, AUCTIONS, limit, runner, costs)[:2]
