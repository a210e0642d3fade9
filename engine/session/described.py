"""What strategies.yaml says of instruments, laid over what is known of them (floor 9).

Imports no number library: `seawall check` asks for the same mistakes.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import replace
from engine.base.near import near
from engine.lang.setup import DataSetup, InstrumentSetup, Setup
from engine.records.catalogue import FEED_KINDS, Catalogue
from engine.records.instrument import COLUMNS, Instrument
from engine.records.own import own_instrument

BORROW = "borrow_rate"
TICK = "tick"
MILLIONTHS, LOOSE = 1e6, 1e-6
"""Prices are counted in millionths; how far writing a tick as a float may miss one, in them."""
OWN = ("csv", "parquet")
"""The sources that are files of one's own."""
LOCAL = ("embedded", *OWN)
"""The sources that never go online."""

OVERRIDES = ("lot", TICK, "shortable", BORROW)
"""What may be said of a shipped symbol; the rest are facts of its data."""


def own_files(data: DataSetup | None) -> Mapping[str, Path]:
    """The user's own files by symbol; a single file without `symbols` names its symbol itself."""
    if data is None or data.source not in OWN:
        return {}
    if data.file is None:
        return data.files
    return {data.symbols[0] if data.symbols else data.file.stem.upper(): data.file}


def fetched_symbols(data: DataSetup | None, catalogue: Catalogue) -> tuple[str, ...]:
    """The symbols that a set-up wants from a network and that do not ship."""
    if data is None or data.source in LOCAL:
        return ()
    named = dict.fromkeys((*(data.symbols or ()), *data.tickers))
    return tuple(name for name in named if catalogue.symbol(name) is None)


def assumed(setup: Setup, catalogue: Catalogue) -> Catalogue:
    """The catalogue with own symbols as they are described, their bars unread: any column goes."""
    own = (*own_files(setup.data), *fetched_symbols(setup.data, catalogue))
    if not own:
        return catalogue
    said = () if isinstance(setup.instruments, Path) else setup.instruments
    by_name = {s.symbol: s for s in said}
    columns = tuple((name, name) for name in COLUMNS)
    plain = [replace(own_instrument(name), columns=columns) for name in own]
    made = [described(i, by_name[i.symbol]) if i.symbol in by_name else i for i in plain]
    others = [i for i in catalogue.instruments if i.symbol not in own]
    return replace(catalogue, instruments=(*others, *made))


def unknown(said: Iterable[InstrumentSetup], catalogue: Catalogue) -> list[Diagnostic]:
    """The symbols that are described and that no data are known of."""
    return [
        Diagnostic("SW813", s.span, f"no data for the symbol `{s.symbol}`", _hint(s, catalogue))
        for s in said
        if catalogue.symbol(s.symbol) is None
    ]


def _hint(said: InstrumentSetup, catalogue: Catalogue) -> str:
    close = near(said.symbol, catalogue.symbols)
    own = "own data come with `data: {source: csv, files: ...}`, `symbols` of a network, or --data"
    return f"did you mean `{close}`?" if close else own


def facts(said: Iterable[InstrumentSetup], catalogue: Catalogue) -> list[Diagnostic]:
    """What is said of shipped symbols beyond OVERRIDES."""
    help = f"a shipped symbol takes {', '.join(f'`{name}`' for name in OVERRIDES)}"
    return [
        Diagnostic("SW813", s.spans[key], f"`{key}` of `{s.symbol}` is a fact of its data", help)
        for s in said
        for key in s.said
        if key not in OVERRIDES and is_shipped(s.symbol, catalogue)
    ]


def too_fine(said: Iterable[InstrumentSetup]) -> list[Diagnostic]:
    """The ticks that no price can keep."""
    return [_too_fine(s) for s in said if not _is_whole(s.said.get(TICK, 0.0))]


def _is_whole(tick: float) -> bool:
    scaled = tick * MILLIONTHS
    return abs(scaled - round(scaled)) < LOOSE


def _too_fine(said: InstrumentSetup) -> Diagnostic:
    message = f"a tick of {said.said[TICK]:g} for `{said.symbol}` is no whole number of millionths"
    help = "write a multiple of 0.000001, or 0 where prices have no tick"
    return Diagnostic("SW813", said.spans[TICK], message, help)


def is_shipped(symbol: str, catalogue: Catalogue) -> bool:
    """Whether the symbol's data come with seawall, under whatever name."""
    instrument = catalogue.symbol(symbol)
    return instrument is not None and instrument.dataset in {d.name for d in catalogue.datasets}


def described(instrument: Instrument, said: InstrumentSetup) -> Instrument:
    """The instrument as the set-up describes it; levels and rates are read, not traded.

    An index has no tick unless one is given."""
    known = {key: value for key, value in said.said.items() if key != BORROW}
    if "kind" in known:
        known["tradable"] = known["kind"] not in FEED_KINDS
        if known["kind"] == "index":
            known.setdefault(TICK, 0.0)
    return replace(instrument, **known)


def borrow_rates(
    everywhere: float | None, said: Iterable[InstrumentSetup], catalogue: Catalogue
) -> dict[str, float]:
    """Yearly rates by symbol: one for all that may be sold short, unless a symbol has its own."""
    rates: dict[str, float] = {}
    if everywhere is not None:
        rates = {i.symbol: everywhere for i in catalogue.instruments if i.shortable}
    for each in said:
        instrument = catalogue.symbol(each.symbol)
        if instrument is not None and BORROW in each.said:
            rates[instrument.symbol] = each.said[BORROW]
    return rates
