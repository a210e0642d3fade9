"""The tables beside summary.json (floor 9): round trips, equity lines, how much of each limit was
used, and every verdict of a run."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.records.account import (
    FROM_ENTRY,
    FROM_EXIT,
    FROM_LEVEL,
    LimitSaid,
    RoundTrip,
    Verdict,
)
from engine.records.desk import Desk, LimitRow, LimitSetRow, SwitchRow
from engine.session.cell import Cell, Ran
from engine.session.figures import plain
from engine.session.parquet import Column, Form, Names, parquet

SOURCES = ("entry", "exit", "level", "weight", "flatten", "reversal")
OUTCOMES = (
    *("allowed", "clipped", "denied", "blocked", "unsized", "zero", "ignored"),
    *("not shortable", "withdrawn"),
)
VERDICTS = ("allow", "clip", "deny", "deny", "none", "none", "none", "deny")
"""What an outcome is as a verdict; `none` is no order: unsized, zero or ignored."""
SAID = ("passed", "bound", "refused", "skipped", "unknown, denied")
CODES = ("passed", "bound", "refused", "skipped", "unknown")
"""How the reason codes end: `house.adv_cap.bound`; they hold as long as the names do."""
Row = dict[str, Any]


# ---------------------------------------------------------------- parquet


def trades_table(cells: Sequence[Cell]) -> bytes:
    """Every round trip with limits, as parquet."""
    rows = [_trip(c, c.ran, t) for c in cells if c.ran for t in c.ran.history.round_trips]
    form = _timed(cells, _TRIP, ("first", "last"))
    return parquet({name: [r[name] for r in rows] for name, _ in form}, form)


def _timed(cells: Sequence[Cell], form: Form, dates: Sequence[str]) -> Form:
    """The form; on bars of minutes each of these dates has the time of the bar's close beside it,
    as text in the exchange's time."""
    if not any(c.ran and c.ran.desk.tape.closes for c in cells):
        return form
    added: dict[str, Form] = {name: ((time_of(name), "text"),) for name in dates}
    return tuple(row for one in form for row in (one, *added.get(one[0], ())))


def time_of(name: str) -> str:
    """`date` has its time in `time`, `first` in `first_time`."""
    return "time" if name == "date" else f"{name}_time"


def _trip(cell: Cell, ran: Ran, trip: RoundTrip) -> Row:
    book, days = ran.desk.books[trip.book], ran.desk.tape.days
    return {
        "strategy": cell.strategy,
        "crisis": cell.window.crisis,
        "book": book.name,
        "symbol": ran.desk.instruments[trip.symbol].symbol,
        "entry": book.entries[trip.entry].name if 0 <= trip.entry < len(book.entries) else "weight",
        "side": "long" if trip.side > 0 else "short",
        "first": days[trip.first_bar],
        "last": days[trip.last_bar],
        "first_time": ran.desk.tape.time(trip.first_bar),
        "last_time": ran.desk.tape.time(trip.last_bar),
        "qty": trip.qty,
        "entry_price": trip.entry_price,
        "exit_price": plain(trip.exit_price),
        "pnl": trip.pnl,
        "fees": trip.fees,
        "planned_loss": plain(trip.planned_loss),
        "closed": trip.closed,
    }


def equity_table(cells: Sequence[Cell]) -> bytes:
    """Every equity line, bar by bar, as parquet: with limits, without, and merely held."""
    form = _timed(cells, _EQUITY, ("date",))
    columns: dict[str, list[Any]] = {name: [] for name, _ in form}
    for cell in cells:
        if cell.ran is not None:
            _add_lines(columns, cell, cell.ran)
    return parquet(columns, form)


def _add_lines(columns: dict[str, list[Any]], cell: Cell, ran: Ran) -> None:
    h, days = ran.history, ran.desk.tape.days
    bars = len(h.equity)
    lines = [line for of_set in h.paused for line in of_set]
    start = cell.start_equity
    columns["strategy"] += [cell.strategy] * bars
    columns["crisis"] += [cell.window.crisis] * bars
    columns["date"] += list(days[:bars])
    if "time" in columns:
        columns["time"] += [ran.desk.tape.time(k) for k in range(bars)]
    columns["equity"] += [float(v) for v in h.equity]
    columns["without_limits"] += _padded(ran.bare or (), bars)
    columns["buy_and_hold"] += _padded([float(v) * start for v in ran.hold], bars)
    columns["gross"] += [float(v) for v in h.gross]
    columns["paused"] += [any(line[k] for line in lines) for k in range(bars)]


def _padded(line: Sequence[float], bars: int) -> list[float | None]:
    found: list[float | None] = [float(v) for v in line[:bars]]
    return found + [None] * (bars - len(found))


