"""Shipped series carried on by fetched bars, and new symbols: what agrees, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.feeds.embedded import load
from engine.feeds.net.cache import About, Cached
from engine.feeds.net.join import COMMON, extended, fresh, fresh_series
from engine.records.instrument import COLUMNS
from engine.records.series import Series
from tests.feeds.loopback import price, sessions


def fetched(series: Series, days: list[int], factor: float = 1.0, adjust: str = "split") -> Cached:
    """Bars that repeat the shipped closes (over `factor`) and go on by formula."""
    held = dict(zip(series.days.tolist(), series.close.tolist(), strict=True))
    end = held[int(series.days[-1])]
    close = np.array([held.get(d) or end * price(d, 1000.0) / 1000.0 for d in days]) / factor
    columns = {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99, "close": close}
    columns["volume"] = np.full(len(days), 5e6)
    about = About(
        source="yfinance",
        ticker=series.symbol,
        adjust=adjust,
        options={},
        first=days[0],
        last=days[-1],
        fetched=days[-1],
        zone="America/New_York",
        currency="USD",
        kind=None,
        notes=(),
        dividends=(),
        splits=(),
    )
    return Cached(about, np.array(days, dtype=np.int32), columns)


INDEX = load("SP500")
AFTER = sessions("2022-11-15", "2023-05-31")


def test_an_index_goes_on_where_it_ended() -> None:
    made = extended(INDEX, fetched(INDEX, AFTER))
    new = [d for d in AFTER if d > INDEX.days[-1]]
    assert made.days.tolist() == [*INDEX.days.tolist(), *new]
    assert made.close[: len(INDEX)].tobytes() == INDEX.close.tobytes()
    assert made.real_open[len(INDEX) :].all()
    assert made.has_range[len(INDEX) :].all()
    assert np.isnan(made.volume[len(INDEX) :]).all(), "an index has no volume"
    span = made.instrument.spans[-1]
    assert (iso(span.first), span.last) == ("2022-12-29", new[-1])
    assert (span.real_open, span.high_low, span.volume) == (True, True, False)
    assert "fetched from yfinance" in made.instrument.caveats[-1]
    assert made.instrument.dataset == "sp500+yfinance"


def test_a_close_that_differs_by_more_than_a_thousandth_is_refused_with_its_day() -> None:
    for change, refused in ((1.0009, False), (1.0011, True), (0.9, True)):
        held = fetched(INDEX, AFTER)
        at = AFTER.index(parse_day("2022-12-15"))
        held.columns["close"][at] *= change
        if refused:
            with pytest.raises(UserError, match="on 2022-12-15 the shipped close") as caught:
                extended(INDEX, held)
            assert "data fetch SP500" in caught.value.help
        else:
            extended(INDEX, held)


def test_an_unknown_close_among_the_common_days_is_refused() -> None:
    held = fetched(INDEX, AFTER)
    held.columns["close"][AFTER.index(parse_day("2022-12-15"))] = np.nan
    with pytest.raises(UserError, match="2022-12-15"):
        extended(INDEX, held)


def test_a_difference_before_the_common_days_does_not_count() -> None:
    held = fetched(INDEX, AFTER)
    held.columns["close"][0] *= 2
    assert len(extended(INDEX, held)) > len(INDEX)


def test_too_few_common_days_are_refused() -> None:
    days = AFTER[AFTER.index(int(INDEX.days[-1])) - COMMON + 2 :]
    with pytest.raises(UserError, match=f"{COMMON - 1} fetched days lie inside"):
        extended(INDEX, fetched(INDEX, days))
    with pytest.raises(UserError, match="0 fetched days lie inside"):
        extended(INDEX, fetched(INDEX, sessions("2023-01-03", "2023-05-31")))


def test_an_unadjusted_series_allows_no_factor() -> None:
    with pytest.raises(UserError, match="cannot be carried on"):
        extended(INDEX, fetched(INDEX, AFTER, factor=2.0))


def test_adjusted_prices_are_brought_to_the_shipped_basis() -> None:
    """A split after the shipped data were made moves every fetched price by one factor."""
    series = load("NVDA")
    days = sessions("2023-08-01", "2024-07-31")
    made = extended(series, fetched(series, days, factor=10.0))
    plain = extended(series, fetched(series, days))
    new = slice(len(series), None)
    for name in ("open", "high", "low", "close"):
        assert getattr(made, name)[new] == pytest.approx(getattr(plain, name)[new])
    assert made.volume[new] == pytest.approx(plain.volume[new] / 10.0)
    assert "multiplied by 10" in made.instrument.caveats[-1]


def test_a_factor_that_changes_within_the_common_days_is_refused() -> None:
    """So look dividends, where the one series holds them and the other does not."""
    series = load("JPM")
    held = fetched(series, AFTER, factor=1.1, adjust="total")
    extended(series, held)
    held.columns["close"][: AFTER.index(parse_day("2022-12-16"))] *= 1.01
    with pytest.raises(UserError, match="`JPM` cannot be carried on"):
        extended(series, held)


def test_closes_only_stay_closes_only() -> None:
    series = load("JPM")
    made = extended(series, fetched(series, AFTER, adjust="total"))
    assert np.isnan(made.open[len(series) :]).all()
    assert not made.has_range[len(series) :].any()
    assert made.instrument.column_names == ("close",)


def test_bill_rates_become_coupon_equivalent_ratios() -> None:
    """A 91-day bill at 5.00% discount costs 98.7361; 365/91 times its gain over that is 5.1343%."""
    series = load("UST3M")
    days = sessions("2024-05-16", "2024-12-31")
    held = fetched(series, days)
    held.columns["close"][:] = [
        100 * 360 * r / (365 + 91 * r) for r in held.columns["close"].tolist()
    ]
    held.columns["close"][-1] = 5.0
    made = extended(series, held)
    cost = 100 - 5.0 * 91 / 360
    assert made.close[-1] == pytest.approx((100 - cost) / cost * 365 / 91)
    assert np.isnan(made.high[len(series) :]).all()
    assert "13-week bill" in made.instrument.caveats[-1]
    held.columns["close"][5:30] += 0.5
    with pytest.raises(UserError, match="UST3M"):
        extended(series, held)


def test_another_currency_is_refused() -> None:
    held = fetched(INDEX, AFTER)
    with pytest.raises(UserError, match="in EUR"):
        extended(INDEX, replace(held, about=replace(held.about, currency="EUR")))


def test_bars_that_add_nothing_leave_the_series_alone() -> None:
    held = fetched(INDEX, sessions("2022-06-01", "2022-12-28"))
    assert extended(INDEX, held) is INDEX


def test_opens_that_repeat_the_close_before_are_not_real() -> None:
    held = fetched(INDEX, AFTER)
    held.columns["open"][1:] = held.columns["close"][:-1]
    made = extended(INDEX, held)
    assert not made.real_open[len(INDEX) :].any()


@pytest.mark.parametrize(
    ("kind", "adjust", "adjusted", "total", "volume"),
    [
        ("etf", "split", True, False, True),
        ("stock", "raw", False, False, True),
        ("stock", "total", True, True, True),
        ("index", "split", False, False, False),
        (None, "split", True, False, True),
    ],
)
def test_a_new_symbol_says_what_its_prices_are(
    kind: str | None, adjust: str, adjusted: bool, total: bool, volume: bool
) -> None:
    held = fetched(INDEX, AFTER, adjust=adjust)
    about = replace(held.about, kind=kind, ticker="NEW")
    series = fresh_series(fresh("NEW", about), replace(held, about=about))
    i = series.instrument
    assert (i.adjusted, i.total_return) == (adjusted, total)
    assert ("volume" in i.column_names) is volume
    assert np.isnan(series.volume).all() is np.bool_(not volume)
    assert i.tick == (0.0 if adjusted or kind == "index" else 0.01)
    assert (i.currency, i.kind) == ("USD", kind or "stock")
    assert i.lot == (0.0001 if adjusted else 1.0)
    assert any("hindsight" in caveat.lower() for caveat in i.caveats)
    assert series.days.tolist() == AFTER


def test_a_new_symbol_without_bars_is_an_empty_series() -> None:
    series = fresh_series(fresh("NEW", fetched(INDEX, AFTER).about), None)
    assert len(series) == 0
    assert all(len(getattr(series, name)) == 0 for name in COLUMNS)
