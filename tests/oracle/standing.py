"""The account at one moment, as the judge keeps it: positions, working entries, what limits read.

Cash and positions come from the exact ledger; exposure counts open orders at worst case: every
working entry fills, no working exit does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan

from engine.records.account import Verdict
from engine.records.desk import Desk

from .laws import Law, Rules, Scope
from .ledger import Holding, Ledger
from .rounded import FALSE, TRUE, Num, divide, exactly, total
from .terms import Value
from .ticks import on_tick

Key = tuple[int, int, int]
"""Book, symbol, entry."""


@dataclass
class Working:
    """An entry order that works."""

    side: int
    left: Decimal
    price: float
    decided: int


@dataclass(frozen=True)
class Close:
    """A close that a switch looks at, with memory that began at bar `since`."""

    standing: "Standing"
    law: Law
    scope: Scope
    t: int
    since: int = 0

    @property
    def name(self) -> object:
        return self.scope, self.t, self.since

    def field(self, name: str) -> Value:
        return self.standing.past[self.scope][self.t].get(name)

    def column(self, name: str, back: int) -> Num | None:
        return None

    def feed(self, name: str, back: int) -> Num | None:
        return _feed(self.law, name, self.t - back)

    def before(self) -> "Close | None":
        if self.t <= self.since:
            return None
        return Close(self.standing, self.law, self.scope, self.t - 1, self.since)


@dataclass(frozen=True)
class Order:
    """The order being judged: the account's fields as they are now, and its symbol's market."""

    standing: "Standing"
    law: Law | None
    scope: Scope
    t: int
    symbol: int
    fields: "Fields"
    name: object = None

    def field(self, name: str) -> Value:
        return self.fields.get(name)

    def column(self, name: str, back: int) -> Num | None:
        return self.standing.column(self.symbol, name, self.t, back)

    def feed(self, name: str, back: int) -> Num | None:
        return None if self.law is None else _feed(self.law, name, self.t - back)

    def before(self) -> Close | None:
        if self.law is None or self.t == 0:
            return None
        return Close(self.standing, self.law, self.scope, self.t - 1)


def _feed(law: Law, name: str, t: int) -> Num | None:
    at = law.warm + t
    value = law.feeds[name][at] if at >= 0 else float("nan")
    return None if isnan(value) else Num(value)


class Fields:
    """Fields, each worked out when it is first asked for."""

    def __init__(self, how: Mapping[str, Callable[[], Value]]) -> None:
        self.how = dict(how)
        self.made: dict[str, Value] = {}

    def get(self, name: str) -> Value:
        if name not in self.how:
            return None
        if name not in self.made:
            self.made[name] = self.how[name]()
        return self.made[name]


class Standing:
    """Where every book stands now, and what each scope's account was at each close."""

    def __init__(
        self, desk: Desk, rules: list[Rules], before: Sequence[Mapping[str, Sequence[float]]] = ()
    ) -> None:
        self.desk = desk
        self.rules = rules
        self.ledger = Ledger(desk)
        self.working: dict[Key, Working] = {}
        self.t = 0
        scopes: list[Scope] = [None, *range(len(desk.books))]
        self.past: dict[Scope, list[Fields]] = {s: [] for s in scopes}
        self.equity: dict[Scope, Num] = {s: exactly(self.cash(s)) for s in scopes}
        self.start = dict(self.equity)
        self.peak = dict(self.equity)
        self.today: dict[Scope, Num] = {}
        every = range(len(desk.instruments))
        bars = [[t for t in range(len(desk.tape.days)) if desk.tape.present[k][t]] for k in every]
        self.before = before or [{} for _ in every]
        self.place = [{t: at for at, t in enumerate(own)} for own in bars]
        self.bars = bars

    def column(self, symbol: int, name: str, t: int, back: int) -> Num | None:
        """A symbol's column so many of its own bars before bar t."""
        if t not in self.place[symbol]:
            return None
        at, earlier = self.place[symbol][t] - back, self.before[symbol].get(name, ())
        if at < -len(earlier):
            return None
        own = getattr(self.desk.tape, name)[symbol]
        value = own[self.bars[symbol][at]] if at >= 0 else earlier[at]
        return None if isnan(value) else Num(float(value))

    def mark(self, scope: Scope) -> None:
        before = self.equity[scope]
        now = exactly(self.cash(scope)) + total(q * p for q, p in self.positions(scope))
        self.equity[scope] = now
        is_still = now.value == before.value and not self.positions(scope)
        self.today[scope] = Num(0.0) if is_still else now - before
        self.peak[scope] = now if now.value > self.peak[scope].value else self.peak[scope]
        fields = self.account_fields(scope)
        for name in fields.how:
            fields.get(name)
        self.past[scope].append(fields)

    def cash(self, scope: Scope) -> Decimal:
        books = self.ledger.books if scope is None else [self.ledger.books[scope]]
        return sum((b.cash for b in books), Decimal(0))

    def holdings(self, scope: Scope) -> Iterator[tuple[Key, Holding]]:
        for b, book in enumerate(self.ledger.books):
            if scope in (None, b):
                for (symbol, entry), h in book.holdings.items():
                    if h.qty:
                        yield (b, symbol, entry), h

    def positions(self, scope: Scope, symbol: int | None = None) -> list[tuple[Num, Num]]:
        """(shares, last close) of each open position."""
        return [
            (exactly(h.qty), exactly(self.ledger.last[s]))
            for (_, s, _), h in self.holdings(scope)
            if symbol in (None, s)
        ]

    def orders(self, scope: Scope, symbol: int | None = None) -> list[tuple[int, Num]]:
        """(side, worst-case value) of each entry that works."""
        return [
            (w.side, exactly(w.left) * Num(w.price))
            for (b, s, _), w in self.working.items()
            if scope in (None, b) and symbol in (None, s)
        ]

    def account_fields(self, scope: Scope) -> "Fields":
        """The account.* fields of a scope as they are now."""
        equity, start, peak = self.equity[scope], self.start[scope], self.peak[scope]
        power = Num(self.desk.costs.buying_power)
        return Fields(
            {
                "account.equity": lambda: equity,
                "account.cash": lambda: exactly(self.cash(scope)),
                "account.start_equity": lambda: start,
                "account.peak": lambda: peak,
                "account.drawdown": lambda: divide(peak - equity, peak),
                "account.pnl_today": lambda: self.today[scope],
                "account.gross": lambda: self.gross(scope),
                "account.net": lambda: self.net(scope),
                "account.positions": lambda: self.count(scope),
                "account.return": lambda: _less(divide(equity, start), Num(1.0)),
                "account.exposure_room": lambda: power * equity - self.gross(scope),
                "account.bars": lambda: Num(float(self.t)),
            }
        )

    def gross(self, scope: Scope) -> Num:
        """Positions and working entries, all as positive money."""
        held = total(abs(q * p) for q, p in self.positions(scope))
        return held + total(v for _, v in self.orders(scope))

    def net(self, scope: Scope) -> Num:
        """With the working buys filled or with the working sells, whichever is further from 0."""
        held = total(q * p for q, p in self.positions(scope))
        up = held + total(v for side, v in self.orders(scope) if side > 0)
        down = held - total(v for side, v in self.orders(scope) if side < 0)
        return up if abs(up.value) >= abs(down.value) else down

    def count(self, scope: Scope) -> Num:
        """Open positions, and entries that work where none is open."""
        keys = {k for k, _ in self.holdings(scope)}
        keys |= {k for k in self.working if scope in (None, k[0])}
        return Num(float(len(keys)))

    def order_fields(self, v: Verdict, scope: Scope, key: Key, qty: float) -> "Fields":
        """Every field of an order of `qty` shares, on one scope."""
        symbol, row, price = v.symbol, self.desk.instruments[v.symbol], Num(v.price)
        rate = None if isnan(row.borrow_rate) else Num(row.borrow_rate)
        mine = {
            "position.qty": lambda: total(q for q, _ in self.positions(scope, symbol)),
            "position.value": lambda: total(q * p for q, p in self.positions(scope, symbol)),
            "position.entry_price": lambda: self.average(scope, symbol),
            "order.qty": lambda: Num(qty),
            "order.price": lambda: price,
            "order.notional": lambda: Num(qty) * price,
            "order.stop_distance": lambda: self.distance(v, key),
            "order.is_long": lambda: TRUE if v.side > 0 else FALSE,
            "order.is_short": lambda: TRUE if v.side < 0 else FALSE,
            "market.last": lambda: exactly(self.ledger.last[symbol]),
            "market.shortable": lambda: TRUE if row.shortable else FALSE,
            "market.borrow_rate": lambda: rate,
            "market.symbol_value": lambda: self.symbol_value(symbol),
        }
        return Fields(self.account_fields(scope).how | mine)

    def average(self, scope: Scope, symbol: int) -> Num | None:
        """The average cost of all that is held of a symbol; na while it is nothing."""
        mine = [h for (_, s, _), h in self.holdings(scope) if s == symbol]
        shares = total(exactly(h.qty) for h in mine)
        paid = total(exactly(h.qty) * exactly(h.cost) for h in mine)
        return divide(paid, shares) if shares.value else None

    def symbol_value(self, symbol: int) -> Num:
        """All books' positions and working entries in a symbol, as positive money."""
        held = total(abs(q * p) for q, p in self.positions(None, symbol))
        return held + total(v for _, v in self.orders(None, symbol))

    def distance(self, v: Verdict, key: Key) -> Num | None:
        """From the order's price to the nearest stop, or to where a trail would begin."""
        rules, found = self.rules[v.book], []
        seen = Fields({"position.entry_price": lambda: Num(v.price)})
        place = Order(self, None, None, self.t, v.symbol, seen)
        ticks = round(self.desk.instruments[v.symbol].tick * 1e6)
        for level in rules.levels(key[2]):
            at = rules.terms.number(level.price, place)
            if at is not None:
                stop = Num(float(on_tick(Decimal(at.value), ticks, up=v.side < 0)))
                found.append(abs(Num(v.price) - stop))
        return min(found, key=lambda n: n.value) if found else None


def _less(a: Num | None, b: Num) -> Num | None:
    return None if a is None else a - b
