"""The instrument table: one row per symbol, with spans and splits derived from the data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.base.dates import iso, parse_day
from engine.records.instrument import COLUMNS
from tools.crisis_data import tables as tb
from tools.crisis_data.names import CURRENCIES, SECTORS, TITLES, TOTAL_RETURN_INDICES
from tools.crisis_data.tables import Table

Json = dict[str, Any]

NO_DIVIDENDS = "Price return: dividends are left out."
SURVIVORS = (
    "Chosen with hindsight: every one of these stocks survived, so losses of a real portfolio of "
    "the time are understated."
)
NOT_A_SHARE = (
    "An index cannot be bought; fills stand for a fund or future that tracks it, without its costs."
)
INDEX_VOLUME = "Volume is na: an index has no volume of its own to trade against."
DIVIDENDS_IN = "Adjusted for splits and dividends: price levels are not prices that anyone paid."
CLOSE_ONLY = "Closes only: no open, high, low or volume."


@dataclass(frozen=True)
class Group:
    """What the symbols of one dataset share. false_opens: windows whose opens nobody traded at.

    tick: 0 where no order could have been priced in these figures, an index or adjusted prices."""

    kind: str
    caveats: tuple[str, ...]
    tradable: bool = True
    lot: float = 1.0
    tick: float = 0.01
    adjusted: bool = False
    total_return: bool = False
    available: int = 0
    false_opens: tuple[tuple[str, str], ...] = ()
    volume: bool = False
    own_caveats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


EVER = (("1900-01-01", "2100-01-01"),)

GROUPS: dict[str, Group] = {
    "sp500": Group(
        "index",
        (
            "To 2007 most opens are the previous close within 0.01%, and about half from June 2011 "
            "to 2013: fills use the close there.",
            "Elsewhere the open is the index's first print, with many stocks not yet open: to 2015 "
            "its gaps are about a quarter of the Nasdaq's, so a gap through a stop looks mild.",
            "Closes only after 2020-11-20.",
            "Ends 2022-12-28: it does not reach March 2023 or April 2025.",
            NO_DIVIDENDS,
            NOT_A_SHARE,
            INDEX_VOLUME,
        ),
        tick=0,
        false_opens=(("1985-01-01", "2007-12-31"), ("2011-06-01", "2013-12-31")),
    ),
    "nasdaq": Group(
        "index",
        ("Closes only after 2018-12-31.", NO_DIVIDENDS, NOT_A_SHARE, INDEX_VOLUME),
        tick=0,
    ),
    "vix": Group(
        "volatility",
        (
            "Closes only before 1992.",
            "Open, high and low are indicative: 45 ranges, nearly all before 2003, did not hold "
            "the open or close and were widened (flagged). Rely on the close.",
            "Published after the 16:00 close, so a rule sees it one session later.",
            "No value on 1991-03-01, 1997-01-31, 1997-11-26, 1999-12-31 and 2006-05-04.",
        ),
        tradable=False,
        available=1,
        false_opens=EVER,
    ),
    "ust": Group(
        "rate",
        (
            "Par yield as a ratio: 0.05 is 5% a year.",
            "Published after the close, so a rule sees it one session later.",
            "Where one session has no curve (bond holidays), the one before is carried, flagged.",
        ),
        tradable=False,
        tick=0.0001,
        available=1,
        own_caveats={
            "30y": ("Not published from 2002-02-19 to 2006-02-08: no value there, none made up.",)
        },
    ),
    "stocks20": Group(
        "stock",
        (
            DIVIDENDS_IN,
            SURVIVORS,
            "Rounded to a tenth of a cent, which is coarse for the small early prices.",
            CLOSE_ONLY,
        ),
        lot=0.0001,
        tick=0,
        adjusted=True,
        total_return=True,
        own_caveats={"RRC": ("One day in eight shows no move at all.",)},
    ),
    "mega6": Group(
        "stock",
        (
            "Adjusted for splits as known in 2023, not for dividends.",
            "Six of the decade's greatest winners: heavy survivorship.",
        ),
        lot=0.0001,
        tick=0,
        adjusted=True,
        volume=True,
        own_caveats={"NVDA": ("Prices are on the basis before the split of 2024.",)},
    ),
    "bokeh4": Group(
        "stock",
        (
            "Raw prices as traded; dividends are left out.",
            "The tick is a cent throughout; until early 2001 these shares traded in sixteenths.",
            "Chosen with hindsight: these stocks survived.",
        ),
        volume=True,
    ),
    "etf23": Group(
        "etf",
        (
            "Adjusted for splits, not for dividends: bond funds look worse than they were.",
            CLOSE_ONLY,
        ),
        lot=0.0001,
        tick=0,
        adjusted=True,
    ),
    "world12": Group(
        "index",
        (
            "New York sessions only: local sessions on New York holidays are left out.",
            NOT_A_SHARE,
            CLOSE_ONLY,
        ),
        tick=0,
    ),
    "factors5": Group(
        "etf", (DIVIDENDS_IN, CLOSE_ONLY), lot=0.0001, tick=0, adjusted=True, total_return=True
    ),
    "gold": Group(
        "commodity",
        (
            "A daily London fix in US dollars per ounce, not a New York close.",
            "London holidays may repeat the day before.",
            CLOSE_ONLY,
        ),
    ),
    "wti": Group(
        "commodity",
        (
            "Spot price at Cushing: holding it has no storage cost or roll here, unlike a future.",
            "Ends 2019-01-03, so the negative futures price of April 2020 is not in it.",
            CLOSE_ONLY,
        ),
    ),
}

SPLIT_CAVEAT = "Raw prices show its splits as falls of a half or so, so it cannot be traded here."

SINGLE = {"sp500": "SP500", "nasdaq": "NASDAQ", "vix": "VIX", "gold": "GOLD", "wti": "WTI"}
PREFERENCE = ("stocks20", "mega6", "etf23", "bokeh4")


def instrument_rows(found: Mapping[str, Table]) -> list[Json]:
    """Every row of the table, in the order of the datasets."""
    rows: list[Json] = []
    for dataset, table in found.items():
        rows += [_row(dataset, table, ticker) for ticker in tickers(dataset)]
    return rows


def tickers(dataset: str) -> tuple[str, ...]:
    """The names inside one dataset."""
    many = {
        "ust": tuple(tb.TENORS),
        "stocks20": tb.STOCKS20,
        "mega6": tb.MEGA6,
        "bokeh4": tb.BOKEH4,
        "etf23": tb.ETF23,
        "world12": tuple(tb.WORLD12),
        "factors5": tb.FACTORS5,
    }
    return many.get(dataset) or (SINGLE[dataset],)


def symbol_of(dataset: str, ticker: str) -> str:
    """The plain ticker, unless a preferred dataset holds the same one."""
    if dataset == "ust":
        return f"UST{ticker.upper()}"
    holders = (
        [name for name in PREFERENCE if ticker in tickers(name)] if dataset in PREFERENCE else []
    )
    return ticker if not holders or holders[0] == dataset else f"{dataset}:{ticker}"


def _row(dataset: str, table: Table, ticker: str) -> Json:
    group = GROUPS[dataset]
    columns = {name: col for name in COLUMNS if (col := file_column(table, ticker, name))}
    if not group.volume:
        columns.pop("volume", None)
    splits = list(_splits(table, ticker)) if dataset == "bokeh4" else []
    own = group.own_caveats.get(ticker, ()) + ((SPLIT_CAVEAT,) if splits else ())
    total_return = group.total_return or ticker in TOTAL_RETURN_INDICES
    if dataset == "world12":
        own += ("Total return: dividends are counted in.",) if total_return else (NO_DIVIDENDS,)
    return {
        "symbol": symbol_of(dataset, ticker),
        "title": TITLES[ticker],
        "dataset": dataset,
        "ticker": symbol_of(dataset, ticker) if dataset == "ust" else ticker,
        "columns": columns,
        "kind": group.kind,
        "tradable": group.tradable and not splits,
        "lot": group.lot,
        "tick": group.tick,
        "multiplier": 1,
        "currency": CURRENCIES.get(ticker, "USD"),
        "sector": SECTORS.get(ticker),
        "calendar": "xnys",
        "shortable": group.tradable and not splits and group.kind in ("index", "stock", "etf"),
        "adjusted": group.adjusted,
        "total_return": total_return,
        "available": group.available,
        "spans": list(_spans(group, table, columns)),
        "splits": splits,
        "caveats": [*group.caveats, *own],
    }


def file_column(table: Table, ticker: str, name: str) -> str | None:
    """The file's column that holds this rule column of this ticker, or None."""
    options = (f"{ticker}.{name}", ticker if name == "close" else "", name)
    return next((option for option in options if option in table.scales), None)


