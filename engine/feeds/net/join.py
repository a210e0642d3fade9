"""Fetched bars as series (floor 8): new symbols, and shipped ones carried on past their end.

A shipped series is carried on only where the last days that both hold agree. Where its prices are
adjusted they stand on the basis of the day they were made, so there the fetched ones may differ by
one factor, which is measured on the last common day and must hold on all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.feeds.net.cache import About, Cached
from engine.feeds.net.spec import RAW, TOTAL
from engine.feeds.own.checks import FALSE_OPENS
from engine.records.catalogue import FEED_KINDS
from engine.records.instrument import COLUMNS, DataSpan, Instrument, Kind
from engine.records.series import Series

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COMMON = 20
"""So many last common closes must agree."""
NEAR = 0.001
"""Closes agree within this part of the shipped one."""
NEAR_RATE = 0.0025
"""Rates of another kind agree within a quarter of a percentage point."""
FRACTION = 0.0001
"""The lot of adjusted prices, which have no tick either: nobody's shares and prices, as shipped."""

SURVIVORS = (
    "Chosen by today's names, with hindsight: what failed since is missing and losses look smaller."
)


def _coupon_equivalent(percent: Floats) -> Floats:
    """A 13-week bill's discount rate in percent as a yearly yield: 365 d / (360 - 91 d)."""
    d = percent / 100.0
    return 365.0 * d / (360.0 - 91.0 * d)


