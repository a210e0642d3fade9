"""summary.json: the figures of every cell under fixed names (floor 9).

Ratios are plain numbers (-0.112 is a loss of 11.2%), drawdowns are negative, money is rounded
to the cent, and what has no value is null: there is no nan in the file.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.base.dates import iso
from engine.feeds.own.finding import Finding
from engine.records.account import (
    ALLOWED,
    BLOCKED,
    CLIPPED,
    DENIED,
    NOT_SHORTABLE,
    SKIPPED,
    WITHDRAWN,
    History,
    RoundTrip,
)
from engine.records.desk import HALT
from engine.session.cell import Cell, DataFact, Effect, FunnelRow, Ran, Sensitivity
from engine.session.figures import at_sessions, max_drawdown, plain, total_return
from engine.session.ratios import Ratios, ratios, returns_of

VERSION = 1
WORST = 5
"""How many of the worst days are told."""

Row = dict[str, Any]
_LINES = ("delayed", "doubled_costs")


def summary(cells: Sequence[Cell], **more: object) -> Row:
    """The whole of summary.json.

    The verdict fails when any expectation of any run fails, and when nothing could be run at all:
    no data must not look like safety.
    """
    runs = [run_row(c) for c in cells]
    failed = any(e["holds"] is False for r in runs for e in r["expectations"])
    passed = not failed and any(c.ran is not None for c in cells)
    return {"version": VERSION, "verdict": "pass" if passed else "fail", **more, "runs": runs}


def run_row(cell: Cell) -> Row:
    """One cell as a row of `runs`."""
    head = {
        "strategy": cell.strategy,
        "title": cell.title,
        "crisis": cell.window.crisis,
        "crisis_title": cell.window.title,
        "status": cell.status,
        "start": iso(_day(cell, 0, cell.window.first)),
        "end": iso(_day(cell, -1, cell.window.last)),
        "bars": cell.line.bars,
        "symbols": list(cell.symbols),
        "params": dict(cell.params),
        "start_equity": money(cell.start_equity),
    }
    body = _nothing() if cell.ran is None else _figures(cell, cell.ran)
    tail = {"waived": list(cell.waived), "notices": list(cell.notices)}
    return {**head, **body, **tail}


def _day(cell: Cell, at: int, otherwise: int) -> int:
    return int(cell.line.window[at]) if cell.line.bars else otherwise


def _nothing() -> Row:
    none = ("final_equity", "return", "max_drawdown")
    zero = ("trades", "orders", "denied", "clipped", "skipped", "paused_bars", "halts")
    return {
        **dict.fromkeys(none),
        **dict.fromkeys(zero, 0),
        "fees": 0.0,
        "interest": 0.0,
        "borrow": 0.0,
        "dividends": 0.0,
        "no_trade_reason": None,
        "worst_overshoot": None,
        "ruined": False,
        "limits": [],
        "expectations": [],
        "funnel": [],
        "without_limits": None,
        "buy_and_hold": None,
        "ratios": _row(Ratios()),
        "worst_days": [],
        "events": [],
        "breaches": [],
        "plans": [],
        "data": [],
        "sensitivity": dict.fromkeys(_LINES),
    }


def _figures(cell: Cell, ran: Ran) -> Row:
    h, start = ran.history, cell.start_equity
    outcomes = [v.outcome for v in h.verdicts]
    return {
        "final_equity": money(h.equity[-1] if len(h.equity) else start),
        "return": plain(total_return(h.equity, start)),
        "max_drawdown": plain(max_drawdown(h.equity, start)),
        "trades": len(h.round_trips),
        "orders": outcomes.count(ALLOWED) + outcomes.count(CLIPPED),
        "denied": sum(o in (DENIED, BLOCKED, NOT_SHORTABLE, WITHDRAWN) for o in outcomes),
        "clipped": outcomes.count(CLIPPED),
        "skipped": sum(s.said == SKIPPED for v in h.verdicts for s in v.binding),
        "paused_bars": paused_bars(h),
        "halts": sum(e.entered and _is_halt(ran, e.limit_set, e.switch) for e in h.switch_events),
        "fees": money(sum(h.fees)),
        "interest": money(sum(h.interest)),
        "borrow": money(sum(h.borrow)),
        "dividends": money(sum(h.dividends)),
        "no_trade_reason": ran.no_trade_reason,
        "worst_overshoot": worst_overshoot(h.round_trips, start),
        "ruined": h.ruined,
        "limits": [_effect(ran, e) for e in ran.effects],
        "expectations": [
            {"text": j.text, "holds": j.holds, "detail": j.detail} for j in ran.judged
        ],
        "funnel": [_funnel(row) for row in ran.funnel],
        "without_limits": None if ran.bare is None else _compared(ran, ran.bare, start),
        "buy_and_hold": _compared(ran, ran.hold, 1.0),
        "ratios": _row(ratios(at_sessions(h.equity, ran.desk.tape), start)),
        "worst_days": worst_days(ran, start),
        "events": [_row(e) for e in ran.events],
        "breaches": [_row(b) for b in ran.breaches],
        "plans": [{**_row(p), "money": money(p.money)} for p in ran.plans],
        "data": [_data(d) for d in ran.data],
        "sensitivity": _sensitivity(ran.sensitivity, start),
    }


def _row(fact: Any) -> Row:
    """A fact as a row under the names of its fields."""
    return {name: getattr(fact, name) for name in fact.__slots__}


def _effect(ran: Ran, effect: Effect) -> Row:
    kind, because = ran.told[effect.name]
    saved = plain(effect.saved)
    head = {"name": effect.name, "kind": kind, "because": because}
    return {**head, "fired": effect.fired, "saved": saved, **most_used(ran, effect.name)}


def most_used(ran: Ran, name: str) -> Row:
    """The largest share used of one limit and the first day of it, or why none is measured."""
    used = ran.used[name]
    if used.unmeasured:
        return {"most_used": None, "most_used_on": None, "unmeasured": used.unmeasured}
    k = int(np.nanargmax(used.shares))
    day = iso(ran.desk.tape.days[int(used.bars[k])])
    return {"most_used": float(used.shares[k]), "most_used_on": day, "unmeasured": None}


def _funnel(row: FunnelRow) -> Row:
    conditions = [_row(c) for c in row.conditions]
    where = {"strategy": row.strategy, "entry": row.entry, "symbol": row.symbol}
    return {**where, **row.counts, "conditions": conditions}


def _compared(ran: Ran, line: Sequence[float] | Any, start: float) -> Row | None:
    if not len(line):
        return None
    return {
        "return": plain(total_return(line, start)),
        "max_drawdown": plain(max_drawdown(line, start)),
        "ratios": _row(ratios(at_sessions(line, ran.desk.tape), start)),
    }


def worst_days(ran: Ran, start: float) -> list[Row]:
    """The days of the deepest losses, the deepest first, beside what the held line did on them.

    The held line begins at the first close, so it has no return on the first day.
    """
    tape = ran.desk.tape
    days = at_sessions(tape.days[: len(ran.history.equity)], tape)
    found = returns_of(at_sessions(ran.history.equity, tape), start)
    held = returns_of(at_sessions(ran.hold, tape), 1.0)
    worst = [int(k) for k in found.argsort(kind="stable")[:WORST] if found[k] < 0.0]
    return [
        {
            "date": iso(int(days[k])),
            "return": float(found[k]),
            "buy_and_hold": float(held[k]) if 0 < k < len(held) else None,
        }
        for k in worst
    ]


def _sensitivity(found: Sensitivity | None, start: float) -> Row:
    if found is None:
        return dict.fromkeys(_LINES)
    return {name: _outcome(getattr(found, name), start) for name in _LINES}


def _outcome(line: Sequence[float], start: float) -> Row:
    return {
        "return": plain(total_return(line, start)),
        "max_drawdown": plain(max_drawdown(line, start)),
        "final_equity": money(line[-1] if len(line) else start),
    }


def _data(fact: DataFact) -> Row:
    days = {"first": fact.first, "last": fact.last}
    return {**_row(fact), **{k: None if d is None else iso(d) for k, d in days.items()}}


def _is_halt(ran: Ran, limit_set: int, switch: int) -> bool:
    return ran.desk.limit_sets[limit_set].switches[switch].kind == HALT


def paused_bars(history: History) -> int:
    """Bars at whose close any pause, flatten or halt was in force."""
    lines = [line for of_set in history.paused for line in of_set]
    return sum(any(values) for values in zip(*lines, strict=True)) if lines else 0


def worst_overshoot(trips: Sequence[RoundTrip], start: float) -> float | None:
    """The most that prices took from a round trip beyond its planned loss, over start equity.

    Fees are not part of a plan and are left out. None when no trade had a planned loss; 0 when none
    went past it.
    """
    planned = [t for t in trips if t.planned_loss == t.planned_loss]
    over = [-(t.pnl + t.fees) - t.planned_loss for t in planned]
    return max(0.0, *over) / start if over else None


def money(value: float) -> float | None:
    """Money to the cent."""
    found = plain(value)
    return None if found is None else round(found, 2)


def finding_row(file: str, finding: Finding) -> Row:
    """One fact about a row of the user's own data."""
    return {"file": file, "kind": finding.kind, "row": finding.row, "message": finding.message}
