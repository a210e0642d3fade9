"""Every kind of order, for every time it may work, against an independent reckoning."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.execution import Bar, Order, fills

from engine.records.account import FROM_ENTRY, FROM_LEVEL
from engine.records.desk import CostRow, InstrumentRow
from engine.run.account import run_account

from .make import NAN, Script, book_of, desk_of, entry, tape_of
from .random_desks import random_desk

KINDS = ("market", "limit", "stop", "stop_limit", "trail_ratio", "trail_money")
TIFS = ("day", "gtc", "ioc", "opg", "cls")
PAIRS = [
    (kind, tif)
    for kind in KINDS
    for tif in TIFS
    if kind in ("market", "limit") or tif in ("day", "gtc")
]
CENTS = st.integers(9200, 10800).map(lambda c: Decimal(c) / 100)


@st.composite
def bars(draw: st.DrawFn) -> Bar | None:
    """A bar, one that fills at its close only, or none."""
    what = draw(st.sampled_from(["bar"] * 8 + ["close", "none"]))
    if what == "none":
        return None
    prices = sorted(draw(st.lists(CENTS, min_size=4, max_size=4)))
    o, c = draw(st.permutations(prices[1:3]))
    volume = draw(st.sampled_from([0, 45, 300, 10_000]))
    if what == "close":
        return Bar(None, None, None, c, volume)
    return Bar(o, prices[3], prices[0], c, volume)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PAIRS),
    st.sampled_from([1, -1]),
    CENTS,
    CENTS,
    st.sampled_from([Decimal("0.01"), Decimal("0.035"), Decimal("2.5")]),
    st.lists(bars(), min_size=1, max_size=6),
    st.sampled_from([Decimal(0), Decimal("0.1")]),
)
def test_an_order_fills_where_the_decimals_say(
    how: tuple[str, str],
    side: int,
    first: Decimal,
    second: Decimal,
    trail: Decimal,
    after: list[Bar | None],
    share: Decimal,
) -> None:
    kind, tif = how
    if kind == "trail_ratio" and trail > 1:
        trail = Decimal("0.02")
    price = trail if kind.startswith("trail") else first
    order = Order(side, kind, tif, 40, price, second, Decimal(100))
    expected = [(t + 1, qty, p) for t, qty, p in fills(order, after, share)]

    rows = [Bar(*[Decimal(100)] * 4, 1000), *after]
    tape = tape_of([None if b is None else told(b) for b in rows])
    tape.volume[0][:] = [NAN if b is None else float(b.volume) for b in rows]
    tape.at_close[0][:] = [float(b is not None and b.open is None) for b in rows]
    script = Script(len(rows)).enter(0, 40, float(first))
    script.second(0, float(trail if kind.startswith("trail") else second))
    row = entry(side=side, kind=KINDS.index(kind), tif=TIFS.index(tif))
    desk = desk_of(
        tape,
        book_of(script, entries=[row]),
        costs=CostRow(participation=float(share), interest=False),
        instruments=(InstrumentRow("S", 1.0, 0.0, True, NAN),),
    )
    found = [(f.bar, f.qty, f.price) for f in run_account(desk).fills]
    assert found == [(t, qty, float(p)) for t, qty, p in expected]


def told(bar: Bar) -> tuple[float, float, float, float]:
    """A bar as the tape holds it."""
    o, h, low = (NAN if v is None else float(v) for v in (bar.open, bar.high, bar.low))
    return o, h, low, float(bar.close)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_adds_join_an_open_position_and_no_more_often_than_said(seed: int) -> None:
    desk = random_desk(seed)
    held: dict[tuple[int, int, int], float] = defaultdict(float)
    added: dict[tuple[int, int, int, int], set[int]] = defaultdict(set)
    for fill in run_account(desk).fills:
        key = (fill.book, fill.symbol, fill.entry)
        if fill.source == FROM_ENTRY:
            row = desk.books[fill.book].entries[fill.rule]
            joined = row.joins if row.joins >= 0 else fill.rule
            assert joined == fill.entry
            if abs(held[key]) < 1e-9:
                assert fill.rule == fill.entry, "what adds never opens"
                opened = fill.decided
                for k in [k for k in added if k[:3] == key]:
                    del added[k]
                added[*key, fill.rule] = {opened}
            added[*key, fill.rule].add(fill.decided)
            own = 1 if fill.rule == fill.entry else 0
            assert len(added[*key, fill.rule]) <= row.adds + own
        held[key] += fill.qty


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_no_leg_stays_when_the_stop_of_another_is_hit(seed: int) -> None:
    """Not past its own next bar, where volume holds nothing back."""
    desk = random_desk(seed, spreads=True)
    desk = replace(desk, costs=replace(desk.costs, participation=0.0))
    history = run_account(desk)
    for hit in (f for f in history.fills if f.source == FROM_LEVEL):
        rows = desk.books[hit.book].entries
        for j, row in enumerate(rows):
            if row.spread == rows[hit.entry].spread:
                symbol = desk.books[hit.book].symbols[row.leg]
                present = desk.tape.present[symbol][: history.bars]
                out = next((t for t in range(hit.bar + 1, len(present)) if present[t]), None)
                mine = [f for f in history.fills if (f.book, f.entry) == (hit.book, j)]
                held = sum(f.qty for f in mine if f.bar <= hit.bar)
                closed = [f for f in mine if f.bar == out and f.source != FROM_ENTRY]
                if out is not None and abs(held) > 1e-9:
                    assert abs(held + sum(f.qty for f in closed)) < 1e-9


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_legs_of_a_spread_fill_together_and_whole(seed: int) -> None:
    desk = random_desk(seed, spreads=True)
    history = run_account(desk)
    sent: dict[tuple[int, int, int], dict[int, float]] = defaultdict(dict)
    for v in history.verdicts:
        row = desk.books[v.book].entries[v.rule] if v.source == FROM_ENTRY else None
        if row is not None and v.granted > 0:
            assert v.granted == v.asked
            sent[v.book, row.spread, v.bar][v.rule] = v.granted
    for (book, spread, _), legs in sent.items():
        rows = desk.books[book].entries
        assert set(legs) == {k for k, e in enumerate(rows) if e.spread == spread}
    filled: dict[tuple[int, int, int, int], dict[int, float]] = defaultdict(dict)
    for f in history.fills:
        if f.source == FROM_ENTRY:
            spread = desk.books[f.book].entries[f.rule].spread
            filled[f.book, spread, f.decided, f.bar][f.rule] = abs(f.qty)
    for (book, spread, decided, _), legs in filled.items():
        assert legs == sent[book, spread, decided]
