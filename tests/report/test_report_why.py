"""`why` and rule tests as text, against golden files."""

import os
from pathlib import Path

import pytest

from engine.report.glyphs import Screen
from engine.report.rule_tests import results_text
from engine.report.why import value_text, verdict_text, why_text
from engine.session.answers import (
    Missed,
    TestResult,
    WhyLimit,
    WhyNode,
    WhyReport,
    WhyRule,
    WhySide,
)

CASES = Path(__file__).resolve().parents[1] / "cases" / "report"

Z = WhyNode("zscore(close, n)", -2.3456789, "ratio", name="z",
            parts=(WhyNode("close", 899.22, "$/share"),))  # fmt: skip
CROSSED = WhyNode("z crosses below -z_in", None, "", "true", parts=(Z,),
                  sides=(WhySide("z", "ratio", -1.9, -2.3456789),
                         WhySide("-z_in", "ratio", None, -2.0)))  # fmt: skip
VOLUME = WhyNode("volume >= 50% of adv(20 bars)", None, "", "unknown",
                 parts=(WhyNode("volume", None, "share"),))  # fmt: skip
BACK = WhyNode("z >= 0 or position.age >= 10 bars", None, "", "false",
               parts=(WhyNode("z >= 0 for 3 bars", None, "", "false", lasted=(1, 3)),
                      WhyNode("close[5]", 910.5, "$/share", of_date="2008-10-03")))  # fmt: skip
REPORT = WhyReport(
    strategy="fade", title="Buy two-sigma dips", symbol="SP500", date="2008-10-10",
    crisis="2008-gfc", start="2007-10-01",
    rules=(
        WhyRule("entry", "dip", "stretched below the mean", True, CROSSED, 4e4, "share", 898.32),
        WhyRule("entry", "loud", "on real volume", True, VOLUME),
        WhyRule("exit", "back", "back at the mean", False, BACK),
        WhyRule("stop", "hard", "position.entry_price - risk", True, None, price=850.123),
        WhyRule("weight", "weight", "", True, None, 0.5, "of equity"),
    ),
    lets=(Z,),
    limits=(
        WhyLimit("house.collar", "limit", "deny when not order.price within 10% of last", "passed"),
        WhyLimit("house.adv_cap", "limit", "clip qty to 10% of adv(20 bars)", "bound", 12300.0,
                 "no more than a tenth of a day"),
        WhyLimit("house.vix_pause", "pause", "enter when vix > 30 pts", "in_force",
                 because="no new risk while the VIX is above 30"),
        WhyLimit("house.drawdown_halt", "halt", "enter when equity <= 85% of peak(equity)", "open"),
    ),
    verdicts=(
        {"source": "entry", "rule": "dip", "side": "buy", "asked": 40000.0, "granted": 12300.0,
         "price": 898.32, "outcome": "clipped",
         "limits": [{"limit": "house.adv_cap", "said": "bound", "value": 12300.0}]},
        {"source": "entry", "rule": "dip", "side": "buy", "asked": 40000.0, "granted": 0.0,
         "price": 898.32, "outcome": "denied",
         "limits": [{"limit": "house.collar", "said": "refused", "value": 2.0},
                    {"limit": "house.adv_cap", "said": "skipped", "value": None}]},
        {"source": "entry", "rule": "dip", "side": "buy", "asked": 40000.0, "granted": 0.0,
         "price": 898.32, "outcome": "blocked", "switch": "house.vix_pause"},
    ),
    account={"equity": 1_012_345.678, "cash": 1_000_000.0, "position": 0.0, "drawdown": 0.0123},
    notices=("SP500: fills at closes",),
)  # fmt: skip

RESULTS = (
    TestResult("fires on the cross", "fade", "rules/dip_fade.rule", 32, 23, ()),
    TestResult("stays out", "fade", "rules/dip_fade.rule", 40, 23,
               tuple(Missed(b, "dip", "silent", "fires", 42) for b in range(15))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("why_fade.80.txt", why_text(REPORT, Screen(80))),
        ("why_fade.48.ascii.txt", why_text(REPORT, Screen(48, unicode=False))),
        ("rule_tests.80.txt", results_text(RESULTS, Screen(80))),
    ],
)
def test_the_text_is_as_written(name, text):
    path = CASES / name
    if os.environ.get("UPDATE_CASES"):
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(899.224, "$/share", "$899.22"), (-0.25, "$", "−$0.2500"), (40000.0, "share", "40,000 shares"),
     (-2.3456789, "ratio", "−2.34568"), (31.2, "pts", "31.2 pts"), (20.0, "bar", "20 bars")],
)  # fmt: skip
def test_values_carry_their_unit(value, unit, text):
    assert value_text(value, unit) == text


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (REPORT.verdicts[0], "clip 40,000 → 12,300 by adv_cap"),
        (REPORT.verdicts[1], "deny by collar"),
        (REPORT.verdicts[2], "deny: house.vix_pause is in force"),
        ({"outcome": "allowed"}, "allow"),
        ({"outcome": "unsized"}, "no order, its size is na"),
    ],
)
def test_verdicts_read_as_a_risk_officer_speaks(verdict, text):
    assert verdict_text(verdict) == text


def test_colour_changes_no_letter():
    import re

    plain = re.sub("\x1b\\[[0-9;]*m", "", why_text(REPORT, Screen(80, color=True)))
    assert plain == why_text(REPORT, Screen(80))


def test_hostile_text_commands_no_terminal():
    from dataclasses import replace

    hostile = replace(REPORT, title="\x1b]0;x\x07", notices=("\x1b[2J",))
    text = why_text(hostile, Screen(80, color=True))
    assert "\x1b]" not in text and "\x1b[2J" not in text
