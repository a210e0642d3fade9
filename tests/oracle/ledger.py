"""An independent ledger in exact decimals: cash, positions, equity per bar from tape and fills.

Written from docs/spec.md, 2b-semantics rules 13 and 14, and ADR 0006, not from the engine: it
shares no code with it. Money is rounded to 1e-4, halves away from zero, once per amount booked.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from math import isnan

from engine.records.account import Fill, History
from engine.records.desk import Desk

UNIT = Decimal("0.0001")
YEAR = Decimal(360)
ZERO = Decimal(0)
CENT = Decimal("0.01")
DUST = Decimal("0.000000001")
"""What adding floats leaves of a closed position; a millionth of the smallest lot."""
DIGITS = 120
"""Enough for sums and products of floats to be exact."""


def money(amount: Decimal) -> Decimal:
    return amount.quantize(UNIT, ROUND_HALF_UP)


def _doubt(amount: Decimal) -> Decimal:
    """A unit where an amount lies so near to a half of one that floats may round it otherwise."""
    parts = abs(amount) / UNIT
    edge = abs(parts % 1 - Decimal("0.5"))
    return UNIT if ZERO < edge <= parts * Decimal("1e-15") + Decimal("1e-9") else ZERO


@dataclass
class Holding:
    """Shares of one entry in one symbol, with their average cost."""

    qty: Decimal = ZERO
    cost: Decimal = ZERO

    def take(self, qty: Decimal, price: Decimal) -> None:
        """Adding averages the cost; reducing leaves it."""
        if self.qty * qty >= 0:
            total = abs(self.qty) * self.cost + abs(qty) * price
            self.cost = total / (abs(self.qty) + abs(qty))
        self.qty += qty
        if abs(self.qty) < DUST:
            self.qty = self.cost = ZERO


@dataclass
class Book:
    """waiting: (the session at which it settles, cash) of trades; short sales bring none until
    bought back."""

    cash: Decimal
    waiting: list[tuple[int, Decimal]] = field(default_factory=list)
    holdings: dict[tuple[int, int], Holding] = field(default_factory=lambda: defaultdict(Holding))
    traded: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Cash that the fills of each symbol brought, fees paid."""


@dataclass
class Statement:
    """What the ledger says per bar."""

    cash: list[Decimal] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    book_equity: list[list[Decimal]] = field(default_factory=list)
    fees: list[Decimal] = field(default_factory=list)
    interest: list[Decimal] = field(default_factory=list)
    borrow: list[Decimal] = field(default_factory=list)
    dividends: list[Decimal] = field(default_factory=list)
    positions: list[dict[tuple[int, int], Decimal]] = field(default_factory=list)


def keep(desk: Desk, history: History) -> Statement:
    """Book every fill of a history, bar by bar."""
    ledger = Ledger(desk)
    by_bar: dict[int, list[Fill]] = defaultdict(list)
    for fill in history.fills:
        by_bar[fill.bar].append(fill)
    for bar in range(history.bars):
        ledger.bar(bar, by_bar[bar])
    return ledger.statement


