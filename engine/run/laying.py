"""A desk laid out as the flat state of one account run (floor 7); fills.layout is its map."""

from collections.abc import Sequence
from typing import Any

from engine import fields as field
from engine.fills import layout as at
from engine.fills.price import MILLIONTHS
from engine.records.desk import (
    CLS,
    TRAIL_MONEY,
    TRAIL_RATIO,
    BookRow,
    Desk,
    Tape,
)
from engine.run.ground import Laying, Room, open_scope, reads_code, rows_of
from engine.run.laying_limits import asks_history, lay_limits


def lay(desk: Desk) -> tuple[list[int], list[float]]:
    """n, and s before the first bar up to what a run writes down; see place_buffers."""
    lay = Laying(desk)
    _header(lay)
    _symbols(lay)
    _money(lay)
    seat = key = 0
    for b, book in enumerate(desk.books):
        _book(lay, b, book, seat)
        for k in range(len(book.symbols)):
            _seat(lay, b, k, seat, key)
            seat += 1
            key += len(book.entries) + (book.weight_out >= 0)
    lay_limits(lay)
    _trace(lay)
    for kind, width in enumerate((*at.WIDTHS, asking_width(desk))):
        lay.n[at.BUFFERS + kind * at.BUFFER_WIDTH + 2] = width
    return lay.n, lay.s


def place_buffers(n: list[int], room: Room) -> int:
    """Give the event buffers so much room behind the trace, all of it zeros before the first bar;
    the size of s. What limits are asked is kept where there is room for it."""
    end = n[at.TRACE] + n[at.BARS] * n[at.TRACE_WIDTH]
    n[at.LISTENS] = int(room[at.ASKINGS] > 0)
    for kind, have in enumerate(room):
        row = at.BUFFERS + kind * at.BUFFER_WIDTH
        n[row], n[row + 1] = end, have
        end += have * n[row + 2]
    return end


def asking_width(desk: Desk) -> int:
    """Cells of a record of what a limit set was asked."""
    most = max((len(s.limits) + len(s.asks) for s in desk.limit_sets), default=0)
    return 2 + field.WIDTH + most


def _header(lay: Laying) -> None:
    n, desk = lay.n, lay.desk
    n[at.BARS] = len(desk.tape.days)
    n[at.CLOCK] = len(desk.instruments) * len(desk.tape.days) * at.BAR_WIDTH
    n[at.SYMBOLS], n[at.SYMBOL_COUNT] = lay.symbols, len(desk.instruments)
    n[at.BOOKS], n[at.BOOK_COUNT] = lay.books, len(desk.books)
    n[at.SEATS], n[at.SEAT_COUNT] = lay.seats, sum(len(b.symbols) for b in desk.books)
    n[at.SETS], n[at.SET_COUNT] = lay.sets, len(desk.limit_sets)
    n[at.DELAY] = desk.delay
    n[at.ACTIONS] = n[at.CLOCK] + n[at.BARS] * at.CLOCK_WIDTH
    n[at.ACTION_COUNT] = len(desk.tape.actions)
    n[at.HISTORY] = n[at.ACTIONS] + n[at.ACTION_COUNT] * at.ACTION_WIDTH
    n[at.HISTORY_LEAD] = len(desk.before[0]) if desk.before else 0
    past = (n[at.HISTORY_LEAD] + n[at.BARS]) * asks_history(desk)
    end = n[at.HISTORY] + (len(desk.instruments) + len(desk.benchmarks)) * past
    n[at.IMPACT] = end if desk.tape.impact else 0
    n[at.WITHIN] = end + len(desk.tape.impact) * n[at.BARS] if desk.tape.within else 0
    orders = [(e.kind, e.tif) for b in desk.books for e in b.entries]
    orders += [(x.kind, x.tif) for b in desk.books for x in b.exits]
    n[at.HAS_TRAILS] = int(any(kind in (TRAIL_RATIO, TRAIL_MONEY) for kind, _ in orders))
    n[at.HAS_CLOSERS] = int(any(tif == CLS for _, tif in orders))
    n[at.SWITCH_COUNT] = sum(len(s.switches) for s in desk.limit_sets)
    n[at.ACCOUNT] = lay.account
    asked = max((len(group.asks) for group in desk.limit_sets), default=0)
    for place in (at.BOOK_FIELDS, at.LIMIT_FIELDS, at.LEVEL_FIELDS):
        n[place] = lay.cells(field.WIDTH + asked, at.NAN)
    widths = [w for b in desk.books for w in (b.out_width, b.stops_width)]
    widths += [w for s in desk.limit_sets for w in (s.out_width, s.decide_width)]
    for place in (at.OUT_RULE, at.OUT_STOPS, at.OUT_DECIDE, at.OUT_SET, at.OUT_FRESH):
        n[place] = lay.cells(max(widths, default=0))
    n[at.SPARE] = lay.cells(max((len(s.cells_init) for s in desk.limit_sets), default=0))


