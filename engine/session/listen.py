"""Listening to a rule while the account loop calls it (floor 9), for `why` and rule tests.

The loop runs as ever; a wrapper around the compiled rule keeps what went in and what came out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.fields import WIDTH
from engine.records.desk import BookRow


@dataclass(frozen=True)
class Call:
    """One call of a book's rule. symbol: its place in the book. entry: the entry whose position the
    fields speak of (past the last entry: the position of a `weight`). cells are those before it."""

    bar: int
    symbol: int
    entry: int
    fields: tuple[float, ...]
    cells: tuple[float, ...]
    out: tuple[float, ...]


NOTHING_GIVEN: Mapping[int, Sequence[float]] = {}


def listen(
    book: BookRow,
    bars: frozenset[int] | None = None,
    given: Mapping[int, Sequence[float]] = NOTHING_GIVEN,
) -> tuple[BookRow, list[Call]]:
    """The same book, asked on every bar, with the list that its rule's calls will fill.

    bars: which bars to keep (None: all). given: cells of `fields` that a test sets, per bar.
    """
    calls: list[Call] = []
    heard_on: Counter[tuple[int, int]] = Counter()
    places: dict[int, tuple[int, Any]] = {}
    rule, width, outs, count = book.rule, book.row_width, book.out_width, len(book.cells_init)
    spreads = [entry.spread for entry in book.entries]
    asked = [
        k
        for k, entry in enumerate(book.entries)
        if entry.joins < 0 and (entry.spread < 0 or spreads.index(entry.spread) == k)
    ]
    asked.append(len(book.entries))

    def heard(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        bar, symbol = r // width, _symbol(book, places, row)
        entry = asked[heard_on[bar, symbol]]
        heard_on[bar, symbol] += 1
        if given:
            fields, f = _given(fields, f, given, bar), 0
        kept = bars is None or bar in bars
        before = tuple(cells[c : c + count]) if kept else ()
        rule(row, r, fields, f, cells, c, out, o)
        if kept:
            now = tuple(fields[f : f + WIDTH])
            calls.append(Call(bar, symbol, entry, now, before, tuple(out[o : o + outs])))

    # Invariant: a book with a cell outside its folds is asked once per entry with a position of
    # its own on every bar, in order; without one, the loop skips idle bars and lets flat entries
    # share an answer.
    cells = (*book.cells_init, 0.0)
    return replace(book, rule=heard, may_fire=-1, cells_init=cells, reads=None), calls


def _symbol(book: BookRow, places: dict[int, tuple[int, Any]], row: Any) -> int:
    """Whose market row this is; the loop works on copies of the book's tables, one for each."""
    known = places.get(id(row))
    if known is None:
        place = next((k for k, table in enumerate(book.rows) if list(table) == list(row)), 0)
        known = places[id(row)] = (place, row)
    return known[0]


def _given(fields: Any, f: int, given: Mapping[int, Sequence[float]], bar: int) -> list[float]:
    cells = list(fields[f : f + WIDTH])
    for slot, values in given.items():
        cells[slot] = values[bar] if bar < len(values) else float("nan")
    return cells
