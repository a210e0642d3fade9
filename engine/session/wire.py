"""What runs, as files and options say it, before any rule text is read (floor 9).

A strategies.yaml wires strategies, universes, limits and scenarios; a bare .rule file runs on one
symbol under the shipped house limits and through the shipped crises, unless it brings its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.base.diagnostics import Diagnostic, RuleErrors, in_order
from engine.base.errors import UserError
from engine.base.resources import rules_dir
from engine.base.spans import Span
from engine.base.unreadable import no_setup, unreadable
from engine.lang.ast import Literal
from engine.lang.read import Pairs, Scalar
from engine.lang.setup import Account as AccountSetup
from engine.lang.setup import Costs, DataSetup, InstrumentSetup, Setup, StrategySetup, read_setup
from engine.records.catalogue import Catalogue
from engine.records.desk import CostRow
from engine.records.own import source_of_file
from engine.session.described import LOCAL, OWN, fetched_symbols, own_files
from engine.session.firm import Account
from engine.session.options import DryrunOptions
from engine.session.read import read_rules
from engine.session.universe import members, stated

DEFAULT_SYMBOL = "SP500"
DEFAULT_ACCOUNT = Account(
    cash=1_000_000.0, costs=CostRow(commission=0.0001, slippage=0.0004, participation=0.05)
)
"""What is traded with where nothing else is said: the same as the shipped strategies.yaml."""

CURRENCY = "USD"
SETUP_SUFFIXES = (".yaml", ".yml")
SETUP_FILE = Path("strategies.yaml")
CSV_OPTIONS = ("date_format", "delimiter", "bars", "stamp", "zone")


@dataclass(frozen=True)
class Entry:
    """One strategy before it is compiled: which block of which file, on what, with what.

    universe empty: the symbol of --symbol or --data, else the S&P 500. named: where a set-up names
    the universe.
    """

    name: str
    path: Path
    block: str | None
    universe: tuple[str, ...]
    capital: float = 1.0
    params: Mapping[str, float | Literal] = field(default_factory=dict)
    limits: tuple[Path, ...] = ()
    named: Span | None = None
    desk: str = ""


@dataclass(frozen=True)
class OwnData:
    """The CSV files that strategies.yaml names, by symbol, and how all of them are written."""

    files: Mapping[str, Path]
    mapping: Mapping[str, str]
    options: Mapping[str, str]


@dataclass(frozen=True)
class FeedData:
    """A source on the network as strategies.yaml names it. symbols: those that do not ship.

    cache None: the usual folder. adjust None: the source's usual one. file: the set-up itself.
    unread: the cache stays closed, to learn what is needed before anything is fetched.
    """

    source: str
    symbols: tuple[str, ...]
    tickers: Mapping[str, str]
    options: Mapping[str, str]
    adjust: str | None
    cache: Path | None
    file: Path | None = None
    unread: bool = False


@dataclass(frozen=True)
class Wiring:
    """Everything that files and options wire together. borrow_rate: for all that may be shorted.

    data: own files; feed: what was fetched. At most one of them is there.
    """

    entries: tuple[Entry, ...]
    limits: tuple[Path, ...]
    scenarios: tuple[Path, ...]
    account: Account
    data: OwnData | None = None
    feed: FeedData | None = None
    instruments: tuple[InstrumentSetup, ...] = ()
    borrow_rate: float | None = None
    notices: tuple[str, ...] = ()


def wiring(options: DryrunOptions, catalogue: Catalogue) -> Wiring:
    """What the options' files wire together; strategies.yaml here when they name none."""
    files = options.files or (SETUP_FILE,)
    setups = [f for f in files if f.suffix in SETUP_SUFFIXES]
    if setups and len(files) > 1:
        help = "give one strategies.yaml, or only .rule files"
        raise UserError(f"{setups[0]} wires its own rule files", help)
    if not setups:
        return bare(files, options, catalogue)
    if not options.files and not SETUP_FILE.is_file():
        raise no_setup()
    return from_setup(setups[0], catalogue)


