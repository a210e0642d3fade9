"""Patience with a server (floor 8): pace, time-outs and tries, over clocks that a test can hold."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from random import Random
from typing import Any, TypeVar

from engine.base import clock
from engine.feeds.net.failure import Failure, connection_failure, missing_package

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
JITTER = 0.5
"""A wait grows by up to this part of itself, so that many users do not return together."""


@dataclass
class Wire:
    """A token bucket of `per_minute` requests, of which `burst` may go at once.

    seconds: a monotonic clock. sleep: waits. random: the jitter of waits.
    """

    per_minute: float
    burst: int = 10
    timeout: float = 20.0
    tries: int = 4
    seconds: Callable[[], float] = clock.seconds
    sleep: Callable[[float], None] = time.sleep
    random: Random = field(default_factory=Random)
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = float(self.burst), self.seconds()

    def take(self) -> None:
        """Wait until one more request may go out."""
        self._fill()
        if self._tokens < 1.0:
            self.sleep((1.0 - self._tokens) * 60.0 / self.per_minute)
            self._fill()
        self._tokens -= 1.0

    def _fill(self) -> None:
        now = self.seconds()
        grown = self._tokens + (now - self._at) * self.per_minute / 60.0
        self._tokens, self._at = min(float(self.burst), grown), now

    def wait_before(self, attempt: int) -> float:
        """Seconds before the `attempt`-th repetition, from 1: doubling, capped, with jitter."""
        plain = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1))
        return plain * (1.0 + JITTER * self.random.random())


def patiently(wire: Wire, call: Callable[[], T], told: Callable[[str], None]) -> T:
    """What `call` answers, tried again after failures that may pass; the last Failure is raised."""
    for attempt in range(1, wire.tries):
        try:
            return call()
        except Failure as failure:
            if not failure.way.again:
                raise
            wait = wire.wait_before(attempt)
            told(f"{failure.message}; try {attempt + 1} of {wire.tries} in {wait:.0f} s")
            wire.sleep(wait)
    return call()


def package(name: str) -> Any:
    """A module of the optional packages, imported only now; UserError when it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        raise missing_package(name.partition(".")[0]) from None


def guard(
    session: Any, wire: Wire, host: str, path: str, judge: Callable[[Any], Failure | None]
) -> Any:
    """The session of an HTTP library with requests for bars paced and all of them timed out.

    Requests for bars are those whose url holds `path`: their lost connections, and what `judge`
    finds wrong with an answer, are Failures. Others, such as for cookies, are the library's affair.
    """
    plain = session.request

    def request(method: str, url: str, **options: Any) -> Any:
        if path in url:
            wire.take()
        options["timeout"] = wire.timeout
        try:
            response = plain(method, url, **options)
        except OSError as problem:
            if path not in url:
                raise
            raise connection_failure(problem, host) from None
        failure = judge(response) if path in url else None
        if failure is not None:
            raise failure
        return response

    session.request = request
    return session
