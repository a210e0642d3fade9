"""The second checker: judges every order of a run anew, naively, from the spec alone.

Written from docs/spec.md section 7, 2b-semantics 15 to 22 and ADR 0006. It reads the syntax tree
of the limits, the bars and what was filled; it works out the account at each close, what each
limit and switch says, and what the order should have been granted. It shares no code with the
engine's checker, graph, emitter, operators or account loop.

An escape is an order that got more than the limits leave, or a fill that nothing allowed. A
disagreement is every other difference. Where floats leave a doubt the order is counted as close:
then only an escape beyond the doubt is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import TypeVar

from engine.records import account
from engine.records.account import Fill, History, Lapse, Verdict
from engine.records.calendar import Calendar
from engine.records.desk import Desk

from .answers import Answer, Bench, cap, is_sure
from .crises import Past
from .laws import Judged, Law, Rules
from .ledger import DIGITS
from .rounded import TooClose
from .scopes import Scope, of_set, scopes_of
from .standing import Key, Standing, Working
from .switching import Switchboard

Event = TypeVar("Event", Fill, Lapse, Verdict)
DUST = 1e-6
RISKY = (account.FROM_ENTRY, account.FROM_WEIGHT)
RISK_FREE = (account.FROM_EXIT, account.FROM_LEVEL, account.FROM_FLATTEN, account.FROM_REVERSAL)
NO_ORDER = (account.UNSIZED, account.ZERO, account.IGNORED)
TURNED_AWAY = (account.DENIED, account.BLOCKED, account.NOT_SHORTABLE)
IN_THE_BAR = (account.DAY_OVER, account.PROTECTED, account.NO_POWER, account.NO_OPEN)


def judge(
    desk: Desk,
    history: History,
    laws: Iterable[Law],
    rules: Iterable[Rules],
    before: Sequence[Mapping[str, Sequence[float]]] = (),
    calendar: Calendar | None = None,
    past: Past | None = None,
) -> Judged:
    """Judge a whole run. rules: of the desk's books, in their order. before: per symbol, the
    columns of its own bars that came before the run, with their days. calendar: of the exchange,
    where anything goes by weeks, months, holidays or events. past: for stress losses."""
    with localcontext(prec=DIGITS):
        every = list(laws)
        rows = [(law, row) for law in every for row in (*law.limits, *law.switches)]
        scopes = [scope for law, row in rows for scope in scopes_of(desk, law, row)]
        kept = {word for law in every for word in law.words}
        standing = Standing(desk, list(rules), before, scopes, kept, calendar, past)
        return Court(desk, history, every, standing).sit()


class Court:
    """One run, taken bar by bar."""

    def __init__(self, desk: Desk, history: History, laws: list[Law], standing: Standing) -> None:
        self.desk = desk
        self.history = history
        self.judged = Judged()
        self.standing = standing
        self.board = Switchboard(self.standing, history, laws, self.judged)
        self.bench = Bench(desk, laws, standing, self.judged)
        self.t = 0
        self.by_exit: list[Lapse] = []
        self.verdicts = _by_bar(history.verdicts)
        self.fills = _by_bar(history.fills)
        self.ended = _by_bar(history.lapses)

    def sit(self) -> Judged:
        for t in range(self.history.bars):
            self.t = self.standing.t = t
            self.close_bar(t)
            if t == self.history.bars - 1 and self.history.ruined:
                break
            self.turn_switches(t)
            self.decide(t)
        return self.judged

    def note(self, kind: str, text: str) -> None:
        self.judged.note(kind, self.t, text)

    def close_bar(self, t: int) -> None:
        """Everything up to the close: fills and orders that ended, then the mark."""
        fills = self.fills.get(t, [])
        self.standing.act()
        for lapse in self.lapses(t, account.SPLIT_AWAY):
            self.end(lapse)
        held = {
            (b, s, e): h.qty
            for b, book in enumerate(self.standing.ledger.books)
            for (s, e), h in book.holdings.items()
        }
        for fill in fills:
            self.route(fill, held)
        self.standing.ledger.end(t, fills)
        for fill, cash in zip(fills, self.standing.ledger.brought, strict=True):
            self.standing.log.fill(fill, cash)
        for lapse in self.lapses(t, *IN_THE_BAR):
            self.end(lapse)
        for lapse in self.ended.get(t, []):
            if lapse.source not in RISKY:
                self.standing.log.note("cancels", t, lapse.book, lapse.symbol)
        closed = self.lapses(t, account.POSITION_CLOSED)
        self.by_exit = [x for x in closed if self.is_by_exit(x, fills)]
        for lapse in closed:
            if lapse not in self.by_exit:
                self.end(lapse)
        self.standing.mark()

    def is_by_exit(self, lapse: Lapse, fills: list[Fill]) -> bool:
        """Whether the rest of an entry ended when an exit was decided at the close, rather than
        at a level inside the bar. Where a level met no volume, the records do not tell."""
        where = (lapse.book, lapse.symbol)
        if any((f.book, f.symbol) == where and f.source == account.FROM_LEVEL for f in fills):
            return False
        return any(
            (v.book, v.symbol) == where and v.source == account.FROM_EXIT
            for v in self.verdicts.get(lapse.bar, [])
        )

    def route(self, fill: Fill, held: dict[Key, Decimal]) -> None:
        """A fill closes some of a position, or it fills an order that was granted."""
        key = (fill.book, fill.symbol, fill.entry)
        before, qty = held.get(key, Decimal(0)), Decimal(fill.qty)
        held[key] = before + qty
        if abs(held[key]) < DUST:
            held[key] = Decimal(0)
        shrinks = before * qty < 0 and abs(qty) <= abs(before) + Decimal(DUST)
        if fill.source in RISK_FREE or (fill.source == account.FROM_WEIGHT and shrinks):
            if not shrinks:
                self.note("escape", f"an exit of {fill.qty} met a position of {before}")
            self.sell(key, abs(qty), fill.source == account.FROM_WEIGHT, not held[key])
            return
        if not before:
            self.standing.opened[key] = fill.decided, fill.price
        asked = fill.rule if fill.source == account.FROM_ENTRY else -1
        key = (fill.book, fill.symbol, asked)
        order = self.standing.working.get(key)
        if order is None or order.decided >= fill.bar or order.decided != fill.decided:
            self.note("escape", f"{fill.qty} shares filled that no order asked for")
        elif order.side * qty < 0 or abs(qty) > order.left + Decimal(DUST):
            self.note("escape", f"{fill.qty} shares filled of an order with {order.left} left")
        else:
            order.left -= abs(qty)
            order.has_filled = True
            if order.left < DUST:
                del self.standing.working[key]

    def sell(self, key: Key, qty: Decimal, is_weight: bool, is_flat: bool) -> None:
        """Take a fill off the order that brings a position down; once flat nothing is left."""
        selling = self.standing.selling
        if key in selling:
            selling[key] -= qty if is_weight else Decimal(0)
            if is_flat or selling[key] < DUST:
                del selling[key]

    def lapses(self, t: int, *reasons: int) -> list[Lapse]:
        found = [x for x in self.ended.get(t, []) if x.reason in reasons]
        return [x for x in found if x.source in RISKY]

    def end(self, lapse: Lapse) -> None:
        key = (lapse.book, lapse.symbol, lapse.entry)
        left = self.standing.selling.get(key)
        if left == 0 and lapse.reason == account.SPLIT_AWAY:
            del self.standing.selling[key]
        elif left is not None and lapse.reason == account.SUPERSEDED:
            del self.standing.selling[key]
            if abs(left - Decimal(lapse.qty)) > DUST:
                self.note("disagreement", f"{left} was left of what ended: {lapse}")
        elif self.standing.working.pop(key, None) is None:
            self.note("disagreement", f"an order ended that did not work: {lapse}")
        self.standing.log.note("cancels", self.t, lapse.book, lapse.symbol)

    def turn_switches(self, t: int) -> None:
        """Turn the switches, and see that no entry works on in a book that one of them blocks."""
        self.board.turn_all(t, bool(self.by_exit))
        ended = self.lapses(t, account.SWITCHED_OFF)
        for lapse in ended:
            self.end(lapse)
        for lapse in ended:
            if not self.is_switched_off(lapse):
                self.note("disagreement", f"no switch ends this: {lapse}")
        ending = {(x.book, x.symbol, x.entry) for x in self.by_exit}
        for key in self.standing.working.keys() - ending:
            if self.board.holding(key[0], key[1]):
                self.note("escape", f"an entry works on in a blocked book: {key}")
        for key in self.standing.working.keys() - ending:
            if not all(leg in self.standing.working for leg in self.legs_of(key)):
                self.note("escape", f"a leg works on alone: {key}")

    def is_switched_off(self, lapse: Lapse) -> bool:
        """Whether a switch blocks an order that it is said to have ended, or a leg beside it."""
        key = (lapse.book, lapse.symbol, lapse.entry)
        return any(
            self.board.holding(book, symbol) for book, symbol, _ in [key, *self.legs_of(key)]
        )

    def legs_of(self, key: Key) -> list[Key]:
        """All legs of the spread that an order is a leg of."""
        book, _, entry = key
        rows = self.desk.books[book].entries
        spread = rows[entry].spread if entry >= 0 else -1
        legs = [(k, x) for k, x in enumerate(rows) if spread >= 0 and x.spread == spread]
        return [(book, self.desk.books[book].symbols[x.leg], k) for k, x in legs]

    # ------------------------------------------------------------ decisions

    def decide(self, t: int) -> None:
        """Everything decided at this close, in the order in which it was."""
        for lapse in self.by_exit:
            self.end(lapse)
        gone = self.lapses(t, account.SUPERSEDED)
        shrunk: set[Key] = set()
        for legs in self.together(self.verdicts.get(t, [])):
            for v in legs:
                gone = self.supersede(v, gone)
            if len(legs) > 1:
                self.weigh_spread(legs)
            else:
                self.weigh(legs[0], shrunk)
        for lapse in gone:
            self.end(lapse)

    def together(self, verdicts: list[Verdict]) -> list[list[Verdict]]:
        """The orders of a close one by one, the legs of a spread as one."""
        orders = [v for v in verdicts if v.outcome not in NO_ORDER]
        found: list[list[Verdict]] = []
        for v in orders:
            spread = self.spread_of(v)
            if spread and found and self.spread_of(found[-1][-1]) == spread:
                found[-1].append(v)
            else:
                found.append([v])
        return found

    def spread_of(self, v: Verdict) -> tuple[int, int] | None:
        """The spread that an order is a leg of."""
        if v.source != account.FROM_ENTRY:
            return None
        spread = self.desk.books[v.book].entries[v.rule].spread
        return None if spread < 0 else (v.book, spread)

    def supersede(self, v: Verdict, gone: list[Lapse]) -> list[Lapse]:
        """Take off what this order and those before it replaced; what is left comes later."""
        due: dict[Key, Lapse] = {}  # an entry may be replaced, sent anew and replaced at one close
        later = []
        for lapse in gone:
            key = (lapse.book, lapse.symbol, lapse.entry)
            if key not in due and self.is_replaced(lapse, v):
                due[key] = lapse
            else:
                later.append(lapse)
        for lapse in due.values():
            self.end(lapse)
        return later

    def is_replaced(self, lapse: Lapse, v: Verdict) -> bool:
        """Whether an order had ended before v was judged."""
        is_weight = lapse.source == account.FROM_WEIGHT
        if v.source == account.FROM_WEIGHT:
            return is_weight and self.turn_of(lapse) <= self.turn_of(v)
        if v.source == account.FROM_ENTRY:
            key = (lapse.book, lapse.symbol, lapse.entry)
            return is_weight or any(self.is_opposite(k, v) for k in [key, *self.legs_of(key)])
        return is_weight and (lapse.book, lapse.symbol) == (v.book, v.symbol)

    def turn_of(self, what: Lapse | Verdict) -> tuple[int, int]:
        return what.book, self.desk.books[what.book].symbols.index(what.symbol)

    def is_opposite(self, key: Key, v: Verdict) -> bool:
        order = self.standing.working.get(key)
        return order is not None and key[:2] == (v.book, v.symbol) and order.side != v.side

    def weigh(self, v: Verdict, shrunk: set[Key]) -> None:
        """Judge one order: an exit must pass and may only shrink; all else is put to the limits."""
        entry = -1 if v.source == account.FROM_WEIGHT else v.rule
        key = (v.book, v.symbol, entry)
        if v.source in RISK_FREE:
            self.judge_exit(
                v,
                [
                    h.qty
                    for k, h in self.standing.holdings(Scope(frozenset({v.book})))
                    if k[1] == v.symbol
                ],
            )
            return
        held = self.standing.ledger.books[v.book].holdings[v.symbol, entry].qty
        if v.source == account.FROM_WEIGHT and held * v.side < 0 and key not in shrunk:
            shrunk.add(key)
            self.judge_exit(v, [held])
            self.standing.selling[key] = Decimal(v.asked)
            return
        self.put(v, key)

    def put(self, v: Verdict, key: Key, whole: bool = False) -> None:
        """Judge an order that adds risk, and take it as sent as far as it was granted. whole: it
        passes whole or not at all."""
        self.judged.orders += 1
        try:
            self.judge_entry(v, key, whole)
        except TooClose:
            self.note("close", "an order")
        log = self.standing.log
        if v.granted > 0.0:
            home, trail = self.standing.home(v.book, v.rule), self.standing.trail_of(v)
            self.standing.working[key] = Working(
                v.side, Decimal(v.granted), v.price, v.bar, home, trail
            )
            log.note("orders", v.bar, v.book, v.symbol)
            log.sent.append(self.standing.sent(v, key, v.granted))
        else:
            log.note("denials", v.bar, v.book, v.symbol)

    def weigh_spread(self, legs: list[Verdict]) -> None:
        """The legs are judged one after the other, each as if those before it were sent; one that
        does not pass whole takes all others with it."""
        refused = [k for k, v in enumerate(legs) if v.outcome in TURNED_AWAY]
        if not refused:
            for v in legs:
                self.expect(v, account.ALLOWED, v.asked)
        stop = refused[0] if refused else len(legs)
        log = self.standing.log
        events, sent = len(log.events), len(log.sent)
        for v in legs[:stop]:
            passed = v._replace(outcome=account.ALLOWED, granted=v.asked)
            self.put(passed, (v.book, v.symbol, v.rule), whole=True)
        if refused:
            v = legs[stop]
            self.put(v, (v.book, v.symbol, v.rule), whole=True)
            for v in (*legs[:stop], *legs[stop + 1 :]):
                self.expect(v, account.WITHDRAWN, 0.0)
            for v in legs[:stop]:
                self.standing.working.pop((v.book, v.symbol, v.rule), None)
            log.events[events:] = log.events[-1:]
            del log.sent[sent:]

    def judge_exit(self, v: Verdict, held: list[Decimal]) -> None:
        self.judged.exits += 1
        self.standing.log.note("orders", v.bar, v.book, v.symbol)
        if v.outcome != account.ALLOWED or v.granted != v.asked:
            self.note("disagreement", f"an exit was not let through whole: {v}")
        if not any(q * v.side < 0 and Decimal(v.asked) <= abs(q) + Decimal(DUST) for q in held):
            self.note("escape", f"an exit that does not shrink a position: {v} of {held}")

    def judge_entry(self, v: Verdict, key: Key, whole: bool) -> None:
        if v.granted > v.asked:
            self.note("escape", f"more was granted than asked: {v}")
        is_on = self.board.holding(v.book, v.symbol)
        if is_on:
            self.expect(v, account.BLOCKED, 0.0)
            self.compare_blocker(v, max(s.rank for s in is_on))
        elif v.side < 0 and not self.desk.instruments[v.symbol].shortable:
            self.expect(v, account.NOT_SHORTABLE, 0.0)
        else:
            self.compare_limits(v, key, whole)

    def expect(self, v: Verdict, outcome: int, granted: float) -> None:
        if v.granted > granted:
            self.note("escape", f"granted {v.granted}, at most {granted}: {v}")
        elif v.outcome != outcome or v.granted != granted:
            self.note("disagreement", f"should be {outcome} of {granted}: {v}")

    def compare_blocker(self, v: Verdict, rank: int) -> None:
        """The heaviest switch in force is the one that is named."""
        if v.switch is None:
            self.note("disagreement", f"no switch is named: {v}")
            return
        group = self.desk.limit_sets[v.switch[0]]
        name = group.switches[v.switch[1]].name
        mine = [
            s for s in self.board.switches if (s.law.block.name, s.row.name) == (group.name, name)
        ]
        if not any(s.holds(v.book, v.symbol) and s.rank == rank for s in mine):
            self.note("disagreement", f"{name} is not the heaviest switch in force: {v}")

    def compare_limits(self, v: Verdict, key: Key, whole: bool) -> None:
        first = self.bench.answers(v, key, v.asked)
        least, most = cap(first, lambda a: a.least), cap(first, lambda a: a.most)
        lot = self.desk.instruments[v.symbol].lot
        if not is_sure(first) or least != most:
            self.note("close", f"limits: {v}")
            if v.granted > min(v.asked, most):
                self.note("escape", f"granted {v.granted}, at most {most}: {v}")
            return
        answers, granted = first, v.asked
        if most < v.asked:
            granted = most
            if granted > 0.0:
                again = self.bench.answers(v, key, granted)
                answers = first + again
                if not is_sure(again):
                    self.note("close", f"limits: {v}")
                    return
                if cap(again, lambda a: a.most) < granted - lot * DUST:
                    granted = 0.0
        passes = granted == v.asked
        if whole and not passes:
            granted = 0.0
        outcome = account.ALLOWED if passes else account.CLIPPED if granted else account.DENIED
        self.expect(v, outcome, granted)
        self.compare_said(v, answers)

    def compare_said(self, v: Verdict, answers: list[Answer]) -> None:
        """Every limit that did not just pass is reported, and no other."""
        ours = {(a.name, w) for a in answers for w in a.words if w != account.PASSED}
        theirs = set()
        for said in v.binding:
            group = self.desk.limit_sets[said.limit_set]
            name = (group.name, group.limits[said.limit].name, of_set(self.desk, group))
            theirs.add((name, said.said))
        if ours != theirs:
            self.note("disagreement", f"said {sorted(theirs, key=str)}, not {ours}: {v}")


def _by_bar(events: Iterable[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in events:
        found.setdefault(event.bar, []).append(event)
    return found
