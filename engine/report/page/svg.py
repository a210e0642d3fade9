"""Charts as still pictures (floor 10): for paper, for readers without scripts, and until the
chart to hover is there.

Colours come from CSS custom properties (templates/charts.css), so that one picture serves light
and dark. Lines are paths on a grid of half units, relative and thinned, so that a page holds
hundreds. Parts are plain strings of SVG: every text goes through `escape` where it enters one, and
only a finished picture becomes Markup.
"""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from engine.report.page.axes import (
    date_ticks,
    days_since,
    extent,
    finite,
    missing,
    nice_step,
    thin,
    tick_label,
    ticks,
)
from engine.report.page.bands import ROW, bands, label_text, labels_of
from engine.report.page.chart import Chart, Line, Mark, Panel

WIDTH, LEFT, RIGHT = 720.0, 74.0, 710.0
POINTS = 120
"""At most so many points of one line are drawn."""

_GRID = 2
"""Lines are drawn on whole numbers of 1/2 unit."""

_TITLE, _AXIS = 22.0, 24.0
_TALL, _SHORT = 118.0, 84.0
_SHAPES = {"buy": "M-5 10l5-9l5 9z", "sell": "M-5-10l5 9l5-9z", "stopped": "M-4-4l8 8m0-8l-8 8"}
_KEYS = ("━", "╌╌", "┈┈", "━┈", "━ ━", "╌┈")
_DASHES = ("", " dashed", " dotted", " mixed", " long", " morse")
_SIGNS = {"buy": "▲ buy", "sell": "▽ sell", "stopped": "✕ stopped"}

Floats = NDArray[np.float64]
Bars = NDArray[np.intp]
Points = NDArray[np.int64]
"""Places on the grid, a row each: to the right, and down."""

Place = Callable[[Bars, Floats], tuple[Floats, Floats]]
"""From bars and their values to places, not yet rounded."""


@dataclass(frozen=True, slots=True)
class _Time:
    """The time axis, the same for every chart of a crisis: where days are, and its ticks."""

    places: tuple[float, ...]
    grid: Floats
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class _Plot:
    """A panel with its place and scale."""

    panel: Panel
    top: float
    height: float
    low: float
    high: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) / (self.high - self.low) * self.height


def figure(chart: Chart) -> Markup:
    """The chart in a `figure` that charts.js finds and makes hoverable."""
    id = escape(chart.id)
    return Markup(f'<figure class="chart" id="{id}" data-chart="{id}">{still(chart)}</figure>')


def still(chart: Chart) -> Markup:
    """The chart as an SVG element: every panel on one time axis, bands across all of them."""
    time = _time(chart.days)
    labels = labels_of(chart.bands, time.places, WIDTH)
    rows = 1 + max((label.row for label in labels), default=-1)
    plots = _plots(chart.panels, rows * ROW + 4)
    bottom = plots[-1].bottom if plots else 40.0
    parts = [
        f'<svg class="still" viewBox="0 0 {WIDTH:g} {bottom + _AXIS:g}" role="img" '
        f'aria-label="{escape(chart.alt)}">',
        _shapes(chart),
        *bands(chart, time.places, rows * ROW + 4, bottom),
        *(label_text(label, rows) for label in labels),
        *(_panel(chart.id, plot, time) for plot in plots),
        _time_axis(time, bottom),
        "</svg>",
    ]
    return Markup("".join(parts))


def spark(
    values: Sequence[float | None], hold: Sequence[float | None] | None, low: float, high: float
) -> Markup:
    """A line of 72 x 20 pixels for a table's cell, with buy-and-hold behind it in grey.

    low, high: the scale, the same for cells to be compared; values beyond are drawn at its edge.
    """
    behind = _spark_path(hold, (low, high), "held") if hold is not None else ""
    ours = _spark_path(values, (low, high), "ours")
    head = '<svg class="spark" viewBox="0 0 144 40" aria-hidden="true">'
    return Markup(f"{head}{behind}{ours}</svg>")


