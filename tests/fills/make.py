"""Small desks written by hand: a script says per bar what a rule wants, the tape what the market
did."""

from dataclasses import replace
from typing import Any

from engine import fields as field
from engine.records.account import History
from engine.records.desk import (
    DAILY,
    DAY,
    MARKET,
    STOP_LIMIT,
    TRAIL_MONEY,
    TRAIL_RATIO,
    BookRow,
    CostRow,
    Desk,
    EntryRow,
    ExitRow,
    InstrumentRow,
    LevelRow,
    LimitRow,
    LimitSetRow,
    SwitchRow,
    Tape,
)
from engine.run.account import run_account

NAN = float("nan")
FREE = CostRow(interest=False)
ENTRIES, EXITS, LEVELS = 3, 3, 3
WHEN, SIZE, PRICE = 0, ENTRIES, 2 * ENTRIES
EXIT_WHEN = 3 * ENTRIES
EXIT_PRICE = EXIT_WHEN + EXITS
TRAIL = EXIT_PRICE + EXITS
WEIGHT = TRAIL + LEVELS
SECOND = WEIGHT + 1
OUTS = SECOND + ENTRIES
LEVEL_BASE = OUTS
LEVEL_SLOPE = LEVEL_BASE + LEVELS
WIDTH = LEVEL_SLOPE + LEVELS
LIMITS = 4


