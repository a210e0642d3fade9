"""Daily bars from Yahoo Finance through the yfinance package (floor 8), loaded on fetching only.

Yahoo's closes are adjusted for splits, not for dividends; its adjusted close holds both. Dates are
the exchange's own. What is fetched goes to the cache; replays read that and never the network.
"""

import logging
import math
import os
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from engine.base.dates import day_of, iso
from engine.feeds.net.failure import Failure, status_failure
from engine.feeds.net.loaded import load_cached
from engine.feeds.net.spec import SPLIT, TOTAL, Answer, Ask, Source
from engine.feeds.net.wire import Wire, guard, package
from engine.feeds.own.values import Bar
from engine.feeds.spec import Feed
from engine.records.instrument import Kind

HOST = "Yahoo Finance"
CHART = "/v8/finance/chart/"
TICKERS: Mapping[str, str] = {
    "SP500": "^GSPC",
    "NASDAQ": "^IXIC",
    "DJI": "^DJI",
    "RUT": "^RUT",
    "VIX": "^VIX",
    "UST3M": "^IRX",
    "UST5Y": "^FVX",
    "UST10Y": "^TNX",
    "UST30Y": "^TYX",
}
"""Our symbols to Yahoo's, where they differ."""

KINDS: Mapping[str, Kind] = {"EQUITY": "stock", "ETF": "etf", "INDEX": "index"}


def fetch(ask: Ask, wire: Wire) -> Answer:
    """Ask Yahoo for the bars; Failure says why there are none."""
    yahoo = package("yfinance")
    _quieten(yahoo)
    plain = package("curl_cffi.requests").Session(impersonate="chrome")
    ticker = yahoo.Ticker(ask.ticker, session=guard(plain, wire, HOST, CHART, _judge()))
    # A repetition must ask again, and not be served the bad answer that the package has kept.
    package("yfinance.data").YfData.cache_get.cache_clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own affairs with pandas
            return _answer(_history(ticker, ask, wire), ticker.get_history_metadata(), ask)
    except Failure:
        raise
    except yahoo.exceptions.YFRateLimitError:
        raise Failure("limited", HOST) from None
    except yahoo.exceptions.YFPricesMissingError as problem:
        raise Failure("empty", HOST, str(problem.yahoo_reason or "")) from None
    except Exception as problem:  # the package reads answers by trial: any error means a bad one
        raise Failure("garbage", HOST, f"{type(problem).__name__} {problem}"[:120]) from None


def _history(ticker: Any, ask: Ask, wire: Wire) -> Any:
    return ticker.history(
        start=iso(ask.first),
        end=iso(ask.last + 1),
        interval="1d",
        auto_adjust=False,
        actions=True,
        keepna=True,
        timeout=wire.timeout,
    )


def _quieten(yahoo: Any) -> None:
    """Let failures reach us instead of the log, and leave no files in the user's cache folder."""
    yahoo.config.debug.hide_exceptions = False
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    # A folder that cannot exist turns the package's own databases off.
    yahoo.set_tz_cache_location(os.path.join(os.devnull, "none"))


def _judge() -> Callable[[Any], Failure | None]:
    """A judge of the answers to one fetch: the first 401 makes the package try another cookie."""
    cookies = iter([None])

    def judge(response: Any) -> Failure | None:
        if response.status_code == 401:
            return next(cookies, Failure("refuses", HOST, "HTTP 401"))
        return _judged(response)

    return judge


def _judged(response: Any) -> Failure | None:
    """What is wrong with an answer to a request for bars, before the package caches it."""
    status = response.status_code
    try:
        chart = response.json()["chart"]
        reason = (chart.get("error") or {}).get("description") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return status_failure(status, HOST) or Failure("garbage", HOST)
    if status in (400, 422) and reason:
        return Failure("empty", HOST, reason)
    return status_failure(status, HOST, reason)


def _answer(frame: Any, about: Mapping[str, Any], ask: Ask) -> Answer:
    days = [day_of(stamp.date()) for stamp in frame.index]
    table = {
        name: [float(v) for v in frame[name]]
        for name in ("Open", "High", "Low", "Close", "Adj Close", "Volume")
    }
    bars = tuple(
        _bar(row, day, {name: values[row] for name, values in table.items()}, ask.adjust)
        for row, day in enumerate(days)
    )
    if not bars:
        raise Failure("empty", HOST)
    return Answer(
        bars=bars,
        zone=str(about["exchangeTimezoneName"]),
        currency=str(about.get("currency") or "USD"),
        kind=KINDS.get(str(about.get("instrumentType"))),
        dividends=_events(days, frame["Dividends"]),
        splits=_events(days, frame["Stock Splits"]),
    )


def _bar(row: int, day: int, held: Mapping[str, float], adjust: str) -> Bar:
    close = held["Close"]
    factor = held["Adj Close"] / close if adjust == TOTAL and close else 1.0
    o, h, low, c = (held[name] * factor for name in ("Open", "High", "Low", "Close"))
    return Bar(row + 1, day, o, h, low, c, held["Volume"])


def _events(days: list[int], column: Any) -> tuple[tuple[int, float], ...]:
    pairs = zip(days, (float(v) for v in column), strict=True)
    return tuple((day, value) for day, value in pairs if value and math.isfinite(value))


SOURCE = Source(
    name="yfinance",
    title="Yahoo Finance",
    adjusts=(SPLIT, TOTAL),
    tickers=TICKERS,
    kinds=("stock", "etf", "index"),
    options={},
    per_minute=120,
    fetch=fetch,
)

FEED = Feed(
    name="yfinance",
    title="bars fetched from Yahoo Finance, read from the cache",
    network=True,
    options={
        "ticker": "Yahoo's name of the symbol; the symbol itself when left out",
        "adjust": "split or total; split when left out",
        "cache": "folder of the cache; the usual one when left out",
    },
    load=load_cached("yfinance", SPLIT),
)
