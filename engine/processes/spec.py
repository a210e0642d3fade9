"""What a stochastic process is: one frozen row, read by generators, docs and tests (floor 2).

A kernel takes one step of one path: kernel(x, dt, z, *params) -> the value dt years on, with z a
standard normal draw of the caller's. It uses only the arithmetic of `ops.numbers`, so that plain
Python, numba and CUDA agree bit for bit, and it owns no randomness: the same draws, the same path.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter with its default and the range in which the kernel is defined."""

    name: str
    title: str
    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean, variance and fourth central moment of the value at a time, given its start."""

    mean: float
    variance: float
    fourth: float


@dataclass(frozen=True, slots=True)
class Process:
    """One process.

    kernel: an exact step, so that many short steps have the law of a long one.
    moments: moments(x, t, *params), t years after x; from theory, for tests and docs only.
    start: a usual first value.
    """

    name: str
    title: str
    params: tuple[Param, ...]
    kernel: Callable[..., float]
    moments: Callable[..., Moments]
    start: float
    formula: str
    source: str

    @property
    def defaults(self) -> tuple[float, ...]:
        """The default of each parameter, in the kernel's order."""
        return tuple(p.default for p in self.params)