def copy_rule(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
    """Wants what the script says."""
    for k in range(OUTS):
        out[o + k] = row[r + k]


def line_stops(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
    """Level k is base + slope x entry price."""
    for k in range(LEVELS):
        slope = row[r + LEVEL_SLOPE + k]
        out[o + k] = row[r + LEVEL_BASE + k] + slope * fields[f + field.POSITION_ENTRY_PRICE]


def no_rule(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
    """Does nothing."""


def copy_limits(
    row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int
) -> None:
    """Limit k says what the script says."""
    for k in range(LIMITS):
        out[o + k] = row[r + k]


def bars(*rows: tuple[float, float, float, float]) -> list[tuple[float, float, float, float]]:
    return list(rows)


def flat(price: float, count: int) -> list[tuple[float, float, float, float]]:
    """Bars on which nothing moves."""
    return [(price, price, price, price)] * count


def tape_of(*symbols: list[tuple[float, float, float, float]], **columns: Any) -> Tape:
    """A tape from (open, high, low, close) rows; None is a missing bar."""
    count = len(symbols[0])
    pick = [
        [[NAN if bar is None else bar[k] for bar in rows] for rows in symbols] for k in range(4)
    ]
    tape = Tape(
        days=list(range(20000, 20000 + count)),
        open=pick[0],
        high=pick[1],
        low=pick[2],
        close=pick[3],
        volume=[[NAN] * count for _ in symbols],
        present=[[0.0 if bar is None else 1.0 for bar in rows] for rows in symbols],
        at_close=[[0.0] * count for _ in symbols],
        week_end=[0.0] * count,
        month_end=[0.0] * count,
        cash_rate=[NAN] * count,
        settles=range(count),
    )
    return replace(tape, **columns)


class Script:
    """One symbol's wishes, bar by bar."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.cells = [0.0] * (count * WIDTH)

    def put(self, bar: int, column: int, value: float) -> "Script":
        self.cells[bar * WIDTH + column] = value
        return self

    def enter(self, bar: int, size: float, price: float = NAN, entry: int = 0) -> "Script":
        self.put(bar, WHEN + entry, 2.0).put(bar, SIZE + entry, size)
        return self.put(bar, PRICE + entry, price)

    def second(self, bar: int, value: float, entry: int = 0) -> "Script":
        """The second price of an entry or exit: a stop-limit's limit, or how far it trails."""
        return self.put(bar, SECOND + entry, value)

    def leave(self, bar: int, price: float = NAN, exit: int = 0) -> "Script":
        return self.put(bar, EXIT_WHEN + exit, 2.0).put(bar, EXIT_PRICE + exit, price)

    def weigh(self, bar: int, weight: float) -> "Script":
        return self.put(bar, WEIGHT, weight)

    def trail(self, bar: int, price: float, level: int = 0) -> "Script":
        return self.put(bar, TRAIL + level, price)

    def level(self, base: float, slope: float = 0.0, level: int = 0) -> "Script":
        for bar in range(self.count):
            self.put(bar, LEVEL_BASE + level, base).put(bar, LEVEL_SLOPE + level, slope)
        return self


def entry(
    k: int = 0, side: int = 1, kind: int = MARKET, tif: int = DAY, money: bool = False, **more: Any
) -> Any:
    price, limit = columns_of(k, PRICE + k, kind)
    return EntryRow(
        f"entry{k}", side, WHEN + k, SIZE + k, money, kind, price, tif, limit_out=limit, **more
    )


def exit_row(
    k: int = 0, entries: tuple[int, ...] = (0,), kind: int = MARKET, tif: int = DAY
) -> Any:
    price, limit = columns_of(k, EXIT_PRICE + k, kind)
    return ExitRow(f"exit{k}", entries, EXIT_WHEN + k, kind, price, tif, limit)


def columns_of(k: int, price: int, kind: int) -> tuple[int, int]:
    """Where a rule of this kind reads its first and second price."""
    if kind in (TRAIL_RATIO, TRAIL_MONEY):
        return SECOND + k, -1
    return price, SECOND + k if kind == STOP_LIMIT else -1


def level_row(kind: int, k: int = 0, entries: tuple[int, ...] = (0,)) -> LevelRow:
    return LevelRow(f"level{k}", kind, entries, k, TRAIL + k)


def book_of(
    *scripts: Script, entries: Any = (), exits: Any = (), levels: Any = (), **more: Any
) -> Any:
    """A book that trades the run's first symbols by script."""
    book = BookRow(
        name="book",
        capital=1.0,
        symbols=tuple(range(len(scripts))),
        entries=tuple(entries),
        exits=tuple(exits),
        levels=tuple(levels),
        weight_out=-1,
        rebalance=DAILY,
        may_fire=-1,
        row_width=WIDTH,
        out_width=OUTS,
        stops_width=LEVELS,
        cells_init=(),
        fold_cells=0,
        rows=tuple(s.cells for s in scripts),
        rule=copy_rule,
        stops=line_stops,
    )
    return replace(book, **more)


def set_of(
    symbols: int,
    count: int,
    limits: tuple[LimitRow, ...] = (),
    switches: tuple[SwitchRow, ...] = (),
    values: dict[int, Any] | None = None,
    **more: Any,
) -> LimitSetRow:
    """A limit set whose columns hold `values` (a number, or one per bar); decide copies the first
    LIMITS of them, rule copies them too."""
    cells = [0.0] * (count * LIMITS)
    for column, value in (values or {}).items():
        for bar in range(count):
            cells[bar * LIMITS + column] = value[bar] if isinstance(value, list) else value
    group = LimitSetRow(
        name="house",
        book=-1,
        limits=limits,
        switches=switches,
        row_width=LIMITS,
        out_width=LIMITS,
        decide_width=LIMITS,
        cells_init=(),
        rows=(cells,) * symbols,
        clock_rows=cells,
        rule=copy_limits,
        decide=copy_limits,
    )
    return replace(group, **more)


def desk_of(tape: Tape, *books: BookRow, costs: CostRow = FREE, **more: Any) -> Desk:
    desk = Desk(
        cash=100000.0,
        instruments=tuple(
            InstrumentRow(f"S{k}", 1.0, 0.01, True, NAN) for k in range(len(tape.open))
        ),
        costs=costs,
        books=books,
        limit_sets=(),
        tape=tape,
    )
    return replace(desk, **more)


def run(tape: Tape, *books: BookRow, **more: Any) -> History:
    return run_account(desk_of(tape, *books, **more))


def fills(history: History) -> list[tuple[int, float, float]]:
    """(bar, qty, price) of every fill."""
    return [(f.bar, f.qty, f.price) for f in history.fills]