def bare(files: Sequence[Path], options: DryrunOptions, catalogue: Catalogue) -> Wiring:
    """Rule files alone."""
    checked = [(f, read_rules(f, catalogue, {})[0]) for f in files]
    entries = tuple(
        Entry(s.name, f, s.name, stated(f, s.name, catalogue))
        for f, c in checked
        for s in c.strategies
    )
    if not entries:
        named = ", ".join(map(str, files))
        raise UserError(f"there is no strategy in {named}", "add a `strategy` block")
    limits = tuple(f for f, c in checked if c.limits)
    scenarios = tuple(f for f, c in checked if c.scenarios)
    return Wiring(
        entries=entries,
        limits=limits or (rules_dir() / "limits" / "house.rule",),
        scenarios=scenarios or (rules_dir() / "crises.rule",),
        account=DEFAULT_ACCOUNT,
        notices=(_said(options, entries, bool(limits), bool(scenarios)),),
    )


def _said(
    options: DryrunOptions, entries: Sequence[Entry], has_limits: bool, has_scenarios: bool
) -> str:
    """What a bare rule file was run with: its reader did not choose it."""
    asked = options.symbol or (options.data.stem.upper() if options.data else "")
    is_stated = not asked and any(e.universe for e in entries)
    parts = ["on the universe it states" if is_stated else f"on {asked or DEFAULT_SYMBOL}"]
    if options.limits:
        parts.append("under its own limits" if has_limits else "under the shipped house limits")
    if options.first is None and options.last is None:
        whose = "its own scenarios" if has_scenarios else "the shipped crises"
        parts.append(f"through {whose}")
    return f"bare rule file: run {', '.join(parts)}"


# ---------------------------------------------------------------- strategies.yaml


def from_setup(path: Path, catalogue: Catalogue) -> Wiring:
    """What a strategies.yaml wires together; RuleErrors with its mistakes."""
    setup = _read(path)
    if not setup.strategies:
        raise UserError(f"{setup.path} names no strategy", "add one under `strategies`")
    data, said = _own_data(setup.data, catalogue)
    costs = setup.account.costs if setup.account else None
    return Wiring(
        entries=tuple(_entry(s, setup, catalogue) for s in setup.strategies),
        limits=setup.limits,
        scenarios=setup.scenarios,
        account=_account(setup.account),
        data=data,
        feed=_feed_data(setup, catalogue),
        instruments=_instruments(setup),
        borrow_rate=costs.borrow_rate if costs else None,
        notices=said,
    )


def _read(path: Path) -> Setup:
    try:
        setup, problems = read_setup(path)
    except OSError as problem:
        raise unreadable(path, problem, SETUP_SUFFIXES) from None
    if setup is None:
        raise RuleErrors(in_order(problems))
    return setup


def _instruments(setup: Setup) -> tuple[InstrumentSetup, ...]:
    if isinstance(setup.instruments, Path):
        help = "write them out: `instruments: {MINE: {kind: etf, lot: 1}}`"
        raise UserError("`instruments` cannot name a table file yet", help)
    return setup.instruments


def _own_data(
    data: DataSetup | None, catalogue: Catalogue
) -> tuple[OwnData | None, tuple[str, ...]]:
    if data is not None and data.source not in OWN:
        found = {"files": data.files, "file": data.file, "mapping": data.mapping}
        for key in (key for key, value in found.items() if value):
            raise UserError(f"`{key}` with the data source `{data.source}`", "write `source: csv`")
    if data is not None and data.source == "embedded" and data.options:
        raise UserError("`options` with the data source `embedded`", "write `source: csv`")
    if data is not None and data.source in LOCAL and (data.adjust or data.tickers):
        key = "adjust" if data.adjust else "tickers"
        help = "it is for what is fetched: `source: yfinance` or `source: alpaca`"
        raise UserError(f"`{key}` with the data source `{data.source}`", help)
    if data is None or data.source not in OWN:
        return None, ()
    files = own_files(data)
    if not files:
        help = "use `source: embedded`, or `source: csv` with `file` or `files`"
        raise UserError(f"the data source `{data.source}` cannot be replayed", help)
    for path in files.values():
        if source_of_file(path) != data.source:
            help = f"write `source: {source_of_file(path)}`, or rename the file"
            raise UserError(f"`{path.name}` with the data source `{data.source}`", help)
    said = tuple(_own_notice(symbol, path, catalogue) for symbol, path in files.items())
    known = CSV_OPTIONS if data.source == "csv" else CSV_OPTIONS[:1]
    return OwnData(files, data.mapping, _options(data.options, known)), said


