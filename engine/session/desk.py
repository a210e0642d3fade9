"""Checked strategies and limits as the flat rows that the account loop runs (floor 9).

Everything a name meant until here becomes an index. Nothing is decided here: what a rule wants
is in its program, what the account does with it is in the loop.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from engine.base.clocks import DAILY as DAILY_CLOCK
from engine.base.errors import UserError
from engine.base.frozen import dataclass
from engine.check.typed import (
    CheckedLimit,
    CheckedLimits,
    CheckedStrategy,
    CheckedSwitch,
    Scope,
)
from engine.graph.node import reached
from engine.graph.plan import Plan
from engine.records.desk import (
    CLIP,
    CLS,
    DAILY,
    DAY,
    DENY,
    FLATTEN,
    GTC,
    HALT,
    IOC,
    LIMIT,
    MARKET,
    MONTHLY,
    OPG,
    PAUSE,
    REDUCE,
    STOP,
    STOP_LEVEL,
    STOP_LIMIT,
    TARGET_LEVEL,
    TRAIL_LEVEL,
    TRAIL_MONEY,
    TRAIL_RATIO,
    WEEKLY,
    BookRow,
    EntryRow,
    ExitRow,
    InstrumentRow,
    LevelRow,
    LimitRow,
    LimitSetRow,
    SwitchRow,
    Tape,
)
from engine.records.instrument import Instrument
from engine.records.series import Series
from engine.run.program import Program
from engine.session.actions import actions_of, restated, splits_of
from engine.session.asks import asks_of
from engine.session.inputs import Bars, World, published
from engine.session.memory import restarts
from engine.session.season import calendar_column
from engine.session.settlement import settles
from engine.session.timeline import Timeline, period_ends, session_numbers

KINDS = {
    "market": MARKET,
    "limit": LIMIT,
    "stop": STOP,
    "stop_limit": STOP_LIMIT,
    "trail_ratio": TRAIL_RATIO,
    "trail_money": TRAIL_MONEY,
}
TIFS = {"day": DAY, "gtc": GTC, "ioc": IOC, "opg": OPG, "cls": CLS}
LEVELS = {"stop": STOP_LEVEL, "target": TARGET_LEVEL, "trail": TRAIL_LEVEL}
ACTIONS = {"deny": DENY, "clip": CLIP, "reduce": REDUCE}
SWITCHES = {"pause": PAUSE, "flatten": FLATTEN, "halt": HALT}
EVERY = {"daily": DAILY, "weekly": WEEKLY, "monthly": MONTHLY}
FIRM = -1


@dataclass(frozen=True)
class SetUse:
    """One part of a limits block in force: the rows of `scopes` that are not waived, on `book`, or
    on `books` together, or on `symbols` alone (see LimitSetRow). group: its name, for rows that say
    which one they mean."""

    checked: CheckedLimits
    program: Program
    book: int
    scopes: tuple[Scope, ...]
    waived: frozenset[str]
    resumes: Mapping[str, tuple[int, ...]]
    group: str = ""
    books: tuple[int, ...] = ()
    symbols: tuple[int, ...] = ()

    def holds(self, row: CheckedLimit | CheckedSwitch) -> bool:
        """Whether a row of the block is in force here."""
        is_here = row.scope in self.scopes and row.group in ("", self.group)
        return is_here and row.name not in self.waived


# ---------------------------------------------------------------- strategies


def book_row(
    checked: CheckedStrategy,
    program: Program,
    name: str,
    capital: float,
    symbols: Sequence[int],
    rows: Sequence[Any],
    desk: str = "",
) -> BookRow:
    """One strategy's book; rows[k] is the market table of its k-th symbol over the window. desk:
    whom it belongs to, "" for nobody."""
    layout = program.layout
    return BookRow(
        name=name,
        capital=capital,
        symbols=tuple(symbols),
        entries=_entries(checked, program),
        exits=_exits(checked, program),
        levels=_levels(checked, program),
        weight_out=layout.rule_out("weight"),
        rebalance=EVERY[checked.rebalance],
        may_fire=layout.may_fire,
        row_width=layout.row_width,
        out_width=layout.out_width,
        stops_width=layout.stops_width,
        cells_init=layout.cells_init,
        fold_cells=layout.fold_cells,
        rows=tuple(rows),
        rule=program.rule,
        stops=program.stops,
        reads=reads_of(program.plan),
        drift=-1.0 if checked.drift is None else checked.drift,
        desk=desk,
    )


def _entries(checked: CheckedStrategy, program: Program) -> tuple[EntryRow, ...]:
    out = program.layout.rule_out
    spreads = list(dict.fromkeys(e.spread for e in checked.entries))
    return tuple(
        EntryRow(
            name=e.name,
            side=1 if e.side == "long" else -1,
            when_out=out(f"entry.{e.name}.when"),
            size_out=out(f"entry.{e.name}.size"),
            size_in_money=e.size_in == "money",
            kind=KINDS[e.order.kind],
            price_out=out(f"entry.{e.name}.price"),
            tif=TIFS[e.order.tif],
            limit_out=out(f"entry.{e.name}.limit"),
            adds=e.adds,
            joins=entry_indices(checked, (e.joins,))[0] if e.joins else -1,
            spread=spreads.index(e.spread) if e.spread else -1,
            leg=checked.legs.index(e.symbol) if e.symbol else 0,
        )
        for e in checked.entries
    )


def _exits(checked: CheckedStrategy, program: Program) -> tuple[ExitRow, ...]:
    out = program.layout.rule_out
    return tuple(
        ExitRow(
            name=x.name,
            entries=entry_indices(checked, x.of),
            when_out=out(f"exit.{x.name}.when"),
            kind=KINDS[x.order.kind],
            price_out=out(f"exit.{x.name}.price"),
            tif=TIFS[x.order.tif],
            limit_out=out(f"exit.{x.name}.limit"),
        )
        for x in checked.exits
    )


def _levels(checked: CheckedStrategy, program: Program) -> tuple[LevelRow, ...]:
    layout = program.layout
    return tuple(
        LevelRow(
            name=level.name,
            kind=LEVELS[level.kind],
            entries=entry_indices(checked, level.of),
            stops_out=layout.stops_out(f"{level.kind}.{level.name}"),
            rule_out=layout.rule_out(f"trail.{level.name}") if level.kind == "trail" else -1,
        )
        for level in checked.levels
    )


def entry_indices(checked: CheckedStrategy, names: Sequence[str]) -> tuple[int, ...]:
    """The places of these entries; all of them when the text named none."""
    every = [e.name for e in checked.entries]
    return tuple(every.index(n) for n in names) if names else tuple(range(len(every)))


def host_of(checked: CheckedStrategy, entry: int) -> int:
    """The entry that is asked for it: itself, the one it joins, or the first leg of its spread."""
    row = checked.entries[entry]
    if row.spread:
        return [e.spread for e in checked.entries].index(row.spread)
    return entry_indices(checked, (row.joins,))[0] if row.joins else entry


# ---------------------------------------------------------------- limits


def limit_set_row(
    use: SetUse, rows: Sequence[Any], clock_rows: Any, every: str = DAILY_CLOCK
) -> LimitSetRow:
    """One limit set in force; rows[k] is the market table of the run's k-th symbol. every: the
    clock of the run's bars."""
    layout = use.program.layout
    switches = tuple(_switches(use))
    return LimitSetRow(
        name=use.checked.name,
        book=use.book,
        limits=tuple(_limits(use)),
        switches=switches,
        row_width=layout.row_width,
        out_width=layout.out_width,
        decide_width=layout.decide_width,
        cells_init=layout.cells_init if switches or use.program.plan.kept else (),
        rows=tuple(rows),
        clock_rows=clock_rows,
        rule=use.program.rule,
        decide=use.program.decide,
        reads=reads_of(use.program.plan),
        books=use.books,
        symbols=use.symbols,
        group=use.group,
        asks=asks_of(use.program.plan, _on_weights(use), every),
    )


