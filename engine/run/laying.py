"""A desk laid out as the flat state of one account run (floor 7); fills.layout is its map."""

from collections.abc import Sequence
from typing import Any

from engine import fields as field
from engine.fills import layout as at
from engine.fills.price import MILLIONTHS
from engine.records.desk import BookRow, Desk, LimitSetRow, Tape

MONEY = frozenset(
    (
        field.ACCOUNT_EQUITY,
        field.ACCOUNT_CASH,
        field.ACCOUNT_PEAK,
        field.ACCOUNT_DRAWDOWN,
        field.ACCOUNT_PNL_TODAY,
    )
)
"""The fields that fills.facts.write_money writes."""

Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Books and symbols, numbered; empty: all."""

Room = tuple[int, ...]
"""How many records each event buffer holds."""


class Laying:
    """The two flat sequences while they grow, with the blocks whose places others link to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.n: list[int] = [0] * at.HEADER
        self.s: list[float] = [0.0] * at.STATE_HEADER
        keys = [len(b.entries) + (b.weight_out >= 0) for b in desk.books]
        seats = [len(b.symbols) for b in desk.books]
        self.symbols = self.whole(at.SYMBOL_WIDTH * len(desk.instruments))
        self.books = self.whole(at.BOOK_WIDTH * len(desk.books))
        self.seats = self.whole(at.SEAT_WIDTH * sum(seats))
        self.keys = self.whole(at.KEY_WIDTH * sum(k * c for k, c in zip(keys, seats, strict=True)))
        self.sets = self.whole(at.SET_WIDTH * len(desk.limit_sets))
        self.groups: dict[Group, tuple[int, int]] = {}
        self.scopes = [self.cells(at.SCOPE_CELLS) for _ in desk.books]
        is_one = len(desk.books) == 1
        self.account = self.scopes[0] if is_one else self.cells(at.SCOPE_CELLS)

    def whole(self, count: int, values: Sequence[int] = ()) -> int:
        """Make room in n; the index of its first cell."""
        first = len(self.n)
        self.n.extend(values or [0] * count)
        return first

    def cells(self, count: int, value: float = 0.0) -> int:
        """Make room in s; the index of its first cell."""
        first = len(self.s)
        self.s.extend([value] * count)
        return first

    def floats(self, values: Sequence[float]) -> int:
        """Put values into s; the index of the first."""
        first = len(self.s)
        self.s.extend(values)
        return first


def lay(desk: Desk, room: Room) -> tuple[list[int], list[float]]:
    """n and s before the first bar. What limits are asked is kept where there is room for it."""
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
    _groups(lay)
    _sets(lay)
    _trace(lay)
    lay.n[at.LISTENS] = int(room[at.ASKINGS] > 0)
    for kind, width in enumerate((*at.WIDTHS, asking_width(desk))):
        row = at.BUFFERS + kind * at.BUFFER_WIDTH
        lay.n[row : row + 3] = [lay.cells(room[kind] * width), room[kind], width]
    return lay.n, lay.s


def asking_width(desk: Desk) -> int:
    """Cells of a record of what a limit set was asked."""
    return 2 + field.WIDTH + max((len(s.limits) for s in desk.limit_sets), default=0)


def _header(lay: Laying) -> None:
    n, desk = lay.n, lay.desk
    n[at.BARS] = len(desk.tape.days)
    n[at.CLOCK] = len(desk.instruments) * len(desk.tape.days) * at.BAR_WIDTH
    n[at.SYMBOLS], n[at.SYMBOL_COUNT] = lay.symbols, len(desk.instruments)
    n[at.BOOKS], n[at.BOOK_COUNT] = lay.books, len(desk.books)
    n[at.SEATS], n[at.SEAT_COUNT] = lay.seats, sum(len(b.symbols) for b in desk.books)
    n[at.SETS], n[at.SET_COUNT] = lay.sets, len(desk.limit_sets)
    n[at.DELAY] = desk.delay
    n[at.SWITCH_COUNT] = sum(len(s.switches) for s in desk.limit_sets)
    n[at.ACCOUNT] = lay.account
    for place in (at.BOOK_FIELDS, at.LIMIT_FIELDS, at.LEVEL_FIELDS):
        n[place] = lay.cells(field.WIDTH, at.NAN)
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
        _scope(lay.s, scope, cash)
    _scope(lay.s, lay.account, lay.desk.cash)


