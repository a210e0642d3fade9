"""The sizing library: shares and shares of equity, against the formulas in numpy."""

import numpy as np
import pytest
from semantics.make import flat, limits, run, strategy

from tests.ops.library import values

RNG = np.random.default_rng(5)
CLOSE = 100.0 * np.exp(np.cumsum(RNG.normal(0.002, 0.01, 80)))
BARS = {"open": CLOSE, "high": CLOSE * 1.01, "low": CLOSE * 0.99, "close": CLOSE,
        "volume": np.full(80, 1e6)}  # fmt: skip
R = CLOSE[1:] / CLOSE[:-1] - 1.0


def last(text: str) -> float:
    return float(values(text, BARS)[-1])


def test_vol_share_brings_volatility_to_the_aim_and_stops_at_the_whole() -> None:
    yearly = np.std(R[-20:]) * np.sqrt(252)
    assert last("vol_share(10%, 20 bars)") == pytest.approx(min(0.10 / yearly, 1.0))
    assert last("vol_share(900%, 20 bars)") == 1.0


def test_kelly_is_mean_over_variance_and_nothing_for_losers() -> None:
    mean, var = np.mean(R[-60:]), np.var(R[-60:])
    assert last("kelly(close, 60 bars)") == pytest.approx(max(mean, 0.0) / var)
    falling = {**BARS, "close": CLOSE[::-1].copy()}
    assert float(values("kelly(close, 60 bars)", falling)[-1]) == 0.0


def test_kelly_trusts_less_what_is_less_certain() -> None:
    for n in (20, 60):
        mean, var = np.mean(R[-n:]), np.var(R[-n:])
        trust = mean**2 / (mean**2 + var / n)
        assert last(f"kelly_trust(close, {n} bars)") == pytest.approx(trust)
        assert 0.0 <= trust <= 1.0


def test_capped_kelly_never_passes_its_cap() -> None:
    n = 60
    mean, var = np.mean(R[-n:]), np.var(R[-n:])
    full = max(mean, 0.0) / var * mean**2 / (mean**2 + var / n)
    assert last("capped_kelly(close, 60 bars, 25%, 10%)") == pytest.approx(min(0.25 * full, 0.10))
    assert last("capped_kelly(close, 60 bars, 25%, 1000%)") == pytest.approx(0.25 * full)


SIZES = [
    ("fixed_fraction(10% of equity, close)", 1000.0),
    # 1% of 100,000 over a distance of 2
    ("risk_per_trade(1% of equity, 2 * (high - low))", 500.0),
    # bars never move more than 1 from high to low: twice that is 2
    ("atr_risk(1% of equity, 2, 2 bars)", 500.0),
]


@pytest.mark.parametrize(("size", "shares"), SIZES)
def test_sizes_become_orders_and_the_limits_clip_them(size: str, shares: float) -> None:
    bars = "10 10.5 9.5 10\n" * 3 + "11 11 11 11"
    text = 'use "lib/sizing.rule"\n' + strategy(
        f"  entry long up {{ when account.cash >= $0 and close == $10 size {size} order market }}\n"
        "  stop hard at position.entry_price - $2"
    )
    case = run(text, bars)
    asked = [v[3] for v in case.verdicts if v[1] == "entry" and v[3] > 0.0]
    assert asked[0] == shares
    capped = run(text + limits("limit cap on order clip qty to 300 shares"), bars)
    sent = [v[4] for v in capped.verdicts if v[1] == "entry" and v[3] > 0.0]
    assert sent[0] == 300.0


def test_a_size_without_a_stop_distance_is_no_order() -> None:
    text = 'use "lib/sizing.rule"\n' + strategy(
        "  entry long up { when close == $10 size risk_per_trade(1% of equity, close - close)"
        " order market }"
    )
    case = run(text, flat("10 11"))
    assert [v[2] for v in case.verdicts] == ["unsized"]
