"""The two flat sequences of a run while they grow (floor 7), and what lays rows in them."""

from collections.abc import Sequence

from engine import fields as field
from engine.fills import layout as at
from engine.records.desk import Desk

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


def open_scope(s: list[float], scope: int, cash: float) -> None:
    """A scope that starts with so much cash."""
    for k in (at.CASH, at.EQUITY, at.BEFORE, at.START, at.PEAK):
        s[scope + k] = cash


def reads_code(slots: frozenset[int] | None) -> int:
    """Which fields are written before a rule that reads these."""
    if slots is None or not slots <= MONEY:
        return at.READS_OTHERS
    return at.READS_MONEY if slots else at.READS_NOTHING


def rows_of(lay: Laying, rows: Sequence[tuple[int, ...]]) -> int:
    """Put rows of whole numbers into n; the index of the first."""
    flat = [cell for row in rows for cell in row]
    return lay.whole(0, flat) if flat else 0
