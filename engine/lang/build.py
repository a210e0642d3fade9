"""Parsed productions to statement nodes: one small function for each (floor 3).

Heads of statements with a body (`entry`, `pause`, blocks) come out empty; assemble fills them.
"""

from typing import Any

from engine.base.diagnostics import Diagnostic
from engine.base.frozen import replace
from engine.lang import ast
from engine.lang.building import Building, day, number, unquoted, whole
from engine.lang.drive import Action
from engine.lang.expressions import EXPRESSIONS, At, Kids, words
from engine.lang.scan import Token

MAX_GIVEN = 100_000


def _text(token: Token | None) -> str | None:
    return None if token is None else token.text


def _string(token: Token | None) -> str | None:
    return None if token is None else unquoted(token)


def _symbol(token: Token) -> str:
    return token.text.strip("'")


def _first(_: Building, __: At, kids: Kids) -> Any:
    return kids[0]


def _header(_: Building, __: At, kids: Kids) -> Token:
    token: Token = kids[0]
    return token


def _use(b: Building, at: At, kids: Kids) -> ast.Use:
    return ast.Use(b.span(at), unquoted(kids[0]))


def _names(_: Building, __: At, kids: Kids) -> tuple[str, ...]:
    return tuple(token.text for token in kids)


def _define(b: Building, at: At, kids: Kids) -> ast.Define:
    return ast.Define(b.span(at), kids[0].text, kids[1], kids[2])


def _list_items(_: Building, __: At, kids: Kids) -> Any:
    return tuple(_symbol(token) for token in kids), None, None


def _list_file(_: Building, __: At, kids: Kids) -> Any:
    return (), unquoted(kids[0]), kids[1]


def _list(b: Building, at: At, kids: Kids) -> ast.ListDecl:
    name, type_, (items, file, stale) = kids
    return ast.ListDecl(b.span(at), name.text, _text(type_), items, file, stale)


def _strategy(b: Building, at: At, kids: Kids) -> ast.Strategy:
    return ast.Strategy(b.span(at), kids[0].text, _string(kids[1]), ())


def _limits(b: Building, at: At, kids: Kids) -> ast.LimitsBlock:
    return ast.LimitsBlock(b.span(at), kids[0].text, _string(kids[1]), ())


def _scenario(b: Building, at: At, kids: Kids) -> ast.Scenario:
    return ast.Scenario(b.span(at), kids[0].text.strip('"'), _string(kids[1]), ())


def _test(b: Building, at: At, kids: Kids) -> ast.Test:
    return ast.Test(b.span(at), unquoted(kids[0]), kids[1].text, ())


def _clock(b: Building, at: At, kids: Kids) -> ast.Clock:
    return ast.Clock(b.span(at), kids[0].text, _text(kids[1]))


def _param(b: Building, at: At, kids: Kids) -> ast.Param:
    name, default, low, high = kids
    return ast.Param(b.span(at), name.text, default, low, high)


def _let(b: Building, at: At, kids: Kids) -> ast.Let:
    return ast.Let(b.span(at), kids[0].text, kids[1])


def _data(b: Building, at: At, kids: Kids) -> ast.Data:
    name, unit, symbol, daily, stale = kids
    is_daily = daily is not None
    return ast.Data(b.span(at), name.text, unit.text, unquoted(symbol), is_daily, stale)


def _latch(b: Building, at: At, kids: Kids) -> ast.Latch:
    nothing = ast.Name(b.span(at), "na")
    return ast.Latch(b.span(at), kids[0].text, nothing, None)


def _universe(b: Building, at: At, kids: Kids) -> ast.Universe:
    return ast.Universe(b.span(at), kids[0].text)


def _leg(b: Building, at: At, kids: Kids) -> ast.Leg:
    return ast.Leg(b.span(at), kids[0].text, _symbol(kids[1]))


def _entry(b: Building, at: At, kids: Kids) -> ast.Entry:
    side, name, times = kids
    count = 0 if times is None else whole(b, times)
    return ast.Entry(b.span(at), side, name.text, None, None, None, None, (), count, ())


def _exit(b: Building, at: At, kids: Kids) -> ast.Exit:
    return ast.Exit(b.span(at), kids[0].text, _text(kids[1]), None, None, None, None)


def _level(b: Building, at: At, kids: Kids) -> ast.Level:
    kind, name, of, price = kids
    return ast.Level(b.span(at), kind, name.text, _text(of), price)


def _hold(b: Building, at: At, kids: Kids) -> ast.Hold:
    count, score, when = kids
    return ast.Hold(b.span(at), count, score, when)


def _weight(b: Building, at: At, kids: Kids) -> ast.Weight:
    return ast.Weight(b.span(at), kids[0])


def _rebalance(b: Building, at: At, kids: Kids) -> ast.Rebalance:
    every, when = kids
    return ast.Rebalance(b.span(at), every, when)


def _because(_: Building, __: At, kids: Kids) -> str:
    return unquoted(kids[0])


