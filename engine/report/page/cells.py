"""Entries of tables as HTML (floor 10): by far the most of a page, so not left to templates.

Every text goes through `escape` where it enters; only what is complete becomes
Markup.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from engine.report.page.blocks import Command, Entry, Fig, Link, Mark, Table
from engine.report.page.forms import figure_text

_DASH = '<span class="none">–</span>'
_MARKS = {
    None: '<span class="mark open">not decided</span>',
    True: '<span class="mark passed"><b aria-hidden="true">✓</b> held</span>',
    False: '<span class="mark failed"><b aria-hidden="true">✗</b> failed</span>',
}


def table(found: Table) -> Markup:
    """A table's head and body, a line for each row."""
    numeric = found.numeric
    tags = [' class="number"' if k in numeric else "" for k in range(len(found.columns))]
    titles = zip(tags, found.columns, strict=True)
    head = "".join([f'<th scope="col"{tag}>{escape(title)}</th>' for tag, title in titles])
    rows = "".join([_row(row, tags) for row in found.rows])
    return Markup(f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>")


def _row(row: Sequence[Entry], tags: Sequence[str]) -> str:
    cells = [f"<td{tag}>{_entry(e)}</td>" for tag, e in zip(tags, row, strict=True)]
    return f"<tr>{''.join(cells)}</tr>\n"


def entry(found: Entry) -> Markup:
    """What stands in one place of a table or list."""
    return Markup(_entry(found))


def _entry(found: Entry) -> str:
    match found:
        case Fig():
            return _fig(found)
        case str():
            return escape(found)
        case None:
            return _DASH
        case Link(text, to):
            return f'<a href="#{escape(to)}">{escape(text)}</a>'
        case Command(text):
            return f'<code class="command">{escape(text)}</code>'
        case Mark(holds):
            return _MARKS[holds]


def _fig(found: Fig) -> str:
    """A figure with its exact value and where it stands in the files; a dash for none."""
    if found.value is None:
        return _DASH
    text = escape(figure_text(found))
    return f'<data value="{found.value}" data-of="{escape(found.of)}">{text}</data>'
