"""Order flow over made-up books: what each order added, by hand, and the operator."""

from dataclasses import replace

import numpy as np
import pytest

from engine.feeds.book import BookFeed, flow_bars, level_flow, signed
from engine.ops import BY_NAME
from engine.records.book import Quotes, Trades
from tests.feeds.synthetic_book import SECOND, OwnFeed, made
from tests.ops.drive import Runner
from tests.ops.library import values

NAN = float("nan")


def level_one(*rows: tuple[float, float, float, float]) -> Quotes:
    """Quotes of one level, a second apart: bid, its size, ask, its size."""
    columns = [np.array([[v] for v in column], dtype=float) for column in zip(*rows, strict=True)]
    return Quotes(np.arange(1, len(rows) + 1) * SECOND, *columns)


HAND = level_one(
    (10.0, 500, 10.01, 400),
    (10.0, 600, 10.01, 400),  # a buyer joins with 100
    (10.0, 600, 10.01, 250),  # a buyer takes 150 of the offer
    (10.0, 600, 10.02, 300),  # and the rest: the offer falls back
    (10.01, 200, 10.02, 300),  # a buyer improves with 200
    (10.0, 600, 10.02, 300),  # a seller takes them
    (10.0, 600, 10.01, 70),  # a seller improves with 70
)
HAND_FLOW = [100.0, 150.0, 250.0, 200.0, -200.0, -70.0]


def test_by_hand() -> None:
    assert level_flow(HAND)[1:, 0].tolist() == HAND_FLOW
    columns = [c[:, 0].tolist() for c in (HAND.bids, HAND.bid_sizes, HAND.asks, HAND.ask_sizes)]
    assert Runner(BY_NAME["order_flow"]).run(*columns)[1:] == HAND_FLOW


@pytest.mark.parametrize("seed", range(20))
def test_the_flow_is_what_the_orders_added(seed: int) -> None:
    book = made(seed)
    assert level_flow(book.quotes())[1:, 0].tolist() == [float(v) for v in book.added[1:]]


@pytest.mark.parametrize("seed", range(5))
def test_bars_hold_what_the_operator_sums(seed: int) -> None:
    quotes = made(seed).quotes()
    closes = np.arange(1, 30) * 10 * SECOND
    columns = [
        c[:, 0].tolist() for c in (quotes.bids, quotes.bid_sizes, quotes.asks, quotes.ask_sizes)
    ]
    steps = np.array(Runner(BY_NAME["order_flow"]).run(*columns))
    bars = flow_bars(quotes, None, closes)
    for k, close in enumerate(closes):
        after = closes[k - 1] if k else 0
        inside = (quotes.times > after) & (quotes.times <= close) & ~np.isnan(steps)
        want = steps[inside].sum() if inside.any() else NAN
        assert bars.imbalance[k, 0] == want or (want != want and np.isnan(bars.imbalance[k, 0]))
    assert np.isnan(bars.traded).all()


def test_the_library_sums_it() -> None:
    quotes = made(3).quotes()
    names = ("low", "volume", "high", "open")
    columns = dict(
        zip(names, (quotes.bids, quotes.bid_sizes, quotes.asks, quotes.ask_sizes), strict=True)
    )
    bars = {name: c[:, 0] for name, c in columns.items()} | {"close": quotes.asks[:, 0]}
    bars["open"] = bars["volume"]
    got = values("order_flow_imbalance(low, volume, high, volume, 5 bars)", bars)
    flow = Runner(BY_NAME["order_flow"]).run(
        *(bars[n].tolist() for n in ("low", "volume", "high", "volume"))
    )
    assert got[5:].tolist() == [sum(flow[t - 4 : t + 1]) for t in range(5, len(flow))]
    assert np.isnan(got[:5]).all()