def _order_kind(kind: str) -> Action:
    def build(_: Building, __: At, kids: Kids) -> tuple[str, Any, Any]:
        price, limit = [*kids, None, None][:2]
        return ("stop_limit" if limit is not None else kind), price, limit

    return build


def _order(b: Building, at: At, kids: Kids) -> ast.Order:
    (kind, price, limit), tif = kids
    return ast.Order(b.span(at), kind, price, limit, tif)


def _leg_order(b: Building, at: At, kids: Kids) -> ast.LegOrder:
    side, leg, size = kids
    return ast.LegOrder(b.span(at), side, leg.text, size)


def _action(name: str) -> Action:
    def build(_: Building, __: At, kids: Kids) -> tuple[str, Any]:
        return name, kids[0]

    return build


def _limit(b: Building, at: At, kids: Kids) -> ast.Limit:
    name, on, scope, severity, (action, value), otherwise, reason = kids
    where, group = scope or (None, None)
    span = b.span(at)
    if otherwise == "skip" and reason is None:
        b.problems.append(
            Diagnostic(
                "SW135",
                span,
                "`else skip` gives no reason",
                'add `because "…"`: a limit that may be skipped has to say why',
            )
        )
    why = _string(reason)
    return ast.Limit(span, name.text, on, where, action, value, otherwise, why, group, severity)


def _scope(_: Building, __: At, kids: Kids) -> tuple[str, str | None]:
    return kids[0], kids[1]


def _scope_group(_: Building, __: At, kids: Kids) -> str:
    return _symbol(kids[0])


def _switch(b: Building, at: At, kids: Kids) -> ast.Switch:
    kind, name, scope, severity = kids
    where, group = scope or (None, None)
    head = ast.Switch(b.span(at), kind, name.text, where, None, None, None, None, False, None)
    return replace(head, group=group, severity=severity)


def _resume(name: str) -> Action:
    def build(_: Building, __: At, kids: Kids) -> tuple[str, Any]:
        value = unquoted(kids[0]) if name == "resume_hand" else kids[0]
        return name, value

    return build


def _allow(_: Building, __: At, ___: Kids) -> bool:
    return True


def _replay(b: Building, at: At, kids: Kids) -> ast.Replay:
    first, last = (day(b, token) for token in kids)
    return ast.Replay(b.span(at), first, last)


def _simulate(b: Building, at: At, kids: Kids) -> ast.Simulate:
    length, paths, seed = kids
    return ast.Simulate(b.span(at), length, whole(b, paths), whole(b, seed))


def _setting_unit(_: Building, __: At, kids: Kids) -> Token:
    token: Token = kids[0]
    return token


def _setting(b: Building, at: At, kids: Kids) -> ast.Setting:
    return ast.Setting(b.span(at), kids[0].text, kids[1], _text(kids[2]))


def _process(b: Building, at: At, kids: Kids) -> ast.Process:
    return ast.Process(b.span(at), kids[0].text, tuple(kids[1:]))


def _knob(sign: float, kind: str) -> Action:
    def build(b: Building, _: At, kids: Kids) -> tuple[str, float, str]:
        return kids[0].text, sign * number(b, kids[1]), kind

    return build


def _shock(b: Building, at: At, kids: Kids) -> ast.Shock:
    return ast.Shock(b.span(at), whole(b, kids[0]), tuple(kids[1:]))


def _run(b: Building, at: At, kids: Kids) -> ast.Run:
    return ast.Run(b.span(at), tuple(token.text for token in kids))


def _start(b: Building, at: At, kids: Kids) -> ast.StartEquity:
    return ast.StartEquity(b.span(at), number(b, kids[0]))


def _costs(b: Building, at: At, kids: Kids) -> ast.CostsLine:
    return ast.CostsLine(b.span(at), kids[0])


def _waive(b: Building, at: At, kids: Kids) -> ast.Waive:
    limits, name, reason = kids
    return ast.Waive(b.span(at), limits.text, name.text, unquoted(reason))


def _resume_at(b: Building, at: At, kids: Kids) -> ast.ResumeAt:
    name, bar, by = kids
    return ast.ResumeAt(b.span(at), name.text, whole(b, bar), unquoted(by))


def _claim(kind: Any) -> Action:
    def build(b: Building, at: At, kids: Kids) -> ast.Expect:
        claim, then, within = [*kids, None, None][:3]
        text = " ".join(b.source.text[slice(*at)].split())
        return ast.Expect(b.span(at), kind, claim, then, within, text)

    return build


def _expect(b: Building, at: At, kids: Kids) -> ast.Expect:
    claim: ast.Expect = kids[0]
    return ast.Expect(b.span(at), claim.kind, claim.claim, claim.then, claim.within, claim.text)


def _given_na(_: Building, __: At, ___: Kids) -> list[Any]:
    return [None]


