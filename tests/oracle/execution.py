"""One order against its bars, in exact decimals: where it fills, written from docs/spec.md alone.

It shares no code with the engine. No costs, no stops, no tick: only which bars an order meets, at
which price, and how much of it the volume lets through.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MILLIONTH = Decimal("0.000001")
PROTECTION = Decimal("0.1")


@dataclass(frozen=True)
class Bar:
    """open, high, low: None where the bar fills at its close only."""

    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    volume: int


@dataclass
class Order:
    """first: its limit, stop, or distance; second: the limit behind a stop. last: the close at
    which it was decided."""

    side: int
    kind: str
    tif: str
    left: int
    first: Decimal
    second: Decimal
    last: Decimal
    was_set_off: bool = False
    has_filled: bool = False
    stop: Decimal = Decimal(0)

    def better(self, a: Decimal, b: Decimal) -> bool:
        """Whether a is at or better than b for the trader."""
        return a <= b if self.side > 0 else a >= b

    def trailed(self, close: Decimal) -> Decimal:
        by = close * self.first if self.kind == "trail_ratio" else self.first
        return (close + self.side * by).quantize(MILLIONTH, ROUND_HALF_UP)


def fills(order: Order, bars: list[Bar | None], share: Decimal) -> list[tuple[int, int, Decimal]]:
    """(bar, shares, price) of every fill; bar 0 is the first after the decision."""
    found: list[tuple[int, int, Decimal]] = []
    if order.kind.startswith("trail"):
        order.stop = order.trailed(order.last)
        if order.first <= 0 or order.stop <= 0:
            return []
    if order.kind == "stop_limit" and not order.better(order.first, order.second):
        return []  # a limit better than its stop is no order
    for t, bar in enumerate(bars):
        if bar is None:
            continue
        price = _met(order, bar)
        if price is not None:
            qty = min(order.left, int(bar.volume * share)) if share else order.left
            if qty:
                found.append((t, order.side * qty, price))
                order.left -= qty
                order.has_filled = True
        if order.tif != "gtc" or not order.left:
            break
        if order.kind.startswith("trail") and not order.has_filled:
            now = order.trailed(bar.close)
            order.stop = min(order.stop, now) if order.side > 0 else max(order.stop, now)
    return found


def _met(order: Order, bar: Bar) -> Decimal | None:
    """The price at which a bar lets an order trade, None when it does not."""
    o, high, low = bar.open, bar.high, bar.low
    if o is None or high is None or low is None:
        if order.tif == "opg":
            return None
        o = high = low = bar.close
    worst = order.last * (1 + order.side * PROTECTION)
    if order.kind == "market":
        at = bar.close if order.tif == "cls" else o
        return at if order.better(at, worst) else None
    if order.kind == "limit":
        if order.tif == "cls":
            return bar.close if order.better(bar.close, order.first) else None
        return _limit(order, order.first, o, high, low)
    if order.kind == "stop_limit":
        return _stop_limit(order, o, high, low)
    stop = order.first if order.kind == "stop" else order.stop
    return _stop(order, stop, o, high, low)


def _limit(order: Order, limit: Decimal, o: Decimal, high: Decimal, low: Decimal) -> Decimal | None:
    if order.better(o, limit):
        return o
    if order.tif in ("ioc", "opg"):
        return None
    return limit if order.better(low if order.side > 0 else high, limit) else None


def _stop(order: Order, stop: Decimal, o: Decimal, high: Decimal, low: Decimal) -> Decimal | None:
    if order.better(stop, o):
        return o
    return stop if order.better(stop, high if order.side > 0 else low) else None


def _stop_limit(order: Order, o: Decimal, high: Decimal, low: Decimal) -> Decimal | None:
    if order.was_set_off:
        return _limit(order, order.second, o, high, low)
    at = _stop(order, order.first, o, high, low)
    if at is None:
        return None
    order.was_set_off = True
    return _limit(order, order.second, o, high, low) if at == o else at
