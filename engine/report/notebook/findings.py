"""What `seawall.check` found, as a sequence that draws itself (floor 10)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, overload

from engine.base.codes import CODES
from engine.base.diagnostics import Diagnostic
from engine.base.spans import Source, Span
from engine.lang.render import render
from engine.report.glyphs import harmless
from engine.report.notebook.draw import draw

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 160
"""Characters of a source line that are shown; a mistake further right is shown without it."""

COLUMNS = (
    *("file", "line", "column", "end_line", "end_column"),
    *("severity", "code", "title", "message", "help"),
)


class Marked(NamedTuple):
    """A line of rule text cut where the mistake begins and ends."""

    before: str
    inside: str
    after: str


class Shown(NamedTuple):
    """A finding as the page shows it. title, page: what its code means."""

    found: Diagnostic
    title: str
    page: str
    line: Marked | None


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Sequence[Diagnostic]):
    """The diagnostics in the order of the text. As with any sequence, true means that there are
    some: `if seawall.check(files):` is the branch where something was found.

    told: the sentence that sums them up. files: every file that was checked. Equal to any list or
    tuple of the same diagnostics.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    told: str
    sources: Mapping[str, Source] = field(default_factory=dict)

    @overload
    def __getitem__(self, at: int) -> Diagnostic: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Diagnostic]: ...

    def __getitem__(self, at: int | slice) -> Diagnostic | Sequence[Diagnostic]:
        return self.diagnostics[at]

    def __len__(self) -> int:
        return len(self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.diagnostics)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Findings | list | tuple):
            return NotImplemented
        return self.diagnostics == tuple(other)

    def __hash__(self) -> int:
        return hash(self.diagnostics)

    def __repr__(self) -> str:
        """What `seawall check` prints."""
        return "\n\n".join([*(render(harmless(d), self.sources) for d in self), self.told])

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per finding; lines and columns count from 1."""
        import pandas as pd

        return pd.DataFrame([_row(d) for d in self], columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        shown = [_shown(d, self.sources) for d in self]
        is_bad = any(d.severity == "error" for d in self)
        return draw("findings", shown=shown, told=self.told, is_clean=not shown, is_bad=is_bad)


def _row(found: Diagnostic) -> dict[str, object]:
    span = found.span
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "severity": found.severity,
        "code": found.code,
        "title": _meaning(found.code)[0],
        "message": found.message,
        "help": found.help,
    }


def _meaning(code: str) -> tuple[str, str]:
    """A code's title and page."""
    return next((c.title, c.page.strip()) for c in CODES if c.id == code)


def _shown(found: Diagnostic, sources: Mapping[str, Source]) -> Shown:
    line = _marked(found.span, sources.get(found.span.file))
    return Shown(harmless(found), *_meaning(found.code), line)


def _marked(span: Span, text: Source | None) -> Marked | None:
    """The line of the mistake; None where it cannot be shown."""
    if text is None or span.line > len(text.starts) or span.column > WIDEST:
        return None
    line = text.line(span.line)
    end = span.end_column if span.end_line == span.line else len(line) + 1
    first, last = span.column - 1, max(span.column, end - 1)
    more = "…" if len(line) > WIDEST else ""
    parts = line[:first], line[first:last][:WIDEST], line[last:WIDEST] + more
    return Marked(*harmless(parts)) if line.strip() else None
