"""How near limits came to acting, drawn (floor 10): for each limit a small picture per crisis, all
on one scale, as still SVG that charts.js makes tell its values on hover."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape

from engine.base.frozen import dataclass
from engine.report.page.blocks import Facet, Track
from engine.report.page.svg import Bars, Floats, Place, thinned, trace

WIDTH, HEIGHT, TOP = 160, 60, 1.5
"""The picture in units of the still SVG, without the days below it, and the share at its upper
edge."""
GRID = 2
"""Lines are drawn on whole numbers of 1/2 unit."""
POINTS = 50
"""At most so many points of one line are drawn."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From bars and shares to places."""

    bars: int

    def place(self, bars: Bars, shares: Floats) -> tuple[Floats, Floats]:
        across = (WIDTH - 4) / max(1, self.bars - 1)
        down: Floats = HEIGHT - 2 - np.clip(shares / TOP, 0.0, 1.0) * (HEIGHT - 4)
        return np.multiply(2 + bars * across, GRID), down * GRID


def facet(found: Facet) -> Markup:
    """One crisis: grey every run, blue the one that came closest, dashed the line where it acts."""
    place = _Scale(len(found.days)).place
    nearest, *others = found.tracks
    behind = "".join(_track(track, "held", place) for track in reversed(others))
    acts = HEIGHT - 2 - (HEIGHT - 4) / TOP
    return Markup(
        f'<svg class="near" viewBox="0 0 {WIDTH} {HEIGHT + 12}" role="img" '
        f'aria-label="{escape(found.alt)}">'
        f'<path class="axis" d="M0 {HEIGHT - 2}H{WIDTH}"/>'
        f'<path class="acts" d="M0 {acts:.1f}H{WIDTH}"/>'
        f'<g transform="scale({1 / GRID:g})">{behind}{_track(nearest, "ours", place)}</g>'
        f'<text class="level" x="{WIDTH}" y="{acts - 2:.1f}">100%</text>'
        f'<text y="{HEIGHT + 9}">{escape(found.days[0])}</text>'
        f'<text class="last" x="{WIDTH}" y="{HEIGHT + 9}">{escape(found.days[-1])}</text></svg>'
    )


def _track(track: Track, hue: str, place: Place) -> str:
    if track.bars is None:
        return f'<path class="{hue}" d="{trace(thinned(track.shares, POINTS, place))}"/>'
    return f'<path class="{hue} dots" d="{_dots(track.bars, track.shares, place)}"/>'


def _dots(bars: Sequence[int], shares: Sequence[float | None], place: Place) -> str:
    """A dot wherever a share is known, those on one spot once."""
    known = [(bar, share) for bar, share in zip(bars, shares, strict=True) if share is not None]
    if not known:
        return ""
    at, height = zip(*known, strict=True)
    right, down = place(np.array(at), np.array(height, dtype=np.float64))
    spots = dict.fromkeys(zip(np.rint(right).tolist(), np.rint(down).tolist(), strict=True))
    return "".join(f"M{x:g} {y:g}h0" for x, y in spots)
