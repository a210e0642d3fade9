"""What a chart shows, before anybody draws it (floor 10): panels over one time axis.

Drawn twice from the same values: as a still SVG for paper and for readers without scripts, and as
a chart to hover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Hue = Literal["ours", "other", "held", "price"]
"""Who a line belongs to: `ours` blue, `other` (without limits) orange, `held` and `price` grey."""

Sign = Literal["buy", "sell", "stopped"]
"""A mark's shape: an entry or purchase, an exit or sale, an exit at a protective level."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value per day of the chart, None where there is none."""

    name: str
    hue: Hue
    values: tuple[float | None, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day at a level, told in words on hover. bar: index into
    `days`."""

    bar: int
    level: float
    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the aligned panels. unit: `$`, `%` (values are ratios) or `` for an index level.

    fill: the area between the first line and zero is tinted (drawdowns).
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Bars from `first` to `last`, both included, on which `label` (a pause or halt) was in
    force."""

    first: int
    last: int
    label: str
    kind: Literal["pause", "halt", "flatten"]


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels one below the other on one time axis. id: unique on the page, safe in HTML.

    days: ISO dates. alt: a sentence that says what there is to see, for those who cannot see it.
    """

    id: str
    alt: str
    days: tuple[str, ...]
    panels: tuple[Panel, ...]
    bands: Sequence[Band] = ()
