"""The terminal report against golden text, and its promises one by one."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from engine.report.details import _interest
from engine.report.facts import crises, strategies
from engine.report.glyphs import PLAIN, Screen
from engine.report.sentences import sentence, sentences
from engine.report.survival import survival
from engine.report.terminal import report
from engine.session.options import Outcome

CASES = Path(__file__).resolve().parents[1] / "cases" / "report"
COMMANDS = {("fade", "2008-gfc"): "seawall why fade SP500 2008-10-10"}


def summary() -> dict:
    return json.loads((CASES / "three_crises.json").read_text(encoding="utf-8"))


def outcome(changes=("fade 2008-gfc: return −9.8% → −11.2%",)) -> Outcome:
    return Outcome(summary(), Path("runs/7f3a"), changes, COMMANDS)


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("three_crises.80.txt", Screen(80)),
        ("three_crises.44.ascii.txt", Screen(44, unicode=False)),
        ("three_crises.120.color.txt", Screen(120, color=True)),
    ],
)
def test_the_report_is_as_written(name, screen):
    path, text = CASES / name, report(outcome(), screen) + "\n"
    if os.environ.get("UPDATE_CASES"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def many(names: int, windows: int) -> list[dict]:
    """A full house: every strategy in every crisis."""
    row = summary()["runs"][1]
    return [
        {**row, "strategy": f"strategy_number_{n}" if n else "dip_fade",
         "crisis": f"{1987 + w}-crisis-{w}", "start": f"{1987 + w}-01-02",
         "max_drawdown": -0.1 * (n % 7) - 0.001 * w, "status": "partial" if w == 3 else "ran"}
        for n in range(names) for w in range(windows)
    ]  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("names", [1, 7, 20])
def test_no_line_of_the_table_is_too_wide_and_no_cell_is_lost(width, names):
    text = survival(many(names, 14), Screen(width))
    assert all(len(line) <= width for line in text.splitlines())
    assert len(re.findall(r"\d[✓✗]", text)) == 14 * names


def test_seven_strategies_and_holding_fit_one_table_at_80_columns():
    assert survival(many(7, 14), Screen(80)).count("1987-crisis-0") == 1


def test_crises_stand_in_time_order_and_the_portfolio_last():
    cells = summary()["runs"][::-1]
    assert crises(cells) == ["1987-black-monday", "2008-gfc", "2010-flash-crash"]
    assert strategies(cells)[-1] == "portfolio"


def test_ascii_has_only_ascii():
    assert report(outcome(), Screen(80, unicode=False)).isascii()
    assert all(plain.isascii() for plain in PLAIN.values())
    assert all(len(PLAIN[mark]) == 1 for mark in "−✓✗–~" if mark in PLAIN)


def test_colour_never_carries_meaning_alone():
    plain = re.sub("\x1b\\[[0-9;]*m", "", report(outcome(), Screen(80, color=True)))
    assert plain == report(outcome(), Screen(80))


def test_a_first_run_has_nothing_to_compare_with_and_an_equal_one_says_so():
    assert "last run" not in report(outcome(None), Screen())
    said = " ".join(report(outcome(()), Screen()).split())
    assert (
        "Compared with the last run of these files: every status, return and deepest fall (to "
        "0.1%) and every failed expectation is the same."
    ) in said


def test_one_sentence_per_strategy_from_its_worst_crisis():
    first = sentences(summary()["runs"])[0]
    assert first == (
        "fade fell 14.0% and ended 11.2% down in 2008-gfc, its worst of 3 crises, where "
        "buy-and-hold fell 56.8%; its limits stopped it on 14 of 356 bars and saved 6.1 points."
    )


def fade(**changed) -> str:
    return sentence("fade", [{**summary()["runs"][1], **changed}])


def test_limits_that_never_paused_say_what_they_did():
    """Nine were sent and two were not: eleven were put to the limits."""
    assert fade(paused_bars=0).endswith("its limits denied 2 and clipped 3 of 11 orders "
                                        "and saved 6.1 points.")  # fmt: skip


def test_limits_that_cost_say_so():
    better = {"return": -0.1, "max_drawdown": -0.1}
    assert fade(paused_bars=0, denied=0, clipped=0, without_limits=better).endswith(
        "its limits cost 1.2 points."
    )


def test_a_strategy_that_never_traded_says_why():
    text = fade(trades=0, orders=0, no_trade_reason="dip: undefined 78 of 78 bars, volume missing")
    assert text == ("fade sent no order in 2008-gfc: dip: undefined 78 of 78 bars, volume missing.")


def test_a_strategy_without_data_makes_no_claim():
    text = sentence("fade", [{**summary()["runs"][3], "strategy": "fade"}])
    assert text == "fade has no data in 1987-black-monday."


def test_a_run_without_limits_says_so():
    assert fade(without_limits=None).endswith("; it ran without limits.")


def test_hostile_names_come_out_as_text():
    row = {**summary()["runs"][1], "strategy": "x\x1b[31m", "notices": ["\x1b]0;title\x07"]}
    text = report(Outcome({"version": 1, "verdict": "pass", "runs": [row]}, Path("r"), None, {}),
                  Screen(80))  # fmt: skip
    assert "\x1b" not in text and "\x07" not in text


def test_interest_that_makes_up_much_of_an_end_figure_is_told() -> None:
    cell: Any = {"crisis": "2008-gfc", "start_equity": 1_000_000.0, "interest": 22_873.0}
    assert _interest([cell]) == ["interest on cash is 2.3 points of the end figure in 2008-gfc"]
    assert _interest([{**cell, "interest": 400.0}]) == []
