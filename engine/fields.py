"""The one table of what rules may read about positions, orders, accounts, markets and sessions
(floor 2).

Each row with a `slot` is a cell of the flat `fields` list that the account loop fills before it
calls a compiled rule; the checker, emitter, docs and tests read only this table.
"""

from typing import Literal

from engine.base.frozen import dataclass

Scope = Literal["position", "account", "order", "market", "start"]
Where = Literal["strategy", "limits", "scenario"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field.

    unit: a name of base.units.UNITS or `truth`. where: the blocks that may read it. na: when it
    has no value.
    slot: its place in `fields`, or -1 when it has none: it is only a `lookup` for `is in LIST`, it
    is `live` or of the `calendar`, or it is declared and not run yet. live: an input of the system
    that trades; a replay has none, so a limit that reads one has no data there, and tests give it
    by hand. calendar: a market column that the session makes of the exchange's calendar, which is
    known on bars of minutes only where it is `intraday`. asked: it costs work, and the account loop
    answers it only for limits that read it. arg: what it takes in parentheses, if anything. alias:
    short spellings that mean the same (`equity`).
    """

    name: str
    unit: str
    title: str
    na: str
    where: tuple[Where, ...]
    slot: int
    arg: str | None = None
    alias: tuple[str, ...] = ()
    lookup: bool = False
    live: bool = False
    calendar: bool = False
    asked: bool = False
    intraday: bool = False


_S: tuple[Where, ...] = ("strategy",)
_L: tuple[Where, ...] = ("limits",)
_SL: tuple[Where, ...] = ("strategy", "limits")
_ALL: tuple[Where, ...] = ("strategy", "limits", "scenario")
_LC: tuple[Where, ...] = ("limits", "scenario")
_C: tuple[Where, ...] = ("scenario",)

_END = "at the calendar's end"


def _calendar(name: str, title: str, na: str = "never", unit: str = "ratio") -> FieldSpec:
    return FieldSpec(f"session.{name}", unit, title, na, _SL, -1, calendar=True)


def _live(name: str, title: str, unit: str = "ratio") -> FieldSpec:
    return FieldSpec(name, unit, title, "in replays", _L, -1, live=True)


def _asked(
    name: str,
    title: str,
    arg: str | None = None,
    alias: str = "",
    unit: str = "ratio",
    na: str = "never",
) -> FieldSpec:
    short = (alias,) if alias else ()
    return FieldSpec(name, unit, title, na, _L, -1, arg, short, asked=True)


def _intraday(name: str, title: str) -> FieldSpec:
    return FieldSpec(name, "ratio", title, "on daily bars", _SL, -1, calendar=True, intraday=True)


FIELDS: tuple[FieldSpec, ...] = (
    # position: in a strategy, the one entry's position; in limits, the order's strategy and symbol
    # in sum
    FieldSpec(
        "position.qty", "shares", "Shares held, negative when short; 0 when flat.", "never", _SL, 0
    ),
    FieldSpec(
        "position.entry_price", "price", "Average cost of the open position.", "while flat", _SL, 1
    ),
    FieldSpec(
        "position.last_entry_price", "price", "Price of the latest entry fill.", "while flat", _S, 2
    ),
    FieldSpec("position.age", "bars", "Closes since the entry filled.", "while flat", _S, 3),
    FieldSpec(
        "position.pnl",
        "money",
        "Open profit at the last close, before exit costs.",
        "while flat",
        _S,
        4,
    ),
    FieldSpec(
        "position.value",
        "money",
        "Shares held times the last close, negative when short.",
        "never",
        _SL,
        5,
    ),
    # account: in a strategy its book's, in limits the scope's, in scenarios the run's
    FieldSpec(
        "account.equity",
        "money",
        "Cash plus positions at the last close.",
        "never",
        _ALL,
        6,
        alias=("equity",),
    ),
    FieldSpec("account.cash", "money", "Settled cash.", "never", _ALL, 7, alias=("cash",)),
    FieldSpec(
        "account.start_equity",
        "money",
        "Equity when the session started.",
        "never",
        _ALL,
        8,
        alias=("start.equity",),
    ),
    FieldSpec(
        "account.peak",
        "money",
        "Highest equity at a close since the session started.",
        "never",
        _ALL,
        9,
    ),
    FieldSpec(
        "account.drawdown",
        "ratio",
        "Fall from the peak, positive: 0.2 is 20% below.",
        "never",
        _ALL,
        10,
        alias=("drawdown",),
    ),
    FieldSpec(
        "account.pnl_today",
        "money",
        "Equity now minus equity at the previous close (on the first bar: minus start equity).",
        "never",
        _ALL,
        11,
        alias=("pnl.today",),
    ),
    FieldSpec(
        "account.gross",
        "money",
        "Sum of absolute position values, open orders at worst case.",
        "never",
        _ALL,
        12,
        alias=("exposure.gross",),
    ),
    FieldSpec(
        "account.net",
        "money",
        "Sum of signed position values, open orders at worst case.",
        "never",
        _ALL,
        13,
        alias=("exposure.net",),
    ),
    FieldSpec(
        "account.positions",
        "ratio",
        "Count of open positions, working entries included.",
        "never",
        _ALL,
        14,
        alias=("positions.count",),
    ),
    FieldSpec(
        "account.return",
        "ratio",
        "Equity over start equity, minus one.",
        "never",
        _ALL,
        15,
        alias=("return",),
    ),
    # order: the order being judged
    FieldSpec("order.qty", "shares", "Shares of the order, positive.", "never", _L, 16),
    FieldSpec(
        "order.price",
        "price",
        "Limit or stop price; for a market order the last close.",
        "when there is no last close",
        _L,
        17,
    ),
    FieldSpec(
        "order.notional", "money", "order.qty times order.price.", "with order.price", _L, 18
    ),
    FieldSpec(
        "order.stop_distance",
        "price",
        "Distance from order.price to the nearest stop or trail.",
        "without stop or trail",
        _L,
        19,
    ),
    FieldSpec("order.is_long", "truth", "Whether the order buys.", "never", _L, 20),
    FieldSpec("order.is_short", "truth", "Whether the order sells short.", "never", _L, 21),
    FieldSpec(
        "order.symbol",
        "ratio",
        "The order's symbol; only for `is in LIST`.",
        "never",
        _L,
        -1,
        lookup=True,
    ),
    # market: the symbol's market at the decision
    FieldSpec(
        "market.last",
        "price",
        "The symbol's last completed close.",
        "before the first bar",
        _SL,
        22,
        alias=("last",),
    ),
    FieldSpec(
        "market.shortable", "truth", "Whether the instrument may be sold short.", "never", _SL, 23
    ),
    FieldSpec(
        "market.borrow_rate",
        "ratio",
        "Yearly cost of borrowing the shares.",
        "when unknown",
        _SL,
        24,
    ),
    FieldSpec(
        "market.date",
        "ratio",
        "The session's date; only for `is in LIST`.",
        "never",
        _SL,
        -1,
        lookup=True,
    ),
    FieldSpec(
        "market.symbol_value",
        "money",
        "All books' position in the order's symbol, worst case.",
        "never",
        _L,
        25,
    ),
    FieldSpec(
        "account.exposure_room", "money", "Buying power left, open orders counted.", "never", _L, 26
    ),
    FieldSpec(
        "account.bars", "bars", "Bars since the session started, the first is 0.", "never", _LC, 27
    ),
    _calendar("first_bar", "Whether this is the symbol's first bar of the session.", unit="truth"),
    _intraday("session.minutes", "Minutes from the open to this close."),
    _intraday("session.minutes_to_close", "Minutes from here to the planned close."),
    _intraday("market.time", "Time of day in New York, as minutes after midnight: `10:30`."),
    # live: what the system that trades knows of itself
    _live("system.heartbeat_age", "Seconds since the trading process last gave a sign of life."),
    _live("system.reconciled", "Whether positions and cash agree with the broker's.", "truth"),
    _live("system.api_budget", "Requests that the broker still takes in this minute."),
    _live("system.clock_skew", "Seconds between our clock and the exchange's, positive."),
    _live("system.killed", "Whether a person has pulled the kill switch.", "truth"),
    _live("system.warnings", "Warnings from before the open that nobody has acknowledged."),
    _live(
        "system.same_build",
        "Whether every server runs the same build, config and limits, by their hashes.",
        "truth",
    ),
    _live("system.limits_age", "Bars since the limits in force were last signed.", "bars"),
    _live("model.age", "Bars since the model was last trained.", "bars"),
    _live("model.drift", "How far the model's inputs have moved from those it was trained on."),
    _live("model.confidence", "The model's own probability of its signal, 0 to 1."),
    _live(
        "model.in_range", "Whether every feature lies within the range it was trained on.", "truth"
    ),
    _live("quote.age", "Seconds since the symbol's last quote."),
    _live("quote.spread", "Best offer minus best bid of the symbol.", "price"),
    _live("quote.halted", "Whether trading in the symbol is halted.", "truth"),
    # session: what the exchange's calendar says and knew beforehand; market columns without a slot
    _calendar("day_of_week", "Day of the week, Monday 1 to Friday 5."),
    _calendar("day_of_month", "Day of the month, 1 to 31."),
    _calendar("month", "Month, 1 to 12."),
    _calendar("year", "Year, such as 2020."),
    _calendar("nth_of_month", "Sessions of this month so far: 1 on its first."),
    _calendar("left_in_month", "Sessions still planned this month: 0 on its last."),
    _calendar("left_in_week", "Sessions still planned this week: 0 on its last."),
    _calendar("before_holiday", "Whether a holiday on a weekday follows.", unit="truth"),
    _calendar("after_holiday", "Whether a weekday without trading went before.", unit="truth"),
    _calendar("half_day", "Whether the session closes early.", unit="truth"),
    _calendar(
        "expiry_day",
        "Whether monthly options expire: the third Friday, or the session before if that is none.",
        unit="truth",
    ),
    _calendar("to_holiday", "Sessions from here to the next one before a holiday, 1 up.", _END),
    _calendar("to_half_day", "Sessions from here to the next half day, 1 up.", _END),
    _calendar("to_expiry", "Sessions from here to the next expiry day, 1 up.", _END),
    # declared now, run by later versions
    # asked: answered only for limits that read them, see fills.windows
    _asked("account.orders", "Orders sent in a window, exits too.", "window", "orders"),
    _asked("account.cancels", "Orders cancelled or expired in a window.", "window", "cancels"),
    _asked("account.fills", "Fills in a window; a part of an order is one.", "window", "fills"),
    _asked("account.denials", "Orders refused in a window.", "window", "denials"),
    _asked("account.stops_hit", "Stops and trails hit in a window.", "window", "stops_hit"),
    _asked(
        "account.losing_trips",
        "Round trips closed at a loss in a window.",
        "window",
        "losing_trips",
    ),
    _asked(
        "account.lost",
        "Money lost by round trips closed at a loss in a window, positive.",
        "window",
        "lost",
        unit="money",
    ),
    _asked("losses.consecutive", "Round trips closed at a loss, one after another."),
    _asked(
        "account.gain",
        "Equity less that at the start of the period; of a class or symbol, its own gains.",
        "period",
        "gain",
        unit="money",
    ),
    _asked(
        "order.repeats",
        "Orders that the same entry sent for the same symbol in a window.",
        "window",
        "repeats",
        na="when more than 256 orders fell into the window",
    ),
    _asked(
        "order.duplicates",
        "Orders of the same symbol, side, quantity and price in a window.",
        "window",
        "duplicates",
        na="when more than 256 orders fell into the window",
    ),
    _asked(
        "order.exposure",
        "Gross exposure of the order's sector, class, symbol, book or desk, open orders at"
        " worst case, within the limit's scope.",
        "group",
        "exposure",
        unit="money",
        na="when the order's group is not known",
    ),
    _asked(
        "order.correlated",
        "Gross exposure of the symbols whose returns moved with the order's symbol at least so"
        " much, itself too, within the limit's scope.",
        "level, length",
        "correlated",
        unit="money",
        na="when a history is too short",
    ),
    _asked(
        "risk.value",
        "Loss that the positions, open orders and the order judged would have passed only on the"
        " worst bars of the last ones: historical value at risk.",
        "level, length",
        "value_at_risk",
        unit="money",
        na="when a history is too short",
    ),
    _asked(
        "risk.shortfall",
        "Mean loss on those worst bars: historical expected shortfall.",
        "level, length",
        "expected_shortfall",
        unit="money",
        na="when a history is too short",
    ),
    _asked(
        "risk.parametric",
        "Value at risk of normal losses with the deviation of those bars and no drift.",
        "level, length",
        "parametric_var",
        unit="money",
        na="when a history is too short",
    ),
    _asked(
        "position.worst_qty",
        "Shares of the symbol held or ordered on the order's side, within the limit's scope.",
        unit="shares",
    ),
    # scenario only: answered from the finished run, bar by bar
    FieldSpec(
        "run.paused",
        "truth",
        "Whether a pause, halt or flatten is in force.",
        "never",
        _C,
        -1,
        arg="switch",
        alias=("paused",),
    ),
)

WIDTH = 28
"""Cells in a `fields` list."""


def runs(field: FieldSpec) -> bool:
    """Whether today's engine knows the field's value, or whom to ask for it."""
    is_made = field.live or field.calendar or field.asked
    return field.slot >= 0 or field.lookup or is_made or field.name == "run.paused"


BY_NAME = {name: f for f in FIELDS for name in (f.name, *f.alias)}

(
    POSITION_QTY,
    POSITION_ENTRY_PRICE,
    POSITION_LAST_ENTRY_PRICE,
    POSITION_AGE,
    POSITION_PNL,
    POSITION_VALUE,
    ACCOUNT_EQUITY,
    ACCOUNT_CASH,
    ACCOUNT_START_EQUITY,
    ACCOUNT_PEAK,
    ACCOUNT_DRAWDOWN,
    ACCOUNT_PNL_TODAY,
    ACCOUNT_GROSS,
    ACCOUNT_NET,
    ACCOUNT_POSITIONS,
    ACCOUNT_RETURN,
    ORDER_QTY,
    ORDER_PRICE,
    ORDER_NOTIONAL,
    ORDER_STOP_DISTANCE,
    ORDER_IS_LONG,
    ORDER_IS_SHORT,
    MARKET_LAST,
    MARKET_SHORTABLE,
    MARKET_BORROW_RATE,
    MARKET_SYMBOL_VALUE,
    ACCOUNT_EXPOSURE_ROOM,
    ACCOUNT_BARS,
) = range(WIDTH)
