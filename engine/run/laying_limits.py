"""Limit sets laid out (floor 7): whom they cover, their rows and switches, and what they ask."""

from collections.abc import Sequence
from math import ceil

from engine.fills import layout as at
from engine.records import desk as rows
from engine.records.desk import AskRow, Desk, LimitSetRow
from engine.run.ground import Group, Laying, open_scope, reads_code, rows_of


def lay_limits(lay: Laying) -> None:
    """Groups, limit sets and asks; books and seats are laid out already."""
    _groups(lay)
    _asks(lay)
    _sets(lay)


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
            open_scope(lay.s, scope, sum(lay.s[lay.scopes[b] + at.CASH] for b in books))
        lay.groups[books, symbols] = scope, covers
        rows.append((scope, covers, int(not symbols)))
    lay.n[at.GROUPS], lay.n[at.GROUP_COUNT] = rows_of(lay, rows), len(rows)


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
    switches, asks = 0, lay.n[at.ASKS]
    for k, group in enumerate(desk.limit_sets):
        x = lay.sets + k * at.SET_WIDTH
        limits = [
            (v.action, int(v.entries_only), int(v.skip), v.out, j)
            for j, v in enumerate(group.limits)
        ]
        lay.n[x : x + at.SET_WIDTH] = [
            k,
            *_scope_of(lay, group),
            rows_of(lay, limits),
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
            at.READS_OTHERS if group.symbols and group.reads else reads_code(group.reads),
            asks,
            len(group.asks),
            _asked_by_rule(group),
            int(all(v.entries_only for v in group.limits)),
        ]
        asks += len(group.asks) * at.ASK_WIDTH
        rows += len(group.rows) + 1
        switches += len(group.switches)


def _asked_by_rule(group: LimitSetRow) -> int:
    """How many of the first asks hold all that the set's `rule` reads."""
    read = [k for k, ask in enumerate(group.asks) if group.reads is None or ask.slot in group.reads]
    return max(read, default=-1) + 1


def _switches(lay: Laying, group: LimitSetRow, before: int) -> int:
    rows = []
    for j, v in enumerate(group.switches):
        hands = lay.whole(0, v.resume_bars) if v.resume_bars else 0
        state = lay.cells(at.SWITCH_CELLS)
        after = (v.resume_after, hands, len(v.resume_bars), state, j, before + j, int(v.restarts))
        rows.append((v.kind, v.enter_out, v.resume_out, *after))
    return rows_of(lay, rows)


# ---------------------------------------------------------------- asks


def _asks(lay: Laying) -> None:
    """The asks of all limit sets, set by set, and the order log where one is needed."""
    sets = lay.desk.limit_sets
    found = [(k, ask) for k, group in enumerate(sets) for ask in group.asks]
    lay.n[at.ASKS], lay.n[at.ASK_COUNT] = lay.whole(at.ASK_WIDTH * len(found)), len(found)
    for j, (k, ask) in enumerate(found):
        row = lay.n[at.ASKS] + j * at.ASK_WIDTH
        lay.n[row : row + at.ASK_WIDTH] = [lay.sets + k * at.SET_WIDTH, *_ask(lay, ask)]
    lay.n[at.HAS_PERIODS] = int(any(a.period >= 0 for _, a in found))
    lay.n[at.HAS_EVENTS] = int(any(a.kind <= rows.LOST_MONEY for _, a in found))
    is_logged = any(a.kind in (rows.REPEATS, rows.DUPLICATES) for _, a in found)
    cells = 1 + at.LOGGED * at.LOGGED_CELLS
    lay.n[at.ORDER_LOG] = lay.cells(cells) if is_logged else -1


def _ask(lay: Laying, ask: AskRow) -> list[int]:
    span, buckets = 1, 1
    if ask.period < 0:
        is_short = ask.bars <= at.BUCKETS
        span = 1 if is_short else -(-ask.bars // (at.BUCKETS - 1))
        buckets = ask.bars if is_short else at.BUCKETS
    ids = 0
    if ask.kind == rows.STRESS:
        state, buckets = _shocks(lay, ask.bars)
    elif ask.kind in rows.LOOKS_BACK:
        state = lay.floats([_level(ask)])
        lay.cells(len(lay.desk.instruments) + ask.bars)
        buckets = max(1, ceil(round((1.0 - ask.level) * ask.bars, 9)))
        ids = _benchmark(lay.desk, ask.group) if ask.kind == rows.BETA else 0
    elif ask.kind <= rows.LOST_MONEY:
        state = lay.floats([-1.0, 0.0] * buckets)
    else:
        state = lay.cells(at.SCOPE_CELLS if ask.kind == rows.GROUP_EXPOSURE else at.ASK_CELLS)
    if ask.kind == rows.GROUP_EXPOSURE:
        ids = lay.whole(0, _ids(lay.desk, ask.group))
    only = int(ask.entries_only)
    return [ask.kind, ask.slot, ask.period, ask.bars, span, buckets, state, ids, only]


def _shocks(lay: Laying, bars: int) -> tuple[int, int]:
    """Where a value for each symbol and then the shocks over so many bars lie, each the day that
    its crisis ended and a move for each symbol; and their count."""
    state = lay.cells(1 + len(lay.desk.instruments))
    found = [row for row in lay.desk.shocks if row.bars == bars]
    for row in found:
        lay.floats([float(row.ended), *row.moves])
    return state, len(found)


def _benchmark(desk: Desk, symbol: str) -> int:
    """The place of a benchmark's returns, counted with those of the symbols."""
    return len(desk.instruments) + [name for name, _ in desk.benchmarks].index(symbol)


def _level(ask: AskRow) -> float:
    """The least correlation, or how many deviations of a normal loss the confidence is."""
    if ask.kind != rows.PARAMETRIC:
        return ask.level
    from statistics import NormalDist

    return NormalDist().inv_cdf(ask.level)


def asks_history(desk: Desk) -> bool:
    """Whether any limit asks for the returns of the last bars."""
    return any(a.kind in rows.LOOKS_BACK for s in desk.limit_sets for a in s.asks)


def _ids(desk: Desk, by: str) -> list[int]:
    """One number per seat: equal where the seats are of one group, -1 where it is not known."""
    names = [
        _group_name(desk, by, b, symbol)
        for b, book in enumerate(desk.books)
        for symbol in book.symbols
    ]
    known = list(dict.fromkeys(n for n in names if n))
    return [known.index(n) if n else -1 for n in names]


def _group_name(desk: Desk, by: str, book: int, symbol: int) -> str:
    row = desk.instruments[symbol]
    named = {
        "sector": row.sector,
        "class": row.kind,
        "symbol": row.symbol,
        "book": f"{book} {desk.books[book].name}",
        "desk": desk.books[book].desk,
    }
    return named[by]
