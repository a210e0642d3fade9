"""Rule text and hand-made bars through the whole engine, without files.

Bars are written one a line, `open high low close volume`, on consecutive New York sessions from
Monday 2019-01-07 (day 0 of a case is its first line). `-` is an unknown value; a line `.` is a
session on which the symbol has no bar. One number alone is a close-only bar.

Every case runs through the text's own definition (`walk`) and through the emitted source
(`python`); both must tell the same.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from engine.base.dates import parse_day
from engine.base.spans import source
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedFile
from engine.compile import compile_limits, compile_strategy
from engine.lang.parse import parse
from engine.records.account import History
from engine.records.calendar import load_calendar
from engine.records.catalogue import Catalogue, load_catalogue
from engine.records.desk import CostRow, Desk
from engine.records.instrument import Instrument, Kind
from engine.records.series import Series
from engine.run.program import Runner
from engine.session.cell import Cell, Ran, Window
from engine.session.desk import CASH_RATE
from engine.session.dryrun import run_cells
from engine.session.firm import Account, Firm, Limits, Strategy
from engine.session.funnel import compile_conditions
from engine.session.lists import read_list
from engine.session.memory import parts
from engine.session.records import OUTCOMES, SAID, SOURCES
from engine.session.schedule import Schedule

MONDAY = "2019-01-07"
FREE = CostRow(interest=False)
NAN = float("nan")
LAPSED = (
    "day over",
    "protected",
    "no power",
    "switched off",
    "superseded",
    "closed",
    "no open",
    "split away",
)


# ---------------------------------------------------------------- bars


@dataclass(frozen=True)
class Bars:
    """One symbol's bars as text, and how it trades."""

    text: str
    first: str = MONDAY
    kind: Kind = "stock"
    lot: float = 1.0
    tick: float = 0.01
    shortable: bool = True
    available: int = 0
    adjusted: bool = False
    real_open: bool = True
    actions: tuple[str, ...] = ()


def acting(
    bars: Bars, word: str, usual: float
) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    """The splits or dividends of a symbol's bars, written `3:2 split, 2 dividend`."""
    if not bars.actions:
        return None
    found = []
    lines = bars.text.strip().splitlines()
    for cell in (a for a, line in zip(bars.actions, lines, strict=True) if line.split() != ["."]):
        said = [part.split()[0] for part in cell.split(",") if part.strip().endswith(word)]
        new, _, old = (said or [str(usual)])[0].partition(":")
        found.append(float(new) / float(old or 1))
    return np.asarray(found)


def sessions_from(first: str, count: int) -> list[int]:
    """So many sessions from a day on."""
    start = parse_day(first)
    return [d for d in load_calendar("xnys").days if d >= start][:count]


def series(symbol: str, bars: Bars) -> Series:
    """The recorded series of a symbol."""
    rows = [line.split() for line in bars.text.strip().splitlines()]
    days = sessions_from(bars.first, len(rows))
    kept = [(d, _values(r)) for d, r in zip(days, rows, strict=True) if r != ["."]]
    table = np.asarray([v for _, v in kept], dtype=np.float64)
    o, h, low, c, v = table.T
    return Series(
        symbol=symbol,
        instrument=instrument(symbol, bars),
        days=np.asarray([d for d, _ in kept], dtype=np.int32),
        open=o,
        high=h,
        low=low,
        close=c,
        volume=v,
        real_open=~np.isnan(o) & bars.real_open,
        has_range=~(np.isnan(h) | np.isnan(low)),
        flagged=np.zeros(len(kept), dtype=np.bool_),
        split=acting(bars, "split", 1.0),
        dividend=acting(bars, "dividend", 0.0),
    )


def _values(row: Sequence[str]) -> list[float]:
    values = [NAN if cell == "-" else float(cell) for cell in row]
    if len(values) == 1:
        return [NAN, NAN, NAN, values[0], NAN]
    return [*values, *[NAN] * (5 - len(values))]


def instrument(symbol: str, bars: Bars) -> Instrument:
    """How a made-up symbol trades."""
    return Instrument(
        symbol=symbol,
        title=symbol,
        dataset="semantics",
        ticker=symbol,
        columns=tuple((c, c) for c in ("open", "high", "low", "close", "volume")),
        kind=bars.kind,
        tradable=bars.kind in ("stock", "index"),
        lot=bars.lot,
        tick=bars.tick,
        shortable=bars.shortable,
        available=bars.available,
        adjusted=bars.adjusted,
    )


# ---------------------------------------------------------------- running


