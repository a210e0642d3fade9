"""The flat state of a finished account run, read back into records (floor 7)."""

from collections.abc import Iterable, Iterator, Sequence

from engine import fields as field
from engine.fills import layout as at
from engine.records.account import (
    FIRED,
    Asking,
    Fill,
    History,
    Lapse,
    LimitSaid,
    RoundTrip,
    RuleCount,
    SwitchEvent,
    Verdict,
)
from engine.records.desk import BookRow, Desk
from engine.run.laying import plain

Floats = Sequence[float]


def read_history(desk: Desk, n: Sequence[int], s: Floats, bars: int) -> History:
    """Everything that a run left behind."""
    column = _columns(n, s, bars)
    seats = iter(range(n[at.TRACE_SEATS], n[at.TRACE_PAUSED]))
    paused = iter(range(n[at.TRACE_PAUSED], n[at.TRACE_WIDTH]))
    return History(
        bars=bars,
        equity=column[at.TR_EQUITY],
        cash=column[at.TR_CASH],
        book_equity=column[at.TR_BOOKS : at.TR_BOOKS + len(desk.books)],
        position_qty=[[column[next(seats)] for _ in book.symbols] for book in desk.books],
        gross=column[at.TR_GROSS],
        interest=column[at.TR_INTEREST],
        fees=column[at.TR_FEES],
        borrow=column[at.TR_BORROW],
        slippage=column[at.TR_SLIP],
        dividends=column[at.TR_DIVIDENDS],
        paused=[[column[next(paused)] for _ in group.switches] for group in desk.limit_sets],
        verdicts=_verdicts(n, s),
        fills=tuple(map(_fill, _records(n, s, at.FILLS))),
        round_trips=tuple(map(_trip, _records(n, s, at.TRIPS))),
        switch_events=tuple(map(_switch, _records(n, s, at.SWITCHINGS))),
        counts=_counts(desk, n, s, bars),
        ruined=s[at.RUINED] != 0.0,
        notices=tuple(_notices(s, bars)),
        lapses=tuple(map(_lapse, _records(n, s, at.LAPSES))),
        askings=tuple(_askings(desk, n, s)),
    )


def has_bound(n: Sequence[int], s: Floats) -> bool:
    """Whether any limit clipped or denied an order."""
    return any(int(e[3]) in FIRED for e in _records(n, s, at.SAIDS))


def equity_line(n: Sequence[int], s: Floats, bars: int) -> list[float]:
    """The account's equity at each close."""
    first, width = n[at.TRACE] + at.TR_EQUITY, n[at.TRACE_WIDTH]
    return list(s[first : first + bars * width : width])


def _columns(n: Sequence[int], s: Floats, bars: int) -> list[list[float]]:
    first, width = n[at.TRACE], n[at.TRACE_WIDTH]
    end = first + bars * width
    return [list(s[first + k : end : width]) for k in range(width)]


def _records(n: Sequence[int], s: Floats, kind: int) -> Iterator[Floats]:
    row = at.BUFFERS + kind * at.BUFFER_WIDTH
    base, width = n[row], n[row + 2]
    for k in range(int(s[kind])):
        yield s[base + k * width : base + (k + 1) * width]


def _verdicts(n: Sequence[int], s: Floats) -> tuple[Verdict, ...]:
    said: dict[int, list[LimitSaid]] = {}
    for e in _records(n, s, at.SAIDS):
        said.setdefault(int(e[0]), []).append(LimitSaid(int(e[1]), int(e[2]), int(e[3]), e[4]))
    every = enumerate(_records(n, s, at.VERDICTS))
    return tuple(_verdict(e, _once(said.get(k, ()))) for k, e in every)


def _once(said: Iterable[LimitSaid]) -> tuple[LimitSaid, ...]:
    """What each limit said first; a clipped order has been judged twice."""
    first: dict[tuple[int, int, int], LimitSaid] = {}
    for s in said:
        first.setdefault((s.limit_set, s.limit, s.said), s)
    return tuple(first.values())


