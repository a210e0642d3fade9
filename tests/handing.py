"""What the judge is given of a run: the limits in force as their texts say them, the rules of its
books, the bars from before it. Taken from the session's values, before any of them is compiled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from typing import Any

from hearing import BLOCKS
from oracle.averages import Unread
from oracle.crises import MARKET, Past
from oracle.happenings import Agenda, Event
from oracle.laws import Law, Rules

from engine.check.typed import CheckedLimits, CheckedTest
from engine.fields import BY_NAME
from engine.lang import ast
from engine.records.account import History
from engine.records.catalogue import load_catalogue
from engine.records.desk import Desk
from engine.records.series import Series
from engine.session.actions import restated
from engine.session.firm import Limits, Scene, Strategy
from engine.session.force import InForce
from engine.session.happenings import Events, Happening

A_MONTH = 40
"""Days before a text's first bar that its first week or month may hold."""
COLUMNS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Given:
    """A run as the judge takes it. past: for stress losses, where any is asked.
    unread: why it cannot be judged, "" where it can."""

    desk: Desk
    history: History
    laws: list[Law] = field(default_factory=list)
    rules: list[Rules] = field(default_factory=list)
    before: list[dict[str, list[float]]] = field(default_factory=list)
    past: Past | None = field(default_factory=lambda: Past(is_market=True))
    unread: str = ""


def of_cell(scene: Scene, cast: Any, force: InForce, desk: Desk, history: History) -> Given:
    """A cell of a dry-run, or the run that `why` looks into."""
    bare, told = light(desk), replace(history, askings=())
    try:
        return Given(
            bare, told, laws_of(scene, cast, force),
            [rules_of(s.checked, first_seen(scene, s)) for s in cast.strategies],
            before(scene, cast, force), past(scene, cast.all_symbols) if desk.shocks else None,
        )  # fmt: skip
    except Unread as what:
        return Given(bare, told, unread=str(what))


def of_limit_test(
    test: CheckedTest, block: Sequence[Limits], desk: Desk, history: History
) -> Given:
    """A test of limits: its orders have no levels."""
    try:
        return Given(light(desk), history, tested(test, block), [Unruled(None)])
    except Unread as what:
        return Given(light(desk), history, unread=str(what))


def of_rule_test(strategy: Any, desk: Desk, history: History) -> Given:
    """A test of a strategy, which no limits bind."""
    try:
        return Given(light(desk), history, [], [rules_of(strategy, 0)])
    except Unread as what:
        return Given(light(desk), history, unread=str(what))


def light(desk: Desk) -> Desk:
    """A desk without its functions and the tables that they read."""
    return replace(
        desk,
        books=tuple(replace(b, rows=(), rule=_gone, stops=_gone) for b in desk.books),
        limit_sets=tuple(
            replace(x, rows=(), clock_rows=(), rule=_gone, decide=_gone) for x in desk.limit_sets
        ),
    )


def _gone(*_: Any) -> None:
    raise RuntimeError("a run that is judged is not played again")


def block_of(checked: Any) -> Any:
    """The syntax tree of a checked block."""
    block = BLOCKS.made.get(id(checked.span))
    if block is None or block.span is not checked.span:
        raise Unread("a block whose text is not remembered")
    return block


def defines_of(block: Any) -> dict[str, ast.Define]:
    """The defines of a block's file and of the files that it uses."""
    return _defined(BLOCKS.homes[id(block.span)])


def _defined(file: ast.RuleFile) -> dict[str, ast.Define]:
    found: dict[str, ast.Define] = {}
    for x in file.blocks:
        if isinstance(x, ast.Use):
            for name, used in BLOCKS.files.items():
                if name.endswith(x.path):
                    found |= _defined(used)
    return found | {x.name: x for x in file.blocks if isinstance(x, ast.Define)}


@dataclass(frozen=True)
class Unruled(Rules):
    """The book of a test of limits: its orders have no levels."""

    block: Any

    def levels(self, entry: int) -> list[ast.Level]:
        return []


def rules_of(checked: Any, since: int) -> Rules:
    block = block_of(checked)
    return Rules(block, {p.name: p.value for p in checked.params}, since, defines_of(block))


def first_seen(scene: Scene, of: Strategy | Limits) -> int:
    """The first day of which a text sees any bar in a window."""
    return int(scene.markets(of.program, of.lists).world.line.days[0])


def laws_of(scene: Scene, cast: Any, force: InForce) -> list[Law]:
    """The blocks in force, each once: the firm's, then those that strategies bring."""
    firm = {id(b.checked.span) for b in scene.firm.limits or ()}
    own = {
        id(b.checked.span): k for k, s in enumerate(cast.strategies) for b in s.limits
        if id(b.checked.span) not in firm
    }  # fmt: skip
    found: dict[int, tuple[Limits, set[str], dict[str, tuple[int, ...]], dict[str, int]]] = {}
    for block, use in force.uses:
        told = found.setdefault(id(block.checked.span), (block, set(), {}, {}))
        _, waived, resumes, since = told
        waived |= use.waived
        resumes |= use.resumes
        rows = (*block.checked.limits, *block.checked.switches)
        since |= {x.name: first_seen(scene, block) for x in rows}
    return [
        law_of(scene, block, own.get(span), frozenset(waived), resumes, since)
        for span, (block, waived, resumes, since) in found.items()
    ]


def law_of(
    scene: Scene,
    block: Limits,
    own: int | None,
    waived: frozenset[str],
    resumes: Mapping[str, tuple[int, ...]],
    since: Mapping[str, int],
) -> Law:
    checked, warm = block.checked, 60 + 2 * block.program.plan.settled_bars
    feeds = {f.name: feed(scene, f.symbol, f.stale, warm) for f in checked.feeds}
    lists = copies_of(block)
    params = {p.name: p.value for p in checked.params}
    block_text = block_of(checked)
    defines = defines_of(block_text)
    agendas = agendas_of(block)
    told = Law(block_text, own, feeds, warm, params, waived, resumes, defines, lists, agendas)
    return replace(told, since=since)


