"""From files and options to a firm that is ready to run (floor 9): read, checked and compiled."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.base.diagnostics import Diagnostic, RuleErrors, in_order
from engine.base.errors import UserError
from engine.base.frozen import dataclass, replace
from engine.base.near import near
from engine.check import check_scenario_names
from engine.check.typed import CheckedFile, CheckedLimits, CheckedStrategy
from engine.compile import compile_limits, compile_strategy
from engine.feeds.own.finding import Finding
from engine.lang.ast import Literal
from engine.records.catalogue import load_catalogue
from engine.run.program import Runner
from engine.session.cell import PORTFOLIO, Window
from engine.session.clock import one_clock
from engine.session.described import borrow_rates
from engine.session.desk import CASH_RATE
from engine.session.firm import Firm, Limits, Strategy, all_blocks
from engine.session.force import BY_HAND
from engine.session.funnel import compile_conditions
from engine.session.groups import check_groups, tightened
from engine.session.lists import Lists, read_list
from engine.session.market import symbols_read
from engine.session.memory import parts
from engine.session.needs import fetched_notices
from engine.session.options import DryrunOptions, Progress
from engine.session.read import declared_params, read_param, read_rules, refuse
from engine.session.reads import feeds_read
from engine.session.recorded import (
    Recorded,
    fetched_recorded,
    is_feed,
    own_recorded,
    recorded,
    redescribed,
)
from engine.session.runner import asked_runner, with_runner
from engine.session.schedule import Schedule
from engine.session.tradable import check_bars, check_costs
from engine.session.window import open_ends, own_window
from engine.session.wire import CURRENCY, DEFAULT_SYMBOL, Entry, Wiring, wiring


def silent(done: int, total: int, what: str) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Loaded:
    """The firm, the files it was read from, what the command line set by hand, and what was odd in
    own data. held: the data that it reads."""

    firm: Firm
    files: tuple[Path, ...]
    trials: int
    findings: tuple[tuple[str, Finding], ...] = ()
    held: Recorded | None = None


def load_firm(
    options: DryrunOptions, progress: Progress = silent, wired: Wiring | None = None
) -> Loaded:
    """Read, check and compile everything that the options ask for.

    progress is told when something must be compiled to machine code, which takes seconds. wired:
    instead of what the options' files wire together.
    """
    wired = _in_force(wired or wiring(options, load_catalogue()), options)
    held = redescribed(_held(options, wired), wired.instruments)
    params = dict(read_param(text) for text in options.params)
    _check_params(params, wired)
    entries = _chosen(wired.entries, options.strategies)
    entries = _universes(entries, options, held)
    reader = _Reader(held, params)
    windows = _windows(wired, options, reader, entries)
    blocks = tuple(_checked(e, reader) for e in entries)
    schedule = Schedule(held.calendar, one_clock([b for b, _ in blocks]))
    asked = asked_runner(options)
    first: Runner = "walk" if asked == "walk" else "python"
    pairs = zip(entries, blocks, strict=True)
    strategies = tuple(_strategy(e, *block, reader, first) for e, block in pairs)
    limits = _limits(wired.limits, reader, first) if options.limits else None
    check_groups(wired.entries, limits or ())
    for entry, strategy in zip(entries, strategies, strict=True):
        check_groups((entry,), strategy.limits)
    _check_scenarios(windows, strategies, limits)
    firm = _firm(wired, held, strategies, limits, windows, options, schedule)
    firm = replace(firm, waives=_waives(options.waives, firm))
    said = tuple(f"{name}: {BY_HAND}" for name in firm.waives)
    said = (
        *said,
        *tightened(limits or (), strategies),
        *open_ends(options, windows),
        *fetched_notices(firm, held),
    )
    firm = with_runner(replace(firm, notices=(*firm.notices, *said)), asked, progress)
    return Loaded(firm, tuple(reader.files), len(params), held.findings, held)


def _in_force(wired: Wiring, options: DryrunOptions) -> Wiring:
    """--data beats the files that strategies.yaml names, and what it says of their symbols."""
    named = wired.data.files if wired.data else wired.feed.symbols if wired.feed else None
    if options.data is None or named is None:
        return wired
    gone = set(named) - {options.symbol or options.data.stem.upper()}
    kept = tuple(i for i in wired.instruments if i.symbol not in gone)
    return replace(wired, data=None, feed=None, instruments=kept)


def _held(options: DryrunOptions, wired: Wiring) -> Recorded:
    """The data in force: files of one's own, what was fetched, else the embedded data alone."""
    if wired.data is not None:
        return own_recorded(wired.data.files, wired.data.mapping, wired.data.options)
    if wired.feed is not None:
        return fetched_recorded(wired.feed)
    return recorded(options.data, options.symbol)


# ---------------------------------------------------------------- which strategies


