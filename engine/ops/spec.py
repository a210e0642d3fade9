"""What an operator is: one frozen row, read by checker, graph, emitter, docs and tests (floor 2).

Values are plain floats and ints: a number is a float with nan for na; a truth value is an int,
FALSE 0, UNKNOWN 1, TRUE 2 (Kleene: and = min, or = max, not = 2 - x). Kernels use only
+ - * / sqrt and exact integer work, so that plain Python, numba and CUDA agree bit for bit.

Kernel calling convention, in this order (leave out what the row does not ask for):
    kernel(*series, *consts, [i], [ring, at, mask], [scratch, base], *state) -> y or (y, *state)
- series: this bar's value of each series argument (then of each implicit column);
- consts: window lengths (int) or numbers (float) fixed before running;
- i: the frame's own bar index, from 0 (`index=True`);
- ring, at, mask: a flat list holding past values of the FIRST series argument; the value k bars ago
  is ring[at + ((i - k) & mask)]; the current value (k = 0) has been written already. The ring is
  shared between ops that read the same series; mask + 1 is a power of two above the longest reach.
  It is zero before the first bar is written (running sums rely on it). A truth series is held as
  0.0, 1.0, 2.0;
- scratch, base: cells of the op's own from scratch[base] on, zero at the start, kept between bars;
- state: scalars (floats) handed back as the rest of the returned tuple.
`ring` and `scratch` may be the same flat list with different offsets.
"""

from collections.abc import Callable
from typing import Any, Literal

from engine.base.frozen import dataclass

FALSE, UNKNOWN, TRUE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument. kind: `number` or `truth` series, or `const` known before running.

    unit: a name of base.units.UNITS, or a letter (`u`, `v`) bound to the argument's own unit.
    low, high bound a const; default lets the text leave it out.
    """

    name: str
    kind: Literal["number", "truth", "const"] = "number"
    unit: str = "u"
    low: float = 1
    high: float = 5000
    default: float | None = None


Consts = tuple[float, ...]


@dataclass(frozen=True)
class Op:
    """One operator.

    result: `truth`, or a unit expression over the letters bound by the arguments: `u`, `u*v`,
      `u/v`, `root(u)`, `ratio`, `bars`, `shares`, `price`.
    columns: bar columns of its own symbol that the op reads besides its arguments (`high`, `low`,
      …); they follow the series arguments in the kernel call. With no series argument, the first
      column is what `ring` holds.
    defined: bars before the first value, counted on top of the arguments' own (sma(n): n - 1).
    settled: bars until the seed weighs under 0.1%, on top of the arguments' own (sma(n): n - 1).
    reach: how far back the ring must reach (0: no ring). scratch: cells of its own.
    cost: operations per bar, for the static bound.
    series: whole-series definition on numpy arrays, imported lazily; tests and docs only.
    fixed: False when the value on a bar depends on where the series started (ema), True when only
      on the window.
    symbol: how an operator is written when it is not a call (`+`, `crosses above`), else empty.
    across: it compares the symbols of a universe at one close; its kernel is called as ops.across
      says, and `series` takes one close.
    """

    name: str
    title: str
    args: tuple[Arg, ...]
    result: str
    kernel: Callable[..., Any]
    series: Callable[..., Any]
    example: str
    formula: str
    source: str
    state: tuple[float, ...] = ()
    index: bool = False
    columns: tuple[str, ...] = ()
    reach: Callable[[Consts], int] = lambda consts: 0
    scratch: Callable[[Consts], int] = lambda consts: 0
    defined: Callable[[Consts], int] = lambda consts: 0
    settled: Callable[[Consts], int] | None = None
    cost: Callable[[Consts], int] = lambda consts: 1
    fixed: bool = True
    symbol: str = ""
    across: bool = False

    @property
    def callable(self) -> bool:
        """Whether rule text may call it by name."""
        return not self.symbol
