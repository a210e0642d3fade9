"""Sequences of orders, fills, cancels, replacements and time, grown step by step and then judged.

Each step appends one session: what the market did and what the desk wants. The strategies read
their wishes from a symbol that nobody trades, so that a step can ask for any order at any time.
"""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from engine.records import account
from engine.records.desk import CostRow
from engine.records.series import Series
from limits.worlds import NAN, VIX, World, play, random_series, random_vix, series_of

NOTHING, MARKET, LIMIT, SHORT, WEIGHT, OUT = 9.0, 1.0, 2.0, 3.0, 4.0, 5.0

ORDERS = """strategy orders {
  clock 1d on xnys
  entry long now { when close of SIG == $1 size 100% of equity / close order market for gtc }
  entry long low { when close of SIG == $2 size 2_000 shares order limit close * 98% for gtc }
  entry short down { when close of SIG == $3 size 900 shares order stop close * 99% for gtc }
  exit out { when close of SIG == $5 order market }
  stop hard of now at position.entry_price * 96%
  target gain of low at position.entry_price * 103%
}
"""
WEIGHTS = """strategy weights {
  clock 1d on xnys
  latch heavy { set when close of SIG == $4 clear when close of SIG == $5 }
  weight if heavy then 70% else -20%
  rebalance daily
}
"""
LIMITS = """limits house {
  data vix : pts = "VIX" daily stale after 2 bars
  limit room on order clip qty to (120% of equity - exposure.gross) / order.price
  limit each on order scope strategy clip qty to (110% of equity - exposure.gross) / order.price
  limit held on order deny when positions.count >= 5
  limit loss on entry clip qty to 2% of equity / order.stop_distance else skip because "no stop"
  limit calm on order deny when vix > 40 pts else skip because "no VIX"
  pause nervous { enter when vix > 30 pts resume when vix < 25 pts for 2 bars allow exits }
  flatten day scope strategy { enter when pnl.today <= -3% of equity resume after 2d }
  halt floor { enter when equity <= 92% of peak(equity) resume after 4d allow exits }
}
"""

MET: Counter[str] = Counter()
"""What the machine's runs came to."""


class Desk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.bars: list[tuple[float, float, float, float, float]] = []
        self.wishes: list[float] = []
        self.fear: list[float] = []
        self.price = 40.0

    def session(self, wish: float, move: float, gap: float = 0.0, volume: float = 8_000.0) -> None:
        """One more session: it opens with a gap, then moves; prices in quarters."""
        o = _quarters(self.price * (1 + gap))
        self.price = _quarters(o * (1 + move))
        high, low = max(o, self.price) + 0.25, min(o, self.price) - 0.25
        self.bars.append((o, high, low, self.price, volume))
        self.wishes.append(wish)
        self.fear.append(self.fear[-1] if self.fear else 20.0)

    moves = st.sampled_from([0.0, 0.01, -0.01, 0.03, -0.03, 0.06, -0.06])
    wanted = st.sampled_from([MARKET, LIMIT, SHORT, WEIGHT])

    @rule(wish=wanted, move=moves)
    def order(self, wish: float, move: float) -> None:
        self.session(wish, move)

    @rule(wish=wanted, move=moves)
    def order_again(self, wish: float, move: float) -> None:
        """The same wish twice: ignored, or a rebalance that replaces the first."""
        self.session(wish, move)
        self.session(wish, move)

    @rule(move=moves)
    def leave(self, move: float) -> None:
        self.session(OUT, move)

    @rule(count=st.integers(1, 4), move=moves)
    def wait(self, count: int, move: float) -> None:
        for _ in range(count):
            self.session(NOTHING, move)

    @rule(gap=st.sampled_from([-0.13, -0.05, 0.05, 0.13]), wish=wanted)
    def gap(self, gap: float, wish: float) -> None:
        """Orders of the last close meet a jump: protection prices and stops are tried."""
        self.session(wish, 0.0, gap)

    @rule(wish=wanted)
    def dry_up(self, wish: float) -> None:
        """A bar with hardly any volume: partial fills, orders that work on."""
        self.session(wish, 0.01, volume=400.0)

    @rule(level=st.sampled_from([18.0, 27.0, 33.0, 45.0, NAN]))
    def fright(self, level: float) -> None:
        self.session(NOTHING, -0.01)
        self.fear[-1] = level

    def teardown(self) -> None:
        if len(self.bars) < 2:
            return
        played = play(self.world())
        judged = played.judged()
        assert judged.of("escape", "disagreement") == [], judged.findings[0]
        assert judged.unread == 0
        MET.update(f"outcome {v.outcome}" for v in played.history.verdicts)
        MET.update(f"lapse {x.reason}" for x in played.history.lapses)
        MET.update(f"source {f.source}" for f in played.history.fills)

    def world(self) -> World:
        rng = Random(1)
        stock = random_series(rng, "AAA", 2, True)
        signal = [(w, w, w, w, NAN) for w in self.wishes]
        fear = [(NAN, NAN, NAN, f, NAN) for f in self.fear]
        series = {
            "AAA": series_of("AAA", stock.instrument, self.bars),
            "SIG": _feed("SIG", stock, signal),
            VIX: series_of(VIX, random_vix(rng, 2).instrument, fear),
        }
        costs = CostRow(commission=0.0005, participation=0.1, interest=False, buying_power=1.0)
        texts = (ORDERS, WEIGHTS)
        return World(len(self.bars), LIMITS, texts, ("", ""), series, 100_000.0, costs, NAN)


def _quarters(price: float) -> float:
    return max(4.0, round(price * 4.0)) / 4.0


def _feed(name: str, like: Series, rows: list[Any]) -> Series:
    untraded = replace(like.instrument, symbol=name, tradable=False)
    return series_of(name, untraded, rows)


STEPS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_sequences_meet_every_ending_and_are_judged() -> None:
    run_state_machine_as_test(Desk, settings=STEPS)
    for outcome in (account.ALLOWED, account.CLIPPED, account.DENIED, account.BLOCKED):
        assert MET[f"outcome {outcome}"], f"outcome {outcome}"
    for reason in (account.PROTECTED, account.NO_POWER, account.SWITCHED_OFF, account.SUPERSEDED):
        assert MET[f"lapse {reason}"], f"lapse {reason}"
    for source in range(6):
        assert MET[f"source {source}"], f"source {source}"