def _spark_path(
    values: Sequence[float | None], scale: tuple[float, float], hue: str, most: int = 26
) -> str:
    low, high = scale
    across = 140 / max(1, len(values) - 1)

    def place(bars: Bars, values: Floats) -> tuple[Floats, Floats]:
        inside: Floats = np.clip((values - low) / (high - low), 0.0, 1.0)
        return np.add(2, bars * across), 37 - 34 * inside

    return f'<path class="{hue}" d="{trace(thinned(values, most, place))}"/>'


@lru_cache(maxsize=64)
def _time(days: tuple[str, ...]) -> _Time:
    """Where each day is, from left to right, and which of them are named."""
    if not days:
        return _Time((), np.empty(0), ())
    since = days_since(days)
    span = since[-1] or 1.0
    width = (RIGHT - LEFT) / span
    moments = date_ticks(days, 6) or ((0.0, days[0]),)
    places = tuple(LEFT + (RIGHT - LEFT) * s / span for s in since)
    named = tuple((LEFT + s * width, label) for s, label in moments)
    return _Time(places, np.array(places) * _GRID, named)


def _plots(panels: Sequence[Panel], top: float) -> list[_Plot]:
    plots = []
    for panel in panels:
        height = _SHORT if panel.fill else _TALL
        low, high = span(panel)
        plots.append(_Plot(panel, top + _TITLE, height, low, high))
        top += _TITLE + height + 6
    return plots


def span(panel: Panel) -> tuple[float, float]:
    """The values that a panel shows from bottom to top, with a little room around them."""
    shown = [v for line in panel.lines for v in line.values] + [m.level for m in panel.marks]
    low, high = extent(finite(shown), with_zero=panel.fill)
    room = (high - low) * 0.06
    return (
        low if panel.fill and low == 0 else low - room,
        high if panel.fill and high == 0 else high + room,
    )


def _panel(id: str, plot: _Plot, time: _Time) -> str:
    panel = plot.panel
    runs = [_drawn(line, plot, time) for line in panel.lines]
    lines = [_line(line, plot, r) for line, r in zip(panel.lines, runs, strict=True)]
    if panel.fill and panel.lines:
        lines.insert(0, _area(panel.lines[0], plot, runs[0]))
    parts = [
        _title(plot),
        _rules(plot),
        f'<g transform="scale({1 / _GRID:g})">{"".join(lines)}</g>',
        _numbers(plot),
        *(_mark(id, mark, plot, time.places) for mark in panel.marks),
    ]
    if not any(runs):
        x, y = (LEFT + RIGHT) / 2, plot.top + plot.height / 2
        parts.append(f'<text class="x" x="{x:g}" y="{y:.1f}">no values</text>')
    return "".join(parts)


def _title(plot: _Plot) -> str:
    """The panel's name, then its legend; spans of one text, so that they never overlap."""
    panel = plot.panel
    keys = [
        f'<tspan class="{line.hue} key" dx="12">{_KEYS[style(panel, line)]} '
        f"{escape(line.name)}</tspan>"
        for line in keyed(panel)
    ]
    used = {mark.sign for mark in panel.marks}
    signs = [f'<tspan class="sign" dx="12">{_SIGNS[s]}</tspan>' for s in _SIGNS if s in used]
    texts = "".join([escape(panel.title), *keys, *signs])
    return f'<text class="t" x="{LEFT:g}" y="{plot.top - 7:.1f}">{texts}</text>'


def _levels(plot: _Plot) -> tuple[float, ...]:
    return ticks(plot.low, plot.high, _most(plot))


def _most(plot: _Plot) -> int:
    return 5 if plot.height > 100 else 4


def _rules(plot: _Plot) -> str:
    """A thin line at each tick, a firm one at zero."""
    values = _levels(plot)
    rules = "".join(f"M{LEFT:g} {plot.y(v):.1f}H{RIGHT:g}" for v in values)
    zero = f'<path class="zero" d="M{LEFT:g} {plot.y(0):.1f}H{RIGHT:g}"/>' if 0 in values else ""
    return f'<path class="rule" d="{rules}"/>{zero}'


def _numbers(plot: _Plot) -> str:
    step = nice_step(plot.high - plot.low, _most(plot))
    unit = plot.panel.unit
    texts = (
        f'<text class="y" x="{LEFT - 6:g}" y="{plot.y(v) + 4:.1f}">'
        f"{escape(tick_label(v, unit, step))}</text>"
        for v in _levels(plot)
    )
    return f"<g>{''.join(texts)}</g>"