def _own_notice(symbol: str, path: Path, catalogue: Catalogue) -> str:
    shadows = catalogue.symbol(symbol) is not None
    instead = ", in place of the shipped data" if shadows else ""
    return f"{symbol}: own data from {path.name}{instead}"


def _feed_data(setup: Setup, catalogue: Catalogue) -> FeedData | None:
    """The source on the network, its settings checked; None when there is none."""
    data = setup.data
    if data is None or data.source in LOCAL:
        return None
    from engine.feeds.net.sources import source_of

    source = source_of(data.source)
    if data.adjust is not None and data.adjust not in source.adjusts:
        help = f"it offers {', '.join(f'`{name}`' for name in source.adjusts)}"
        raise UserError(f"{source.title} has no prices of `adjust: {data.adjust}`", help)
    options = _options(data.options, tuple(source.options))
    for name, value in options.items():
        if value not in source.options[name]:
            help = f"there are {', '.join(f'`{v}`' for v in source.options[name])}"
            raise UserError(f"no `{name}: {value}` at {source.title}", help)
    return FeedData(
        source=source.name,
        symbols=fetched_symbols(data, catalogue),
        tickers=data.tickers,
        options={name: options.get(name, values[0]) for name, values in source.options.items()},
        adjust=data.adjust,
        cache=data.cache,
        file=setup.path,
    )


def _options(options: Pairs | None, names: Sequence[str]) -> dict[str, str]:
    """The settings of a feed; RuleErrors for what is none of them."""
    problems: list[Diagnostic] = []
    found: dict[str, str] = {}
    for key, value in options.pairs if options else ():
        if key.text not in names:
            known = ", ".join(f"`{name}`" for name in names)
            help = f"known here: {known}" if known else "this feed has no settings"
            message = f"key `{key.text}` is not known here"
            problems.append(Diagnostic("SW810", key.span, message, help))
        elif not isinstance(value, Scalar) or not isinstance(value.value, str):
            problems.append(Diagnostic("SW812", value.span, "a text belongs here", "quote it"))
        else:
            found[key.text] = value.value
    if problems:
        raise RuleErrors(in_order(problems))
    return found


def _entry(s: StrategySetup, setup: Setup, catalogue: Catalogue) -> Entry:
    return Entry(
        name=s.name,
        path=s.rules,
        block=None,
        universe=_universe(s, setup, catalogue),
        capital=1.0 if s.capital is None else s.capital,
        params=s.params,
        limits=s.limits,
        named=s.spans.get("universe", s.span),
        desk=s.desk,
    )


def _universe(s: StrategySetup, setup: Setup, catalogue: Catalogue) -> tuple[str, ...]:
    if isinstance(s.universe, tuple):
        return s.universe
    if s.universe is None:
        given = setup.data.symbols if setup.data else None
        return given or stated(s.rules, s.name, catalogue)
    return members(s.universe, s.spans.get("universe", s.span), catalogue)


def _account(account: AccountSetup | None) -> Account:
    made = DEFAULT_ACCOUNT
    if account is None:
        return made
    if account.currency not in (None, CURRENCY):
        help = f"write `currency: {CURRENCY}`: other currencies need exchange rates"
        raise UserError(f"an account in {account.currency} cannot be replayed yet", help)
    costs = made.costs if account.costs is None else _costs(account.costs)
    if account.buying_power is not None:
        costs = replace(costs, buying_power=account.buying_power)
    cash = made.cash if account.cash is None else account.cash
    if cash <= 0:
        raise UserError("`cash` must be above 0", "such as `cash: 1000000`")
    return Account(cash, costs)


def _costs(c: Costs) -> CostRow:
    """Costs per side as the account loop takes them.

    A spread written as a share of the price is slippage of half of it on each side.
    """
    return CostRow(
        per_share=c.commission_per_share or 0.0,
        per_order=c.commission_per_order or 0.0,
        commission=(c.commission_bps or 0.0) / 10_000,
        slippage=(c.slippage_bps or 0.0) / 10_000 + (c.slippage_spread or 0.0) / 2,
        impact=c.impact or 0.0,
        participation=c.participation or 0.0,
        interest=c.interest is not False,
    )
