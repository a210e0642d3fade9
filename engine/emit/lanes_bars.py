"""Writes the loops of a lane program over certified bars (floor 6)."""

from collections.abc import Iterator

from engine.emit.along import IN_BUF, IN_INS, IN_REALS, Place, Turn, tables, turn_of, widths
from engine.emit.lanes import Lanes, Loop, alongs, rebuilds
from engine.emit.lanes_bits import write_bits
from engine.emit.lanes_writer import LoopWriter, body_of, views_of
from engine.ops.window import ANCHOR

LOOP = "{}, start, ins, at, st, buf, planes, called"
"""What each loop takes, after the bars from which and up to which it runs."""
AT_ONCE = 6
"""Loops at most that are one function."""


def emit_bars(how: Lanes) -> list[str]:
    """`bars(first, end, start, ins, at, st, buf, planes, called)`.

    Bars first .. end - 1 of the block that begins at `start`; at[k] is where the k-th column of
    `ins` begins, `buf` holds the columns of the block, `planes` its conditions; `called` is where
    the functions of `called_by` lie. Many loops are functions of their own, `bars_0` and on: what a
    compiler does with one grows faster than its length."""
    write = {"chain": _chain, "own": _own, "along": _along, "flat": _flat, "bits": write_bits}
    loops = [write[loop.kind](how, loop) for loop in how.loops]
    rows = [line for loop in how.loops if loop.kind == "along" for line in _rows(how, loop)]
    if len(loops) <= AT_ONCE:
        made = [[*_head(how, "bars"), *(line for loop in loops for line in loop)]]
    else:
        made = [[*_head(how, name), *loop] for name, loop in zip(names_of(how), loops, strict=True)]
    parts = [rows, *made] if rows else made
    return "\n\n\n".join("\n".join(lines) for lines in parts).split("\n")


def names_of(how: Lanes) -> tuple[str, ...]:
    """The functions that `emit_bars` writes, in the order in which they are called."""
    count = len(how.loops)
    return ("bars",) if count <= AT_ONCE else tuple(f"bars_{k}" for k in range(count))


def called_by(how: Lanes) -> tuple[str, ...]:
    """What a strategy's functions call by address, by name: `step`, many loops and what lies
    between blocks, and the operators along a block. Each is compiled by itself: numba would put all
    that a function calls by name through the compiler once more."""
    loops = names_of(how)
    own = ("load", "store", "carry", *loops) if len(loops) > 1 else ()
    return ("step", *own, *alongs(how))


def _head(how: Lanes, name: str) -> list[str]:
    return [
        f"def {name}({LOOP.format('first, end')}):",
        f"    x = first * {how.lanes}",
        f"    skip = (first - start) * {how.lanes}",
        f"    cells = (end - first) * {how.lanes}",
    ]


def own_cells(how: Lanes, loop: Loop) -> Iterator[tuple[str, int]]:
    """State that the parts of a loop keep in locals while one lane runs: its name and cell."""
    for n, is_chain in loop.parts:
        for k in how.forms[n].inside if is_chain else ():
            yield f"{how.names[n]}_s{k}", how.plan.market_cells.state[n] + k