def _time_axis(time: _Time, bottom: float) -> str:
    if not time.places:
        return ""
    parts = [f'<path class="axis" d="M{LEFT:g} {bottom:.1f}H{RIGHT:g}"/>']
    for x, label in time.ticks:
        edge = " end" if x > RIGHT - 30 else ""
        parts.append(
            f'<path class="axis" d="M{x:.1f} {bottom:.1f}v4"/>'
            f'<text class="x{edge}" x="{x:.1f}" y="{bottom + 18:.1f}">{escape(label)}</text>'
        )
    return f"<g>{''.join(parts)}</g>"


def style(panel: Panel, line: Line) -> int:
    """Index of a line's dashes: none of two lines is told from another by colour alone."""
    alike = [x for x in panel.lines if x.hue == line.hue]
    first = 1 if line.dashed or line.hue == "other" else 0
    return (first + next(n for n, x in enumerate(alike) if x is line)) % len(_KEYS)


def keyed(panel: Panel) -> tuple[Line, ...]:
    """Lines that a legend names; a lone one that the title names already is not."""
    lone = len(panel.lines) == 1 and panel.lines[0].name in panel.title
    return () if lone else panel.lines


def _drawn(line: Line, plot: _Plot, time: _Time) -> list[Points]:
    """A line's points in a panel."""

    def place(bars: Bars, values: Floats) -> tuple[Floats, Floats]:
        down = plot.bottom - (values - plot.low) / (plot.high - plot.low) * plot.height
        return time.grid[bars], down * _GRID

    return thinned(line.values, POINTS, place)


def _line(line: Line, plot: _Plot, runs: Sequence[Points]) -> str:
    dashes = _DASHES[style(plot.panel, line)]
    return f'<path class="{line.hue} line{dashes}" d="{trace(runs)}"/>'


def _area(line: Line, plot: _Plot, runs: Sequence[Points]) -> str:
    """The tint between a line and zero, one piece for each stretch without gaps."""
    zero = round(plot.y(0) * _GRID)
    pieces = (f"M{run[0, 0]} {zero}V{run[0, 1]}{_steps(run)}V{zero}z" for run in runs)
    return f'<path class="{line.hue} area" d="{"".join(pieces)}"/>'


def trace(runs: Sequence[Points]) -> str:
    """Path data through points, broken between runs."""
    # A round cap makes a lone point visible, but only on a step of no length.
    return "".join(f"M{run[0, 0]} {run[0, 1]}{_steps(run) or 'h0'}" for run in runs)


def thinned(values: Sequence[float | None], most: int, place: Place) -> list[Points]:
    """At most so many points in stretches: a new one wherever a value is missing on the way."""
    kept = thin(values, most)
    if not kept:
        return []
    known = np.array([values[i] for i in kept], dtype=np.float64)
    points = np.rint(np.column_stack(place(np.array(kept), known))).astype(np.int64)
    gaps = missing(values)
    if not gaps:
        return [points]
    before = [bisect(gaps, i) for i in kept]
    return np.split(points, [k for k in range(1, len(kept)) if before[k] != before[k - 1]])


def _steps(points: Points) -> str:
    """Relative line steps; a minus sign needs no blank before it."""
    moves = (points[1:] - points[:-1]).ravel().tolist()
    text = " ".join(map(str, moves)).replace(" -", "-")
    return f"l{text}" if moves else ""


def _shapes(chart: Chart) -> str:
    """The shapes of marks, drawn once and used by every mark."""
    used = {mark.sign for panel in chart.panels for mark in panel.marks}
    paths = (
        f'<path id="{escape(chart.id)}-{sign}" class="on-{sign}" d="{shape}"/>'
        for sign, shape in _SHAPES.items()
        if sign in used
    )
    return f"<defs>{''.join(paths)}</defs>" if used else ""


def _mark(id: str, mark: Mark, plot: _Plot, places: Sequence[float]) -> str:
    x, y = places[mark.bar], plot.y(mark.level)
    return (
        f'<use href="#{escape(id)}-{mark.sign}" x="{x:.1f}" y="{y:.1f}">'
        f"<title>{escape(mark.text)}</title></use>"
    )
