"""Floors and tables: what import-linter and the folder listings must say."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_folder_of_the_engine_has_a_floor() -> None:
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = {
        part.strip() for layer in layers["contracts"][0]["layers"] for part in layer.split("|")
    }
    folders = {
        f"engine.{p.name}" for p in (ROOT / "engine").iterdir() if (p / "__init__.py").exists()
    }
    assert folders - {"engine.shipped"} <= named


def test_floors_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_runners_name_numba() -> None:
    users = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "engine").rglob("*.py")
        if "import numba" in p.read_text() or "from numba" in p.read_text()
    ]
    assert all(u.startswith("engine/run/") for u in users), users


def test_requirements_name_no_index_and_hash_everything() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "index" not in text
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert all(line.endswith("\\") for line in pins)
