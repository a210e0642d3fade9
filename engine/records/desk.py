"""What one account run needs, as flat frozen rows: made by the session, run by the account loop
(floor 1).

Indices replace names: symbols, books, entries and outputs are numbered in the order given here.
`*_out` is an index into what the compiled function writes (see emit.layout); -1 means none.
"""

from collections.abc import Callable, Sequence
from typing import Any

from engine.base.dates import iso
from engine.base.frozen import dataclass

MARKET, LIMIT, STOP, STOP_LIMIT, TRAIL_RATIO, TRAIL_MONEY = range(6)
"""How a rule orders. TRAIL_*: a stop order that trails the close by a ratio or by money."""
DAY, GTC, IOC, OPG, CLS = range(5)
"""IOC, OPG: at its first bar's open or not at all, OPG only at a real one. CLS: at that close."""
STOP_LEVEL, TARGET_LEVEL, TRAIL_LEVEL = 0, 1, 2
DENY, CLIP, REDUCE = 0, 1, 2
PAUSE, FLATTEN, HALT = 0, 1, 2
DAILY, WEEKLY, MONTHLY = 0, 1, 2

# asks: what a limit set has counted, summed or looked up for it. Those up to LOST_MONEY are entered
# as events in a window; those from REPEATS on are about the order being judged
SENT, CANCELLED, FILLED, REFUSED_ORDERS, STOPPED, LOST_TRIPS, LOST_MONEY = range(7)
LOST_IN_A_ROW, TRIPS_CLOSED, TRIPS_MEAN, TRIPS_DEVIATION = range(7, 11)
GAINED, SETTLED, REPEATS, DUPLICATES, GROUP_EXPOSURE, WORST_SHARES = range(11, 17)
VALUE_AT_RISK, SHORTFALL, PARAMETRIC, CORRELATED, BETA, STRESS = range(17, 23)
MINUTES, MINUTES_TO_CLOSE, TIME_OF_DAY = range(23, 26)
AT_MARKET, WITH_STOP, RESTING, AT_AUCTION = range(26, 30)
LOOKS_BACK = (VALUE_AT_RISK, SHORTFALL, PARAMETRIC, CORRELATED, BETA)
"""Asks about the returns of the last bars."""
THIS_DAY, THIS_WEEK, THIS_MONTH = 0, 1, 2

Compiled = Callable[[Any, int, Any, int, Any, int, Any, int], None]
"""fn(row, r, fields, f, cells, c, out, o): reads row[r:], fields[f:], keeps cells[c:], writes
out[o:]."""


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """lot: smallest step of quantity. tick: smallest step of price, whole millionths, 0 for none.
    borrow_rate: yearly, nan when unknown."""

    symbol: str
    lot: float
    tick: float
    shortable: bool
    borrow_rate: float
    sector: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CostRow:
    """Costs per side. bps fields are ratios (0.0010 is 10 bps); spread is money per share, half
    paid per side.

    impact: coefficient of the square-root law (fills.cost.impact), 0 for none.
    participation: the largest share of a bar's volume that may fill (0: no cap). interest: pay it
    or not.
    """

    per_share: float = 0.0
    per_order: float = 0.0
    commission: float = 0.0
    slippage: float = 0.0
    spread: float = 0.0
    participation: float = 0.0
    interest: bool = True
    buying_power: float = 1.0
    impact: float = 0.0


@dataclass(frozen=True, slots=True)
class EntryRow:
    """side +1 buys, -1 sells short. kind MARKET .. TRAIL_MONEY; tif DAY .. CLS.

    price_out: the limit or stop, or how far a trailing order trails; limit_out: the second price of
    a stop-limit. adds: how often it may add to a position that is open. joins: the entry whose
    position it adds to, -1 for its own. spread: which spread of the book it is a leg of, -1 for
    none; leg: the place in the book of the symbol that leg trades."""

    name: str
    side: int
    when_out: int
    size_out: int
    size_in_money: bool
    kind: int
    price_out: int
    tif: int
    limit_out: int = -1
    adds: int = 0
    joins: int = -1
    spread: int = -1
    leg: int = 0


@dataclass(frozen=True, slots=True)
class ExitRow:
    """Closes the positions of these entries (indices)."""

    name: str
    entries: tuple[int, ...]
    when_out: int
    kind: int
    price_out: int
    tif: int
    limit_out: int = -1


@dataclass(frozen=True, slots=True)
class LevelRow:
    """stops_out: the level from signal row and entry price; rule_out: a trail's level at each
    close."""

    name: str
    kind: int
    entries: tuple[int, ...]
    stops_out: int
    rule_out: int


@dataclass(frozen=True)
class BookRow:
    """One strategy's book. rows[k] is the flat market-column table of its k-th symbol, bar-major,
    `row_width` cells a bar, aligned with the run's bars. fold_cells: the first so many cells of
    `cells_init` start afresh with each position. reads: the fields (engine.fields) that `rule`
    reads; None: any. drift: how far a position may be from its weight, as a share of equity, before
    a rebalance orders anything; below zero: it always does."""

    name: str
    capital: float
    symbols: tuple[int, ...]
    entries: tuple[EntryRow, ...]
    exits: tuple[ExitRow, ...]
    levels: tuple[LevelRow, ...]
    weight_out: int
    rebalance: int
    may_fire: int
    row_width: int
    out_width: int
    stops_width: int
    cells_init: tuple[float, ...]
    fold_cells: int
    rows: Sequence[Any]
    rule: Compiled
    stops: Compiled
    reads: frozenset[int] | None = None
    drift: float = -1.0
    desk: str = ""