def limits_table(cells: Sequence[Cell]) -> bytes:
    """The share used of every limit, at each close or order, as parquet."""
    found = [(c, c.ran, n, u) for c in cells if c.ran for n, u in c.ran.used.items()]
    days = [np.asarray(ran.desk.tape.days, dtype=np.int32)[u.bars] for _, ran, _, u in found]
    sizes = [len(u.bars) for *_, u in found]
    columns: dict[str, Column] = {
        "strategy": _names([c.strategy for c, *_ in found], sizes),
        "crisis": _names([c.window.crisis for c, *_ in found], sizes),
        "limit": _names([name for *_, name, _ in found], sizes),
        "at": _names([u.at for *_, u in found], sizes),
        "date": np.concatenate([np.empty(0, dtype=np.int32), *days]),
        "used": np.concatenate([np.empty(0), *(u.shares for *_, u in found)]),
    }
    form = _timed(cells, _USED, ("date",))
    if form != _USED:
        columns["time"] = [ran.desk.tape.time(int(k)) for _, ran, _, u in found for k in u.bars]
    return parquet(columns, form)


def _names(each: Sequence[str], sizes: Sequence[int]) -> Names:
    """A column in which the k-th text stands in the next sizes[k] rows."""
    texts = list(dict.fromkeys(each))
    places = {text: k for k, text in enumerate(texts)}
    codes = np.array([places[text] for text in each], dtype=np.int32)
    return Names(np.repeat(codes, sizes), texts)


_USED: Form = (
    ("strategy", "name"),
    ("crisis", "name"),
    ("limit", "name"),
    ("at", "name"),
    ("date", "date"),
    ("used", "float"),
)
_TRIP: Form = (
    ("strategy", "text"),
    ("crisis", "text"),
    ("book", "text"),
    ("symbol", "text"),
    ("entry", "text"),
    ("side", "text"),
    ("first", "date"),
    ("last", "date"),
    ("qty", "float"),
    ("entry_price", "float"),
    ("exit_price", "float"),
    ("pnl", "float"),
    ("fees", "float"),
    ("planned_loss", "float"),
    ("closed", "bool"),
)
_EQUITY: Form = (
    ("strategy", "text"),
    ("crisis", "text"),
    ("date", "date"),
    ("equity", "float"),
    ("without_limits", "float"),
    ("buy_and_hold", "float"),
    ("gross", "float"),
    ("paused", "bool"),
)
# ---------------------------------------------------------------- verdicts


def verdict_rows(cells: Sequence[Cell]) -> Iterator[Row]:
    """Every order that was put to the limits, in the order of cells and bars."""
    for cell in cells:
        if cell.ran is not None:
            for verdict in cell.ran.history.verdicts:
                where = {"strategy": cell.strategy, "crisis": cell.window.crisis}
                yield {**where, **verdict_row(cell.ran.desk, verdict)}


def verdict_row(desk: Desk, v: Verdict) -> Row:
    """One verdict with names in place of indices."""
    book = desk.books[v.book]
    row: Row = {
        "date": desk.tape.told(v.bar),
        "book": book.name,
        "symbol": desk.instruments[v.symbol].symbol,
        "source": SOURCES[v.source],
        "rule": rule_name(desk, v),
        "side": "buy" if v.side > 0 else "sell",
        "asked": plain(v.asked),
        "granted": plain(v.granted),
        "price": plain(v.price),
        "verdict": VERDICTS[v.outcome],
        "outcome": OUTCOMES[v.outcome],
    }
    if v.switch is not None:
        block = desk.limit_sets[v.switch[0]]
        switch = block.switches[v.switch[1]]
        row["switch"] = f"{block.name}.{switch.name}"
        row["code"] = f"{block.name}.{switch.name}.blocked"
        row |= _told(block, switch)
    if v.binding:
        row["limits"] = [said_row(desk, s) for s in v.binding]
    return row


def said_row(desk: Desk, s: LimitSaid) -> Row:
    """One limit's answer with its name."""
    block = desk.limit_sets[s.limit_set]
    limit = block.limits[s.limit]
    name = f"{block.name}.{limit.name}"
    said = {"limit": name, "said": SAID[s.said], "value": plain(s.value)}
    return {**said, "code": f"{name}.{CODES[s.said]}", **_told(block, limit)}


def _told(block: LimitSetRow, row: LimitRow | SwitchRow) -> Row:
    """How loudly a row is told, on which group of its scope, and why it is there."""
    reason = row.because or None
    return {"severity": row.severity, "group": block.group or None, "because": reason}


def rule_name(desk: Desk, v: Verdict) -> str:
    """The name of the entry, exit or level behind a verdict; the source when it has none."""
    book = desk.books[v.book]
    named: dict[int, Sequence[Any]] = {
        FROM_ENTRY: book.entries,
        FROM_EXIT: book.exits,
        FROM_LEVEL: book.levels,
    }
    rows = named.get(v.source, ())
    return str(rows[v.rule].name) if 0 <= v.rule < len(rows) else SOURCES[v.source]
