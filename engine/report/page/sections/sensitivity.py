"""How firm are the figures? (floor 10): every run again with late orders and with double costs."""

from collections.abc import Sequence

from engine.report.page.blocks import Block, Entry, Fig, Link, Table, Text
from engine.report.page.section import Section
from engine.report.page.seen import Seen, crises_of, seen, strategies_of
from engine.report.words import count, listing
from engine.session.result import Result

VARIANTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("as run", ()),
    ("orders a bar later", ("sensitivity", "delayed")),
    ("costs doubled", ("sensitivity", "doubled_costs")),
)
"""What was changed, and where its figures stand in a run's row."""

MUCH = 0.01
"""A point of return more or less is worth a word."""


def make(result: Result) -> tuple[Block, ...]:
    """Returns side by side; nothing when only some runs were asked for without it."""
    runs = [r for r in seen(result) if r.ran is not None]
    if not any(r.row.get("sensitivity") for r in runs):
        return ()
    return (Text((_says(runs),)), _table(runs))


SENSITIVITY = Section("sensitivity", "Does it hang on luck or on cheap fills?", make)


def _says(runs: Sequence[Seen]) -> str:
    late = [r for r in runs if (d := _change(r, "delayed")) is not None and d <= -MUCH]
    dear = [r for r in runs if (d := _change(r, "doubled_costs")) is not None and d <= -MUCH]
    return (
        f"With every order one bar later {_lose(late, len(runs))}; "
        f"with all costs doubled {_lose(dear, len(runs))}."
    )


def _lose(worse: Sequence[Seen], of: int) -> str:
    if not worse:
        return "no run loses a point of return or more"
    names = listing(list(dict.fromkeys(r.strategy for r in worse)))
    verb = "loses" if len(worse) == 1 else "lose"
    return f"{len(worse):,} of {count(of, 'run')} {verb} a point of return or more ({names})"


def _change(run: Seen, variant: str) -> float | None:
    changed = run.fig("percent", "sensitivity", variant, "return").value
    ours = run.row["return"]
    return None if changed is None or ours is None else changed - ours


def _table(runs: Sequence[Seen]) -> Table:
    crises = crises_of(runs)
    places = {(r.strategy, r.crisis): r for r in runs}
    rows: list[tuple[Entry, ...]] = []
    for name in strategies_of(runs):
        for title, keys in VARIANTS:
            figs = [_fig(places.get((name, c)), keys) for c in crises]
            rows.append((name, title, *figs))
    return Table("Return of each run, in percent.", ("strategy", "", *crises), tuple(rows))


def _fig(run: Seen | None, keys: Sequence[str]) -> Fig | Link | None:
    return None if run is None else run.fig("percent", *keys, "return")
