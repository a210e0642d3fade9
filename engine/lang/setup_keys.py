"""The keys of strategies.yaml: one table, read by the reader and by the schema alike (floor 3)."""

from engine.base.frozen import dataclass
from engine.records.calendar import CALENDARS
from engine.records.instrument import KINDS
from engine.records.instrument_table import FIELDS


@dataclass(frozen=True, slots=True)
class Text:
    """A text: one of `choices` if there are any, an existing file's path if `is_file`."""

    choices: tuple[str, ...] = ()
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, both included."""

    low: float | None = 0.0
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Positive:
    """A number above 0."""


@dataclass(frozen=True, slots=True)
class Version:
    """The whole number of the file's version, which must be `known`."""

    known: int = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """Money: a number, or a text such as `$1_000_000`; not negative."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share: a number from 0 to `high`, or a percentage such as `10%`."""

    high: float | None = 1.0


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Param:
    """A literal of the rule language: `20 bars`, `10%`, `$5`, `2.0`."""


@dataclass(frozen=True, slots=True)
class Free:
    """A mapping whose keys others define."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping from names to values of one shape."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Either:
    """A text, or the other shape."""

    text: Text
    other: "Shape"


@dataclass(frozen=True, slots=True)
class Key:
    """What may stand under a key."""

    shape: "Shape"
    doc: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. `apart`: pairs of them that may not stand together."""

    keys: dict[str, Key]
    apart: tuple[tuple[str, str], ...] = ()


Shape = (
    Text
    | Number
    | Positive
    | Version
    | Amount
    | Ratio
    | Flag
    | Param
    | Free
    | Many
    | Named
    | Either
    | Record
)

_FILES = Many(Text(is_file=True))

COMMISSION = Record(
    {
        "per_share": Key(Number(), "dollars for each share"),
        "per_order": Key(Number(), "dollars for each order"),
        "bps": Key(Number(), "basis points of the traded value"),
    }
)

SLIPPAGE = Record(
    {
        "bps": Key(Number(), "basis points against you on each fill"),
        "spread": Key(Ratio(), "bid-ask spread as a share of the price, half of it paid each way"),
    }
)

COSTS = Record(
    {
        "commission": Key(COMMISSION, "what the broker takes"),
        "slippage": Key(SLIPPAGE, "what the market takes"),
        "borrow_rate": Key(Ratio(high=None), "yearly rate on borrowed stock"),
        "impact": Key(Number(), "what a fill's size adds to slippage: coefficient of its root law"),
        "participation": Key(Ratio(), "largest share of a bar's volume that one order may take"),
        "interest": Key(Flag(), "whether idle cash earns the published 3-month yield"),
    }
)

ACCOUNT = Record(
    {
        "cash": Key(Amount(), "cash at the start"),
        "currency": Key(Text(), "the account's currency, such as USD"),
        "buying_power": Key(Number(), "how many times its equity the account may hold"),
        "costs": Key(COSTS, "commissions, slippage and financing"),
    }
)

FEEDS = ("embedded", "csv", "parquet", "yfinance", "alpaca")
ADJUSTS = ("raw", "split", "total")

DATA = Record(
    {
        "source": Key(Text(choices=FEEDS), "the feed that market data come from", is_required=True),
        "symbols": Key(Many(Text()), "symbols to load, besides the shipped ones that rules use"),
        "cache": Key(Text(), "folder of fetched bars; seawall's own cache folder when left out"),
        "adjust": Key(
            Text(choices=ADJUSTS), "how fetched prices of symbols that do not ship are adjusted"
        ),
        "tickers": Key(Named(Text()), "our symbols to the feed's own names, where they differ"),
        "file": Key(Text(is_file=True), "the data file of a file feed"),
        "files": Key(Named(Text(is_file=True)), "a data file for each of many own symbols"),
        "mapping": Key(Named(Text()), "our column names to those of the file"),
        "options": Key(Free(), "settings of the chosen feed"),
    },
    apart=(("file", "files"), ("symbols", "files")),
)

_MEANS = {field.name: field.doc for field in FIELDS}

INSTRUMENT = Record(
    {
        "kind": Key(Text(choices=KINDS), _MEANS["kind"]),
        "lot": Key(Positive(), _MEANS["lot"]),
        "tick": Key(Number(), _MEANS["tick"]),
        "shortable": Key(Flag(), _MEANS["shortable"]),
        "borrow_rate": Key(Ratio(high=None), "yearly rate on it when borrowed, not the account's"),
        "sector": Key(Text(), "its sector, in words of your own"),
        "currency": Key(Text(), _MEANS["currency"]),
        "calendar": Key(Text(choices=CALENDARS), _MEANS["calendar"]),
        "title": Key(Text(), _MEANS["title"]),
    }
)
"""What a set-up may say of one symbol; the meanings are those of the instrument table."""

STRATEGY = Record(
    {
        "name": Key(Text(), "the strategy's name, unique in the file", is_required=True),
        "rules": Key(Text(is_file=True), "the rule file that holds it", is_required=True),
        "universe": Key(Either(Text(), Many(Text())), "symbols, or the name of a universe"),
        "capital": Key(Amount(), "its share of the account's cash"),
        "desk": Key(Text(), "the desk it belongs to, for limits with `scope desk`"),
        "params": Key(Named(Param()), "values for its params, within their ranges"),
        "mode": Key(Text(choices=("dry-run", "paper")), "how it runs"),
        "limits": Key(_FILES, "limits of its own, which may only tighten"),
    }
)

SETUP = Record(
    {
        "version": Key(Version(), "the version of this file's form", is_required=True),
        "data": Key(DATA, "where market data comes from"),
        "instruments": Key(
            Either(Text(is_file=True), Named(INSTRUMENT)),
            "how symbols trade: all of it for own data; lot, tick and shorting for shipped ones",
        ),
        "account": Key(ACCOUNT, "cash and costs"),
        "limits": Key(_FILES, "limits of the whole account"),
        "strategies": Key(Many(STRATEGY), "what trades", is_required=True),
        "scenarios": Key(_FILES, "crises to replay"),
        "alerts": Key(Free(), "whom to tell; declared for a later version"),
        "broker": Key(Free(), "who executes; declared for a later version"),
    }
)
"""The whole file."""

NUMBER_TEXT = r"(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?"
AMOUNT_TEXT = rf"^\$?{NUMBER_TEXT}$"
RATIO_TEXT = rf"^{NUMBER_TEXT}%$"
PARAM_TEXT = (
    rf"^-?({NUMBER_TEXT}( *(?![eE][0-9]*$)[A-Za-z_][A-Za-z0-9_]*)?|{NUMBER_TEXT}%|\${NUMBER_TEXT}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2})$"
)
