"""One cell: strategies in one window, with limits, without, merely held, and less each limit
(floor 9).

Market columns are made once per strategy, symbol and window; only the account is replayed.
"""

from collections.abc import Sequence

import numpy as np

from engine.base.dates import iso
from engine.base.frozen import dataclass, replace
from engine.records.desk import BETA, AskRow, BookRow, CostRow, Desk
from engine.run.account import run_trunk
from engine.session.asks import asks_time, history_asked
from engine.session.breaches import breaches, plans
from engine.session.cell import Cell, Ran
from engine.session.closes import closes
from engine.session.cover import Coverage, cover, feed_gap
from engine.session.desk import book_row, instrument_row, limit_set_row, tape
from engine.session.effects import worth
from engine.session.events import events, kinds_of
from engine.session.figures import hold_line
from engine.session.firm import Scene, Strategy
from engine.session.force import InForce, in_force
from engine.session.funnel import funnel
from engine.session.inputs import World
from engine.session.market import symbols_read
from engine.session.notices import alone, notices
from engine.session.provenance import data_facts
from engine.session.reasons import no_trade_reason
from engine.session.sensitivity import sensitivity
from engine.session.stress import shocks_asked, told
from engine.session.trial import judge_claims
from engine.session.used import used


@dataclass(frozen=True)
class Cast:
    """Who plays in a cell: strategies with the symbols they may trade here, and what stands in
    the way."""

    strategies: tuple[Strategy, ...]
    symbols: tuple[tuple[str, ...], ...]
    dropped: tuple[str, ...]
    short: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def all_symbols(self) -> tuple[str, ...]:
        """Every symbol that trades, once, in order."""
        return tuple(dict.fromkeys(s for group in self.symbols for s in group))


def replay(scene: Scene, name: str, title: str, strategies: Sequence[Strategy]) -> Cell:
    """Run one strategy, or several in one account, through a window."""
    cast = cast_of(scene, strategies)
    force = in_force(scene, cast.strategies, cast.all_symbols)
    cell = _blank(scene, name, title, strategies, cast, force)
    if not cast.strategies or force.missing:
        return cell
    desk = build_desk(scene, cast, force)
    ran = _run(scene, cast, force, desk)
    said = (
        *alone(cast.strategies, cast.symbols),
        *notices(scene, desk, ran.history, cast.all_symbols),
        *told(scene, cast.all_symbols, [a for x in desk.limit_sets for a in x.asks]),
    )
    return replace(cell, ran=ran, notices=(*cell.notices, *said))


def _blank(
    scene: Scene,
    name: str,
    title: str,
    strategies: Sequence[Strategy],
    cast: Cast,
    force: InForce,
) -> Cell:
    """The cell before it has run: its status with the reason, what is left out and waived."""
    window = scene.window
    empty = not cast.strategies or bool(force.missing)
    short = (*cast.short, *force.short)
    reasons = cast.missing if not cast.strategies else (*cast.missing, force.missing)
    status = "no-data" if empty else "partial" if short or cast.missing else "ran"
    said = reasons if empty else (*short, *cast.missing, *cast.dropped)
    return Cell(
        strategy=name,
        title=title,
        window=window,
        line=scene.bare.line,
        status=status,
        notices=tuple(dict.fromkeys(said)),
        start_equity=start_equity(scene),
        params={} if len(strategies) > 1 else _params(strategies[0]),
        symbols=() if empty else cast.all_symbols,
        waived=() if empty else force.waived,
    )


def _params(strategy: Strategy) -> dict[str, float]:
    return {p.name: p.value for p in strategy.checked.params}


def start_equity(scene: Scene) -> float:
    """Cash at the start: command line, then scenario, then strategies.yaml, then the default."""
    account, scenario = scene.firm.account, scene.window.scenario
    if account.cash_is_asked or scenario is None or scenario.start_equity is None:
        return account.cash
    return scenario.start_equity


def costs(scene: Scene) -> CostRow:
    """Costs per side: a scenario's `costs 10 bps` stands for commission and slippage together."""
    account, scenario = scene.firm.account, scene.window.scenario
    if scenario is None or scenario.costs is None:
        return account.costs
    return replace(
        account.costs,
        commission=scenario.costs,
        per_share=0.0,
        per_order=0.0,
        slippage=0.0,
        spread=0.0,
        impact=0.0,
    )


# ---------------------------------------------------------------- who plays


def cast_of(scene: Scene, strategies: Sequence[Strategy]) -> Cast:
    found = [(s, _cover(scene, s), _inputs(scene, s)) for s in strategies]
    plays = [(s, c, i) for s, c, i in found if c.symbols and not i.missing]
    missing = [_missing(s, c, i, len(strategies)) for s, c, i in found if (s, c, i) not in plays]
    return Cast(
        strategies=tuple(s for s, _, _ in plays),
        symbols=tuple(c.symbols for _, c, _ in plays),
        dropped=tuple(dict.fromkeys(d for _, c, _ in plays for d in c.dropped)),
        short=tuple(dict.fromkeys(d for _, c, i in plays for d in (*c.short, *i.short))),
        missing=tuple(missing),
    )


def _missing(strategy: Strategy, coverage: Coverage, inputs: InForce, count: int) -> str:
    lacks = inputs.missing or "; ".join(d.replace(" left out:", ":") for d in coverage.dropped)
    return lacks if count == 1 else f"{strategy.name} does not run: {lacks}"


