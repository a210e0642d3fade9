"""Why a strategy did what it did on one bar (floor 9): every value of its rules, the orders that
came of them, and what each limit said.

The cell is replayed as the dry-run replays it, with the reference runner for the asked strategy;
the day's own crisis is used where one holds it, else a replay that begins one settled warm-up
before.
"""

from collections.abc import Sequence
from dataclasses import replace

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
from engine.records.desk import Desk
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
from engine.session.timeline import timeline

LEAD = 60
"""Sessions that an own replay trades before the asked day, so that positions and peaks can form."""


ASKED = (ALLOWED, CLIPPED, DENIED)
RISKY = (FROM_ENTRY, FROM_WEIGHT)
"""Outcomes and sources of the orders that limits are asked about."""


def why(
    strategy: str, rule: str | None, symbol: str, day: int, options: DryrunOptions
) -> WhyReport:
    """The values, orders and verdicts of one strategy on one symbol at the close of `day`.

    rule: only this entry, exit or level (None: all). options say which files, params, data and
    limits. UserError when the strategy, rule, symbol or day is not there.
    """
    firm = load_firm(replace(options, strategies=(strategy,), first=None, last=None)).firm
    chosen = _walked(firm.strategies[0])
    _check_rule(chosen.checked, rule)
    firm = replace(firm, strategies=(chosen,))
    scene = Scene(firm, _window(firm, chosen, day))
    cast = cast_of(scene, (chosen,))
    force = in_force(scene, cast.strategies, cast.all_symbols)
    _check_cell(scene, cast, force, symbol)
    desk = build_desk(scene, cast, force)
    bar = _bar_of(desk, symbol, day)
    heard, calls = listen(desk.books[0], frozenset({bar}))
    history = run_account(replace(desk, books=(heard,)), compiled=False)
    at = _bar(scene, chosen, desk, symbol, bar, calls)
    return _report(scene, chosen, rule, desk, history, at, force)


# ---------------------------------------------------------------- where to look


def _walked(strategy: Strategy) -> Strategy:
    """The strategy on the reference runner, with every sub-expression kept by name."""
    checked = dissected(strategy.checked)
    program = compile_strategy(checked, "walk", notes=True)
    return replace(strategy, checked=checked, program=program)


def _check_rule(checked: CheckedStrategy, rule: str | None) -> None:
    known = [x.name for rows in (checked.entries, checked.exits, checked.levels) for x in rows]
    if rule is not None and rule not in known and not (rule == "weight" and checked.weight):
        close = near(rule, known)
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
        raise UserError(f"`{checked.name}` has no rule `{rule}`", hint)


def _window(firm: Firm, strategy: Strategy, day: int) -> Window:
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


def _check_cell(scene: Scene, cast: Cast, force: InForce, symbol: str) -> None:
    if force.missing or not cast.strategies:
        lacks = "; ".join([*cast.missing, *([force.missing] if force.missing else [])])
        raise UserError(f"this day cannot be replayed: {lacks}", "choose a day with data")
    if symbol not in cast.all_symbols:
        close = near(symbol, cast.all_symbols)
        known = ", ".join(cast.all_symbols)
        hint = f"did you mean `{close}`?" if close else f"it trades {known} here"
        raise UserError(f"{cast.strategies[0].name} does not trade `{symbol}` here", hint)


def _bar_of(desk: Desk, symbol: str, day: int) -> int:
    bar = list(desk.tape.days).index(day)
    k = [i.symbol for i in desk.instruments].index(symbol)
    if not desk.tape.present[k][bar]:
        raise UserError(f"{symbol} has no bar on {iso(day)}", "choose another day")
    return bar


def _bar(
    scene: Scene, strategy: Strategy, desk: Desk, symbol: str, bar: int, calls: Sequence[Call]
) -> Moment:
    program = strategy.program
    markets = scene.markets(program, strategy.lists)
    traded = [desk.instruments[k].symbol for k in desk.books[0].symbols]
    given = markets.given(program, symbol, traded)
    inputs, has = columns_of(program.plan, markets.world, symbol, given)
    start = markets.world.line.start
    columns, marks = [list(c) for c in inputs], [h.tolist() for h in has]
    traced = trace(program.plan, columns, marks, start + bar + 1)
    place = traded.index(symbol)
    width = program.layout.row_width
    row = markets.rows(program, symbol, traded)[bar * width : (bar + 1) * width]
    mine = [c for c in calls if c.bar == bar and c.symbol == place]
    past = Past(program.plan, traced, marks, markets.world.line.days.tolist())
    return Moment(program, desk.books[0].symbols[place], bar, past, mine, row)


# ---------------------------------------------------------------- limits and the account


def _limits(desk: Desk, force: InForce, history: History, at: Moment) -> tuple[WhyLimit, ...]:
    """Every limit with what it said to this bar's last order, every switch with its state."""
    judged = [v for v in history.verdicts if v.bar == at.bar and v.symbol == at.symbol]
    asked = [v for v in judged if v.outcome in ASKED and v.source in RISKY]
    made = []
    for s, (_, use) in enumerate(force.uses):
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


def _account(history: History, at: Moment) -> dict[str, float | None]:
    told: dict[str, float | None] = {"equity": plain(history.equity[at.bar])}
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


def _report(
    scene: Scene,
    strategy: Strategy,
    rule: str | None,
    desk: Desk,
    history: History,
    at: Moment,
    force: InForce,
) -> WhyReport:
    checked = strategy.checked
    if at.bar >= len(history.equity):
        raise UserError("the account was ruined before this day", "ask for an earlier day")
    judged = [v for v in history.verdicts if v.bar == at.bar and v.symbol == at.symbol]
    rules = rules_at(checked, rule, at)
    if rule is not None:
        judged = [v for v in judged if verdict_row(desk, v)["rule"] == rule]
    notices = [f"waived here: {w}" for w in force.waived]
    return WhyReport(
        strategy=strategy.name,
        title=checked.title,
        symbol=desk.instruments[at.symbol].symbol,
        date=iso(desk.tape.days[at.bar]),
        crisis=scene.window.crisis,
        start=iso(desk.tape.days[0]),
        rules=rules,
        lets=lets_at(checked, at),
        limits=_limits(desk, force, history, at),
        verdicts=tuple(verdict_row(desk, v) for v in judged),
        account=_account(history, at),
        notices=tuple(notices),
    )
