"""What rules read: columns aligned to the timeline, one value per session, nan where unknown
(floor 9).

A symbol has a value only on sessions with a bar; slower clocks are built from the symbol's own
bars and complete at the period's last scheduled session; a feed shows what had been published
by that instant.
Nothing here may look past the session it describes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.base.clocks import DAILY, minutes_in
from engine.check.typed import Column, Frame
from engine.fields import BY_NAME as FIELDS
from engine.records.series import Series
from engine.session.actions import restated, splits_of
from engine.session.happenings import called, event_column
from engine.session.lists import UNKNOWN, Lists, list_column
from engine.session.schedule import Days, Schedule
from engine.session.season import FIRST_BAR, calendar_column, first_bars
from engine.session.timeline import Timeline, bar_keys, completions, period_keys

Floats = NDArray[np.float64]
PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, eq=False)
class Bars:
    """One symbol (or one of its slower clocks) on a timeline: `has` is 1.0 where a bar
    completes."""

    has: Floats
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    at_close: Floats

    def column(self, name: str) -> Floats:
        """One of open, high, low, close, volume."""
        values: Floats = getattr(self, name)
        return values


@dataclass(frozen=True, eq=False)
class World:
    """The instants of a run and everything that was recorded about them.

    live: what tests give of the system that trades (nobody recorded any) and of the calendar.
    ahead: the sessions of which calendars, lists and events tell, where not those of `line`: while
    a session lasts, limits see the bars of the one before and the calendar of its own."""

    line: Timeline
    series: Mapping[str, Series]
    lists: Lists = field(default_factory=dict)
    live: Mapping[str, Floats] = field(default_factory=dict)
    ahead: Timeline | None = None
    _aligned: dict[tuple[str, str | None], Bars] = field(default_factory=dict)

    def at(self, day: int) -> "World":
        """The same with all earlier prices in the shares of a day; itself where none was split."""
        if not any(map(splits_of, self.series.values())):
            return self
        held = {name: restated(series, day) for name, series in self.series.items()}
        return World(self.line, held, self.lists, self.live, self.ahead)

    def bars(self, symbol: str, clock: str | None = None) -> Bars:
        """The bars of a symbol on the timeline, its own or those of a slower clock; made once."""
        key = (symbol, clock)
        if key not in self._aligned:
            series = seen(self.series[symbol], self.line)
            self._aligned[key] = _bars(series, self.line, clock)
        return self._aligned[key]


def _bars(series: Series, line: Timeline, clock: str | None) -> Bars:
    """The bars of a symbol on the timeline; those that the clock is made of are gathered first."""
    length = line.schedule.length
    if series.length and not length:
        series = in_days(series, line)
    if clock is not None:
        return slower(series, line, clock)
    if not length:
        return align(series, line.days)
    return slower(series, line, line.schedule.every if series.length else DAILY, is_own=True)


def in_days(series: Series, line: Timeline) -> Series:
    """Bars of minutes gathered into one bar a session; one that lacks its first is left out."""
    last = np.flatnonzero(np.append(series.days[1:] != series.days[:-1], True))
    whole = _whole_periods(series, line, DAILY, series.days.astype(np.int64))
    starts = np.append(0, last[:-1] + 1)
    bars: dict[str, Any] = _gather(_own(series), series.days.astype(np.int64), starts)
    days = replace(series.taken(last), closes=None, length=0, **bars)
    real = ~np.isnan(days.open)
    ranged = ~(np.isnan(days.high) | np.isnan(days.low))
    return replace(days, real_open=real, has_range=ranged).taken(whole[starts])


def seen(series: Series, line: Timeline) -> Series:
    """The series with each bar moved to the session at which it is first known.

    `close of VIX` is as late as `data vix`: naming a feed's symbol must not beat its lag.
    """
    if not series.instrument.available:
        return series
    sessions = line.sessions
    at = first_seen(series, series.days, sessions)
    kept = (at < len(sessions)) & (np.append(np.diff(at), 1) > 0)
    return replace(series.taken(kept), days=sessions[at[kept]])


def first_seen(series: Series, days: Days, sessions: Days) -> NDArray[np.int64]:
    """Per day, the index of the session at which a value of that day is first known.

    With an `available` lag of k sessions that is k sessions after the day, else its own session.
    """
    lag = series.instrument.available
    if lag == 0:
        return sessions.searchsorted(days, "left")
    return sessions.searchsorted(days, "right") + (lag - 1)


def align(series: Series, days: Days) -> Bars:
    """The bars of `series` on `days`: an open that nobody traded at is unknown to rules."""
    at = series.days.searchsorted(days)
    inside = np.minimum(at, max(0, len(series) - 1))
    known = (at < len(series)) & (series.days[inside] == days) if len(series) else at < 0
    return _picked(series, inside, known)


def _own(series: Series) -> Bars:
    """The bars of a series as they are, what nobody traded at unknown."""
    return _picked(series, np.arange(len(series)), np.ones(len(series), dtype=np.bool_))


def _picked(series: Series, inside: NDArray[np.int64], known: NDArray[np.bool_]) -> Bars:
    has = known & ~np.isnan(_pick(series.close, inside, known))
    real = has & _pick_flag(series.real_open, inside)
    ranged = has & _pick_flag(series.has_range, inside)
    return Bars(
        has=has.astype(np.float64),
        open=_pick(series.open, inside, real),
        high=_pick(series.high, inside, ranged),
        low=_pick(series.low, inside, ranged),
        close=_pick(series.close, inside, has),
        volume=_pick(series.volume, inside, has),
        at_close=(~(real & ranged)).astype(np.float64),
    )


def _pick(values: Floats, at: NDArray[np.int64], where: NDArray[np.bool_]) -> Floats:
    return np.where(where, values[at], np.nan) if len(values) else np.full(len(at), np.nan)


def _pick_flag(flags: NDArray[np.bool_], at: NDArray[np.int64]) -> NDArray[np.bool_]:
    return flags[at] if len(flags) else np.zeros(len(at), dtype=np.bool_)


def slower(series: Series, line: Timeline, clock: str, is_own: bool = False) -> Bars:
    """The bars of `series` gathered into those of a slower clock, each at the bar that completes
    it. is_own: the clock is the timeline's own, so orders may fill inside these bars.

    A period that began before the recorded bars did is left out: its open and range are not known.
    """
    closes = line.schedule.closes(series.days) if series.closes is None else series.closes
    keys = bar_keys(line.schedule, series.days, closes, clock)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    starts = starts[_whole_periods(series, line, clock, keys)[starts]]
    period, at = completions(line, clock)
    row = np.searchsorted(keys[starts], period)
    found = row < len(starts)
    found[found] = keys[starts][row[found]] == period[found]
    bars = _place(_gather(_own(series), keys, starts), row[found], at[found], len(line.days))
    if not is_own:
        return bars
    blind = np.isnan(bars.open) | np.isnan(bars.high) | np.isnan(bars.low)
    return replace(bars, at_close=blind.astype(np.float64))


def _whole_periods(
    series: Series, line: Timeline, clock: str, keys: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Per bar, whether the data hold its period from the first bar on."""
    whole = np.ones(len(keys), dtype=np.bool_)
    if len(series) and _begins_late(series, line, clock, keys):
        whole[keys == keys[0]] = False
    return whole


