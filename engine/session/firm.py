"""What a session runs: strategies, limits, windows and the account, compiled and ready (floor
9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.check.typed import CheckedLimits, CheckedStrategy
from engine.records.desk import CostRow
from engine.records.series import Series
from engine.run.program import Program
from engine.session.cell import Window
from engine.session.inputs import World
from engine.session.lists import Lists
from engine.session.market import Markets
from engine.session.schedule import Schedule
from engine.session.timeline import Timeline, closed_sessions, ends_session, timeline


@dataclass(frozen=True, eq=False)
class Limits:
    """One limits block, compiled. lists: those that its file declares."""

    checked: CheckedLimits
    program: Program
    lists: Lists = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Strategy:
    """One strategy as strategies.yaml (or a bare file) sets it up, compiled.

    limits: blocks in force on its book alone, besides the firm's. conditions: the parts of its
    entries' conditions, for the funnel. desk: with whom it is judged by `scope desk`; "" for none.
    """

    name: str
    checked: CheckedStrategy
    program: Program
    universe: tuple[str, ...]
    capital: float
    limits: tuple[Limits, ...] = ()
    lists: Lists = field(default_factory=dict)
    conditions: Program | None = None
    desk: str = ""


def all_blocks(
    limits: Sequence[Limits] | None, strategies: Iterable[Strategy]
) -> tuple[Limits, ...]:
    """Every limits block: the firm's, then each strategy's own."""
    return (*(limits or ()), *(own for s in strategies for own in s.limits))


@dataclass(frozen=True)
class Account:
    """Cash, costs and where they were said: a scenario's own say gives way to the command
    line's."""

    cash: float
    costs: CostRow
    cash_is_asked: bool = False
    borrow: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Firm:
    """Everything that runs. limits None: --no-limits. waives: limits left out by hand."""

    strategies: tuple[Strategy, ...]
    limits: tuple[Limits, ...] | None
    windows: tuple[Window, ...]
    account: Account
    schedule: Schedule
    series: Mapping[str, Series]
    notices: tuple[str, ...] = ()
    compiled: bool = False
    waives: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scene:
    """One window's recorded data. Each program sees it after its own settled warm-up, so that
    what one strategy reads never depends on which others run beside it."""

    firm: Firm
    window: Window
    _markets: dict[tuple[int, int, str], Markets] = field(default_factory=dict)
    _bare: dict[str, World] = field(default_factory=dict)

    def line(self, warm_up: int) -> Timeline:
        """The window's sessions after so many sessions of warm-up."""
        return timeline(self.firm.schedule, self.window.first, self.window.last, warm_up)

    @property
    def bare(self) -> World:
        """The window alone, without any warm-up: what the account trades on."""
        if "" not in self._bare:
            self._bare[""] = World(self.line(0), self.firm.series)
        return self._bare[""]

    def markets(self, program: Program, lists: Lists) -> Markets:
        """Where a program's market columns are made."""
        warm_up, every = program.plan.settled_bars, program.plan.graph.every
        key = (warm_up, id(lists), every)
        if key not in self._markets:
            self._markets[key] = self._made(warm_up, every, lists)
        return self._markets[key]

    def players(self, strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
        """Those strategies that the scenario's `run` names; all of them when it names none."""
        run = self.window.scenario.run if self.window.scenario else ()
        named = {s.name for s in self.firm.strategies if s.name in run}
        return tuple(s for s in strategies if not named or s.name in named)

    def _made(self, warm_up: int, every: str, lists: Lists) -> Markets:
        """Limits and claims count in sessions: on bars of minutes they see the bars of the last one
        that has closed, and the calendar of the one in progress."""
        schedule, series = self.firm.schedule, self.firm.series
        if every == schedule.every or not schedule.length:
            return Markets(World(self.line(warm_up), series, lists))
        window = self.window
        days = timeline(schedule.on(every), window.first, window.last, warm_up + 1)
        whole = replace(days, start=max(0, days.start - 1))
        line = self.line(0)
        return Markets(World(whole, series, lists), closed_sessions(line), ~ends_session(line))

    def rows(self, of: Strategy | Limits, lane: str | None, universe: Sequence[str] = ()) -> object:
        """The market table of a strategy or limits block on one lane, over the window; universe:
        the symbols that trade here, for what compares them."""
        return self.markets(of.program, of.lists).rows(of.program, lane, universe)
