"""What checking yields: resolved, typed values that no longer mention names of the text (floor 4).

Expressions have six shapes. Every value lives on a frame: the bars that make it step.
`let`s, params, `define`s and sugar are gone: params are constants, everything else is an op row.
"""

from typing import Literal

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import dataclass
from engine.base.spans import Span
from engine.base.units import RATIO, Unit
from engine.lang.ast import Outcome, Severity

# ---------------------------------------------------------------- kinds and frames


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: a number with a unit, or a truth value (0 false, 1 unknown, 2 true)."""

    name: Literal["number", "truth"]
    unit: Unit = RATIO


@dataclass(frozen=True, slots=True)
class Frame:
    """Whose bars make a value step.

    symbol: None = the symbol that the rule runs on (in limits: the order's symbol);
    `*` = the clock alone, no symbol (firm-wide conditions on feeds); else another symbol.
    clock: None = the strategy's clock, else a slower one (`1w`, `1mo`).
    """

    symbol: str | None = None
    clock: str | None = None


SELF = Frame()
CLOCK = Frame("*")


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Const:
    """A number, or a truth value as 0/1/2."""

    value: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame's bars (`open high low close volume`), or of a feed (`feed:VIX`).

    `list:NAME` is a truth column made by the session: whether the lane's symbol (or the bar's date)
    is in that declared list; unknown when the list is stale.
    `calendar:FIELD` is a row of FIELDS that the exchange's calendar answers.
    A feed column shows the feed's last published value at each bar of the frame until it is stale,
    then na: `stale` is how many bars of the strategy's clock that takes (0: never).
    """

    name: str
    frame: Frame
    kind: Kind
    stale: int = 0


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A row of FIELDS, read at a decision (`position.age`); `arg` for those that take one."""

    name: str
    kind: Kind
    arg: str | None = None


@dataclass(frozen=True, slots=True)
class Apply:
    """A row of OPS on arguments that live on the same frame (constants live anywhere).

    args: the op's series arguments, then the Column values it reads by itself (`atr`: high, low,
    close).

    A book-stage Apply (one that reads a FieldRead or Fold below it) steps once per decision.
    """

    op: str
    args: "tuple[Typed, ...]"
    consts: tuple[float, ...]
    frame: Frame
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sample:
    """`value` (on its own frame) as seen from `frame`: another symbol's value is na at instants
    where that symbol has no bar; a slower clock's value is held until the next completes."""

    value: "Typed"
    frame: Frame
    kind: Kind


@dataclass(frozen=True, slots=True)
class Fold:
    """`value since entry`: stateful ops inside start afresh with the position; na while flat."""

    value: "Typed"
    kind: Kind


Typed = Const | Column | FieldRead | Apply | Sample | Fold


@dataclass(frozen=True, slots=True)
class Named:
    """A value that the text gives a name or shows as a condition, kept for `why` and the funnel.

    text: the source text of the expression. parts: the named or logical pieces it is made of."""

    name: str
    text: str
    value: Typed
    span: Span
    parts: "tuple[Named, ...]" = ()


# ---------------------------------------------------------------- blocks

Scope = Literal["firm", "desk", "strategy", "asset class", "symbol"]
"""What a limit watches, the outermost first."""

SCOPES: tuple[Scope, ...] = ("firm", "desk", "strategy", "asset class", "symbol")


@dataclass(frozen=True, slots=True)
class ParamValue:
    """A param with the value in force (default, strategies.yaml or --param)."""

    name: str
    value: float
    low: float | None
    high: float | None
    kind: Kind
    span: Span


