"""What `why` and `test` answer (floor 9): frozen values that faces turn into text or JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Truth = Literal["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class WhySide:
    """One side of a cross, at the bar before and now (None: na)."""

    text: str
    unit: str
    before: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class WhyNode:
    """One value of a rule on one bar.

    text: how the rule text spells it. value: a number in `unit` (None: na, or a truth value).
    truth: set for conditions. name: the let it is, if any. parts: what it is made of.
    sides: of a cross, whose truth also takes the bar before. of_date: the bar that `x[k]` is of.
    lasted: for `c for n bars`, on how many of the last n it was true, and n.
    """

    text: str
    value: float | None
    unit: str
    truth: Truth | None = None
    name: str = ""
    parts: "tuple[WhyNode, ...]" = ()
    sides: tuple[WhySide, ...] = ()
    of_date: str = ""
    lasted: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class WhyRule:
    """One entry, exit, level or weight on that bar.

    kind: entry | exit | stop | target | trail | weight. was_judged: whether it was put to the
    account at this close at all (an exit needs an open position). when: None for levels and
    weights.
    size, price: what the rule asks for (shares or money as `size_unit` says; None: na or not
    asked).
    """

    kind: str
    name: str
    because: str
    was_judged: bool
    when: WhyNode | None
    size: float | None = None
    size_unit: str = ""
    price: float | None = None


@dataclass(frozen=True, slots=True)
class WhyLimit:
    """One limit or switch on that bar.

    text: its text. said: passed | bound | refused | skipped | `unknown, denied` for limits that
    judged an order here, else ""; in_force | open for switches. value: a limit's cap or truth.
    """

    name: str
    kind: str
    text: str
    said: str
    value: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class WhyReport:
    """Why a strategy did what it did on one symbol at one close.

    crisis: the scenario that was replayed, or "" for an own replay that began on `start`.
    verdicts: this bar's orders as in verdicts.jsonl. account: equity, cash, position and such.
    beside: the strategies that share the account, where the portfolio was replayed.
    """

    strategy: str
    title: str
    symbol: str
    date: str
    crisis: str
    start: str
    rules: tuple[WhyRule, ...]
    lets: tuple[WhyNode, ...]
    limits: tuple[WhyLimit, ...]
    verdicts: tuple[Mapping[str, Any], ...]
    account: Mapping[str, float | None]
    notices: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """One expectation of a test that one bar does not meet."""

    bar: int
    rule: str
    expected: str
    actual: str
    line: int


@dataclass(frozen=True, slots=True)
class TestResult:
    """One `test` block: passed when nothing was missed."""

    __test__ = False

    title: str
    of: str
    file: str
    line: int
    bars: int
    missed: tuple[Missed, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.missed
