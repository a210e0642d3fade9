"""The report page (floor 10): sections through templates into one HTML file without links out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from engine.report.html import environment
from engine.report.page.axes import extent, finite
from engine.report.page.blocks import Block, Facet, Figure, Fold, Matrix, Multiples, Part
from engine.report.page.cells import entry, table
from engine.report.page.chart import Chart
from engine.report.page.facets import facet
from engine.report.page.hover import packed_plotly, scripts, styles
from engine.report.page.sections import SECTIONS
from engine.report.page.sections.verdict import headline, tally
from engine.report.page.svg import figure, spark
from engine.session.result import Result

FILE = "report.html"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What no text of a rule file or of data may bring into the page."""


def ready() -> None:
    """Compile the templates and pack what every page holds."""
    for name in ("page.html.j2", "blocks.html.j2"):
        _environment().get_template(name)
    packed_plotly()


def page_files(result: Result) -> Mapping[str, bytes]:
    """report.html for a run's folder: self-contained, the same bytes for the same result."""
    return {FILE: page(result).encode()}


def page(result: Result) -> str:
    """The whole page."""
    sections = [(s, made) for s in SECTIONS if (made := s.make(result))]
    blocks = [b for _, made in sections for b in made]
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            headline=headline(result),
            tally=tally(result),
            sections=sections,
            id=result.manifest["id"],
            scripts=scripts(charts(blocks), facets(blocks)),
            chart_styles=Markup(styles()),
            scale=_scale(blocks),
        )
    )
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


@cache
def _environment() -> Environment:
    found = environment()
    found.filters.update(
        {"entry": entry, "table": table, "kind": lambda block: type(block).__name__}
    )
    found.globals.update({"figure": figure, "spark": spark, "facet": facet})
    return found


def charts(blocks: Sequence[Block]) -> list[Chart]:
    """Every chart of the page, in its order."""
    return [b.chart for b in walk(blocks) if isinstance(b, Figure)]


def facets(blocks: Sequence[Block]) -> list[Facet]:
    """Every small picture of the page, in its order."""
    return [f for b in walk(blocks) if isinstance(b, Multiples) for f in b.facets]


def walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, those inside others after their holder."""
    for block in blocks:
        yield block
        if isinstance(block, Fold | Part):
            yield from walk(block.blocks)


def _scale(blocks: Sequence[Block]) -> tuple[float, float]:
    """One scale for all tiny equity lines, so that they can be compared."""
    cells = [c for b in walk(blocks) if isinstance(b, Matrix) for _, _, row in b.rows for c in row]
    return extent(finite([v for c in cells for v in (*c.line, *c.hold)]))
