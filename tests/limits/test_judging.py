"""The judge behind every test: it sees the runs that a test made, and can say no."""

from dataclasses import replace

import judging
import pytest
from semantics.make import flat, limits, run, strategy

from engine.records.account import ALLOWED

TEXT = strategy("entry long up { when close == $10 size 100 shares order market }") + limits(
    "limit few on order clip qty to NUMBER shares"
)


def test_a_run_of_rule_texts_is_judged_once() -> None:
    run(TEXT.replace("NUMBER", "7"), flat("10 11 10"))
    assert len(judging.RUNS) >= 2  # walked and emitted, each alone
    (found,) = list(judging.judged())
    assert (found[1].orders, found[1].unread, found[1].findings) == (1, 0, [])
    assert judging.RUNS == []


@pytest.mark.parametrize(("granted", "kind"), [(90.0, "escape"), (1.0, "disagreement")])
def test_a_grant_that_the_limits_do_not_leave_is_found(granted: float, kind: str) -> None:
    case = run(TEXT.replace("NUMBER", "7"), flat("10 11 10"))
    first = judging.RUNS[0]
    judging.RUNS.clear()
    verdict = case.history.verdicts[0]._replace(granted=granted, outcome=ALLOWED, binding=())
    forged = replace(case.history, verdicts=(verdict,), fills=(), bars=1)
    judging.RUNS.append(replace(first, history=forged))
    ((_, told),) = list(judging.judged())
    assert kind in [f.kind for f in told.findings]