@dataclass(frozen=True, slots=True)
class AskRow:
    """One asked field of a limit set: SENT .. AT_AUCTION, and its cell of `fields`. Its window is
    a period (THIS_DAY .. THIS_MONTH) or, with period -1, so many bars. group: for GROUP_EXPOSURE,
    what makes a group: sector, class, symbol, book or desk; for BETA, the benchmark. level: a
    confidence, or a least correlation. entries_only: no limit on `weight` orders reads it."""

    kind: int
    slot: int
    period: int = -1
    bars: int = 1
    group: str = ""
    level: float = 0.0
    entries_only: bool = False


@dataclass(frozen=True, slots=True)
class LimitRow:
    """entries_only: leaves `weight` orders alone. skip: na means skip instead of deny."""

    name: str
    action: int
    entries_only: bool
    skip: bool
    out: int
    severity: str = "warning"
    because: str = ""


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """A pause, flatten or halt. resume_after 0: not by time; resume_bars: bars at which a hand
    resumes it. restarts:
    when it resumes, the set's cells start afresh, and entering is judged on the fresh ones.
    """

    name: str
    kind: int
    enter_out: int
    resume_out: int
    resume_after: int
    by_hand: bool
    resume_bars: tuple[int, ...]
    restarts: bool = False
    severity: str = "warning"
    because: str = ""


@dataclass(frozen=True)
class LimitSetRow:
    """One `limits` block in force on one scope: book -1 is the firm (the whole account).

    group: what its scope is called, "" for the firm.
    books: instead, these books together (a desk). symbols: only these (an asset class or a symbol);
    empty: all. Exposure and gains are those of the scope; so is money, unless it has none of its
    own, because `symbols` says so.

    rows[k]: the market columns of the run's k-th symbol, for `decide`; clock_rows: the columns on
    the
    clock alone, for `rule`, which writes each switch's enter and resume (out_width cells). reads:
    the fields that `rule` reads; None: any.
    """

    name: str
    book: int
    limits: tuple[LimitRow, ...]
    switches: tuple[SwitchRow, ...]
    row_width: int
    out_width: int
    decide_width: int
    cells_init: tuple[float, ...]
    rows: Sequence[Any]
    clock_rows: Any
    rule: Compiled
    decide: Compiled
    reads: frozenset[int] | None = None
    books: tuple[int, ...] = ()
    symbols: tuple[int, ...] = ()
    group: str = ""
    asks: tuple[AskRow, ...] = ()


@dataclass(frozen=True)
class Tape:
    """The bars of a run: per symbol one flat float column each (nan where unknown), all `bars`
    long.

    days: session dates (days since 1970-01-01). present: 1.0 where the symbol has a real bar.
    at_close: 1.0 where fills and triggers happen at the close only (no real open, or close only).
    rebalance ends: week_end and month_end are 1.0 on the period's last scheduled session.
    cash_rate: yearly 3-month yield known at each bar, nan where none is published.
    impact: per symbol, how far one share would move the price on each bar (fills.cost.impact), nan
    where unknown; empty: trades move nothing.
    settles: the session at whose close the trades of each bar have settled, at most seven later; it
    may lie past the last. sessions: the number of each bar's session, from 0 (empty: each bar is
    one). closes: when each bar of minutes ends, in minutes since 1970-01-01 (empty: daily bars).
    actions: splits and dividends that the prices show, by bar: the bar, the symbol, new shares for
    each old one, money a new share.
    within: where a limit asks for the time of day, MINUTES .. TIME_OF_DAY of each bar of minutes.
    """

    days: Sequence[int]
    open: Sequence[Any]
    high: Sequence[Any]
    low: Sequence[Any]
    close: Sequence[Any]
    volume: Sequence[Any]
    present: Sequence[Any]
    at_close: Sequence[Any]
    week_end: Any
    month_end: Any
    cash_rate: Any
    settles: Sequence[int]
    sessions: Sequence[int] = ()
    closes: Sequence[int] = ()
    within: tuple[Sequence[float], ...] = ()
    impact: Sequence[Any] = ()
    actions: Sequence[tuple[int, int, float, float]] = ()

    def told(self, bar: int) -> str:
        """How a bar's close is written: its day and, of a bar of minutes, its time."""
        return f"{iso(self.days[bar])} {self.time(bar)}".rstrip()

    def time(self, bar: int) -> str:
        """When a bar of minutes ends, such as `10:35`; nothing for a daily bar."""
        if not self.closes:
            return ""
        hour, minute = divmod(self.closes[bar] % 1_440, 60)
        return f"{hour:02d}:{minute:02d}"


@dataclass(frozen=True, slots=True)
class ShockRow:
    """What each instrument of a run did in one shock, as a ratio, nan where that is not known; over
    so many bars, in a crisis that ended on this day."""

    bars: int
    ended: int
    moves: tuple[float, ...]


@dataclass(frozen=True)
class Desk:
    """Everything one account run needs. delay: bars that every order waits beyond the next one.
    before: per symbol its closes on the sessions before the run, where a limit asks for history.
    benchmarks: the closes of each symbol that a beta is asked to, those before the run first.
    shocks: where a limit asks for stress losses."""

    cash: float
    instruments: tuple[InstrumentRow, ...]
    costs: CostRow
    books: tuple[BookRow, ...]
    limit_sets: tuple[LimitSetRow, ...]
    tape: Tape
    delay: int = 0
    before: tuple[tuple[float, ...], ...] = ()
    benchmarks: tuple[tuple[str, tuple[float, ...]], ...] = ()
    shocks: tuple[ShockRow, ...] = ()
