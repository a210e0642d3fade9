"""Whose orders a row of a limits block judges, from docs/spec.md section 7."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.lang import ast
from engine.records.desk import Desk, LimitSetRow

from .laws import Law


@dataclass(frozen=True)
class Scope:
    """Books, and the symbols that are meant on them; None: all."""

    books: frozenset[int]
    symbols: frozenset[int] | None = None

    def covers(self, book: int, symbol: int) -> bool:
        """Whether an order of this book in this symbol lies in the scope."""
        return book in self.books and (self.symbols is None or symbol in self.symbols)

    @property
    def purse(self) -> "Scope":
        """Whose money it sees: an asset class or a symbol has none of its own."""
        return Scope(self.books)


def whole(desk: Desk) -> Scope:
    """The account."""
    return Scope(frozenset(range(len(desk.books))))


def scopes_of(desk: Desk, law: Law, row: ast.Limit | ast.Switch) -> list[Scope]:
    """Every scope on which a row is in force: one of its own for each book, desk, class or symbol,
    or the named one alone. A block that a strategy brings never reaches beyond its book."""
    if law.flat:
        return [whole(desk)]
    every = range(len(desk.books)) if law.own is None else [law.own]
    word = row.scope or ("strategy" if getattr(row, "on", "") == "strategy" else "firm")
    if word in ("firm", "desk", "strategy"):
        groups = _books_by(desk, law, word, every)
        found = [(name, Scope(frozenset(books))) for name, books in groups.items()]
    else:
        kinds = {k: i.kind if word == "asset class" else i.symbol
                 for k, i in enumerate(desk.instruments)}  # fmt: skip
        names = dict.fromkeys(kinds.values())
        found = [
            (name, Scope(frozenset(every), frozenset(k for k in kinds if kinds[k] == name)))
            for name in names
        ]
    return [scope for name, scope in found if row.group in (None, name)]


def _books_by(desk: Desk, law: Law, word: str, every: Iterable[int]) -> dict[str, list[int]]:
    """The books of each desk or strategy, or all together; a book without a desk is on none."""
    found: dict[str, list[int]] = {}
    for b in every:
        row = desk.books[b]
        name = {"firm": "", "desk": row.desk, "strategy": row.name}[word]
        if word != "desk" or name or law.own is not None:
            found.setdefault(name, []).append(b)
    return found


def of_set(desk: Desk, group: LimitSetRow) -> Scope:
    """The scope of one of the run's limit sets, to find the judge's answers beside its own."""
    every = range(len(desk.books)) if group.book == -1 else (group.book,)
    return Scope(frozenset(group.books or every), frozenset(group.symbols) or None)