@dataclass(frozen=True, slots=True)
class FeedUse:
    """A `data` line: the feed's symbol and its patience in bars of the clock (0: never stale)."""

    name: str
    symbol: str
    stale: int
    kind: Kind
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """kind with the prices it needs; tif `day` unless the text says otherwise.

    price: the limit or stop, or how far it trails; limit: the one behind a stop."""

    kind: Literal["market", "limit", "stop", "stop_limit", "trail_ratio", "trail_money"]
    price: Typed | None
    tif: Literal["day", "gtc", "ioc", "opg", "cls"]
    limit: Typed | None = None


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """size_in says whether `size` is a number of shares or an amount of money. adds: how often it
    may add to an open position; joins: the entry whose position that is, empty for its own.
    spread: the spread that it is a leg of; symbol: what the leg trades."""

    name: str
    side: Literal["long", "short"]
    when: Named
    size: Typed
    size_in: Literal["shares", "money"]
    order: CheckedOrder
    because: str
    span: Span
    adds: int = 0
    joins: str = ""
    spread: str = ""
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class CheckedExit:
    """`of` names the entries it closes (all of the strategy's when the text names none)."""

    name: str
    of: tuple[str, ...]
    when: Named
    order: CheckedOrder
    because: str
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedLevel:
    """A stop, target or trail; `of` names the entries it protects."""

    kind: Literal["stop", "target", "trail"]
    name: str
    of: tuple[str, ...]
    price: Typed
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedStrategy:
    """One strategy, ready to build. `lets` are for `why`; `later` says what it may not run yet.

    hold: whether the symbol is among those that `hold` picks, which `weight` has taken in. drift:
    how far, as a share of equity, a position must be from its weight before any is ordered. legs:
    the symbols that its spreads trade."""

    name: str
    title: str
    clock: str
    calendar: str
    universe: str | None
    params: tuple[ParamValue, ...]
    feeds: tuple[FeedUse, ...]
    lets: tuple[Named, ...]
    entries: tuple[CheckedEntry, ...]
    exits: tuple[CheckedExit, ...]
    levels: tuple[CheckedLevel, ...]
    weight: Typed | None
    weight_text: str
    rebalance: Literal["daily", "weekly", "monthly"]
    symbols: tuple[str, ...]
    later: tuple[Diagnostic, ...]
    span: Span
    hold: Named | None = None
    drift: float | None = None
    legs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedLimit:
    """on `order`: every risk-adding order; on `entry`: only orders of `entry` rules (not `weight`).

    value: truth for deny and reduce, a number of shares for clip. otherwise: what na means. group:
    the one desk, strategy, class or symbol that is meant; "": each has its own."""

    name: str
    on: Literal["order", "entry"]
    scope: Scope
    action: Literal["deny", "clip", "reduce"]
    value: Typed
    otherwise: Literal["deny", "skip"]
    because: str
    text: str
    span: Span
    group: str = ""
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class CheckedSwitch:
    """A pause, halt or flatten. resume_after counts bars of the clock (0: not by time)."""

    kind: Literal["pause", "halt", "flatten"]
    name: str
    scope: Scope
    enter: Typed
    resume: Typed | None
    resume_after: int
    resume_hand: str
    because: str
    text: str
    span: Span
    group: str = ""
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class CheckedLimits:
    """One `limits` block."""

    name: str
    title: str
    params: tuple[ParamValue, ...]
    feeds: tuple[FeedUse, ...]
    limits: tuple[CheckedLimit, ...]
    switches: tuple[CheckedSwitch, ...]
    later: tuple[Diagnostic, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """An expectation; `within` counts bars (leads only). Reads account fields and CLOCK feeds."""

    kind: Literal["always", "leads", "final", "holds"]
    claim: Typed
    then: Typed | None
    within: int
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedScenario:
    """A `scenario` with `replay` (simulate parses, checks and is marked `later`)."""

    name: str
    title: str
    first: int
    last: int
    run: tuple[str, ...]
    start_equity: float | None
    costs: float | None
    waives: tuple[tuple[str, str, str], ...]
    resumes: tuple[tuple[str, int, str], ...]
    claims: tuple[CheckedClaim, ...]
    later: tuple[Diagnostic, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedGiven:
    """A test's input column, one value per bar (nan where the text says na; a truth is 0 or 2).
    symbol: whose column it is, where that is not the test's own."""

    name: str
    values: tuple[float, ...]
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class CheckedExpected:
    """What the rule, limit or switch `rule` does on bars first..last."""

    outcome: Outcome
    rule: str
    first: int
    last: int
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedVerdict:
    """What becomes of an order. qty: what a clip leaves (None: unsaid). by: a limit or switch that
    had a part in it, or "". bars (-1, -1): at the last order."""

    outcome: Literal["allow", "clip", "deny"]
    qty: float | None
    by: str
    first: int
    last: int
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedTest:
    """A test of a strategy, or of a limits block; only that expects verdicts."""

    title: str
    of: str
    givens: tuple[CheckedGiven, ...]
    expected: tuple[CheckedExpected, ...]
    span: Span
    verdicts: tuple[CheckedVerdict, ...] = ()
    is_of_limits: bool = False


@dataclass(frozen=True, slots=True)
class CheckedList:
    """A declared list of symbols, of dates (days since 1970 as text) or of events; `file` if it is
    one."""

    name: str
    type: Literal["symbol", "date", "event"]
    items: tuple[str, ...]
    file: str | None
    stale_days: int
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Everything one file (and what it uses) means."""

    file: str
    strategies: tuple[CheckedStrategy, ...]
    limits: tuple[CheckedLimits, ...]
    scenarios: tuple[CheckedScenario, ...]
    tests: tuple[CheckedTest, ...]
    lists: tuple[CheckedList, ...]
