"""Why a strategy did what it did on one bar (floor 9): every value of its rules, the orders that
came of them, and what each limit said.

The cell, or the portfolio, is replayed as the dry-run replays it, with the reference runner for the
asked strategy; the day's own crisis is used where one holds it, else a replay that begins some
sessions before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.base.near import near
from engine.check.typed import CheckedLimits, CheckedStrategy
from engine.compile import compile_strategy
from engine.fields import (
    ACCOUNT_CASH,
    ACCOUNT_DRAWDOWN,
    ACCOUNT_EQUITY,
    POSITION_AGE,
    POSITION_ENTRY_PRICE,
    POSITION_QTY,
)
from engine.records.account import (
    ALLOWED,
    CLIPPED,
    DENIED,
    FROM_ENTRY,
    FROM_WEIGHT,
    PASSED,
    History,
    Verdict,
)
from engine.records.desk import BookRow, Desk, LimitSetRow
from engine.run.account import run_account
from engine.run.walk import trace
from engine.session.answers import WhyLimit, WhyReport
from engine.session.cell import Window
from engine.session.dissect import dissected, whys
from engine.session.earlier import Past
from engine.session.explain import Moment, lets_at, rules_at
from engine.session.figures import plain
from engine.session.firm import Firm, Scene, Strategy
from engine.session.force import InForce, in_force
from engine.session.listen import Call, listen
from engine.session.load import load_firm
from engine.session.market import columns_of
from engine.session.options import DryrunOptions
from engine.session.records import SAID, verdict_row
from engine.session.replay import Cast, build_desk, cast_of
from engine.session.schedule import MINUTES
from engine.session.timeline import timeline

LEAD = 60
"""Sessions that an own replay trades before the asked day, so that positions and peaks can form."""


ASKED = (ALLOWED, CLIPPED, DENIED)
RISKY = (FROM_ENTRY, FROM_WEIGHT)
"""Outcomes and sources of the orders that limits are asked about."""


@dataclass(frozen=True)
class _Asked:
    """The strategy that is asked about, in the run that is replayed: its book, and the limits."""

    scene: Scene
    strategy: Strategy
    cast: Cast
    force: InForce
    desk: Desk

    @property
    def number(self) -> int:
        """Its book among the run's."""
        return self.cast.strategies.index(self.strategy)

    @property
    def book(self) -> BookRow:
        return self.desk.books[self.number]


def why(
    strategy: str,
    rule: str | None,
    symbol: str,
    day: int,
    options: DryrunOptions,
    portfolio: bool = False,
    minute: int | None = None,
) -> WhyReport:
    """The values, orders and verdicts of one strategy on one symbol at the close of `day`, or of
    the bar of minutes that ends at `minute` of it (None: the session's last).

    rule: only this entry, exit or level (None: all). options say which files, params, data and
    limits. portfolio: in the run that holds every strategy in one account, not in its own.
    UserError when the strategy, rule, symbol or day is not there.
    """
    names = () if portfolio else (strategy,)
    firm = load_firm(replace(options, strategies=names, first=None, last=None)).firm
    chosen = _walked(_one(firm, strategy))
    _check_rule(chosen.checked, rule)
    every = tuple(chosen if s.name == strategy else s for s in firm.strategies)
    asked = _asked(replace(firm, strategies=every), chosen, symbol, day)
    bar = _bar_of(asked.desk, symbol, day, minute)
    heard, calls = listen(asked.book, frozenset({bar}))
    books = tuple(heard if b is asked.book else b for b in asked.desk.books)
    history = run_account(replace(asked.desk, books=books), compiled=False)
    return _report(asked, rule, history, _bar(asked, symbol, bar, calls))


# ---------------------------------------------------------------- where to look


def _walked(strategy: Strategy) -> Strategy:
    """The strategy on the reference runner, with every sub-expression kept by name."""
    checked = dissected(strategy.checked)
    program = compile_strategy(checked, "walk", notes=True)
    return replace(strategy, checked=checked, program=program)


def _one(firm: Firm, name: str) -> Strategy:
    """The strategy asked about, among all that run."""
    known = [s.name for s in firm.strategies]
    if name not in known:
        close = near(name, known)
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
        raise UserError(f"no strategy `{name}`", hint)
    return firm.strategies[known.index(name)]


