"""Rule tests as text (floor 10): what held in one line each, what did not bar by bar."""

from collections.abc import Sequence

from engine.report.glyphs import FAIL, PASS, Screen, harmless
from engine.report.words import count, wrap
from engine.session.answers import Missed, TestResult

SHOWN = 12
"""At most so many missed bars of one test."""


def results_text(results: Sequence[TestResult], screen: Screen) -> str:
    """Every test, then the count."""
    lines = [line for r in results for line in _result(r, screen)]
    return "\n".join([*lines, *([""] if lines else []), summary_line(results, screen)])


def summary_line(results: Sequence[TestResult], screen: Screen) -> str:
    """`11 tests: 10 passed, 1 failed`."""
    failed = sum(not r.passed for r in results)
    text = f"{count(len(results), 'test')}: {len(results) - failed} passed, {failed} failed"
    return screen.paint(text, "red" if failed else "green")


def _result(result: TestResult, screen: Screen) -> list[str]:
    place = f"{result.file}:{result.line}"
    title = f"{PASS if result.passed else FAIL} {result.of}: {result.title}"
    head = wrap(screen.plain(harmless(title)), screen.width, "", "  ")
    if result.passed:
        return [head]
    lines = [screen.paint(head, "red"), f"  {place}"]
    lines += [_missed(m, result.file) for m in result.missed[:SHOWN]]
    more = len(result.missed) - SHOWN
    return [*lines, f"  and {count(more, 'bar')} more"] if more > 0 else lines


def _missed(missed: Missed, file: str) -> str:
    what = f"expected {missed.expected}, was {missed.actual}"
    return f"  bar {missed.bar:>4}  {missed.rule}: {what}   ({file}:{missed.line})"
