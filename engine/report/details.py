"""What stands under each row of the survival table (floor 10): funnel, limits, what failed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.report.facts import PORTFOLIO, Cell, Funnel, failed, has_numbers, strategies
from engine.report.glyphs import FAIL, Screen
from engine.report.words import count, listing, points, wrap

FULL = 16
"""Up to so many cells, each crisis gets a funnel of its own; beyond, one per strategy."""

LOOKS = 3
"""Commands to paste next, for each strategy."""

Commands = Mapping[tuple[str, str], str]


def details(cells: Sequence[Cell], commands: Commands, screen: Screen) -> list[str]:
    """One block of lines for each strategy that ran."""
    each = len(cells) <= FULL
    ran = [c for c in cells if has_numbers(c)]
    return [
        _block(name, [c for c in ran if c["strategy"] == name], commands, each, screen)
        for name in strategies(ran)
    ]


def _block(name: str, cells: Sequence[Cell], commands: Commands, each: bool, screen: Screen) -> str:
    lines = [screen.paint(name, "bold")]
    told = [*_limit_lines(cells), *_idle(cells), *_overshoot(cells), *_interest(cells)]
    for text in [*_funnels(cells, each), *told]:
        lines.append(wrap(screen.plain(text), screen.width, "  ", "    "))
    for text in _failures(cells):
        lines.append(screen.paint(wrap(screen.plain(text), screen.width, "  ", "    "), "red"))
    lines += [f"  look: {screen.paint(c, 'blue')}" for c in _commands(cells, commands)]
    return "\n".join(lines)


def _funnels(cells: Sequence[Cell], each: bool) -> list[str]:
    if each:
        return [f"{c['crisis']}: {t}" for c in cells for t in funnel_texts([c])]
    return funnel_texts(cells)


def funnel_texts(cells: Sequence[Cell]) -> list[str]:
    """One line per entry, summed over symbols and cells; for the portfolio, the orders alone."""
    merged: dict[str, list[Funnel]] = {}
    for cell in cells:
        for row in cell.get("funnel", []) if cell["strategy"] != PORTFOLIO else []:
            merged.setdefault(row["entry"], []).append(row)
    if not merged:
        return [_orders(cells)] if cells else []
    names = len(merged) > 1
    return [(f"{e}: " if names else "") + _funnel(rows) for e, rows in merged.items()]


def _funnel(rows: Sequence[Funnel]) -> str:
    """`366 bars: z crossed on 41, volume ok on 12, sent 9, clipped 3, denied 2`."""
    total: Counter[str] = Counter()
    conditions: Counter[str] = Counter()
    for row in rows:
        total.update({k: v for k, v in row.items() if isinstance(v, int)})
        conditions.update({c["text"]: c["true"] for c in row.get("conditions", [])})
    steps = [f"{text} on {n:,}" for text, n in conditions.items()]
    if total["fired"] not in list(conditions.values())[-1:]:
        steps.append(f"fired {total['fired']:,}")
    steps.append(f"sent {total['sent']:,}")
    steps += [f"{word} {total[key]:,}" for key, word in _STEPS if total[key]]
    return f"{count(total['bars'], 'bar')}: {', '.join(steps)}"


_STEPS = (
    ("clipped", "clipped"),
    ("denied", "denied"),
    ("blocked", "paused"),
    ("ignored", "already in"),
    ("unsized", "without a size"),
    ("zero", "rounded to nothing"),
    ("undefined", "undefined"),
)


def _orders(cells: Sequence[Cell]) -> str:
    bars = count(sum(c.get("bars", 0) for c in cells), "bar")
    clipped = sum(c.get("clipped", 0) for c in cells)
    denied = sum(c.get("denied", 0) for c in cells)
    steps = [f"orders {sum(c.get('orders', 0) for c in cells):,}"]
    told = (("clipped", clipped), ("denied or paused", denied))
    steps += [f"{word} {n:,}" for word, n in told if n]
    return f"{bars}: {', '.join(steps)}"


def _limit_lines(cells: Sequence[Cell]) -> list[str]:
    """What each limit saved and cost, largest first, over all crises."""
    fired: Counter[str] = Counter()
    effect: dict[str, float] = {}
    for row in (r for c in cells for r in c.get("limits", [])):
        fired[row["name"]] += row["fired"]
        effect[row["name"]] = effect.get(row["name"], 0.0) + (row["saved"] or 0.0)
    acted = [n for n in effect if fired[n]]
    good = [n for n in acted if effect[n] >= 0.0005]
    bad = [n for n in acted if effect[n] <= -0.0005]
    none = [n for n in acted if n not in good and n not in bad]
    return [
        *_effects("saved", len(cells), sorted(good, key=lambda n: -effect[n]), effect, fired),
        *_effects("cost", len(cells), sorted(bad, key=lambda n: effect[n]), effect, fired),
        *([f"limits fired without effect: {listing(none)}"] if none else []),
    ]


def _effects(
    what: str,
    runs: int,
    names: Sequence[str],
    effect: Mapping[str, float],
    fired: Mapping[str, int],
) -> list[str]:
    texts = [f"{n} {points(effect[n])} (fired {fired[n]:,})" for n in names]
    over = f", {runs} crises summed" if runs > 1 else ""
    return [f"limits {what} (each left out in turn{over}): {', '.join(texts)}"] if texts else []


def _idle(cells: Sequence[Cell]) -> list[str]:
    grouped: dict[str, list[str]] = {}
    for cell in cells:
        if reason := cell.get("no_trade_reason"):
            grouped.setdefault(reason, []).append(cell["crisis"])
    return [f"no trade in {listing(where, 3)}: {why}" for why, where in grouped.items()]


def _overshoot(cells: Sequence[Cell]) -> list[str]:
    worst = max(cells, key=lambda c: c.get("worst_overshoot") or 0.0, default=None)
    ratio = (worst.get("worst_overshoot") if worst else None) or 0.0
    if worst is None or ratio < 0.0005:
        return []
    return [f"a gap went {points(ratio)} of equity past a planned loss in {worst['crisis']}"]


def _interest(cells: Sequence[Cell]) -> list[str]:
    """How much of an end figure is interest on cash, where that is half a point or more."""
    shares = {c["crisis"]: (c.get("interest") or 0.0) / c["start_equity"] for c in cells}
    most = max(shares, key=lambda name: abs(shares[name]), default="")
    if not most or abs(shares[most]) < 0.005:
        return []
    return [f"interest on cash is {points(shares[most])} of the end figure in {most}"]


def _failures(cells: Sequence[Cell]) -> list[str]:
    return [
        f"{FAIL} {c['crisis']}: expect {e['text']}" + (f": {e['detail']}" if e["detail"] else "")
        for c in cells
        for e in failed(c)
    ]


def _commands(cells: Sequence[Cell], commands: Commands) -> list[str]:
    """Where to look next: failed cells first, then the deepest falls."""
    ranked = sorted(cells, key=lambda c: (not failed(c), c.get("max_drawdown") or 0.0))
    found = [commands.get((c["strategy"], c["crisis"])) for c in ranked]
    return list(dict.fromkeys(c for c in found if c))[:LOOKS]