def reads_of(plan: Plan) -> frozenset[int] | None:
    """The fields that a plan's `rule` reads; None, any, when it looks at its position in a fold."""
    nodes = [plan.graph.nodes[k] for k in plan.rule]
    if any(n.fold or n.kind == "gate" for n in nodes):
        return None
    return frozenset(plan.field_slot(n.name) for n in nodes if n.kind == "field")


def _on_weights(use: SetUse) -> set[str]:
    """The fields that limits on `weight` orders read."""
    plan = use.program.plan
    named = {f"limit.{x.name}" for x in use.checked.limits if x.on != "entry" and use.holds(x)}
    roots = [node for name, node in plan.outputs("decide") if name in named]
    nodes = [plan.graph.nodes[k] for k in reached(plan.graph, roots)]
    return {n.name for n in nodes if n.kind == "field"}


def _limits(use: SetUse) -> list[LimitRow]:
    return [
        LimitRow(
            name=limit.name,
            action=ACTIONS[limit.action],
            entries_only=limit.on == "entry",
            skip=limit.otherwise == "skip",
            out=use.program.layout.decide_out(f"limit.{limit.name}"),
            severity=limit.severity,
            because=limit.because,
        )
        for limit in use.checked.limits
        if use.holds(limit)
    ]


def _switches(use: SetUse) -> list[SwitchRow]:
    return [_switch(use, switch) for switch in use.checked.switches if use.holds(switch)]


