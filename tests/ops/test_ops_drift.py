"""No drift: every windowed operator is measured, within the bound, and measures the same again."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.accuracy import (
    BARS,
    BOUND,
    LEVEL,
    NOISE,
    SLICE,
    WINDOWED,
    bars_of,
    measured,
    settings,
)

FILE = json.loads((Path(__file__).parents[2] / "docs" / "accuracy.json").read_text())
ROWS: dict[tuple[str, tuple[float, ...]], Any] = {
    (row["op"], tuple(row["consts"])): row for row in FILE["rows"]
}
SHORT = [(name, settings(name)[0]) for name in WINDOWED]
LONG = [row for row in ROWS if row not in SHORT]
"""Longer windows."""


def test_every_windowed_operator_is_measured_over_a_million_bars() -> None:
    assert {(name, consts) for name in WINDOWED for consts in settings(name)} == set(ROWS)
    assert all(row["bars"] == bars_of(row["op"]) for row in FILE["rows"])
    assert FILE["slice_bars"] == SLICE and BARS >= 1_000_000
    assert (FILE["level"], FILE["noise"]) == (LEVEL, NOISE) == (1e5, 1e-4)


@pytest.mark.parametrize("row", FILE["rows"], ids=lambda r: f"{r['op']}{r['consts']}")
def test_the_measured_error_is_within_the_bound(row: Any) -> None:
    assert row["slice_error"] <= row["error"] <= BOUND


def repeats(name: str, consts: tuple[float, ...]) -> None:
    """The slice is the beginning of the long run, and rounds alike on every machine."""
    error, committed = measured(name, consts, SLICE), ROWS[name, consts]["slice_error"]
    assert committed * 0.9 <= error <= committed * 1.1, f"{error:.2g}: measure {name} again"


@pytest.mark.parametrize(("name", "consts"), SHORT)
def test_a_slice_measures_the_same_again(name: str, consts: tuple[float, ...]) -> None:
    repeats(name, consts)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "consts"), LONG)
def test_a_slice_of_a_long_window_measures_the_same_again(
    name: str, consts: tuple[float, ...]
) -> None:
    repeats(name, consts)
