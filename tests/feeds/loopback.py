"""Yahoo's and Alpaca's servers on loopback: made-up bars by formula, and every way to go wrong.

The client packages are the real ones; only the addresses that they open are turned to this machine.
"""

import json
import math
import threading
import time as clock
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from engine.base.dates import date_of, day_of
from engine.records.calendar import load_calendar

NEW_YORK = ZoneInfo("America/New_York")
Reply = tuple[int, str]
Answer = Callable[["Request"], Reply]


@dataclass(frozen=True)
class Request:
    """What a client asked: host as it meant it, path, parameters and headers."""

    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def ticker(self) -> str:
        return unquote(self.path.rsplit("/", 1)[-1])


@dataclass
class Server:
    """Answers by host and path: `answers` in the order of asking, the last one for ever."""

    chart: list[Answer] = field(default_factory=list)
    bars: list[Answer] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    port: int = 0

    def asked(self, part: str) -> list[Request]:
        return [r for r in self.seen if part in r.path]

    def reply(self, request: Request) -> Reply:
        self.seen.append(request)
        if "/v8/finance/chart/" in request.path:
            return self._next(self.chart)(request)
        if request.path.endswith("/stocks/bars"):
            return self._next(self.bars)(request)
        if request.path.endswith("/getcrumb"):
            return 200, "a.crumb"
        return 200, "<html>a cookie page</html>"

    @staticmethod
    def _next(answers: list[Answer]) -> Answer:
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Handler(BaseHTTPRequestHandler):
    server_version = "loopback"
    meant: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        host, _, path = parts.path.lstrip("/").partition("/")
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        status, text = self.meant.reply(Request(host, f"/{path}", query, dict(self.headers)))
        body = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client gave up waiting
            return

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that both packages take for the outside world."""
    server = Server()
    handler = type("Meant", (Handler,), {"meant": server})
    web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.port = web.server_port
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    turn(monkeypatch, server.port)
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


def turn(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Turn every address that the packages open to a port of this machine."""
    for name in ("curl_cffi.requests", "requests"):
        session = pytest.importorskip(name).Session
        plain = session.request

        def request(self: Any, method: str, url: str, _plain: Any = plain, **options: Any) -> Any:
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query else ""
            turned = f"http://127.0.0.1:{port}/{parts.hostname}{parts.path}{query}"
            return _plain(self, method, turned, **options)

        monkeypatch.setattr(session, "request", request)


# ---------------------------------------------------------------- bars by formula


def sessions(first: str, last: str) -> list[int]:
    calendar = load_calendar("xnys")
    return list(calendar.sessions(day_of_iso(first), day_of_iso(last)))


def day_of_iso(text: str) -> int:
    return day_of(datetime.fromisoformat(text).date())


def price(day: int, base: float = 100.0) -> float:
    """A smooth made-up close."""
    return round(base + 5.0 * math.sin(day / 7.0) + (day % 5) / 10.0, 4)


def stamp(day: int, at: time = time(9, 30), zone: ZoneInfo = NEW_YORK) -> int:
    """Yahoo stamps a daily bar with the instant at which its session opens."""
    return int(datetime.combine(date_of(day), at, zone).timestamp())


@dataclass
class Chart:
    """What Yahoo knows of one ticker. adjusted: adjusted close over close."""

    days: Sequence[int]
    close: Callable[[int], float] = price
    adjusted: float = 1.0
    kind: str = "EQUITY"
    currency: str = "USD"
    zone: str = "America/New_York"
    dividends: dict[int, float] = field(default_factory=dict)
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)
    change: Callable[[dict[str, list[Any]]], None] = lambda quote: None

    def __call__(self, request: Request) -> Reply:
        zone = ZoneInfo(self.zone)
        low, high = (int(request.query.get(k, d)) for k, d in (("period1", 0), ("period2", 4e9)))
        days = [d for d in self.days if low <= stamp(d, zone=zone) < high]
        closes = [self.close(d) for d in days]
        quote: dict[str, list[Any]] = {
            "open": [c - 0.5 for c in closes],
            "high": [c + 1.0 for c in closes],
            "low": [c - 1.0 for c in closes],
            "close": list(closes),
            "volume": [1_000_000 + d for d in days],
        }
        self.change(quote)
        result: dict[str, Any] = {
            "meta": self._meta(request.ticker, zone),
            "indicators": {
                "quote": [quote] if days else [{}],
                "adjclose": [
                    {"adjclose": [None if c is None else c * self.adjusted for c in quote["close"]]}
                ],
            },
        }
        if days:
            result["timestamp"] = [stamp(d, zone=zone) for d in days]
            result["events"] = self._events(days, zone)
        return 200, json.dumps({"chart": {"result": [result], "error": None}})

    def _meta(self, ticker: str, zone: ZoneInfo) -> dict[str, Any]:
        offset = datetime.now(zone).utcoffset() or timedelta()
        period = {"timezone": "LOC", "start": 0, "end": 1, "gmtoffset": offset.seconds}
        return {
            "symbol": ticker,
            "currency": self.currency,
            "instrumentType": self.kind,
            "exchangeTimezoneName": self.zone,
            "timezone": "LOC",
            "gmtoffset": int(offset.total_seconds()),
            "firstTradeDate": 0,
            "regularMarketTime": 1,
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), period),
            "validRanges": ["1d", "5d", "1mo", "max"],
        }

    def _events(self, days: Sequence[int], zone: ZoneInfo) -> dict[str, Any]:
        paid = {
            str(stamp(d, zone=zone)): {"amount": v, "date": stamp(d, zone=zone)}
            for d, v in self.dividends.items()
            if d in days
        }
        split = {
            str(stamp(d, zone=zone)): {
                "date": stamp(d, zone=zone),
                "numerator": new,
                "denominator": old,
                "splitRatio": f"{new}:{old}",
            }
            for d, (new, old) in self.splits.items()
            if d in days
        }
        return {name: held for name, held in (("dividends", paid), ("splits", split)) if held}


def each(charts: dict[str, Chart]) -> Answer:
    """One answer for each ticker; a ticker that is not there is unknown."""

    def answer(request: Request) -> Reply:
        known = charts.get(request.ticker)
        return unknown(request) if known is None else known(request)

    return answer


def unknown(request: Request) -> Reply:
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return 404, json.dumps({"chart": {"result": None, "error": error}})


def says(status: int, text: str) -> Answer:
    return lambda request: (status, text)


def slow(seconds: float) -> Answer:
    def answer(request: Request) -> Reply:
        clock.sleep(seconds)
        return 200, "too late"

    return answer


def alpaca_page(
    ticker: str, days: Sequence[int], token: str | None = None, at: time = time(0)
) -> Answer:
    """A page of Alpaca's daily bars, stamped with the New York midnight in UTC."""

    def answer(request: Request) -> Reply:
        rows = [_alpaca_bar(d, at) for d in days]
        return 200, json.dumps({"bars": {ticker: rows} if rows else {}, "next_page_token": token})

    return answer


def _alpaca_bar(day: int, at: time) -> dict[str, Any]:
    local = datetime.combine(date_of(day), at, NEW_YORK)
    close = price(day)
    return {
        "t": local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "o": close - 0.5,
        "h": close + 1.0,
        "l": close - 1.0,
        "c": close,
        "v": 1000 + day,
        "n": 10,
        "vw": close,
    }
