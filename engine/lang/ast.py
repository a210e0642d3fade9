"""The syntax tree of a `.rule` file: frozen values, each with its span (floor 3).

Expressions first, then statements, then blocks. Nothing here is resolved: a name is a name.
Fields that the text may leave out are None or empty.
"""

from typing import Literal as Lit

from engine.base.frozen import dataclass
from engine.base.spans import Span

# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Literal:
    """A written value, of which `kind` says how it is written.

    number `2`, percent `10%` (value 0.10), money `$100`, unit `20 bars` (unit holds the word),
    duration `1w` (value is the count, unit the letters), date `2020-03-01` (value = days since
    1970-01-01), time `15:55` (value = minutes since midnight). `text` is as written, with one
    space before a unit and the minus sign of a param's or setting's negative value.
    """

    span: Span
    kind: Lit["number", "percent", "money", "unit", "duration", "date", "time", "truth"]
    value: float
    unit: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word; what it names is the checker's business."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted symbol: `'BRK.B'` (`name` is without the quotes)."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args)`: an indicator, a built-in or a `define`."""

    span: Span
    name: str
    args: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Field:
    """`base.name`, as in `position.age`."""

    span: Span
    base: "Expr"
    name: str


@dataclass(frozen=True, slots=True)
class Back:
    """`value[k]`: the value k bars ago."""

    span: Span
    value: "Expr"
    k: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`-value` or `not value`."""

    span: Span
    op: Lit["-", "not"]
    value: "Expr"


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic on two values."""

    span: Span
    op: Lit["+", "-", "*", "/"]
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values."""

    span: Span
    op: Lit["<", "<=", ">", ">=", "==", "!="]
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more items joined by the same word."""

    span: Span
    op: Lit["and", "or"]
    items: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Cross:
    """`left crosses above right`."""

    span: Span
    direction: Lit["above", "below"]
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Within:
    """`value within tolerance of centre`."""

    span: Span
    value: "Expr"
    tolerance: "Expr"
    centre: "Expr"


@dataclass(frozen=True, slots=True)
class Between:
    """`value between low to high`, both ends included."""

    span: Span
    value: "Expr"
    low: "Expr"
    high: "Expr"


@dataclass(frozen=True, slots=True)
class Is:
    """`value is na` or `value is stale`."""

    span: Span
    value: "Expr"
    test: Lit["na", "stale"]


@dataclass(frozen=True, slots=True)
class IsIn:
    """`value is in LIST`."""

    span: Span
    value: "Expr"
    list: str


@dataclass(frozen=True, slots=True)
class Lasting:
    """`condition for n bars`."""

    span: Span
    condition: "Expr"
    count: "Expr"


@dataclass(frozen=True, slots=True)
class Of:
    """`left of right`: a share of a quantity, or a series of another symbol."""

    span: Span
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class OnClock:
    """`value on 1w`."""

    span: Span
    value: "Expr"
    clock: str


@dataclass(frozen=True, slots=True)
class SinceEntry:
    """`value since entry`: folds over the open position."""

    span: Span
    value: "Expr"


@dataclass(frozen=True, slots=True)
class IfElse:
    """`if condition then a else b`."""

    span: Span
    condition: "Expr"
    then: "Expr"
    other: "Expr"


Expr = (
    Literal
    | Name
    | Quoted
    | Call
    | Field
    | Back
    | Unary
    | Binary
    | Compare
    | Logic
    | Cross
    | Within
    | Between
    | Is
    | IsIn
    | Lasting
    | Of
    | OnClock
    | SinceEntry
    | IfElse
)

# ---------------------------------------------------------------- statements of a strategy


@dataclass(frozen=True, slots=True)
class Clock:
    """`clock 1d on xnys`."""

    span: Span
    every: str
    calendar: str | None


@dataclass(frozen=True, slots=True)
class Param:
    """`param n = 20 bars in 10 bars .. 60 bars`; `low` and `high` stand together or not at all."""

    span: Span
    name: str
    default: Literal
    low: Literal | None
    high: Literal | None


@dataclass(frozen=True, slots=True)
class Let:
    """`let mean = sma(close, n)`."""

    span: Span
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Data:
    """`data vix : pts = "VIX" daily stale after 2 bars`."""

    span: Span
    name: str
    unit: str
    symbol: str
    daily: bool
    stale_after: Literal | None


