"""The examples that hypothesis draws are the same on every run, so that a landing is decided by
what changed and not by luck. `SEAWALL_RANDOM=1 make test` draws fresh ones.

Every run that a test makes of rule texts is judged a second time (tests/judging.py)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hearing
import judging
import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
if not os.environ.get("SEAWALL_RANDOM"):
    settings.load_profile("same")

FOLDER = Path(tempfile.mkdtemp(prefix="judged-"))
"""Where processes that tests start put down their runs."""
hearing.listen(str(FOLDER))


@pytest.fixture(autouse=True)
def every_order_is_judged_again() -> Iterator[None]:
    """The second checker on every run that the test made."""
    yield
    for given, told in judging.judged(FOLDER):
        wrong = told.of("escape", "disagreement")
        books = [b.name for b in given.desk.books]
        assert not wrong, f"the second checker, of {books}: {wrong[0]}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was judged to the process that prints, and leave no folder behind."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["judged"] = dict(judging.TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    judging.TALLY.update(getattr(node, "workeroutput", {}).get("judged", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With SEAWALL_JUDGED=1: how much was judged, and what could not be read."""
    if os.environ.get("SEAWALL_JUDGED"):
        for what, count in judging.TALLY.most_common():
            terminalreporter.write_line(f"judged: {count} {what}")