def _begins_late(series: Series, line: Timeline, clock: str, keys: NDArray[np.int64]) -> bool:
    day = series.days[:1]
    if series.closes is not None:
        begun = int(series.closes[0]) - series.length
        opened = int(line.schedule.opens(day)[0])
        step = minutes_in(clock)
        if (begun - opened) % step if step else begun != opened:
            return True
    at = int(line.sessions.searchsorted(day[0]))
    if not at or minutes_in(clock):
        return False
    return bool(period_keys(line.sessions[at - 1 : at], clock)[0] == keys[0])


def _gather(bars: Bars, keys: NDArray[np.int64], starts: NDArray[np.int64]) -> dict[str, Floats]:
    """Open of the first bar, extremes, close of the last bar and summed volume of each period."""
    if not len(starts):
        return {name: np.empty(0) for name in PRICES}
    edges = np.append(np.flatnonzero(keys[1:] != keys[:-1]), len(keys) - 1)
    ends = edges[np.searchsorted(edges, starts)]
    spans = np.column_stack([starts, ends + 1]).ravel()
    padded = {name: np.append(bars.column(name), np.nan) for name in PRICES}
    return {
        "open": bars.open[starts],
        "high": np.maximum.reduceat(padded["high"], spans)[::2],
        "low": np.minimum.reduceat(padded["low"], spans)[::2],
        "close": bars.close[ends],
        "volume": np.add.reduceat(padded["volume"], spans)[::2],
    }


