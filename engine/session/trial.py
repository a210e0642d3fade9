"""A scenario's expectations put to a finished run (floor 9): claims become values bar by bar."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import sub

from engine.base.frozen import replace
from engine.check.shape import fields_in
from engine.check.typed import CheckedClaim, Typed
from engine.compile import compile_values
from engine.fields import (
    ACCOUNT_BARS,
    ACCOUNT_CASH,
    ACCOUNT_DRAWDOWN,
    ACCOUNT_EQUITY,
    ACCOUNT_GROSS,
    ACCOUNT_NET,
    ACCOUNT_PEAK,
    ACCOUNT_PNL_TODAY,
    ACCOUNT_POSITIONS,
    ACCOUNT_RETURN,
    ACCOUNT_START_EQUITY,
    WIDTH,
)
from engine.records.account import History
from engine.records.desk import Desk
from engine.run.program import Program
from engine.session.claims import Judged, Told, compared, judge
from engine.session.firm import Scene
from engine.session.force import waived_of
from engine.session.lists import FALSE, NO_LISTS, TRUE

Table = dict[str, list[float]]
Lines = dict[int, Sequence[float]]
NAN = float("nan")


def judge_claims(scene: Scene, desk: Desk, history: History) -> tuple[Judged, ...]:
    """Every expectation of the window's scenario, in the order of the text."""
    scenario = scene.window.scenario
    if scenario is None or not scenario.claims:
        return ()
    values = _values(scene, scenario.claims, desk, history)
    days = desk.tape.days
    waived = waived_of(scene)
    judged = (_judge(c, k, values, days) for k, c in enumerate(scenario.claims))
    return tuple(
        replace(j, detail=j.detail + _waived(c, waived))
        for c, j in zip(scenario.claims, judged, strict=True)
    )


def _waived(claim: CheckedClaim, waived: Mapping[str, str]) -> str:
    """Which pauses the claim looks for in vain, because they were left out."""
    reads = [f for value in (claim.claim, claim.then) if value for f in fields_in(value)]
    asked = dict.fromkeys(f.arg for f in reads if f.name == "run.paused" and f.arg is not None)
    found = [row for row in waived if any(row == a or row.endswith(f".{a}") for a in asked)]
    return "".join(f"; {row} is waived: it never pauses" for row in found)


def _judge(claim: CheckedClaim, k: int, values: Table, days: Sequence[int]) -> Judged:
    told = Told(
        days=days,
        claim=values[f"{k}.claim"],
        then=values.get(f"{k}.then"),
        left=values.get(f"{k}.left"),
        right=values.get(f"{k}.right"),
    )
    return judge(claim, told)


def _wanted(claims: Sequence[CheckedClaim]) -> dict[str, Typed]:
    wanted: dict[str, Typed] = {}
    for k, claim in enumerate(claims):
        wanted[f"{k}.claim"] = claim.claim
        if claim.then is not None:
            wanted[f"{k}.then"] = claim.then
        sides = compared(claim.claim)
        if sides is not None:
            wanted[f"{k}.left"], wanted[f"{k}.right"] = sides
    return wanted


@lru_cache(maxsize=64)
def _program(wanted: tuple[tuple[str, Typed], ...]) -> Program:
    return compile_values("claims", dict(wanted), "python")


def _values(scene: Scene, claims: Sequence[CheckedClaim], desk: Desk, history: History) -> Table:
    """Each claim's values at every close of the run."""
    program = _program(tuple(_wanted(claims).items()))
    layout = program.layout
    rows = scene.markets(program, NO_LISTS).rows(program, None)
    lines = account_lines(desk, history, slots_read(program))
    lines |= _extra(program, desk, history)
    fields = [NAN] * (WIDTH + len(program.plan.extra_fields))
    cells, out = list(layout.cells_init), [0.0] * layout.out_width
    told: Table = {name: [] for name in layout.rule}
    for bar in range(len(history.equity)):
        for slot, line in lines.items():
            fields[slot] = line[bar]
        program.rule(rows, bar * layout.row_width, fields, 0, cells, 0, out, 0)
        for name, value in zip(layout.rule, out, strict=True):
            told[name].append(value)
    return told


def slots_read(program: Program) -> set[int]:
    """The fields of FIELDS that a program reads, as places in `fields`."""
    names = {n.name for n in program.plan.graph.nodes if n.kind == "field"}
    return {program.plan.field_slot(name) for name in names}


def _extra(program: Program, desk: Desk, history: History) -> Lines:
    """Lines of the fields that have no slot: `run.paused(NAME)`."""
    return {
        WIDTH + k: paused_line(desk, history, name.partition("(")[2].rstrip(")"))
        for k, name in enumerate(program.plan.extra_fields)
    }


def paused_line(desk: Desk, history: History, name: str) -> list[float]:
    """Truth per bar of the switch `name` (or `block.name`) being in force anywhere."""
    bars = len(history.equity)
    line = [FALSE] * bars
    for s, block in enumerate(desk.limit_sets):
        for j, switch in enumerate(block.switches):
            if name in (switch.name, f"{block.name}.{switch.name}"):
                found = history.paused[s][j]
                line = [TRUE if found[k] else line[k] for k in range(bars)]
    return line


def account_lines(desk: Desk, history: History, slots: set[int]) -> Lines:
    """The asked `account.*` fields at every close of a finished run, by slot."""
    equity = [float(v) for v in history.equity]
    bars, start = len(equity), desk.cash
    lines: dict[int, Callable[[], Sequence[float]]] = {
        ACCOUNT_EQUITY: lambda: equity,
        ACCOUNT_CASH: lambda: history.cash,
        ACCOUNT_START_EQUITY: lambda: [start] * bars,
        ACCOUNT_PEAK: lambda: _peaks(equity, start),
        ACCOUNT_DRAWDOWN: lambda: [
            (p - e) / p for e, p in zip(equity, _peaks(equity, start), strict=True)
        ],
        ACCOUNT_PNL_TODAY: lambda: list(map(sub, equity, [start, *equity])),
        ACCOUNT_GROSS: lambda: history.gross,
        ACCOUNT_RETURN: lambda: [e / start - 1.0 for e in equity],
        ACCOUNT_BARS: lambda: [float(k) for k in range(bars)],
        ACCOUNT_NET: lambda: [_net(desk, history, bar) for bar in range(bars)],
        ACCOUNT_POSITIONS: lambda: _positions(history, bars),
    }
    return {slot: line() for slot, line in lines.items() if slot in slots}


def _peaks(equity: Sequence[float], start: float) -> list[float]:
    return list(accumulate(equity, max, initial=start))[1:]


def _net(desk: Desk, history: History, bar: int) -> float:
    """Signed value of the positions after a close, at last known prices."""
    net = 0.0
    for book, lines in zip(desk.books, history.position_qty, strict=True):
        for symbol, line in zip(book.symbols, lines, strict=True):
            if line[bar]:
                net += line[bar] * _last(desk.tape.close[symbol], bar)
    return net


def _positions(history: History, bars: int) -> list[float]:
    """Open positions after each close: one per book, symbol and entry, as limits count them."""
    changes = [0.0] * (bars + 1)
    for trip in history.round_trips:
        changes[trip.first_bar] += 1.0
        changes[trip.last_bar if trip.closed else bars] -= 1.0
    return list(accumulate(changes[:bars]))


def _last(close: Sequence[float], bar: int) -> float:
    """The last known close up to a bar."""
    return next((close[k] for k in range(bar, -1, -1) if close[k] == close[k]), 0.0)
