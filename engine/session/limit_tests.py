"""Tests of limits blocks (floor 9): given orders put to the limits, through the real account loop.

Every bar whose `order.qty` is given puts one order at its close: a buy, or a short sale when it is
negative, at market, or at `order.price` where that is given. What is granted fills on the next bar
as in any replay. All scopes of the block are in force on the one symbol and book there is; a field
that the test gives is what the limits see of it. The symbol moves as every benchmark does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

from engine.check.typed import SCOPES, CheckedExpected, CheckedLimits, CheckedTest, CheckedVerdict
from engine.compile import compile_limits
from engine.fields import ACCOUNT_BARS, ORDER_PRICE, ORDER_QTY, WIDTH
from engine.records.account import (
    ALLOWED,
    BLOCKED,
    BOUND,
    CLIPPED,
    DENIED,
    NOT_SHORTABLE,
    REFUSED,
    SKIPPED,
    UNKNOWN_DENIED,
    WITHDRAWN,
    History,
    LimitSaid,
    Verdict,
)
from engine.records.calendar import load_calendar
from engine.records.desk import (
    BETA,
    DAILY,
    DAY,
    LIMIT,
    MARKET,
    BookRow,
    Compiled,
    Desk,
    EntryRow,
    LimitSetRow,
)
from engine.run.account import run_account
from engine.run.program import Program, nothing
from engine.session.answers import Missed, TestResult
from engine.session.desk import FIRM, SetUse, instrument_row, limit_set_row, tape
from engine.session.firm import Limits
from engine.session.given import SYMBOL, given_fields, given_world, length_of
from engine.session.inputs import World
from engine.session.lists import TRUE, Lists
from engine.session.market import Markets
from engine.session.memory import parts
from engine.session.read import refuse
from engine.session.schedule import Schedule
from engine.session.stress import shocks_of_test
from engine.session.wire import DEFAULT_ACCOUNT

Values = Mapping[int, Sequence[float]]
"""Given fields per bar, by their place in `fields`."""

PER_ORDER = 3
"""Outputs of the script for one order: when, size, price."""


def compiled(block: CheckedLimits, lists: Lists) -> tuple[Limits, ...]:
    """A limits block as the sets it runs as."""
    refuse(block.later, "later")
    every = replace(
        block,
        limits=tuple(replace(x, group="") for x in block.limits),
        switches=tuple(replace(s, group="") for s in block.switches),
    )
    return tuple(Limits(part, compile_limits(part, "python"), lists) for part in parts(every))


def run_limit_test(path: Path, test: CheckedTest, block: Sequence[Limits]) -> TestResult:
    """Run one test of a limits block."""
    world = given_world(test, Schedule(load_calendar("xnys")), block[0].lists)
    desk = _desk(test, block, world)
    heard = _Heard(desk, run_account(desk, compiled=False))
    missed = [m for e in test.expected for m in _missed(e, heard)]
    missed += [m for v in test.verdicts for m in _missed_verdict(v, heard)]
    missed.sort(key=lambda m: (m.line, m.bar))
    span = test.span
    return TestResult(test.title, test.of, str(path), span.line, length_of(test), tuple(missed))


# ---------------------------------------------------------------- the desk


def _desk(test: CheckedTest, block: Sequence[Limits], world: World) -> Desk:
    given = given_fields(test)
    sets = tuple(_set(part, world, test, given) for part in block)
    asks = [a for x in sets for a in x.asks]
    closes = tuple(world.bars(SYMBOL).close.tolist())
    return Desk(
        cash=DEFAULT_ACCOUNT.cash,
        instruments=(instrument_row(world.series[SYMBOL].instrument),),
        costs=DEFAULT_ACCOUNT.costs,
        books=(_book(length_of(test), given),),
        limit_sets=sets,
        tape=tape(world, [SYMBOL]),
        benchmarks=tuple((name, closes) for name in {a.group: 0 for a in asks if a.kind == BETA}),
        shocks=shocks_of_test(asks),
    )


def _set(part: Limits, world: World, test: CheckedTest, given: Values) -> LimitSetRow:
    use = SetUse(part.checked, part.program, FIRM, SCOPES, frozenset(), {})
    markets = Markets(world)
    rows = [markets.rows(part.program, SYMBOL)]
    row = limit_set_row(use, rows, markets.rows(part.program, None))
    seen = {slot: values for slot, values in given.items() if slot not in (ORDER_QTY, ORDER_PRICE)}
    plan = part.program.plan
    seen |= {plan.field_slot(g.name): g.values for g in test.givens if g.name in plan.extra_fields}
    if not seen:
        return row
    width = _width(part.program)
    return replace(
        row, rule=_told(row.rule, seen, width), decide=_told(row.decide, seen, width), reads=None
    )


def _width(program: Program) -> int:
    return WIDTH + len(program.plan.extra_fields)


def _told(function: Compiled, given: Values, width: int) -> Compiled:
    """The same function, which sees the given values in place of the account loop's."""

    def told(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        seen = list(fields[f : f + width])
        bar = int(seen[ACCOUNT_BARS])
        for slot, values in given.items():
            seen[slot] = values[bar]
        function(row, r, seen, 0, cells, c, out, o)

    return told


def _book(bars: int, given: Values) -> BookRow:
    """A book that puts the given orders, each an entry of its own."""
    qty = given.get(ORDER_QTY, ())
    orders = [(bar, q) for bar, q in enumerate(qty) if not isnan(q) and q != 0.0]
    prices = given.get(ORDER_PRICE, [float("nan")] * bars)
    entries = tuple(
        EntryRow(
            name=f"order_{bar}",
            side=1 if q > 0.0 else -1,
            when_out=PER_ORDER * k,
            size_out=PER_ORDER * k + 1,
            size_in_money=False,
            kind=MARKET if isnan(prices[bar]) else LIMIT,
            price_out=PER_ORDER * k + 2,
            tif=DAY,
        )
        for k, (bar, q) in enumerate(orders)
    )
    told = {bar: (PER_ORDER * k, abs(q), prices[bar]) for k, (bar, q) in enumerate(orders)}
    return BookRow(
        name="orders",
        capital=1.0,
        symbols=(0,),
        entries=entries,
        exits=(),
        levels=(),
        weight_out=-1,
        rebalance=DAILY,
        may_fire=-1,
        row_width=1,
        out_width=PER_ORDER * len(orders),
        stops_width=0,
        cells_init=(),
        fold_cells=0,
        rows=([float(bar) for bar in range(bars)],),
        rule=_script(told, PER_ORDER * len(orders)),
        stops=nothing,
    )


def _script(told: Mapping[int, tuple[int, float, float]], width: int) -> Compiled:
    """A rule that wants each order at its own bar and nothing else."""

    def rule(row: Any, r: int, fields: Any, f: int, cells: Any, c: int, out: Any, o: int) -> None:
        for k in range(width):
            out[o + k] = 0.0
        found = told.get(int(row[r]))
        if found is not None:
            first, size, price = found
            out[o + first], out[o + first + 1], out[o + first + 2] = TRUE, size, price

    return rule


# ---------------------------------------------------------------- judging


@dataclass(frozen=True)
class _Heard:
    """A finished run: what became of each order, and who was in force."""

    desk: Desk
    history: History

    def verdict(self, bar: int) -> Verdict | None:
        """What became of the order of a bar; the last order's when bar is -1."""
        found = [v for v in self.history.verdicts if bar in (v.bar, -1)]
        return found[-1] if found else None

    def limit(self, said: LimitSaid) -> str:
        return self.desk.limit_sets[said.limit_set].limits[said.limit].name

    def blocker(self, verdict: Verdict) -> str:
        """The switch that stopped an order, or ""."""
        if verdict.switch is None:
            return ""
        k, j = verdict.switch
        return self.desk.limit_sets[k].switches[j].name

    def parties(self, verdict: Verdict) -> set[str]:
        """Everyone who denied or clipped an order."""
        bound = {self.limit(b) for b in verdict.binding if b.said != SKIPPED}
        return {*bound, self.blocker(verdict)} - {""}

    def is_on(self, switch: str, bar: int) -> bool:
        """Whether a switch is in force at the close of a bar."""
        return any(
            bool(self.history.paused[k][j][bar])
            for k, block in enumerate(self.desk.limit_sets)
            for j, row in enumerate(block.switches)
            if row.name == switch
        )


def _missed(expected: CheckedExpected, heard: _Heard) -> list[Missed]:
    missed = []
    for bar in range(expected.first, expected.last + 1):
        actual = _outcome(expected, heard, bar)
        if actual != expected.outcome:
            line = expected.span.line
            missed.append(Missed(bar, expected.rule, expected.outcome, actual, line))
    return missed


def _outcome(expected: CheckedExpected, heard: _Heard, bar: int) -> str:
    if expected.outcome in ("paused", "running"):
        return "paused" if heard.is_on(expected.rule, bar) else "running"
    return _said(heard, heard.verdict(bar), expected.rule)


def _said(heard: _Heard, verdict: Verdict | None, name: str) -> str:
    """What one limit or switch did to an order."""
    if verdict is None or verdict.outcome not in _PUT:
        return "no order"
    blocker = heard.blocker(verdict)
    if blocker:
        return "denied" if blocker == name else f"blocked by {blocker}"
    found = {b.said for b in verdict.binding if heard.limit(b) == name}
    if found & {REFUSED, UNKNOWN_DENIED} or (BOUND in found and verdict.granted == 0.0):
        return "denied"
    if BOUND in found:
        return "clipped"
    return "skipped" if SKIPPED in found else "passed"


_PUT = {
    ALLOWED: "allow",
    CLIPPED: "clip",
    DENIED: "deny",
    BLOCKED: "deny",
    NOT_SHORTABLE: "deny",
    WITHDRAWN: "deny",
}
"""What the outcomes of an order that was put to the limits come to."""


def _missed_verdict(expected: CheckedVerdict, heard: _Heard) -> list[Missed]:
    """At each bar of the range, or at the last order when the test names no bar."""
    wanted = _words(expected.outcome, expected.qty, expected.by)
    missed = []
    for bar in range(expected.first, expected.last + 1):
        verdict = heard.verdict(bar)
        if verdict is None or not _meets(expected, heard, verdict):
            at = bar if verdict is None else verdict.bar
            actual = "no order" if verdict is None else _told_verdict(heard, verdict)
            missed.append(Missed(at, "verdict", wanted, actual, expected.span.line))
    return missed


def _meets(expected: CheckedVerdict, heard: _Heard, verdict: Verdict) -> bool:
    return (
        _PUT.get(verdict.outcome) == expected.outcome
        and expected.qty in (None, verdict.granted)
        and (not expected.by or expected.by in heard.parties(verdict))
    )


def _told_verdict(heard: _Heard, verdict: Verdict) -> str:
    outcome = _PUT.get(verdict.outcome, "no order")
    qty = verdict.granted if outcome == "clip" else None
    return _words(outcome, qty, " and ".join(sorted(heard.parties(verdict))))


def _words(outcome: str, qty: float | None, by: str) -> str:
    shares = "" if qty is None else f" {qty:,.12g} shares"
    return f"{outcome}{shares}{f' by {by}' if by else ''}"
