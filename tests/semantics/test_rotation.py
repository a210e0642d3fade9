"""Portfolio rules through the account loop, against their orders worked out in exact decimals."""

import random
from decimal import Decimal

import pytest

from engine.base.dates import parse_day
from engine.session.timeline import period_keys
from semantics.make import MONDAY, Bars, Case, run, sessions_from
from tests.oracle import ledger
from tests.oracle.rotation import Closes, Rule, equal, inverse_vol, trade, vol_target

NAMES = ("DELTA", "ALPHA", "ECHO", "BRAVO", "CHARLIE")
COUNT = 60


def closes_of(seed: int) -> Closes:
    """Prices on a coarse grid, so that scores tie; now and then a session without a bar."""
    rng = random.Random(seed)
    made: Closes = {}
    for name in NAMES:
        price, line = Decimal(rng.randint(40, 60)), list[Decimal | None]()
        for _ in range(COUNT):
            price = max(Decimal(20), price + rng.choice((-2, -1, -1, 0, 0, 1, 1, 2)))
            line.append(None if rng.random() < 0.06 else price)
        made[name] = line
    return made


def bars_of(line: list[Decimal | None]) -> Bars:
    """Bars that open where the last one closed."""
    rows, last = [], next(p for p in line if p is not None)
    for price in line:
        if price is None:
            rows.append(".")
            continue
        rows.append(f"{last} {max(last, price)} {min(last, price)} {price}")
        last = price
    return Bars("\n".join(rows))


def last_of(clock: str) -> frozenset[int]:
    """The sessions that end a week or a month of the scheduled calendar."""
    import numpy as np

    days = np.asarray(sessions_from(MONDAY, COUNT + 1))
    keys = period_keys(days, clock)
    return frozenset(int(k) for k in np.flatnonzero(keys[1:] != keys[:-1]))


def same(case: Case, rule: Rule, closes: Closes) -> None:
    fills, equity = trade(rule, closes, Decimal(100_000))
    told = [(bar, symbol, qty, price) for bar, _, symbol, qty, price in case.filled]
    assert told == [(day, s, float(q), float(p)) for day, s, q, p in fills]
    assert case.equity == pytest.approx([float(e) for e in equity], abs=0.02)
    assert len(fills) > 8
    assert ledger.differences(case.desk, case.history) == []
    assert ledger.identity_gaps(case.desk, case.history) == []


EVERY = {"daily": frozenset(range(COUNT)), "weekly": last_of("1w"), "monthly": last_of("1mo")}
CASES = {
    "equal": ("weight equal", "weekly", equal, None, None),
    "equal, filtered": ("weight equal", "weekly", equal, None, "0.02"),
    "within a band": ("weight equal", "daily", equal, "0.2", None),
    "inverse volatility": ("weight inverse_vol(5 bars)", "weekly", inverse_vol(5), None, None),
    "volatility aimed at": (
        "weight vol_target(10%, 4 bars)",
        "weekly",
        vol_target(Decimal("0.1"), 4, Decimal(1)),
        "0.02",
        None,
    ),
    "volatility capped": (
        "weight vol_target(90%, 4 bars, 80%)",
        "monthly",
        vol_target(Decimal("0.9"), 4, Decimal("0.8")),
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_orders_and_equity_are_those_worked_out_by_hand(name: str) -> None:
    weight, every, weigh, band, least = CASES[name]
    when = "" if least is None else f" when roc(close, 3 bars) > {least}"
    drift = "" if band is None else f" when drift > {band}"
    text = (
        "strategy s {\n  clock 1d on xnys\n"
        f"  hold top 2 by roc(close, 3 bars){when}\n  {weight}\n  rebalance {every}{drift}\n}}\n"
    )
    limit = None if band is None else Decimal(band)
    rule = Rule(2, 3, weigh, EVERY[every], limit, None if least is None else Decimal(least))
    closes = closes_of(len(name))
    same(run(text, {s: bars_of(line) for s, line in closes.items()}), rule, closes)


def test_the_order_of_the_universe_changes_no_position() -> None:
    text = (
        "strategy s {\n  clock 1d on xnys\n  hold top 2 by roc(close, 3 bars)\n"
        "  weight inverse_vol(5 bars)\n  rebalance weekly\n}\n"
    )
    closes = closes_of(3)
    bars = {s: bars_of(line) for s, line in closes.items()}
    first, second = run(text, bars), run(text, bars, universe=sorted(NAMES))
    assert sorted(first.filled) == sorted(second.filled) and first.filled != second.filled
    assert first.equity == second.equity


def test_january_ends_on_the_thirty_first() -> None:
    assert parse_day(MONDAY) + 24 in [sessions_from(MONDAY, COUNT)[k] for k in EVERY["monthly"]]
