"""What every limit in force says to one order."""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from engine.lang import ast
from engine.records import account
from engine.records.account import Verdict
from engine.records.desk import Desk

from .averages import Unread
from .laws import Judged, Law
from .places import Order
from .rounded import Num
from .scopes import Scope, scopes_of
from .standing import Fields, Key, Standing

SLACK = 1e-9
"""0.3 / 0.1 is three lots."""


@dataclass(frozen=True)
class Answer:
    """What one limit may have said: words, and the fewest and most shares it leaves."""

    name: tuple[str, str, Scope]
    words: frozenset[int]
    least: float
    most: float


class Bench:
    """All limits in force, with the scopes on which they are."""

    def __init__(self, desk: Desk, laws: list[Law], standing: Standing, out: Judged) -> None:
        self.desk = desk
        self.standing = standing
        self.out = out
        self.rows = [
            (law, row, scope)
            for law in laws
            for row in law.limits
            for scope in scopes_of(desk, law, row)
        ]

    def answers(self, v: Verdict, key: Key, qty: float) -> list[Answer]:
        """What every limit in force says to `qty` shares."""
        found = []
        fields: dict[Scope, Fields] = {}
        for law, row, scope in self.rows:
            is_weight = row.on == "entry" and v.source == account.FROM_WEIGHT
            if not is_weight and scope.covers(v.book, v.symbol):
                if scope not in fields:
                    fields[scope] = self.standing.order_fields(v, scope, key, qty)
                asks = (v, key, qty)
                t = self.standing.t
                since = law.since.get(row.name, 0)
                place = Order(self.standing, law, scope, t, v.symbol, fields[scope], asks, since)
                found.append(self.read(law, row, place, v, qty))
        return found

    def read(self, law: Law, row: ast.Limit, at: Order, v: Verdict, qty: float) -> Answer:
        """What a limit says; anything at all where this oracle cannot read it."""
        try:
            return self.answer(law, row, at, v, qty)
        except Unread as what:
            self.out.skip(f"{law.block.name}.{row.name}: {what}")
            name = (law.block.name, row.name, at.scope)
            every = (account.PASSED, account.REFUSED, account.BOUND, account.SKIPPED)
            return Answer(name, frozenset(every), 0.0, qty)

    def answer(self, law: Law, row: ast.Limit, at: Order, v: Verdict, qty: float) -> Answer:
        name = (law.block.name, row.name, at.scope)
        unknown = account.SKIPPED if row.otherwise == "skip" else account.UNKNOWN_DENIED
        if row.action != "clip":
            word = {True: account.REFUSED, False: account.PASSED, None: unknown}
            words = frozenset(word[x] for x in law.terms.truth(row.value, at))
            caps = [0.0 if w in (account.REFUSED, account.UNKNOWN_DENIED) else qty for w in words]
            return Answer(name, words, min(caps), max(caps))
        most = law.terms.number(row.value, at)
        if most is not None and row.on == "position":
            most = most - self.standing.same_side(v, at.scope)
        if most is None:
            left = qty if unknown == account.SKIPPED else 0.0
            return Answer(name, frozenset({unknown}), left, left)
        lot = self.desk.instruments[at.symbol].lot
        ends = [lots(end, lot) for end in _ends(most)]
        words = frozenset(account.BOUND if e < qty else account.PASSED for e in ends)
        return Answer(name, words, min(qty, ends[0]), min(qty, ends[1]))


def _ends(n: Num) -> tuple[float, float]:
    return n.value - n.off, n.value + n.off


def lots(shares: float, lot: float) -> float:
    """Whole lots, none of a negative number."""
    if not shares > 0.0:
        return 0.0
    return floor(shares / lot + SLACK) * lot


def is_sure(answers: list[Answer]) -> bool:
    return all(len(a.words) == 1 for a in answers)


def cap(answers: list[Answer], end: Callable[[Answer], float]) -> float:
    return min((end(a) for a in answers), default=float("inf"))
