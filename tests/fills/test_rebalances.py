"""Rebalances of any desk: sales are decided before purchases, and a band keeps them away."""

from collections import defaultdict
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.account import FROM_WEIGHT, History, Verdict
from engine.records.desk import BookRow, Desk
from engine.run.account import run_account

from .random_desks import WEIGHT, random_desk

SEEDS = st.integers(0, 10**9)


def rebalances(desk: Desk, history: History) -> dict[tuple[int, int], list[Verdict]]:
    """The verdicts of weights by bar and book, in order."""
    found: dict[tuple[int, int], list[Verdict]] = defaultdict(list)
    for v in history.verdicts:
        # the shares of a seat are those of its weight only where the book has no entries beside it
        is_alone = not desk.books[v.book].entries
        if v.source == FROM_WEIGHT and v.asked > 0.0 and is_alone:
            found[v.bar, v.book].append(v)
    return found


def held(desk: Desk, history: History, book: int, symbol: int, bar: int) -> float:
    place = desk.books[book].symbols.index(symbol)
    return float(history.position_qty[book][place][bar])


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_sales_are_decided_before_purchases(seed: int) -> None:
    desk = random_desk(seed)
    history = run_account(desk)
    for (bar, book), verdicts in rebalances(desk, history).items():
        sold: set[int] = set()
        has_bought = False
        for v in verdicts:
            is_sale = held(desk, history, book, v.symbol, bar) * v.side < 0
            if is_sale and v.symbol not in sold:
                assert not has_bought, (bar, book, verdicts)
                sold.add(v.symbol)
            else:
                has_bought = True


def drift(desk: Desk, history: History, row: BookRow, book: int, bar: int) -> float:
    """The furthest that any symbol with a bar is from its weight, as a share of equity."""
    equity = history.book_equity[book][bar]
    gaps = [0.0]
    for place, symbol in enumerate(row.symbols):
        weight = row.rows[place][bar * row.row_width + WEIGHT]
        if desk.tape.present[symbol][bar] and weight == weight:
            value = history.position_qty[book][place][bar] * desk.tape.close[symbol][bar]
            gaps.append(abs(weight * equity - value) / abs(equity))
    return max(gaps)


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_within_its_band_a_book_orders_nothing(seed: int) -> None:
    desk = random_desk(seed)
    history = run_account(desk)
    for bar, book in rebalances(desk, history):
        row = desk.books[book]
        if row.drift >= 0.0:
            assert drift(desk, history, row, book, bar) > row.drift - 1e-9


def test_bands_are_met_and_left_in_these_desks() -> None:
    desks = [random_desk(Random(k).randint(0, 10**9)) for k in range(60)]
    banded = [
        d
        for d in desks
        if any(b.drift >= 0.0 and b.weight_out >= 0 and not b.entries for b in d.books)
    ]
    assert len(banded) > 10
    assert sum(bool(rebalances(d, run_account(d))) for d in banded) > 5
