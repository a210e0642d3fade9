"""The cells of a `fields` list by name (floor 2).

The table is engine.fields.FIELDS; modules of one floor do not import each other, so the places are
written here once more and a test holds the two equal.
"""

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
) = range(28)
WIDTH = 28
