"""The account at one moment, as the judge keeps it: positions, working entries, what limits read.

Cash and positions come from the exact ledger; exposure counts open orders at worst case: every
working entry fills, no working exit does.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from math import isnan

from engine.lang import ast
from engine.records import account
from engine.records import desk as rows
from engine.records.account import Verdict
from engine.records.calendar import Calendar
from engine.records.desk import TRAIL_MONEY, TRAIL_RATIO, Desk

from .accounts import ACCOUNT
from .counting import Log, Moment, Sent
from .crises import Past
from .laws import Rules
from .ledger import Holding, Ledger
from .markets import Market
from .places import Order
from .rounded import FALSE, TRUE, Num, divide, exactly, total
from .scopes import Scope, whole
from .tails import Returns
from .terms import Unread, Value
from .ticks import on_tick

Key = tuple[int, int, int]
"""Book, symbol, entry."""
LIVE = ("system.", "model.", "quote.")
"""Inputs of the system that trades: nobody recorded them, and only tests give them."""
OF_AN_ORDER = ("order.", "market.", "position.")
"""What a switch, which looks at no order, does not have."""


@dataclass
class Working:
    """An entry order that works. trail: how far its stop trails the close, and whether as a ratio;
    None for other kinds. home: the entry whose position it opens or adds to."""

    side: int
    left: Decimal
    price: float
    decided: int
    home: int
    trail: tuple[Num, bool] | None = None
    has_filled: bool = False


class Fields:
    """Fields, each worked out when it is first asked for."""

    def __init__(
        self, how: Mapping[str, Callable[[], Value]], made: dict[str, Value] | None = None
    ) -> None:
        self.how = how
        self.made = {} if made is None else made

    def get(self, name: str) -> Value:
        if name not in self.made:
            self.made[name] = self._read(name)
        return self.made[name]

    def _read(self, name: str) -> Value:
        if name in self.how:
            return self.how[name]()
        if name.startswith(LIVE) or name.startswith(OF_AN_ORDER):
            return None
        raise Unread(name)


class Standing:
    """Where every book stands now, and what each scope's account was at each close. kept: the
    fields whose value at a close must be known later."""

    def __init__(
        self,
        desk: Desk,
        rules: list[Rules],
        before: Sequence[Mapping[str, Sequence[float]]] = (),
        scopes: Collection[Scope] = (),
        kept: Collection[str] = (),
        calendar: Calendar | None = None,
        past: Past | None = None,
    ) -> None:
        self.desk = desk
        self.crises = past
        self.rules = rules
        self.ledger = Ledger(desk)
        self.log = Log(desk)
        self.returns = Returns(desk)
        self.working: dict[Key, Working] = {}
        self.selling: dict[Key, Decimal] = {}
        """What is left of the orders that bring a position down to its weight."""
        self.opened: dict[Key, tuple[int, float]] = {}
        """Of each position, when its order was decided and the price of the first fill."""
        self.t = 0
        self.kept = kept
        self.market = Market(desk, before, calendar)
        is_of_minutes = bool(desk.tape.closes)
        self.bars = Market(desk, before, calendar, False) if is_of_minutes else self.market
        found = [whole(desk), *scopes]
        self.scopes = list(dict.fromkeys([*found, *(s.purse for s in found)]))
        self.past: dict[Scope, list[Fields]] = {s: [] for s in self.scopes}
        self.moments: list[Moment] = []
        self.worth: dict[Scope, Num] = {s: self.value(s) for s in self.scopes}
        self.start = dict(self.worth)
        self.peak = dict(self.worth)
        self.marks: dict[Scope, list[Num]] = {s: [] for s in self.scopes}

    def session_shown(self, t: int) -> int:
        """The number of the session that limits look at, 0 for the run's first: on bars of minutes
        the last that has closed."""
        tape = self.desk.tape
        if not tape.closes:
            return t
        return int(tape.sessions[t]) - (self.market.closed_session(t) != int(tape.days[t]))

    # ------------------------------------------------------------ closes

    def mark(self, trails: bool = True) -> None:
        """Value every scope at this close, and keep what may be asked of it later."""
        if trails:
            self.pull_trails()
        self.moments.append(self.log.moment(self.t))
        for scope in self.scopes:
            worth = self.value(scope)
            self.worth[scope] = worth
            self.marks[scope].append(worth)
            if worth.value > self.peak[scope].value:
                self.peak[scope] = worth
        for scope in self.scopes:
            now = {n: ACCOUNT[n](self, scope) for n in self.kept if n in ACCOUNT}
            self.past[scope].append(Fields({}, now))

    def act(self) -> None:
        """Splits of this bar: orders and positions are in new shares from then on."""
        self.ledger.begin(self.t)
        for key, paid in self.ledger.paid.items():
            if self.log.held.get(key):
                held = self.ledger.books[key[0]].holdings[key[1], key[2]].qty
                self.log.split(key, held, paid, self.t)
        for bar, symbol, ratio, _ in self.desk.tape.actions:
            if bar == self.t and ratio != 1.0:
                self.split_orders(symbol, Decimal(ratio))

    def split_orders(self, symbol: int, ratio: Decimal) -> None:
        """Shares down to the lot; prices to the tick, away from the market."""
        row = self.desk.instruments[symbol]
        lot, ticks = Decimal(row.lot), round(row.tick * 1e6)
        for key, left in self.selling.items():
            if key[1] == symbol:
                self.selling[key] = _lots(left * ratio, lot)
        for key, w in self.working.items():
            if key[1] != symbol:
                continue
            w.left = _lots(w.left * ratio, lot)
            price, kind = Decimal(w.price) / ratio, self.kind_of(key)
            is_stop = kind in (rows.STOP, TRAIL_MONEY, TRAIL_RATIO)
            if kind != rows.MARKET:
                price = on_tick(price, ticks, up=(w.side > 0) == is_stop)
            w.price = float(price)
            if w.trail is not None and not w.trail[1]:
                w.trail = Num(w.trail[0].value / float(ratio), w.trail[0].off), False

    def kind_of(self, key: Key) -> int:
        return rows.MARKET if key[2] < 0 else self.desk.books[key[0]].entries[key[2]].kind

    def pull_trails(self) -> None:
        """Trailing orders that did not begin to fill come nearer to the close, never further."""
        for (_, symbol, _), w in self.working.items():
            if w.trail is None or w.has_filled or w.decided == self.t:
                continue
            if self.desk.tape.present[symbol][self.t]:
                now = self.trailed(symbol, w.side, w.trail)
                w.price = min(w.price, now) if w.side > 0 else max(w.price, now)

    def trailed(self, symbol: int, side: int, trail: tuple[Num, bool]) -> float:
        """Where a trailing order's stop lies at the last close."""
        by, is_ratio = trail
        last = Num(float(self.ledger.last[symbol]))
        far = by * last if is_ratio else by
        at = last + far if side > 0 else last - far
        ticks = round(self.desk.instruments[symbol].tick * 1e6)
        return float(on_tick(Decimal(at.value), ticks, up=side > 0))

    def value(self, scope: Scope) -> Num:
        """Equity; of an asset class or a symbol, what its trades brought and its positions are."""
        books = [self.ledger.books[b] for b in sorted(scope.books)]
        if scope.symbols is None:
            cash = sum((b.cash for b in books), Decimal(0))
        else:
            traded = [b.traded[s] for b in books for s in scope.symbols if s in b.traded]
            cash = sum(traded, Decimal(0))
        return self.amount(cash) + total(q * p for q, p in self.positions(scope))

    def amount(self, cash: Decimal) -> Num:
        """Cash as the engine would hold it."""
        found = exactly(cash)
        return Num(found.value, found.off + float(self.ledger.doubt))

    def gain(self, scope: Scope, period: str, t: int) -> Num:
        """What a scope has gained since the close before the period that holds bar t."""
        marks, first = self.marks[scope], self.log.periods.first(period, t)
        base = marks[first - 1] if first else self.start[scope]
        still = all(m.value == base.value for m in marks[first : t + 1])
        if still and not self.positions(scope):
            return Num(0.0)
        return marks[t] - base

    # ------------------------------------------------------------ what is held and ordered

    def cash(self, scope: Scope) -> Decimal:
        return sum((self.ledger.books[b].cash for b in scope.books), Decimal(0))

    def settled(self, scope: Scope) -> Decimal:
        """Cash of the trades that have settled at this close."""
        ledger, session = self.ledger, self.ledger.session_closed(self.t)
        books = [ledger.books[b] for b in scope.books]
        return sum((ledger.settled(book, session) for book in books), Decimal(0))

    def holdings(self, scope: Scope) -> Iterator[tuple[Key, Holding]]:
        for b, book in enumerate(self.ledger.books):
            for (symbol, entry), h in book.holdings.items():
                if h.qty and scope.covers(b, symbol):
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
            if scope.covers(b, s) and symbol in (None, s)
        ]

    def drawdown(self, scope: Scope) -> Num | None:
        peak = self.peak[scope]
        return divide(peak - self.worth[scope], peak)

    def account_fields(self, scope: Scope) -> dict[str, Callable[[], Value]]:
        """The account.* fields of a scope as they are now."""
        return {name: partial(read, self, scope) for name, read in ACCOUNT.items()}

    def gross(self, scope: Scope, symbol: int | None = None) -> Num:
        """Positions and working entries, all as positive money."""
        held = total(abs(q * p) for q, p in self.positions(scope, symbol))
        return held + total(v for _, v in self.orders(scope, symbol))

    def net(self, scope: Scope) -> Num:
        """With the working buys filled or with the working sells, whichever is further from 0."""
        held = total(q * p for q, p in self.positions(scope))
        up = held + total(v for side, v in self.orders(scope) if side > 0)
        down = held - total(v for side, v in self.orders(scope) if side < 0)
        return up if abs(up.value) >= abs(down.value) else down

    def count(self, scope: Scope) -> Num:
        """Open positions, and entries that work where none is open."""
        held = {k for k, _ in self.holdings(scope)}
        fresh = [
            k
            for k, w in self.working.items()
            if scope.covers(k[0], k[1]) and (k[0], k[1], w.home) not in held
        ]
        return Num(float(len(held) + len(fresh)))

    # ------------------------------------------------------------ the order being judged

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
            **self.form(v),
            "market.last": lambda: exactly(self.ledger.last[symbol]),
            "market.shortable": lambda: TRUE if row.shortable else FALSE,
            "market.borrow_rate": lambda: rate,
            "market.symbol_value": lambda: self.gross(whole(self.desk), symbol),
        }
        return Fields(self.account_fields(scope) | mine)

    def form(self, v: Verdict) -> dict[str, Callable[[], Value]]:
        """What kind of order it is and how long it works: a rebalance is at market for the day."""
        kind, tif = rows.MARKET, rows.DAY
        if v.source != account.FROM_WEIGHT:
            entry = self.desk.books[v.book].entries[v.rule]
            kind, tif = entry.kind, entry.tif
        said = {
            "order.is_market": kind == rows.MARKET,
            "order.is_stop": kind not in (rows.MARKET, rows.LIMIT),
            "order.rests": tif == rows.GTC,
            "order.at_auction": tif in (rows.OPG, rows.CLS),
        }
        return {name: lambda x=x: TRUE if x else FALSE for name, x in said.items()}  # type: ignore[misc]

    def average(self, scope: Scope, symbol: int) -> Num | None:
        """The average cost of all that is held of a symbol; na while it is nothing."""
        mine = [h for (_, s, _), h in self.holdings(scope) if s == symbol]
        shares = total(exactly(h.qty) for h in mine)
        paid = total(exactly(h.qty) * exactly(h.cost) for h in mine)
        return divide(paid, shares) if shares.value else None

    def same_side(self, v: Verdict, scope: Scope) -> Num:
        """Shares of the order's symbol held or ordered on its side."""
        held = total(abs(q) for q, _ in self.positions(scope, v.symbol) if q.value * v.side > 0)
        return held + total(
            exactly(w.left)
            for (b, s, _), w in self.working.items()
            if s == v.symbol and scope.covers(b, s) and w.side == v.side
        )

    def sent(self, v: Verdict, key: Key, qty: float) -> Sent:
        return Sent(self.t, key, v.side, qty, v.price)

    def distance(self, v: Verdict, key: Key) -> Num | None:
        """From the order's price to the nearest stop, or to where a trail would begin."""
        rules, found = self.rules[v.book], []
        entries = self.desk.books[v.book].entries
        is_leg = key[2] >= 0 and entries[key[2]].spread >= 0
        (t, entry_price), levels = (self.t, v.price), rules.levels(key[2])
        if self.is_add(key):
            (t, entry_price), levels = self.as_opened(key)
        seen = Fields({"position.entry_price": lambda: Num(entry_price)})
        ruled = self.desk.books[v.book].symbols[0] if is_leg else v.symbol
        place = Order(self, None, whole(self.desk), t, ruled, seen, since=rules.since)
        ticks = round(self.desk.instruments[v.symbol].tick * 1e6)
        for level in levels:
            at = rules.terms.number(level.price, place)
            if at is not None:
                stop = Num(float(on_tick(Decimal(at.value), ticks, up=v.side < 0)))
                found.append(abs(Num(v.price) - stop))
        return min(found, key=lambda n: n.value) if found else None

    def as_opened(self, key: Key) -> tuple[tuple[int, float], list[ast.Level]]:
        """When the position that an order adds to was decided, at what price it opened, and its
        stops, which stay as they were set then."""
        home = (key[0], key[1], self.home(key[0], key[2]))
        opened, levels = self.opened[home], self.rules[key[0]].levels(home[2])
        acted = [b for b, s, _, _ in self.desk.tape.actions if s == key[1] and opened[0] < b]
        if acted or any(x.kind == "trail" for x in levels):
            raise Unread("levels of an open position that have moved")
        return opened, levels

    def home(self, book: int, entry: int) -> int:
        """The entry whose position an entry opens or adds to."""
        joins = self.desk.books[book].entries[entry].joins if entry >= 0 else -1
        return entry if joins < 0 else joins

    def is_add(self, key: Key) -> bool:
        """Whether an entry adds to a position that is open."""
        book, symbol, entry = key
        return entry >= 0 and bool(
            self.ledger.books[book].holdings[symbol, self.home(book, entry)].qty
        )

    def trail_of(self, v: Verdict) -> tuple[Num, bool] | None:
        """How far an entry's order trails, from its text; None where it does not."""
        if v.rule < 0:
            return None
        row = self.desk.books[v.book].entries[v.rule]
        if row.kind not in (TRAIL_MONEY, TRAIL_RATIO):
            return None
        rules = self.rules[v.book]
        order = rules.entries[v.rule].order
        assert order is not None and order.price is not None
        place = Order(self, None, whole(self.desk), self.t, v.symbol, Fields({}), since=rules.since)
        by = rules.terms.number(order.price, place)
        if by is None:
            raise Unread("a trailing order without a distance")
        return by, row.kind == TRAIL_RATIO


def _lots(shares: Decimal, lot: Decimal) -> Decimal:
    if not lot:
        return shares
    return (shares / lot + Decimal(1) / 10**9).to_integral_value(ROUND_FLOOR) * lot
