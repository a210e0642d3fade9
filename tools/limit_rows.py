"""What a trading desk's checklist of limits asks, row by row, and which shipped limits answer it.

The page docs/limits.md is made of this table and of rules/limits/*.rule. Whether a row is enforced
now or with simulated inputs is read off the limits themselves; what is missing is said here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row. limits: `block.name` of shipped rows. engine: what the engine does without a limit.
    missing: what of the row cannot be said yet; a row without limits and engine is declared only.
    """

    group: str
    asks: str
    limits: tuple[str, ...] = ()
    engine: str = ""
    missing: str = ""


def _of(block: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{block}.{name}" for name in names)


ROWS: tuple[Row, ...] = (
    Row("order", "price near the last, the previous close and the quote",
        _of("orders", "collar", "day_collar", "wide_quote"),
        engine="an entry at market does not fill more than 10% beyond the last close"),
    Row("order", "size as a share of usual and of today's volume",
        _of("orders", "adv_cap", "participation")),
    Row("order", "largest quantity, largest and smallest amount, lot and tick",
        _of("orders", "max_quantity", "max_notional", "min_notional"),
        engine="quantities are rounded down to the lot, prices to the tick away from the market"),
    Row("order", "allowed order types, times in force and sessions",
        _of("order_types", "large_at_market", "no_stops", "no_resting", "auctions"),
        missing="there are no sessions before the open or after the close here"),
    Row("order", "a stop on every entry, on its right side, not too near; loss per trade",
        _of("orders", "stop_needed", "stop_not_touching", "max_loss"),
        engine="a stop on the wrong side is refused when the file is checked"),
    Row("order", "age of quotes, bars and limits; spread; sanity of the data",
        _of("orders", "fresh_quote", "sane_bar", "sane_quote", "fresh_limits")),
    Row("order", "duplicates, orders that meet our own",
        _of("positions", "no_crossing") + _of("rates", "duplicates"),
        engine="an entry that fires while its order works or its position is open is ignored"),
    Row("order", "children never exceed the parent; a replacement is judged like a new order",
        engine="fills add up to no more than was granted; a rebalance cancels before it asks anew"),
    Row("rate", "orders and cancels in a window, order-to-fill ratio, one signal fired repeatedly",
        _of("rates", "orders_per_minute", "orders_per_week", "cancels", "order_to_fill", "refused",
            "repeats")),
    Row("rate", "requests left of the broker's budget, with a reserve for cancels",
        _of("system_state", "api_budget")),
    Row("position", "long, short, net and gross per symbol and in all; count of positions",
        _of("positions", "symbol_cap", "long_cap", "short_cap", "gross_cap", "net_cap",
            "net_short_cap", "count_cap")),
    Row("position", "concentration by strategy, desk and class; special names; reduce-only",
        _of("positions", "strategy_cap", "desk_cap", "etf_cap", "no_leveraged", "no_pennies",
            "closing_only") + _of("tail", "cluster", "beta_cap"),
        missing="sectors and issuers of own data"),
    Row("position", "days to liquidate, exposure over the weekend",
        _of("positions", "days_to_leave", "weekend") + _of("events", "earnings_eve"),
        missing="open interest; holding time is an exit of the strategy"),
    Row("position", "short sales: shortable, borrow cost, room at 103%",
        _of("positions", "shortable", "borrow_cost", "short_room")),
    Row("account", "buying power with open orders, leverage, margin cushion, cash kept back",
        _of("account_limits", "buying_power", "leverage", "net_leverage", "cash_reserve",
            "lock_out", "margin_cushion")),
    Row("account", "intraday margin deficit; day trades; cash that has not settled",
        _of("account_limits", "margin_deficit", "settled"),
        missing="counting day trades"),
    Row("loss", "losses by day, from the start, from the peak; by strategy and symbol; profit lock",
        _of("losses", "day_loss", "from_start", "from_peak", "giving_back", "strategy_stop",
            "symbol_stop", "profit_lock", "week_loss", "month_loss", "losing_streak")),
    Row("loss", "cooling down after a loss; a halt that needs a person",
        _of("losses", "cool_down", "stop_cluster", "from_peak")),
    Row("risk", "value at risk, shortfall, stress losses, volatility, what cannot be sold",
        _of("risk", "crash", "bear", "gap", "volatility", "calm_enough", "illiquid_loss")
        + _of("tail", "var", "shortfall", "normal_var", "stress_day", "stress_month")),
    Row("risk", "options, futures and crypto",
        missing="no such instruments can be traded here yet"),
    Row("market", "VIX, trading halts, regime",
        _of("market_state", "vix_pause", "halted", "regime") + _of("live_market", "vix_filter")),
    Row("market", "open and close buffers, half days, holidays, blackouts; lists of names",
        _of("market_state", "half_day", "before_holiday", "fed_blackout", "restricted_list",
            "hard_borrow")
        + _of("intraday", "opening", "closing", "lunch")
        + _of("events", "rate_decision", "price_index", "earnings_eve", "large_before_rates"),
        missing="no calendar of events ships: the files are your own"),
    Row("system", "heartbeat, books that agree with the broker's, clock",
        _of("system_state", "heartbeat", "reconciled", "clock_skew"),
        missing="cancelling from outside when the process is gone"),
    Row("system", "kill switch by strategy and account; exits and cancels always pass",
        _of("system_state", "kill_switch", "kill_strategy"),
        engine="exits are never put to limits; a halt cancels entries and lets exits work"),
    Row("system", "models: age, drift, confidence, range of inputs",
        _of("system_state", "model_age", "model_drift", "model_confidence", "model_range")),
    Row("system", "deployment: one build, signed limits, nobody raises a limit alone",
        _of("system_state", "same_build", "signed_limits"),
        engine="`seawall limits` prints a hash to sign; `--since` tells what was loosened"),
    Row("system", "unread warnings before the open block the open",
        _of("system_state", "open_warnings")),
    Row("post", "fills against the broker's own record, slippage against the model, attestation",
        missing="needs live fills; `system.reconciled` takes the result"),
)  # fmt: skip


@dataclass(frozen=True)
class Control:
    """One control of a rule book, and what answers it."""

    source: str
    asks: str
    limits: tuple[str, ...] = ()
    engine: str = ""


CONTROLS: tuple[Control, ...] = (
    Control("15c3-5(c)(1)(i)", "credit and capital thresholds, in all and per customer",
            _of("account_limits", "buying_power", "leverage", "cash_reserve")
            + _of("positions", "gross_cap", "strategy_cap")),
    Control("15c3-5(c)(1)(ii)", "erroneous orders by price or size",
            _of("orders", "collar", "day_collar", "max_quantity", "max_notional", "adv_cap")),
    Control("15c3-5(c)(1)(ii)", "duplicative orders",
            _of("rates", "duplicates", "repeats") + _of("positions", "no_crossing")),
    Control("15c3-5(c)(2)(i)", "regulatory requirements before entry: short sales, halts",
            _of("positions", "shortable", "borrow_cost") + _of("market_state", "halted")),
    Control("15c3-5(c)(2)(ii)", "securities that may not be traded",
            _of("market_state", "restricted_list", "hard_borrow")),
    Control("15c3-5(c)(2)(iii)", "access by authorised persons only", (),
            "outside seawall: who may run a session"),
    Control("15c3-5(c)(2)(iv)", "post-trade reports to surveillance", (),
            "`verdicts.jsonl` holds every order with what each limit said"),
    Control("15c3-5(d)", "controls under the firm's own direct control", (),
            "one route: every order of replay, paper and live goes through `decide`"),
    Control("15c3-5(e)", "yearly review and certification",
            _of("orders", "fresh_limits") + _of("system_state", "signed_limits"),
            "the sheet of `seawall limits` and its hash"),
    Control("FIA 2024", "maximum order size and notional",
            _of("orders", "max_quantity", "max_notional")),
    Control("FIA 2024", "price tolerance", _of("orders", "collar", "day_collar")),
    Control("FIA 2024", "maximum intraday position, open orders counted",
            _of("positions", "symbol_cap", "gross_cap", "net_cap")),
    Control("FIA 2024", "market data reasonability",
            _of("orders", "sane_bar", "sane_quote", "fresh_quote")),
    Control("FIA 2024", "message and execution throttles",
            _of("rates", "orders_per_minute", "orders_per_week", "cancels", "order_to_fill")
            + _of("system_state", "api_budget")),
    Control("FIA 2024", "repeated automated execution",
            _of("rates", "repeats", "refused")),
    Control("FIA 2024", "kill switch", _of("system_state", "kill_switch", "kill_strategy")),
    Control("FIA 2024", "cancel on disconnect", _of("system_state", "heartbeat")),
    Control("FIA 2024", "drop-copy reconciliation", _of("system_state", "reconciled")),
)  # fmt: skip
