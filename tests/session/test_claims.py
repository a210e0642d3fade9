"""How expectations are judged, and what their details say."""

from typing import Literal

import pytest

from engine.base.dates import parse_day
from engine.base.spans import NOWHERE
from engine.check.typed import Apply, CheckedClaim, Const, FieldRead, Frame, Kind
from engine.session.claims import Told, judge

NUMBER, TRUTH = Kind("number"), Kind("truth")
DRAWDOWN = FieldRead("account.drawdown", NUMBER)
LE = Apply("le", (DRAWDOWN, Const(0.2, NUMBER)), (), Frame("*"), TRUTH)
OTHER = FieldRead("run.paused", TRUTH, "vix_pause")
DAYS = [parse_day("2020-03-02") + k for k in range(6)]
F, U, T = 0.0, 1.0, 2.0


def claim(kind: Literal["always", "leads", "final", "holds"], within: int = 0) -> CheckedClaim:
    then = OTHER if kind == "leads" else None
    return CheckedClaim(kind, LE, then, within, f"{kind} it", NOWHERE)


def told(values: list[float], then: list[float] | None = None) -> Told:
    left = [0.1, 0.15, 0.25, 0.31, 0.22, 0.1][: len(values)]
    return Told(DAYS, values, then, left, [0.2] * len(values))


def test_always_fails_on_false_and_shows_the_worst_bar() -> None:
    found = judge(claim("always"), told([T, T, F, F, F, T]))
    assert found.holds is False
    assert found.detail == "31.0% against 20.0% on 2020-03-05; false on 3 of 6 bars"


def test_always_holds_over_unknown_bars_and_counts_them() -> None:
    found = judge(claim("always"), told([U, T, T]))
    assert found.holds is True
    assert found.detail == "25.0% against 20.0% on 2020-03-04; unknown on 1 of 3 bars"


def test_always_unknown_throughout_is_vacuous() -> None:
    found = judge(claim("always"), told([U, U]))
    assert (found.holds, found.detail) == (False, "vacuous: unknown on all 2 bars")


@pytest.mark.parametrize("kind", ["final", "holds"])
def test_final_looks_at_the_last_bar(kind: Literal["final", "holds"]) -> None:
    assert judge(claim(kind), told([F, F, T])).holds is True
    assert judge(claim(kind), told([T, T, F])).holds is False
    assert judge(claim(kind), told([T, T, U])).holds is False


def test_leads_looks_from_the_trigger_bar_on() -> None:
    assert judge(claim("leads", 1), told([F, T, F, F], [F, T, F, F])).holds is True
    assert judge(claim("leads", 1), told([F, T, F, F], [F, F, T, F])).holds is True
    late = judge(claim("leads", 1), told([F, T, F, F], [F, F, F, T]))
    assert late.holds is False
    assert late.detail == "not followed 1 of 1 times, first on 2020-03-03"


def test_leads_without_a_trigger_is_vacuous_and_fails() -> None:
    found = judge(claim("leads", 1), told([F, F, U], [T, T, T]))
    assert (found.holds, found.detail) == (False, "vacuous: never triggered in 3 bars")


def test_leads_cut_off_by_the_end_is_undecided() -> None:
    found = judge(claim("leads", 2), told([F, F, T], [F, F, F]))
    assert found.holds is None
    assert found.detail.startswith("undecided: triggered on 2020-03-04")


def test_a_failure_beats_an_undecided_end() -> None:
    assert judge(claim("leads", 1), told([T, F, F, T], [F, F, F, F])).holds is False
