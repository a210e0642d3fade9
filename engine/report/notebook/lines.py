"""Equity lines small enough for a table (floor 10): corners of SVG polylines.

The lines of one crisis share one scale in days and in equity, so that they can be compared by eye.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT, INSET = 84, 26, 2
MOST = 64
"""Points that a line is thinned to, two for each stretch of it: its lowest and its highest."""


class Point(NamedTuple):
    """A day's equity over start equity."""

    day: int
    value: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The days and values that a crisis spans."""

    first: int
    last: int
    low: float
    high: float

    def corners(self, points: Sequence[Point]) -> str:
        """`x,y x,y ...` in the box, empty for less than two points."""
        if len(points) < 2:
            return ""
        return " ".join(f"{self._x(p.day):.1f},{self.y(p.value):.1f}" for p in thinned(points))

    def _x(self, day: int) -> float:
        span = max(self.last - self.first, 1)
        return INSET + (day - self.first) / span * (WIDTH - 2 * INSET)

    def y(self, value: float) -> float:
        """How far down the box a value lies."""
        span = self.high - self.low or 1.0
        return INSET + (self.high - value) / span * (HEIGHT - 2 * INSET)


def scale_of(lines: Iterable[Sequence[Point]]) -> Scale:
    """The scale that holds every line and the start equity, which is 1."""
    points = [p for line in lines for p in line]
    days = [p.day for p in points] or [0]
    values = [1.0, *(p.value for p in points)]
    return Scale(min(days), max(days), min(values), max(values))


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most MOST points and the two ends; no peak or trough is lost."""
    if len(points) <= MOST:
        return list(points)
    size = -(-len(points) // (MOST // 2))
    kept = {points[0], points[-1]}
    for at in range(0, len(points), size):
        part = points[at : at + size]
        kept |= {min(part, key=lambda p: p.value), max(part, key=lambda p: p.value)}
    return sorted(kept)