def _symbols(lay: Laying) -> None:
    bars = len(lay.desk.tape.days)
    for k, row in enumerate(lay.desk.instruments):
        symbol = lay.symbols + k * at.SYMBOL_WIDTH
        state = lay.cells(at.SYMBOL_CELLS)
        lay.n[symbol : symbol + at.SYMBOL_WIDTH] = [k * bars * at.BAR_WIDTH, state, k]
        lay.s[state + at.LAST] = at.NAN
        lay.s[state + at.LOT] = row.lot
        lay.s[state + at.TICKS] = float(round(row.tick * MILLIONTHS))
        lay.s[state + at.SHORTABLE] = 2.0 if row.shortable else 0.0
        lay.s[state + at.BORROW_RATE] = row.borrow_rate


def _money(lay: Laying) -> None:
    """Costs, and the account's cash shared among the books in proportion to their capital."""
    c = lay.desk.costs
    lay.n[at.COSTS] = lay.floats(
        [
            c.per_share,
            c.per_order,
            c.commission,
            c.slippage,
            c.spread,
            c.participation,
            float(c.interest),
            c.buying_power,
        ]
    )
    capital = sum(b.capital for b in lay.desk.books)
    left = lay.desk.cash
    for book, scope in zip(lay.desk.books, lay.scopes, strict=True):
        is_last = scope == lay.scopes[-1]
        cash = left if is_last else round(lay.desk.cash * book.capital / capital, 4)
        left = round(left - cash, 4)
        open_scope(lay.s, scope, cash)
    open_scope(lay.s, lay.account, lay.desk.cash)


def _covers(lay: Laying, book: BookRow, entries: Sequence[int]) -> int:
    """A 0/1 cell per key. Naming all entries (or -1) covers the weight position too."""
    every = range(len(book.entries))
    cells = [int(e in entries) for e in every]
    if book.weight_out >= 0:
        cells.append(int(-1 in entries or set(entries) >= set(every)))
    return lay.whole(0, cells) if cells else 0