def _spans(group: Group, table: Table, columns: Mapping[str, str]) -> Iterator[Json]:
    false_opens = [(parse_day(a), parse_day(b)) for a, b in group.false_opens]
    current: Json | None = None
    for day in table.days:
        row = table.cells[day]
        if row.get(columns["close"]) is None:
            continue
        known = {name: row.get(column) is not None for name, column in columns.items()}
        false_open = any(a <= day <= b for a, b in false_opens)
        flags = {
            "real_open": known.get("open", False) and not false_open,
            "high_low": known.get("high", False) and known.get("low", False),
            "volume": known.get("volume", False),
        }
        if current is not None and all(current[k] == v for k, v in flags.items()):
            current["last"] = iso(day)
            continue
        if current is not None:
            yield current
        current = {"first": iso(day), "last": iso(day), **flags}
    if current is not None:
        yield current


def _splits(table: Table, ticker: str) -> Iterator[Json]:
    """Days on which raw close over adjusted close falls by more than a dividend could explain."""
    before: float | None = None
    for day in table.days:
        close = table.cells[day].get(f"{ticker}.close")
        adjusted = table.cells[day].get(f"{ticker}.adj_close")
        if not close or not adjusted:
            continue
        factor = close / adjusted
        if before is not None and before / factor > 1.4:
            yield {"date": iso(day), "ratio": round(2 * before / factor) / 2}
        before = factor
