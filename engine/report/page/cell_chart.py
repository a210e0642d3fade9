"""The chart of one run (floor 10): price with fills, equity three ways, drawdown three ways."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

import numpy as np

from engine.records.account import FROM_LEVEL, Fill
from engine.records.desk import FLATTEN, HALT, Desk
from engine.report.page.chart import Band, Chart, Line, Mark, Panel, Sign
from engine.report.page.seen import Seen, book_prefix, iso_days
from engine.report.words import exact, money
from engine.session.cell import Ran
from engine.session.figures import drawdown_line
from engine.session.records import SOURCES

Values = tuple[float | None, ...]
INDEX = 100.0
"""Several symbols in one panel begin here together."""


def run_chart(run: Seen, ran: Ran, says: str) -> Chart:
    """Three panels over the run's days, with pauses and halts as bands."""
    days = iso_days(ran.desk.tape.days)
    return Chart(
        id=f"chart-{run.at}",
        alt=says,
        days=days,
        panels=(_prices(ran, days), _equity(run, ran), _drawdown(run, ran)),
        bands=bands(ran),
    )


# ---------------------------------------------------------------- price


def _prices(ran: Ran, days: Sequence[str]) -> Panel:
    symbols = [i.symbol for i in ran.desk.instruments]
    scales = [_scale(ran.desk, k) for k in range(len(symbols))]
    lines = tuple(
        Line(s, "price", _scaled(ran.desk.tape.close[k], scales[k])) for k, s in enumerate(symbols)
    )
    marks = tuple(_mark(ran, f, scales, days) for f in ran.history.fills)
    if len(symbols) == 1:
        return Panel(f"{symbols[0]}, close", "$", lines, marks)
    return Panel(f"closes, {INDEX:g} at the start", "", lines, marks)


def _scale(desk: Desk, symbol: int) -> float:
    """What a price is multiplied with: 1 for a lone symbol."""
    if len(desk.instruments) == 1:
        return 1.0
    first = next((v for v in desk.tape.close[symbol] if v == v), INDEX)
    return INDEX / float(first)


def _scaled(line: Sequence[float], scale: float) -> Values:
    values = (np.asarray(line, dtype=np.float64) * scale).tolist()
    return tuple(v if v == v else None for v in values)


def _mark(ran: Ran, fill: Fill, scales: Sequence[float], days: Sequence[str]) -> Mark:
    return Mark(fill.bar, fill.price * scales[fill.symbol], _sign(fill), _said(ran, fill, days))


def _sign(fill: Fill) -> Sign:
    if fill.source == FROM_LEVEL:
        return "stopped"
    return "buy" if fill.qty > 0 else "sell"


def _said(ran: Ran, fill: Fill, days: Sequence[str]) -> str:
    symbol = ran.desk.instruments[fill.symbol].symbol
    what = "bought" if fill.qty > 0 else "sold"
    who = book_prefix(ran.desk, fill.book)
    size = exact(abs(fill.qty))
    return f"{days[fill.bar]} {who}{what} {size} {symbol} at {money(fill.price)}, {_by(ran, fill)}"


def _by(ran: Ran, fill: Fill) -> str:
    """The rule behind a fill: its level for protective orders, else where the order came from."""
    book = ran.desk.books[fill.book]
    if fill.source == FROM_LEVEL and 0 <= fill.rule < len(book.levels):
        return book.levels[fill.rule].name
    if 0 <= fill.entry < len(book.entries):
        return f"{SOURCES[fill.source]} of {book.entries[fill.entry].name}"
    return SOURCES[fill.source]


# ---------------------------------------------------------------- equity and drawdown


def _equity(run: Seen, ran: Ran) -> Panel:
    start = run.cell.start_equity
    bars = len(ran.desk.tape.days)
    lines = [Line("with limits", "ours", padded(ran.history.equity, bars))]
    if ran.bare is not None:
        lines.append(Line("without limits", "other", padded(ran.bare, bars), dashed=True))
    lines.append(Line("buy and hold", "held", padded([v * start for v in ran.hold.tolist()], bars)))
    return Panel("equity", "$", tuple(lines))


def _drawdown(run: Seen, ran: Ran) -> Panel:
    start = run.cell.start_equity
    bars = len(ran.desk.tape.days)
    lines = [Line("with limits", "ours", _falls(ran.history.equity, start, bars))]
    if ran.bare is not None:
        fall = _falls(ran.bare, start, bars)
        lines.append(Line("without limits", "other", fall, dashed=True))
    lines.append(Line("buy and hold", "held", _falls(ran.hold.tolist(), 1.0, bars)))
    return Panel("below the peak", "%", tuple(lines), fill=True)


def _falls(line: Sequence[float], start: float, bars: int) -> Values:
    """The fall from the running peak per bar, as ratios of zero or less."""
    fall = drawdown_line([start, *line], start)[1:]
    return padded((-fall).tolist(), bars)


def padded(line: Sequence[float], bars: int) -> Values:
    """A line as long as the chart, None after its end (a ruined run ends early)."""
    return (*map(float, line[:bars]), *([None] * (bars - len(line))))


# ---------------------------------------------------------------- bands


def bands(ran: Ran) -> tuple[Band, ...]:
    """Each stretch of bars on which a pause, flatten or halt was in force."""
    found = []
    for block, lines in zip(ran.desk.limit_sets, ran.history.paused, strict=True):
        for switch, line in zip(block.switches, lines, strict=True):
            for first, last in stretches([bool(v) for v in line]):
                found.append(Band(first, last, switch.name, _kind(switch.kind)))
    return tuple(found)


def _kind(kind: int) -> Literal["pause", "halt", "flatten"]:
    if kind == HALT:
        return "halt"
    return "flatten" if kind == FLATTEN else "pause"


def stretches(line: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last index of every run of true values."""
    found, at = [], 0
    for value, group in groupby(line):
        size = len(list(group))
        if value:
            found.append((at, at + size - 1))
        at += size
    return found