def _given_truth(text: str) -> Action:
    def build(b: Building, at: At, _: Kids) -> ast.Literal:
        return ast.Literal(b.span(at), "truth", float(text == "yes"), None, text)

    return build


def _given_group(_: Building, __: At, kids: Kids) -> list[Any]:
    return [value for item in kids for value in item]


def _given_item(b: Building, _: At, kids: Kids) -> list[Any]:
    value, times = kids
    values = value if isinstance(value, list) else [value]
    if times is None:
        return values
    count = whole(b, times)
    if count * len(values) > MAX_GIVEN:
        help = f"a test may give at most {MAX_GIVEN} values"
        b.error("SW134", times, "repeated too often", help)
        return values
    return values * count


def _same_kind(a: ast.Literal, b: ast.Literal) -> bool:
    return a.kind == b.kind and (a.unit or "").rstrip("s") == (b.unit or "").rstrip("s")


def _given(b: Building, at: At, kids: Kids) -> ast.Given:
    name = kids[0].text if kids[1] is None else f"{kids[0].text}.{kids[1].text}"
    items = [value for item in kids[2:] for value in item][:MAX_GIVEN]
    written = [value for value in items if value is not None]
    odd = next((v for v in written if not _same_kind(v, written[0])), None)
    if odd is not None:
        message = f"`{odd.text}` is another kind of value than `{written[0].text}`"
        help = "give every value of a series in the same unit"
        b.problems.append(Diagnostic("SW133", odd.span, message, help))
    values = tuple(None if v is None else v.value for v in items)
    unit = written[0] if written and written[0].kind != "number" else None
    return ast.Given(b.span(at), name, values, unit)


def _outcome(b: Building, at: At, kids: Kids) -> ast.Expected:
    outcome, rule, first, last = kids
    return ast.Expected(b.span(at), outcome, rule.text, *_bars(b, first, last))


def _bars(b: Building, first: Token, last: Token | None) -> tuple[int, int]:
    low = whole(b, first)
    high = low if last is None else whole(b, last)
    if last is not None and high < low:
        help = "write the earlier bar first, as in `0..19`"
        b.error("SW138", last, f"bars run backwards from {low} to {high}", help)
    return low, high


def _verdict(b: Building, at: At, kids: Kids) -> ast.ExpectedVerdict:
    outcome, qty, by, first, last = kids
    bars = (None, None) if first is None else _bars(b, first, last)
    return ast.ExpectedVerdict(b.span(at), outcome, qty, _text(by), *bars)


_CHOICES = (
    "daily side level_kind period tif leg_side limit_target otherwise scope_name switch_kind"
    " severity_level outcome_kind verdict_kind"
)

ACTIONS: dict[str, Action] = {
    **EXPRESSIONS,
    **dict.fromkeys(_CHOICES.split(), words),
    **dict.fromkeys(["when", "size", "set", "clear", "enter", "severity"], _first),
    "header": _header,
    "use": _use,
    "names": _names,
    "define": _define,
    "list": _list,
    "list_items": _list_items,
    "list_file": _list_file,
    "strategy": _strategy,
    "limits": _limits,
    "scenario": _scenario,
    "test": _test,
    "clock": _clock,
    "param": _param,
    "let": _let,
    "data": _data,
    "latch": _latch,
    "universe": _universe,
    "leg": _leg,
    "entry": _entry,
    "exit": _exit,
    "level": _level,
    "hold": _hold,
    "weight": _weight,
    "rebalance": _rebalance,
    "because": _because,
    "order": _order,
    "order_market": _order_kind("market"),
    "order_limit": _order_kind("limit"),
    "order_stop": _order_kind("stop"),
    "order_trailing": _order_kind("trailing"),
    "leg_order": _leg_order,
    "limit": _limit,
    "deny": _action("deny"),
    "clip": _action("clip"),
    "reduce": _action("reduce"),
    "scope": _scope,
    "scope_group": _scope_group,
    "switch": _switch,
    "resume_when": _resume("resume_when"),
    "resume_after": _resume("resume_after"),
    "resume_hand": _resume("resume_hand"),
    "allow": _allow,
    "replay": _replay,
    "simulate": _simulate,
    "process": _process,
    "setting": _setting,
    "setting_unit": _setting_unit,
    "shock": _shock,
    "knob_up": _knob(1.0, "percent"),
    "knob_down": _knob(-1.0, "percent"),
    "knob_times": _knob(1.0, "times"),
    "run": _run,
    "start": _start,
    "costs": _costs,
    "waive": _waive,
    "resume_at": _resume_at,
    "expect": _expect,
    "always": _claim("always"),
    "final": _claim("final"),
    "leads": _claim("leads"),
    "holds": _claim("holds"),
    "given": _given,
    "given_item": _given_item,
    "given_na": _given_na,
    "given_yes": _given_truth("yes"),
    "given_no": _given_truth("no"),
    "given_group": _given_group,
    "outcome": _outcome,
    "verdict": _verdict,
}
"""Production name to builder, for the whole grammar."""