class Ledger:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        total = sum(Decimal(b.capital) for b in desk.books)
        left = Decimal(desk.cash)
        self.books: list[Book] = []
        for k, book in enumerate(desk.books):
            share = money(Decimal(desk.cash) * Decimal(book.capital) / total)
            share = left if k == len(desk.books) - 1 else share
            self.books.append(Book(share))
            left -= share
        self.last: dict[int, Decimal] = {}
        self.begun: set[tuple[int, ...]] = set()
        self.doubt = ZERO
        """What rounding in floats may have moved: a unit for each amount that lay on the edge."""
        self.brought: list[Decimal] = []
        """Cash of each fill of the last bar, its fee paid."""
        self.paid: dict[tuple[int, int, int], Decimal] = {}
        """What a split of this bar paid out for the rest of a position."""
        self.before = (ZERO, ZERO, ZERO)
        self.statement = Statement()

    def bar(self, t: int, fills: list[Fill]) -> None:
        self.begin(t)
        self.end(t, fills)

    def begin(self, t: int) -> None:
        """What happens before anything fills."""
        self.paid = {}
        self.before = (*self._finance(t), self._act(t))

    def end(self, t: int, fills: list[Fill]) -> None:
        """The fills of a bar, and its close."""
        interest, borrow, dividends = self.before
        self.brought = []
        fees = sum((self._book(fill) for fill in fills), ZERO)
        self._mark(t)
        values = [b.cash + self._value(b) for b in self.books]
        out = self.statement
        out.interest.append(interest)
        out.borrow.append(borrow)
        out.dividends.append(dividends)
        out.fees.append(fees)
        out.cash.append(sum((b.cash for b in self.books), ZERO))
        out.equity.append(sum(values, ZERO))
        out.book_equity.append(values)
        out.positions.append(self._positions())

    def _finance(self, t: int) -> tuple[Decimal, Decimal]:
        tape = self.desk.tape
        sessions = tape.sessions or range(len(tape.days))
        if t == 0 or sessions[t] == sessions[t - 1]:
            return ZERO, ZERO
        days = Decimal(tape.days[t] - tape.days[t - 1])
        rate = tape.cash_rate[t - 1] if self.desk.costs.interest else 0.0
        rate = ZERO if isnan(rate) else Decimal(rate)
        earned, paid = ZERO, ZERO
        for book in self.books:
            due = self.settled(book, sessions[t - 1]) * rate * days / YEAR
            interest = money(due)
            self.doubt += _doubt(due)
            borrow = ZERO
            for (symbol, _), held in book.holdings.items():
                yearly = self.desk.instruments[symbol].borrow_rate
                if held.qty < 0 and not isnan(yearly):
                    short = abs(held.qty * self.last[symbol])
                    borrow += money(short * Decimal(yearly) * days / YEAR)
            book.cash += interest - borrow
            earned += interest
            paid += borrow
        return earned, paid

    def _act(self, t: int) -> Decimal:
        """Splits, with what makes no whole lot paid out at the last close, then dividends."""
        paid = ZERO
        for bar, symbol, ratio, dividend in self.desk.tape.actions:
            if bar != t:
                continue
            held = [(b, k, h) for b, book in enumerate(self.books)
                    for k, h in book.holdings.items() if k[0] == symbol]  # fmt: skip
            if ratio != 1 and symbol in self.last:
                self.last[symbol] /= Decimal(ratio)
            for b, key, holding in held:
                if ratio != 1:
                    rest = self._split(holding, symbol, Decimal(ratio))
                    self.paid[b, *key] = rest
                    self._credit(b, symbol, rest)
                share = money(holding.qty * Decimal(dividend))
                self._credit(b, symbol, share)
                paid += share
        return paid

    def _credit(self, book: int, symbol: int, amount: Decimal) -> None:
        self.books[book].cash += amount
        self.books[book].traded[symbol] += amount

    def _split(self, held: Holding, symbol: int, ratio: Decimal) -> Decimal:
        """Turn a holding into new shares; the money that its rest brings."""
        if not held.qty:
            return ZERO
        lot = Decimal(self.desk.instruments[symbol].lot)
        side = 1 if held.qty > 0 else -1
        due = abs(held.qty) * ratio
        lots = (due / lot + Decimal("0.000000001")).to_integral_value(ROUND_FLOOR) if lot else due
        kept = lots * lot if lot else due
        held.qty, held.cost = side * kept, held.cost / ratio
        return side * money(max(due - kept, ZERO) * self.last[symbol])

    def session_closed(self, t: int) -> int:
        """The number of the last session that has closed at the close of a bar."""
        tape, last = self.desk.tape, len(self.desk.tape.days) - 1
        if not tape.sessions:
            return t
        is_over = t == last or tape.sessions[t + 1] != tape.sessions[t]
        return int(tape.sessions[t]) - (not is_over)

    def settled(self, book: Book, session: int) -> Decimal:
        """Cash at the close of a session without trades still to settle and without what the short
        positions were sold for."""
        unsettled = sum((cash for due, cash in book.waiting if due > session), ZERO)
        return book.cash - unsettled - self._sold(book)

    def _sold(self, book: Book) -> Decimal:
        shorts = [h for h in book.holdings.values() if h.qty < 0]
        return sum((money(-h.qty * h.cost) for h in shorts), ZERO)

    def _book(self, fill: Fill) -> Decimal:
        costs = self.desk.costs
        qty, price = Decimal(fill.qty), Decimal(fill.price)
        book = self.books[fill.book]
        held = book.holdings[fill.symbol, fill.entry]
        # one rebalance may send two orders, one that shrinks and one that adds
        shrinks = int(held.qty * qty < 0)
        where = (fill.book, fill.symbol, fill.entry, shrinks)
        order = (*where, fill.source, fill.rule, fill.decided)
        fee = abs(qty) * (Decimal(costs.per_share) + abs(price) * Decimal(costs.commission))
        if order not in self.begun:
            fee += Decimal(costs.per_order)
        self.begun.add(order)
        cash, sold = -money(qty * price) - money(fee), self._sold(book)
        self.doubt += _doubt(qty * price) + _doubt(fee)
        book.cash += cash
        book.traded[fill.symbol] += cash
        self.brought.append(cash)
        held.take(qty, price)
        due = self.desk.tape.settles[fill.bar]
        book.waiting.append((due, cash - (self._sold(book) - sold)))
        return money(fee)

    def _mark(self, t: int) -> None:
        tape = self.desk.tape
        for k in range(len(self.desk.instruments)):
            if tape.present[k][t]:
                self.last[k] = Decimal(tape.close[k][t])

    def _value(self, book: Book) -> Decimal:
        held = book.holdings.items()
        return sum((h.qty * self.last[symbol] for (symbol, _), h in held if h.qty), ZERO)

    def _positions(self) -> dict[tuple[int, int], Decimal]:
        made: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
        for b, book in enumerate(self.books):
            for (symbol, _), held in book.holdings.items():
                made[b, symbol] += held.qty
        return made


