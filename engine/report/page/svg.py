"""Charts as still pictures (floor 10): for paper, for readers without scripts, and until the
chart to hover is there.

Colours come from CSS custom properties (templates/charts.css), so that one picture serves light
and dark. Lines are paths on a grid of half units, relative and thinned, so that a page holds
hundreds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from engine.report.page.axes import (
    date_ticks,
    days_since,
    extent,
    finite,
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

_Place = Callable[[int, float], tuple[int, int]]
"""From a bar and a value to a place on the grid."""


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
    body = '<figure class="chart" id="{0}" data-chart="{0}">{1}</figure>'
    return Markup(body).format(chart.id, still(chart))


def still(chart: Chart) -> Markup:
    """The chart as an SVG element: every panel on one time axis, bands across all of them."""
    places = _places(chart.days)
    labels = labels_of(chart.bands, places, WIDTH)
    rows = 1 + max((label.row for label in labels), default=-1)
    plots = _plots(chart.panels, rows * ROW + 4)
    bottom = plots[-1].bottom if plots else 40.0
    parts = [
        _shapes(chart),
        *bands(chart, places, rows * ROW + 4, bottom),
        *(label_text(label, rows) for label in labels),
        *(_panel(chart.id, plot, places) for plot in plots),
        _time_axis(chart.days, bottom),
    ]
    head = '<svg class="still" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>'
    return Markup(head).format(WIDTH, bottom + _AXIS, chart.alt, Markup("").join(parts))


def spark(
    values: Sequence[float | None],
    hold: Sequence[float | None] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Markup:
    """A line of 72 x 20 pixels for a table's cell, with buy-and-hold behind it in grey.

    low, high: the scale, the same for cells to be compared; values beyond are drawn at its edge.
    """
    least, most = extent(finite([*values, *(hold or ())]))
    scale = (least if low is None else low, most if high is None else high)
    behind = _spark_path(hold, scale, "held") if hold is not None else Markup("")
    head = '<svg class="spark" viewBox="0 0 144 40" aria-hidden="true">{}{}</svg>'
    return Markup(head).format(behind, _spark_path(values, scale, "ours"))


def _spark_path(
    values: Sequence[float | None], scale: tuple[float, float], hue: str, most: int = 26
) -> Markup:
    low, high = scale
    room = (high - low) or 1.0
    across = 140 / max(1, len(values) - 1)

    def place(bar: int, value: float) -> tuple[int, int]:
        inside = min(1.0, max(0.0, (value - low) / room))
        return round(2 + bar * across), round(37 - 34 * inside)

    data = _trace(values, thin(values, most), place)
    return Markup('<path class="{}" d="{}"/>').format(hue, data)


def _places(days: Sequence[str]) -> tuple[float, ...]:
    """Where each day is, from left to right."""
    if not days:
        return ()
    since = days_since(days)
    span = since[-1] or 1.0
    return tuple(LEFT + (RIGHT - LEFT) * s / span for s in since)


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


def _panel(id: str, plot: _Plot, places: Sequence[float]) -> Markup:
    panel = plot.panel
    lines = [_line(line, plot, places) for line in panel.lines]
    if panel.fill and panel.lines:
        lines.insert(0, _area(panel.lines[0], plot, places))
    marks = [_mark(id, mark, plot, places) for mark in panel.marks]
    grid = f'<g transform="scale({1 / _GRID:g})">'
    within = Markup(grid + "{}</g>").format(Markup("").join(lines))
    parts = [_title(plot), _rules(plot), within, _numbers(plot), *marks]
    if not any(finite(line.values) for line in panel.lines):
        empty = '<text class="x" x="{:g}" y="{:.1f}">no values</text>'
        parts.append(Markup(empty).format((LEFT + RIGHT) / 2, plot.top + plot.height / 2))
    return Markup("").join(parts)


def _title(plot: _Plot) -> Markup:
    """The panel's name, then its legend; spans of one text, so that they never overlap."""
    panel = plot.panel
    keys = Markup("").join(
        Markup('<tspan class="{} key" dx="12">{} {}</tspan>').format(
            line.hue, _KEYS[style(panel, line)], line.name
        )
        for line in keyed(panel)
    )
    signs = [s for s in _SIGNS if any(m.sign == s for m in panel.marks)]
    for sign in signs:
        keys += Markup('<tspan class="sign" dx="12">{}</tspan>').format(_SIGNS[sign])
    text = '<text class="t" x="{:g}" y="{:.1f}">{}{}</text>'
    return Markup(text).format(LEFT, plot.top - 7, panel.title, keys)


def _levels(plot: _Plot) -> tuple[float, ...]:
    return ticks(plot.low, plot.high, _most(plot))


def _most(plot: _Plot) -> int:
    return 5 if plot.height > 100 else 4


def _rules(plot: _Plot) -> Markup:
    """A thin line at each tick, a firm one at zero."""
    values = _levels(plot)
    rules = "".join(f"M{LEFT:g} {plot.y(v):.1f}H{RIGHT:g}" for v in values)
    zero = f'<path class="zero" d="M{LEFT:g} {plot.y(0):.1f}H{RIGHT:g}"/>' if 0 in values else ""
    return Markup('<path class="rule" d="{}"/>{}').format(rules, Markup(zero))


