"""Would I have survived? The first screen (floor 10): a sentence per strategy, then the matrix."""

from collections.abc import Sequence

from engine.report.caveats import reason_sentences
from engine.report.facts import held, reason
from engine.report.page.blocks import Block, Fig, Link, Matrix, MatrixCell, Points, Text
from engine.report.page.labels import codes, legend
from engine.report.page.section import Section
from engine.report.page.seen import Seen, crises_of, crisis_id, facts, seen, strategies_of
from engine.report.sentences import sentence
from engine.report.words import count, listing
from engine.session.result import Result


def make(result: Result) -> tuple[Block, ...]:
    """Sentences, matrix, and what stands in the way of the empty cells."""
    runs = seen(result)
    said = tuple(_said(name, runs) for name in strategies_of(runs))
    missing = tuple(reason_sentences(facts(*runs)))
    return (Points(said, "lead"), _matrix(runs), Text(missing, "caveat"))


VERDICT = Section("verdict", "Would I have survived?", make)


def headline(result: Result) -> str:
    """The answer in one sentence."""
    runs = seen(result)
    names = strategies_of(runs)
    ran = [r for r in runs if r.ran is not None]
    if not ran:
        return "Nothing was run: there is no data for any of these crises."
    failed = [n for n in names if any(r.failed for r in runs if r.strategy == n)]
    kept = [n for n in names if n not in failed and any(r.passed for r in ran if r.strategy == n)]
    if not failed and not kept:
        return "No expectation was put to the test."
    if not failed:
        return f"{_all(kept)} would have survived by every expectation set."
    survived = f"{listing(kept)} would have survived; " if kept else ""
    return f"{survived}{listing(failed)} would not, by the expectations set."


def _all(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"All {len(names)}"


def tally(result: Result) -> str:
    """How many expectations failed and held, and over how much."""
    found = [e["holds"] for r in result.summary["runs"] for e in r["expectations"]]
    ran = sum(c.ran is not None for c in result.cells)
    empty = len(result.cells) - ran
    text = f"{count(found.count(False), 'expectation')} failed, {found.count(True):,} held, "
    text += f"in {count(ran, 'run')}"
    return f"{text}; {empty:,} without data." if empty else f"{text}."


def _said(name: str, runs: Sequence[Seen]) -> str | Link:
    """The strategy's sentence, which leads to its worst crisis."""
    mine = [r for r in runs if r.strategy == name]
    text = sentence(name, facts(*mine))
    ran = [r for r in mine if r.ran is not None]
    if not ran:
        return text
    worst = min(ran, key=lambda r: r.row["max_drawdown"] or 0.0)
    return Link(text, worst.id)


# ---------------------------------------------------------------- the matrix


def _matrix(runs: Sequence[Seen]) -> Matrix:
    crises, names = crises_of(runs), strategies_of(runs)
    titles = {r.crisis: str(r.row["crisis_title"]) for r in runs}
    places = {(r.strategy, r.crisis): r for r in runs}
    rows = tuple(
        (n, _title(n, runs), tuple(_cell(places.get((n, c))) for c in crises)) for n in names
    )
    return Matrix(
        says="The deepest fall from a peak within each crisis. The first row is of all symbols "
        "bought and held; the tiny lines are equity, all on one scale, with holding in grey.",
        columns=tuple((c, titles[c], crisis_id(runs, c)) for c in crises),
        rows=(("held", "all symbols bought and held", _held(runs, crises)), *rows),
        legend=legend(runs),
    )


def _title(name: str, runs: Sequence[Seen]) -> str:
    return next(str(r.row["title"] or "") for r in runs if r.strategy == name)


def _cell(run: Seen | None) -> MatrixCell:
    if run is None:
        return MatrixCell(None, None, "", "not run in this crisis")
    partial = reason_of(run) if run.row["status"] != "ran" else ""
    if run.ran is None:
        return MatrixCell(None, None, run.id, partial)
    start = run.cell.start_equity
    return MatrixCell(
        fig=run.fig("percent", "max_drawdown"),
        passed=run.passed,
        to=run.id,
        why=partial,
        codes=codes(run),
        line=tuple(v / start for v in run.ran.history.equity),
        hold=tuple(run.ran.hold.tolist()),
    )


def reason_of(run: Seen) -> str:
    """Why a run is partial or empty."""
    return reason(facts(run)[0])


def _held(runs: Sequence[Seen], crises: Sequence[str]) -> tuple[MatrixCell, ...]:
    """Buy-and-hold of every symbol that each crisis has data for."""
    found = []
    for crisis in crises:
        here = [r for r in runs if r.crisis == crisis]
        row = held(facts(*here))
        run = next((r for r in here if r.row is row), None)
        found.append(_held_cell(run, crisis_id(runs, crisis)))
    return tuple(found)


def _held_cell(run: Seen | None, to: str) -> MatrixCell:
    if run is None or run.ran is None:
        return MatrixCell(None, None, to, "no symbol has data here")
    fig: Fig = run.fig("percent", "buy_and_hold", "max_drawdown")
    return MatrixCell(fig, None, to, hold=tuple(run.ran.hold.tolist()))
