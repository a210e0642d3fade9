"""Charts to hover (floor 10): their values as one JSON island, and the scripts that draw them.

Values that many charts share (days, prices, buy-and-hold) are stored once, in a pool. Names come
from rule files: whatever would end the script element is written as an escape.
"""

import base64
import json
import math
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from markupsafe import Markup

from engine.report.page.axes import finite
from engine.report.page.chart import Band, Chart, Line, Mark, Panel
from engine.report.page.svg import keyed, style

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_Values = tuple[int | None, ...] | tuple[str, ...]


def scripts(charts: Sequence[Chart]) -> Markup:
    """Everything that makes the figures of a page hoverable, to be put at its end."""
    if not charts:
        return Markup("")
    return Markup(
        '<script type="application/json" id="chart-data">{}</script>\n'
        "<!-- plotly.js, Copyright Plotly, Inc., MIT licence; compressed -->\n"
        '<script type="text/plain" id="plotly-source">{}</script>\n'
        "<script>{}</script>"
    ).format(Markup(chart_data(charts)), packed_plotly(), Markup(_text("charts.js")))


def styles() -> str:
    """The style sheet of figures and sparks."""
    return _text("charts.css")


def chart_data(charts: Iterable[Chart]) -> str:
    """All charts as compact JSON that is safe inside a script element.

    `pool` holds each array of days or packed values once; charts refer to it by index.
    """
    pool: dict[_Values, int] = {}
    rows = [_chart(chart, pool) for chart in charts]
    data = {"pool": list(pool), "charts": rows}
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def plotly_source() -> str:
    """The text of plotly.min.js from the installed package, which is not imported: that is slow."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None, "plotly is a core dependency"
    source = Path(spec.origin).with_name("package_data") / "plotly.min.js"
    return source.read_text(encoding="utf-8")


@cache
def packed_plotly() -> str:
    """plotly.js compressed, as letters: a third of its size, and nothing in it ends a script
    element."""
    return base64.b64encode(zlib.compress(plotly_source().encode(), 9)).decode()


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _chart(chart: Chart, pool: dict[_Values, int]) -> dict[str, object]:
    return {
        "id": chart.id,
        "alt": chart.alt,
        "days": pool.setdefault(chart.days, len(pool)),
        "panels": [_panel(panel, pool) for panel in chart.panels],
        "bands": [_band(band) for band in chart.bands],
    }


def _panel(panel: Panel, pool: dict[_Values, int]) -> dict[str, object]:
    return {
        "title": panel.title,
        "unit": panel.unit,
        "fill": panel.fill,
        "lines": [_line(panel, line, pool) for line in panel.lines],
        "keyed": bool(keyed(panel)),
        "marks": [_mark(mark) for mark in panel.marks],
    }


def _line(panel: Panel, line: Line, pool: dict[_Values, int]) -> dict[str, object]:
    digits = 5 if panel.unit == "%" else 7
    return {
        "name": line.name,
        "hue": line.hue,
        "style": style(panel, line),
        "values": pool.setdefault(_packed(line.values, digits), len(pool)),
    }


def _mark(mark: Mark) -> list[object]:
    return [mark.bar, _short(mark.level), mark.sign, mark.text]


def _band(band: Band) -> list[object]:
    return [band.first, band.last, band.label, band.kind]


def _packed(values: Sequence[float | None], digits: int) -> tuple[int | None, ...]:
    """Decimals, then the first value and each change from the one before, as whole numbers.

    So many significant digits of the largest value are kept.
    """
    sizes = [abs(v) for v in finite(values) if v]
    decimals = digits - 1 - math.floor(math.log10(max(sizes))) if sizes else 0
    packed: list[int | None] = [decimals]
    before = 0
    for value in values:
        if value is None or not math.isfinite(value):
            packed.append(None)
            continue
        whole = round(value * 10.0**decimals)
        packed.append(whole - before)
        before = whole
    return tuple(packed)


def _short(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")