def _chosen(entries: Sequence[Entry], names: Sequence[str]) -> tuple[Entry, ...]:
    known = [e.name for e in entries]
    for name in names:
        if name not in known:
            close = near(name, known)
            hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
            raise UserError(f"no strategy `{name}`", hint)
    return tuple(e for e in entries if not names or e.name in names)


def _universes(
    entries: Sequence[Entry], options: DryrunOptions, held: Recorded
) -> tuple[Entry, ...]:
    """`--symbol` or `--data` replace every universe; symbols must be known and tradable."""
    asked = options.symbol or (next(iter(held.own), None) if options.data else None)
    traded = tuple(s for s in held.own if not is_feed(held.catalogue, s))
    usual = traded or tuple(held.own) or (DEFAULT_SYMBOL,)
    made = tuple(replace(e, universe=(asked,) if asked else e.universe or usual) for e in entries)
    _known_symbols(made, asked, held)
    _tradable([s for e in made for s in e.universe], held)
    return made


def _tradable(symbols: Sequence[str], held: Recorded) -> None:
    """UserError for a symbol that is no instrument, or that trades in another currency."""
    for symbol in dict.fromkeys(symbols):
        instrument = held.catalogue.symbol(symbol)
        if is_feed(held.catalogue, symbol):
            raise UserError(f"`{symbol}` cannot be traded", "it is for `data` lines of rules")
        if instrument is not None and instrument.currency != CURRENCY:
            raise UserError(
                f"`{symbol}` trades in {instrument.currency}, the account in {CURRENCY}",
                "one currency only: choose instruments in it",
            )


def _known_symbols(entries: Sequence[Entry], asked: str | None, held: Recorded) -> None:
    """RuleErrors with the place in strategies.yaml of each symbol that no data are known of;
    UserError for one of the command line."""
    problems: list[Diagnostic] = []
    for entry in entries:
        for symbol in entry.universe:
            if held.catalogue.symbol(symbol) is not None:
                continue
            message = f"no data for the symbol `{symbol}`"
            close = held.catalogue.near(symbol)
            hint = f"did you mean `{close}`?" if close else "`seawall data list` shows every symbol"
            if asked or entry.named is None:
                raise UserError(message, hint)
            problems.append(Diagnostic("SW813", entry.named, message, hint))
    if problems:
        raise RuleErrors(in_order(problems))


# ---------------------------------------------------------------- reading and compiling


class _Reader:
    """Reads rule files under the params in force, and remembers which files were read."""

    def __init__(self, held: Recorded, asked: Mapping[str, Literal]) -> None:
        self.held = held
        self.asked = asked
        self.files: dict[Path, None] = {}

    def read(self, path: Path, params: Mapping[str, float | Literal]) -> CheckedFile:
        checked, files = read_rules(path, self.held.catalogue, params)
        self.files.update(dict.fromkeys(files))
        return checked


def _check_params(asked: Mapping[str, Literal], wired: Wiring) -> None:
    known: set[str] = set()
    for entry in wired.entries:
        names = declared_params(entry.path)
        known |= names | {f"{entry.name}.{n}" for n in names}
    for path in wired.limits:
        known |= declared_params(path)
    for name in asked:
        if name not in known:
            close = near(name, known)
            plain = sorted(n for n in known if n.count(".") < 2)  # not `fade.fade.n`
            hint = f"did you mean `{close}`?" if close else f"there are {', '.join(plain)}"
            raise UserError(f"no param `{name}` to set", hint)


def _checked(entry: Entry, reader: _Reader) -> tuple[CheckedStrategy, Lists]:
    prefix = f"{entry.name}."
    asked = {n.removeprefix(prefix): v for n, v in reader.asked.items()}
    checked = reader.read(entry.path, {**entry.params, **asked})
    block = _block(entry, checked)
    refuse(block.later, "later")
    _tradable(block.legs, reader.held)
    return replace(block, name=entry.name), _lists(checked)


def _strategy(
    entry: Entry, block: CheckedStrategy, lists: Lists, reader: _Reader, runner: Runner
) -> Strategy:
    return Strategy(
        name=entry.name,
        checked=block,
        program=compile_strategy(block, runner),
        universe=block.legs or entry.universe,
        capital=entry.capital,
        limits=_limits(entry.limits, reader, runner),
        lists=lists,
        conditions=compile_conditions(block),
        desk=entry.desk,
    )


def _block(entry: Entry, checked: CheckedFile) -> CheckedStrategy:
    names = [s.name for s in checked.strategies]
    wanted = entry.block or entry.name
    if wanted in names:
        return checked.strategies[names.index(wanted)]
    if len(names) == 1:
        return checked.strategies[0]
    if not names:
        raise UserError(f"{entry.path} holds no strategy", "add a `strategy` block")
    raise UserError(
        f"{entry.path} holds several strategies and none is called `{wanted}`",
        f"call the entry one of {', '.join(names)}",
    )


