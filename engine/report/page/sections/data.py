"""What the bars are (floor 10): each symbol's prices as they stand in each crisis."""

from collections.abc import Sequence

from engine.report.caveats import caveat_sentences
from engine.report.page.blocks import Block, Entry, Points, Table
from engine.report.page.section import Section
from engine.report.page.seen import Row, Seen, crises_of, facts, seen
from engine.report.words import listing
from engine.session.result import Result


def make(result: Result) -> tuple[Block, ...]:
    """The caveats once, then every symbol with what is known of it."""
    runs = seen(result)
    general = [str(n) for n in result.summary.get("notices", ())]
    said = caveat_sentences(facts(*runs), general)
    said += [f"{f['file']}: {f['message']}" for f in result.summary.get("findings", ())]
    table = _symbols(runs)
    return (*([Points(tuple(said))] if said else []), *([table] if table.rows else []))


DATA = Section("data", "The data behind it", make)

COLUMNS = (
    "symbol",
    "used as",
    "returns",
    "adjusted",
    "bars",
    "opens",
    "volume",
    "who survived",
    "in",
)


def _symbols(runs: Sequence[Seen]) -> Table:
    """One row per symbol and way it is known; most are known the same way in many crises."""
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for run in runs:
        for row in run.row.get("data", ()):
            found.setdefault(_known(row), {})[run.crisis] = None
    every = crises_of(runs)
    rows = tuple(_row(key, list(where), every) for key, where in sorted(found.items()))
    return Table("Every symbol as it was known, crisis by crisis.", COLUMNS, rows)


def _known(row: Row) -> tuple[str, ...]:
    return (
        str(row["symbol"]),
        str(row["role"]),
        f"{row['returns']} return" if row["returns"] else "no prices",
        "adjusted" if row["adjusted"] else "as traded",
        str(row["bars"]),
        str(row["opens"] or "none"),
        str(row["volume"]),
        str(row["survivorship"] or "not said"),
    )


def _row(key: tuple[str, ...], where: Sequence[str], every: Sequence[str]) -> tuple[Entry, ...]:
    return (*key, "all" if len(where) == len(every) else listing(list(where)))