def _flat(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    body = body_of(writer, 2)
    return ["    v = ahead(buf, skip)", *views_of(writer, 1), "    for i in range(cells):", *body]


def _chain(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    chains = [n for n, is_chain in loop.parts if is_chain]
    carried = [(n, k) for n in chains for k in range(how.forms[n].kept)]
    for n, k in carried:
        writer.line(f"{how.names[n]}_c{k} = {writer.kept((n, k), 1)}", 3)
    body = body_of(writer, 3)
    return [
        *_anew(how, loop),
        f"    for k in range({_begin(how)}end - first):",
        f"        v = ahead(buf, skip + k * {how.lanes})",
        *views_of(writer, 2),
        f"        for l in range({how.lanes}):",
        *body,
    ]


def _own(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    states = list(own_cells(how, loop))
    base = "b + " if how.lanes > 1 else ""
    indent = 2 if how.lanes > 1 else 1
    carried = [
        (n, k) for n, _ in loop.parts if not how.forms[n].inside for k in range(how.forms[n].kept)
    ]
    body = body_of(writer, indent + 1)
    head = ["    v = ahead(buf, skip)", *views_of(writer, 1), *_anew(how, loop)]
    if how.lanes > 1:
        size = how.plan.market_cells.size
        head += [f"    for l in range({how.lanes}):", f"        b = l * {size}"]
    for name, cell in states:
        writer.line(f"{name} = st[{base}{cell}]", indent)
    for n, k in carried:
        last = " + begin" if _begin(how) and how.lanes == 1 else ""
        writer.line(f"{how.names[n]}_c{k} = v[{how.cell((n, k)) - how.lanes}{last}]", indent)
    if how.lanes > 1:
        writer.line("for k in range(end - first):", indent)
        writer.line(f"i = k * {how.lanes} + l", indent + 1)
        writer.line("t = first + k", indent + 1)
    else:
        writer.line(f"for i in range({_begin(how)}cells):", indent)
        writer.line("t = first + i", indent + 1)
    before, writer.lines = writer.lines, []
    for name, cell in states:
        writer.line(f"st[{base}{cell}] = {name}", indent)
    return [*head, *before, *body, *writer.lines]


def _along(how: Lanes, loop: Loop) -> list[str]:
    number, lanes = how.loops.index(loop), how.lanes
    wide, reals = widths(_turns(how, loop))
    own = f"ahead(st, l * {how.plan.market_cells.size})"
    given = f"end - first, {lanes}, first, skip + l, x + l, ahead(row, 1), reals, ins, at, buf"
    return [
        f"    for k in range({len(loop.parts)}):",
        f"        row = ahead(ROWS_{number}, k * {wide})",
        f"        reals = ahead(REALS_{number}, k * {reals})",
        "        one = along_at(called[row[0]])",
        f"        for l in range({lanes}):",
        f"            one({given}, {own})",
    ]


def _rows(how: Lanes, loop: Loop) -> list[str]:
    return tables(str(how.loops.index(loop)), _turns(how, loop), called_by(how))


def _turns(how: Lanes, loop: Loop) -> list[Turn]:
    """What `along` reads for each part: inputs out of their columns, the rest out of the block."""
    plan, turns = how.plan, list[Turn]()
    for n, _ in loop.parts:
        node = plan.graph.nodes[n]
        first = node.args[0] if node.args else n
        is_column = how.lanes == 1 and plan.graph.nodes[first].kind == "column"
        past = how.input_at(first) if is_column else None
        series = [_place(how, a) for a in node.args]
        turns.append(turn_of(plan, n, how.cell(how.key(n)), series, past))
    return turns


def _place(how: Lanes, n: int) -> Place:
    kind = how.plan.graph.nodes[n].kind
    if kind == "const":
        return Place(IN_REALS, 0)
    return (
        Place(IN_INS, how.input_at(n)) if kind == "column" else Place(IN_BUF, how.cell(how.key(n)))
    )


def _begin(how: Lanes) -> str:
    """From which row on a chain runs, where it may begin with sums made anew."""
    return "begin, " if rebuilds(how) else ""


def _anew(how: Lanes, loop: Loop) -> list[str]:
    """The sums of the first row from their past, oldest first, on a bar on which they are."""
    if not rebuilds(how):
        return []
    lines, each = list[str](), f"for l in range({how.lanes}):"
    for n, _ in loop.parts:
        node, cell = how.plan.graph.nodes[n], how.cell((n, 0))
        past = f"at[{how.input_at(node.args[0])}] + (first - j) * {how.lanes}"
        lines += [f"        {each}", f"            v[{cell} + l] = 0.0"]
        lines.append(f"        for j in range({int(node.consts[0]) - 1}, -1, -1):")
        lines += [f"            past = ahead(ins, {past})", f"            {each}"]
        lines.append(f"                v[{cell} + l] = v[{cell} + l] + past[l]")
    head = [f"    if first & {ANCHOR - 1} == 0 and first > 0:", "        begin = 1"]
    return ["    begin = 0", "    v = ahead(buf, skip)", *head, *lines]
