"""Caveats and reasons are said once, and nothing of them is lost."""

import pytest

from engine.report.caveats import caveats_text, reasons_text
from engine.report.glyphs import Screen

WIDE = Screen(120)


def cell(strategy: str, crisis: str, status: str, *notices: str) -> dict:
    return {"strategy": strategy, "crisis": crisis, "status": status, "start": crisis,
            "notices": list(notices)}  # fmt: skip


def test_sentences_that_differ_in_their_symbols_become_one():
    cells = [
        cell("a", "2008", "ran", "SP500: price return, dividends left out"),
        cell("b", "2008", "ran", "SP500, NASDAQ: price return, dividends left out"),
        cell("b", "2020", "ran", "NVDA left out: data begin 2013-01-02"),
    ]
    assert caveats_text(cells, [], WIDE).splitlines()[1:] == [
        "  SP500 and NASDAQ: price return, dividends left out (2008)",
        "  NVDA left out: data begin 2013-01-02 (2020)",
    ]


def test_sentences_that_differ_in_their_count_become_one():
    cells = [
        cell("a", "2008", "ran", "6 fills had no volume cap: the bar's volume is unknown"),
        cell("b", "2008", "ran", "1 fill was cut short by buying power or volume"),
        cell("c", "2008", "ran", "9 fills had no volume cap: the bar's volume is unknown"),
    ]
    assert caveats_text(cells, [], WIDE).splitlines()[1:] == [
        "  some fills had no volume cap: the bar's volume is unknown",
        "  some fills were cut short by buying power or volume",
    ]


def test_crises_beyond_three_are_counted():
    cells = [cell("a", str(y), "ran", "odd" if y < 2006 else "") for y in range(2000, 2010)]
    assert "  odd (6 of 10 crises)" in caveats_text(cells, [], WIDE)


def test_a_reason_is_no_caveat_and_the_rest_of_the_notices_are():
    cells = [cell("a", "2008", "partial", "too little history", "odd prices")]
    assert "too little history" not in caveats_text(cells, [], WIDE)
    assert "odd prices" in caveats_text(cells, [], WIDE)


def test_notices_of_the_run_stand_first():
    assert caveats_text([], ["bare rule file: run on SP500"], WIDE).splitlines()[1] == (
        "  bare rule file: run on SP500"
    )


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (
            [
                cell("a", "2025", "no-data", "SP500: data end 2022-12-28"),
                cell(
                    "b", "2025", "no-data", "SP500: data end 2022-12-28; NVDA: data end 2023-09-21"
                ),
                cell("portfolio", "2025", "no-data", "a does not run: SP500: data end 2022-12-28"),
            ],
            "2025: no data: SP500: data end 2022-12-28; NVDA: data end 2023-09-21",
        ),
        (
            [
                cell("a", "1987", "no-data", "VIX has no data before 1990-01-02"),
                cell("b", "1987", "partial", "only 1 of 6 symbols have data here"),
                cell("c", "1987", "ran"),
            ],
            "1987 (a): no data: VIX has no data before 1990-01-02\n"
            "1987 (b): ~ partial: only 1 of 6 symbols have data here",
        ),
    ],
)
def test_reasons_stand_by_crisis(cells, text):
    assert reasons_text(cells, WIDE) == text
