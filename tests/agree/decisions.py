"""Runs a loaded program over random data and decisions, and says everything it answered.

A program that compares symbols runs on a small universe, and decides for the first of it."""

import random
from typing import Any

from engine.run.program import Program
from tests.agree import universe
from tests.agree.universe import drawn
from tests.typed_generators import bits, fields

N = 60


def market_table(program: Program, seed: int, n: int = N) -> list[bytes]:
    """The frontier of every symbol from `market`, an instant after the other."""
    made = [list(map(float, table)) for table in universe.tables(program, drawn(n, seed), n)]
    width = program.layout.row_width
    return bits([x for t in range(n) for table in made for x in table[t * width : (t + 1) * width]])


def stepped_table(
    program: Program, seed: int, n: int = N, resume_at: int = -1, flat: Any = list
) -> list[bytes]:
    """The same from `step`, bar by bar; at `resume_at` the state moves to fresh lists."""
    return bits(universe.rows(program, drawn(n, seed), n, resume_at, flat))


def decisions(
    program: Program, seed: int, n: int = N, flat: Any = list, on_bars: bool = False
) -> list[bytes]:
    """Everything that `rule`, `stops` and `decide` answer, and their cells, over a random account.

    `flat` makes the lists that the functions see (numpy arrays for njit). on_bars: decide only
    where the lane has a bar, as sessions do."""
    bars, layout = drawn(n, seed), program.layout
    table = flat(universe.tables(program, bars, n)[0])
    has = bars(program.plan, universe.symbols_of(program.plan)[0])[1]
    cells = flat([9.0, *layout.cells_init])
    said: list[bytes] = []
    rng, qty = random.Random(seed), 0.0
    for t in range(n):
        if on_bars and not has[0][t]:
            continue
        if rng.random() < 0.2:
            qty = 0.0 if qty else rng.choice([100.0, -50.0])
            if qty:
                for k in range(layout.fold_cells):
                    cells[1 + k] = layout.cells_init[k]
        now = flat([7.0, *fields(rng, qty, len(program.plan.extra_fields))])
        where = (table, t * layout.row_width, now, 1, cells, 1)
        for function, width in (
            (program.rule, layout.out_width),
            (program.stops, layout.stops_width),
            (program.decide, layout.decide_width),
        ):
            out = flat([5.0] * (width + 2))
            function(*where, out, 1)
            assert (out[0], out[width + 1]) == (5.0, 5.0)
            said += bits(list(out[1 : width + 1]))
        said += bits(list(cells))
    return said
