"""Daily bars from Alpaca through the alpaca-py package (floor 8), which loads on fetching only.

Stocks and funds, no indices. Keys come from the environment and go nowhere but to Alpaca. Its daily
bars are stamped with the New York midnight in UTC: 05:00 in winter, 04:00 in summer.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from engine.base.dates import date_of, day_of
from engine.base.errors import UserError
from engine.feeds.net.failure import Failure, status_failure
from engine.feeds.net.loaded import load_cached
from engine.feeds.net.spec import RAW, SPLIT, TOTAL, Answer, Ask, Source
from engine.feeds.net.wire import Wire, guard, package
from engine.feeds.own.values import Bar
from engine.feeds.spec import Feed

HOST = "Alpaca"
BARS = "/stocks/bars"
ZONE = "America/New_York"
KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")
WORDS: Mapping[str, str] = {RAW: "raw", SPLIT: "split", TOTAL: "all"}
"""Our adjustments in Alpaca's words."""


def fetch(ask: Ask, wire: Wire) -> Answer:
    """Ask Alpaca for the bars, page by page; Failure says why there are none."""
    held = _client(wire)
    data = package("alpaca.data")
    enums = package("alpaca.data.enums")
    request = data.StockBarsRequest(
        symbol_or_symbols=ask.ticker,
        timeframe=data.TimeFrame.Day,
        start=_midnight(ask.first),
        end=_midnight(ask.last + 1),
        adjustment=enums.Adjustment(WORDS[ask.adjust]),
        feed=enums.DataFeed(ask.options.get("feed", "iex")),
    )
    try:
        rows = held.get_stock_bars(request).get(ask.ticker) or []
        bars = tuple(_bar(k + 1, row) for k, row in enumerate(rows))
    except Failure:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Failure("garbage", HOST, f"{type(problem).__name__} {problem}"[:120]) from None
    if not bars:
        raise Failure("empty", HOST)
    return Answer(bars, ZONE, "USD")


def _client(wire: Wire) -> Any:
    """The package's client with our pace and time-out; what we judge a Failure it never repeats."""
    key, secret = (os.environ.get(name, "") for name in KEYS)
    if not key or not secret:
        help = f"set {KEYS[0]} and {KEYS[1]} in the environment; seawall stores them nowhere"
        raise UserError("Alpaca needs keys, and the environment holds none", help)
    historical = package("alpaca.data.historical")
    client = historical.StockHistoricalDataClient(key, secret, raw_data=True)
    client._session = guard(client._session, wire, HOST, BARS, _judge)
    return client


def _judge(response: Any) -> Failure | None:
    status = response.status_code
    try:
        said = response.json()
        reason = str(said.get("message") or "")
    except (ValueError, AttributeError):
        return status_failure(status, HOST) or Failure("garbage", HOST)
    if status in (400, 422) and "symbol" in reason:
        return Failure("unknown", HOST, reason)
    return status_failure(status, HOST, reason)


def _midnight(day: int) -> datetime:
    return datetime.combine(date_of(day), time(), ZoneInfo(ZONE)).astimezone(UTC)


def _bar(row: int, held: Mapping[str, Any]) -> Bar:
    stamp = datetime.fromisoformat(held["t"])
    if stamp.tzinfo is None:
        raise ValueError(f"a stamp without a zone: {held['t']}")
    day = day_of(stamp.astimezone(ZoneInfo(ZONE)).date())
    return Bar(row, day, *(float(held[name]) for name in ("o", "h", "l", "c", "v")))


SOURCE = Source(
    name="alpaca",
    title="Alpaca",
    adjusts=(SPLIT, RAW, TOTAL),
    tickers={},
    kinds=("stock", "etf"),
    options={"feed": ("iex", "sip")},
    per_minute=180,
    fetch=fetch,
)

FEED = Feed(
    name="alpaca",
    title="bars fetched from Alpaca, read from the cache",
    network=True,
    options={
        "ticker": "Alpaca's name of the symbol; the symbol itself when left out",
        "adjust": "split, raw or total; split when left out",
        "feed": "iex or sip; iex when left out",
        "cache": "folder of the cache; the usual one when left out",
    },
    load=load_cached("alpaca", SPLIT, {"feed": "iex"}),
)
