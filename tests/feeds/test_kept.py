"""A live figure behind its cache: kept for 15 minutes, unknown once old, back by itself."""

from collections.abc import Callable, Sequence
from math import isnan, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feeds.kept import KEEP, PAUSE, Kept, KeptSource, Told
from engine.session.rule_tests import run_tests

MINUTE = 60.0


class Clock:
    """A clock that a test holds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Tells what it is set to, at the present instant, and counts how often it is asked."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.asked = clock, 0
        self.says: Callable[[], Told] = lambda: Told(20.0, clock.now)

    def __call__(self) -> Told:
        self.asked += 1
        return self.says()

    def level(self, value: float, age: float = 0.0) -> None:
        self.says = lambda: Told(value, self.clock.now - age)

    def down(self) -> None:
        def fail() -> Told:
            raise TimeoutError("no answer")

        self.says = fail


@pytest.fixture
def held() -> tuple[Clock, Source, KeptSource]:
    clock = Clock()
    source = Source(clock)
    return clock, source, KeptSource(source, clock)


Held = tuple[Clock, Source, KeptSource]


def test_a_figure_is_kept_for_a_quarter_of_an_hour(held: Held) -> None:
    clock, source, port = held
    assert port.read() == Kept(20.0, 0.0)
    source.level(40.0)
    clock.now += KEEP - 1
    assert port.read() == Kept(20.0, KEEP - 1)
    assert source.asked == 1
    clock.now += 1
    assert port.read() == Kept(40.0, 0.0)
    assert source.asked == 2


def test_a_source_that_fails_is_unknown_after_a_quarter_of_an_hour_and_says_why(
    held: Held,
) -> None:
    clock, source, port = held
    port.read()
    source.down()
    clock.now += KEEP - 1
    assert port.read().value == 20.0
    clock.now += 1
    found = port.read()
    assert isnan(found.value) and found.age == KEEP
    assert found.why == "the source failed: no answer"


def test_a_dead_source_is_asked_once_a_minute_and_comes_back_by_itself(held: Held) -> None:
    clock, source, port = held
    source.down()
    for _ in range(60):
        assert isnan(port.read().value)
        clock.now += 5.0
    assert source.asked == 5
    source.level(18.0)
    clock.now += PAUSE
    assert port.read() == Kept(18.0, 0.0)


@pytest.mark.parametrize("value", [nan, float("inf"), -float("inf"), -1.0])
def test_what_is_no_figure_is_unknown(held: Held, value: float) -> None:
    _, source, port = held
    source.level(value)
    found = port.read()
    assert isnan(found.value) and "the source told" in found.why


def test_an_old_figure_told_again_is_not_fresh(held: Held) -> None:
    """A feed that froze keeps answering: its figure ages all the same."""
    clock, source, port = held
    frozen = Told(20.0, clock.now)
    source.says = lambda: frozen
    seen = []
    for _ in range(20):
        seen.append(port.read().value)
        clock.now += MINUTE
    assert seen[:15] == [20.0] * 15
    assert all(map(isnan, seen[15:]))
    assert "900 seconds old" in KeptSource(lambda: Told(20.0, 0.0), lambda: 900.0).read().why


def test_a_figure_of_the_future_is_unknown(held: Held) -> None:
    _, source, port = held
    source.level(20.0, age=-5.0)
    assert port.read() == Kept(20.0, 0.0)
    source.level(20.0, age=-6.0)
    assert isnan(KeptSource(source, source.clock).read().value)


def test_a_clock_that_goes_back_keeps_nothing(held: Held) -> None:
    clock, source, port = held
    port.read()
    clock.now -= 3_600.0
    source.down()
    assert isnan(port.read().value)
    source.level(22.0)
    clock.now += PAUSE
    assert port.read().value == 22.0


def test_an_impatient_port_is_refused() -> None:
    with pytest.raises(ValueError, match="tried again"):
        KeptSource(lambda: Told(1.0, 0.0), lambda: 0.0, keep=30.0, pause=60.0)


STEPS = st.lists(
    st.tuples(st.sampled_from([1.0, 20.0, 60.0, 400.0, 899.0, 900.0]), st.integers(0, 3)),
    min_size=1,
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_what_counts_was_told_and_is_never_older_than_it_may_be(
    steps: Sequence[tuple[float, int]],
) -> None:
    """Against a history of all that was ever told: the figure is one of them, young enough; and
    unknown only when the last try failed or is less than a pause ago."""
    clock = Clock()
    source = Source(clock)
    port = KeptSource(source, clock)
    told: list[Told] = []
    tried = -1e9
    for k, (wait, how) in enumerate(steps):
        clock.now += wait
        source.level(float(k), age=899.0 if how == 1 else 0.0)
        if how == 2:
            source.down()
        if how == 3:
            source.level(nan)
        before = source.asked
        found = port.read()
        if source.asked > before:
            assert source.asked == before + 1 and clock.now - tried >= PAUSE
            tried = clock.now
            if how in (0, 1):
                told.append(Told(float(k), clock.now - (899.0 if how == 1 else 0.0)))
        young = [t for t in told if clock.now - t.at < KEEP]
        assert found.value in [t.value for t in young] if young else isnan(found.value)


# ---------------------------------------------------------------- the pause that reads it


def test_the_pause_follows_the_kept_figure(tmp_path: Path) -> None:
    """Minute by minute: a jump to 35 at minute 4 is seen at minute 15, when the figure of minute 0
    is over; silence from minute 20 on pauses at 30, and the source's return at 40 goes on after
    three minutes below 25."""
    clock = Clock()
    source = Source(clock)
    port = KeptSource(source, clock)
    seen: list[float] = []
    for minute in range(50):
        source.level(35.0 if 4 <= minute < 18 else 20.0)
        if 20 <= minute < 40:
            source.down()
        seen.append(port.read().value)
        clock.now += MINUTE
    assert seen[:15] == [20.0] * 15 and seen[15:30] == [35.0] * 15
    assert all(map(isnan, seen[30:40])) and seen[40:] == [20.0] * 10
    values = ", ".join("na" if v != v else f"{v:g} pts" for v in seen)
    (tmp_path / "case.rule").write_text(
        "rules 1\n"
        "limits live {\n  pause vix {\n    enter when feed.vix > 30 pts\n"
        "    resume when feed.vix < 25 pts for 3 bars\n  }\n}\n"
        'test "minutes" of live {\n'
        f"  given close = $100 x50\n  given feed.vix = {values}\n"
        "  given order.qty = 10 shares x50\n"
        "  expect running vix at bar 0..14\n  expect denied vix at bar 15..41\n"
        "  expect running vix at bar 42..49\n}\n"
    )
    (result,) = run_tests(tmp_path / "case.rule")
    assert result.passed, result.missed