def catalogue(held: Mapping[str, Series]) -> Catalogue:
    """The shipped catalogue with the made-up symbols in front."""
    shipped = load_catalogue()
    others = tuple(i for i in shipped.instruments if i.symbol not in held)
    return replace(shipped, instruments=(*(s.instrument for s in held.values()), *others))


def checked(text: str, held: Mapping[str, Series]) -> CheckedFile:
    """What a text means; its errors are the case's own mistake."""
    where = source("case.rule", "rules 1\n" + text)
    file, problems = parse(where)
    used, more = load_uses(file, read_near)
    meant, found = check_file(file, used, catalogue(held), {})
    wrong = [d for d in (*problems, *more, *found) if d.severity in ("error", "later")]
    assert not wrong, "\n".join(f"{d.span.line} {d.code} {d.message}; {d.help}" for d in wrong)
    return meant


@dataclass(frozen=True)
class Case:
    """One run of a case, with its events in small tuples."""

    cell: Cell

    @property
    def ran(self) -> Ran:
        assert self.cell.ran is not None, self.cell.notices
        return self.cell.ran

    @property
    def history(self) -> History:
        return self.ran.history

    @property
    def desk(self) -> Desk:
        return self.ran.desk

    @property
    def fills(self) -> list[tuple[int, float, float]]:
        """(bar, signed shares, price) in order."""
        return [(f.bar, f.qty, round(f.price, 6)) for f in self.history.fills]

    @property
    def filled(self) -> list[tuple[int, str, str, float, float]]:
        """(bar, book, symbol, signed shares, price) in order."""
        return [
            (
                f.bar,
                self.desk.books[f.book].name,
                self.desk.instruments[f.symbol].symbol,
                f.qty,
                round(f.price, 6),
            )
            for f in self.history.fills
        ]

    @property
    def sources(self) -> list[str]:
        """What each fill came from."""
        return [SOURCES[f.source] for f in self.history.fills]

    @property
    def verdicts(self) -> list[tuple[int, str, str, float, float]]:
        """(bar, source, outcome, asked, granted) in order."""
        return [
            (v.bar, SOURCES[v.source], OUTCOMES[v.outcome], v.asked, v.granted)
            for v in self.history.verdicts
        ]

    @property
    def outcomes(self) -> list[tuple[int, str]]:
        """(bar, outcome) of everything that was an entry or a weight."""
        return [(v[0], v[2]) for v in self.verdicts if v[1] in ("entry", "weight")]

    @property
    def said(self) -> list[tuple[int, str, str]]:
        """(bar, limit, what it said) for every limit that did not just pass."""
        sets = self.desk.limit_sets
        return [
            (v.bar, sets[s.limit_set].limits[s.limit].name, SAID[s.said])
            for v in self.history.verdicts
            for s in v.binding
        ]

    @property
    def lapses(self) -> list[tuple[int, float, str]]:
        """(bar, shares left, why) of orders that ended unfilled."""
        return [(x.bar, x.qty, LAPSED[x.reason]) for x in self.history.lapses]

    @property
    def switched(self) -> list[tuple[int, str, bool]]:
        """(bar, switch, entered) in order."""
        return [
            (e.bar, self.desk.limit_sets[e.limit_set].switches[e.switch].name, e.entered)
            for e in self.history.switch_events
        ]

    @property
    def equity(self) -> list[float]:
        """Equity at each close, to the cent."""
        return [round(v, 2) for v in self.history.equity]

    @property
    def held(self) -> list[float]:
        """Shares after each close of the first book's first symbol."""
        return list(self.history.position_qty[0][0])

    def count(self, name: str, entry: int = 0) -> int:
        """One number of the funnel of an entry of the first book on its first symbol."""
        rows = [c for c in self.history.counts if c.book == 0 and c.entry == entry]
        return int(getattr(rows[0], name))

    @property
    def claims(self) -> list[bool | None]:
        """Whether each expectation held."""
        return [j.holds for j in self.ran.judged]


Given = Mapping[str, "Bars | str"] | Bars | str


@cache
def schedule() -> np.ndarray:
    return Schedule(load_calendar("xnys"))


