"""Bands of a still chart (floor 10): hatched across all panels, each named above them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import escape

from engine.report.page.chart import Band, Chart

ROW = 17.0
"""Height of a row of labels above the panels."""

_ROWS = 5
_LETTER = 6.7
"""Width of a letter of a label, as large as it gets on a narrow screen."""

_HATCHES = {
    "pause": (7, 45, "M0 0v7"),
    "halt": (4, -45, "M0 0v4"),
    "flatten": (5, 0, "M0 0v5M0 0h5"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """A band's name, from `left` on, in a row above the panels; tie: where its band begins."""

    band: Band
    tie: float
    left: float
    width: float
    row: int = 0


def bands(chart: Chart, places: Sequence[float], top: float, bottom: float) -> list[str]:
    """The hatches in use, then one rectangle across all panels for each band, as SVG."""
    kinds = sorted({band.kind for band in chart.bands})
    hatches = [_hatch(chart.id, kind) for kind in kinds]
    return [*hatches, *(_band(chart, band, places, top, bottom) for band in chart.bands)]


def _hatch(id: str, kind: str) -> str:
    size, turn, lines = _HATCHES[kind]
    return (
        f'<pattern id="{escape(id)}-{kind}" width="{size}" height="{size}" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate({turn})">'
        f'<path class="tint {kind}" d="M0 0h{size}v{size}H0z"/>'
        f'<path class="hatch {kind}" d="{lines}"/></pattern>'
    )


def _band(chart: Chart, band: Band, places: Sequence[float], top: float, bottom: float) -> str:
    left, right = edges(band, places)
    told = f"{band.label}, {chart.days[band.first]}"
    if band.last > band.first:
        told += f" to {chart.days[band.last]}"
    return (
        f'<rect class="band" x="{left:.1f}" y="{top:g}" width="{max(2.0, right - left):.1f}" '
        f'height="{bottom - top:.1f}" fill="url(#{escape(chart.id)}-{band.kind})">'
        f"<title>{escape(told)}</title></rect>"
    )


def edges(band: Band, places: Sequence[float]) -> tuple[float, float]:
    """Left and right end of a band: half-way to the days before and after it."""
    before, after = max(0, band.first - 1), min(len(places) - 1, band.last + 1)
    left = (places[before] + places[band.first]) / 2
    return left, (places[band.last] + places[after]) / 2


def labels_of(bands: Sequence[Band], places: Sequence[float], right: float) -> list[Label]:
    """The labels that find room: first every label once, where it first holds, then repeats."""
    first = {band.label: band for band in reversed(bands)}
    once = [_reach(b, places, right) for b in bands if first[b.label] is b]
    again = [_reach(b, places, right) for b in bands if first[b.label] is not b]
    placed: list[Label] = []
    for label in [*_in_turn(once), *_in_turn(again)]:
        rows = range(_ROWS) if label in once else range(1)
        free = (r for r in rows if not any(_collide(replace(label, row=r), p) for p in placed))
        row = next(free, None)
        if row is not None:
            placed.append(replace(label, row=row))
    return placed


def _reach(band: Band, places: Sequence[float], right: float) -> Label:
    """The label beginning at its tie, or ending there where it would leave the picture."""
    tie = edges(band, places)[0]
    width = len(short(band.label)) * _LETTER + 8
    return Label(band, tie, tie if tie + width <= right else tie - width, width)


def _in_turn(labels: Sequence[Label]) -> list[Label]:
    """An order in which few ties would cross a label: those to their right from the right."""
    rightward = [x for x in labels if x.left == x.tie]
    return [*reversed(rightward), *(x for x in labels if x.left != x.tie)]


def _collide(one: Label, other: Label) -> bool:
    """Whether two labels overlap, or the upper one's tie would cross the lower one's text."""
    if one.row == other.row:
        return one.left < other.left + other.width and other.left < one.left + one.width
    upper, lower = (one, other) if one.row > other.row else (other, one)
    return lower.left < upper.tie < lower.left + lower.width


def short(label: str, most: int = 36) -> str:
    """A label no longer than fits above a chart."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def label_text(label: Label, rows: int) -> str:
    """A band's name above it, tied to it by a thin line, as SVG."""
    baseline = (rows - label.row) * ROW - 3
    ends = label.left != label.tie
    name = short(label.band.label)
    return (
        f'<path class="tie" d="M{label.tie:.1f} {baseline:g}V{rows * ROW + 4:g}"/>'
        f'<text class="b{" end" if ends else ""}" '
        f'x="{label.tie + (-4 if ends else 4):.1f}" y="{baseline:g}">{escape(name)}</text>'
    )