def _book(lay: Laying, b: int, book: BookRow, seat: int) -> None:
    n = lay.n
    x = lay.books + b * at.BOOK_WIDTH
    entries = [
        (
            *(e.side, e.when_out, e.size_out, int(e.size_in_money)),
            *(e.kind, e.price_out, e.tif, e.limit_out, e.adds, e.spread, e.leg),
        )
        for e in book.entries
    ]
    exits = [
        (e.when_out, e.kind, e.price_out, e.tif, e.limit_out, _covers(lay, book, e.entries))
        for e in book.exits
    ]
    levels = [(v.kind, v.stops_out, v.rule_out, _covers(lay, book, v.entries)) for v in book.levels]
    n[x + at.BOOK_SCOPE] = lay.scopes[b]
    n[x + at.BOOK_NUMBER] = b
    n[x + at.BOOK_SEATS] = lay.seats + seat * at.SEAT_WIDTH
    n[x + at.BOOK_SEAT_COUNT] = len(book.symbols)
    n[x + at.BOOK_KEY_COUNT] = len(book.entries) + (book.weight_out >= 0)
    n[x + at.BOOK_ENTRIES], n[x + at.BOOK_ENTRY_COUNT] = rows_of(lay, entries), len(entries)
    n[x + at.BOOK_EXITS], n[x + at.BOOK_EXIT_COUNT] = rows_of(lay, exits), len(exits)
    n[x + at.BOOK_LEVELS], n[x + at.BOOK_LEVEL_COUNT] = rows_of(lay, levels), len(levels)
    n[x + at.BOOK_WEIGHT] = book.weight_out
    n[x + at.BOOK_REBALANCE] = book.rebalance
    n[x + at.BOOK_MAY_FIRE] = _may_fire(book)
    n[x + at.BOOK_ROW_WIDTH] = book.row_width
    n[x + at.BOOK_CELL_COUNT] = len(book.cells_init)
    n[x + at.BOOK_FOLD_CELLS] = book.fold_cells
    n[x + at.BOOK_INIT] = lay.floats(book.cells_init)
    n[x + at.BOOK_RULE], n[x + at.BOOK_STOPS] = 2 * b, 2 * b + 1
    n[x + at.BOOK_READS] = reads_code(book.reads)
    n[x + at.BOOK_DRIFT] = lay.floats([book.drift])
    n[x + at.BOOK_SPREADS] = int(any(e.spread >= 0 for e in book.entries))
    n[x + at.BOOK_ADDS] = int(any(e.adds > 0 for e in book.entries))


def _may_fire(book: BookRow) -> int:
    """The column that says whether a flat seat's rule must run, where it need not always or never
    run."""
    if len(book.cells_init) != book.fold_cells:
        return at.RUNS_ALWAYS
    if not book.entries:
        return at.NEVER_FIRES
    return book.may_fire if book.may_fire >= 0 else at.RUNS_ALWAYS


def _seat(lay: Laying, b: int, k: int, seat: int, key: int) -> None:
    book = lay.desk.books[b]
    x = lay.seats + seat * at.SEAT_WIDTH
    symbol = lay.symbols + book.symbols[k] * at.SYMBOL_WIDTH
    count = len(book.entries) + (book.weight_out >= 0)
    lay.n[x : x + at.SEAT_WIDTH] = [
        lay.books + b * at.BOOK_WIDTH,
        symbol,
        lay.keys + key * at.KEY_WIDTH,
        count,
        seat,
        lay.floats([0.0, -1.0, 0.0, 0.0, 0.0, 0.0]),
        seat,
    ]
    for j in range(count):
        _key(lay, b, x, lay.keys + (key + j) * at.KEY_WIDTH, j)


def _key(lay: Laying, b: int, seat: int, x: int, j: int) -> None:
    book = lay.desk.books[b]
    orders = at.EXIT_SLOTS + len(book.exits)
    lay.n[x : x + at.KEY_WIDTH] = [
        seat,
        lay.books + b * at.BOOK_WIDTH,
        lay.n[seat + at.SEAT_SYMBOL],
        j if j < len(book.entries) else -1,
        j,
        lay.cells(at.POSITION_CELLS),
        lay.cells(orders * at.ORDER_CELLS),
        orders,
        lay.cells(len(book.levels), at.NAN),
        lay.floats(book.cells_init),
        lay.cells(at.TALLY_CELLS),
        x + (_host(book, j) - j) * at.KEY_WIDTH,
    ]


def _host(book: BookRow, j: int) -> int:
    """The number of the key whose position an entry's fills make."""
    joins = book.entries[j].joins if j < len(book.entries) else -1
    return joins if joins >= 0 else j