def _cover(scene: Scene, strategy: Strategy) -> Coverage:
    line = scene.line(strategy.program.plan.settled_bars)
    if not line.bars:
        days = scene.firm.schedule.sessions
        reach = f"the calendar has {iso(int(days[0]))} to {iso(int(days[-1]))}"
        return Coverage((), (f"no session in this window ({reach})",))
    found = cover(scene.firm.series, strategy.universe, line, strategy.program.plan.settled_bars)
    if strategy.checked.legs and found.dropped:  # a spread without one of its legs is another trade
        return Coverage((), found.dropped)
    return found


def _inputs(scene: Scene, strategy: Strategy) -> InForce:
    """What the window lacks of the feeds and other symbols that a strategy reads."""
    line = scene.line(strategy.program.plan.settled_bars)
    if not line.bars:
        return InForce()
    gaps = [
        feed_gap(scene.firm.series.get(s), s, line)
        for s in sorted(symbols_read([strategy.program]))
    ]
    missing = [text for has_any, text in gaps if not has_any]
    short = tuple(text for has_any, text in gaps if has_any and text)
    return InForce(missing="; ".join(missing), short=short)


# ---------------------------------------------------------------- the desk


def build_desk(scene: Scene, cast: Cast, force: InForce) -> Desk:
    """Rows of everything that runs in this cell."""
    symbols = cast.all_symbols
    series = scene.firm.series
    borrow = scene.firm.account.borrow
    nan = float("nan")
    sets = tuple(
        limit_set_row(
            use,
            [scene.rows(b, s) for s in symbols],
            scene.rows(b, None),
            scene.firm.schedule.every,
        )
        for b, use in force.uses
    )
    asks = [a for x in sets for a in x.asks]
    before = history_asked(asks)
    return Desk(
        cash=start_equity(scene),
        instruments=tuple(
            instrument_row(i, borrow.get(i.symbol, nan))
            for i in (series[s].instrument for s in symbols)
        ),
        costs=costs(scene),
        books=_books(scene, cast),
        limit_sets=sets,
        tape=tape(scene.bare, symbols, costs(scene).impact, asks_time(asks)),
        before=_closes_before(scene, symbols, before),
        benchmarks=_benchmarks(scene, asks, before),
        shocks=shocks_asked(scene, symbols, asks),
    )


def _closes_before(
    scene: Scene, symbols: Sequence[str], bars: int
) -> tuple[tuple[float, ...], ...]:
    """Each symbol's closes on the sessions before the window, one more than the returns asked."""
    if not bars:
        return ()
    line = scene.line(bars + 1)
    world = World(line, scene.firm.series).at(int(line.window[0]))
    return tuple(tuple(world.bars(s).close[: world.line.start].tolist()) for s in symbols)


def _benchmarks(
    scene: Scene, asks: Sequence[AskRow], bars: int
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The closes of every symbol that a beta is asked to, before the window and in it. On bars of
    minutes one with daily bars has none that could be compared."""
    named = dict.fromkeys(a.group for a in asks if a.kind == BETA)
    if not named:
        return ()
    line = scene.line(bars + 1)
    world = World(line, scene.firm.series).at(int(line.window[-1]))
    made = []
    for symbol in named:
        closes = world.bars(symbol).close
        if scene.firm.schedule.length and not scene.firm.series[symbol].length:
            closes = np.full(len(closes), np.nan)
        made.append((symbol, tuple(closes.tolist())))
    return tuple(made)


def _books(scene: Scene, cast: Cast) -> tuple[BookRow, ...]:
    every = cast.all_symbols
    shares = sum(s.capital for s in cast.strategies)
    return tuple(
        book_row(
            s.checked,
            s.program,
            s.name,
            start_equity(scene) * (s.capital / shares),
            [every.index(x) for x in symbols],
            [scene.rows(s, x, symbols) for x in symbols],
            s.desk,
        )
        for s, symbols in zip(cast.strategies, cast.symbols, strict=True)
    )


# ---------------------------------------------------------------- runs


def _run(scene: Scene, cast: Cast, force: InForce, desk: Desk) -> Ran:
    trunk = run_trunk(desk, compiled=scene.firm.compiled, listens=bool(force.uses))
    history = trunk.run.history()
    saw = closes(scene, force, desk, history)
    found, bare = worth(trunk, history)
    world = scene.bare
    held = world.at(int(world.line.window[-1]))
    return Ran(
        desk=desk,
        history=history,
        bare=bare if scene.firm.limits is not None else None,
        hold=hold_line([held.bars(s) for s in cast.all_symbols], world.line.start),
        effects=found,
        judged=judge_claims(scene, desk, history),
        funnel=funnel(scene, cast.strategies, cast.symbols, history),
        no_trade_reason=no_trade_reason(scene, cast.strategies, cast.symbols, history),
        last_day=_last_day(desk),
        events=events(saw, desk, history),
        data=data_facts(scene, force, cast.strategies, cast.all_symbols),
        told=kinds_of(force),
        used=used(scene, saw, desk, history),
        sensitivity=sensitivity(trunk, history),
        breaches=breaches(saw, desk, history),
        plans=plans(desk, history),
    )


def _last_day(desk: Desk) -> int:
    """The day of the first symbol's last bar; who trades here has one."""
    present = zip(desk.tape.days, desk.tape.present[0], strict=True)
    return max((day for day, here in present if here), default=desk.tape.days[-1])
