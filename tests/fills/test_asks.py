"""What limits ask, counted a second time and naively from a finished run's events."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import localcontext
from random import Random
from statistics import mean, pstdev

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.ledger import DIGITS, Ledger

from engine import fields as field
from engine.records import desk as rows
from engine.records.account import Asking, History, RoundTrip
from engine.records.desk import AskRow, Desk, LimitRow, LimitSetRow, ShockRow
from engine.run.account import run_account

from .random_desks import random_desk
from .test_compiled import compile_desk

SEEDS = st.integers(0, 10**9)
BENCHMARKS = ("FIRST", "SECOND")
KINDS = range(rows.AT_AUCTION + 1)


def asking_desk(seed: int) -> Desk:
    """A random desk, at least one limit set, each with asks of every kind."""
    desk, rng = random_desk(seed), Random(seed)
    more = 0
    while not desk.limit_sets and more < 50:
        more += 1
        desk = random_desk(seed + more)
    never = LimitRow("never", rows.DENY, False, True, 2)
    closes = [c if c == c else 1.0 for c in map(float, desk.tape.close[0])]
    lead = [1.0] * (len(desk.before[0]) if desk.before else 0)
    days = desk.tape.days
    return replace(
        desk,
        benchmarks=tuple((name, (*lead, *closes)) for name in BENCHMARKS),
        tape=replace(desk.tape, within=rng.choice([(), tuple(_within(rng, days))])),
        shocks=tuple(_shock(rng, len(desk.instruments), days) for _ in range(rng.randrange(6))),
        limit_sets=tuple(
            replace(s, limits=s.limits or (never,), asks=tuple(_asks(rng))) for s in desk.limit_sets
        ),
    )


def _within(rng: Random, days: Sequence[int]) -> list[list[float]]:
    return [[float(rng.randrange(390)) for _ in days] for _ in range(3)]


def _shock(rng: Random, symbols: int, days: Sequence[int]) -> ShockRow:
    moves = tuple(rng.choice([rng.uniform(-0.3, 0.3), float("nan")]) for _ in range(symbols))
    ended = rng.randint(min(days) - 3, max(days))
    return ShockRow(rng.choice([2, 3, 8]), ended, moves)


def _asks(rng: Random) -> list[AskRow]:
    made = []
    for k, kind in enumerate(KINDS):
        period = rng.choice([-1, 0, 1, 2]) if kind != rows.GAINED else rng.choice([0, 1, 2])
        group = rng.choice(["sector", "class", "symbol", "book", "desk"])
        bars = rng.choice([1, 2, 5, 63, 64, 65, 500])
        if kind >= rows.VALUE_AT_RISK:
            period, bars = -1, rng.choice([2, 3, 8])
        if kind == rows.BETA:
            group = rng.choice(BENCHMARKS)
        level = rng.choice([0.5, 0.9, 0.99])
        made.append(AskRow(kind, field.WIDTH + k, period, bars, group, level))
    return made


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_plain_and_compiled_answer_alike(seed: int) -> None:
    desk = asking_desk(seed)
    plain = run_account(desk, listens=True)
    fast = run_account(compile_desk(desk), compiled=True, listens=True)
    assert repr(plain) == repr(fast)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_asking_changes_no_order(seed: int) -> None:
    desk = asking_desk(seed)
    sets = tuple(replace(s, asks=()) for s in desk.limit_sets)
    assert repr(run_account(desk)) == repr(run_account(replace(desk, limit_sets=sets)))


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_counts_are_those_of_the_runs_events(seed: int) -> None:
    desk = asking_desk(seed)
    history = run_account(desk, listens=True)
    for asking in history.askings:
        group = desk.limit_sets[asking.limit_set]
        for ask, value in zip(group.asks, asking.asked, strict=True):
            exact = naive(desk, history, asking, group, ask)
            if exact is not None:
                assert abs(value - exact) < 1e-6, (ask, value, exact)


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_settled_cash_is_that_of_the_ledger(seed: int) -> None:
    desk = asking_desk(seed)
    history = run_account(desk, listens=True)
    cash = settled(desk, history)
    for asking in history.askings:
        group = desk.limit_sets[asking.limit_set]
        told = dict(zip([a.kind for a in group.asks], asking.asked, strict=True))
        bar = history.verdicts[asking.verdict].bar
        exact = sum(cash[bar][b] for b in money_of(desk, group))
        assert abs(told[rows.SETTLED] - exact) < 0.005


def covers(group: LimitSetRow, book: int, symbol: int) -> bool:
    books = group.books or (group.book,)
    return (-1 in books or book in books) and (not group.symbols or symbol in group.symbols)


def first_bar(desk: Desk, ask: AskRow, now: int) -> int:
    """The first bar of the window, from the tape alone."""
    tape = desk.tape
    if ask.period < 0:
        if ask.bars <= 64:
            return max(0, now - ask.bars + 1)
        return 0  # longer than every random tape
    if ask.period == rows.THIS_DAY:
        return now
    ends = tape.week_end if ask.period == rows.THIS_WEEK else tape.month_end
    return max((t + 1 for t in range(now) if ends[t] == 1.0), default=0)


def naive(
    desk: Desk, history: History, asking: Asking, group: LimitSetRow, ask: AskRow
) -> float | None:
    """The answer from the finished run, for what its events tell."""
    verdict = history.verdicts[asking.verdict]
    now = verdict.bar
    first = first_bar(desk, ask, now)

    def counts(book: int, symbol: int, bar: int) -> bool:
        return covers(group, book, symbol) and first <= bar <= now

    if ask.kind == rows.FILLED:
        return float(sum(counts(f.book, f.symbol, f.bar) for f in history.fills))
    if ask.kind == rows.REFUSED_ORDERS:
        before = history.verdicts[: asking.verdict]
        refused = [v for v in before if v.outcome in (2, 3, 7)]
        return float(sum(counts(v.book, v.symbol, v.bar) for v in refused))
    trips = [t for t in history.round_trips if t.closed and covers(group, t.book, t.symbol)]
    if ask.kind == rows.LOST_TRIPS:
        return float(sum(t.pnl < 0.0 and first <= t.last_bar <= now for t in trips))
    if ask.kind == rows.LOST_MONEY:
        lost = [-t.pnl for t in trips if t.pnl < 0.0 and first <= t.last_bar <= now]
        return float(sum(lost))
    if ask.kind == rows.LOST_IN_A_ROW:
        return float(streak([t for t in trips if t.last_bar <= now]))
    if rows.TRIPS_CLOSED <= ask.kind <= rows.TRIPS_DEVIATION:
        return returns(ask.kind, [t for t in trips if t.last_bar <= now])
    if ask.kind == rows.GAINED and group.book == -1 and not group.books and not group.symbols:
        before = history.equity[first - 1] if first else desk.cash
        return float(history.equity[now] - before)
    return None


def settled(desk: Desk, history: History) -> list[list[float]]:
    """Each book's settled cash at every close, by the exact ledger."""
    found = []
    with localcontext(prec=DIGITS):
        ledger = Ledger(desk)
        for t in range(history.bars):
            ledger.bar(t, [f for f in history.fills if f.bar == t])
            session = ledger.session_closed(t)
            found.append([float(ledger.settled(book, session)) for book in ledger.books])
    return found


def money_of(desk: Desk, group: LimitSetRow) -> Sequence[int]:
    """The books whose money a set sees: a class or a symbol has none of its own."""
    if group.book == -1 and (group.symbols or not group.books):
        return range(len(desk.books))
    return group.books or (group.book,)


def returns(kind: int, trips: list[RoundTrip]) -> float | None:
    """Count, mean or deviation of the trips' returns on what they cost; None where na."""
    found = [t.pnl / (t.qty * t.entry_price) for t in trips]
    if kind == rows.TRIPS_CLOSED:
        return float(len(found))
    if len(found) < (1 if kind == rows.TRIPS_MEAN else 2):
        return None
    return mean(found) if kind == rows.TRIPS_MEAN else pstdev(found)


def streak(trips: list[RoundTrip]) -> int:
    """Losses since the last gain, in the order in which the run closed its trips."""
    count = 0
    for trip in trips:
        count = count + 1 if trip.pnl < 0.0 else 0 if trip.pnl > 0.0 else count
    return count
