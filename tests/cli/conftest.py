"""Running the command as a user does, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from newcomer import RULE

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def seawall(tmp_path: Path) -> Run:
    """`seawall("check", "x.rule")` in a fresh process; `cwd` is an empty folder unless given."""

    def run(*words: str, cwd: Path = tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        settings = {k: v for k, v in os.environ.items() if not k.startswith("SEAWALL")}
        settings |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **env}
        return subprocess.run(
            [sys.executable, "-m", "seawall", *words],
            cwd=cwd,
            env=settings,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with one rule file, as a newcomer has it after ten minutes."""
    (tmp_path / "plain.rule").write_text(RULE)
    return tmp_path
