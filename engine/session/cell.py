"""One finished cell: a strategy (or the portfolio) in one window, as facts (floor 9)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.base.frozen import dataclass
from engine.check.typed import CheckedScenario
from engine.records.account import History
from engine.records.desk import Desk
from engine.session.claims import Judged
from engine.session.figures import Floats
from engine.session.timeline import Timeline

NOTHING: Mapping[str, Any] = {}
PORTFOLIO = "portfolio"
"""The cell that holds every strategy in one account."""

Bars = NDArray[np.int64]
NO_BARS: Bars = np.empty(0, dtype=np.int64)
NO_SHARES: Floats = np.empty(0)


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a replay, both included; `crisis` names them, scenario is None for own
    windows."""

    crisis: str
    title: str
    first: int
    last: int
    scenario: CheckedScenario | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a rule's condition, and on how many of the bars looked at it was what."""

    text: str
    true: int
    false: int
    undefined: int


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """From bars to orders, for one entry on one symbol; `counts` in the order of FUNNEL_KEYS."""

    strategy: str
    entry: str
    symbol: str
    counts: Mapping[str, int]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One limit or switch: how often it fired, and the return with it minus the return without
    it."""

    name: str
    fired: int
    saved: float


@dataclass(frozen=True)
class Used:
    """The share used of one limit, 1 where it acts: at every close, or at each order put to it.

    bars: where each share belongs; shares: nan where one is not known. unmeasured: why there are
    none.
    """

    at: Literal["closes", "orders"]
    bars: Bars = NO_BARS
    shares: Floats = NO_SHARES
    unmeasured: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A switch entered or left at a close. value: the number in the condition that did it, where
    it is known; because: the text's own reason."""

    date: str
    limit: str
    kind: Literal["pause", "halt", "flatten"]
    entered: bool
    value: float | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Breach:
    """One time that a switch was entered: from the close at which its limit was passed to the one
    at which it acted, and the worst of it.

    bars, seconds: from one to the other (seconds of bars of minutes only). flat: when a flatten had
    closed what it covers. left: when it was over. value, bound: both sides of its comparison at the
    close that went furthest, overshoot: how much more than all of the limit was used there.
    """

    limit: str
    code: str
    severity: str
    group: str | None
    cause: Literal["condition", "unknown"]
    breached: str | None
    acted: str
    bars: int | None
    seconds: int | None
    flat: str | None
    left: str | None
    value: float | None
    bound: float | None
    worst_on: str | None
    overshoot: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned losses of one entry: its trades that have one, those that lost more, and the
    worst of these: how far beyond as a share of the plan and in money, when it was over, and how
    many bars after the first close beyond it."""

    strategy: str
    entry: str
    trades: int
    beyond: int
    overshoot: float | None
    money: float
    symbol: str | None
    acted: str | None
    bars: int | None


@dataclass(frozen=True, slots=True)
class DataFact:
    """What the bars of one symbol hold inside the window; first and last: None when it has none.

    opens: None for feeds and where no open was printed. returns: None for feeds and own data.
    """

    symbol: str
    role: Literal["traded", "feed"]
    returns: Literal["price", "total"] | None
    adjusted: bool
    bars: Literal["ohlcv", "ohlc", "close only", "mixed"]
    opens: Literal["real", "not real", "mixed"] | None
    volume: Literal["known", "unknown", "partly"]
    survivorship: str | None
    source: str | None
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Sensitivity:
    """Equity lines of the cell run again: every order a bar later, every cost doubled."""

    delayed: Sequence[float]
    doubled_costs: Sequence[float]


@dataclass(frozen=True)
class Ran:
    """What a cell that could be run came to: with limits, without, and merely held.

    bare: the equity line without limits, where there are any. last_day: of the first symbol's last
    bar. told: kind and reason of each limit, by its name;
    used: how much of it was, by the same.
    """

    desk: Desk
    history: History
    bare: Sequence[float] | None
    hold: Floats
    effects: tuple[Effect, ...]
    judged: tuple[Judged, ...]
    funnel: tuple[FunnelRow, ...]
    no_trade_reason: str | None
    last_day: int
    events: tuple[Event, ...] = ()
    data: tuple[DataFact, ...] = ()
    told: Mapping[str, tuple[str, str | None]] = NOTHING
    sensitivity: Sensitivity | None = None
    used: Mapping[str, Used] = NOTHING
    breaches: tuple[Breach, ...] = ()
    plans: tuple[Plan, ...] = ()


@dataclass(frozen=True)
class Cell:
    """status: `ran`, `partial` or `no-data`; `ran` is None without data. notices begin with the
    reason."""

    strategy: str
    title: str
    window: Window
    line: Timeline
    status: str
    notices: tuple[str, ...]
    start_equity: float
    params: Mapping[str, float] = NOTHING
    symbols: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    ran: Ran | None = None
