"""How an entry or exit orders: its kind, its prices and how long it works (floor 4)."""

from typing import Literal

from engine.base.units import PRICE, RATIO
from engine.check.infer import infer
from engine.check.kinds import want
from engine.check.scope import Ctx, Val, report
from engine.check.typed import CheckedOrder
from engine.lang.ast import Expr, Order

Tif = Literal["day", "gtc", "ioc", "opg", "cls"]

MARKET = CheckedOrder("market", None, "day")
MOMENTS = {
    "ioc": "the first price there is",
    "opg": "one open",
    "cls": "one close",
}


def order_of(ctx: Ctx, order: Order | None) -> CheckedOrder | None:
    """An order with the prices it needs; market for the day when the text is silent."""
    if order is None:
        return MARKET
    tif = order.tif or "day"
    _check_moment(ctx, order)
    if order.kind == "market" or order.price is None:
        return CheckedOrder("market", None, tif)
    if order.kind == "trailing":
        return _trailing(ctx, order, order.price, tif)
    limit = None
    if order.limit is not None:
        limit = price_of(ctx, order.limit, "the limit price")
        if limit is None:
            return None
    price = price_of(ctx, order.price, f"the {order.kind.split('_')[0]} price")
    if price is None:
        return None
    return CheckedOrder(order.kind, price.typed, tif, None if limit is None else limit.typed)


def price_of(ctx: Ctx, expr: Expr, what: str) -> Val | None:
    """A value that must be a price."""
    return want(ctx, infer(ctx, expr), expr, PRICE, what, "SW220")


def _check_moment(ctx: Ctx, order: Order) -> None:
    """Refuse an order that waits for a stop and is for one moment only."""
    moment = MOMENTS.get(order.tif or "")
    if moment is None or order.kind in ("market", "limit"):
        return
    kind = order.kind.replace("_", "-")
    message = f"a {kind} order `for {order.tif}`: it waits for a price, and {moment} does not wait"
    help = f"order at market or with a limit `for {order.tif}`, or wait `for day` or `for gtc`"
    report(ctx, "SW520", order.span, message, help)


def _trailing(ctx: Ctx, order: Order, expr: Expr, tif: Tif) -> CheckedOrder | None:
    """A stop order that trails the close by a ratio of it or by an amount of money a share."""
    val = infer(ctx, expr)
    if val is None or val.kind.name != "number" or val.unit != RATIO:
        val = want(ctx, val, expr, PRICE, "the trail", "SW220")
    if val is None:
        return None
    if tif == "day" and ctx.scope.every in ("1d", "1w", "1mo"):
        message = "a trailing order for the day never trails: it ends with its first bar"
        report(ctx, "SW517", order.span, message, "write `for gtc` behind it", severity="warning")
    return CheckedOrder("trail_ratio" if val.unit == RATIO else "trail_money", val.typed, tif)