@dataclass(frozen=True, slots=True)
class Latch:
    """`latch calm { set when … clear when … }`: a condition with a memory."""

    span: Span
    name: str
    set_when: Expr
    clear_when: Expr | None


@dataclass(frozen=True, slots=True)
class Universe:
    """`universe stocks20`."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Leg:
    """`leg a = AAPL`; `symbol` is without quotes."""

    span: Span
    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Order:
    """`order limit close * 99% for day`; `tif` is None when the text is silent.

    `price` is the limit or stop, `limit` the second price of a stop-limit.
    """

    span: Span
    kind: Lit["market", "limit", "stop", "stop_limit", "trailing"]
    price: Expr | None
    limit: Expr | None
    tif: Lit["day", "gtc", "opg", "cls", "ioc"] | None


@dataclass(frozen=True, slots=True)
class LegOrder:
    """`sell a size 5% of equity`, inside `entry spread`."""

    span: Span
    side: Lit["buy", "sell"]
    leg: str
    size: Expr


@dataclass(frozen=True, slots=True)
class Level:
    """A `stop`, `target` or `trail` line; `of` names one entry, None means every open one."""

    span: Span
    kind: Lit["stop", "target", "trail"]
    name: str
    of: str | None
    price: Expr


@dataclass(frozen=True, slots=True)
class Entry:
    """`entry long dip add 3 times { … }`; `add_times` is 0 when the text is silent."""

    span: Span
    side: Lit["long", "short", "spread"]
    name: str
    when: Expr | None
    size: Expr | None
    order: Order | None
    because: str | None
    levels: tuple[Level, ...]
    add_times: int
    legs: tuple[LegOrder, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """`exit back of dip { … }`; `of` names one entry, None means every open one."""

    span: Span
    name: str
    of: str | None
    when: Expr | None
    size: Expr | None
    order: Order | None
    because: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """`hold top n by score when condition`; n is a number or the name of a param."""

    span: Span
    count: Expr
    score: Expr
    when: Expr | None


@dataclass(frozen=True, slots=True)
class Weight:
    """`weight EXPR`; `equal` is Name("equal"), `inverse_vol(20 bars)` a Call."""

    span: Span
    value: Expr


@dataclass(frozen=True, slots=True)
class Rebalance:
    """`rebalance weekly when drift > 5%`."""

    span: Span
    every: Lit["daily", "weekly", "monthly"]
    when: Expr | None = None


StrategyStatement = (
    Clock
    | Param
    | Let
    | Data
    | Latch
    | Universe
    | Leg
    | Entry
    | Exit
    | Level
    | Hold
    | Weight
    | Rebalance
)

# ---------------------------------------------------------------- statements of limits

Severity = Lit["info", "warning", "critical"]
"""How loudly a breach is told; it changes nothing about what a limit does."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`limit NAME on TARGET [scope S [GROUP]] [severity L] ACTION [else deny|skip] [because "…"]`.

    `on` order means every order that adds risk, entry means entries of `entry` rules, and
    `action` is deny (value = condition), clip (value = largest quantity) or reduce (condition)."""

    span: Span
    name: str
    on: Lit["order", "entry", "position", "account", "strategy"]
    scope: str | None
    action: Lit["deny", "clip", "reduce"]
    value: Expr
    otherwise: Lit["deny", "skip"] | None
    because: str | None
    group: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A pause, halt or flatten with its conditions.

    Scopes are firm, desk, strategy, `asset class` and symbol; `group` names one of a kind
    (`scope desk momentum`), else there is one of its own for each.
    """

    span: Span
    kind: Lit["pause", "halt", "flatten"]
    name: str
    scope: str | None
    enter: Expr | None
    resume_when: Expr | None
    resume_after: Literal | None
    resume_hand: str | None
    allow_exits: bool
    because: str | None
    group: str | None = None
    severity: Severity | None = None


LimitsStatement = Data | Param | Let | Limit | Switch

# ---------------------------------------------------------------- statements of scenarios and tests


@dataclass(frozen=True, slots=True)
class Replay:
    """Days since 1970-01-01, both ends included."""

    span: Span
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Simulate:
    """`simulate 252 bars, 1_000_000 paths, seed 7`."""

    span: Span
    length: Literal
    paths: int
    seed: int


