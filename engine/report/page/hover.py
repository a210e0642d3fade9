"""Charts to hover (floor 10): their values as one JSON island, and the scripts that draw them.

Values that many charts share (days, prices, buy-and-hold) are stored once, in a pool. Names come
from rule files: whatever would end the script element is written as an escape.
"""

import base64
import json
import math
import zlib
from binascii import a2b_base64
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from markupsafe import Markup

from engine.report.page.axes import finite, missing
from engine.report.page.blocks import Facet
from engine.report.page.chart import Band, Chart, Line, Mark, Panel
from engine.report.page.svg import keyed, style
from engine.run.cache import folder, write

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_ESCAPES = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_LEVEL = 9
_TENTHS = 3
"""Decimals of a share: tenths of a percent, as pictures tell them."""

_Values = tuple[int | None, ...] | tuple[str, ...]


def scripts(charts: Sequence[Chart], facets: Sequence[Facet] = ()) -> Markup:
    """Everything that makes the figures of a page hoverable, to be put at its end."""
    if not charts:
        return Markup("")
    return Markup(
        '<script type="application/json" id="chart-data">{}</script>\n'
        "<!-- plotly.js, Copyright Plotly, Inc., MIT licence; compressed -->\n"
        '<script type="text/plain" id="plotly-source">{}</script>\n'
        "<script>{}</script>\n<script>{}</script>"
    ).format(
        Markup(chart_data(charts, facets)),
        packed_plotly(),
        Markup(_text("charts.js")),
        Markup(_text("facets.js")),
    )


def styles() -> str:
    """The style sheet of figures and sparks."""
    return _text("charts.css") + _text("facets.css")


def chart_data(charts: Iterable[Chart], facets: Iterable[Facet] = ()) -> str:
    """All charts as compact JSON that is safe inside a script element.

    `pool` holds each array of days or packed values once; charts refer to it by index.
    """
    pool: dict[_Values, int] = {}
    rows = [_chart(chart, pool) for chart in charts]
    small = {facet.id: _facet(facet, pool) for facet in facets}
    data = {"pool": list(pool), "charts": rows, "facets": small}
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter, written in _ESCAPES.items():
        text = text.replace(letter, written)
    return text


def _plotly_file() -> Path:
    """plotly.min.js in the installed package, which is not imported: that is slow."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None, "plotly is a core dependency"
    return Path(spec.origin).with_name("package_data") / "plotly.min.js"


@cache
def packed_plotly() -> str:
    """plotly.js compressed, as letters: a third of its size, and nothing in it ends a script
    element."""
    return _packed_script(_plotly_file().read_bytes())


def _packed_script(source: bytes) -> str:
    """The letters of a script; packing takes long, so they are kept in the cache folder."""
    path = folder() / f"plotly-{_LEVEL}-{zlib.ZLIB_RUNTIME_VERSION}.txt"
    kept = _kept(path, source)
    if kept is not None:
        return kept
    letters = base64.b64encode(zlib.compress(source, _LEVEL)).decode()
    with suppress(OSError):
        write(path, letters)
    return letters


def _kept(path: Path, source: bytes) -> str | None:
    """The letters in a file, if they are nothing but this script: others were damaged, or made from
    another plotly."""
    try:
        letters = path.read_bytes().decode("ascii")
        packed = a2b_base64(letters, strict_mode=True)
        unpacker = zlib.decompressobj()
        is_this = unpacker.decompress(packed, len(source) + 1) == source
    except (OSError, ValueError, zlib.error):
        return None
    return letters if is_this and unpacker.eof and not unpacker.unused_data else None


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


def _facet(facet: Facet, pool: dict[_Values, int]) -> list[object]:
    """Days, then per track its names, bars (null: every one) and shares."""
    return [
        pool.setdefault(facet.days, len(pool)),
        *(
            [t.names, t.bars, pool.setdefault(_packed(t.shares, _TENTHS), len(pool))]
            for t in facet.tracks
        ),
    ]


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
        "values": pool.setdefault(_packed(line.values, _decimals(line.values, digits)), len(pool)),
    }


def _mark(mark: Mark) -> list[object]:
    return [mark.bar, _short(mark.level), mark.sign, mark.text]


def _band(band: Band) -> list[object]:
    return [band.first, band.last, band.label, band.kind]


def _decimals(values: Sequence[float | None], digits: int) -> int:
    """Decimals that keep so many significant digits of the largest value."""
    known = np.array(finite(values), dtype=np.float64)
    size = float(np.max(np.abs(known), initial=0.0))
    return digits - 1 - math.floor(math.log10(size)) if size else 0


def _packed(values: Sequence[float | None], decimals: int) -> tuple[int | None, ...]:
    """Decimals, then the first value and each change from the one before, as whole numbers."""
    known = np.array(finite(values), dtype=np.float64)
    wholes = np.rint(known * 10.0**decimals).astype(np.int64)
    wholes[1:] -= wholes[:-1].copy()
    changes = wholes.tolist()
    gaps = set(missing(values))
    if gaps:
        following = iter(changes)
        changes = [None if i in gaps else next(following) for i in range(len(values))]
    return (decimals, *changes)


def _short(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")
