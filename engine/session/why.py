"""Why a strategy did what it did on one bar (floor 9): every value of its rules, the orders that
came of them, and what each limit said.

The cell is replayed as the dry-run replays it, with the reference runner for the asked strategy;
the day's own crisis is used where one holds it, else a replay that begins one settled warm-up
before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.base.dates import iso
from engine.base.errors import UserError
from engine.base.near import near
from engine.check.typed import CheckedLimits, CheckedStrategy, Named, Typed
from engine.compile import compile_strategy
from engine.fields import (
    ACCOUNT_CASH,
    ACCOUNT_DRAWDOWN,
    ACCOUNT_EQUITY,
    POSITION_AGE,
    POSITION_ENTRY_PRICE,
    POSITION_QTY,
)
from engine.records.account import PASSED, History
from engine.records.desk import Desk
from engine.run.account import run_account
from engine.run.program import Program
from engine.run.walk import trace, watch
from engine.session.answers import Truth, WhyLimit, WhyNode, WhyReport, WhyRule
from engine.session.cell import Window
from engine.session.desk import entry_indices
from engine.session.dissect import dissected, whys
from engine.session.figures import plain
from engine.session.firm import Firm, Scene, Strategy
from engine.session.force import InForce, in_force
from engine.session.listen import Call, listen
from engine.session.lists import FALSE, TRUE
from engine.session.load import load_firm
from engine.session.market import columns_of
from engine.session.options import DryrunOptions
from engine.session.records import SAID, verdict_row
from engine.session.replay import Cast, build_desk, cast_of
from engine.session.timeline import timeline

LEAD = 60
"""Sessions that an own replay trades before the asked day, so that positions and peaks can form."""


@dataclass(frozen=True)
class _Bar:
    """The asked bar of a replayed cell: values of every node, and the rule's calls on it."""

    program: Program
    symbol: int
    bar: int
    market: Sequence[float]
    calls: Sequence[Call]
    row: Sequence[float]


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
    force = in_force(scene, cast.strategies)
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
    at = int(firm.sessions.searchsorted(day))
    around = [int(d) for d in firm.sessions[max(0, at - 1) : at + 1]]
    if day not in around:
        raise UserError(f"{iso(day)} is no session", f"ask for {' or '.join(map(iso, around))}")
    inside = [w for w in firm.windows if w.first <= day <= w.last]
    if inside:
        return min(inside, key=lambda w: w.last - w.first)
    before = timeline(firm.sessions, day, day, LEAD)
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
) -> _Bar:
    program = strategy.program
    markets = scene.markets(program, strategy.lists)
    inputs, has = columns_of(program, markets.world, symbol)
    start = markets.world.line.start
    columns, marks = [c.tolist() for c in inputs], [h.tolist() for h in has]
    traced = trace(program.plan, columns, marks, start + bar + 1)
    place = [desk.instruments[k].symbol for k in desk.books[0].symbols].index(symbol)
    width = program.layout.row_width
    row = markets.rows(program, symbol)[bar * width : (bar + 1) * width]
    mine = [c for c in calls if c.bar == bar and c.symbol == place]
    return _Bar(program, desk.books[0].symbols[place], bar, traced[-1], mine, row)


# ---------------------------------------------------------------- values


def _values(at: _Bar, names: Sequence[str], call: Call | None) -> dict[str, float]:
    """What each note is on this bar, by its name; book values need a call."""
    plan = at.program.plan
    found = {}
    book = []
    for name in names:
        node = plan.graph.out(name)
        if plan.stages[node] == "book":
            book.append(name)
        else:
            found[name] = float(at.market[node])
    if call is not None and book:
        out = [0.0] * len(book)
        watch(plan, book)(at.row, 0, list(call.fields), 0, list(call.cells), 0, out, 0)
        found |= dict(zip(book, out, strict=True))
    return found


def _node(
    named: Named, path: str, values: Mapping[str, float], lets: Mapping[Typed, str]
) -> WhyNode:
    value = values.get(path, float("nan"))
    is_truth = named.value.kind.name == "truth"
    parts = tuple(_node(p, f"{path}.{k}", values, lets) for k, p in enumerate(named.parts))
    truth = _truth(value) if is_truth else None
    name = lets.get(named.value, "")
    return WhyNode(
        text=named.text,
        value=None if is_truth else plain(value),
        unit=str(named.value.kind.unit),
        truth=truth,
        name=name,
        parts=parts,
    )


def _truth(value: float) -> Truth:
    if value == TRUE:
        return "true"
    return "false" if value == FALSE else "unknown"


def _paths(named: Named, path: str) -> list[str]:
    return [path, *(x for k, p in enumerate(named.parts) for x in _paths(p, f"{path}.{k}"))]


# ---------------------------------------------------------------- rules


def _rules(checked: CheckedStrategy, rule: str | None, at: _Bar) -> tuple[WhyRule, ...]:
    lets = {x.value: x.name for x in checked.lets}
    made = [_entry(checked, k, at, lets) for k in range(len(checked.entries))]
    made += [_exit(checked, k, at, lets) for k in range(len(checked.exits))]
    made += [_level(checked, k, at) for k in range(len(checked.levels))]
    if checked.weight is not None:
        made.append(_weight(checked, at))
    return tuple(r for r in made if rule in (None, r.name))