def _limits(paths: Iterable[Path], reader: _Reader, runner: Runner) -> tuple[Limits, ...]:
    found: list[Limits] = []
    names: list[str] = []
    for path in paths:
        checked = reader.read(path, reader.asked)
        if not checked.limits:
            raise UserError(f"{path} holds no limits", "name a file with a `limits` block")
        names += [block.name for block in checked.limits]
        for block in checked.limits:
            found += _compiled(block, _lists(checked), runner)
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise UserError(f"two limits blocks are called `{twice}`", "rename one of them")
    return tuple(found)


def _compiled(block: CheckedLimits, lists: Lists, runner: Runner) -> list[Limits]:
    refuse(block.later, "later")
    return [Limits(part, compile_limits(part, runner), lists) for part in parts(block)]


def _lists(checked: CheckedFile) -> Lists:
    return {found.name: read_list(found) for found in checked.lists}


def _waives(asked: Sequence[str], firm: Firm) -> tuple[str, ...]:
    """The limits to run without; UserError for one that is not in force."""
    blocks = all_blocks(firm.limits, firm.strategies)
    rows = [f"{b.checked.name}.{x.name}" for b in blocks for x in b.checked.limits]
    rows += [f"{b.checked.name}.{s.name}" for b in blocks for s in b.checked.switches]
    for name in asked:
        if name not in rows:
            raise UserError(f"no limit `{name}` to waive", _waive_hint(name, rows, firm))
    return tuple(dict.fromkeys(asked))


def _waive_hint(name: str, rows: Sequence[str], firm: Firm) -> str:
    if firm.limits is None:
        return "--no-limits runs without every limit already"
    whole = [r for r in rows if name == r.partition(".")[2]]
    close = whole[0] if whole else near(name, rows)
    return f"did you mean `{close}`?" if close else f"there are {', '.join(rows) or 'none'}"


# ---------------------------------------------------------------- windows


def _windows(
    wired: Wiring, options: DryrunOptions, reader: _Reader, entries: Sequence[Entry]
) -> tuple[Window, ...]:
    """The scenarios asked for, in order of time; or the user's own window."""
    if options.first is not None or options.last is not None:
        return (own_window(options, reader.held, entries),)
    found = [s for path in wired.scenarios for s in reader.read(path, {}).scenarios]
    known = [s.name for s in found]
    for name in options.crises:
        if name not in known:
            close = near(name, known)
            hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
            raise UserError(f"no crisis `{name}`", hint)
    chosen = [s for s in found if not options.crises or s.name in options.crises]
    windows = [Window(s.name, s.title, s.first, s.last, s) for s in chosen]
    return tuple(sorted(windows, key=lambda w: (w.first, w.crisis)))


def _check_scenarios(
    windows: Sequence[Window], strategies: Sequence[Strategy], limits: Sequence[Limits] | None
) -> None:
    """Names that scenarios use must be loaded; what they say for later versions is refused."""
    chosen = [w.scenario for w in windows if w.scenario is not None]
    refuse([d for s in chosen for d in s.later], "later")
    if limits is None:
        return
    blocks = [*limits, *(own for s in strategies for own in s.limits)]
    checked = [b.checked for b in blocks]
    problems = [
        d for s in chosen for d in check_scenario_names(s, [x.checked for x in strategies], checked)
    ]
    if problems:
        raise RuleErrors(problems)


# ---------------------------------------------------------------- the firm


def _firm(
    wired: Wiring,
    held: Recorded,
    strategies: tuple[Strategy, ...],
    limits: tuple[Limits, ...] | None,
    windows: tuple[Window, ...],
    options: DryrunOptions,
    schedule: Schedule,
) -> Firm:
    if any(s.name == PORTFOLIO for s in strategies):
        raise UserError(f"a strategy may not be called `{PORTFOLIO}`", "it names all of them")
    borrow = borrow_rates(wired.borrow_rate, wired.instruments, held.catalogue)
    account = replace(wired.account, borrow=borrow)
    if options.cash is not None:
        if options.cash <= 0:
            raise UserError("--cash must be above 0", "such as --cash 1_000_000")
        account = replace(account, cash=options.cash, cash_is_asked=True)
    blocks = all_blocks(limits, strategies)
    programs = [*(s.program for s in strategies), *(b.program for b in blocks)]
    claims = _claim_feeds(windows)
    traded = [x for s in strategies for x in s.universe]
    symbols = dict.fromkeys(
        [*traded, *sorted(symbols_read(programs) | claims), *held.own, CASH_RATE]
    )
    check_costs(account.costs, traded, held)
    series = held.series(symbols)
    check_bars(series, traded, schedule.every)
    return Firm(
        strategies=strategies,
        limits=limits,
        windows=windows,
        account=account,
        schedule=schedule,
        series=series,
        notices=(*wired.notices, *held.notices),
    )


def _claim_feeds(windows: Iterable[Window]) -> frozenset[str]:
    claims = [c for w in windows if w.scenario for c in w.scenario.claims]
    found = [feeds_read(v) for c in claims for v in (c.claim, c.then)]
    return frozenset().union(*found)
