"""What happened, crisis by crisis (floor 10)."""

import re
from collections.abc import Mapping, Sequence

from engine.report.caveats import caveat_sentences
from engine.report.page.blocks import Block, Entry, Link, Mark, Part, Table, Text
from engine.report.page.labels import codes, legend
from engine.report.page.run import run_fold
from engine.report.page.section import Section
from engine.report.page.sections.verdict import reason_of
from engine.report.page.seen import Seen, crises_of, crisis_id, facts, seen
from engine.report.words import count
from engine.session.result import Result


def make(result: Result) -> tuple[Block, ...]:
    """One part per crisis, in time order."""
    runs = seen(result)
    return tuple(_part(result, runs, c) for c in crises_of(runs))


CRISES = Section("crises", "Crisis by crisis", make)


def _part(result: Result, runs: Sequence[Seen], crisis: str) -> Part:
    mine = [r for r in runs if r.crisis == crisis]
    first = mine[0].row
    title = f"{crisis}: {first['crisis_title']}" if first["crisis_title"] else crisis
    notes = tuple(caveat_sentences(facts(*mine), ()))
    said = described(result.texts, crisis)
    window = f"{first['start']} to {first['end']}, {count(first['bars'], 'session')}."
    blocks: list[Block] = [Text((*said, window)), *_table(mine)]
    blocks += [run_fold(r, result) for r in mine if r.ran is not None]
    return Part(crisis_id(runs, crisis), title, notes, tuple(blocks))


def described(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The comment lines right above a scenario, as the rule file's author wrote them."""
    opening = re.compile(rf'^scenario\s+"?{re.escape(name)}"?[\s{{]')
    for text in texts.values():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if opening.match(line):
                return _comment_above(lines, at)
    return ()


def _comment_above(lines: Sequence[str], at: int) -> tuple[str, ...]:
    first = at
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return tuple(line.lstrip().lstrip("#").strip() for line in lines[first:at])


COLUMNS = (
    "strategy",
    "expectations",
    "return",
    "deepest fall",
    "without limits",
    "held",
    "saved by limits, points",
    "a bar later",
    "costs doubled",
    "trades",
    "orders clipped",
    "denied or stopped",
    "beside it",
)


def _table(runs: Sequence[Seen]) -> list[Block]:
    says = "Returns of every strategy in this crisis, with what each leaves out."
    found = legend(runs)
    beside = [Text((f"Beside each row: {found}.",), "caveat")] if found else []
    return [Table(says, COLUMNS, tuple(_row(r) for r in runs)), *beside]


def _row(run: Seen) -> tuple[Entry, ...]:
    if run.ran is None:
        return (run.strategy, f"no data: {reason_of(run)}", *([None] * (len(COLUMNS) - 2)))
    return (
        Link(run.strategy, run.id),
        Mark(run.passed),
        run.fig("percent", "return"),
        run.fig("percent", "max_drawdown"),
        run.fig("percent", "without_limits", "return"),
        run.fig("percent", "buy_and_hold", "return"),
        run.saved(),
        run.fig("percent", "sensitivity", "delayed", "return"),
        run.fig("percent", "sensitivity", "doubled_costs", "return"),
        run.fig("count", "trades"),
        run.fig("count", "clipped"),
        run.fig("count", "denied"),
        codes(run),
    )
