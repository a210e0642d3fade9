"""Which recorded data reach over which window (floor 1): the table of `seawall data list`."""

from collections.abc import Iterable

from engine.base.frozen import dataclass
from engine.records.catalogue import Catalogue
from engine.records.instrument import Instrument

BARS, CLOSES, PARTLY, NOTHING = "bars", "closes", "partly", "none"
"""Highs and lows throughout; closes throughout; only part of the window; none of it."""

Window = tuple[str, int, int]
"""A crisis: its id, first and last day."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each symbol has over one window, in the order asked for. `note` says what is missing."""

    crisis: str
    first: int
    last: int
    cells: tuple[tuple[str, str], ...]
    note: str


def coverage(
    windows: Iterable[Window], catalogue: Catalogue, symbols: Iterable[str]
) -> tuple[Coverage, ...]:
    """One row per window; the ends of a window move inwards to sessions first."""
    held = [i for name in symbols if (i := catalogue.symbol(name)) is not None]
    return tuple(_row(window, catalogue, held) for window in windows)


def reach(instrument: Instrument, first: int, last: int) -> str:
    """BARS, CLOSES, PARTLY or NOTHING over `first` to `last`, which should be sessions."""
    if not instrument.overlaps(first, last):
        return NOTHING
    if not instrument.covers(first, last):
        return PARTLY
    touched = [span for span in instrument.spans if span.first <= last and first <= span.last]
    return BARS if all(span.high_low for span in touched) else CLOSES


def _row(window: Window, catalogue: Catalogue, held: list[Instrument]) -> Coverage:
    crisis, first, last = window
    cells = tuple((i.symbol, _on_sessions(i, catalogue, first, last)) for i in held)
    return Coverage(crisis, first, last, cells, _note(dict(cells)))


def _on_sessions(instrument: Instrument, catalogue: Catalogue, first: int, last: int) -> str:
    calendar = catalogue.calendar(instrument.calendar)
    days = calendar.sessions(first, last) if calendar else ()
    return reach(instrument, days[0], days[-1]) if days else NOTHING


def _note(cells: dict[str, str]) -> str:
    missing = [name for name, has in cells.items() if has == NOTHING]
    if len(missing) == len(cells):
        return "no shipped data: `seawall data fetch` gets them, or give your own bars"
    if cells.get("SP500") == NOTHING:
        return "no index: `seawall data fetch` gets it, or give your own bars"
    return ""