def _scope(s: list[float], scope: int, cash: float) -> None:
    for k in (at.CASH, at.EQUITY, at.BEFORE, at.START, at.PEAK):
        s[scope + k] = cash


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
        (e.side, e.when_out, e.size_out, int(e.size_in_money), e.kind, e.price_out, e.tif)
        for e in book.entries
    ]
    exits = [
        (e.when_out, e.kind, e.price_out, e.tif, _covers(lay, book, e.entries)) for e in book.exits
    ]
    levels = [(v.kind, v.stops_out, v.rule_out, _covers(lay, book, v.entries)) for v in book.levels]
    n[x + at.BOOK_SCOPE] = lay.scopes[b]
    n[x + at.BOOK_NUMBER] = b
    n[x + at.BOOK_SEATS] = lay.seats + seat * at.SEAT_WIDTH
    n[x + at.BOOK_SEAT_COUNT] = len(book.symbols)
    n[x + at.BOOK_KEY_COUNT] = len(book.entries) + (book.weight_out >= 0)
    n[x + at.BOOK_ENTRIES], n[x + at.BOOK_ENTRY_COUNT] = _rows(lay, entries), len(entries)
    n[x + at.BOOK_EXITS], n[x + at.BOOK_EXIT_COUNT] = _rows(lay, exits), len(exits)
    n[x + at.BOOK_LEVELS], n[x + at.BOOK_LEVEL_COUNT] = _rows(lay, levels), len(levels)
    n[x + at.BOOK_WEIGHT] = book.weight_out
    n[x + at.BOOK_REBALANCE] = book.rebalance
    n[x + at.BOOK_MAY_FIRE] = _may_fire(book)
    n[x + at.BOOK_ROW_WIDTH] = book.row_width
    n[x + at.BOOK_CELL_COUNT] = len(book.cells_init)
    n[x + at.BOOK_FOLD_CELLS] = book.fold_cells
    n[x + at.BOOK_INIT] = lay.floats(book.cells_init)
    n[x + at.BOOK_RULE], n[x + at.BOOK_STOPS] = 2 * b, 2 * b + 1
    n[x + at.BOOK_READS] = _reads(book.reads)
    n[x + at.BOOK_DRIFT] = lay.floats([book.drift])


def _may_fire(book: BookRow) -> int:
    """The column that says whether a flat seat's rule must run, where it need not always or never
    run."""
    if len(book.cells_init) != book.fold_cells:
        return at.RUNS_ALWAYS
    if not book.entries:
        return at.NEVER_FIRES
    return book.may_fire if book.may_fire >= 0 else at.RUNS_ALWAYS


def _reads(slots: frozenset[int] | None) -> int:
    if slots is None or not slots <= MONEY:
        return at.READS_OTHERS
    return at.READS_MONEY if slots else at.READS_NOTHING


def _rows(lay: Laying, rows: Sequence[tuple[int, ...]]) -> int:
    flat = [cell for row in rows for cell in row]
    return lay.whole(0, flat) if flat else 0


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
    ]


def group_of(group: LimitSetRow) -> Group:
    """The books and symbols that a limit set covers."""
    books = group.books or (() if group.book == -1 else (group.book,))
    return books, group.symbols


def _covers_of(lay: Laying, books: Sequence[int], symbols: Sequence[int]) -> int:
    """One 0/1 cell per seat: whether it lies in these books and symbols (empty: all)."""
    cells = [
        int((not books or b in books) and (not symbols or symbol in symbols))
        for b, book in enumerate(lay.desk.books)
        for symbol in book.symbols
    ]
    return lay.whole(0, cells) if cells else 0