def _asked(firm: Firm, strategy: Strategy, symbol: str, day: int) -> _Asked:
    """The run that holds the day, with everything in it ready."""
    scene = Scene(firm, _window(firm, day))
    cast = cast_of(scene, scene.players(firm.strategies))
    force = in_force(scene, cast.strategies, cast.all_symbols)
    _check_cell(cast, force, strategy, symbol)
    return _Asked(scene, strategy, cast, force, build_desk(scene, cast, force))


def _check_rule(checked: CheckedStrategy, rule: str | None) -> None:
    known = [x.name for rows in (checked.entries, checked.exits, checked.levels) for x in rows]
    if rule is not None and rule not in known and not (rule == "weight" and checked.weight):
        close = near(rule, known)
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
        raise UserError(f"`{checked.name}` has no rule `{rule}`", hint)


def _window(firm: Firm, day: int) -> Window:
    """The shipped crisis that holds the day, else the sessions before it."""
    at = int(firm.schedule.sessions.searchsorted(day))
    around = [int(d) for d in firm.schedule.sessions[max(0, at - 1) : at + 1]]
    if day not in around:
        raise UserError(f"{iso(day)} is no session", f"ask for {' or '.join(map(iso, around))}")
    inside = [w for w in firm.windows if w.first <= day <= w.last]
    if inside:
        return min(inside, key=lambda w: w.last - w.first)
    before = timeline(firm.schedule, day, day, LEAD)
    return Window("", "own replay", int(before.days[0]), day)


def _check_cell(cast: Cast, force: InForce, strategy: Strategy, symbol: str) -> None:
    if force.missing or strategy not in cast.strategies:
        lacks = "; ".join([*cast.missing, *([force.missing] if force.missing else [])])
        lacks = lacks or f"the scenario does not run {strategy.name}"
        raise UserError(f"this day cannot be replayed: {lacks}", "choose a day with data")
    traded = cast.symbols[cast.strategies.index(strategy)]
    if symbol not in traded:
        close = near(symbol, traded)
        hint = f"did you mean `{close}`?" if close else f"it trades {', '.join(traded)} here"
        raise UserError(f"{strategy.name} does not trade `{symbol}` here", hint)


def _bar_of(desk: Desk, symbol: str, day: int, minute: int | None) -> int:
    tape = desk.tape
    inside = [bar for bar, d in enumerate(tape.days) if d == day]
    bar = inside[-1]
    if minute is not None:
        ends = [b for b in inside if tape.closes and tape.closes[b] % MINUTES == minute]
        if not ends:
            known = f"from {tape.told(inside[0])} to {tape.told(bar)}"
            help = (
                f"its bars end {known}" if tape.closes else "its bars are days: leave the time out"
            )
            raise UserError(f"no bar ends at {minute // 60:02d}:{minute % 60:02d}", help)
        bar = ends[0]
    k = [i.symbol for i in desk.instruments].index(symbol)
    if not desk.tape.present[k][bar]:
        raise UserError(f"{symbol} has no bar on {tape.told(bar)}", "choose another day")
    return bar


def _bar(asked: _Asked, symbol: str, bar: int, calls: Sequence[Call]) -> Moment:
    program = asked.strategy.program
    markets = asked.scene.markets(program, asked.strategy.lists)
    traded = [asked.desk.instruments[k].symbol for k in asked.book.symbols]
    seen = markets.at(asked.desk.tape.days[bar])
    given = seen.given(program, symbol, traded)
    inputs, has = columns_of(program.plan, seen.world, symbol, given)
    start = markets.world.line.start
    columns, marks = [list(c) for c in inputs], [h.tolist() for h in has]
    traced = trace(program.plan, columns, marks, start + bar + 1)
    place = traded.index(symbol)
    width = program.layout.row_width
    row = markets.rows(program, symbol, traded)[bar * width : (bar + 1) * width]
    mine = [c for c in calls if c.bar == bar and c.symbol == place]
    past = Past(program.plan, traced, marks, markets.world.line.days.tolist())
    return Moment(program, asked.book.symbols[place], bar, past, mine, row)


def _judged(asked: _Asked, history: History, at: Moment) -> list[Verdict]:
    """This bar's orders of the strategy on the symbol."""
    where = (at.bar, asked.number, at.symbol)
    return [v for v in history.verdicts if (v.bar, v.book, v.symbol) == where]


