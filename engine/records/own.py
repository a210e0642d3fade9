"""How a symbol of the user's own data is taken to trade until the set-up says more (floor 1)."""

from pathlib import Path

from engine.records.instrument import Instrument

PARQUET = (".parquet", ".pq")
"""How the names of Parquet files end; all others are read as CSV."""


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


def source_of_file(path: Path) -> str:
    """The source that reads a file of one's own, by its name: `parquet`, else `csv`."""
    return "parquet" if path.suffix.lower() in PARQUET else "csv"
