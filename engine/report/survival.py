"""The survival table (floor 10): crises down in time order, strategies across.

A cell is the deepest fall from a peak and whether every expectation held. Where the strategies do
not fit beside each other they continue in a further table, so that 40 columns read as well as 120.
"""

from collections.abc import Mapping, Sequence

from engine.report.facts import Cell, crises, failed, has_numbers, held, strategies
from engine.report.glyphs import FAIL, NONE, PASS, Screen
from engine.report.words import TIE, number, wrap

HELD = "held"
PARTIAL = "~"


def survival(cells: Sequence[Cell], screen: Screen) -> str:
    """The table (or tables) with its legend."""
    rows = crises(cells)
    grid = {(c["crisis"], c["strategy"]): c for c in cells}
    columns = {HELD: [_held(r, cells) for r in rows]}
    for name in strategies(cells):
        columns[name] = [cell_text(grid.get((r, name))) for r in rows]
    tables = [_table(rows, part, screen) for part in _parts(rows, columns, screen.width)]
    return "\n".join([_legend(cells, screen), "", "\n\n".join(tables)])


def cell_text(cell: Cell | None) -> str:
    """`−11.2✓`, with `~` behind it when part of the data is missing."""
    if cell is None:
        return ""
    if not has_numbers(cell):
        return "no data"
    tail = PARTIAL if cell["status"] == "partial" else " "
    return f"{_fall(cell['max_drawdown'])}{mark(cell)}{tail}"


def mark(cell: Cell) -> str:
    """A pass or fail mark, or a blank where nothing was expected or decided."""
    if failed(cell):
        return FAIL
    return PASS if any(e["holds"] for e in cell.get("expectations", [])) else " "


def _held(crisis: str, cells: Sequence[Cell]) -> str:
    found = held(c for c in cells if c["crisis"] == crisis)
    line = found and found["buy_and_hold"]
    return _fall(line["max_drawdown"]) if line else NONE


def _fall(ratio: float | None) -> str:
    return number(None if ratio is None else ratio * 100)


def _legend(cells: Sequence[Cell], screen: Screen) -> str:
    text = (
        f"Deepest fall from a peak within each crisis, in percent. {HELD}: all symbols bought and "
        "held"
    )
    if any(c.get("expectations") for c in cells):
        text += f"; {PASS}{TIE}expectations held, {FAIL}{TIE}one failed"
    if any(c["status"] == "partial" for c in cells):
        text += f", {PARTIAL}{TIE}part of the data missing"
    return screen.paint(wrap(screen.plain(text), screen.width), "bold")


def _parts(
    rows: Sequence[str], columns: dict[str, list[str]], width: int
) -> list[dict[str, list[str]]]:
    """Split the columns into tables that fit; each has at least one."""
    parts: list[dict[str, list[str]]] = [{}]
    left = room = width - max(map(len, rows))
    for name, texts in columns.items():
        needed = _width(texts) + 1
        if needed > left and parts[-1]:
            parts.append({})
            left = room
        parts[-1][name] = texts
        left -= needed
    return parts


def _table(rows: Sequence[str], columns: dict[str, list[str]], screen: Screen) -> str:
    first = max(map(len, rows))
    widths = {name: _width(texts) for name, texts in columns.items()}
    lines = _headings(widths, first)
    for at, row in enumerate(rows):
        cells = "".join(" " + _painted(t[at], widths[n], screen) for n, t in columns.items())
        lines.append(f"{row:<{first}}{cells}".rstrip())
    return "\n".join(lines)


def _headings(widths: Mapping[str, int], first: int) -> list[str]:
    """Whole names, each ending over its column, a line higher where two would touch."""
    lines: list[str] = []
    end = first
    for name, width in widths.items():
        end += width + 1
        start = max(end - len(name), 0)
        for at, line in enumerate(lines):
            if len(line) < start:
                lines[at] = line.ljust(start) + name
                break
        else:
            lines.append(" " * start + name)
    return lines[::-1]


def _width(texts: Sequence[str]) -> int:
    return max(map(len, texts))


def _painted(text: str, width: int, screen: Screen) -> str:
    padded = f"{screen.plain(text):>{width}}"
    if FAIL in text:
        return screen.paint(padded, "red")
    return screen.paint(padded, "dim") if text == "no data" else padded
