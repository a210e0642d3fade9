"""The same workloads in vectorbt; run by benchmarks/speed.py with a Python that has it installed.

Prints a line a workload: name, processor seconds (median of five after a first run), trades, final
equity. W4 is near, not the same: on the bar of an entry no stop acts there, and a stop goes before
an exit at the same open, so its trades differ by a few. It takes TA-Lib beside vectorbt.
Nothing of seawall is imported here, and nothing here by seawall.
"""

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers import bars

warnings.simplefilter("ignore")
CASH = 100_000.0
PAIRS = [(fast, slow) for fast in range(2, 27) for slow in range(30, 230, 5)]


def cross(vbt: Any, opens: Any, closes: Any, fast: Any, slow: Any, cash: float, **more: Any) -> Any:
    """Orders on the bar after a crossing, at its open."""
    quick = vbt.MA.run(closes, fast, short_name="quick", **more)
    calm = vbt.MA.run(closes, slow, short_name="calm", **more)
    enters = quick.ma_crossed_above(calm).vbt.signals.fshift(1)
    leaves = quick.ma_crossed_below(calm).vbt.signals.fshift(1)
    return vbt.Portfolio.from_signals(
        closes, enters, leaves, price=opens, init_cash=cash, freq="1min"
    )


def rich(vbt: Any, prices: dict[str, pd.Series]) -> Any:
    """Dips inside a rise: stop, target, ten bars at most, 2% of equity at risk."""
    from numba import njit

    @njit
    def decide(c: Any, enters: Any, leaves: Any, since: Any) -> tuple[bool, bool, bool, bool]:
        if c.position_now > 0:
            return False, leaves[c.i] or c.i - since[0] >= 10, False, False
        if enters[c.i]:
            since[0] = c.i
            return True, False, False, False
        return False, False, False, False

    opens, high, low, closes = (prices[name] for name in ("open", "high", "low", "close"))
    strength = vbt.IndicatorFactory.from_talib("RSI")
    reach = vbt.IndicatorFactory.from_talib("ATR")

    def run() -> Any:
        z = (closes - closes.vbt.rolling_mean(20)) / closes.vbt.rolling_std(20, ddof=0)
        rises = closes > closes.vbt.rolling_mean(200)
        enters = rises & (strength.run(closes, 14).real < 30) & (z < -1.5)
        risk = (3 * reach.run(high, low, closes, 14).real).shift(1) / opens
        signals = (x.vbt.signals.fshift(1).to_numpy() for x in (enters, z > 0))
        return vbt.Portfolio.from_signals(
            closes,
            signal_func_nb=decide,
            signal_args=(*signals, np.zeros(1, np.int64)),
            price=opens,
            open=opens,
            high=high,
            low=low,
            size=(0.02 / risk).clip(upper=1.0).fillna(0.01),
            size_type="percent",
            sl_stop=risk,
            tp_stop=0.08,
            stop_entry_price="fillprice",
            init_cash=CASH,
            freq="1min",
        )

    return run


def works(vbt: Any) -> dict[str, Callable[[], Any]]:
    """What each workload runs; its data is made once."""
    one, many = bars.single(), bars.panel()

    def series(values: Any, count: int) -> pd.Series:
        return pd.Series(values[:count], pd.date_range("2020-01-01", periods=count, freq="min"))

    def w1(count: int) -> Callable[[], Any]:
        opens, closes = series(one.open[0], count), series(one.close[0], count)
        return lambda: cross(vbt, opens, closes, 20, 50, CASH)

    days = pd.date_range("2010-01-01", periods=many.close.shape[1], freq="D")
    opens, closes = pd.DataFrame(many.open.T, days), pd.DataFrame(many.close.T, days)
    first, last = pd.Series(many.open[0], days), pd.Series(many.close[0], days)
    fasts, slows = ([int(v) for v in side] for side in zip(*PAIRS, strict=True))
    return {
        "W1 100k": w1(100_000),
        "W1 1000k": w1(1_000_000),
        "W2": lambda: cross(vbt, opens, closes, 20, 50, CASH / len(many.close)),
        "W3": lambda: cross(vbt, first, last, fasts, slows, CASH, run_unique=True),
        "W4": rich(vbt, {k: series(v[0], 100_000) for k, v in bars.rich().columns().items()}),
    }


def answer(name: str, made: Any) -> tuple[int, float]:
    """Trades and final equity, of the best pair for W3; equity curve and records are made too."""
    made.value()
    trades = int(np.sum(made.trades.count()))
    value = np.asarray(made.final_value())
    return trades, float(value.max() if name == "W3" else value.sum())


def main() -> None:
    """Measure the workloads named on the command line."""
    import vectorbt as vbt

    for name, run in works(vbt).items():
        if name not in sys.argv[1:]:
            continue
        answer(name, run())
        taken = []
        for _ in range(5):
            begun = time.process_time()
            found = answer(name, run())
            taken.append(time.process_time() - begun)
        print(f"{name}\t{statistics.median(taken)}\t{found[0]}\t{found[1]}", flush=True)


if __name__ == "__main__":
    main()
