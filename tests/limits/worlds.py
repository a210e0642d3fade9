"""Random markets, and a whole run of random rules in them: from text to verdicts, judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

import numpy as np
from handing import Given, agenda, closes_before, first_seen, light
from hearing import RUNS, Run, note
from judging import weigh
from oracle.crises import MARKET, Past
from oracle.laws import Judged, Law, Rules

from engine.base.spans import source
from engine.check import check_file
from engine.check.typed import CheckedFile
from engine.compile import compile_limits, compile_strategy
from engine.lang import ast
from engine.lang.parse import parse
from engine.records.account import History
from engine.records.calendar import load_calendar
from engine.records.catalogue import Catalogue, load_catalogue
from engine.records.desk import CostRow, Desk
from engine.records.instrument import Instrument
from engine.records.series import Series
from engine.run.account import run_account
from engine.run.program import Runner
from engine.session.cell import Window
from engine.session.firm import Account, Firm, Limits, Scene, Strategy
from engine.session.force import in_force
from engine.session.happenings import Events, Happening
from engine.session.lists import NO_LISTS, Copy, Listed
from engine.session.memory import parts
from engine.session.replay import build_desk, cast_of
from engine.session.schedule import Schedule

from .texts import PLAIN, Names, limits_text, strategy_text

FIRST = 6_000
"""The session at which every world begins, counted from the calendar's first."""
NAN = float("nan")
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
VIX = "VIX"
RATIOS = (2.0, 4.0, 0.5, 1.5, 0.0625)
"""New shares for one."""
LEAD = 320
"""Sessions before a run of which a beta has its year."""


@dataclass(frozen=True)
class World:
    """What a run is made of. texts: the firm's blocks, then each strategy's own blocks. lead: how
    many sessions before it are known."""

    bars: int
    firm_text: str
    strategies: tuple[str, ...]
    own_texts: tuple[str, ...]
    series: Mapping[str, Series]
    cash: float
    costs: CostRow
    borrow: float
    desks: tuple[str, ...] = ()
    lists: Mapping[str, Listed] = field(default_factory=dict)
    lead: int = 0


@cache
def shipped() -> Catalogue:
    return load_catalogue()


@cache
def schedule() -> Schedule:
    return Schedule(load_calendar("xnys"))


def sessions() -> "np.ndarray":
    return schedule().sessions


# ---------------------------------------------------------------- markets


def random_world(seed: int, bars: int = 200) -> World:
    """Prices in quarters, with whole costs of nothing, every second time: then all sums are exact
    and ties are met; else in cents with costs. The first strategy trades every symbol."""
    rng = Random(seed)
    exact = rng.random() < 0.5
    symbols = SYMBOLS[: rng.randint(1, len(SYMBOLS))]
    lead = LEAD if seed % 4 == 3 else 0
    series = {name: random_series(rng, name, bars, exact, lead, seed % 4 == 2) for name in symbols}
    series[VIX] = random_vix(rng, bars)
    series[MARKET] = random_market(rng, bars, lead)
    books = range(rng.randint(1, 3))
    desks = tuple(rng.choice(("", "fast", "slow")) for _ in books)
    lists = random_lists(rng, symbols, bars)
    named = Names(
        symbols=symbols,
        strategies=tuple(f"s{b}" for b in books),
        desks=tuple(dict.fromkeys(d for d in desks if d)),
        kinds=tuple(dict.fromkeys(series[s].instrument.kind for s in symbols)),
        lists=tuple(n for n, x in lists.items() if not x.of_days),
        days=tuple(n for n, x in lists.items() if x.of_days and x.events is None),
        agendas=tuple(n for n, x in lists.items() if x.events is not None),
        past=lead > 0,
    )
    names = named if seed % 4 else PLAIN
    return World(
        bars=bars,
        firm_text=LISTS
        + limits_text(rng, "house", names=names)
        + (limits_text(rng, "more", names=names) if seed % 3 == 0 else ""),
        strategies=tuple(strategy_text(rng, f"s{b}", names, b > 0) for b in books),
        own_texts=tuple(own_text(rng, f"own{b}", replace(names, strategies=(f"s{b}",)))
                        for b in books),
        series=series,
        cash=float(rng.choice((65536, 100_000, 1_000_000))),
        costs=CostRow(interest=False) if exact else random_costs(rng),
        borrow=rng.choice((NAN, 0.02, 0.3)),
        desks=desks,
        lists=lists,
        lead=lead,
    )  # fmt: skip


