"""Compiled programs fit the account loop, and small runs never wait for a compiler."""

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from engine.compile import choose_runner, load_plan, plan_values
from engine.ops import OPS
from engine.run import kernels
from engine.run.sources import source_of
from tests.typed_generators import NUMBER, SELF, Apply, Column, Const

CLOSE, TWO = Column("close", SELF, NUMBER), Const(2.0, NUMBER)
PLAN = plan_values("two", {"v": Apply("add", (CLOSE, TWO), (), SELF, NUMBER)})


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEAWALL_CACHE", str(tmp_path_factory.mktemp("cpu")))
        yield


def test_functions_fit_a_typed_list_of_function_pointers() -> None:
    from numba import njit, types
    from numba.typed import List

    program = load_plan(PLAN, "njit")
    arguments = [types.float64[::1], types.int64] * 4
    rules = List.empty_list(types.FunctionType(types.void(*arguments)))
    rules.append(program.rule)

    @njit
    def drive(rules, row, out):  # type: ignore[no-untyped-def]
        for k in range(len(rules)):
            rules[k](row, 1, row, 0, row, 0, out, k)

    out = np.zeros(1)
    drive(rules, np.array([0.0, 7.0]), out)
    assert out[0] == 7.0


def test_the_runner_follows_size_and_cache() -> None:
    assert choose_runner([PLAN], 1000) == "python"
    load_plan(PLAN, "njit")
    assert choose_runner([PLAN], 30_000) == "njit"
    other = plan_values("never compiled", {"v": Column("low", SELF, NUMBER)})
    assert choose_runner([PLAN, other], 30_000) == "python"
    assert choose_runner([PLAN, other], 200_000) == "njit"


def test_planning_and_python_runs_import_neither_numba_nor_numpy() -> None:
    code = (
        "import sys; from tests.run.test_run_lean import run; run();"
        "print(sorted({'numba', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_kernel_signature_matches_its_parameters(op: SimpleNamespace) -> None:
    types = kernels.signature(op)[1:-2].split(", ")
    code = op.kernel.__code__
    assert len(types) == code.co_argcount
    names = code.co_varnames[: code.co_argcount]
    assert [n for n, t in zip(names, types, strict=True) if t.startswith("CPointer")] == [
        n for n in names if n in ("ring", "scratch")
    ]


def test_kernels_may_read_only_numbers_tuples_and_functions() -> None:
    assert "@jit\ndef lt(" in source_of([OPS[5].kernel], "@jit")
    with pytest.raises(TypeError, match="which is no number"):
        source_of([source_of], "@jit")
