"""Numbers and lists as text."""

import pytest

from engine.report.words import count, ended, exact, listing, number, percent, points, wrap


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(-0.112, "−11.2%"), (0.0, "0.0%"), (-0.0001, "0.0%"), (12.3456, "1,234.6%"), (None, "–"),
     (float("nan"), "–")],
)  # fmt: skip
def test_percent(ratio, text):
    assert percent(ratio) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(40000.0, "40,000"), (0.5, "0.5"), (-1234.5678, "−1,234.57"), (0.000123456, "0.00012346"),
     (float("nan"), "na"), (float("inf"), "infinite"), (0.0, "0"), (-0.0, "0"),
     (28.1234567, "28.1235"), (1e12, "1,000,000,000,000")],
)  # fmt: skip
def test_exact(value, text):
    assert exact(value) == text


def test_words():
    assert (number(-1234.5), number(3, 0)) == ("−1,234.5", "3")
    assert (points(0.061), points(-0.01), points(0.0)) == ("6.1 points", "1.0 point", "0.0 points")
    assert (count(1, "bar"), count(1204, "bar"), count(0, "crisis", "crises")) == (
        "1 bar", "1,204 bars", "0 crises",
    )  # fmt: skip
    assert (ended(-0.112), ended(0.004), ended(0.0)) == (
        "ended 11.2% down", "ended 0.4% up", "ended even",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
     (["a", "b", "c", "d"], "a, b, c and d")],
)  # fmt: skip
def test_listing(items, text):
    assert listing(items) == text


def test_a_long_list_is_cut():
    assert listing(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"


def test_wrap_keeps_long_words_and_hanging_indent():
    text = wrap("see runs/a-very-long-name/summary.json now", 24, "  - ")
    assert text.splitlines() == ["  - see", "    runs/a-very-long-name/summary.json", "    now"]