LISTS = """list banned : symbol = file "banned.csv" stale after 9d
list closing : symbol = file "closing.csv"
list quiet : date = file "quiet.csv" stale after 40d
list fomc : event = file "fomc.csv"
list earnings : event = file "earnings.csv"
"""


def own_text(rng: Random, name: str, names: Names) -> str:
    """The limits that a strategy brings itself, now and then."""
    if rng.random() >= 0.2:
        return ""
    return LISTS + limits_text(rng, name, switches=False, names=names)


def random_lists(rng: Random, symbols: Sequence[str], bars: int) -> dict[str, Listed]:
    """The lists that limits may ask: dated copies that go stale, and an undated one."""
    days = [int(d) for d in sessions()[FIRST : FIRST + bars]]

    def some() -> frozenset[str | int]:
        return frozenset(s for s in symbols if rng.random() < 0.4)

    banned = tuple(Copy(some(), day) for day in sorted(rng.sample(days, min(12, bars // 2))))
    quiet = frozenset(d for d in days if rng.random() < 0.2)
    return {
        "banned": Listed("banned", banned, False, 9),
        "closing": Listed("closing", (Copy(some()),), False),
        "quiet": Listed("quiet", (Copy(frozenset(quiet), days[bars // 8]),), True, 40),
        "fomc": random_events(rng, "fomc", days, ("",)),
        "earnings": random_events(rng, "earnings", days, (*symbols[1:], "ZZZ")),
    }


def random_events(rng: Random, name: str, days: Sequence[int], symbols: Sequence[str]) -> Listed:
    """Events on any day of the year, by the clock or not, some of them known late."""
    first, last = rng.choice(days[:20]), rng.choice(days[-20:])
    found = []
    for _ in range(min(25, last - first)):
        day = rng.randint(first, last)
        minute = rng.choice((None, 8 * 60, 16 * 60, 16 * 60 + 1))
        instant = None if minute is None else day * 1_440 + minute
        known = rng.choice((None, None, day - 5, day))
        found.append(Happening(day, instant, rng.choice(symbols), known))
    return Listed(name, (), True, events=Events(first, last, tuple(found)))


def random_costs(rng: Random) -> CostRow:
    return CostRow(
        per_share=rng.choice((0.0, 0.01)),
        per_order=rng.choice((0.0, 1.0)),
        commission=rng.choice((0.0, 0.0005)),
        slippage=rng.choice((0.0, 0.001)),
        spread=rng.choice((0.0, 0.02)),
        participation=rng.choice((0.0, 0.0, 0.1)),
        interest=False,
        buying_power=rng.choice((1.0, 1.0, 2.0, 4.0)),
    )


def random_series(
    rng: Random, name: str, bars: int, exact: bool, lead: int = 0, acts: bool = False
) -> Series:
    """A random walk; now and then a session without a bar, or without a known volume. lead: so many
    sessions before the run, none of which is missing. acts: with splits and dividends."""
    grid = 4.0 if exact else 100.0
    price, rows = float(rng.choice((16, 40, 100))), []
    splits = [rng.choice(RATIOS) if acts and rng.random() < 0.03 else 1.0 for _ in range(bars)]
    paid = [rng.choice((0.25, 0.1)) if acts and rng.random() < 0.03 else 0.0 for _ in range(bars)]
    for t in range(-lead, bars):
        price /= splits[t] if t > 0 else 1.0
        jump = rng.choice((0.85, 1.15)) if rng.random() < 0.01 else 1.0
        o = _on(price * jump * (1 + rng.gauss(0, 0.015)), grid)
        c = _on(o * (1 + rng.gauss(0, 0.02)), grid)
        high = _on(max(o, c) * (1 + abs(rng.gauss(0, 0.01))), grid)
        low = min(o, c, _on(min(o, c) * (1 - abs(rng.gauss(0, 0.01))), grid))
        volume = rng.choice((NAN, 300.0, 2_500.0, 40_000.0, 40_000.0))
        rows.append((o, max(high, o, c), low, c, volume))
        price = c
    kept = [t for t in range(-lead, bars) if t <= 0 or splits[t] != 1.0 or rng.random() > 0.04]
    table = np.asarray([rows[t + lead] for t in kept])
    lot = rng.choice((1.0, 1.0, 10.0))
    instrument = Instrument(
        symbol=name, title=name, dataset="limits", ticker=name,
        columns=tuple((c, c) for c in ("open", "high", "low", "close", "volume")),
        kind=rng.choice(("stock", "stock", "etf")), tradable=True,
        lot=lot, tick=0.25 if exact else 0.01,
        shortable=rng.random() < 0.8, available=0, adjusted=False,
        sector=rng.choice(("energy", "tech", None)),
    )  # fmt: skip
    made = _series(name, instrument, kept, table)
    if not acts:
        return made
    return replace(
        made,
        split=np.asarray([splits[t] if t > 0 else 1.0 for t in kept]),
        dividend=np.asarray([paid[t] if t > 0 else 0.0 for t in kept]),
    )


def _on(price: float, grid: float) -> float:
    return max(1.0, round(price * grid)) / grid


def _series(name: str, instrument: Instrument, kept: list[int], table: "np.ndarray") -> Series:
    o, high, low, c, v = table.T
    yes = np.ones(len(kept), dtype=np.bool_)
    return Series(
        symbol=name, instrument=instrument, days=sessions()[FIRST + np.asarray(kept)],
        open=o, high=high, low=low, close=c, volume=v,
        real_open=yes, has_range=yes, flagged=~yes,
    )  # fmt: skip


Row = tuple[float, float, float, float, float]
"""Open, high, low, close, volume."""


def series_of(name: str, instrument: Instrument, rows: Sequence[Row]) -> Series:
    """Bars on consecutive sessions; one whose close is not known is left out."""
    kept = [t for t, row in enumerate(rows) if row[3] == row[3]]
    return _series(name, instrument, kept, np.asarray([rows[t] for t in kept]).reshape(-1, 5))


def random_market(rng: Random, bars: int, lead: int) -> Series:
    """What betas are asked to; here it only moves, now and then not at all."""
    held = next(i for i in shipped().instruments if i.symbol == MARKET)
    close, rows = 1_000.0, []
    for t in range(-lead, bars):
        close = close if t % 40 > 25 else round(close * (1 + rng.gauss(0, 0.01)), 2)
        rows.append((NAN, NAN, NAN, close, NAN))
    untraded = replace(held, tradable=False)
    return _series(MARKET, untraded, list(range(-lead, bars)), np.asarray(rows))


def random_vix(rng: Random, bars: int) -> Series:
    """A feed with holes of up to several sessions, so that it goes stale."""
    level, rows, kept, t = 20.0, [], [], 0
    while t < bars:
        level = max(10.0, round((level + rng.gauss(0, 2.0)) * 4) / 4)
        kept.append(t)
        rows.append((NAN, NAN, NAN, level, NAN))
        t += rng.choice((1, 1, 1, 1, 1, 1, 2, 5))
    held = next(i for i in shipped().instruments if i.symbol == VIX)
    return _series(VIX, held, kept, np.asarray(rows))


# ---------------------------------------------------------------- running and judging


def meant(text: str, series: Mapping[str, Series]) -> tuple[ast.RuleFile, CheckedFile]:
    """What a rule text means; it must have no mistake."""
    file, problems = parse(source("world.rule", "rules 1\n" + text))
    catalogue = shipped()
    others = tuple(i for i in catalogue.instruments if i.symbol not in series)
    mine = tuple(s.instrument for s in series.values())
    checked, found = check_file(file, {}, replace(catalogue, instruments=(*mine, *others)), {})
    wrong = [d for d in (*problems, *found) if d.severity in ("error", "later")]
    assert not wrong, text + "\n".join(f"{d.span.line} {d.code} {d.message}" for d in wrong)
    return file, checked


def compiled(
    checked: CheckedFile, runner: Runner, lists: Mapping[str, Listed] = NO_LISTS
) -> tuple[Limits, ...]:
    pieces = [part for block in checked.limits for part in parts(block)]
    return tuple(Limits(p, compile_limits(p, runner), lists) for p in pieces)


@dataclass(frozen=True)
class Played:
    """A finished run, with what the judge needs."""

    desk: Desk
    history: History
    laws: tuple[Law, ...]
    rules: tuple[Rules, ...]
    before: tuple[Mapping[str, Sequence[float]], ...] = ()
    past: Past | None = None

    def given(self) -> Given:
        """What the judge is given."""
        past = self.past or Past(is_market=True)
        laws, rules, before = list(self.laws), list(self.rules), list(self.before)
        return Given(light(self.desk), self.history, laws, rules, before, past)

    def judged(self) -> Judged:
        """What the judge says, asked by the test itself."""
        RUNS[:] = [run for run in RUNS if run.given != self.given]
        return weigh(self.given())


def play(world: World, runner: Runner = "python") -> Played:
    """Run a world's strategies in one account."""
    firm_file, firm_checked = meant(world.firm_text, world.series)
    files = [meant(text, world.series) for text in world.strategies]
    owns = [meant(text, world.series) for text in world.own_texts]
    traded = tuple(s for s, held in world.series.items() if held.instrument.tradable)
    strategies = tuple(
        Strategy(
            name=checked.strategies[0].name,
            checked=checked.strategies[0],
            program=compile_strategy(checked.strategies[0], runner),
            universe=checked.strategies[0].legs or traded,
            capital=1.0 + k,
            limits=compiled(own, runner, world.lists),
            desk=world.desks[k] if world.desks else "",
        )
        for k, ((_, checked), (_, own)) in enumerate(zip(files, owns, strict=True))
    )
    days = sessions()
    window = Window("world", "", int(days[FIRST]), int(days[FIRST + world.bars - 1]))
    borrow = dict.fromkeys(traded, world.borrow)
    account = Account(world.cash, world.costs, borrow=borrow)
    limits = compiled(firm_checked, runner, world.lists)
    firm = Firm(strategies, limits, (window,), account, schedule(), world.series)
    scene = Scene(firm, window)
    cast = cast_of(scene, strategies)
    force = in_force(scene, cast.strategies, cast.all_symbols)
    desk = build_desk(scene, cast, force)
    plays = [s.name for s in cast.strategies]
    told = {s.name: (f, own) for s, (f, _), (own, _) in zip(strategies, files, owns, strict=True)}
    found = laws(firm_file, None, world)
    for b, name in enumerate(plays):
        found += laws(told[name][1], b, world)
    blocks = [next(x for x in told[n][0].blocks if isinstance(x, ast.Strategy)) for n in plays]
    before = tuple(bars_before(world.series[i.symbol], window.first) for i in desk.instruments)
    since = {
        (block.checked.name, x.name): first_seen(scene, block)
        for block, _ in force.uses for x in (*block.checked.limits, *block.checked.switches)
    }  # fmt: skip
    found = [
        replace(law, since={n: day for (block, n), day in since.items() if block == law.block.name})
        for law in found
    ]
    past = Past(
        {name: closes_before(held, window.first) for name, held in world.series.items()},
        [int(d) for d in days[:FIRST]],
    )
    rules = tuple(
        Rules(block, since=first_seen(scene, s))
        for block, s in zip(blocks, cast.strategies, strict=True)
    )
    played = Played(desk, run_account(desk), tuple(found), rules, before, past)
    note(Run(desk, played.history, played.given))
    return played


def bars_before(series: Series, first: int) -> dict[str, list[float]]:
    """A symbol's own bars from before a day, with their days."""
    count = int(series.days.searchsorted(first))
    columns = {n: getattr(series, n) for n in ("open", "high", "low", "close", "volume")}
    return {n: [float(v) for v in x[:count]] for n, x in {**columns, "day": series.days}.items()}


def laws(file: ast.RuleFile, own: int | None, world: World) -> list[Law]:
    feeds = {"vix": feed(world.series[VIX], world.bars, 2, world.lead)}
    lists = {name: ([(c.as_of, c.members) for c in x.copies], x.stale)
             for name, x in world.lists.items() if x.events is None}  # fmt: skip
    agendas = {n: agenda(x.events) for n, x in world.lists.items() if x.events is not None}
    blocks = [b for b in file.blocks if isinstance(b, ast.LimitsBlock)]
    return [Law(b, own, feeds, world.lead, lists=lists, agendas=agendas) for b in blocks]


def feed(series: Series, bars: int, stale: int, warm: int = 0) -> list[float]:
    """The last close known at each session (VIX is known a session late), na once stale."""
    days = [int(d) for d in sessions()]
    place = {d: k for k, d in enumerate(days)}
    lag = series.instrument.available
    seen = {place[int(d)] + lag: float(c) for d, c in zip(series.days, series.close, strict=True)}
    found = []
    for t in range(FIRST - warm, FIRST + bars):
        recent: Sequence[int] = [u for u in range(t, t - stale - 1, -1) if u in seen]
        found.append(seen[recent[0]] if recent else NAN)
    return found
