"""Order flow: what a change of the best quotes adds to the buying side.

What: `order_flow(bid, bid_size, ask, ask_size)` compares each quote with the one before. A bid that
rises counts its whole size as bought, one that falls takes the former size away, one that stays
counts the change of its size; the ask the same way round for the seller. `lib/order_flow.rule` sums
it over n bars, which is the order flow imbalance.
Why: over short times prices move with the imbalance, about in proportion, and less the deeper the
book. Every step must be one change of the quotes: sampled quotes, such as those at the closes of
bars, lose what came and went between. A book feed sums every change (engine/feeds/book.py).
Example:
    >>> order_flow_series([10.0, 10.0], [5.0, 8.0], [11.0, 12.0], [4.0, 6.0]).tolist()
    [nan, 7.0]

Reference: Cont, Kukanov and Stoikov, The price impact of order book events (2014), section 2.1.
"""

from math import nan

from engine.ops.numbers import NA
from engine.ops.spec import Arg, Op
from engine.ops.whole import Values, shifted


def order_flow_step(
    bid: float,
    bid_size: float,
    ask: float,
    ask_size: float,
    last_bid: float,
    last_bid_size: float,
    last_ask: float,
    last_ask_size: float,
) -> tuple[float, float, float, float, float]:
    bought = (bid_size if bid >= last_bid else 0.0) - (last_bid_size if bid <= last_bid else 0.0)
    sold = (ask_size if ask <= last_ask else 0.0) - (last_ask_size if ask >= last_ask else 0.0)
    prices = bid + ask + last_bid + last_ask
    sizes = bid_size + ask_size + last_bid_size + last_ask_size
    y = bought - sold if (prices == prices) & (sizes == sizes) else NA
    return y, bid, bid_size, ask, ask_size


def order_flow_series(bid: Values, bid_size: Values, ask: Values, ask_size: Values) -> Values:
    import numpy as np

    given = [np.asarray(v, dtype=float) for v in (bid, bid_size, ask, ask_size)]
    b, q, a, r = given
    last = [shifted(v, 1) for v in given]
    up = np.sign(b - last[0]), np.sign(a - last[2])
    bought = np.select([up[0] > 0, up[0] == 0, up[0] < 0], [q, q - last[1], -last[1]], nan)
    sold = np.select([up[1] < 0, up[1] == 0, up[1] > 0], [r, r - last[3], -last[3]], nan)
    known = ~np.isnan(sum(given) + sum(last))
    return np.where(known, bought - sold, nan)


ORDER_FLOW = Op(
    name="order_flow",
    title="What a change of the best quotes adds to the buying side",
    args=(Arg("bid", unit="v"), Arg("bid_size"), Arg("ask", unit="v"), Arg("ask_size")),
    result="u",
    kernel=order_flow_step,
    series=order_flow_series,
    example="order_flow(low, volume, high, volume)",
    formula="bid_size * (bid >= bid[1]) - bid_size[1] * (bid <= bid[1])"
    " - ask_size * (ask <= ask[1]) + ask_size[1] * (ask >= ask[1])",
    source="Cont, Kukanov and Stoikov (2014), The price impact of order book events",
    state=(nan, nan, nan, nan),
    defined=lambda c: 1,
    cost=lambda c: 16,
)
