"""A finished dry-run as text for a terminal (floor 10), in the order of the report's first screen:
would I have survived, what did my limits do, why exactly, and can I trust these numbers.
"""

from collections.abc import Sequence
from typing import cast

from engine.report.caveats import caveats_text, reasons_text
from engine.report.details import details
from engine.report.facts import Cell, cells_of, failed, has_numbers
from engine.report.glyphs import FAIL, PASS, Screen, harmless
from engine.report.sentences import sentences
from engine.report.survival import survival
from engine.report.words import count, paragraphs, wrap
from engine.session.options import Outcome

SAME = (
    "Compared with the last run of these files: every status, return and deepest fall (to 0.1%) "
    "and every failed expectation is the same."
)


def report(outcome: Outcome, screen: Screen) -> str:
    """Everything that `seawall dryrun` prints."""
    cells = cells_of(outcome.summary)
    said = [wrap(screen.plain(s), screen.width, "", "  ") for s in sentences(cells)]
    return paragraphs(
        [
            "\n".join(said),
            survival(cells, screen),
            reasons_text(cells, screen),
            *details(cells, outcome.commands, screen),
            caveats_text(cells, general_notices(outcome), screen),
            _changes(outcome.changes, screen),
            _ending(cells, outcome, screen),
        ]
    )


def general_notices(outcome: Outcome) -> list[str]:
    """What touches the run as a whole: notices, and params that somebody set by hand."""
    found = [harmless(str(n)) for n in cast(Sequence[object], outcome.summary.get("notices", ()))]
    trials = outcome.summary.get("trials", 0)
    if isinstance(trials, int) and trials:
        found.append(f"{count(trials, 'param')} set by hand: this is a trial, not the shipped text")
    return found


def _changes(changes: Sequence[str] | None, screen: Screen) -> str:
    if changes is None:
        return ""
    if not changes:
        return wrap(screen.plain(SAME), screen.width, "", "  ")
    lines = [wrap(screen.plain(harmless(c)), screen.width, "  ", "    ") for c in changes]
    return "\n".join([screen.paint("Since the last run of these files", "bold"), *lines])


def _ending(cells: Sequence[Cell], outcome: Outcome, screen: Screen) -> str:
    broken = sum(len(failed(c)) for c in cells)
    held = sum(1 for c in cells for e in c.get("expectations", []) if e["holds"])
    size = count(len(cells), "run")
    if not any(has_numbers(c) for c in cells):
        return f"{_nothing(len(cells), screen)}\n{_where(outcome)}"
    if not broken and not held:
        return f"No expectation was put to the test ({size})\n{_where(outcome)}"
    if broken:
        text = f"{FAIL} {count(broken, 'expectation')} failed, {held:,} held ({size})"
        verdict = screen.paint(screen.plain(text), "bold", "red")
    else:
        verdict = screen.plain(f"{PASS} {count(held, 'expectation')} held, none failed ({size})")
    return f"{verdict}\n{_where(outcome)}"


def _where(outcome: Outcome) -> str:
    """The page to open, or the folder of a run that was made without one."""
    return f"report: {outcome.page}" if outcome.page else f"files: {outcome.folder}"


def _nothing(runs: int, screen: Screen) -> str:
    """The ending of a dry-run in which no cell had data: it says nothing about any strategy."""
    where = "the only run" if runs == 1 else f"any of {runs:,} runs"
    text = (
        f"{FAIL} Nothing was run: there is no data for {where}, so this tells nothing about the "
        "strategies. The lines that begin with a crisis above say what is missing; `seawall data "
        "list` shows what there is, --from and --to replay another window."
    )
    return screen.paint(wrap(screen.plain(text), screen.width, "", "  "), "bold", "red")
