"""Operators that another process compiles meanwhile."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ops import BY_NAME
from engine.run import beside as other
from engine.run import kernels
from engine.run.beside import beside
from engine.run.instructions import njit_once

NAMES = ["wma", "count", "change"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path))
    monkeypatch.setattr(other, "WORTH", 2)
    monkeypatch.setattr(other, "_cores", lambda: 2)
    kernels.kernel_module.cache_clear()
    yield tmp_path
    kernels.kernel_module.cache_clear()


def sealed(folder: Path) -> int:
    """How many operators lie ready: their kernels, or what runs along a block."""
    return sum(
        file.stem.endswith("_lanes") or "_kernels." in file.stem for file in folder.glob("*.sum")
    )


@pytest.mark.parametrize("kind", ["kernel", "along"])
def test_what_the_other_compiles_lies_ready(kind: other.Kind, folder: Path) -> None:
    with beside(kind, NAMES):
        assert sealed(folder) == 0
    assert sealed(folder) == len(NAMES)
    if kind == "kernel":
        made = kernels.kernel_of(BY_NAME["wma"], compile_it=True)
        assert sum(made.stats.cache_hits.values()) == 1


def test_few_operators_are_compiled_here(folder: Path) -> None:
    with beside("kernel", NAMES[:1]):
        pass
    assert sealed(folder) == 0


def test_nobody_compiles_for_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(other, "_started", lambda kind, names: pytest.fail("started"))
    with beside("kernel", NAMES):
        pass


def test_without_the_other_this_one_compiles_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with beside("kernel", NAMES):
        assert kernels.kernel_of(BY_NAME["wma"], compile_it=True).overloads
    assert sealed(folder) == 1


def test_an_interruption_ends_the_other(folder: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), beside("along", NAMES * 1000):
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 20
    assert sealed(folder) == 0


def test_a_number_that_is_written_out_is_compiled_once() -> None:
    given = {"njit": njit_once}
    text = "@njit()\ndef power(x, n): return x if n == 0 else x * n\n"
    exec(text + "@njit()\ndef both(x): return power(x, 2) + power(x, 3)\n", given)
    assert given["both"](5.0) == 25.0  # type: ignore[operator]
    assert len(given["power"].overloads) == 1  # type: ignore[attr-defined]