def _numbers(plot: _Plot) -> Markup:
    step = nice_step(plot.high - plot.low, _most(plot))
    texts = (
        Markup('<text class="y" x="{:g}" y="{:.1f}">{}</text>').format(
            LEFT - 6, plot.y(v) + 4, tick_label(v, plot.panel.unit, step)
        )
        for v in _levels(plot)
    )
    return Markup("<g>{}</g>").format(Markup("").join(texts))


def _time_axis(days: Sequence[str], bottom: float) -> Markup:
    if not days:
        return Markup("")
    width = (RIGHT - LEFT) / (days_since(days)[-1] or 1.0)
    parts = [Markup('<path class="axis" d="M{:g} {:.1f}H{:g}"/>').format(LEFT, bottom, RIGHT)]
    moments = date_ticks(days, 6) or ((0.0, days[0]),)
    for since, label in moments:
        x = LEFT + since * width
        edge = " end" if x > RIGHT - 30 else ""
        parts.append(
            Markup(
                '<path class="axis" d="M{0:.1f} {1:.1f}v4"/>'
                '<text class="x{2}" x="{0:.1f}" y="{3:.1f}">{4}</text>'
            ).format(x, bottom, edge, bottom + 18, label)
        )
    return Markup("<g>{}</g>").format(Markup("").join(parts))


def style(panel: Panel, line: Line) -> int:
    """Index of a line's dashes: none of two lines is told from another by colour alone."""
    alike = [x for x in panel.lines if x.hue == line.hue]
    first = 1 if line.dashed or line.hue == "other" else 0
    return (first + next(n for n, x in enumerate(alike) if x is line)) % len(_KEYS)


def keyed(panel: Panel) -> tuple[Line, ...]:
    """Lines that a legend names; a lone one that the title names already is not."""
    lone = len(panel.lines) == 1 and panel.lines[0].name in panel.title
    return () if lone else panel.lines


def _line(line: Line, plot: _Plot, places: Sequence[float]) -> Markup:
    data = _trace(line.values, thin(line.values, POINTS), _placer(plot, places))
    dashes = _DASHES[style(plot.panel, line)]
    return Markup('<path class="{} line{}" d="{}"/>').format(line.hue, dashes, data)


def _placer(plot: _Plot, places: Sequence[float]) -> _Place:
    return lambda bar, value: (round(places[bar] * _GRID), round(plot.y(value) * _GRID))


def _area(line: Line, plot: _Plot, places: Sequence[float]) -> Markup:
    """The tint between a line and zero, one piece for each stretch without gaps."""
    place = _placer(plot, places)
    zero = round(plot.y(0) * _GRID)
    pieces = []
    for run in _runs(line.values, thin(line.values, POINTS)):
        points = [place(i, v) for i, v in run]
        ends = f"M{points[0][0]} {zero}", f"V{zero}z"
        pieces.append(f"{ends[0]}V{points[0][1]}{_steps(points)}{ends[1]}")
    return Markup('<path class="{} area" d="{}"/>').format(line.hue, "".join(pieces))


def _trace(values: Sequence[float | None], kept: Sequence[int], place: _Place) -> str:
    """Path data through the kept points, broken where a value is missing between them."""
    pieces = []
    for run in _runs(values, kept):
        points = [place(i, v) for i, v in run]
        # A round cap makes a lone point visible, but only on a step of no length.
        pieces.append(f"M{points[0][0]} {points[0][1]}" + (_steps(points) or "h0"))
    return "".join(pieces)


def _runs(values: Sequence[float | None], kept: Sequence[int]) -> list[list[tuple[int, float]]]:
    """Kept points in stretches: a new one wherever a value is missing on the way."""
    runs: list[list[tuple[int, float]]] = []
    before = None
    for i in kept:
        value = values[i]
        assert value is not None, "thin keeps only numbers"
        if before is None or len(finite(values[before:i])) < i - before:
            runs.append([])
        runs[-1].append((i, value))
        before = i
    return runs


def _steps(points: Sequence[tuple[int, int]]) -> str:
    """Relative line steps; a minus sign needs no blank before it."""
    moves = [n for (a, b), (c, d) in pairwise(points) for n in (c - a, d - b)]
    text = " ".join(str(n) for n in moves).replace(" -", "-")
    return f"l{text}" if moves else ""


def _shapes(chart: Chart) -> Markup:
    """The shapes of marks, drawn once and used by every mark."""
    used = {mark.sign for panel in chart.panels for mark in panel.marks}
    paths = (
        Markup('<path id="{}-{}" class="on-{}" d="{}"/>').format(chart.id, sign, sign, shape)
        for sign, shape in _SHAPES.items()
        if sign in used
    )
    return Markup("<defs>{}</defs>").format(Markup("").join(paths)) if used else Markup("")


def _mark(id: str, mark: Mark, plot: _Plot, places: Sequence[float]) -> Markup:
    use = '<use href="#{}-{}" x="{:.1f}" y="{:.1f}"><title>{}</title></use>'
    x, y = places[mark.bar], plot.y(mark.level)
    return Markup(use).format(id, mark.sign, x, y, mark.text)
