"""Pace and patience, on a clock that the test holds."""

from random import Random

import pytest

from engine.feeds.net.failure import WAYS, Failure, connection_failure, status_failure
from engine.feeds.net.wire import FIRST_WAIT, JITTER, LONGEST_WAIT, Wire, patiently


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def seconds(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def wire(clock: Clock, per_minute: float = 60, burst: int = 3, tries: int = 4) -> Wire:
    return Wire(
        per_minute,
        burst,
        tries=tries,
        seconds=clock.seconds,
        sleep=clock.sleep,
        random=Random(7),
    )


def test_a_burst_goes_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    line = wire(clock)
    for _ in range(6):
        line.take()
    assert clock.slept == pytest.approx([1.0, 1.0, 1.0])


def test_tokens_grow_back_up_to_the_burst() -> None:
    clock = Clock()
    line = wire(clock)
    for _ in range(3):
        line.take()
    clock.now += 3600
    for _ in range(3):
        line.take()
    assert clock.slept == []
    line.take()
    assert clock.slept == pytest.approx([1.0])


def test_never_more_than_the_rate_over_any_minute() -> None:
    clock = Clock()
    line = wire(clock, per_minute=30, burst=4)
    at = []
    for _ in range(100):
        line.take()
        at.append(clock.now)
    for k in range(len(at) - 35):
        assert at[k + 34] - at[k] >= 60.0 - 1e-6


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    line = wire(Clock())
    for attempt in range(1, 9):
        plain = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
        waits = {line.wait_before(attempt) for _ in range(20)}
        assert len(waits) > 1
        assert all(plain <= w <= plain * (1 + JITTER) for w in waits)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_only_what_may_pass_is_tried_again(way: str) -> None:
    clock = Clock()
    calls = 0

    def call() -> int:
        nonlocal calls
        calls += 1
        raise Failure(way, "Host")

    with pytest.raises(Failure):
        patiently(wire(clock), call, lambda _: None)
    assert calls == (4 if WAYS[way].again else 1)
    assert len(clock.slept) == calls - 1


def test_other_exceptions_pass_through_at_once() -> None:
    def call() -> int:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        patiently(wire(Clock()), call, lambda _: None)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_failure_is_one_sentence_with_help(way: str) -> None:
    failure = Failure(way, "Host", "detail")
    assert "Host" in failure.message
    assert failure.message.endswith(": detail")
    assert failure.way.help


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "keys"), (403, "keys"), (404, "unknown"), (429, "limited"), (500, "server"),
     (503, "server"), (418, "refuses")],
)  # fmt: skip
def test_statuses(status: int, kind: str) -> None:
    failure = status_failure(status, "Host")
    assert failure is not None
    assert failure.kind == kind
    assert status_failure(200, "Host") is None


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (TimeoutError(), "timeout"),
        (ConnectionRefusedError("[Errno 111] Connection refused"), "refused"),
        (OSError("Failed to resolve 'data.alpaca.markets'"), "dns"),
        (ConnectionResetError("reset by peer"), "broken"),
    ],
)
def test_lost_connections(problem: OSError, kind: str) -> None:
    assert connection_failure(problem, "Host").kind == kind
