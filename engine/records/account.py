"""What one account run yields (floor 1): the facts that reports are made of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.base.frozen import dataclass

# order sources
FROM_ENTRY, FROM_EXIT, FROM_LEVEL, FROM_WEIGHT, FROM_FLATTEN, FROM_REVERSAL = range(6)

# what a verdict did
ALLOWED, CLIPPED, DENIED, BLOCKED, UNSIZED, ZERO, IGNORED, NOT_SHORTABLE, WITHDRAWN = range(9)
"""BLOCKED: a pause, halt or flatten was in force. UNSIZED: fired with an na size. ZERO: rounded to
no shares. IGNORED: an entry fired while its position was open or its order working. NOT_SHORTABLE:
denied, the instrument cannot be sold short. WITHDRAWN: another leg of its spread did not pass."""

# why an order ended with something unfilled
DAY_OVER, PROTECTED, NO_POWER, SWITCHED_OFF, SUPERSEDED, POSITION_CLOSED, NO_OPEN, SPLIT_AWAY = (
    range(8)
)
"""PROTECTED: the open lay beyond the protection price. NO_POWER: no buying power left.
SWITCHED_OFF: a pause, halt or flatten cancelled it. SUPERSEDED: a later rebalance, an opposite
entry or an exit of the whole position did. NO_OPEN: it was for the open, and the bar has no real
one. SPLIT_AWAY: a reverse split left less than a lot of it. DAY_OVER also ends an order that was
for one open or close, or for at once."""

# what one limit said to one order
PASSED, BOUND, REFUSED, SKIPPED, UNKNOWN_DENIED = range(5)
FIRED = (BOUND, REFUSED, UNKNOWN_DENIED)
"""What a limit says when it holds an order back, in part or whole."""


class LimitSaid(NamedTuple):
    """One limit's answer: the index of its set and row, what it said, and its value (a cap, or
    0/1/2)."""

    limit_set: int
    limit: int
    said: int
    value: float


class Verdict(NamedTuple):
    """One order put to `decide` at the close of `bar`. rule: index of the entry, exit or level in
    its book.

    asked and granted are shares; price is the order's price; binding holds every limit that did
    not pass;
    switch: (limit set, switch) that blocked it, or None."""

    bar: int
    book: int
    symbol: int
    source: int
    rule: int
    side: int
    asked: float
    granted: float
    price: float
    outcome: int
    binding: tuple[LimitSaid, ...]
    switch: tuple[int, int] | None


class Fill(NamedTuple):
    """One execution. decided: the bar whose close decided the order (for levels: the bar itself).

    fee is commission; slip is slippage already inside price, in money; cut: shares that buying
    power
    or volume kept from filling on this bar."""

    bar: int
    decided: int
    book: int
    symbol: int
    entry: int
    source: int
    rule: int
    qty: float
    price: float
    fee: float
    slip: float
    cut: float


class Lapse(NamedTuple):
    """An order that ended with `qty` shares unfilled; reason DAY_OVER .. SPLIT_AWAY."""

    bar: int
    book: int
    symbol: int
    entry: int
    source: int
    rule: int
    qty: float
    reason: int


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Flat to flat of one position. planned_loss: the loss at the nearest stop when it opened, as
    positive money (nan without stop); pnl is after fees."""

    book: int
    symbol: int
    entry: int
    side: int
    first_bar: int
    last_bar: int
    qty: float
    entry_price: float
    exit_price: float
    pnl: float
    fees: float
    planned_loss: float
    closed: bool


@dataclass(frozen=True, slots=True)
class SwitchEvent:
    """A pause, flatten or halt entered or left at the close of `bar`."""

    bar: int
    limit_set: int
    switch: int
    entered: bool
    value: int


@dataclass(frozen=True, slots=True)
class RuleCount:
    """The funnel of one entry over one symbol: bars evaluated, undefined, true, and what came of
    it."""

    book: int
    symbol: int
    entry: int
    bars: int
    undefined: int
    fired: int
    sent: int
    clipped: int
    denied: int
    blocked: int
    ignored: int
    unsized: int
    zero: int
    filled: int
    expired: int


@dataclass(frozen=True, slots=True)
class Asking:
    """One limit set put to one order: the order's place in History.verdicts, the fields
    (engine.fields) that the set saw, and the value of each of its limits (a cap, or 0/1/2). asked:
    the answers to its asks, in their order."""

    verdict: int
    limit_set: int
    fields: tuple[float, ...]
    values: tuple[float, ...]
    asked: tuple[float, ...] = ()


@dataclass(frozen=True)
class History:
    """One finished account run. Per-bar sequences are as long as the tape (or shorter when ruined).

    book_equity[b] is each book's equity per bar. position_qty[b][k] the shares book b held of its
    k-th symbol after each close. paused[s][j] is 1.0 per bar while switch j of limit set s is in
    force. dividends: received, less those paid on short positions. askings: empty unless the run
    listened.
    """

    bars: int
    equity: Sequence[float]
    cash: Sequence[float]
    book_equity: Sequence[Sequence[float]]
    position_qty: Sequence[Sequence[Any]]
    gross: Sequence[float]
    interest: Sequence[float]
    fees: Sequence[float]
    borrow: Sequence[float]
    slippage: Sequence[float]
    dividends: Sequence[float]
    paused: Sequence[Sequence[Any]]
    verdicts: tuple[Verdict, ...]
    fills: tuple[Fill, ...]
    round_trips: tuple[RoundTrip, ...]
    switch_events: tuple[SwitchEvent, ...]
    counts: tuple[RuleCount, ...]
    ruined: bool
    notices: tuple[str, ...]
    lapses: tuple[Lapse, ...] = ()
    askings: tuple[Asking, ...] = ()
