"""Rules on bars of minutes, with slower clocks, sessions and orders for one moment: every way of
running them answers alike to the bit, compiled too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.base.spans import source
from engine.check import check_file, load_uses, read_near
from engine.compile import plan_strategy
from engine.graph.plan import Plan
from engine.lang.parse import parse
from engine.records.catalogue import load_catalogue
from tests.agree import battery

RULES = {
    "breakout": """
  let range_high = value_when(session.minutes == 30, highest(high, 6 bars))
  entry long up {
    when close crosses above range_high and session.minutes between 30 to 240
    size 10% of equity / close
    order limit close for opg
  }
  exit flat of up { when session.minutes_to_close <= 10  order market for cls }
  stop hard at range_high * 99%
""",
    "clocks": """
  let slow = sma(close, 3 bars) on 1d
  entry long up {
    when close > vwap_session() and (ema(close, 4 bars) on 30m) > (sma(close, 2 bars) on 1h)
    size 5% of equity / atr(5 bars)
    order market for ioc
  }
  entry short down {
    when close < slow and bars_since(session.first_bar) > 2 bars and (roc(close, 1 bars) on 1w) < 0
    size $1_000
    order market for cls
  }
  exit out { when position.age >= 4 bars or (close on 15m) < vwap_anchored(session.first_bar)
    order market for opg }
  trail off at peak(high) since entry - atr(5 bars)
""",
}


def plan_of(name: str) -> Plan:
    text = (
        f'rules 1\nuse "lib/vwap.rule"\nstrategy {name} {{\n  clock 5m on xnys\n{RULES[name]}}}\n'
    )
    file, problems = parse(source("minutes.rule", text))
    used, more = load_uses(file, read_near)
    meant, found = check_file(file, used, load_catalogue())
    wrong = [d for d in (*problems, *more, *found) if d.severity in ("error", "later")]
    assert not wrong, [d.message for d in wrong]
    return plan_strategy(meant.strategies[0])


@pytest.mark.parametrize("check", battery.EACH, ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", RULES)
def test_what_holds_of_every_rule_holds_on_minutes(name: str, check: battery.Check) -> None:
    for seed in (1, 2, 3):
        check(plan_of(name), seed)


@pytest.fixture
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "njit"
        patch.setenv("SEAWALL_CACHE", str(folder))
        yield folder


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("name", RULES)
def test_compiled_rules_on_minutes_agree(name: str) -> None:
    battery.compiled_agrees(plan_of(name), 4)
