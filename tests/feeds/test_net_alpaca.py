"""Alpaca's bars through the real alpaca-py package, served on loopback."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.feeds import alpaca
from engine.feeds.net.failure import Failure
from engine.feeds.net.spec import RAW, SPLIT, TOTAL, Ask
from engine.feeds.net.wire import Wire, patiently
from tests.feeds.loopback import (
    Answer,
    Server,
    alpaca_page,
    price,
    says,
    serving,
    sessions,
    slow,
    turn,
)

pytest.importorskip("alpaca.data")

DAYS = sessions("2023-03-01", "2023-03-31")
ASK = Ask("JPM", DAYS[0], DAYS[-1], SPLIT, {"feed": "iex"})
SECRET = "a-secret-that-nobody-may-see"


def wire(**more: object) -> Wire:
    return replace(Wire(6000, timeout=5.0, sleep=lambda _: None), **more)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APCA_API_KEY_ID", "an-id")
    monkeypatch.setenv("APCA_API_SECRET_KEY", SECRET)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, keys: None) -> Iterator[Server]:
    with serving(monkeypatch) as found:
        yield found


def test_pages_are_followed_to_the_last(server: Server) -> None:
    server.bars = [
        alpaca_page("JPM", DAYS[:10], "second"),
        alpaca_page("JPM", DAYS[10:20], "third"),
        alpaca_page("JPM", DAYS[20:]),
    ]
    answer = alpaca.fetch(ASK, wire())
    assert [bar.day for bar in answer.bars] == DAYS
    assert [r.query.get("page_token") for r in server.seen] == [None, "second", "third"]
    close = price(DAYS[0])
    first = answer.bars[0]
    assert (first.open, first.close, first.volume) == (close - 0.5, close, 1000 + DAYS[0])
    assert answer.zone == "America/New_York"


@pytest.mark.parametrize(
    ("first", "last"), [("2023-03-06", "2023-03-17"), ("2023-10-30", "2023-11-10")]
)
def test_stamps_of_04_and_05_hours_are_the_new_york_date(
    server: Server, first: str, last: str
) -> None:
    days = sessions(first, last)
    page = alpaca_page("JPM", days)
    server.bars = [page]
    answer = alpaca.fetch(replace(ASK, first=days[0], last=days[-1]), wire())
    assert [iso(bar.day) for bar in answer.bars] == [iso(day) for day in days]
    stamps = {row["t"][11:13] for row in json.loads(page(server.seen[0])[1])["bars"]["JPM"]}
    assert stamps == {"04", "05"}


def test_a_stamp_late_in_the_new_york_day_is_that_day_not_the_next_of_utc(server: Server) -> None:
    server.bars = [alpaca_page("JPM", DAYS, at=time(21))]
    answer = alpaca.fetch(ASK, wire())
    assert [bar.day for bar in answer.bars] == DAYS


def test_the_request_says_span_adjustment_and_feed(server: Server) -> None:
    server.bars = [alpaca_page("JPM", DAYS)]
    for adjust, word in ((RAW, "raw"), (SPLIT, "split"), (TOTAL, "all")):
        server.seen.clear()
        alpaca.fetch(replace(ASK, adjust=adjust, options={"feed": "sip"}), wire())
        (request,) = server.seen
        assert request.host == "data.alpaca.markets"
        assert request.query["adjustment"] == word
        assert request.query["feed"] == "sip"
        assert request.query["timeframe"] == "1Day"
        assert request.query["start"] == "2023-03-01T05:00:00+00:00"
        assert request.query["end"] == "2023-04-01T04:00:00+00:00"


FAILURES: list[tuple[str, Answer, str]] = [
    ("bad keys", says(401, '{"message": "unauthorized."}'), "keys"),
    ("no rights", says(403, '{"message": "subscription does not permit recent SIP data"}'), "keys"),
    ("429", says(429, '{"message": "too many requests."}'), "limited"),
    ("500", says(500, '{"message": "internal"}'), "server"),
    ("504", says(504, "<html>gateway"), "server"),
    ("bad symbol", says(400, '{"message": "invalid symbol: JPM"}'), "unknown"),
    ("bad request", says(422, '{"message": "end is before start"}'), "refuses"),
    ("empty", says(200, '{"bars": {}, "next_page_token": null}'), "empty"),
    ("garbage", says(200, "<html>"), "garbage"),
    ("odd shape", says(200, '{"bars": {"JPM": [{"t": 5}]}, "next_page_token": null}'), "garbage"),
    ("no bars", says(200, '{"other": {}}'), "garbage"),
    ("slow", slow(1.0), "timeout"),
]


@pytest.mark.parametrize(
    ("answer", "kind"), [case[1:] for case in FAILURES], ids=[c[0] for c in FAILURES]
)
def test_each_failure_has_its_sentence_and_hides_the_keys(
    server: Server, answer: Answer, kind: str
) -> None:
    server.bars = [answer]
    with pytest.raises(Failure) as caught:
        alpaca.fetch(ASK, wire(timeout=0.3 if kind == "timeout" else 5.0))
    assert caught.value.kind == kind
    assert server.seen[0].headers["APCA-API-SECRET-KEY"] == SECRET
    assert SECRET not in f"{caught.value.message} {caught.value!r}"


def test_the_package_does_not_repeat_and_sleep_by_itself(server: Server) -> None:
    server.bars = [says(429, "{}"), says(504, "{}"), alpaca_page("JPM", DAYS)]
    waits: list[float] = []
    line = wire(sleep=waits.append)
    answer = patiently(line, lambda: alpaca.fetch(ASK, line), lambda _: None)
    assert len(answer.bars) == len(DAYS)
    assert len(server.seen) == 3
    assert len(waits) == 2


def test_a_refused_connection(monkeypatch: pytest.MonkeyPatch, keys: None) -> None:
    turn(monkeypatch, 1)
    with pytest.raises(Failure) as caught:
        alpaca.fetch(ASK, wire())
    assert caught.value.kind == "refused"


def test_without_keys_nothing_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APCA_API_SECRET_KEY")
    with pytest.raises(UserError) as caught:
        alpaca.fetch(ASK, wire())
    assert "APCA_API_SECRET_KEY" in caught.value.help
    assert server.seen == []


def test_a_stamp_without_a_zone_is_not_guessed(server: Server) -> None:
    bar = '{"t": "2023-03-01T05:00:00", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1}'
    server.bars = [says(200, f'{{"bars": {{"JPM": [{bar}]}}, "next_page_token": null}}')]
    with pytest.raises(Failure) as caught:
        alpaca.fetch(ASK, wire())
    assert "without a zone" in caught.value.message
