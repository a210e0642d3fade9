"""What a command may import: measured by looking at sys.modules, which no slow machine can blur."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[2]

HEAVY = {"numpy", "pandas", "pyarrow", "jsonschema", "numba", "exchange_calendars", "rich"}


def modules_after(*words: str) -> set[str]:
    code = (
        "import sys, io; from engine.cli.main import main; out = sys.stdout; "
        f"sys.stdout = io.StringIO(); main({list(words)!r}); "
        "out.write(' '.join(m.partition('.')[0] + ' ' + m for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_imports_no_library_and_no_floor_but_base():
    loaded = modules_after("--help")
    assert not loaded & (HEAVY | {"lark", "yaml", "json", "dataclasses"})
    ours = {m for m in loaded if m.startswith("engine.")}
    assert all(m.startswith(("engine.base", "engine.cli", "engine.report")) for m in ours)


@pytest.mark.parametrize("verb", [v.name for v in VERBS])
def test_the_help_of_a_verb_imports_nothing_heavy(verb):
    assert not modules_after(verb, "--help") & (HEAVY | {"lark"})


def test_check_stays_off_slow_libraries():
    assert not modules_after("check", "strategies.yaml") & (HEAVY | {"lark"})


def test_the_public_face_is_cheap():
    code = "import sys, seawall; print(' '.join(m.partition('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & (HEAVY | {"lark", "yaml", "argparse"})


def test_the_public_face_has_these_names_and_no_more():
    import seawall

    assert seawall.__all__ == ["__version__", "check", "dryrun", "evaluate", "load", "why"]
    assert all(hasattr(seawall, name) for name in seawall.__all__)


def test_check_stays_off_what_costs_more_than_a_tenth_of_it():
    slow = {
        "dataclasses",
        "inspect",
        "decimal",
        "fractions",
        "difflib",
        "shutil",
    }
    assert not modules_after("check", "strategies.yaml") & slow
