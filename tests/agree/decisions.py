"""Runs a loaded program over random data and decisions, and says everything it answered."""

import random
from typing import Any

from engine.run.program import Program, new_state
from tests.typed_generators import bits, data, fields

N = 60


def market_table(program: Program, seed: int, n: int = N) -> list[bytes]:
    """The frontier from `market`."""
    inputs, has = data(program.plan, n, seed)
    return bits(list(program.market(inputs, has, n)))


def stepped_table(
    program: Program, seed: int, n: int = N, resume_at: int = -1, flat: Any = list
) -> list[bytes]:
    """The frontier from `step`, bar by bar; at `resume_at` the state moves to a fresh list."""
    assert program.step is not None
    inputs, has = data(program.plan, n, seed)
    state, table = flat(new_state(program.plan)), list[float]()
    for t in range(n):
        if t == resume_at:
            state = flat([float(cell) for cell in state])
        row = flat([0.0] * program.layout.row_width)
        program.step(flat([c[t] for c in inputs]), flat([h[t] for h in has]), state, row)
        table += list(row)
    return bits(table)


def decisions(
    program: Program, seed: int, n: int = N, flat: Any = list, on_bars: bool = False
) -> list[bytes]:
    """Everything that `rule`, `stops` and `decide` answer, and their cells, over a random account.

    `flat` makes the lists that the functions see (numpy arrays for njit). on_bars: decide only
    where the lane has a bar, as sessions do."""
    inputs, has = data(program.plan, n, seed)
    layout = program.layout
    table = flat(program.market(inputs, has, n))
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
