"""Value at risk, expected shortfall and correlated exposure, against numpy and by hand."""

from statistics import NormalDist

import numpy as np
import pytest

from semantics.make import Case, flat, limits, run, run_all, strategy

BUY = strategy("entry long up { when close > $1 size 100 shares order limit $0.01 }")
RNG = np.random.default_rng(11)


def closes(seed: int, count: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, count))), 2)


def bars(values: np.ndarray) -> str:
    return "\n".join("." if v != v else f"{v} {v} {v} {v}" for v in values)


def first_passed(case: Case) -> int:
    return min((bar for bar, outcome in case.outcomes if outcome == "allowed"), default=-1)


def answers(field: str, values: np.ndarray, first: int = 0) -> list[float]:
    """What one asked field was for each order: 100 shares bought at the limit of 0.01."""
    text = BUY + limits(f"limit c on order deny when {field} > $1_000_000")
    case = run(text, bars(values), first=first)
    return [a.asked[0] for a in case.history.askings]


def gains(values: np.ndarray, t: int, n: int) -> np.ndarray:
    """The order's 1 dollar (and no more: it never fills) through the last n returns."""
    returns = values[1:] / values[:-1] - 1.0
    return 100 * 0.01 * returns[t - n : t]


@pytest.mark.parametrize(("level", "n"), [(0.99, 20), (0.9, 20), (0.95, 40), (0.8, 5)])
def test_value_at_risk_and_shortfall_are_those_of_the_worst_bars(level: float, n: int) -> None:
    values, percent = closes(3), f"{level * 100:g}%"
    count = max(1, int(np.ceil(round((1 - level) * n, 9))))
    value = answers(f"value_at_risk({percent}, {n} bars)", values)
    short = answers(f"expected_shortfall({percent}, {n} bars)", values)
    normal = answers(f"parametric_var({percent}, {n} bars)", values)
    for t in range(len(values)):
        if t < n:
            assert np.isnan([value[t], short[t], normal[t]]).all()
            continue
        worst = np.sort(gains(values, t, n))[:count]
        assert value[t] == pytest.approx(max(0.0, -worst[-1]), abs=1e-12)
        assert short[t] == pytest.approx(max(0.0, -worst.mean()), abs=1e-12)
        z = NormalDist().inv_cdf(level)
        assert normal[t] == pytest.approx(z * np.std(gains(values, t, n)), abs=1e-12)


def test_history_before_the_run_counts() -> None:
    values = closes(4)
    whole = answers("value_at_risk(95%, 20 bars)", values)
    later = answers("value_at_risk(95%, 20 bars)", values, first=30)
    assert later == pytest.approx(whole[30:])


def test_an_unknown_history_denies() -> None:
    text = BUY + limits("limit c on order deny when value_at_risk(95%, 20 bars) > $1_000_000")
    case = run(text, bars(closes(5, 30)))
    assert {outcome for bar, outcome in case.outcomes if bar < 20} == {"denied"}
    assert first_passed(case) == 20


def test_positions_are_held_still_through_past_returns() -> None:
    """100 shares from the open of bar 1. At the close of 3 they are worth 900, and the last three
    returns are 0, +20% and -25%: the worst is -225, the second worst 0."""
    text = strategy("entry long up { when close == $10 size 100 shares order market }")
    for level, entered in (("60%", []), ("80%", [(3, "p", True)])):
        rows = f'pause p {{ enter when value_at_risk({level}, 3 bars) > $224 resume by hand "x" }}'
        case = run(text + limits(rows), flat("10 10 10 10 10 12 9"), first=3)
        assert case.switched == entered


def test_a_missing_bar_is_no_move() -> None:
    """Closes 10, 12, none, 9: returns +20%, 0, -25%, of an order of one dollar."""
    values = np.array([10.0, 12.0, np.nan, 9.0])
    found = answers("expected_shortfall(50%, 3 bars)", values)
    # two of three are the worst half, rounded up: 0 and -25%
    assert found[-1] == pytest.approx(100 * 0.01 * 0.125)


def test_correlated_exposure_is_of_what_moves_together() -> None:
    """B moves with A, C against it, D on its own."""
    a = closes(6)
    move = a[1:] / a[:-1] - 1.0
    b = 50.0 * np.cumprod(np.append(1.0, 1.0 + 2.0 * move))
    c = 50.0 * np.cumprod(np.append(1.0, 1.0 - move))
    made = {s: bars(np.round(v, 6)) for s, v in (("A", a), ("B", b), ("C", c), ("D", closes(7)))}
    rule = "entry long up { when account.bars_held size 100 shares order market }"
    text = strategy(rule.replace("account.bars_held", "close > $1"))
    rows = limits("limit c on order deny when correlated(70%, 20 bars) > $1_000_000")
    case = run(text + rows, made, universe=list(made), first=40)
    seen = [
        (case.desk.instruments[case.history.verdicts[x.verdict].symbol].symbol, x.asked[0])
        for x in case.history.askings
        if case.history.verdicts[x.verdict].bar == 0
    ]
    # decided in order of symbol: A sees nothing, B sees A's order, C neither of them, D nothing
    assert [s for s, _ in seen] == ["A", "B", "C", "D"]
    assert seen[0][1] == 0.0
    assert seen[1][1] == pytest.approx(100 * a[40], rel=1e-6)
    assert seen[2][1] == 0.0
    assert seen[3][1] == 0.0


@pytest.mark.parametrize(
    "field", ["value_at_risk(99%, 1 bars)", "value_at_risk(250 bars, 99%)",
              "correlated(0.7, 60 bars)", "expected_shortfall(100%, 60 bars)"],
)  # fmt: skip
def test_what_names_no_level_and_length_is_refused(field: str) -> None:
    with pytest.raises(AssertionError, match="SW208"):
        run(BUY + limits(f"limit c on order deny when {field} > $5"), bars(closes(8)))


def test_asking_for_a_length_alone_is_refused() -> None:
    with pytest.raises(AssertionError, match="takes one level and one length"):
        run(BUY + limits("limit c on order deny when value_at_risk(99%) > $5"), bars(closes(8)))


def test_what_two_books_hold_against_each_other_is_exposed_twice() -> None:
    """One book is long 100 at 10, the other short 100: 2,000 of the same name, not nothing."""
    text = strategy("entry long up { when close == $10 size 100 shares order market }", "one")
    text += strategy("entry short down { when close == $10 size 100 shares order market }", "two")
    text += strategy("entry long late { when close == $11 size 1 shares order market }", "zlate")
    rows = limits("limit cluster on order deny when correlated(50%, 3 bars) > $2_250")
    case = run_all(text + rows, flat("9 9 9 9 10 11"))["portfolio"]
    assert [v[2] for v in case.verdicts] == ["allowed"] * 3
    rows = rows.replace("2_250", "2_150")
    assert [v[2] for v in run_all(text + rows, flat("9 9 9 9 10 11"))["portfolio"].verdicts] == [
        *("allowed", "allowed"),
        "denied",
    ]