def _ratio(percent: Floats) -> Floats:
    return percent / 100.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How a fetched level becomes the shipped rate, and in what it differs."""

    convert: Callable[[Floats], Floats]
    differs: str


RATES: Mapping[str, Rate] = {
    "UST3M": Rate(_coupon_equivalent, "the 13-week bill, not the par yield"),
    "UST5Y": Rate(_ratio, "the traded note, not the par yield"),
    "UST10Y": Rate(_ratio, "the traded note, not the par yield"),
    "UST30Y": Rate(_ratio, "the traded bond, not the par yield"),
}


# ---------------------------------------------------------------- shipped symbols


def extended(series: Series, cached: Cached) -> Series:
    """The series with the fetched bars after its end; UserError where the two disagree."""
    known, about = series.instrument, cached.about
    if about.currency != known.currency and known.kind not in FEED_KINDS:
        text = f"`{series.symbol}` is in {known.currency}, {about.ticker} in {about.currency}"
        raise UserError(text, "map it to another ticker under `data: tickers`")
    rate = RATES.get(series.symbol) if known.kind == "rate" else None
    columns = dict(cached.columns) if rate is None else _converted(cached, rate)
    factor = _factor(series, cached.days, columns["close"], known)
    new = cached.days > series.days[-1]
    if not new.any():
        return series
    later = {name: _scaled(columns[name][new], name, factor) for name in COLUMNS}
    for name in COLUMNS:
        if name not in known.column_names:
            later[name] = np.full(int(new.sum()), np.nan)
    told = replace(
        known,
        dataset=f"{known.dataset}+{about.source}",
        caveats=(*known.caveats, _caveat(series, about, factor, rate)),
    )
    return _appended(series, cached.days[new], later, told)


def _converted(cached: Cached, rate: Rate) -> dict[str, Floats]:
    close = rate.convert(cached.columns["close"])
    return {name: close if name == "close" else np.full(len(close), np.nan) for name in COLUMNS}


def _factor(series: Series, days: NDArray[np.int32], closes: Floats, known: Instrument) -> float:
    """What fetched prices are multiplied with; UserError when the common days do not agree."""
    common = np.intersect1d(series.days, days)[-COMMON:]
    if len(common) < COMMON:
        text = f"`{series.symbol}` cannot be carried on: {len(common)} fetched days lie inside"
        raise UserError(
            f"{text} the shipped data, {COMMON} are needed to compare", _again(series.symbol)
        )
    ours = series.close[np.searchsorted(series.days, common)]
    theirs = closes[np.searchsorted(days, common)]
    factor = float(ours[-1] / theirs[-1]) if known.adjusted else 1.0
    slack = NEAR_RATE if known.kind == "rate" else NEAR * np.abs(ours)
    bad = np.flatnonzero(~(np.abs(theirs * factor - ours) <= slack))
    if len(bad):
        raise _disagreement(series.symbol, common, ours, theirs * factor, int(bad[0]))
    return factor


def _disagreement(
    symbol: str, days: NDArray[np.int32], ours: Floats, theirs: Floats, at: int
) -> UserError:
    text = f"`{symbol}` cannot be carried on: on {iso(int(days[at]))} the shipped close is"
    text += f" {ours[at]:g} and the fetched one {theirs[at]:g}"
    return UserError(text, _again(symbol))


def _again(symbol: str) -> str:
    again = f"`seawall data fetch {symbol}` fetches it again"
    return f"{again}; another ticker is named by `data: {{tickers: {{{symbol}: NAME}}}}`"


def _scaled(values: Floats, name: str, factor: float) -> Floats:
    return values / factor if name == "volume" else values * factor


def _caveat(series: Series, about: About, factor: float, rate: Rate | None) -> str:
    text = f"After {iso(int(series.days[-1]))} fetched from {about.source} ({about.ticker})"
    if rate is not None:
        return f"{text}: {rate.differs}."
    if abs(factor - 1.0) > NEAR:
        return f"{text}, multiplied by {factor:.6g} to the shipped basis."
    return f"{text}."


def _appended(
    series: Series, days: NDArray[np.int32], later: Mapping[str, Floats], instrument: Instrument
) -> Series:
    opens = _real_opens(later, instrument.tradable)
    ranged = ~(np.isnan(later["high"]) | np.isnan(later["low"]))
    more = _spans(days, opens, ranged, ~np.isnan(later["volume"]))
    flagged = np.zeros(len(days), dtype=np.bool_)
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(series, name), later[name]]) for name in COLUMNS
    }
    return Series(
        symbol=series.symbol,
        instrument=replace(instrument, spans=(*instrument.spans, *more)),
        days=np.concatenate([series.days, days]),
        real_open=np.concatenate([series.real_open, opens]),
        has_range=np.concatenate([series.has_range, ranged]),
        flagged=np.concatenate([series.flagged, flagged]),
        **joined,
    )


def _real_opens(columns: Mapping[str, Floats], tradable: bool) -> Flags:
    """Where orders may fill at the open: nowhere when most repeat the close before."""
    opens, closes = columns["open"], columns["close"]
    known: Flags = ~np.isnan(opens)
    repeats = int((opens[1:] == closes[:-1]).sum())
    if not tradable or (len(opens) > COMMON and repeats > FALSE_OPENS * (len(opens) - 1)):
        return np.zeros(len(opens), dtype=np.bool_)
    return known


def _spans(
    days: NDArray[np.int32], opens: Flags, ranged: Flags, volumes: Flags
) -> tuple[DataSpan, ...]:
    rows = zip(days.tolist(), opens.tolist(), ranged.tolist(), volumes.tolist(), strict=True)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row[1:])]
    return tuple(DataSpan(g[0][0], g[-1][0], *g[0][1:]) for g in groups)


# ---------------------------------------------------------------- new symbols


def fresh(symbol: str, about: About, kind: Kind | None = None) -> Instrument:
    """How a symbol that only the source knows is taken to trade, until the set-up says more."""
    return described(symbol, about.source, about.ticker, about.adjust, kind or about.kind)


def described(symbol: str, source: str, ticker: str, adjust: str, kind: Kind | None) -> Instrument:
    """The instrument of a new symbol, any column assumed; an index has no volume, no adjustment."""
    is_index = kind == "index"
    adjusted = adjust != RAW and not is_index
    return Instrument(
        symbol=symbol,
        title=f"{symbol}, fetched from {source}",
        dataset=source,
        ticker=ticker,
        columns=tuple((name, name) for name in COLUMNS if not (is_index and name == "volume")),
        kind=kind or "stock",
        tradable=kind not in FEED_KINDS,
        lot=FRACTION if adjusted else 1.0,
        tick=0.0 if adjusted or is_index else 0.01,
        shortable=True,
        adjusted=adjusted,
        total_return=adjust == TOTAL and not is_index,
        caveats=(SURVIVORS,),
    )


def fresh_series(instrument: Instrument, cached: Cached | None) -> Series:
    """The bars of a new symbol; none when nothing is cached."""
    days = np.empty(0, dtype=np.int32) if cached is None else cached.days
    held = {} if cached is None else cached.columns
    unknown = np.full(len(days), np.nan)
    columns = {
        name: held.get(name, unknown) if name in instrument.column_names else unknown
        for name in COLUMNS
    }
    nothing = np.zeros(0, dtype=np.bool_)
    none: dict[str, Any] = {name: np.empty(0) for name in COLUMNS}
    empty = Series(
        symbol=instrument.symbol,
        instrument=replace(instrument, spans=()),
        days=np.empty(0, dtype=np.int32),
        real_open=nothing,
        has_range=nothing,
        flagged=nothing,
        **none,
    )
    if not len(days):
        return empty
    currency = instrument.currency if cached is None else cached.about.currency
    return _appended(empty, days, columns, replace(empty.instrument, currency=currency))