def _switch(use: SetUse, switch: CheckedSwitch) -> SwitchRow:
    out = use.program.layout.rule_out
    return SwitchRow(
        name=switch.name,
        kind=SWITCHES[switch.kind],
        enter_out=out(f"switch.{switch.name}.enter"),
        resume_out=out(f"switch.{switch.name}.resume"),
        resume_after=switch.resume_after,
        by_hand=bool(switch.resume_hand),
        resume_bars=use.resumes.get(switch.name, ()),
        restarts=restarts(switch),
        severity=switch.severity,
        because=switch.because,
    )


# ---------------------------------------------------------------- instruments and the tape


def instrument_row(instrument: Instrument, borrow_rate: float = float("nan")) -> InstrumentRow:
    """How one instrument trades; borrow_rate is what the set-up says borrowing costs a year."""
    return InstrumentRow(
        symbol=instrument.symbol,
        lot=instrument.lot,
        tick=instrument.tick,
        shortable=instrument.shortable,
        borrow_rate=borrow_rate,
        sector=instrument.sector or "",
        kind=instrument.kind,
    )


def is_fractional(instrument: Instrument) -> bool:
    """Whether fractions may be held, which rules out costs per share: there are no whole shares."""
    return instrument.adjusted or instrument.lot < 1.0


def tape(
    world: World, symbols: Sequence[str], impact: float = 0.0, tells_time: bool = False
) -> Tape:
    """The bars that the account trades on: the window only, without the warm-up. impact: the
    coefficient of the costs. tells_time: whether a limit asks for the time of day."""
    start = world.line.start
    found = [world.bars(s) for s in symbols]
    rate = world.series.get(CASH_RATE)
    yields = (
        published(rate, world.line, RATE_PATIENCE)[start:].tolist()
        if rate is not None
        else [float("nan")] * world.line.bars
    )
    return Tape(
        days=world.line.window.tolist(),
        open=_columns(found, "open", start),
        high=_columns(found, "high", start),
        low=_columns(found, "low", start),
        close=_columns(found, "close", start),
        volume=_columns(found, "volume", start),
        present=_columns(found, "has", start),
        at_close=_columns(found, "at_close", start),
        week_end=period_ends(world.line, "1w")[start:].tolist(),
        month_end=period_ends(world.line, "1mo")[start:].tolist(),
        cash_rate=yields,
        settles=settles(world.line),
        sessions=session_numbers(world.line).tolist() if world.line.schedule.length else (),
        closes=() if world.line.closes is None else world.line.closes[start:].tolist(),
        impact=_impact(world, symbols, impact) if impact else (),
        actions=actions_of([world.series[s] for s in symbols], world.line.window.tolist()),
        within=_within(world.line) if tells_time else (),
    )


def _within(line: Timeline) -> tuple[list[float], ...]:
    """Minutes since the open, to the close and of the day, of each bar of minutes in the window."""
    if line.closes is None:
        return ()
    return tuple(calendar_column(name, line)[line.start :].tolist() for name in WITHIN)


def _impact(world: World, symbols: Sequence[str], coefficient: float) -> tuple[list[float], ...]:
    from engine.session.impact import impact_of_a_share  # few runs ask for it

    if world.line.closes is not None:
        help = "leave `impact` out of `costs`, or replay daily bars"
        raise UserError("`impact` is reckoned on daily bars, and these are of minutes", help)
    days = world.line.window.tolist()
    made = []
    for series in (world.series[s] for s in symbols):
        last = restated(series, days[-1]) if days else series
        shares = impact_of_a_share(last, days, coefficient)
        made.append(
            [m * _shares_at(series, d, days[-1]) for m, d in zip(shares, days, strict=True)]
        )
    return tuple(made)


def _shares_at(series: Series, day: int, last: int) -> float:
    """The root of how many of the last day's shares one of `day` became: volume is in those."""
    return math.prod(ratio for at, ratio in splits_of(series) if day < at <= last) ** 0.5


WITHIN = ("session.minutes", "session.minutes_to_close", "market.time")
"""The columns of Tape.within."""
CASH_RATE = "UST3M"
"""The feed whose yield idle cash earns."""
RATE_PATIENCE = 5
"""Sessions without a new yield after which cash earns nothing."""


def _columns(found: Sequence[Bars], name: str, start: int) -> tuple[list[float], ...]:
    return tuple(b.column(name)[start:].tolist() for b in found)
