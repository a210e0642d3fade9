"""The report of a real dry-run, opened from its file in a real browser where one is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.report.page.page import page_files
from engine.session.dryrun import dryrun
from engine.session.options import DryrunOptions

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --virtual-time-budget=60000 "
    "--enable-logging=stderr --v=0 --host-resolver-rules=MAP|*|127.0.0.1:9 --dump-dom"
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    options = DryrunOptions(
        files=(ROOT / "strategies.yaml",),
        crises=("2020-covid",),
        strategies=("fade", "vol_hold"),
        out=tmp_path_factory.mktemp("runs"),
    )
    return dryrun(options, render=page_files).folder / "report.html"


def opened(report: Path, place: str, width: int, folder: Path) -> tuple[str, list[str]]:
    """The document after its scripts have run, and what was written to the console."""
    flags = [f.replace("|", " ") for f in FLAGS.split(" ")]
    more = [f"--window-size={width},1000", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [CHROMIUM, *flags, *more, f"{report.as_uri()}#{place}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [row for row in done.stderr.splitlines() if "CONSOLE" in row]


@needs_browser
@pytest.mark.parametrize("width", [1600, 500])
def test_it_opens_without_a_word_on_the_console(report, tmp_path, width):
    document, console = opened(report, "verdict", width, tmp_path)
    assert console == []
    assert "would have survived" in document
    assert not re.search(r"<details[^>]* open", document), "folds are closed until asked for"


@needs_browser
def test_a_link_to_a_run_opens_it(report, tmp_path):
    document, console = opened(report, "run-1", 1200, tmp_path)
    assert console == []
    assert re.search(r'<details id="run-1"[^>]* open', document)
    assert not re.search(r'<details id="run-0"[^>]* open', document)
