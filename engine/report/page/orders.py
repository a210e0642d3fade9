"""What limits did to orders, in words with their numbers (floor 10): halts and pauses as stretches
of time, clips and denials one by one, orders stopped by a pause by kind."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from engine.records.account import (
    BLOCKED,
    BOUND,
    CLIPPED,
    DENIED,
    NOT_SHORTABLE,
    SKIPPED,
    UNKNOWN_DENIED,
    UNSIZED,
    WITHDRAWN,
    ZERO,
    Verdict,
)
from engine.records.desk import Desk
from engine.report.page.blocks import Block, Entry, Table, Text
from engine.report.page.seen import Seen, book_prefix
from engine.report.words import count, exact, listing
from engine.session.cell import Ran
from engine.session.records import rule_name

JUDGED = (CLIPPED, DENIED, NOT_SHORTABLE, WITHDRAWN, UNSIZED, ZERO)
WORDS = {
    DENIED: "denied",
    NOT_SHORTABLE: "denied: cannot be sold short",
    WITHDRAWN: "denied: another leg of its spread was",
    UNSIZED: "no order: its size is na",
    ZERO: "no order: rounds to no shares",
}


def order_tables(run: Seen, ran: Ran) -> list[Block]:
    """Switches, planned losses, clips and denials, and stopped orders; each only when there are
    any."""
    return [*_switches(run), *_plans(run), *_judged(run, ran), *_stopped(ran)]


# ---------------------------------------------------------------- switches


def _switches(run: Seen) -> list[Block]:
    """Every pause, flatten and halt from entering to leaving."""
    entered = [k for k, e in enumerate(run.row.get("events", [])) if e["entered"]]
    if not entered:
        return []
    rows = tuple(_stretch(run, k, j) for j, k in enumerate(entered))
    says = "When new risk was stopped altogether: pauses, flattens and halts."
    columns = ("from", "to", "what", "saw", "after", "beyond", "because")
    told = (
        "After: bars from the close that went beyond the bound to the one that acted. Beyond: how "
        "much further it went before it was over, as a share of the limit."
    )
    return [Table(says, columns, rows), Text((told,), "caveat")]


def _stretch(run: Seen, k: int, breach: int) -> tuple[Entry, ...]:
    event = run.row["events"][k]
    return (
        str(event["date"]),
        _until(run.row["events"][k + 1 :], event["limit"]),
        f"{event['kind']} {event['limit']}",
        run.fig("value", "events", k, "value"),
        run.fig("count", "breaches", breach, "bars"),
        run.fig("percent", "breaches", breach, "overshoot"),
        str(event["because"] or ""),
    )


def _until(later: Sequence[Mapping[str, Any]], limit: str) -> str:
    left = (e for e in later if e["limit"] == limit and not e["entered"])
    return str(next((e["date"] for e in left), "the end"))


def _plans(run: Seen) -> list[Block]:
    """The entries of which a trade lost more than its stop planned."""
    found = [k for k, p in enumerate(run.row.get("plans", [])) if p["beyond"]]
    if not found:
        return []
    says = "Trades that lost more than they planned: a gap goes through a stop, and slippage adds."
    columns = ("entry", "trades", "lost more", "worst, beyond its plan", "in money", "over on")
    return [Table(says, columns, tuple(_plan(run, k) for k in found))]


def _plan(run: Seen, k: int) -> tuple[Entry, ...]:
    plan = run.row["plans"][k]
    return (
        f"{plan['strategy']}: {plan['entry']}",
        run.fig("count", "plans", k, "trades"),
        run.fig("count", "plans", k, "beyond"),
        run.fig("percent", "plans", k, "overshoot"),
        run.fig("money", "plans", k, "money"),
        f"{plan['acted']} ({plan['symbol']})",
    )


# ---------------------------------------------------------------- clips and denials


def _judged(run: Seen, ran: Ran) -> list[Block]:
    found = [(k, v) for k, v in enumerate(ran.history.verdicts) if v.outcome in JUDGED]
    if not found:
        return []
    clipped = sum(v.outcome == CLIPPED for _, v in found)
    says = f"{count(clipped, 'order')} cut to a smaller size, {len(found) - clipped:,} refused."
    columns = ("day", "order", "asked", "granted", "price", "by")
    rows = tuple(_judgement(run, ran.desk, k, v) for k, v in found)
    return [Table(says, columns, rows, sortable=True)]


def _judgement(run: Seen, desk: Desk, k: int, v: Verdict) -> tuple[Entry, ...]:
    return (
        desk.tape.told(v.bar),
        _order(desk, v),
        run.verdict("shares", k, "asked", v.asked),
        run.verdict("shares", k, "granted", v.granted),
        run.verdict("price", k, "price", v.price),
        _by(desk, v),
    )


def _order(desk: Desk, v: Verdict) -> str:
    """`buy SP500 (dip)`, with the book where there are several."""
    symbol = desk.instruments[v.symbol].symbol
    book = book_prefix(desk, v.book)
    return f"{book}{'buy' if v.side > 0 else 'sell'} {symbol} ({rule_name(desk, v)})"


def _by(desk: Desk, v: Verdict) -> str:
    said = [
        f"{_limit(desk, s.limit_set, s.limit)}{_how(s.said, s.value)}"
        for s in v.binding
        if s.said != SKIPPED
    ]
    word = WORDS.get(v.outcome, "")
    return "; ".join(filter(None, [word, *said]))


def _limit(desk: Desk, limit_set: int, limit: int) -> str:
    block = desk.limit_sets[limit_set]
    return f"{block.name}.{block.limits[limit].name}"


def _how(said: int, value: float) -> str:
    if said == UNKNOWN_DENIED:
        return " cannot be evaluated"
    return f" allows {exact(value)}" if said == BOUND and value == value else ""


# ---------------------------------------------------------------- stopped orders


def _stopped(ran: Ran) -> list[Block]:
    """Orders that a pause, flatten or halt kept from being sent, one row per kind."""
    blocked = [v for v in ran.history.verdicts if v.outcome == BLOCKED]
    if not blocked:
        return []
    groups = [list(g) for _, g in groupby(sorted(blocked, key=_kind), key=_kind)]
    rows = sorted(_group(ran.desk, g) for g in groups)
    says = f"{count(len(blocked), 'order')} stopped while a pause, flatten or halt was in force."
    return [Table(says, ("from", "to", "orders", "what"), tuple(rows))]


def _kind(v: Verdict) -> tuple[int, ...]:
    """Orders of one kind: the same book, side and switch."""
    return (v.book, v.side, *(v.switch or (-1, -1)))


def _group(desk: Desk, group: Sequence[Verdict]) -> tuple[str, str, str, str]:
    tape = desk.tape
    one = group[0]
    symbols = listing(list(dict.fromkeys(desk.instruments[v.symbol].symbol for v in group)), 4)
    names = listing(list(dict.fromkeys(rule_name(desk, v) for v in group)), 4)
    book = book_prefix(desk, one.book)
    what = f"{book}{'buy' if one.side > 0 else 'sell'} {symbols} ({names})"
    if one.switch is not None:
        block = desk.limit_sets[one.switch[0]]
        what += f" by {block.name}.{block.switches[one.switch[1]].name}"
    first, last = min(v.bar for v in group), max(v.bar for v in group)
    return tape.told(first), tape.told(last), f"{len(group):,}", what
