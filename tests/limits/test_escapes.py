"""No order gets around the limits: random orders on random accounts under random limits, each
judged a second time by an oracle that shares no code with the engine."""

import os
from collections import Counter
from dataclasses import replace

import pytest
from oracle.crises import Past

from engine.records import account
from limits.worlds import Played, play, random_world

ORDERS = int(os.environ.get("SEAWALL_ESCAPES", "50000"))
ENTRIES = (account.FROM_ENTRY, account.FROM_WEIGHT)
FIRST_SEED = int(os.environ.get("SEAWALL_ESCAPES_SEED", "0"))


def test_no_order_escapes_and_no_verdict_differs(capsys: pytest.CaptureFixture[str]) -> None:
    met: Counter[str] = Counter()
    seed = FIRST_SEED
    while met["orders"] < ORDERS:
        played = play(random_world(seed))
        judged = played.judged()
        wrong = judged.of("escape", "disagreement")
        assert not wrong, f"seed {seed}: {wrong[0]}"
        met["orders"] += judged.orders
        met["exits"] += judged.exits
        assert not judged.unread, f"seed {seed}"
        met["close"] += len(judged.of("close"))
        met.update(f"outcome {v.outcome}" for v in played.history.verdicts)
        met.update(f"said {s.said}" for v in played.history.verdicts for s in v.binding)
        met.update(f"lapse {x.reason}" for x in played.history.lapses)
        seed += 1
    with capsys.disabled():
        if ORDERS > 50_000:
            print(f"\n{seed - FIRST_SEED} worlds: {dict(sorted(met.items()))}")
    assert met["close"] <= met["orders"] / 100, "too much is left undecided"
    for outcome in range(9):
        assert met[f"outcome {outcome}"] >= ORDERS // 10_000, f"outcome {outcome} is hardly met"
    for said in range(1, 5):
        assert met[f"said {said}"] >= ORDERS // 1_000, f"answer {said} is hardly met"
    for reason in range(6):
        assert met[f"lapse {reason}"] or ORDERS < 50_000, f"no order ended for reason {reason}"


# ---------------------------------------------------------------- the judge can say no


@pytest.fixture(scope="module")
def honest() -> Played:
    """A run with every kind of order in it, and no fault."""
    for seed in range(100):
        played = play(random_world(seed))
        found = {v.outcome for v in played.history.verdicts if v.source in ENTRIES}
        if found >= {account.ALLOWED, account.CLIPPED, account.DENIED, account.BLOCKED}:
            return played
    raise AssertionError("no such run")


def forged(played: Played, was: int, **changes: object) -> list[str]:
    """What the judge says when the last such verdict on an entry is changed."""
    verdicts = list(played.history.verdicts)
    k = max(k for k, v in enumerate(verdicts) if v.outcome == was and v.source in ENTRIES)
    verdicts[k] = verdicts[k]._replace(**changes)
    history = replace(played.history, verdicts=tuple(verdicts))
    return [f.kind for f in replace(played, history=history).judged().findings]


def test_the_judge_finds_nothing_in_an_honest_run(honest: Played) -> None:
    assert honest.judged().of("escape", "disagreement") == []


@pytest.mark.parametrize("outcome", [account.DENIED, account.BLOCKED, account.CLIPPED])
def test_the_judge_sees_what_was_let_through(honest: Played, outcome: int) -> None:
    many = {"outcome": account.ALLOWED, "binding": (), "switch": None}
    assert "escape" in forged(honest, outcome, granted=10_000_000.0, **many)


@pytest.mark.parametrize("outcome", [account.ALLOWED, account.CLIPPED])
def test_the_judge_sees_what_was_refused_without_need(honest: Played, outcome: int) -> None:
    assert "disagreement" in forged(honest, outcome, granted=0.0, outcome=account.DENIED)


def test_the_judge_sees_a_limit_that_went_unmentioned(honest: Played) -> None:
    assert "disagreement" in forged(honest, account.DENIED, binding=())


def test_the_judge_sees_a_fill_without_an_order(honest: Played) -> None:
    last = honest.history.fills[-1]
    more = last._replace(qty=last.qty * 3.0, source=account.FROM_ENTRY, rule=0)
    history = replace(honest.history, fills=(*honest.history.fills, more))
    found = replace(honest, history=history).judged().findings
    assert "escape" in [f.kind for f in found]


def test_the_judge_sees_betas_that_are_not_the_symbols_own() -> None:
    """It works out stress losses itself: with every symbol moving as the market it disagrees."""
    worlds = (play(random_world(seed, 80)) for seed in range(111, 300, 4))
    assert any(replace(w, past=Past(is_market=True)).judged().of("escape") for w in worlds)


def test_the_judge_sees_an_event_that_was_forgotten() -> None:
    for seed in (s for s in range(1, 60) if s % 4):
        played = play(random_world(seed, 80))
        laws = tuple(
            replace(x, agendas={n: replace(a, events=()) for n, a in x.agendas.items()})
            for x in played.laws
        )
        if replace(played, laws=laws).judged().findings:
            return
    raise AssertionError("no world in which an event mattered")


def test_the_judge_sees_a_switch_that_was_left_off(honest: Played) -> None:
    off = [[[0.0 for _ in row] for row in rows] for rows in honest.history.paused]
    history = replace(honest.history, paused=off)
    found = replace(honest, history=history).judged().findings
    assert "escape" in [f.kind for f in found]
