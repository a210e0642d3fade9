"""The rows of summary.json as typed dictionaries (floor 10): written by the session."""

from collections.abc import Iterable, Mapping
from typing import TypedDict, cast

from engine.report.glyphs import harmless

PORTFOLIO = "portfolio"
"""The name of the run that holds every strategy in one account."""


class Ratios(TypedDict):
    """Risk and reward from daily returns; None where one is not defined."""

    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    var_95: float | None
    es_95: float | None
    annual_return: float | None


Compared = TypedDict(
    "Compared", {"return": float | None, "max_drawdown": float | None, "ratios": Ratios}
)
"""The same window without limits, or merely held."""

WorstDay = TypedDict("WorstDay", {"date": str, "return": float, "buy_and_hold": float | None})
"""A day of a deep loss, and what the held line did on it."""

_Return = TypedDict("_Return", {"return": float | None}, total=False)


Outcome = TypedDict(
    "Outcome",
    {"return": float | None, "max_drawdown": float | None, "final_equity": float | None},
)


class Sensitivity(TypedDict):
    """The cell run again: every order a bar later, every cost doubled."""

    delayed: Outcome | None
    doubled_costs: Outcome | None


class LimitRow(TypedDict):
    """saved: how much worse the run is without this one limit, as a ratio; negative: it cost.
    most_used: the largest share of it that was used, 1 where it acts; unmeasured: why there is
    none."""

    name: str
    kind: str
    because: str | None
    fired: int
    saved: float | None
    most_used: float | None
    most_used_on: str | None
    unmeasured: str | None


class Event(TypedDict):
    """A switch entered or left at a close; value: the number in its condition, where known."""

    date: str
    limit: str
    kind: str
    entered: bool
    value: float | None
    because: str | None


class Breach(TypedDict):
    """One time that a switch was entered: how long it took to act, and how far beyond it went."""

    limit: str
    code: str
    severity: str
    group: str | None
    cause: str
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


class Plan(TypedDict):
    """How the planned losses of one entry were kept; overshoot, money and the rest: the worst."""

    strategy: str
    entry: str
    trades: int
    beyond: int
    overshoot: float | None
    money: float
    symbol: str | None
    acted: str | None
    bars: int | None


class DataFact(TypedDict):
    """What the bars of one symbol hold inside the window."""

    symbol: str
    role: str
    returns: str | None
    adjusted: bool
    bars: str
    opens: str | None
    volume: str
    survivorship: str | None
    source: str | None
    first: str | None
    last: str | None


class Expectation(TypedDict):
    """holds is None when the window ended before the claim could be decided."""

    text: str
    holds: bool | None
    detail: str


class Condition(TypedDict):
    """A piece of a rule's `when`, with the bars on which it was what; they sum to the funnel's."""

    text: str
    true: int
    false: int
    undefined: int


class Funnel(TypedDict, total=False):
    """From bars to orders, for one entry."""

    strategy: str
    entry: str
    symbol: str
    bars: int
    undefined: int
    conditions: list[Condition]
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


class Cell(_Return, total=False):
    """One strategy in one crisis; status is `ran`, `partial` or `no-data`, with the first notice
    saying why."""

    strategy: str
    title: str
    crisis: str
    crisis_title: str
    status: str
    start: str
    end: str
    bars: int
    symbols: list[str]
    max_drawdown: float | None
    trades: int
    orders: int
    denied: int
    clipped: int
    skipped: int
    waived: list[str]
    paused_bars: int
    halts: int
    fees: float
    no_trade_reason: str | None
    worst_overshoot: float | None
    start_equity: float
    interest: float
    ruined: bool
    notices: list[str]
    limits: list[LimitRow]
    expectations: list[Expectation]
    funnel: list[Funnel]
    without_limits: Compared | None
    buy_and_hold: Compared | None
    ratios: Ratios
    worst_days: list[WorstDay]
    events: list[Event]
    breaches: list[Breach]
    plans: list[Plan]
    data: list[DataFact]
    sensitivity: Sensitivity


def cells_of(summary: Mapping[str, object]) -> list[Cell]:
    """Every run of a summary, its texts without control characters."""
    return harmless(cast(list[Cell], summary["runs"]))


def strategies(cells: Iterable[Cell]) -> list[str]:
    """Strategy names in the order they ran, the portfolio last."""
    names = list(dict.fromkeys(c["strategy"] for c in cells))
    return sorted(names, key=lambda n: n == PORTFOLIO)


def crises(cells: Iterable[Cell]) -> list[str]:
    """Crisis names in time order (by first start; those without data keep their place by name)."""
    starts: dict[str, str] = {}
    for cell in cells:
        start = cell.get("start") or cell["crisis"]
        starts[cell["crisis"]] = min(start, starts.get(cell["crisis"], start))
    return sorted(starts, key=lambda c: (starts[c], c))


def has_numbers(cell: Cell) -> bool:
    """Whether the cell was run at all."""
    return cell["status"] != "no-data" and cell.get("max_drawdown") is not None


def failed(cell: Cell) -> list[Expectation]:
    """The expectations that do not hold; undecided ones are none of them."""
    return [e for e in cell.get("expectations", []) if e["holds"] is False]


def held(cells: Iterable[Cell]) -> Cell | None:
    """The run whose buy-and-hold stands for a crisis: the portfolio's, which holds every symbol,
    else the first that has one."""
    found = [c for c in cells if c.get("buy_and_hold")]
    return next((c for c in found if c["strategy"] == PORTFOLIO), found[0] if found else None)


def reason(cell: Cell) -> str:
    """Why a cell is partial or has no data."""
    return next(iter(cell.get("notices", [])), cell.get("no_trade_reason") or "")


def caveats(cell: Cell) -> list[str]:
    """What else there is to know about a cell's data."""
    return cell.get("notices", [])[0 if cell["status"] == "ran" else 1 :]


def saved(cell: Cell) -> float | None:
    """Return with the limits minus return without them."""
    without = cell.get("without_limits")
    ours = cell.get("return")
    if not without or ours is None or without["return"] is None:
        return None
    return ours - without["return"]
