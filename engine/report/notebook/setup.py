"""What `seawall.load` read: strategies, limits and crises that draw themselves (floor 10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.base.dates import iso
from engine.check.typed import CheckedLimits, ParamValue
from engine.report.glyphs import harmless
from engine.report.notebook.draw import draw
from engine.report.notebook.dryrun import Dryrun
from engine.report.notebook.findings import Findings
from engine.report.notebook.why import Why
from engine.report.why import value_text
from engine.report.words import count, listing
from engine.session.cell import Window
from engine.session.firm import Firm, Strategy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LoadedParam:
    """A param with the value in force and its range (None: open)."""

    name: str
    value: float
    low: float | None
    high: float | None
    unit: str

    def __str__(self) -> str:
        return f"{self.name} = {value_text(self.value, self.unit)}"


@dataclass(frozen=True, slots=True)
class LoadedStrategy:
    """A strategy as it will run. limits: blocks on its book alone."""

    name: str
    title: str
    file: str
    universe: tuple[str, ...]
    capital: float
    params: tuple[LoadedParam, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadedLimits:
    """A firm-wide limits block: the names of its limits, pauses, flattens and halts."""

    name: str
    title: str
    file: str
    rows: tuple[str, ...]
    params: tuple[LoadedParam, ...]


@dataclass(frozen=True, slots=True)
class LoadedCrisis:
    """A window of days, both ends included."""

    name: str
    title: str
    first: str
    last: str


class Verbs(NamedTuple):
    """What a set-up can be asked to do: the functions of the public face."""

    check: Callable[..., Findings]
    dryrun: Callable[..., Dryrun]
    why: Callable[..., Why]


@dataclass(frozen=True, eq=False, repr=False)
class LoadedSetup:
    """Everything that a dry-run of these files would run, already read and checked.

    files: where it came from. given: the options it was loaded with, which every verb repeats. The
    files are read again by each verb, so an edit takes effect.
    """

    files: tuple[Path, ...]
    given: Mapping[str, Any]
    strategies: tuple[LoadedStrategy, ...]
    limits: tuple[LoadedLimits, ...]
    crises: tuple[LoadedCrisis, ...]
    notices: tuple[str, ...]
    verbs: Verbs

    def check(self, **more: Any) -> Findings:
        """What is wrong with these files; see `seawall.check`."""
        return self.verbs.check(self.files, **more)

    def dryrun(self, **more: Any) -> Dryrun:
        """Replay these files; options given here beat those of `load`."""
        return self.verbs.dryrun(self.files, **{**self.given, **more})

    def why(self, target: str, symbol: str, day: Any, **more: Any) -> Why:
        """What a strategy saw on one bar; see `seawall.why`."""
        return self.verbs.why(target, symbol, day, files=self.files, **{**self.given, **more})

    @property
    def frame(self) -> "pd.DataFrame":
        """One row per strategy and param; a strategy without params has one row."""
        import pandas as pd

        return pd.DataFrame([row for s in self.strategies for row in _rows(s)], columns=COLUMNS)

    def __repr__(self) -> str:
        whole = [
            count(len(self.strategies), "strategy", "strategies"),
            count(sum(len(b.rows) for b in self.limits), "limit"),
            count(len(self.crises), "crisis", "crises"),
        ]
        lines = [f"{s.name}: {s.title} ({listing(s.universe, 6)})" for s in self.strategies]
        return "\n".join([f"{listing(whole)} from {self._origin}", *harmless(lines)])

    def _repr_html_(self) -> str:
        return draw(
            "setup",
            origin=self._origin,
            strategies=harmless(self.strategies),
            has_own=any(s.limits for s in self.strategies),
            limits=harmless(self.limits),
            crises=harmless(self.crises),
            notices=harmless(self.notices),
        )

    @property
    def _origin(self) -> str:
        return harmless(listing([str(f) for f in self.files], 6))


COLUMNS = ["strategy", "title", "universe", "capital", "param", "value", "low", "high", "unit"]


def _rows(s: LoadedStrategy) -> list[tuple[object, ...]]:
    head = (s.name, s.title, ", ".join(s.universe), s.capital)
    found: list[tuple[object, ...]] = [
        (*head, p.name, p.value, p.low, p.high, p.unit) for p in s.params
    ]
    return found or [(*head, None, None, None, None, None)]


def loaded(
    files: Sequence[Path], given: Mapping[str, Any], firm: Firm, verbs: Verbs
) -> LoadedSetup:
    """A firm that is ready to run, in the words of its files."""
    return LoadedSetup(
        files=tuple(files),
        given=dict(given),
        strategies=tuple(_strategy(s) for s in firm.strategies),
        limits=tuple(_merged([x.checked for x in firm.limits or ()])),
        crises=tuple(_crisis(w) for w in firm.windows),
        notices=firm.notices,
        verbs=verbs,
    )


def _strategy(s: Strategy) -> LoadedStrategy:
    return LoadedStrategy(
        name=s.name,
        title=s.checked.title,
        file=s.checked.span.file,
        universe=s.universe,
        capital=s.capital,
        params=_params(s.checked.params),
        limits=tuple(dict.fromkeys(x.checked.name for x in s.limits)),
    )


def _merged(blocks: Iterable[CheckedLimits]) -> list[LoadedLimits]:
    """One row per block of the text; the session may hold a block in several parts."""
    found: dict[str, LoadedLimits] = {}
    for b in blocks:
        earlier = found[b.name].rows if b.name in found else ()
        rows = (*earlier, *(x.name for x in b.limits), *(x.name for x in b.switches))
        found[b.name] = LoadedLimits(b.name, b.title, b.span.file, rows, _params(b.params))
    return list(found.values())


def _crisis(w: Window) -> LoadedCrisis:
    return LoadedCrisis(w.crisis, w.title, iso(w.first), iso(w.last))


def _params(params: Iterable[ParamValue]) -> tuple[LoadedParam, ...]:
    return tuple(LoadedParam(p.name, p.value, p.low, p.high, str(p.kind.unit)) for p in params)
