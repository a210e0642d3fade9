"""Expectations judged on a finished run, bar by bar (floor 9).

`always` fails on a bar that is false; a bar that is unknown does not fail it, but is counted in the
detail, and a claim that is unknown on every bar was never put to the test: vacuous, which fails.
`leads` looks from every bar where its trigger is true; a trigger that never is true is vacuous, and
one too near the end of the window to be decided leaves the claim undecided (holds None), not
failed.
`final` and a bare claim look at the last bar; unknown there fails.
"""

from collections.abc import Sequence

from engine.base.dates import iso
from engine.base.frozen import dataclass
from engine.base.units import MONEY, PRICE, RATIO, Unit
from engine.check.typed import Apply, CheckedClaim, Typed

FALSE, UNKNOWN, TRUE = 0.0, 1.0, 2.0
COMPARISONS = {"lt": -1.0, "le": -1.0, "gt": 1.0, "ge": 1.0}
"""Ops that compare two numbers, and the sign that makes `left - right` grow as the claim gets
safer."""


@dataclass(frozen=True)
class Told:
    """A claim's values over a run: truths per bar, the second claim's, and both sides of a
    comparison."""

    days: Sequence[int]
    claim: Sequence[float]
    then: Sequence[float] | None = None
    left: Sequence[float] | None = None
    right: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """holds None: the window ended before the claim could be decided."""

    text: str
    holds: bool | None
    detail: str


def judge(claim: CheckedClaim, told: Told) -> Judged:
    """Whether one expectation holds on a finished run, with the numbers that say so."""
    if not len(told.claim):
        return Judged(claim.text, False, "no bar was run")
    if claim.kind == "always":
        holds, detail = _always(claim, told)
    elif claim.kind == "leads":
        holds, detail = _leads(claim, told)
    else:
        holds, detail = _final(claim, told)
    return Judged(claim.text, holds, detail)


def _always(claim: CheckedClaim, told: Told) -> tuple[bool | None, str]:
    bars = len(told.claim)
    broken = [k for k in range(bars) if told.claim[k] == FALSE]
    unknown = sum(1 for v in told.claim if v == UNKNOWN)
    if broken:
        worst = _worst(claim.claim, told, broken)
        more = f"; false on {len(broken)} of {bars} bars" if len(broken) > 1 else ""
        return False, f"{_at(claim.claim, told, worst)}{more}"
    if unknown == bars:
        return False, f"vacuous: unknown on all {bars} bars"
    known = [k for k in range(bars) if told.claim[k] == TRUE]
    worst = _worst(claim.claim, told, known)
    gap = f"; unknown on {unknown} of {bars} bars" if unknown else ""
    return True, f"{_at(claim.claim, told, worst)}{gap}"


def _leads(claim: CheckedClaim, told: Told) -> tuple[bool | None, str]:
    then = told.then or ()
    bars = len(told.claim)
    triggers = [k for k in range(bars) if told.claim[k] == TRUE]
    if not triggers:
        return False, f"vacuous: never triggered in {bars} bars"
    missed = [k for k in triggers if TRUE not in then[k : k + claim.within + 1]]
    broken = [k for k in missed if k + claim.within < bars]
    if broken:
        first = iso(told.days[broken[0]])
        return False, f"not followed {len(broken)} of {len(triggers)} times, first on {first}"
    if missed:
        first = iso(told.days[missed[0]])
        return None, f"undecided: triggered on {first}, the window ends before it could follow"
    return True, f"followed {len(triggers)} of {len(triggers)} times"


def _final(claim: CheckedClaim, told: Told) -> tuple[bool | None, str]:
    last = len(told.claim) - 1
    if told.claim[last] == UNKNOWN:
        return False, f"unknown on the last bar, {iso(told.days[last])}"
    return told.claim[last] == TRUE, _at(claim.claim, told, last)


def _worst(value: Typed, told: Told, among: Sequence[int]) -> int:
    """The bar where a comparison is nearest to failing, or failed by most; else the first."""
    sign = COMPARISONS.get(value.op) if isinstance(value, Apply) else None
    if sign is None or told.left is None or told.right is None:
        return among[0]
    left, right = told.left, told.right
    return min(among, key=lambda k: (sign * (left[k] - right[k]), k))


def _at(value: Typed, told: Told, bar: int) -> str:
    day = iso(told.days[bar])
    if not isinstance(value, Apply) or told.left is None or told.right is None:
        return f"on {day}"
    unit = value.args[0].kind.unit
    return f"{shown(told.left[bar], unit)} against {shown(told.right[bar], unit)} on {day}"


def compared(value: Typed) -> tuple[Typed, Typed] | None:
    """Both sides of a claim that compares two numbers."""
    if isinstance(value, Apply) and value.op in COMPARISONS and len(value.args) == 2:
        return value.args[0], value.args[1]
    return None


def shown(value: float, unit: Unit) -> str:
    """A value as a reader of rules would write it: `12.3%`, `$1,234.50`, `31.2 pts`."""
    if value != value:
        return "na"
    if unit == RATIO:
        is_count = abs(value) >= 2 and value == int(value)
        return f"{value:.0f}" if is_count else f"{value * 100:.1f}%"
    if unit in (MONEY, PRICE):
        return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    return f"{value:,.6g} {unit}"