def _covers(row: LimitSetRow, book: int, symbol: int) -> bool:
    """Whether a limit set is in force on a symbol of a book."""
    books = row.books or ((row.book,) if row.book >= 0 else (book,))
    return book in books and (not row.symbols or symbol in row.symbols)


# ---------------------------------------------------------------- limits and the account


def _limits(here: _Asked, history: History, at: Moment) -> tuple[WhyLimit, ...]:
    """Every limit with what it said to this bar's last order, every switch with its state."""
    judged = _judged(here, history, at)
    asked = [v for v in judged if v.outcome in ASKED and v.source in RISKY]
    desk = here.desk
    made = []
    for s, (_, use) in enumerate(here.force.uses):
        if not _covers(desk.limit_sets[s], here.number, at.symbol):
            continue
        texts = whys(use.checked)
        for k, row in enumerate(desk.limit_sets[s].limits):
            word, value = _said(asked, s, k, row.entries_only)
            name, (text, because) = f"{use.checked.name}.{row.name}", texts[row.name]
            made.append(WhyLimit(name, "limit", text, word, value, because))
        for j, switch in enumerate(desk.limit_sets[s].switches):
            state = "in_force" if history.paused[s][j][at.bar] else "open"
            name, (text, because) = f"{use.checked.name}.{switch.name}", texts[switch.name]
            made.append(WhyLimit(name, _kind(use.checked, switch.name), text, state, None, because))
    return tuple(made)


def _said(
    asked: Sequence[Verdict], limit_set: int, limit: int, entries_only: bool
) -> tuple[str, float | None]:
    """What a limit said to the last order that it was asked about; "" when to none."""
    found = [v for v in asked if not (entries_only and v.source == FROM_WEIGHT)]
    if not found:
        return "", None
    place = (limit_set, limit)
    said = next((x for x in found[-1].binding if (x.limit_set, x.limit) == place), None)
    return (SAID[PASSED], None) if said is None else (SAID[said.said], plain(said.value))


def _kind(checked: CheckedLimits, name: str) -> str:
    return next(s.kind for s in checked.switches if s.name == name)


def _account(asked: _Asked, history: History, at: Moment) -> dict[str, float | None]:
    """The book's money and position; before them the whole account's equity, where it has more."""
    told: dict[str, float | None] = {}
    if len(asked.desk.books) > 1:
        told["whole account"] = plain(history.equity[at.bar])
    told["equity"] = plain(history.book_equity[asked.number][at.bar])
    held = next((c for c in at.calls if c.fields[POSITION_QTY]), None) or next(iter(at.calls), None)
    if held is None:
        return told
    told["cash"] = plain(held.fields[ACCOUNT_CASH])
    told["drawdown"] = plain(held.fields[ACCOUNT_DRAWDOWN])
    told["position"] = plain(held.fields[POSITION_QTY])
    if held.fields[POSITION_QTY]:
        told["entry price"] = plain(held.fields[POSITION_ENTRY_PRICE])
        told["age"] = plain(held.fields[POSITION_AGE])
    told["equity"] = plain(held.fields[ACCOUNT_EQUITY])
    return told


def _report(asked: _Asked, rule: str | None, history: History, at: Moment) -> WhyReport:
    checked, desk, scene = asked.strategy.checked, asked.desk, asked.scene
    if at.bar >= len(history.equity):
        raise UserError("the account was ruined before this day", "ask for an earlier day")
    judged = _judged(asked, history, at)
    rules = rules_at(checked, rule, at)
    if rule is not None:
        judged = [v for v in judged if verdict_row(desk, v)["rule"] == rule]
    return WhyReport(
        strategy=asked.strategy.name,
        title=checked.title,
        symbol=desk.instruments[at.symbol].symbol,
        date=desk.tape.told(at.bar),
        crisis=scene.window.crisis,
        start=desk.tape.told(0),
        rules=rules,
        lets=lets_at(checked, at),
        limits=_limits(asked, history, at),
        verdicts=tuple(verdict_row(desk, v) for v in judged),
        account=_account(asked, history, at),
        notices=tuple(f"waived here: {w}" for w in asked.force.waived),
        beside=tuple(s.name for s in asked.cast.strategies if s is not asked.strategy),
    )
