"""The recorded series of a session (floor 9): embedded symbols, the user's own files, and what was
fetched.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.base.diagnostics import RuleErrors, in_order
from engine.base.errors import UserError
from engine.base.frozen import dataclass, replace
from engine.feeds.csv import read_csv
from engine.feeds.embedded import load
from engine.feeds.own.finding import Finding
from engine.feeds.own.groups import grouped
from engine.feeds.own.settings import data_yaml
from engine.lang.setup import InstrumentSetup
from engine.records.calendar import Calendar, load_calendar
from engine.records.catalogue import Catalogue, load_catalogue
from engine.records.own import source_of_file
from engine.records.series import Series
from engine.session.described import described, facts, too_fine, unknown

if TYPE_CHECKING:
    from engine.session.fetched import Fetched
    from engine.session.wire import FeedData

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Recorded:
    """The catalogue in force, with own series in place of embedded ones of the same name.

    notices: what was odd in own files, by kind; findings: every row of it, with its file. fetched:
    the cache of a source on the network, for what does not ship.
    """

    catalogue: Catalogue
    own: Mapping[str, Series]
    notices: tuple[str, ...] = ()
    findings: tuple[tuple[str, Finding], ...] = ()
    fetched: "Fetched | None" = None

    @property
    def calendar(self) -> Calendar:
        """The calendar of the sessions that everything is replayed on."""
        return load_calendar("xnys", self.catalogue.folder)

    def series(self, symbols: Iterable[str]) -> dict[str, Series]:
        """The series of these symbols; UserError names the first that nothing is known of."""
        return {s: self._one(s) for s in symbols}

    def _one(self, symbol: str) -> Series:
        if symbol in self.own:
            return self.own[symbol]
        if self.fetched is not None:
            return self.fetched.series(symbol, self.catalogue)
        return load(symbol, catalogue=self.catalogue)


def recorded(data: Path | None, symbol: str | None) -> Recorded:
    """The embedded data, and the bars of the file `data` under the name `symbol`."""
    catalogue = load_catalogue()
    if data is None:
        if symbol is not None:
            _known(catalogue, symbol)
        return Recorded(catalogue, {})
    if not data.exists() and catalogue.symbol(str(data)) is not None:
        return _renamed(catalogue, str(data), symbol or str(data))
    return own_recorded({symbol or data.stem.upper(): data})


def fetched_recorded(feed: "FeedData") -> Recorded:
    """The embedded data, carried on and joined by what is cached of a source on the network."""
    from engine.session.fetched import fetched

    held, catalogue = fetched(feed)
    return Recorded(catalogue, {}, fetched=held)


def own_recorded(
    files: Mapping[str, Path],
    mapping: Mapping[str, str] = NOTHING,
    options: Mapping[str, str] = NOTHING,
) -> Recorded:
    """The embedded data, and the bars of own files by symbol; UserError lists what refuses them.

    mapping and options, as for read_csv, hold for every file.
    """
    catalogue = load_catalogue()
    names = [path.name for path in files.values()]
    own: dict[str, Series] = {}
    found: list[tuple[str, list[Finding]]] = []
    refused: list[UserError] = []
    for symbol, path in files.items():
        try:
            own[symbol], findings = own_series(path, symbol, mapping, options)
        except UserError as problem:
            refused.append(problem)
            continue
        label = path.name if names.count(path.name) == 1 else f"{path.name} ({symbol})"
        found.append((label, findings))
    if refused:
        raise UserError("\n".join(e.message for e in refused), refused[0].help)
    others = tuple(i for i in catalogue.instruments if i.symbol not in own)
    instruments = (*others, *(s.instrument for s in own.values()))
    return Recorded(
        catalogue=replace(catalogue, instruments=instruments),
        own=own,
        notices=tuple(f"{label}: {text}" for label, fs in found for text in grouped(fs)),
        findings=tuple((label, f) for label, fs in found for f in fs),
    )


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
    problems = [*unknown(said, held.catalogue), *facts(said, held.catalogue), *too_fine(said)]
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
    path: Path,
    symbol: str,
    mapping: Mapping[str, str] = NOTHING,
    options: Mapping[str, str] = NOTHING,
) -> tuple[Series, list[Finding]]:
    """The bars of a CSV or Parquet file and what was odd in it; UserError lists what refuses it."""
    series, findings = _read(path, symbol, mapping, options)
    errors = [f for f in findings if f.severity == "error"]
    if series is None or errors:
        rows = "\n".join(f"  row {f.row}: {f.message}" for f in errors[:10])
        more = f"\n  and {len(errors) - 10} more" if len(errors) > 10 else ""
        help = _mending(path, symbol, errors, mapping, options)
        raise UserError(f"{path} cannot be used:\n{rows}{more}", help)
    return series, findings


def _read(
    path: Path, symbol: str, mapping: Mapping[str, str], options: Mapping[str, str]
) -> tuple[Series | None, list[Finding]]:
    if source_of_file(path) == "parquet":
        from engine.feeds.parquet import read_parquet

        return read_parquet(path, symbol, mapping, date_format=options.get("date_format"))
    return read_csv(
        path,
        symbol,
        mapping,
        date_format=options.get("date_format"),
        delimiter=options.get("delimiter", ","),
        minutes={k: v for k, v in options.items() if k in ("bars", "stamp", "zone")},
    )


def _mending(
    path: Path,
    symbol: str,
    errors: Sequence[Finding],
    mapping: Mapping[str, str],
    options: Mapping[str, str],
) -> str:
    """What to paste, where the set-up can say how the file is written, and the first hint."""
    helps = [f for f in errors if f.help and not f.settings]
    said = f"row {helps[0].row}: {helps[0].help}" if helps else "mend the file and run again"
    yaml = data_yaml(path, symbol, errors, mapping, options)
    if not yaml:
        return said
    indented = "\n".join(f"  {line}" for line in yaml.split("\n"))
    rest = f"\nand {said}" if helps else ""
    return f"say how the file is written in strategies.yaml (--data cannot):\n{indented}{rest}"


def is_feed(catalogue: Catalogue, symbol: str) -> bool:
    """Whether the symbol is a series that rules read and nobody trades."""
    instrument = catalogue.symbol(symbol)
    return instrument is not None and not instrument.tradable