def test_depth_has_a_column_a_level_and_the_first_is_level_one() -> None:
    deep, shallow = made(7, levels=4).quotes(), made(7).quotes()
    closes = np.arange(1, 30) * 10 * SECOND
    flow = flow_bars(deep, None, closes).imbalance
    assert deep.levels == 4 and flow.shape == (29, 4)
    assert np.array_equal(
        flow[:, 0], flow_bars(shallow, None, closes).imbalance[:, 0], equal_nan=True
    )
    assert np.nanmax(np.abs(flow[:, 3])) > 0


def test_a_missing_level_has_no_flow_and_leaves_the_others() -> None:
    quotes = made(7, levels=2).quotes()
    asks = quotes.asks.copy()
    asks[50:60, 1] = NAN
    flow = level_flow(replace(quotes, asks=asks))
    assert np.isnan(flow[50:61, 1]).all() and not np.isnan(flow[61:, 1]).any()
    assert np.array_equal(flow[:, 0], level_flow(quotes)[:, 0], equal_nan=True)


def test_nothing_after_a_close_reaches_its_bar() -> None:
    book, closes = made(11), np.arange(1, 20) * 10 * SECOND
    quotes, trades = book.quotes(), book.trades()
    kept, printed = quotes.times <= closes[9], trades.times <= closes[9]
    columns = (quotes.times, quotes.bids, quotes.bid_sizes, quotes.asks, quotes.ask_sizes)
    before = Quotes(*(c[kept] for c in columns))
    told = Trades(*(c[printed] for c in (trades.times, trades.prices, trades.sizes, trades.sides)))
    whole, early = flow_bars(quotes, trades, closes), flow_bars(before, told, closes)
    assert np.array_equal(whole.imbalance[:10], early.imbalance[:10], equal_nan=True)
    assert np.array_equal(whole.traded[:10], early.traded[:10], equal_nan=True)


@pytest.mark.parametrize("seed", range(5))
def test_sides_are_found_by_the_quote_before(seed: int) -> None:
    book = made(seed)
    assert signed(book.trades(sides=False), book.quotes()).tolist() == book.trades().sides.tolist()


def test_trades_at_the_middle_go_by_the_last_move() -> None:
    quotes = level_one((9.0, 1, 11.0, 1))
    times = np.array([2, 3, 4, 5]) * SECOND
    prices, sides = np.array([10.0, 11.0, 10.0, 10.0]), np.zeros(4, dtype=np.int8)
    trades = Trades(times, prices, np.ones(4), sides)
    assert signed(trades, quotes).tolist() == [0, 1, -1, -1]
    assert flow_bars(quotes, trades, np.array([10 * SECOND])).traded.tolist() == [-1.0]


def test_an_own_feed_meets_the_port() -> None:
    feed: BookFeed = OwnFeed({"MADE": made(1)})
    quotes = feed.quotes("MADE", 0, 60 * SECOND)
    assert len(quotes) and quotes.times[-1] <= 60 * SECOND and feed.levels == quotes.levels
    assert feed.has_trades and feed.trades("MADE", 0, 10**18).sizes.min() > 0
    with pytest.raises(LookupError):
        feed.quotes("OTHER", 0, 1)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (replace(HAND, times=HAND.times[::-1]), "times go back after the one at row 0"),
        (replace(HAND, bid_sizes=-HAND.bid_sizes), "a negative size at row 0"),
        (replace(HAND, bids=HAND.asks), "not below its ask at row 0"),
    ],
)
def test_broken_books_are_refused(broken: Quotes, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        flow_bars(broken, None, np.array([SECOND]))


def test_closes_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="closes do not rise after the one at row 0"):
        flow_bars(HAND, None, np.array([SECOND, SECOND]))


def test_an_empty_book_has_no_flow() -> None:
    empty = Quotes(np.zeros(0, dtype=np.int64), *(np.zeros((0, 1)) for _ in range(4)))
    assert np.isnan(flow_bars(empty, None, np.array([SECOND])).imbalance).all()
