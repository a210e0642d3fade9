"""What data a cell ran on (floor 9): per symbol what its bars hold inside the window, and where
they mislead.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.records.series import Series
from engine.session.cell import DataFact
from engine.session.desk import SetUse
from engine.session.firm import Scene, Strategy
from engine.session.force import InForce
from engine.session.market import symbols_read
from engine.session.notices import SURVIVED
from engine.session.reads import columns_read

OWN = "csv"
"""The dataset of the user's own files."""

Flags = NDArray[np.bool_]


def data_facts(
    scene: Scene, force: InForce, strategies: Sequence[Strategy], traded: Sequence[str]
) -> tuple[DataFact, ...]:
    """Every symbol that trades, then every other one that rules and limits in force read."""
    read = symbols_read(s.program for s in strategies)
    read |= {name for _, use in force.uses for name in symbols_of(use)}
    held = [(s, False) for s in traded] + [(s, True) for s in sorted(read - set(traded))]
    return tuple(
        fact(scene.firm.series[s], scene.window.first, scene.window.last, is_feed)
        for s, is_feed in held
    )


def symbols_of(use: SetUse) -> frozenset[str]:
    """Feeds and other symbols that the rows of one limit set read."""
    rows = {*(x.name for x in use.checked.limits), *(x.name for x in use.checked.switches)}
    kept = rows - use.waived
    values = [x.value for x in use.checked.limits if x.name in kept]
    values += [v for s in use.checked.switches if s.name in kept for v in (s.enter, s.resume) if v]
    found = [c for v in values for c in columns_read(v)]
    feeds = {c.name[5:] for c in found if c.name.startswith("feed:")}
    others = {c.frame.symbol for c in found if c.frame.symbol not in (None, "*")}
    return frozenset(feeds | {s for s in others if s})


def fact(series: Series, first: int, last: int, is_feed: bool) -> DataFact:
    """What the bars of one symbol hold from `first` to `last`."""
    of = series.instrument
    inside = series.between(first, last)
    known = ~np.isnan(inside.close)
    ranged, priced = inside.has_range[known], ~np.isnan(inside.open[known])
    voluminous = ~np.isnan(inside.volume[known])
    days = inside.days[known]
    return DataFact(
        symbol=series.symbol,
        role="feed" if is_feed else "traded",
        returns=None if is_feed or of.dataset == OWN else "total" if of.total_return else "price",
        adjusted=of.adjusted,
        bars=_bars(ranged, priced, voluminous),
        opens=None if is_feed or not priced.any() else _opens(inside.real_open[known]),
        volume=_volume(voluminous),
        survivorship=next((c for c in of.caveats if _is_of_survivors(c)), None),
        source=of.dataset or None,
        first=int(days[0]) if len(days) else None,
        last=int(days[-1]) if len(days) else None,
    )


def _bars(
    ranged: Flags, priced: Flags, voluminous: Flags
) -> Literal["ohlcv", "ohlc", "close only", "mixed"]:
    if not (ranged | priced | voluminous).any():
        return "close only"
    if ranged.all() and priced.all() and (voluminous.all() or not voluminous.any()):
        return "ohlcv" if voluminous.all() else "ohlc"
    return "mixed"


def _opens(real: Flags) -> Literal["real", "not real", "mixed"]:
    return "real" if real.all() else "mixed" if real.any() else "not real"


def _volume(voluminous: Flags) -> Literal["known", "unknown", "partly"]:
    if not voluminous.any():
        return "unknown"
    return "known" if voluminous.all() else "partly"


def _is_of_survivors(caveat: str) -> bool:
    return any(word in caveat.lower() for word in SURVIVED)
