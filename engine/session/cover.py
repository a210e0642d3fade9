"""Which recorded series reach over a window and its warm-up (floor 9).

A series that falls short is never papered over: it is left out and named, or the cell is labelled.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.base.dates import iso
from engine.base.frozen import dataclass
from engine.records.series import Series
from engine.session.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Coverage:
    """symbols: those that trade. dropped: sentences on those that do not. short: sentences on what
    the symbols that trade lack, which makes the cell partial."""

    symbols: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reach:
    symbol: str
    bars: int
    missing: str

    @property
    def whole(self) -> bool:
        return not self.missing


def cover(
    series: Mapping[str, Series], universe: Sequence[str], line: Timeline, warm_up: int
) -> Coverage:
    """The symbols that have the whole window and `warm_up` bars before it.

    When none has, those with any bar in the window trade and the cell is partial; so it is when
    more than half of the universe is left out.
    """
    found = [_reach(series.get(s), s, line, warm_up) for s in universe]
    whole = [r for r in found if r.whole]
    some = [r for r in found if r.bars]
    used = whole or some
    names = tuple(r.symbol for r in used)
    few = f"only {len(used)} of {len(found)} symbols have data here"
    return Coverage(
        symbols=names,
        dropped=tuple(f"{r.symbol} left out: {r.missing}" for r in found if r not in used),
        short=(
            *((few,) if used and 2 * len(used) < len(found) else ()),
            *(() if whole else tuple(f"{r.symbol}: {r.missing}" for r in used)),
        ),
    )


def _reach(series: Series | None, symbol: str, line: Timeline, warm_up: int) -> _Reach:
    if series is None or not len(series):
        return _Reach(symbol, 0, "no data")
    days = series.days[~np.isnan(series.close)]
    first, last = int(line.window[0]), int(line.window[-1])
    inside = int(np.isin(line.window, days).sum())
    before = int(days.searchsorted(first, "left"))
    begins, ends = int(days[0]), int(days[-1])
    if not inside:
        edge = f"end {iso(ends)}" if ends < first else f"begin {iso(begins)}"
        return _Reach(symbol, 0, f"data {edge}")
    if ends < last:
        return _Reach(symbol, inside, f"data end {iso(ends)}, {_sessions(inside, line)}")
    if begins > first:
        return _Reach(symbol, inside, f"data begin {iso(begins)}, {_sessions(inside, line)}")
    if before < warm_up:
        text = f"{before} of {warm_up} warm-up bars (data begin {iso(begins)})"
        return _Reach(symbol, inside, text)
    return _Reach(symbol, inside, "")


def _sessions(inside: int, line: Timeline) -> str:
    return f"{inside} of {line.bars} sessions"


def feed_gap(series: Series | None, symbol: str, line: Timeline) -> tuple[bool, str]:
    """Whether a feed has any value for the window, and a sentence on what it lacks ("" for
    nothing)."""
    known = None if series is None else series.days[~np.isnan(series.close)]
    if known is None or not len(known):
        return False, f"{symbol} has no data"
    first, last = int(line.window[0]), int(line.window[-1])
    begins, ends = int(known[0]), int(known[-1])
    if begins > last or ends < line.days[0]:
        edge = f"before {iso(begins)}" if begins > last else f"after {iso(ends)}"
        return False, f"{symbol} has no data {edge}"
    if begins > first:
        return True, f"{symbol} has no data before {iso(begins)}"
    if ends < last and int(line.days[line.days < last][-1]) > ends:
        return ends >= first, f"{symbol} has no data after {iso(ends)}"
    return True, ""