def _askings(desk: Desk, n: Sequence[int], s: Floats) -> Iterator[Asking]:
    """What each limit set was first asked of each order; a clipped one has been judged twice."""
    last: dict[int, float] = {}
    values = 2 + field.WIDTH
    for e in _records(n, s, at.ASKINGS):
        limit_set = int(e[1])
        if last.get(limit_set) != e[0]:
            last[limit_set] = e[0]
            group = desk.limit_sets[limit_set]
            asks = values + len(group.limits)
            asked = tuple(e[asks : asks + len(group.asks)])
            yield Asking(int(e[0]), limit_set, tuple(e[2:values]), tuple(e[values:asks]), asked)


def _verdict(e: Floats, binding: tuple[LimitSaid, ...]) -> Verdict:
    bar, book, symbol, source, rule, side = map(int, e[:6])
    asked, granted, price = e[6:9]
    switch = (int(e[10]), int(e[11])) if e[10] >= 0.0 else None
    head = (bar, book, symbol, source, rule, side)
    return Verdict(*head, asked, granted, price, int(e[9]), binding, switch)


def _lapse(e: Floats) -> Lapse:
    bar, book, symbol, entry, source, rule = map(int, e[:6])
    return Lapse(bar, book, symbol, entry, source, rule, e[6], int(e[7]))


def _fill(e: Floats) -> Fill:
    bar, decided, book, symbol, entry, source, rule = map(int, e[:7])
    qty, price, fee, slip, cut = e[7:12]
    return Fill(bar, decided, book, symbol, entry, source, rule, qty, price, fee, slip, cut)


def _trip(e: Floats) -> RoundTrip:
    book, symbol, entry, side, first, last = map(int, e[:6])
    qty, paid, got, pnl, fees, planned = e[6:12]
    ends = (first, last)
    money = (qty, paid, got, pnl, fees, planned)
    return RoundTrip(book, symbol, entry, side, *ends, *money, e[12] != 0.0)


def _switch(e: Floats) -> SwitchEvent:
    return SwitchEvent(int(e[0]), int(e[1]), int(e[2]), e[3] != 0.0, int(e[4]))


def _counted(book: BookRow, symbol: int) -> list[int]:
    """The entries of a book that trade a symbol: a leg trades its own only."""
    rows = enumerate(book.entries)
    return [j for j, e in rows if e.spread < 0 or book.symbols[e.leg] == symbol]


def _counts(desk: Desk, n: Sequence[int], s: Floats, bars: int) -> tuple[RuleCount, ...]:
    """One row per entry and symbol; `weight` has no funnel."""
    made = []
    seat = n[at.SEATS]
    closes = bars - int(s[at.RUINED])  # nothing is decided on a ruined one
    seen = [_seen(desk, k, closes) for k in range(len(desk.instruments))]
    for b, book in enumerate(desk.books):
        for symbol in book.symbols:
            for j in _counted(book, symbol):
                tally = n[n[seat + at.SEAT_KEYS] + j * at.KEY_WIDTH + at.KEY_TALLY]
                counts = map(int, s[tally : tally + at.TALLY_CELLS])
                made.append(RuleCount(b, symbol, j, seen[symbol], *counts))
            seat += at.SEAT_WIDTH
    return tuple(made)


def _seen(desk: Desk, k: int, closes: int) -> int:
    """The closes among the first `closes` bars at which the k-th symbol has a bar."""
    present, close = plain(desk.tape.present[k]), plain(desk.tape.close[k])
    return sum(present[t] != 0.0 and close[t] == close[t] for t in range(closes))


def _notices(s: Floats, bars: int) -> Iterator[str]:
    unrated = int(s[at.UNRATED])
    if 0 < unrated < bars - 1:
        yield f"cash earned nothing over {unrated} of {bars} bars: no 3-month yield was known"
    if s[at.UNBORROWED]:
        yield "short positions paid no borrow where its rate is unknown"
    if s[at.UNCAPPED]:
        yield f"{int(s[at.UNCAPPED])} fills had no volume cap: the bar's volume is unknown"
    if s[at.RUINED]:
        yield f"ruined: no equity left at the close of bar {bars - 1}"