def _call(at: _Bar, entry: int) -> Call | None:
    return next((c for c in at.calls if c.entry == entry), None)


def _out(at: _Bar, call: Call | None, name: str) -> float | None:
    place = at.program.layout.rule_out(name)
    return plain(call.out[place]) if call is not None and place >= 0 else None


def _when(
    named: Named, path: str, at: _Bar, call: Call | None, lets: Mapping[Typed, str]
) -> WhyNode:
    return _node(named, path, _values(at, _paths(named, path), call), lets)


def _entry(checked: CheckedStrategy, k: int, at: _Bar, lets: Mapping[Typed, str]) -> WhyRule:
    e, call = checked.entries[k], _call(at, k)
    path = f"entry.{e.name}"
    return WhyRule(
        kind="entry",
        name=e.name,
        because=e.because,
        was_judged=call is not None,
        when=_when(e.when, f"{path}.when", at, call, lets),
        size=_out(at, call, f"{path}.size"),
        size_unit="share" if e.size_in == "shares" else "$",
        price=_out(at, call, f"{path}.price"),
    )


def _exit(checked: CheckedStrategy, k: int, at: _Bar, lets: Mapping[Typed, str]) -> WhyRule:
    x = checked.exits[k]
    calls = [c for e in entry_indices(checked, x.of) if (c := _call(at, e)) is not None]
    held = [c for c in calls if c.fields[POSITION_QTY] != 0.0]
    call = next(iter(held or calls), None)
    path = f"exit.{x.name}"
    return WhyRule(
        kind="exit",
        name=x.name,
        because=x.because,
        was_judged=bool(held),
        when=_when(x.when, f"{path}.when", at, call, lets),
        price=_out(at, call, f"{path}.price"),
    )


def _level(checked: CheckedStrategy, k: int, at: _Bar) -> WhyRule:
    level = checked.levels[k]
    calls = [c for e in entry_indices(checked, level.of) if (c := _call(at, e)) is not None]
    held = [c for c in calls if c.fields[POSITION_QTY] != 0.0]
    price = _level_price(at, held[0], f"{level.kind}.{level.name}") if held else None
    return WhyRule(
        kind=level.kind,
        name=level.name,
        because=level.text,
        was_judged=bool(held),
        when=None,
        price=price,
    )


def _level_price(at: _Bar, call: Call, name: str) -> float | None:
    """A trail's level at this close; for stops, the level that this bar's values would give."""
    trailed = _out(at, call, name)
    if trailed is not None or name.startswith("trail."):
        return trailed
    out = [0.0] * at.program.layout.stops_width
    fields = list(call.fields)
    at.program.stops(at.row, 0, fields, 0, [0.0], 0, out, 0)
    return plain(out[at.program.layout.stops_out(name)])


def _weight(checked: CheckedStrategy, at: _Bar) -> WhyRule:
    call = _call(at, len(checked.entries))
    value = _out(at, call, "weight")
    return WhyRule("weight", "weight", "", call is not None, None, value, "of equity")


# ---------------------------------------------------------------- limits and the account


def _limits(desk: Desk, force: InForce, history: History, at: _Bar) -> tuple[WhyLimit, ...]:
    """Every limit with what it said to this bar's last order, every switch with its state."""
    judged = [v for v in history.verdicts if v.bar == at.bar and v.symbol == at.symbol]
    made = []
    for s, (_, use) in enumerate(force.uses):
        texts = whys(use.checked)
        for k, row in enumerate(desk.limit_sets[s].limits):
            said = [x for v in judged for x in v.binding if (x.limit_set, x.limit) == (s, k)]
            word = SAID[said[-1].said] if said else SAID[PASSED] if judged else ""
            value = plain(said[-1].value) if said else None
            name, (text, because) = f"{use.checked.name}.{row.name}", texts[row.name]
            made.append(WhyLimit(name, "limit", text, word, value, because))
        for j, switch in enumerate(desk.limit_sets[s].switches):
            state = "in_force" if history.paused[s][j][at.bar] else "open"
            name, (text, because) = f"{use.checked.name}.{switch.name}", texts[switch.name]
            made.append(WhyLimit(name, _kind(use.checked, switch.name), text, state, None, because))
    return tuple(made)


def _kind(checked: CheckedLimits, name: str) -> str:
    return next(s.kind for s in checked.switches if s.name == name)


def _account(history: History, at: _Bar) -> dict[str, float | None]:
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
    at: _Bar,
    force: InForce,
) -> WhyReport:
    checked = strategy.checked
    if at.bar >= len(history.equity):
        raise UserError("the account was ruined before this day", "ask for an earlier day")
    judged = [v for v in history.verdicts if v.bar == at.bar and v.symbol == at.symbol]
    rules = _rules(checked, rule, at)
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
        lets=_lets(checked, at),
        limits=_limits(desk, force, history, at),
        verdicts=tuple(verdict_row(desk, v) for v in judged),
        account=_account(history, at),
        notices=tuple(notices),
    )


def _lets(checked: CheckedStrategy, at: _Bar) -> tuple[WhyNode, ...]:
    call = next(iter(at.calls), None)
    made = []
    for let in checked.lets:
        path = f"let.{let.name}"
        node = _node(let, path, _values(at, _paths(let, path), call), {})
        made.append(replace(node, name=let.name))
    return tuple(made)
