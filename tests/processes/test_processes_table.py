"""The table of processes: rows in order, and each row held to its own moments.

Seeds are fixed and bounds come from theory: a sample mean lies within five standard errors of the
mean, a sample variance within five of its own (its error needs the fourth moment), which chance
misses once in two million.
"""

import ast
import doctest
import inspect
import pkgutil
import random
from importlib import import_module
from math import isnan, log, sqrt

import pytest

import engine.processes
from engine.ops.numbers import LIMIT
from engine.processes import BY_NAME, PROCESSES
from engine.processes.spec import Process
from tests.ops.drive import jit, same
from tests.ops.test_ops_table import CALLS, function_names, used

PATHS = 20_000
ERRORS = 5.0

each_process = pytest.mark.parametrize("process", PROCESSES, ids=lambda p: p.name)


def values_after(process: Process, years: float, steps: int) -> list[float]:
    """The value of many paths, each reached in so many steps."""
    rng, dt = random.Random(f"{process.name} {steps}"), years / steps
    values = []
    for _ in range(PATHS):
        x = process.start
        for _ in range(steps):
            x = process.kernel(x, dt, rng.gauss(0.0, 1.0), *process.defaults)
        values.append(x)
    return values


def test_every_row_of_every_file_is_in_the_tuple() -> None:
    found = pkgutil.iter_modules(engine.processes.__path__)
    modules = [import_module(f"engine.processes.{m.name}") for m in found]
    rows = [v for m in modules for v in vars(m).values() if isinstance(v, Process)]
    assert {p.name for p in rows} == set(BY_NAME)
    assert len(BY_NAME) == len(PROCESSES)


@each_process
def test_rows_are_consistent(process: Process) -> None:
    names = [p.name for p in process.params]
    assert [*inspect.signature(process.kernel).parameters] == ["x", "dt", "z", *names]
    assert [*inspect.signature(process.moments).parameters] == ["x", "t", *names]
    assert all(p.low <= p.default <= p.high and p.title for p in process.params)
    assert process.title and process.formula and process.source
    module = inspect.getmodule(process.kernel)
    assert module is not None
    assert all(head in (module.__doc__ or "") for head in ("What:", "Why:", "Reference:"))
    tried = doctest.testmod(module)
    assert tried.attempted and not tried.failed


@pytest.mark.parametrize(("years", "steps"), [(1.0, 1), (1.0, 4), (0.25, 1)])
@each_process
def test_moments_are_those_of_theory(process: Process, years: float, steps: int) -> None:
    known = process.moments(process.start, years, *process.defaults)
    values = values_after(process, years, steps)
    mean = sum(values) / PATHS
    variance = sum((v - known.mean) ** 2 for v in values) / PATHS
    assert abs(mean - known.mean) <= ERRORS * sqrt(known.variance / PATHS)
    error = sqrt((known.fourth - known.variance**2) / PATHS)
    assert abs(variance - known.variance) <= ERRORS * error


@each_process
def test_moments_over_no_time_are_the_start(process: Process) -> None:
    known = process.moments(process.start, 0.0, *process.defaults)
    assert (known.mean, known.variance, known.fourth) == (process.start, 0.0, 0.0)
    assert process.kernel(process.start, 0.0, 1.5, *process.defaults) == process.start


@each_process
def test_kernels_use_only_exact_arithmetic(process: Process) -> None:
    """Nothing of libm: its last bits differ between machines."""
    calls = [n for n in used(process.kernel, set()) if isinstance(n, ast.Call)]
    names = {n.func.id for n in calls if isinstance(n.func, ast.Name)}
    assert len([n for n in calls if isinstance(n.func, ast.Name)]) == len(calls)
    assert names <= CALLS | function_names(), names


@each_process
def test_python_equals_njit_to_the_bit(process: Process) -> None:
    rng, fast = random.Random(process.name), jit(process.kernel)
    for _ in range(2_000):
        x, z, dt = rng.uniform(0.01, 1e4), rng.gauss(0.0, 2.0), rng.choice((1 / 252, 0.1, 1.0))
        params = [rng.uniform(max(p.low, -1.0), min(p.high, 1.0)) for p in process.params]
        given = (x, dt, z, *params)
        assert same(process.kernel(*given), fast(*given)), given


def test_gbm_log_returns_are_normal_with_the_known_mean_and_deviation() -> None:
    gbm = BY_NAME["gbm"]
    mu, sigma = gbm.defaults
    logs = [log(v / gbm.start) for v in values_after(gbm, 0.5, 2)]
    mean, deviation = (mu - sigma**2 / 2) * 0.5, sigma * sqrt(0.5)
    assert abs(sum(logs) / PATHS - mean) <= ERRORS * deviation / sqrt(PATHS)
    variance = sum((v - mean) ** 2 for v in logs) / PATHS
    assert abs(variance / deviation**2 - 1) <= ERRORS * sqrt(2 / PATHS)
    within = sum(abs(v - mean) <= deviation for v in logs) / PATHS
    assert abs(within - 0.6826894921370859) <= ERRORS * sqrt(0.6827 * 0.3173 / PATHS)


def test_gbm_beyond_every_number_is_na() -> None:
    step = BY_NAME["gbm"].kernel
    assert isnan(step(LIMIT, 1.0, 5.0, 0.0, 1.0))
    assert isnan(step(100.0, 1.0, float("nan"), 0.0, 1.0))
    assert step(100.0, 1.0, -1e4, 0.0, 1.0) == 0.0
