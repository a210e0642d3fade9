"""Whether what is to trade can trade under this set-up (floor 9): its bars, its costs."""

from collections.abc import Iterable, Mapping

from engine.base.clocks import minutes_in
from engine.base.errors import UserError
from engine.records.desk import CostRow
from engine.records.series import Series
from engine.session.desk import is_fractional
from engine.session.recorded import Recorded


def check_bars(series: Mapping[str, Series], traded: Iterable[str], every: str) -> None:
    """UserError for a symbol whose bars are too coarse for the clock, or do not fill one of it."""
    wanted = minutes_in(every)
    for symbol in dict.fromkeys(traded) if wanted else ():
        held = series[symbol].length
        if not held or wanted % held:
            has = f"bars of {held}m" if held else "daily bars"
            text = f"`{symbol}` has {has}, which make no bars of {every}"
            help = f"give it bars of {wanted}m or of a part of that: `options: {{bars: {wanted}m}}`"
            raise UserError(text, f"{help} under `data` of strategies.yaml")


def check_costs(costs: CostRow, traded: Iterable[str], held: Recorded) -> None:
    """Adjusted prices are nobody's prices and have no whole shares: only bps mean anything
    there."""
    if not (costs.per_share or costs.per_order or costs.spread):
        return
    for symbol in traded:
        instrument = held.catalogue.symbol(symbol)
        if instrument is not None and is_fractional(instrument):
            has = "adjusted prices" if instrument.adjusted else f"lots of {instrument.lot:g}"
            raise UserError(
                f"`{symbol}` has {has}, which rule out costs per share or per order",
                "use `commission: {bps: 1}` and `slippage: {bps: 4}`, or unadjusted instruments",
            )
