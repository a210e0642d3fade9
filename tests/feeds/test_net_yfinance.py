"""Yahoo's bars through the real yfinance package, served on loopback."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.base.dates import iso, parse_day
from engine.base.errors import UserError
from engine.feeds import yfinance
from engine.feeds.net.clean import clean
from engine.feeds.net.failure import Failure
from engine.feeds.net.spec import SPLIT, TOTAL, Ask
from engine.feeds.net.wire import Wire, patiently
from engine.records.calendar import load_calendar
from tests.feeds.loopback import (
    Answer,
    Chart,
    Request,
    Server,
    each,
    price,
    says,
    serving,
    sessions,
    slow,
    turn,
    unknown,
)

pytest.importorskip("yfinance")

DAYS = sessions("2023-02-01", "2023-05-31")
ASK = Ask("KRE", DAYS[0], DAYS[-1], SPLIT, {})


def wire(**more: object) -> Wire:
    return replace(Wire(6000, timeout=5.0, sleep=lambda _: None), **more)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(monkeypatch) as found:
        yield found


def test_bars_come_by_local_date_with_all_columns(server: Server) -> None:
    server.chart = [each({"KRE": Chart(DAYS, kind="ETF")})]
    answer = yfinance.fetch(ASK, wire())
    assert [bar.day for bar in answer.bars] == DAYS
    first = answer.bars[0]
    close = price(DAYS[0])
    assert (first.open, first.high, first.low, first.close) == (
        close - 0.5,
        close + 1,
        close - 1,
        close,
    )
    assert first.volume == 1_000_000 + DAYS[0]
    assert (answer.zone, answer.currency, answer.kind) == ("America/New_York", "USD", "etf")


def test_the_days_asked_for_are_the_days_requested(server: Server) -> None:
    server.chart = [each({"KRE": Chart(sessions("2022-01-03", "2023-12-29"))})]
    answer = yfinance.fetch(ASK, wire())
    assert (answer.bars[0].day, answer.bars[-1].day) == (DAYS[0], DAYS[-1])


def test_closes_are_split_adjusted_and_total_holds_dividends_too(server: Server) -> None:
    chart = Chart(
        DAYS, adjusted=0.9, dividends={DAYS[5]: 0.5}, splits={DAYS[9]: (2, 1), DAYS[20]: (1, 10)}
    )
    server.chart = [each({"KRE": chart})]
    plain = yfinance.fetch(ASK, wire())
    total = yfinance.fetch(replace(ASK, adjust=TOTAL), wire())
    assert plain.bars[3].close == price(DAYS[3])
    for name in ("open", "high", "low", "close"):
        assert getattr(total.bars[3], name) == pytest.approx(0.9 * getattr(plain.bars[3], name))
    assert total.bars[3].volume == plain.bars[3].volume
    assert plain.dividends == ((DAYS[5], 0.5),)
    assert plain.splits == ((DAYS[9], 2.0), (DAYS[20], 0.1))


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("America/New_York", "2023-03-06", "2023-03-17"),
        ("America/New_York", "2023-10-30", "2023-11-10"),
        ("Europe/London", "2023-03-20", "2023-03-31"),
        ("Asia/Tokyo", "2023-03-06", "2023-03-17"),
    ],
)
def test_dates_are_the_exchanges_own_on_both_sides_of_summer_time(
    server: Server, zone: str, first: str, last: str
) -> None:
    days = sessions(first, last)
    server.chart = [each({"KRE": Chart(days, zone=zone)})]
    answer = yfinance.fetch(replace(ASK, first=days[0], last=days[-1]), wire())
    assert [iso(bar.day) for bar in answer.bars] == [iso(day) for day in days]
    assert answer.zone == zone


FAILURES: list[tuple[str, Answer, str, str]] = [
    ("unknown", unknown, "unknown", "may be delisted"),
    ("500", says(500, "<html>oops</html>"), "server", "HTTP 500"),
    ("429", says(429, "Too Many Requests"), "limited", "HTTP 429"),
    ("garbage", says(200, "<html>maintenance"), "garbage", "cannot be read"),
    ("odd shape", says(200, '{"chart": {"result": [{}], "error": null}}'), "garbage", "KeyError"),
    ("empty", each({"KRE": Chart([])}), "empty", "no bars"),
    ("slow", slow(1.0), "timeout", "in time"),
    ("401", says(401, '{"chart": {"result": null}}'), "refuses", "HTTP 401"),
    (
        "no such dates",
        says(400, '{"chart": {"result": null, "error": {"description": "no data for start"}}}'),
        "empty",
        "no data for start",
    ),
]


@pytest.mark.parametrize(
    ("answer", "kind", "said"), [case[1:] for case in FAILURES], ids=[c[0] for c in FAILURES]
)
def test_each_failure_has_its_sentence(
    server: Server, answer: Answer, kind: str, said: str
) -> None:
    server.chart = [answer]
    with pytest.raises(Failure) as caught:
        yfinance.fetch(ASK, wire(timeout=0.3 if kind == "timeout" else 5.0))
    assert caught.value.kind == kind
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_refused_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    turn(monkeypatch, 1)
    with pytest.raises(Failure) as caught:
        yfinance.fetch(ASK, wire())
    assert caught.value.kind == "refused"


def test_an_address_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the client library's own exception: asking for a real name would leave this machine."""
    curl = pytest.importorskip("curl_cffi.requests")

    def request(*_: object, **__: object) -> None:
        raise curl.exceptions.DNSError("Could not resolve host: query2.finance.yahoo.com", 6)

    monkeypatch.setattr(curl.Session, "request", request)
    with pytest.raises(Failure) as caught:
        yfinance.fetch(ASK, wire())
    assert caught.value.kind == "dns"
    assert "offline" in caught.value.message


