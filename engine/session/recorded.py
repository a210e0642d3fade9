"""The recorded series of a session (floor 9): embedded symbols, and the user's own file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.base.diagnostics import RuleErrors, in_order
from engine.base.errors import UserError
from engine.feeds.csv import read_csv
from engine.feeds.embedded import load
from engine.feeds.own.finding import Finding
from engine.feeds.own.groups import grouped
from engine.lang.setup import InstrumentSetup
from engine.records.calendar import Calendar, load_calendar
from engine.records.catalogue import Catalogue, load_catalogue
from engine.records.series import Series
from engine.session.described import described, facts, unknown

NO_MAPPING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Recorded:
    """The catalogue in force, with own series in place of embedded ones of the same name.

    notices: what was odd in the own file, by kind; findings: every row of it.
    """

    catalogue: Catalogue
    own: Mapping[str, Series]
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """The calendar of the sessions that everything is replayed on."""
        return load_calendar("xnys", self.catalogue.folder)

    def series(self, symbols: Iterable[str]) -> dict[str, Series]:
        """The series of these symbols; UserError names the first that nothing is known of."""
        return {s: self.own.get(s) or load(s, catalogue=self.catalogue) for s in symbols}


def recorded(
    data: Path | None, symbol: str | None, mapping: Mapping[str, str] = NO_MAPPING
) -> Recorded:
    """The embedded data, and the bars of the CSV file `data` under the name `symbol`."""
    catalogue = load_catalogue()
    if data is None:
        if symbol is not None:
            _known(catalogue, symbol)
        return Recorded(catalogue, {})
    if not data.exists() and catalogue.symbol(str(data)) is not None:
        return _renamed(catalogue, str(data), symbol or str(data))
    name = symbol or data.stem.upper()
    series, findings = own_series(data, name, mapping)
    said = tuple(f"{data.name}: {text}" for text in grouped(findings))
    instruments = tuple(i for i in catalogue.instruments if i.symbol != name)
    known = replace(catalogue, instruments=(*instruments, series.instrument))
    return Recorded(known, {name: series}, said, findings)


def _known(catalogue: Catalogue, symbol: str) -> None:
    if catalogue.symbol(symbol) is None:
        close = catalogue.near(symbol)
        hint = f"did you mean `{close}`?" if close else "`seawall data list` shows every symbol"
        raise UserError(f"no data for the symbol `{symbol}`", hint)


def _renamed(catalogue: Catalogue, held: str, name: str) -> Recorded:
    """A catalogue symbol given as --data, under the name that --symbol gives it."""
    series = load(held, catalogue=catalogue)
    instrument = replace(series.instrument, symbol=name)
    own = replace(series, symbol=name, instrument=instrument)
    others = tuple(i for i in catalogue.instruments if i.symbol != name)
    return Recorded(replace(catalogue, instruments=(*others, instrument)), {name: own})


def redescribed(held: Recorded, said: Sequence[InstrumentSetup]) -> Recorded:
    """What is held, its instruments as the set-up describes them; RuleErrors for what cannot be."""
    problems = [*unknown(said, held.catalogue), *facts(said, held.catalogue)]
    if problems:
        raise RuleErrors(in_order(problems))
    for each in said:
        held = _redescribed(held, each)
    return held


def _redescribed(held: Recorded, said: InstrumentSetup) -> Recorded:
    known = held.catalogue.symbol(said.symbol)
    rows = tuple(described(i, said) if i is known else i for i in held.catalogue.instruments)
    own = {
        name: replace(s, instrument=described(s.instrument, said)) if name == said.symbol else s
        for name, s in held.own.items()
    }
    return replace(held, catalogue=replace(held.catalogue, instruments=rows), own=own)


def own_series(
    path: Path, symbol: str, mapping: Mapping[str, str] = NO_MAPPING
) -> tuple[Series, tuple[Finding, ...]]:
    """The bars of a CSV file and what was odd in it; UserError lists what refuses it."""
    series, findings = read_csv(path, symbol, mapping)
    errors = [f for f in findings if f.severity == "error"]
    if series is None or errors:
        rows = "\n".join(f"  row {f.row}: {f.message}" for f in errors[:10])
        more = f"\n  and {len(errors) - 10} more" if len(errors) > 10 else ""
        help = next((f.help for f in errors if f.help), "mend the file and run again")
        raise UserError(f"{path} cannot be used:\n{rows}{more}", help)
    return series, tuple(findings)


def is_feed(catalogue: Catalogue, symbol: str) -> bool:
    """Whether the symbol is a series that rules read and nobody trades."""
    instrument = catalogue.symbol(symbol)
    return instrument is not None and not instrument.tradable