@dataclass(frozen=True, slots=True)
class Setting:
    """`drift -10%` or `jumps 12 per year`, inside `process`."""

    span: Span
    name: str
    value: Literal
    per: str | None


@dataclass(frozen=True, slots=True)
class Process:
    """`process gbm { … }`."""

    span: Span
    name: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Shock:
    """Each knob is a name with a percentage or a multiplier (`x5`)."""

    span: Span
    bar: int
    knobs: tuple[tuple[str, float, Lit["percent", "times"]], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """`run house, fade`."""

    span: Span
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartEquity:
    """`start equity $10_000_000`."""

    span: Span
    amount: float


@dataclass(frozen=True, slots=True)
class CostsLine:
    """`costs 10 bps`: both commission and slippage together, per side, as a ratio."""

    span: Span
    value: Literal


@dataclass(frozen=True, slots=True)
class Waive:
    """`waive house.vix_pause because "…"`."""

    span: Span
    limits: str
    name: str
    because: str


@dataclass(frozen=True, slots=True)
class ResumeAt:
    """`resume drawdown_halt at bar 40 by "risk-desk"`."""

    span: Span
    name: str
    bar: int
    by: str


@dataclass(frozen=True, slots=True)
class Expect:
    """A claim about a whole run: `always P`, `A leads to B in n bars`, `final P`, or P at the end.

    `text` is the claim as written, with single spaces.
    """

    span: Span
    kind: Lit["always", "leads", "final", "holds"]
    claim: Expr
    then: Expr | None
    within: Literal | None
    text: str


ScenarioStatement = (
    Replay | Simulate | Process | Shock | Run | StartEquity | CostsLine | Waive | ResumeAt | Expect
)


RuleOutcome = Lit["fires", "silent", "undefined", "sized"]
LimitOutcome = Lit["denied", "clipped", "passed", "skipped"]
SwitchOutcome = Lit["paused", "running"]
Outcome = RuleOutcome | LimitOutcome | SwitchOutcome


@dataclass(frozen=True, slots=True)
class Given:
    """`given close = $100 x3, $95`: `values` already repeated; None is a written `na`, and `yes`
    is 1. A field is named with its dot (`account.equity`)."""

    span: Span
    name: str
    values: tuple[float | None, ...]
    unit: Literal | None


@dataclass(frozen=True, slots=True)
class Expected:
    """`expect fires dip at bar 21..22` (both ends included): of an entry, exit, limit or switch."""

    span: Span
    outcome: Outcome
    rule: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ExpectedVerdict:
    """`expect verdict clip 40 shares by adv_cap at bar 3`; no bars: at the last order."""

    span: Span
    outcome: Lit["allow", "clip", "deny"]
    qty: Literal | None
    by: str | None
    first: int | None
    last: int | None


TestStatement = Given | Expected | ExpectedVerdict

# ---------------------------------------------------------------- blocks and files


@dataclass(frozen=True, slots=True)
class Strategy:
    """`strategy fade "title" { … }`."""

    span: Span
    name: str
    title: str | None
    body: tuple[StrategyStatement, ...]


@dataclass(frozen=True, slots=True)
class LimitsBlock:
    """`limits house "title" { … }`."""

    span: Span
    name: str
    title: str | None
    body: tuple[LimitsStatement, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`scenario covid_crash "title" { … }`; the name may have been in quotes."""

    span: Span
    name: str
    title: str | None
    body: tuple[ScenarioStatement, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """`test "title" of fade { … }`."""

    span: Span
    title: str
    of: str
    body: tuple[TestStatement, ...]


@dataclass(frozen=True, slots=True)
class Define:
    """`define zscore(x, n) = (x - sma(x, n)) / stdev(x, n)`."""

    span: Span
    name: str
    args: tuple[str, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Use:
    """`use "lib/regime.rule"`."""

    span: Span
    path: str


@dataclass(frozen=True, slots=True)
class ListDecl:
    """`list restricted : symbol = file "restricted.csv" stale after 1d` or `= { fomc, cpi }`."""

    span: Span
    name: str
    type: str | None
    items: tuple[str, ...]
    file: str | None
    stale_after: Literal | None


Block = Strategy | LimitsBlock | Scenario | Test | Define | Use | ListDecl


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One parsed file. Statements that did not parse are left out and stand in the diagnostics."""

    file: str
    version: int
    blocks: tuple[Block, ...]
