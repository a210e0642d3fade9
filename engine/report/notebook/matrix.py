"""The survival matrix as rows and cells that a template can draw (floor 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.base.dates import day_of
from engine.report.facts import Cell, crises, failed, has_numbers, held, reason, strategies
from engine.report.glyphs import FAIL
from engine.report.notebook.lines import HEIGHT, WIDTH, Point, Scale, scale_of
from engine.report.survival import HELD, PARTIAL, mark
from engine.report.words import percent

if TYPE_CHECKING:
    import pandas as pd

OURS, BARE, HOLD = LINES = ("equity", "without_limits", "buy_and_hold")

Place = tuple[str, str]
Drawn = Mapping[str, Sequence[Point]]
"""The lines of one run by column of equity.parquet."""


@dataclass(frozen=True, slots=True)
class Box:
    """One run. why: what its tooltip says. ours, bare: corners of the lines with limits and
    without; base: where the start equity lies."""

    text: str
    why: str
    has_data: bool
    has_failed: bool
    ours: str = ""
    bare: str = ""
    base: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy, or the buy-and-hold of each crisis; no box where a strategy does not run."""

    name: str
    title: str
    boxes: tuple[Box | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole matrix; columns are the crises' names and titles, in order of time."""

    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT


def matrix(cells: Sequence[Cell], equity: "pd.DataFrame") -> Grid:
    """Strategies down, what was merely held first; equity by strategy, crisis and date."""
    across = crises(cells)
    at = {(c["strategy"], c["crisis"]): c for c in cells}
    ran = dict(iter(equity.groupby(level=["strategy", "crisis"], sort=False)))
    drawn = {place: _lines(cell, ran.get(place)) for place, cell in at.items()}
    scales = {c: scale_of(_of_crisis(drawn, c)) for c in across}
    titles = {c["crisis"]: c["crisis_title"] for c in cells}
    merely = tuple(_held(c, at, drawn, scales[c]) for c in across)
    rows = [
        Line(n, _title(n, cells), tuple(_box((n, c), at, drawn, scales[c]) for c in across))
        for n in strategies(cells)
    ]
    columns = tuple((c, titles[c]) for c in across)
    return Grid(columns, (Line(HELD, "all symbols bought and held", merely), *rows))


def _title(name: str, cells: Sequence[Cell]) -> str:
    return next(c["title"] for c in cells if c["strategy"] == name)


def _lines(cell: Cell, equity: "pd.DataFrame | None") -> Drawn:
    """The cell's equity lines over its start equity; none without data."""
    if equity is None:
        return dict.fromkeys(LINES, ())
    days = [day_of(d) for d in equity.index.get_level_values("date")]
    start = cell["start_equity"]
    return {
        name: [Point(d, v / start) for d, v in zip(days, equity[name], strict=True) if v == v]
        for name in LINES
    }


def _of_crisis(drawn: Mapping[Place, Drawn], crisis: str) -> list[Sequence[Point]]:
    return [line for (_, c), lines in drawn.items() if c == crisis for line in lines.values()]


def _box(
    place: Place, at: Mapping[Place, Cell], drawn: Mapping[Place, Drawn], scale: Scale
) -> Box | None:
    cell = at.get(place)
    if cell is None:
        return None
    if not has_numbers(cell):
        return Box("no data", reason(cell), has_data=False, has_failed=False)
    tail = PARTIAL if cell["status"] == "partial" else ""
    fall = f"{percent(cell['max_drawdown'])} {mark(cell)}{tail}".rstrip()
    ours, bare = (scale.corners(drawn[place][name]) for name in (OURS, BARE))
    return Box(fall, _why(cell), True, bool(failed(cell)), ours, bare, scale.y(1.0))


def _why(cell: Cell) -> str:
    """What failed, and why a part is missing."""
    broken = [f"{FAIL} {e['text']}: {e['detail']}" for e in failed(cell)]
    missing = [reason(cell)] if cell["status"] == "partial" else []
    ends = f"{cell['start']} to {cell['end']}, ended at {percent(cell.get('return'))}"
    return "\n".join([ends, *broken, *missing])


def _held(
    crisis: str, at: Mapping[Place, Cell], drawn: Mapping[Place, Drawn], scale: Scale
) -> Box | None:
    found = held(c for (_, name), c in at.items() if name == crisis)
    line = found and found["buy_and_hold"]
    if found is None or not line:
        return None
    why = f"ended at {percent(line['return'])}"
    corners = scale.corners(drawn[found["strategy"], crisis][HOLD])
    return Box(percent(line["max_drawdown"]), why, True, False, corners, "", scale.y(1.0))