def run_all(
    text: str,
    bars: Given,
    *,
    universe: Sequence[str] | None = None,
    cash: float = 100_000.0,
    costs: CostRow = FREE,
    borrow: float = NAN,
    capital: Mapping[str, float] | None = None,
    first: int = 0,
    limits: bool = True,
    desks: Mapping[str, str] | None = None,
) -> dict[str, Case]:
    """Every cell of a case by strategy name: each strategy alone, then `portfolio`.

    first: the session at which the account starts; earlier ones warm rules up."""
    made = {"A": bars} if isinstance(bars, str | Bars) else dict(bars)
    given = {s: b if isinstance(b, Bars) else Bars(b) for s, b in made.items()}
    held = {s: series(s, b) for s, b in given.items()}
    file = checked(text, held)
    traded = tuple(universe or [s for s, b in given.items() if b.kind == "stock"])
    main = next(iter(given.values()))
    count = len(main.text.strip().splitlines())
    days = sessions_from(main.first, count)
    plain = Window("case", "", days[first], days[-1])
    scenario = file.scenarios[0] if file.scenarios else None
    window = replace(plain, scenario=scenario) if scenario else plain
    if scenario is not None and scenario.first < scenario.last:
        window = replace(window, first=scenario.first, last=scenario.last)
    told = []
    runners: tuple[Runner, ...] = ("walk", "python")
    for runner in runners:
        lists = {x.name: read_list(x) for x in file.lists}
        parted = [part for block in file.limits for part in parts(block)]
        blocks = tuple(Limits(b, compile_limits(b, runner), lists) for b in parted)
        firm = Firm(
            strategies=tuple(
                Strategy(
                    name=s.name,
                    checked=s,
                    program=compile_strategy(s, runner),
                    universe=s.legs or traded,
                    capital=(capital or {}).get(s.name, 1.0),
                    lists=lists,
                    conditions=compile_conditions(s),
                    desk=(desks or {}).get(s.name, ""),
                )
                for s in file.strategies
            ),
            limits=blocks if limits else None,
            windows=(window,),
            account=Account(cash, costs, borrow=dict.fromkeys(traded, borrow)),
            schedule=schedule(),
            series=held,
        )
        told.append({c.strategy: Case(c) for c in run_cells(firm)})
    for name, case in told[0].items():
        assert repr(told[1][name].cell.ran and told[1][name].history) == repr(
            case.cell.ran and case.history
        ), f"{name}: walk and python differ"
        if case.cell.ran is not None:
            conserved(case.history, case.desk)
    return told[1]


def run(text: str, bars: Given, **more: object) -> Case:
    """The only strategy's cell, or that of all strategies in one account."""
    found = run_all(text, bars, **more)  # type: ignore[arg-type]
    return list(found.values())[-1]


def conserved(h: History, desk: Desk) -> None:
    """Line 14 on every bar: the change of equity is positions times price changes, plus interest,
    dividends, less fees, slippage and borrow, within half a cent."""
    cash, held = desk.cash, np.zeros(len(desk.instruments))
    last = np.zeros(len(desk.instruments))
    for bar in range(h.bars):
        cash += h.interest[bar] - h.borrow[bar]
        for _, k, ratio, dividend in (a for a in desk.tape.actions if a[0] == bar):
            due, lot = held[k] * ratio, desk.instruments[k].lot
            held[k] = math.copysign(math.floor(abs(due) / lot + 1e-9) * lot, due) if lot else due
            last[k] /= ratio
            cash += (due - held[k]) * last[k] + held[k] * dividend
        for f in h.fills:
            if f.bar == bar:
                cash -= f.qty * f.price + f.fee
                held[f.symbol] += f.qty
        for k in range(len(last)):
            close = desk.tape.close[k][bar]
            last[k] = close if close == close else last[k]
        worth = cash + float(held @ last)
        assert abs(h.equity[bar] - worth) <= 0.005, f"bar {bar}: {h.equity[bar]} against {worth}"


def strategy(body: str, name: str = "s") -> str:
    """A strategy block on the daily clock."""
    return f"strategy {name} {{\n  clock 1d on xnys\n{body}\n}}\n"


def limits(body: str, name: str = "lim") -> str:
    """A limits block."""
    return f"limits {name} {{\n{body}\n}}\n"


RATE = CASH_RATE


def probe(condition: str, before: str = "") -> str:
    """A strategy that shows when a condition holds: every firing is a verdict of its entry."""
    return strategy(f"{before}\n  entry long up {{ when {condition} size 1 shares order market }}")


def fired(case: Case) -> list[int]:
    """The bars on which an entry's condition was true."""
    return sorted({bar for bar, source, *_ in case.verdicts if source == "entry"})


def flat(closes: str) -> str:
    """Bars whose open, high, low and close are one price: `10 11 12`."""
    return "\n".join("." if c == "." else f"{c} {c} {c} {c}" for c in closes.split())


def volumes(known: str) -> str:
    """Bars at 10 with these volumes: `5 - 7`."""
    return "\n".join(f"10 10 10 10 {v}" for v in known.split())
