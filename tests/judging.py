"""Every run that a test makes of rule texts is judged a second time, after the test.

The session's replays and its tests of limits are recorded as they run; the judge (tests/oracle)
reads their texts' syntax trees, their bars and what was filled. A run that is judged differently
fails the test that made it. What the judge cannot read it counts, such as prices on bars of
minutes, where limits see those of sessions. A test is judged up to JUDGED orders.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from limits.worlds import agenda, closes_before
from oracle.averages import Unread
from oracle.crises import MARKET, Past
from oracle.happenings import Agenda
from oracle.judge import judge
from oracle.laws import Judged, Law, Rules

from engine.check.typed import CheckedLimits, CheckedTest
from engine.fields import BY_NAME
from engine.lang import ast
from engine.records.account import FROM_ENTRY, FROM_WEIGHT, History
from engine.records.calendar import load_calendar
from engine.records.catalogue import load_catalogue
from engine.records.desk import Desk
from engine.records.series import Series
from engine.session import limit_tests, replay
from engine.session.actions import restated
from engine.session.firm import Limits, Scene
from engine.session.force import InForce

KEPT = 4_000
"""Blocks of rule text that are remembered."""
JUDGED = 400
COLUMNS = ("open", "high", "low", "close", "volume")
TALLY: Counter[str] = Counter()


@dataclass
class Run:
    """A finished run, and how to find what the judge needs of it. texts: the limits in force."""

    desk: Desk
    history: History
    laws: Callable[[], list[Law]]
    rules: Callable[[], list[Rules]]
    before: Callable[[], list[dict[str, list[float]]]] = field(default=list)
    past: Callable[[], Past] = field(default=lambda: Past(is_market=True))
    texts: tuple[int, ...] = ()

    @property
    def mark(self) -> object:
        """Equal for the same run of the same texts, whichever runner made it."""
        told = (self.history.verdicts, self.history.fills, self.history.lapses)
        return self.texts, tuple(self.desk.tape.days), [b.symbols for b in self.desk.books], told

    @property
    def orders(self) -> int:
        return sum(v.source in (FROM_ENTRY, FROM_WEIGHT) for v in self.history.verdicts)


class Blocks:
    """Syntax trees by the place that they and the checked block share, newest last."""

    def __init__(self) -> None:
        self.made: OrderedDict[int, Any] = OrderedDict()
        self.homes: dict[int, ast.RuleFile] = {}
        self.files: dict[str, ast.RuleFile] = {}

    def note(self, block: Any) -> None:
        if isinstance(block, ast.RuleFile):
            self.files[block.file] = block
            for x in block.blocks:
                if isinstance(x, ast.LimitsBlock):
                    self.homes[id(x.span)] = block
            return
        self.made[id(block.span)] = block
        if len(self.made) > KEPT:
            self.homes.pop(self.made.popitem(last=False)[0], None)

    def defines(self, block: Any) -> dict[str, ast.Define]:
        """The defines of a block's file and of the files that it uses."""
        return self._defined(self.homes[id(block.span)])

    def _defined(self, file: ast.RuleFile) -> dict[str, ast.Define]:
        found: dict[str, ast.Define] = {}
        for x in file.blocks:
            if isinstance(x, ast.Use):
                for name, used in self.files.items():
                    if name.endswith(x.path):
                        found |= self._defined(used)
        return found | {x.name: x for x in file.blocks if isinstance(x, ast.Define)}

    def of(self, checked: Any) -> Any:
        block = self.made.get(id(checked.span))
        if block is None or block.span is not checked.span:
            raise Unread("a block whose text is not remembered")
        return block


BLOCKS = Blocks()
RUNS: list[Run] = []


def listen() -> None:
    """Note every block that is parsed, and every run of the session."""
    for kind in (ast.LimitsBlock, ast.Strategy, ast.RuleFile):
        _listen_to(kind)
    plain_run, plain_desk = replay._run, limit_tests._desk
    plain_account = limit_tests.run_account

    def run(scene: Scene, cast: Any, force: InForce, desk: Desk) -> Any:
        ran = plain_run(scene, cast, force, desk)
        RUNS.append(Run(
            desk, ran.history,
            lambda: laws_of(scene, cast, force),
            lambda: [rules_of(s.checked) for s in cast.strategies],
            lambda: before(scene, cast.all_symbols, force),
            lambda: past(scene, cast.all_symbols),
        ))  # fmt: skip
        return ran

    asked: list[Any] = []

    def desk_of(test: CheckedTest, block: Sequence[Limits], world: Any) -> Desk:
        asked[:] = [test, block]
        return plain_desk(test, block, world)

    def account(desk: Desk, **how: Any) -> History:
        history = plain_account(desk, **how)
        test, block = asked
        laws, texts = (lambda: tested(test, block)), (id(test.span),)
        RUNS.append(Run(desk, history, laws, lambda: [Unruled(None)], texts=texts))
        return history

    replay._run, limit_tests._desk, limit_tests.run_account = run, desk_of, account


