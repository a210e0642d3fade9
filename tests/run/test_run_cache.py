"""The cache of compiled rules: reused when whole, rebuilt when anything is off."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.compile import load_plan, plan_values
from engine.emit.module import emit
from engine.ops import BY_NAME
from engine.run import cache, cpu, kernels
from engine.run.program import Program, choose
from tests.typed_generators import NUMBER, SELF, Apply, Column, Const

CLOSE = Column("close", SELF, NUMBER)
PLAN = plan_values("tiny", {"v": Apply("add", (CLOSE, Const(1.0, NUMBER)), (), SELF, NUMBER)})
MODULE = emit(PLAN)
NAME = cpu.module_name(cpu.module_text(MODULE.text))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path))
    yield tmp_path
    kernels.kernel_module.cache_clear()


def fresh() -> Program:
    """Load as a new process would: nothing of this module is in memory."""
    sys.modules.pop(NAME, None)
    program = load_plan(PLAN, "njit")
    assert program.market([[1.0, 2.0]], [[1.0, 1.0]], 2).tolist() == [2.0, 3.0]
    out = np.zeros(1)
    program.rule(np.array([41.0]), 0, np.zeros(28), 0, np.zeros(1), 0, out, 0)
    assert out[0] == 41.0
    return program


def hits() -> int:
    """How many machine-code files the last load took from disk."""
    made = sys.modules[NAME]
    return sum(sum(f.stats.cache_hits.values()) for f in (made.run, made.rule))


def test_a_second_load_takes_everything_from_the_cache(folder: Path) -> None:
    assert not cpu.is_cached(MODULE)
    fresh()
    assert hits() == 0
    assert cpu.is_cached(MODULE)
    assert fresh().notice == ""
    assert hits() == 2


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))


def empty(file: Path) -> None:
    file.write_bytes(b"")


HARMS = pytest.mark.parametrize(
    "harm", [truncate, flip, empty, Path.unlink], ids=lambda f: f.__name__
)
FILES = pytest.mark.parametrize(
    "pattern", ["*.py", "*.sum", "__pycache__/*.nbi", "__pycache__/*.nbc"]
)


@HARMS
@FILES
def test_a_harmed_cache_is_rebuilt(
    folder: Path, pattern: str, harm: Callable[[Path], None]
) -> None:
    fresh()
    for file in folder.glob(pattern):
        harm(file)
    assert not cpu.is_cached(MODULE)
    assert fresh().notice == ""
    assert hits() == 0
    fresh()
    assert hits() == 2


def anew() -> Any:
    """A kernel as a new process would come by it."""
    kernels.kernel_module.cache_clear()
    return kernels.kernel_of(BY_NAME["stdev"], compile_it=True)


def test_the_next_rule_takes_a_kernel_from_the_cache() -> None:
    assert not anew().stats.cache_hits
    again = anew()
    assert sum(again.stats.cache_hits.values()) == 1


@HARMS
@FILES
def test_harmed_kernels_are_compiled_anew(
    folder: Path, pattern: str, harm: Callable[[Path], None]
) -> None:
    anew()
    for file in folder.glob(pattern):
        harm(file)
    assert not anew().stats.cache_hits
    assert anew().stats.cache_hits


def test_a_harmed_kernel_leaves_the_others(folder: Path) -> None:
    anew()
    kernels.kernel_of(BY_NAME["wma"], compile_it=True)
    for file in folder.glob("__pycache__/*.stdev_step-*.nbc"):
        flip(file)
    assert not anew().stats.cache_hits
    assert kernels.kernel_of(BY_NAME["wma"], compile_it=True).stats.cache_hits


def test_a_folder_that_goes_away_is_made_again(folder: Path) -> None:
    anew()
    shutil.rmtree(folder)
    kernels.kernel_of(BY_NAME["wma"], compile_it=True)
    assert list(folder.glob("__pycache__/*wma*.nbc"))


def test_kernels_from_the_cache_answer_alike() -> None:
    bars, known = [[1.0, 4.0, 2.0, 8.0, 5.0]], [[1.0] * 5]
    deviation = Apply("stdev", (CLOSE,), (3.0,), SELF, NUMBER)
    first = plan_values("first", {"v": deviation})
    doubled = Apply("mul", (deviation, Const(2.0, NUMBER)), (), SELF, NUMBER)
    anew()
    told = load_plan(first, "njit").market(bars, known, 5)
    assert anew().stats.cache_hits
    again = load_plan(plan_values("again", {"v": doubled}), "njit").market(bars, known, 5)
    assert (2.0 * told).tobytes() == again.tobytes()
    assert told.tobytes() == np.array(load_plan(first, "walk").market(bars, known, 5)).tobytes()


def test_a_folder_that_cannot_be_written_is_done_without_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SEAWALL_CACHE", str(tmp_path / "file" / "cache"))
    assert "cannot be written" in fresh().notice
    assert not cpu.is_cached(MODULE)


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_CACHE", "/a")
    assert cache.folder() == Path("/a")
    monkeypatch.delenv("SEAWALL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    assert cache.folder() == Path("/b/seawall")


def test_a_failed_write_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: str, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        cache.write(folder / "x.py", "text")
    assert list(folder.iterdir()) == []


def test_compile_only_when_it_pays() -> None:
    assert choose(149_999, cached=False) == "python"
    assert choose(150_000, cached=False) == "njit"
    assert choose(19_999, cached=True) == "python"
    assert choose(20_000, cached=True) == "njit"
