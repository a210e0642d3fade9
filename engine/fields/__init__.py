"""The one table of what rules may read about positions, orders, accounts, markets and sessions
(floor 2).

Each row with a `slot` is a cell of the flat `fields` list that the account loop fills before it
calls a compiled rule; the checker, emitter, docs and tests read only this table.
"""

from engine.fields.asked import ASKED
from engine.fields.calendar import CALENDAR
from engine.fields.cells import CELLS
from engine.fields.live import LIVE
from engine.fields.spec import FieldSpec

SCENARIO: tuple[FieldSpec, ...] = (
    FieldSpec(
        "run.paused",
        "truth",
        "Whether a pause, halt or flatten is in force.",
        "never",
        ("scenario",),
        -1,
        arg="switch",
        alias=("paused",),
    ),
)
"""Answered from the finished run, bar by bar."""

FIELDS: tuple[FieldSpec, ...] = (*CELLS, *CALENDAR, *LIVE, *ASKED, *SCENARIO)

WIDTH = 28
"""Cells in a `fields` list."""


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