@pytest.mark.parametrize("bad", [says(429, "Too Many"), says(503, "busy"), says(200, "garbage")])
def test_failures_that_pass_are_tried_again(server: Server, bad: Answer) -> None:
    server.chart = [bad, bad, each({"KRE": Chart(DAYS)})]
    waits: list[float] = []
    told: list[str] = []
    line = wire(sleep=waits.append)
    answer = patiently(line, lambda: yfinance.fetch(ASK, line), told.append)
    assert len(answer.bars) == len(DAYS)
    assert len(waits) == len(told) == 2
    assert 1.0 <= waits[0] <= 1.5
    assert 2.0 <= waits[1] <= 3.0
    assert "try 2 of 4" in told[0]


def test_trouble_for_ever_ends_and_an_unknown_ticker_is_not_tried_again(server: Server) -> None:
    for answer, requests in ((says(500, ""), 4), (unknown, 1)):
        server.chart = [answer]
        server.seen.clear()
        line = wire()
        with pytest.raises(Failure):
            patiently(line, lambda line=line: yfinance.fetch(ASK, line), lambda _: None)
        assert len(server.asked("/chart/")) == requests


def test_requests_for_bars_are_paced(server: Server) -> None:
    server.chart = [each({"KRE": Chart(DAYS)})]
    waits: list[float] = []
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(seconds)

    line = Wire(60, burst=1, seconds=lambda: now, sleep=sleep)
    yfinance.fetch(ASK, line)
    asked = len(server.asked("/chart/"))
    assert asked == 2
    assert waits == pytest.approx([1.0] * (asked - 1))


def test_the_package_is_asked_for_only_when_fetching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yfinance", None)
    with pytest.raises(UserError) as caught:
        yfinance.fetch(ASK, wire())
    assert 'pip install "seawall[feeds]"' in caught.value.help


def test_no_files_are_left_in_the_users_cache(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    server.chart = [each({"KRE": Chart(DAYS)})]
    yfinance.fetch(ASK, wire())
    assert list(tmp_path.iterdir()) == []


def _paths(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON tree; of a list, its first two items."""
    yield at
    inside = tree.items() if isinstance(tree, dict) else []
    if isinstance(tree, list):
        inside = list(enumerate(tree))[:2]
    for key, value in inside:
        yield from _paths(value, (*at, key))


def _harmed(text: str, at: tuple[Any, ...], value: Any) -> str:
    tree = json.loads(text)
    if not at:
        return json.dumps(value)
    held = tree
    for key in at[:-1]:
        held = held[key]
    held[at[-1]] = value
    return json.dumps(tree)


GOOD = Chart(DAYS[:8], dividends={DAYS[2]: 0.5}, splits={DAYS[3]: (2, 1)})
PLACES = list(_paths(json.loads(GOOD(Request("", "/KRE", {}, {}))[1])))


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(PLACES), st.sampled_from([None, [], {}, "x", -1, 1e400, True, [None]]))
def test_an_answer_with_any_part_replaced_is_read_or_refused(
    server: Server, at: tuple[Any, ...], value: Any
) -> None:
    def answer(request: Request) -> tuple[int, str]:
        return 200, _harmed(GOOD(request)[1], at, value)

    server.chart = [answer]
    try:
        found = yfinance.fetch(replace(ASK, last=DAYS[7]), wire())
    except Failure as failure:
        assert "\n" not in failure.message
        return
    kept = clean(found, ASK, "yfinance", load_calendar("xnys"), datetime(2026, 1, 5, tzinfo=UTC))
    assert set(kept.days.tolist()) <= set(DAYS)
    assert all(c > 0 for c in kept.columns["close"].tolist())


def test_bars_after_the_last_day_are_not_taken(server: Server) -> None:
    server.chart = [each({"KRE": Chart(DAYS)})]
    last = parse_day("2023-03-31")
    answer = yfinance.fetch(replace(ASK, last=last), wire())
    assert answer.bars[-1].day == last
