"""What a section of the report is made of (floor 10): values, not HTML.

A section returns blocks; the templates know how each kind of block looks. Texts are plain and are
escaped when they are drawn, whatever stands in them.
"""

from dataclasses import dataclass
from typing import Literal

from engine.report.page.chart import Chart

Form = Literal["percent", "points", "money", "price", "count", "shares", "number", "ratio", "value"]
Kind = Literal["", "comment", "string", "number", "word"]
Tone = Literal["plain", "caveat", "fail", "lead"]


@dataclass(frozen=True, slots=True)
class Fig:
    """One figure with where it stands in the run's files, so that anybody can check it.

    of: a JSON pointer (RFC 6901) into summary.json, or `trades.parquet#/row/column` and
    `verdicts.jsonl#/line/key` for the tables beside it; several with blanks between are added up,
    one that begins with `-` is taken away. ends: written behind the figure.
    """

    value: float | int | None
    form: Form
    of: str
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to another place of the page."""

    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Command:
    """Something to paste into a terminal."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Held or failed: a sign and a word, never colour alone."""

    holds: bool | None


Entry = str | Fig | Link | Command | Mark | None
"""What stands in one place of a table; None is a dash."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column titles. says: the sentence above it. Figures stand right-aligned."""

    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    sortable: bool = False

    @property
    def numeric(self) -> frozenset[int]:
        """The columns that hold figures."""
        return frozenset(k for row in self.rows for k, e in enumerate(row) if isinstance(e, Fig))


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs of one tone."""

    lines: tuple[str, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences, each with an optional place that it leads to."""

    lines: tuple[str | Link, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of rule text; kind names how it is coloured, "" for plain."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule file as it was read."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart under the sentence that says what to see in it."""

    says: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Track:
    """How much of a limit some runs used. bars: None for every bar, else where the shares belong;
    a share is None where it is not known."""

    names: str
    bars: tuple[int, ...] | None
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """One small picture: the first track came closest, `fig` says how close and `note` who and
    when. alt: the same as a sentence."""

    id: str
    title: str
    fig: Fig
    note: str
    alt: str
    days: tuple[str, ...]
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Multiples:
    """Small pictures of one kind on one scale, under the sentence that says what to see."""

    says: str
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One strategy in one crisis: its figure, whether it passed, and its equity line.

    passed is None where nothing was expected or decided; why says why there is no figure, or what
    is missing in a partial one; codes say what the figure leaves out (see labels).
    """

    fig: Fig | None
    passed: bool | None
    to: str
    why: str = ""
    codes: str = ""
    line: tuple[float, ...] = ()
    hold: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Strategies down, crises across. columns: name, title and place of each crisis; rows: name,
    title and cells of each strategy."""

    says: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[str, str, tuple[MatrixCell, ...]], ...]
    legend: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that open on demand; `says` is what stands on the closed fold."""

    id: str
    title: str
    says: str
    blocks: tuple["Block", ...]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A titled stretch of a section with a place of its own; notes stand beside the title."""

    id: str
    title: str
    notes: tuple[str, ...]
    blocks: tuple["Block", ...]


Block = Table | Text | Points | RuleText | Figure | Multiples | Matrix | Fold | Part