def _groups(lay: Laying) -> None:
    """Scopes of their own for limit sets on a desk, an asset class or a symbol."""
    found = dict.fromkeys(group_of(x) for x in lay.desk.limit_sets if x.books or x.symbols)
    rows = []
    for books, symbols in found:
        scope, covers = lay.cells(at.SCOPE_CELLS), _covers_of(lay, books, symbols)
        if not symbols:
            _scope(lay.s, scope, sum(lay.s[lay.scopes[b] + at.CASH] for b in books))
        lay.groups[books, symbols] = scope, covers
        rows.append((scope, covers, int(not symbols)))
    lay.n[at.GROUPS], lay.n[at.GROUP_COUNT] = _rows(lay, rows), len(rows)


def _scope_of(lay: Laying, group: LimitSetRow) -> tuple[int, int, int]:
    """Where a limit set's cover, its scope and the money behind it lie."""
    books, symbols = group_of(group)
    if (books, symbols) in lay.groups:
        scope, covers = lay.groups[books, symbols]
        money = scope if not symbols else lay.account
        return covers, scope, lay.scopes[books[0]] if symbols and len(books) == 1 else money
    scope = lay.account if group.book == -1 else lay.scopes[group.book]
    return _covers_of(lay, books, symbols), scope, scope


def _sets(lay: Laying) -> None:
    desk = lay.desk
    rows = sum(len(b.symbols) for b in desk.books)
    switches = 0
    for k, group in enumerate(desk.limit_sets):
        x = lay.sets + k * at.SET_WIDTH
        limits = [(v.action, int(v.entries_only), int(v.skip), v.out) for v in group.limits]
        lay.n[x : x + at.SET_WIDTH] = [
            k,
            *_scope_of(lay, group),
            _rows(lay, limits),
            len(limits),
            _switches(lay, group, switches),
            len(group.switches),
            group.row_width,
            lay.floats(group.cells_init),
            len(group.cells_init),
            lay.floats(group.cells_init),
            rows,
            rows + len(group.rows),
            2 * len(desk.books) + 2 * k,
            2 * len(desk.books) + 2 * k + 1,
            at.READS_OTHERS if group.symbols and group.reads else _reads(group.reads),
        ]
        rows += len(group.rows) + 1
        switches += len(group.switches)


def _switches(lay: Laying, group: LimitSetRow, before: int) -> int:
    rows = []
    for j, v in enumerate(group.switches):
        hands = lay.whole(0, v.resume_bars) if v.resume_bars else 0
        state = lay.cells(at.SWITCH_CELLS)
        after = (v.resume_after, hands, len(v.resume_bars), state, j, before + j, int(v.restarts))
        rows.append((v.kind, v.enter_out, v.resume_out, *after))
    return _rows(lay, rows)


def _trace(lay: Laying) -> None:
    n = lay.n
    n[at.TRACE_SEATS] = at.TR_BOOKS + n[at.BOOK_COUNT]
    n[at.TRACE_PAUSED] = n[at.TRACE_SEATS] + n[at.SEAT_COUNT]
    n[at.TRACE_WIDTH] = n[at.TRACE_PAUSED] + n[at.SWITCH_COUNT]
    n[at.TRACE] = lay.cells(n[at.BARS] * n[at.TRACE_WIDTH])


def flat_tape(desk: Desk) -> list[float]:
    """The tape, bar-major: every symbol's bars, then the clock."""
    tape, bars = desk.tape, len(desk.tape.days)
    columns = (tape.open, tape.high, tape.low, tape.close, tape.volume, tape.present, tape.at_close)
    flat: list[float] = []
    for k in range(len(desk.instruments)):
        flat += _interleave([column[k] for column in columns], bars)
    clock = [tape.days, tape.week_end, tape.month_end, tape.cash_rate, _settling(tape)]
    return flat + _interleave(clock, bars)


def _settling(tape: Tape) -> list[float]:
    """The bar at which each bar's trades settle; one out of the ring's reach is our own fault."""
    bars = [int(bar) for bar in tape.settles]
    is_near = all(t <= bar < t + at.DUE_CELLS for t, bar in enumerate(bars))
    if not is_near or len(bars) != len(tape.days):
        raise ValueError(f"each bar's trades settle on it or up to {at.DUE_CELLS - 1} bars later")
    return [float(bar) for bar in bars]


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