def agendas_of(block: Limits) -> dict[str, Agenda]:
    return {n: agenda(x.events) for n, x in block.lists.items() if x.events is not None}


def copies_of(
    block: Limits,
) -> dict[str, tuple[list[tuple[int | None, frozenset[str | int]]], int]]:
    held = {n: x for n, x in block.lists.items() if x.events is None}
    return {n: ([(c.as_of, c.members) for c in x.copies], x.stale) for n, x in held.items()}


def feed(scene: Scene, symbol: str, stale: int, warm: int) -> list[float]:
    """The last close known at each session of the window and of some before it, na once stale."""
    days = [int(d) for d in scene.firm.schedule.sessions]
    first = next(k for k, d in enumerate(days) if d >= scene.window.first)
    last = sum(d <= scene.window.last for d in days)
    series = scene.firm.series.get(symbol)
    seen = {} if series is None else known(series, days)
    return [_recent(seen, t, stale) for t in range(first - warm, last)]


def known(series: Series, days: list[int]) -> dict[int, float]:
    """The value that each session first shows."""
    place = {d: k for k, d in enumerate(days)}
    found = {}
    for day, close in zip(series.days, series.close, strict=True):
        at = place.get(int(day))
        if at is None:
            raise Unread("a feed of a day without a session")
        if not isnan(close):
            found[at + series.instrument.available] = float(close)
    return found


def _recent(seen: Mapping[int, float], t: int, stale: int) -> float:
    for back in range((stale or 100_000) + 1):
        if t - back in seen:
            return seen[t - back]
        if t - back < 0:
            break
    return float("nan")


def before(scene: Scene, cast: Any, force: InForce) -> list[dict[str, list[float]]]:
    """Each symbol's own bars from before the window, as far as any text sees. late: its data begin
    inside a session."""
    texts = [*(block for block, _ in force.uses), *cast.strategies]
    begin = min(first_seen(scene, x) for x in texts) - A_MONTH
    first = int(scene.bare.line.window[0])
    return [_bars_before(scene, symbol, begin, first) for symbol in cast.all_symbols]


def _bars_before(scene: Scene, symbol: str, begin: int, first: int) -> dict[str, list[float]]:
    s = restated(scene.firm.series[symbol], first)
    kept = [k for k, d in enumerate(s.days) if begin <= d < first]
    rows = {name: [float(getattr(s, name)[k]) for k in kept] for name in COLUMNS}
    for at, k in enumerate(kept):
        for name in ("open",) * (not s.real_open[k]) + ("high", "low") * (not s.has_range[k]):
            rows[name][at] = float("nan")
    late = {}
    if s.closes is not None and len(s.days) and s.days[0] >= begin:
        opened = scene.firm.schedule.opens(s.days[:1])[0]
        late = {"late": [1.0]} if s.closes[0] - s.length != opened else {}
    return {**rows, "day": [float(s.days[k]) for k in kept], **late}


def past(scene: Scene, symbols: Sequence[str]) -> Past:
    """What the judge may know of the time before a run, for stress losses."""
    first, shipped = int(scene.bare.line.window[0]), load_catalogue()
    held = {s: scene.firm.series[s] for s in {*symbols, MARKET} if s in scene.firm.series}
    known = {
        s for s, x in held.items() if (i := shipped.symbol(s)) and i.dataset == x.instrument.dataset
    }
    days = [int(d) for d in scene.firm.schedule.sessions if d < first]
    closes = {s: closes_before(restated(x, first), first) for s, x in held.items()}
    return Past(closes, days, frozenset(known))


def tested(test: CheckedTest, blocks: Sequence[Limits]) -> list[Law]:
    """A test of limits: what it gives stands for what the account would say."""
    checked: CheckedLimits = blocks[0].checked
    count = max((len(g.values) for g in test.givens), default=0)
    given = {g.name: [*g.values, *[float("nan")] * (count - len(g.values))] for g in test.givens}
    fields = {
        n: v for n, v in given.items() if n in BY_NAME and n not in ("order.qty", "order.price")
    }
    truths = frozenset(n for n in fields if BY_NAME[n].unit == "truth")
    told = {
        n: [None if isnan(x) or (n in truths and x == 1.0) else x for x in v]
        for n, v in fields.items()
    }
    feeds = {f.name: _given_feed(given.get(f"feed:{f.symbol}", []), f.stale, count)
             for f in checked.feeds}  # fmt: skip
    lists, agendas = copies_of(blocks[0]), agendas_of(blocks[0])
    params = {p.name: p.value for p in checked.params}
    block = block_of(checked)
    return [Law(block, None, feeds, 0, params, lists=lists, agendas=agendas,
                defines=defines_of(block), given=told, truths=truths, flat=True)]  # fmt: skip


def _given_feed(values: Sequence[float], stale: int, count: int) -> list[float]:
    seen = {t: v for t, v in enumerate(values) if not isnan(v)}
    return [_recent(seen, t, stale) for t in range(count)]


def agenda(held: Events) -> Agenda:
    """Events as the judge takes them."""
    return Agenda(held.first, held.last, [_event(e) for e in held.events])


def _event(e: Happening) -> Event:
    minute = None if e.instant is None else e.instant - e.day * 1_440
    return Event(e.day, minute, e.symbol, e.known)


def closes_before(series: Series, first: int) -> dict[int, float]:
    """A symbol's closes from before a day."""
    pairs = zip(series.days, series.close, strict=True)
    return {int(d): float(c) for d, c in pairs if d < first}
