"""What did the limits do? (floor 10): over all crises, what each fired, saved and cost."""

from collections.abc import Sequence

from engine.report.facts import PORTFOLIO
from engine.report.page.blocks import Block, Entry, Fig, Points, Table, Text
from engine.report.page.nearness import pictures
from engine.report.page.section import Section
from engine.report.page.seen import Seen, seen, strategies_of, total
from engine.report.words import count, listing, points
from engine.session.result import Result

Row = tuple[Seen, int]
"""A run and the place of a limit among its limits."""


def make(result: Result) -> tuple[Block, ...]:
    """One row per limit and strategy that it acted on, then those that never acted."""
    found: dict[str, list[Row]] = {}
    for run in seen(result):
        for k, limit in enumerate(run.row["limits"]):
            found.setdefault(limit["name"], []).append((run, k))
    if not found:
        return (Text(("These runs had no limits.",)),)
    acted = {n: rows for n, rows in found.items() if any(_fired(r) for r in rows)}
    idle = [n for n in found if n not in acted]
    blocks: list[Block] = [Text((_says(acted),)), _totals(acted), _by_strategy(acted)]
    if idle:
        blocks.append(Points((f"Never fired: {listing(idle)}.",)))
    return (*blocks, *pictures(found))


LIMITS = Section("limits", "What did the limits do?", make)


def _fired(row: Row) -> int:
    run, k = row
    return int(run.row["limits"][k]["fired"])


def _says(acted: dict[str, list[Row]]) -> str:
    """The limit that saved most and the one that cost most, strategies summed."""
    worth = {n: _saved(alone(rows)).value or 0.0 for n, rows in acted.items()}
    best = max(worth, key=lambda n: worth[n], default=None)
    worst = min(worth, key=lambda n: worth[n], default=None)
    said = []
    if best is not None and worth[best] >= 0.0005:
        said.append(f"{best} saved most: {points(worth[best])} over all strategies and crises")
    if worst is not None and worth[worst] <= -0.0005:
        said.append(f"{worst} cost most: {points(worth[worst])}")
    body = "; ".join(said) or "No limit changed a return by a twentieth of a point"
    return (
        f"{body}. Saved means the return with all limits minus the return without that one, summed "
        "over runs; what several limits save together can be less than the sum."
    )


def alone(rows: Sequence[Row]) -> list[Row]:
    """Without the portfolio, which holds every strategy again; alone it counts itself."""
    found = [r for r in rows if r[0].strategy != PORTFOLIO]
    return found or list(rows)


def _saved(rows: Sequence[Row]) -> Fig:
    return total("points", [r.fig("points", "limits", k, "saved") for r, k in rows])


def _fires(rows: Sequence[Row]) -> Fig:
    return total("count", [r.fig("count", "limits", k, "fired") for r, k in rows])


def _totals(acted: dict[str, list[Row]]) -> Table:
    columns = ("limit", "kind", "fired", "in", "saved, points", "because")
    rows = tuple(_limit(name, alone(rows)) for name, rows in acted.items())
    return Table("Each limit over every strategy's runs.", columns, rows, sortable=True)


def _limit(name: str, rows: Sequence[Row]) -> tuple[Entry, ...]:
    run, k = rows[0]
    limit = run.row["limits"][k]
    where = sum(_fired(r) > 0 for r in rows)
    return (
        name,
        str(limit.get("kind") or ""),
        _fires(rows),
        count(where, "run"),
        _saved(rows),
        str(limit.get("because") or ""),
    )


def _by_strategy(acted: dict[str, list[Row]]) -> Table:
    """What each limit was worth to each strategy; empty where it never acted."""
    runs = [r for rows in acted.values() for r, _ in rows]
    names = strategies_of(runs)
    rows = tuple(
        (limit, *(_worth([r for r in rows if r[0].strategy == n]) for n in names))
        for limit, rows in acted.items()
    )
    says = "Points of return saved, by strategy, crises summed."
    return Table(says, ("limit", *names), rows)


def _worth(rows: Sequence[Row]) -> Fig | None:
    return _saved(rows) if any(_fired(r) for r in rows) else None
