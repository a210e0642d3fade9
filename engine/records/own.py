"""How a symbol of the user's own data is taken to trade until the set-up says more (floor 1)."""

from engine.records.instrument import Instrument


def own_instrument(symbol: str, calendar: str = "xnys") -> Instrument:
    """What is assumed of a symbol that only the user's file knows: a share, traded one by one."""
    return Instrument(
        symbol=symbol,
        title=f"{symbol}, own data",
        dataset="csv",
        ticker=symbol,
        columns=(("close", "close"),),
        kind="stock",
        tradable=True,
        calendar=calendar,
        shortable=True,
        caveats=("Own data: adjustment, dividends and survivorship are not known to seawall.",),
    )
