"""Where each number of an account run lies (floor 2): the one map that every kernel reads.

A run is two flat sequences: `n`, whole numbers that never change (counts, links, rule rows), and
`s`, floats that do (money, positions, orders, levels, cells, events). A record is named by the
index of its first cell, so `n[key + KEY_SYMBOL]` reads a link and `s[state + QTY]` a number. Two
arrays keep numba's compile time and calls small; kernels write `at.NAME` for every place.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

Ints = list[int]
Floats = list[float]


class Run(NamedTuple):
    """One account run: whole numbers, floats, the tape, market rows and compiled functions."""

    n: Ints
    s: Floats
    tape: Floats
    rows: list[Floats]
    calls: list[Callable[[Any, int, Any, int, Any, int, Any, int], None]]


NAN = float("nan")

# n, header
(
    BARS,
    CLOCK,
    SYMBOLS,
    SYMBOL_COUNT,
    BOOKS,
    BOOK_COUNT,
    SEATS,
    SEAT_COUNT,
    SETS,
    SET_COUNT,
    SWITCH_COUNT,
    ACCOUNT,
    COSTS,
    BOOK_FIELDS,
    LIMIT_FIELDS,
    LEVEL_FIELDS,
    OUT_RULE,
    OUT_STOPS,
    OUT_DECIDE,
    OUT_SET,
    OUT_FRESH,
    SPARE,
    TRACE,
    TRACE_WIDTH,
    TRACE_SEATS,
    TRACE_PAUSED,
    DELAY,
    LISTENS,
    GROUPS,
    GROUP_COUNT,
    ASKS,
    ASK_COUNT,
    ORDER_LOG,
    HISTORY,
    HISTORY_LEAD,
    HAS_TRAILS,
    HAS_CLOSERS,
    HAS_PERIODS,
    HAS_EVENTS,
    IMPACT,
    ACTIONS,
    ACTION_COUNT,
    WITHIN,
    BUFFERS,
) = range(44)

# event buffers: base, room and width of each in n from BUFFERS; their counts come first in s
# (ASKINGS, kept when LISTENS: an order, a limit set, the fields it saw, then its limits' values)
VERDICTS, SAIDS, FILLS, TRIPS, SWITCHINGS, LAPSES, ASKINGS = range(7)
BUFFER_COUNT = 7
BUFFER_WIDTH = 3
WIDTHS = (12, 5, 12, 13, 5, 8)
HEADER = BUFFERS + BUFFER_COUNT * BUFFER_WIDTH

# s, header: event counts, then what is busy, then what the notices count (MEASURED: 0 when
# exposure was last measured with nothing open or working, and nothing was placed since; CLEARED:
# one more than the verdicts there were when the limits' fields were last cleared of an order;
# FLATTENS: whether any book is being flattened; DUE_UNTIL: the last session on which trades
# settle;
# ENTRIES: how many entry orders work; UNUSED: a cell for sums that nobody reads;
# TODAY: the bar that is being run, PERIODS: the first bars of its day, week and month, where asked)
BUSY_SEATS, UNRATED, UNBORROWED, UNCAPPED, RUINED, MEASURED = range(7, 13)
CLEARED, FLATTENS, DUE_UNTIL, ENTRIES, UNUSED, TODAY, PERIODS = range(13, 20)
ACTED = 22  # how many corporate actions have been booked; PERIODS takes three cells
STATE_HEADER = 23

# tape: per symbol, bar-major
OPEN, HIGH, LOW, CLOSE, VOLUME, PRESENT, AT_CLOSE = range(7)
BAR_WIDTH = 7
# tape from HISTORY on, where asked: each symbol's returns, then each benchmark's, HISTORY_LEAD of
# them before the run
# tape from CLOCK on, bar-major
DAY, WEEK_END, MONTH_END, CASH_RATE, SETTLES, SESSION, ENDS = range(7)
CLOCK_WIDTH = 7
# tape from IMPACT on (0: there is none), symbol by symbol: the impact of one share on each bar
# tape from ACTIONS on, by bar: splits and dividends (RATIO: new shares for one, 1 without a split)
ACTION_BAR, ACTION_SYMBOL, RATIO, DIVIDEND = range(4)
ACTION_WIDTH = 4
# tape from WITHIN on (0: nobody asks), bar-major: minutes since the open, to the close, of the day
WITHIN_WIDTH = 3

# s, costs
PER_SHARE, PER_ORDER, COMMISSION, SLIPPAGE, SPREAD, PARTICIPATION, PAYS_INTEREST, POWER = range(8)

# n, one symbol
SYMBOL_TAPE, SYMBOL_STATE, SYMBOL_NUMBER = range(3)
SYMBOL_WIDTH = 3
# s, one symbol (VALUE: all books' positions and working entries, as positive money; TICKS: the tick
# in millionths)
HERE, LAST, TICKS, VALUE, USED, LOT, SHORTABLE, BORROW_RATE = range(8)
SYMBOL_CELLS = 8

# n, one book
(
    BOOK_SCOPE,
    BOOK_NUMBER,
    BOOK_SEATS,
    BOOK_SEAT_COUNT,
    BOOK_KEY_COUNT,
    BOOK_ENTRIES,
    BOOK_ENTRY_COUNT,
    BOOK_EXITS,
    BOOK_EXIT_COUNT,
    BOOK_LEVELS,
    BOOK_LEVEL_COUNT,
    BOOK_WEIGHT,
    BOOK_REBALANCE,
    BOOK_MAY_FIRE,
    BOOK_ROW_WIDTH,
    BOOK_CELL_COUNT,
    BOOK_FOLD_CELLS,
    BOOK_INIT,
    BOOK_RULE,
    BOOK_STOPS,
    BOOK_READS,
    BOOK_DRIFT,
    BOOK_ADDS,
    BOOK_SPREADS,
) = range(24)
BOOK_WIDTH = 24
# BOOK_ADDS: whether any entry adds to a position that is open. BOOK_SPREADS: whether it trades
# spreads, and nothing else
# BOOK_MAY_FIRE where no column says whether an entry could fire
RUNS_ALWAYS, NEVER_FIRES = -1, -2
# BOOK_READS, SET_READS: which fields a rule reads: none, what facts.write_money writes, others too
READS_NOTHING, READS_MONEY, READS_OTHERS = range(3)

# s, one scope: a book or the whole account; the account of one book is that book's scope. Only
# books know what has settled: UNSETTLED is the cash of trades that have not, DUE a ring of it by
# the bar at which it settles; PROCEEDS is what open short sales brought in
(
    CASH,
    EQUITY,
    BEFORE,
    START,
    PEAK,
    DRAWDOWN,
    GROSS,
    NET,
    POSITIONS,
    BUYS,
    SELLS,
    FIRED,
    UNSETTLED,
    PROCEEDS,
    DUE,
) = range(15)
DUE_CELLS = 8
SCOPE_CELLS = DUE + DUE_CELLS

# n, one seat: a symbol in a book
SEAT_BOOK, SEAT_SYMBOL, SEAT_KEYS, SEAT_KEY_COUNT, SEAT_ROWS, SEAT_STATE, SEAT_NUMBER = range(7)
SEAT_WIDTH = 7
# s, one seat: open positions plus working orders; the switch that weighs most on it (BLOCK_KIND -1:
# none) and whether one flattens it; what its fills brought in less what they cost
BUSY, BLOCK_KIND, BLOCK_SET, BLOCK_SWITCH, FLATTENING, FLOW = range(6)
SEAT_CELLS = 6

# n, one group: seats that a limit set judges beside those of a book or of the account (COVERS:
# index in n of one 0/1 cell per seat; HAS_MONEY: whole books, whose cash is the group's)
GROUP_SCOPE, GROUP_COVERS, GROUP_HAS_MONEY = range(3)
GROUP_WIDTH = 3

# n, one key: an entry of a seat (ENTRY -1: the `weight` position). HOST is the key whose position
# its entry adds to: itself, but for an entry that joins another's; then its own stays flat.
(
    KEY_SEAT,
    KEY_BOOK,
    KEY_SYMBOL,
    KEY_ENTRY,
    KEY_NUMBER,
    KEY_STATE,
    KEY_ORDERS,
    KEY_ORDER_COUNT,
    KEY_LEVELS,
    KEY_CELLS,
    KEY_TALLY,
    KEY_HOST,
) = range(12)
KEY_WIDTH = 12
# s, one key's position (PATH_BAR: the bar whose path opened it, else -1), then how often its entry
# added to the host's position and what its rule wants (TRIGGER: what sets the order off; TRAIL: how
# far it trails)
(
    QTY,
    COST,
    LAST_ENTRY,
    AGE,
    FIRST_BAR,
    PATH_BAR,
    IN_QTY,
    IN_MONEY,
    OUT_QTY,
    OUT_MONEY,
    TRIP_FEES,
    DISTANCE,
    ADDED,
    WANTS,
    WANT_SIZE,
    WANT_PRICE,
    WANT_TRIGGER,
    WANT_TRAIL,
) = range(18)
POSITION_CELLS = 18
# s, one key's tally
(
    T_UNDEFINED,
    T_FIRED,
    T_SENT,
    T_CLIPPED,
    T_DENIED,
    T_BLOCKED,
    T_IGNORED,
    T_UNSIZED,
    T_ZERO,
    T_FILLED,
    T_EXPIRED,
) = range(11)
TALLY_CELLS = 11

# s, one order (EARLIEST: the first bar on which it may fill; PRICE: its limit or stop, for a
# stop-limit its limit; TRIGGER: what sets it off; TRAIL_BY_RATIO, TRAIL_BY: how far it trails);
# slots of a key: its entry, a forced exit (flatten, reversal, weight, a stop's rest), its exits
(
    WORKING,
    SOURCE,
    RULE,
    SIDE,
    KIND,
    TIF,
    LEFT,
    PRICE,
    BOUND,
    DECIDED,
    EARLIEST,
    HAS_FILLED,
    TRIGGER,
    TRAIL_BY_RATIO,
    TRAIL_BY,
    IS_ADD,
) = range(16)
ORDER_CELLS = 16
# how an order works: MARKET, LIMIT, STOP, STOP_LIMIT of records.desk, or at the close alone
ON_CLOSE = 6
ENTRY_SLOT, FORCED_SLOT, EXIT_SLOTS = 0, 1, 2

# n, rule rows (COVERS: index in n of one 0/1 cell per key of a seat)
(
    ENTRY_SIDE,
    ENTRY_WHEN,
    ENTRY_SIZE,
    ENTRY_IN_MONEY,
    ENTRY_KIND,
    ENTRY_PRICE,
    ENTRY_TIF,
    ENTRY_LIMIT,
    ENTRY_ADDS,
    ENTRY_SPREAD,
    ENTRY_SEAT,
) = range(11)
ENTRY_WIDTH = 11
EXIT_WHEN, EXIT_KIND, EXIT_PRICE, EXIT_TIF, EXIT_LIMIT, EXIT_COVERS = range(6)
EXIT_WIDTH = 6
LEVEL_KIND, LEVEL_STOPS, LEVEL_RULE, LEVEL_COVERS = range(4)
LEVEL_WIDTH = 4

# n, one limit set (SET_COVERS: index in n of one 0/1 cell per seat; SET_SCOPE: whose exposure and
# gains it sees; SET_MONEY: whose cash and equity; SET_RULE_ASKS: how many of its asks its switches
# read, the first ones; SET_ENTRIES_ONLY: 1 when none of its limits is on `weight` orders)
(
    SET_NUMBER,
    SET_COVERS,
    SET_SCOPE,
    SET_MONEY,
    SET_LIMITS,
    SET_LIMIT_COUNT,
    SET_SWITCHES,
    SET_SWITCH_COUNT,
    SET_ROW_WIDTH,
    SET_CELLS,
    SET_CELL_COUNT,
    SET_INIT,
    SET_ROWS,
    SET_CLOCK,
    SET_RULE,
    SET_DECIDE,
    SET_READS,
    SET_ASKS,
    SET_ASK_COUNT,
    SET_RULE_ASKS,
    SET_ENTRIES_ONLY,
) = range(21)
SET_WIDTH = 21

# n, one ask: a field that a limit set reads and that costs work (see fills.windows; ASK_PERIOD -1:
# a window of ASK_BARS bars, ASK_SPAN of them to a bucket; ASK_IDS: each seat's group, -1 unknown;
# of a beta, the place of its benchmark behind the symbols; of stress losses ASK_BUCKETS counts
# shocks)
(
    ASK_SET,
    ASK_KIND,
    ASK_SLOT,
    ASK_PERIOD,
    ASK_BARS,
    ASK_SPAN,
    ASK_BUCKETS,
    ASK_STATE,
    ASK_IDS,
    ASK_ENTRIES_ONLY,
) = range(10)
ASK_WIDTH = 10
ASK_CELLS = 3
"""Cells that an ask without a window keeps, at most."""
BUCKETS = 64
"""Buckets of a window of bars, at most."""
# s, the order log (n: ORDER_LOG, -1 without one): how many were logged, then the last of them, each
# bar, key, side, quantity, price
LOGGED = 256
LOGGED_CELLS = 5
LIMIT_ACTION, LIMIT_ENTRIES_ONLY, LIMIT_SKIP, LIMIT_OUT, LIMIT_NUMBER = range(5)
LIMIT_WIDTH = 5
(
    SWITCH_KIND,
    SWITCH_ENTER,
    SWITCH_RESUME,
    SWITCH_AFTER,
    SWITCH_HANDS,
    SWITCH_HAND_COUNT,
    SWITCH_STATE,
    SWITCH_NUMBER,
    SWITCH_TRACE,
    SWITCH_RESTARTS,
) = range(10)
SWITCH_WIDTH = 10
# s, one switch: how it is on (0 off, 1 on, 2 on because its condition is unknown), since which bar
ON, SINCE = range(2)
SWITCH_CELLS = 2

# trace: one record a bar, then each book's equity, each seat's shares, each switch
TR_EQUITY, TR_CASH, TR_GROSS, TR_INTEREST, TR_FEES, TR_BORROW, TR_SLIP = range(7)
TR_DIVIDENDS, TR_BOOKS = 7, 8
