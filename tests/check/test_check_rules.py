"""Whole files: every prototype and shipped rule file checks, fast, and means what it says."""

import time
from pathlib import Path

import pytest
from checking import checked

from engine.check import check_file, load_uses, read_near
from engine.check.typed import CLOCK, SELF, Apply, Column, Fold, Frame, Sample
from engine.lang.parse import parse_file
from engine.records.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "rules").rglob("*.rule"))
SHIPPED = sorted((ROOT / "rules").rglob("*.rule"))
LATER = {"00_charter_3", "09_limits"}


def _check(path: Path):  # type: ignore[no-untyped-def]
    file, problems = parse_file(path)
    used, more = load_uses(file, read_near)
    meant, found = check_file(file, used, load_catalogue(), problems=[*problems, *more])
    return meant, [*problems, *more, *found]


@pytest.mark.parametrize("path", [*CASES, *SHIPPED], ids=lambda p: p.stem)
def test_every_rule_file_checks_without_an_error(path: Path) -> None:
    _, found = _check(path)
    assert [str(d.span) + d.message for d in found if d.severity == "error"] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_files_check_without_any_finding(path: Path) -> None:
    assert _check(path)[1] == []


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_only_what_runs_later_is_marked_later(path: Path) -> None:
    meant, found = _check(path)
    marked = {d for d in found if d.severity == "later"}
    blocks = (*meant.strategies, *meant.limits, *meant.scenarios)
    assert bool(marked) == (path.stem in LATER)
    assert {d for b in blocks for d in b.later} <= marked
    assert bool(marked) == any(b.later for b in blocks)


def test_forty_lines_check_within_twenty_milliseconds() -> None:
    path = ROOT / "rules" / "channel_breakout.rule"
    file, _ = parse_file(path)
    used, _ = load_uses(file, read_near)
    catalogue = load_catalogue()
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        check_file(file, used, catalogue)
        best = min(best, time.perf_counter() - start)
    assert best < 0.02


def test_the_charter_strategy_means_what_it_says() -> None:
    meant, _ = _check(ROOT / "tests" / "cases" / "rules" / "00_charter_1.rule")
    fade = meant.strategies[0]
    entry = fade.entries[0]
    assert (fade.clock, fade.calendar, entry.side, entry.size_in) == (
        "1d",
        "xnys",
        "long",
        "shares",
    )
    assert (entry.order.kind, entry.order.tif) == ("limit", "day")
    assert entry.when.text == "z crosses below -z_in and volume >= 50% of adv(20 bars)"
    cross, volume = entry.when.parts
    assert [p.name for p in cross.parts] == ["z"]
    assert [p.name for p in cross.parts[0].parts] == ["mean"]
    assert cross.text == "z crosses below -z_in"
    assert isinstance(entry.when.value, Apply)
    assert entry.when.value.args == (cross.value, volume.value)
    assert meant.tests[0].givens[0].values[-1] == 94.0


def test_implicit_columns_stand_behind_the_series_arguments() -> None:
    meant, _ = checked("rules 1\nstrategy s {\n  weight atr(14 bars) / close\n}\n")
    weight = meant.strategies[0].weight
    assert isinstance(weight, Apply)
    atr = weight.args[0]
    assert isinstance(atr, Apply)
    assert [c.name for c in atr.args if isinstance(c, Column)] == ["high", "low", "close"]
    assert atr.consts == (14.0,)


def test_clocks_symbols_and_folds_get_their_frames() -> None:
    text = (
        "rules 1\nstrategy s {\n"
        "  entry long up {\n"
        "    when close > (sma(close of SPY, 10 bars) on 1w)[1]\n"
        "    size 5% of equity\n  }\n"
        "  trail t at peak(high) since entry - 3 * atr(20 bars)\n}\n"
    )
    strategy = checked(text)[0].strategies[0]
    when = strategy.entries[0].when.value
    assert isinstance(when, Apply)
    back = when.args[1]
    assert isinstance(back, Apply)
    weekly = back.args[0]
    assert (back.op, back.consts, back.frame) == ("back", (1.0,), SELF)
    assert isinstance(weekly, Sample)
    assert weekly.frame == SELF
    assert isinstance(weekly.value, Apply)
    assert weekly.value.frame == Frame(None, "1w")
    inner = weekly.value.args[0]
    assert isinstance(inner, Sample)
    assert inner.value == Column("close", Frame("SPY", "1w"), inner.kind)
    assert strategy.symbols == ("SPY",)
    price = strategy.levels[0].price
    assert isinstance(price, Apply)
    assert isinstance(price.args[0], Fold)


def test_switches_stand_on_the_clock_and_limits_on_the_symbol() -> None:
    meant, _ = _check(ROOT / "rules" / "limits" / "house.rule")
    house = meant.limits[0]
    pause = house.switches[0]
    assert isinstance(pause.enter, Apply)
    feed = pause.enter.args[0]
    assert isinstance(feed, Column)
    assert (feed.name, feed.frame, feed.stale) == ("feed:VIX", CLOCK, 2)
    cap = next(row for row in house.limits if row.name == "adv_cap")
    assert (cap.action, cap.otherwise, cap.on) == ("clip", "skip", "order")
    assert isinstance(cap.value, Apply)
    assert cap.value.frame == SELF


def test_scenarios_know_their_windows_claims_and_waivers() -> None:
    meant, _ = _check(ROOT / "tests" / "cases" / "rules" / "12_waive.rule")
    scenario = meant.scenarios[0]
    assert scenario.waives == (("house", "vix_pause", "no VIX before 1990"),)
    assert scenario.resumes == (("drawdown_halt", 40, "risk-desk"),)
    assert scenario.claims[0].kind == "always"
    assert meant.limits[0].switches[0].resume_after == 2