def differences(desk: Desk, history: History) -> list[str]:
    """Every place where a history and the ledger differ by half a cent or more."""
    with localcontext(prec=DIGITS):
        return _differences(desk, history, keep(desk, history))


def _differences(desk: Desk, history: History, said: Statement) -> list[str]:
    pairs = {
        "cash": (history.cash, said.cash),
        "equity": (history.equity, said.equity),
        "fees": (history.fees, said.fees),
        "interest": (history.interest, said.interest),
        "borrow": (history.borrow, said.borrow),
        "dividends": (history.dividends, said.dividends),
    }
    for b in range(len(desk.books)):
        pairs[f"book {b}"] = (history.book_equity[b], [row[b] for row in said.book_equity])
        for k, symbol in enumerate(desk.books[b].symbols):
            mine = [row[b, symbol] for row in said.positions]
            pairs[f"shares {b}/{symbol}"] = (history.position_qty[b][k], mine)
    return [
        f"{name} at bar {t}: {ours} against {theirs}"
        for name, (column, exact) in pairs.items()
        for t, (ours, theirs) in enumerate(zip(column, exact, strict=True))
        if abs(Decimal(ours) - theirs) >= CENT / 2
    ]


def identity_gaps(desk: Desk, history: History) -> list[str]:
    """Bars on which equity did not change by price changes + interest - fees - slippage - borrow.

    A fill's shares change price from the market's price at the fill, its price without the slip.
    """
    with localcontext(prec=DIGITS):
        return _identity_gaps(desk, history)


def _identity_gaps(desk: Desk, history: History) -> list[str]:
    close, gaps = desk.tape.close, []
    last = [Decimal("NaN")] * len(desk.instruments)
    held: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    before = Decimal(desk.cash)
    for t in range(history.bars):
        now = [
            Decimal(close[k][t]) if desk.tape.present[k][t] else last[k] for k in range(len(last))
        ]
        for bar, symbol, ratio, _ in desk.tape.actions:
            if bar == t and ratio != 1:  # what is paid out for the rest is worth what it was
                last[symbol] /= Decimal(ratio)
                _restate(desk, history, held, symbol, t)
        gain = sum((q * (now[s] - last[s]) for (_, s), q in held.items() if q), ZERO)
        for fill in (f for f in history.fills if f.bar == t):
            gain += Decimal(fill.qty) * (now[fill.symbol] - Decimal(fill.price)) + Decimal(
                fill.slip
            )
            held[fill.book, fill.symbol] += Decimal(fill.qty)
        gain += Decimal(history.interest[t]) - Decimal(history.fees[t])
        gain -= Decimal(history.slippage[t]) + Decimal(history.borrow[t])
        gain += Decimal(history.dividends[t])
        gap = Decimal(history.equity[t]) - before - gain
        if abs(gap) >= CENT / 2:
            gaps.append(f"bar {t}: {gap}")
        before, last = Decimal(history.equity[t]), now
    return gaps


def _restate(
    desk: Desk, history: History, held: dict[tuple[int, int], Decimal], symbol: int, t: int
) -> None:
    """The new shares that a split left: those after the bar less what the bar's fills changed."""
    for b, book in enumerate(desk.books):
        for k in (k for k, s in enumerate(book.symbols) if s == symbol):
            mine = [f for f in history.fills if (f.bar, f.book, f.symbol) == (t, b, symbol)]
            after = Decimal(history.position_qty[b][k][t])
            held[b, symbol] = after - sum((Decimal(f.qty) for f in mine), ZERO)
