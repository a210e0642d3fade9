"""A figure of a live source, kept for a while and unknown once it is old (floor 8).

The source is asked again when the kept figure is older than `keep` seconds, and while it fails at
most every `pause` seconds. A figure counts from the instant that the source gives it, so one that
repeats an old figure does not look fresh. Older than `keep`, from the future, below zero or no
number: unknown, so that what reads it stops new risk; and it goes on by itself with the next good
figure. The clock is given: nothing here asks the machine for the time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from engine.feeds.net.failure import Failure

KEEP = 15.0 * 60.0
"""Seconds that a figure counts."""
PAUSE = 60.0
"""Seconds between two tries of a source that fails."""
SKEW = 5.0
"""Seconds that a source's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure and the instant it is of, in seconds of the clock that the port was given."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What the port answers: a figure with its age in seconds, or nan with why there is none."""

    value: float
    age: float
    why: str = ""


class KeptSource:
    """One source behind its cache. ask: the newest figure, or an error that says why. now: a clock
    in seconds, that of the figures."""

    def __init__(
        self,
        ask: Callable[[], Told],
        now: Callable[[], float],
        keep: float = KEEP,
        pause: float = PAUSE,
    ) -> None:
        if not 0.0 < pause <= keep:
            raise ValueError("a source is tried again at least as often as its figures grow old")
        self.ask = ask
        self.now = now
        self.keep = keep
        self.pause = pause
        self._told: Told | None = None
        self._tried: float | None = None
        self._why = "never asked"

    def read(self) -> Kept:
        """The figure as it counts now."""
        now = self.now()
        if self._is_due(now):
            self._refresh(now)
        told = self._told
        if told is None or not self._counts(told, now):
            age = float("nan") if told is None else now - told.at
            return Kept(float("nan"), age, self._why)
        return Kept(told.value, max(0.0, now - told.at))

    def _is_due(self, now: float) -> bool:
        """Whether to ask: nothing that counts is kept, and the last try is long enough ago. A clock
        that went back makes what was tried before meaningless."""
        if self._told is not None and self._counts(self._told, now):
            return False
        tried = self._tried
        return tried is None or now < tried or now - tried >= self.pause

    def _refresh(self, now: float) -> None:
        self._tried = now
        try:
            told = self.ask()
        except (Failure, OSError, ValueError, LookupError) as problem:
            self._why = f"the source failed: {problem}"
            return
        self._why = self._wrong(told, now)
        if not self._why:
            self._told = told

    def _wrong(self, told: Told, now: float) -> str:
        if not isfinite(told.value) or told.value < 0.0:
            return f"the source told {told.value:g}"
        if not isfinite(told.at) or told.at > now + SKEW:
            return "the source's figure is of the future"
        if now - told.at >= self.keep:
            return f"the source's figure is {now - told.at:,.0f} seconds old"
        return ""

    def _counts(self, told: Told, now: float) -> bool:
        """Whether a kept figure is younger than it may grow, by a clock that has not gone back."""
        return -SKEW <= now - told.at < self.keep
