"""One operator's kernel along a block of bars (floor 6): compiled once, for whatever rule calls it.

`along(bars, lanes, t, skip, x, row, reals, ins, at, buf, st)`: bars t .. t + bars - 1 of one
lane, each number `lanes` cells behind that of the bar before. row: where the result goes in buf,
where each series begins and in which list, lengths of windows, and cells of st. reals: other
constants, and series that are constants. skip, x: the first bar in columns of buf and of ins.
"""

from collections.abc import Sequence

from engine.base.frozen import dataclass
from engine.emit.names import kernel_name, literal
from engine.graph.node import int_consts, wants
from engine.graph.plan import Plan
from engine.ops import BY_NAME
from engine.ops.spec import Op

IN_BUF, IN_INS, IN_REALS = 0, 1, 2
"""In which list a series lies."""
HEAD = "def along(bars, lanes, t, skip, x, row, reals, ins, at, buf, st):"
SERIES_AT = f"""def series_at(kind, place, skip, x, reals, ins, at, buf):
    if kind == {IN_BUF}:
        return ahead(buf, place + skip)
    if kind == {IN_INS}:
        return ahead(ins, at[place] + x)
    return ahead(reals, place)
"""
"""Where a series begins, at the first bar."""


@dataclass(frozen=True)
class Turn:
    """What one call of `along` reads: see there."""

    name: str
    row: tuple[int, ...]
    reals: tuple[float, ...]


@dataclass(frozen=True)
class Place:
    """Where a series lies: in which list, and from where on in it."""

    kind: int
    at: int


def turn_of(
    plan: Plan, n: int, out: int, series: Sequence[Place], ring_column: int | None = None
) -> Turn:
    """The turn of an op node. ring_column: the column of ins that holds its first series' past,
    where no ring does."""
    node, cells, needs = plan.graph.nodes[n], plan.market_cells, wants(plan.graph.nodes[n].name)
    consts = int_consts(node)
    reals = [c for c in consts if not isinstance(c, int)]
    row = [out]
    for place, a in zip(series, node.args, strict=True):
        row += [place.kind, len(reals) if place.kind == IN_REALS else place.at]
        reals += [plan.graph.nodes[a].value] if place.kind == IN_REALS else []
    row += [c for c in consts if isinstance(c, int)]
    if needs.ring and ring_column is None:
        ring = cells.rings[node.args[0], plan.domain(n)]
        row += [1, ring.at, ring.mask]
    elif needs.ring:
        row += [0, ring_column or 0, (1 << 62) - 1]
    row += [cells.scratch[n]] if needs.scratch else []
    row += [cells.state[n]] if needs.state else []
    return Turn(node.name, tuple(row), tuple(reals))


def emit_along(name: str) -> str:
    """The text of an operator's kernel along a block."""
    head, loop, after = _one(BY_NAME[name])
    body = ["out = ahead(buf, row[0] + skip)", *head, "for i in range(bars):"]
    body += ["    " + line for line in loop]
    return "\n".join([HEAD, *("    " + line for line in (*body, *after, "return"))]) + "\n"


def _series(k: int, cell: int) -> list[str]:
    """A series and its stride, from a cell of row on."""
    given = f"row[{cell}], row[{cell + 1}], skip, x, reals, ins, at, buf"
    return [f"x{k} = series_at({given})", f"d{k} = 0 if row[{cell}] == {IN_REALS} else lanes"]


def _read(k: int, is_truth: bool) -> str:
    return f"truth_read(x{k}[i * d{k}])" if is_truth else f"x{k}[i * d{k}]"


def _held(op: Op, call: str) -> str:
    return f"truth_held({call})" if op.result == "truth" else call


def _one(op: Op) -> tuple[list[str], list[str], list[str]]:
    needs, cell, real = wants(op.name), iter(range(1, 100)), iter(range(100))
    truths = [a.kind == "truth" for a in op.args if a.kind != "const"] + [False] * len(op.columns)
    head, loop, args = list[str](), list[str](), list[str]()
    for k, is_truth in enumerate(truths):
        head += _series(k, next(cell))
        next(cell)
        args.append(_read(k, is_truth))
    for spec in (a for a in op.args if a.kind == "const"):
        args.append(f"row[{next(cell)}]" if spec.unit == "bars" else f"reals[{next(real)}]")
    args += ["t + i"] * needs.index
    if needs.ring:
        own, begin, mask = next(cell), next(cell), next(cell)
        head.append(f"ring = st if row[{own}] == 1 else ins")
        head.append(f"begin = row[{begin}] if row[{own}] == 1 else at[row[{begin}]]")
        loop += [
            f"if row[{own}] == 1:",
            f"    st[begin + (t + i & row[{mask}])] = {_read(0, False)}",
        ]
        args += ["ring", "begin", f"row[{mask}]"]
    args += ["st", f"row[{next(cell)}]"] if needs.scratch else []
    states = [f"s{k}" for k in range(needs.state)]
    head += [f"s = row[{next(cell)}]"] if states else []
    head += [f"{name} = st[s + {k}]" for k, name in enumerate(states)]
    call = f"{kernel_name(op.name)}({', '.join([*args, *states])})"
    loop.append(f"{', '.join(['v', *states])} = {call}")
    loop.append(f"out[i * lanes] = {_held(op, 'v')}")
    return head, loop, [f"st[s + {k}] = {name}" for k, name in enumerate(states)]


def tables(number: str, turns: Sequence[Turn], called: Sequence[str]) -> list[str]:
    """The tables that a loop over turns reads: a row of whole numbers and one of floats for each;
    first the place of its operator among what is called."""
    rows = [(called.index(turn.name), *turn.row) for turn in turns]
    wide, reals = widths(turns)
    ints = [str(v) for row in rows for v in (*row, *[0] * (wide - len(row)))]
    floats = [
        literal(v) for turn in turns for v in (*turn.reals, *[0.0] * (reals - len(turn.reals)))
    ]
    return [
        f"ROWS_{number} = table({', '.join(ints)})",
        f"REALS_{number} = table({', '.join(floats)})",
    ]


def widths(turns: Sequence[Turn]) -> tuple[int, int]:
    """The length of a row of whole numbers, and of one of floats: one at least."""
    wide = 1 + max(len(turn.row) for turn in turns)
    return wide, max(1, *(len(turn.reals) for turn in turns))
