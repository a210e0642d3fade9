"""The examples that hypothesis draws are the same on every run, so that a landing is decided by
what changed and not by luck. `SEAWALL_RANDOM=1 make test` draws fresh ones.

Every run that a test makes of rule texts is judged a second time (tests/judging.py)."""

import os
from collections.abc import Iterator

import judging
import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
if not os.environ.get("SEAWALL_RANDOM"):
    settings.load_profile("same")

judging.listen()


@pytest.fixture(autouse=True)
def every_order_is_judged_again() -> Iterator[None]:
    """The second checker on every run that the test made."""
    yield
    for run, told in judging.judged():
        wrong = told.of("escape", "disagreement")
        books = [b.name for b in run.desk.books]
        assert not wrong, f"the second checker, of {books}: {wrong[0]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With SEAWALL_JUDGED=1: how much was judged, and what could not be read."""
    if os.environ.get("SEAWALL_JUDGED"):
        for what, count in judging.TALLY.most_common():
            terminalreporter.write_line(f"judged: {count} {what}")
