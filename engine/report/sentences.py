"""The first thing a reader sees (floor 10): a sentence per strategy, from its worst crisis."""

from collections.abc import Sequence

from engine.report.facts import Cell, has_numbers, saved, strategies
from engine.report.words import count, ended, percent, points


def sentences(cells: Sequence[Cell]) -> list[str]:
    """One sentence for each strategy, in the order of the table."""
    return [
        sentence(name, [c for c in cells if c["strategy"] == name]) for name in strategies(cells)
    ]


def sentence(name: str, cells: Sequence[Cell]) -> str:
    """What the worst crisis did to one strategy, against holding, and what its limits changed."""
    ran = [c for c in cells if has_numbers(c)]
    if not ran:
        return f"{name} has no data in {_crises(cells)}."
    if not any(c.get("trades") or c.get("orders") for c in ran):
        return f"{name} sent no order in {_crises(ran)}: {_why_idle(ran)}."
    worst = min(ran, key=lambda c: c["max_drawdown"] or 0.0)
    return f"{name} {_fate(worst, len(ran))}{_against(worst)}; {_limits(worst)}."


def _fate(worst: Cell, crises: int) -> str:
    fell = percent(abs(worst["max_drawdown"] or 0.0))
    text = f"fell {fell} and {ended(worst.get('return') or 0.0)} in {worst['crisis']}"
    return text if crises == 1 else f"{text}, its worst of {crises} crises,"


def _against(cell: Cell) -> str:
    held = cell.get("buy_and_hold")
    if not held or held["max_drawdown"] is None:
        return ""
    return f" where buy-and-hold fell {percent(abs(held['max_drawdown']))}"


def _limits(cell: Cell) -> str:
    difference = saved(cell)
    if difference is None:
        return "it ran without limits"
    return f"its limits {_stopped(cell)}{_effect(difference)}"


def _stopped(cell: Cell) -> str:
    paused, bars = cell.get("paused_bars", 0), cell.get("bars", 0)
    if paused:
        return f"stopped it on {paused:,} of {count(bars, 'bar')} and "
    denied, clipped, sent = cell.get("denied", 0), cell.get("clipped", 0), cell.get("orders", 0)
    acted = [f"{what} {n:,}" for what, n in (("denied", denied), ("clipped", clipped)) if n]
    orders = count(sent + denied, "order")
    return f"{' and '.join(acted)} of {orders} and " if acted else ""


def _effect(difference: float) -> str:
    if points(difference) == "0.0 points":
        return "changed nothing"
    return f"{'saved' if difference > 0 else 'cost'} {points(difference)}"


def _crises(cells: Sequence[Cell]) -> str:
    return cells[0]["crisis"] if len(cells) == 1 else f"{len(cells)} crises"


def _why_idle(cells: Sequence[Cell]) -> str:
    reasons = [r for c in cells if (r := c.get("no_trade_reason"))]
    return reasons[0] if reasons else "no entry fired"
