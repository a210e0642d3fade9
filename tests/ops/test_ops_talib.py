"""Agreement with TA-Lib, where it has the operator."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.ops import BY_NAME
from tests.ops.drive import Runner, prices

talib = pytest.importorskip("talib", reason="TA-Lib is not installed")

COUNT = 1500


def bars() -> dict[str, Any]:
    close = np.array(prices("walk", COUNT, 1))
    rng = np.random.default_rng(4)
    high = close * (1 + 0.01 * rng.random(COUNT))
    low = close * (1 - 0.01 * rng.random(COUNT))
    return {"close": close, "high": high, "low": low}


CASES: list[tuple[str, Callable[[dict[str, Any], int], Any], float]] = [
    ("sma", lambda b, n: talib.SMA(b["close"], n), 1e-11),
    ("ema", lambda b, n: talib.EMA(b["close"], n), 1e-11),
    ("rsi", lambda b, n: talib.RSI(b["close"], n), 1e-11),
    ("sum", lambda b, n: talib.SUM(b["close"], n), 1e-11),
    ("highest", lambda b, n: talib.MAX(b["close"], n), 0.0),
    ("lowest", lambda b, n: talib.MIN(b["close"], n), 0.0),
    ("change", lambda b, n: talib.MOM(b["close"], n), 0.0),
    ("roc", lambda b, n: talib.ROCP(b["close"], n), 0.0),
    ("stdev", lambda b, n: talib.STDDEV(b["close"], n), 1e-7),
    ("atr", lambda b, n: talib.ATR(b["high"], b["low"], b["close"], n), 1e-11),
    ("true_range", lambda b, n: talib.TRANGE(b["high"], b["low"], b["close"]), 0.0),
]


@pytest.mark.parametrize(("name", "peer", "tolerance"), CASES, ids=[c[0] for c in CASES])
@pytest.mark.parametrize("n", [2, 14, 200])
def test_agrees_with_talib(name: str, peer: Any, tolerance: float, n: int) -> None:
    op, b = BY_NAME[name], bars()
    series = [b[c] for c in op.columns] or [b["close"]]
    consts = (n,) if op.args else ()
    got = np.array(Runner(op, consts).run(*(s.tolist() for s in series)))
    want = peer(b, n)
    assert np.array_equal(np.isnan(got), np.isnan(want))
    known = ~np.isnan(want)
    assert np.all(np.abs(got - want)[known] <= tolerance * np.abs(want)[known])