def _trace(lay: Laying) -> None:
    n = lay.n
    n[at.TRACE_SEATS] = at.TR_BOOKS + n[at.BOOK_COUNT]
    n[at.TRACE_PAUSED] = n[at.TRACE_SEATS] + n[at.SEAT_COUNT]
    n[at.TRACE_WIDTH] = n[at.TRACE_PAUSED] + n[at.SWITCH_COUNT]
    n[at.TRACE] = len(lay.s)


def flat_tape(desk: Desk) -> list[float]:
    """The tape, bar-major: every symbol's bars, then the clock; then what few runs have."""
    tape, bars = desk.tape, len(desk.tape.days)
    columns = (tape.open, tape.high, tape.low, tape.close, tape.volume, tape.present, tape.at_close)
    flat: list[float] = []
    for k in range(len(desk.instruments)):
        flat += _interleave([column[k] for column in columns], bars)
    moves = [value for column in tape.impact for value in plain(column)]
    sessions = _sessions(tape)
    clock = [
        *(tape.days, tape.week_end, tape.month_end, tape.cash_rate, _settling(tape, sessions)),
        *(sessions, _ends(sessions)),
    ]
    flat += _interleave(clock, bars)
    flat += [float(cell) for action in tape.actions for cell in action]
    if asks_history(desk):
        for k in range(len(desk.instruments)):
            before = desk.before[k] if desk.before else ()
            flat += _returns([*before, *_in_first_shares(tape, k)])
        for _, closes in desk.benchmarks:
            flat += _returns(closes)
    return flat + moves + _interleave(tape.within, bars)


def _in_first_shares(tape: Tape, k: int) -> list[float]:
    """A symbol's closes as if no share were split from the first bar on."""
    closes = plain(tape.close[k])
    for bar, symbol, ratio, _ in tape.actions:
        if symbol == k and ratio != 1.0:
            closes[bar:] = [close * ratio for close in closes[bar:]]
    return closes


def _returns(closes: Sequence[float]) -> list[float]:
    """Each bar's return on the last known close: 0 without a bar, nan before the second known."""
    made, last = [], float("nan")
    for close in closes:
        is_known = close == close
        made.append(close / last - 1.0 if is_known else last - last)
        last = close if is_known else last
    return made


def _sessions(tape: Tape) -> list[float]:
    """The number of each bar's session."""
    return [float(k) for k in (tape.sessions or range(len(tape.days)))]


def _ends(sessions: list[float]) -> list[float]:
    """1.0 on the last bar of each session."""
    return [float(k != after) for k, after in zip(sessions, [*sessions[1:], None], strict=True)]


def _settling(tape: Tape, sessions: list[float]) -> list[float]:
    """The session at which each bar's trades settle; one out of the ring's reach is our own
    fault."""
    due = [float(session) for session in tape.settles]
    is_near = all(k <= d < k + at.DUE_CELLS for k, d in zip(sessions, due, strict=False))
    if not is_near or len(due) != len(tape.days):
        raise ValueError(f"trades settle on their session or up to {at.DUE_CELLS - 1} later")
    return due


def _interleave(columns: Sequence[Any], bars: int) -> list[float]:
    flat = [0.0] * (len(columns) * bars)
    for k, column in enumerate(columns):
        flat[k :: len(columns)] = plain(column)
    return flat


def plain(column: Any) -> list[float]:
    """A column as a list of Python floats."""
    values: list[float] = column.tolist() if hasattr(column, "tolist") else list(column)
    return values


def all_rows(desk: Desk) -> list[Any]:
    """Market rows as the layout numbers them: seats, then each set's symbols and clock."""
    rows = [row for book in desk.books for row in book.rows]
    for group in desk.limit_sets:
        rows += [*group.rows, group.clock_rows]
    return rows


def all_calls(desk: Desk) -> list[Any]:
    """Compiled functions in the order the layout numbers them."""
    calls = [call for book in desk.books for call in (book.rule, book.stops)]
    return calls + [call for group in desk.limit_sets for call in (group.rule, group.decide)]