def _listen_to(kind: type[Any]) -> None:
    plain = kind.__init__

    def init(self: Any, *args: Any, **named: Any) -> None:
        plain(self, *args, **named)
        BLOCKS.note(self)

    kind.__init__ = init  # type: ignore[misc]


# ---------------------------------------------------------------- what the judge is given


@dataclass(frozen=True)
class Unruled(Rules):
    """The book of a test of limits: its orders have no levels."""

    block: Any

    def levels(self, entry: int) -> list[ast.Level]:
        return []


def rules_of(checked: Any) -> Rules:
    return Rules(BLOCKS.of(checked), {p.name: p.value for p in checked.params})


def laws_of(scene: Scene, cast: Any, force: InForce) -> list[Law]:
    """The blocks in force, each once: the firm's, then those that strategies bring."""
    firm = {id(b.checked.span) for b in scene.firm.limits or ()}
    own = {
        id(b.checked.span): k for k, s in enumerate(cast.strategies) for b in s.limits
        if id(b.checked.span) not in firm
    }  # fmt: skip
    found: dict[int, tuple[Limits, set[str], dict[str, tuple[int, ...]]]] = {}
    for block, use in force.uses:
        _, waived, resumes = found.setdefault(id(block.checked.span), (block, set(), {}))
        waived |= use.waived
        resumes |= use.resumes
    return [
        law_of(scene, block, own.get(span), frozenset(waived), resumes)
        for span, (block, waived, resumes) in found.items()
    ]


def law_of(
    scene: Scene,
    block: Limits,
    own: int | None,
    waived: frozenset[str],
    resumes: Mapping[str, tuple[int, ...]],
) -> Law:
    checked, warm = block.checked, 60
    feeds = {f.name: feed(scene, f.symbol, f.stale, warm) for f in checked.feeds}
    lists = copies_of(block)
    params = {p.name: p.value for p in checked.params}
    block_text = BLOCKS.of(checked)
    defines = BLOCKS.defines(block_text)
    agendas = agendas_of(block)
    return Law(block_text, own, feeds, warm, params, waived, resumes, defines, lists, agendas)


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


def before(scene: Scene, symbols: Sequence[str], force: InForce) -> list[dict[str, list[float]]]:
    """Each symbol's own bars from before the window, as far as the longest warm-up reaches."""
    if scene.firm.schedule.length:
        return []
    warm = max((b.program.plan.settled_bars for b, _ in force.uses), default=0)
    begin, first = int(scene.line(warm).days[0]), int(scene.bare.line.window[0])
    found = []
    for symbol in symbols:
        s = restated(scene.firm.series[symbol], first)
        kept = [k for k, d in enumerate(s.days) if begin <= d < first]
        rows = {name: [float(getattr(s, name)[k]) for k in kept] for name in COLUMNS}
        for at, k in enumerate(kept):
            for name in ("open",) * (not s.real_open[k]) + ("high", "low") * (not s.has_range[k]):
                rows[name][at] = float("nan")
        found.append({**rows, "day": [float(s.days[k]) for k in kept]})
    return found


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
    block = BLOCKS.of(checked)
    return [Law(block, None, feeds, 0, params, lists=lists, agendas=agendas,
                defines=BLOCKS.defines(block), given=told, truths=truths, flat=True)]  # fmt: skip


def _given_feed(values: Sequence[float], stale: int, count: int) -> list[float]:
    seen = {t: v for t, v in enumerate(values) if not isnan(v)}
    return [_recent(seen, t, stale) for t in range(count)]


# ---------------------------------------------------------------- judging


def judged() -> Iterator[tuple[Run, Judged]]:
    """What the judge says of the runs since it was asked last."""
    runs, orders, seen = list(RUNS), 0, set()
    RUNS.clear()
    for run in runs:
        if orders > JUDGED or not run.orders:
            TALLY["left out"] += bool(run.orders)
            continue
        mark = repr(run.mark)
        if mark in seen:
            continue
        seen.add(mark)
        orders += run.orders
        try:
            laws, rules, early = run.laws(), run.rules(), run.before()
            told = judge(
                run.desk, run.history, laws, rules, early, load_calendar("xnys"), run.past()
            )
        except Unread as what:
            TALLY[f"unread run: {what}"] += 1
            continue
        TALLY["runs"] += 1
        TALLY["orders"] += told.orders
        TALLY["exits"] += told.exits
        TALLY["close or unread"] += len({(f.bar, f.text) for f in told.of("close")})
        TALLY.update(f"unread: {x}" for x in told.unreadable)
        yield run, told