def _place(
    gathered: dict[str, Floats], row: NDArray[np.int64], at: NDArray[np.int64], length: int
) -> Bars:
    def spread(values: Floats) -> Floats:
        column = np.full(length, np.nan)
        column[at] = values
        return column

    has = np.nan_to_num(spread(np.ones(len(at))))
    opens, highs, lows, closes, volumes = (spread(gathered[name][row]) for name in PRICES)
    return Bars(has, opens, highs, lows, closes, volumes, np.ones(length))


def published(series: Series, line: Timeline, stale: int) -> Floats:
    """The last value of a feed known at each bar; nan once more than `stale` bars passed without a
    new one (0: never). What a later session shows is known from its first bar on.
    """
    if series.length and not line.schedule.length:
        series = in_days(series, line)
    series = series.taken(~np.isnan(series.close))
    values = series.close
    at = _numbers_seen(series, line.schedule)
    now = line.numbers
    last = at.searchsorted(now, "right") - 1
    held = np.where(last >= 0, values[last], np.nan) if len(values) else np.full(len(now), np.nan)
    if stale and len(values):
        held[now - at[last] > stale] = np.nan
    return held


def _numbers_seen(series: Series, schedule: Schedule) -> NDArray[np.int64]:
    """Per value, the running number of the bar at which it is first known."""
    sessions = first_seen(series, series.days, schedule.sessions)
    if series.closes is None:
        return schedule.number(sessions, at_close=not series.instrument.available)
    since = series.closes - schedule.opens(series.days)
    return schedule.number(sessions, at_close=False) + -(-since // schedule.length) - 1


def frame_bars(world: World, lane: str | None, frame: Frame) -> Bars | None:
    """The bars that make values of `frame` step on this lane; None for the clock alone."""
    symbol = lane if frame.symbol is None else frame.symbol
    if symbol is None or symbol == "*" or symbol not in world.series:
        return None
    return world.bars(symbol, frame.clock)


def has_column(world: World, lane: str | None, frame: Frame) -> Floats:
    """1.0 at each instant where values of `frame` step."""
    if frame.symbol == "*":
        ones = np.ones(len(world.line.days))
        return ones if frame.clock is None else _clock_marks(world.line, frame.clock)
    bars = frame_bars(world, lane, frame)
    return np.zeros(len(world.line.days)) if bars is None else bars.has


def _clock_marks(line: Timeline, clock: str) -> Floats:
    marks = np.zeros(len(line.days))
    marks[completions(line, clock)[1]] = 1.0
    return marks


PLANNED = ("calendar", "list", "event")
"""Kinds of columns that are known of a session before it begins."""


def _unknown(live: str) -> float:
    return UNKNOWN if FIELDS[live].unit == "truth" else float("nan")


def _events(world: World, lane: str | None, wanted: Column, name: str) -> Floats:
    """What a rule asks of a list of events."""
    held = world.lists[called(name)[1]].events
    symbol = {None: lane, "*": None}.get(wanted.frame.symbol, wanted.frame.symbol)
    if held is None:
        raise ValueError(f"{name} asks a list that holds no events")
    return event_column(held, name, symbol, world.ahead or world.line)


def column(world: World, lane: str | None, wanted: Column) -> Floats:
    """The values of one input column on the timeline."""
    kind, _, name = wanted.name.partition(":")
    if kind == "live":
        return world.live.get(name, np.full(len(world.line.days), _unknown(name)))
    if kind == "calendar":
        if name in world.live:
            return world.live[name]
        if name == FIRST_BAR:
            return first_bars(world.line, has_column(world, lane, wanted.frame))
        return calendar_column(name, world.ahead or world.line)
    if kind == "feed":
        held = world.series.get(name)
        nothing = np.full(len(world.line.days), np.nan)
        return nothing if held is None else published(held, world.line, wanted.stale)
    if kind == "event":
        return _events(world, lane, wanted, name)
    if kind == "list":
        symbol = lane if wanted.frame.symbol is None else wanted.frame.symbol
        return list_column(world.lists[name], symbol, world.ahead or world.line)
    bars = frame_bars(world, lane, wanted.frame)
    return np.full(len(world.line.days), np.nan) if bars is None else bars.column(wanted.name)
