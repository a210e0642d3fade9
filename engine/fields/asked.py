"""Fields that cost work (floor 2): counted, summed and looked up only for limits that read them,
see fills.windows and fills.risk."""

from engine.fields.spec import LIMITS, FieldSpec


def _asked(
    name: str,
    title: str,
    arg: str | None = None,
    alias: str = "",
    unit: str = "ratio",
    na: str = "never",
) -> FieldSpec:
    short = (alias,) if alias else ()
    return FieldSpec(name, unit, title, na, LIMITS, -1, arg, short, asked=True)


ASKED: tuple[FieldSpec, ...] = (
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
    _asked("trips.closed", "Round trips closed within the limit's scope."),
    _asked(
        "trips.mean",
        "Mean return of those round trips: gain after fees over what the position cost.",
        na="until one is closed",
    ),
    _asked(
        "trips.deviation",
        "Standard deviation of those returns, of the population.",
        na="until two are closed",
    ),
    _asked(
        "account.gain",
        "Equity less that at the start of the period; of a class or symbol, its own gains.",
        "period",
        "gain",
        unit="money",
    ),
    _asked(
        "account.settled_cash",
        "Cash of trades that have settled by this close, without what open short sales brought in.",
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
        "risk.beta",
        "Positions, open orders and the order judged, each times its beta to the symbol over the"
        " last bars, in sum: what of the symbol would move as they do.",
        "symbol, length",
        "beta_exposure",
        unit="money",
        na="when a history is too short, or the symbol did not move",
    ),
    _asked(
        "risk.stress",
        "Loss of positions, open orders and the order judged in the worst 1, 5 or 20 sessions of"
        " the shipped crises that had ended by then.",
        "length",
        "stress_loss",
        unit="money",
        na="before the end of the first crisis, or when a symbol's move is not known",
    ),
    _asked(
        "order.is_market",
        "Whether the order has no price of its own, neither limit nor stop.",
        unit="truth",
    ),
    _asked("order.is_stop", "Whether a stop or a trailing stop sets it off.", unit="truth"),
    _asked("order.rests", "Whether it works beyond its day (`for gtc`).", unit="truth"),
    _asked(
        "order.at_auction",
        "Whether it is for one open or close alone (`for opg`, `for cls`).",
        unit="truth",
    ),
    _asked(
        "position.worst_qty",
        "Shares of the symbol held or ordered on the order's side, within the limit's scope.",
        unit="shares",
    ),
)
