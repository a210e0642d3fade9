"""State to and from the cells of `step`, and the loop over a block (floor 6)."""

from collections.abc import Iterable, Iterator

from engine.emit.lanes import (
    Lanes,
    gate_words,
    is_leaf,
    lasts_before,
    rebuilds,
    starts_at_once,
    ties_of,
)
from engine.emit.lanes_bars import LOOP, called_by, names_of
from engine.emit.lanes_writer import dense_consts
from engine.fills.lane_layout import BEFORE, COLUMN_CELLS
from engine.graph.node import keeps_state
from engine.ops.window import ANCHOR


def emit_load(how: Lanes) -> list[str]:
    """`load(t, p, …)`: take what chains carry and what was last from the cells of `step`, into row
    p, of the bar that it has just run."""
    cells = dict(ties_of(how)).values()
    return [
        _table("LOADED", cells),
        "",
        "",
        f"def load({LOOP.format('t, p')}):",
        *_each_tie(how, f"{_column('k')} + p + l", f"st[l * {_size(how)} + LOADED[k]]"),
        "    return",
    ]


def emit_store(how: Lanes) -> list[str]:
    """`store(t, p, …)`: put it back before `step` runs bar t, pasts included; p is the row of the
    bar before."""
    plan, cells, size = how.plan, how.plan.market_cells, _size(how)
    places = [(how.kept[key], cell) for key, cell in ties_of(how)]
    leaves = [(how.input_at(n), cell) for n, cell in _leaves(how) if _is_column(how, n)]
    last = f"ins[at[LAST_OF[k]] + (t - 1) * {how.lanes} + l]"
    lines = [
        _table("STORED_OF", (of for of, _ in places)),
        _table("STORED", (cell for _, cell in places)),
        _table("LAST_OF", (of for of, _ in leaves)),
        _table("LAST", (cell for _, cell in leaves)),
        "",
        "",
        f"def store({LOOP.format('t, p')}):",
        *_each(how, len(places), f"st[l * {size} + STORED[k]] = {_stored('STORED_OF[k]')}"),
        *_each(how, len(leaves), f"st[l * {size} + LAST[k]] = {last}"),
    ]
    for n, cell in lasts_before(how):
        if n in how.rough:
            lines += _each_lane(how, f"st[l * {size} + {cell}] = {_true(how, n)}")
        elif plan.graph.nodes[n].kind == "const":
            lines += _each_lane(how, f"st[l * {size} + {cell}] = {how.names[n]}")
    for cell in cells.counters.values():
        lines += _each_lane(how, f"st[l * {size} + {cell}] = t")
    for ring in cells.rings.values():
        if plan.graph.nodes[ring.series].kind == "column":
            past = f"ins[at[{how.input_at(ring.series)}] + (t - k) * {how.lanes} + l]"
            here = f"st[l * {size} + {ring.at} + ((t - k) & {ring.mask})]"
            lines.append(f"    for k in range(1, min(t, {ring.mask + 1}) + 1):")
            lines += ["    " + text for text in _each_lane(how, f"{here} = {past}")]
    return [*lines, "    return"]


def emit_carry(how: Lanes) -> list[str]:
    """`carry(t, p, …)`: keep the last row of a block, at p, before the first of the next."""
    here = f"{_column('k')} - {how.lanes} + l"
    return [f"def carry({LOOP.format('t, p')}):", *_each_tie(how, here, _stored("k")), "    return"]


def _table(name: str, values: Iterable[int]) -> str:
    """A table of whole numbers beside the functions; one number at least, for its type."""
    return f"{name} = table({', '.join(map(str, list(values) or [0]))})"


def _column(number: str) -> str:
    """The first cell of a column, by its number."""
    return f"{number} * {COLUMN_CELLS} + {BEFORE}"


def _stored(number: str) -> str:
    """A column's cell in row p."""
    return f"buf[{_column(number)} + p + l]"


def _each_tie(how: Lanes, place: str, value: str) -> list[str]:
    """A cell of each column that is read of the bar before; these columns come first."""
    return _each(how, len(dict(ties_of(how))), f"buf[{place}] = {value}")


def _each(how: Lanes, count: int, text: str) -> list[str]:
    """A line for each k below a count, of every lane."""
    if not count:
        return []
    return [
        f"    for k in range({count}):",
        f"        for l in range({how.lanes}):",
        f"            {text}",
    ]


NEVER = 1 << 62
MARKET = (
    *("start", "end", "ins", "buf", "planes", "at", "warm", "quiet", "x", "has", "row", "st"),
    "called",
)


def emit_market(how: Lanes) -> list[str]:
    """`market(…)`: the bars of a block, by `step` where `bars` may not run; `called` is where the
    functions of `called_by` lie, which are compiled each by itself.

    warm: the first bar on which all is defined. quiet: the bars before it open no gate; more than 0
    only where `bars` may run from the first bar on (see `starts_at_once`)."""
    lanes = how.lanes
    again = "" if is_free(how) else f" or (t & {ANCHOR - 1} == 0 and t >= first)"
    before = "t > 0" if is_free(how) else "t >= warm"
    return [
        f"def market({', '.join(MARKET)}):",
        "    one = step_at(called[0])",
        "    t = start",
        *(["    if t < quiet:", "        t = min(end, quiet)"] if is_free(how) else _zero(how)),
        "    while t < end:",
        f"        if t < warm{again}:",
        "            till = max(t + 1, min(end, warm))",
        f"            if {before}:",
        f"                {_call(how, 'store', f't, (t - 1 - start) * {lanes}')}",
        *_steps(how),
        "            if till >= warm:",
        f"                {_call(how, 'load', f't, (till - 1 - start) * {lanes}')}",
        "        else:",
        f"            till = {'end' if is_free(how) else f'min(end, (t | {ANCHOR - 1}) + 1)'}",
        *_loops(how),
        "        t = till",
        *_quiet(how),
        f"    {_call(how, 'carry', f't, (end - 1 - start) * {lanes}')}",
    ]


def _call(how: Lanes, name: str, given: str) -> str:
    """A call of one of the functions that take what a loop takes."""
    own = called_by(how)
    place = f"bars_at(called[{own.index(name)}])" if name in own else name
    return f"{place}({LOOP.format(given)})"


def _loops(how: Lanes) -> list[str]:
    """The loops over the bars t .. till - 1, one after another."""
    own, given = names_of(how), LOOP.format("t, till")
    if len(own) == 1:
        return [f"            {own[0]}({given})"]
    return [
        f"            for k in range({len(own)}):",
        f"                bars_at(called[{called_by(how).index(own[0])} + k])({given})",
    ]


def _zero(how: Lanes) -> list[str]:
    """Sums before the first bar, and the first bar on which `step` must rebuild them."""
    lines = ["    first = 0"]
    if not starts_at_once(how):
        return lines
    begin = _each_tie(how, f"{_column('k')} - {how.lanes} + l", "0.0")
    lines += ["    if quiet > 0:", f"        first = {NEVER if rebuilds(how) else 1}"]
    lines.append("    if t < quiet and t == 0:")
    lines += ["    " + line for line in begin]
    return [*lines, "        t = 0"]


def _quiet(how: Lanes) -> list[str]:
    """Close the first gate over the quiet bars of a block."""
    if not starts_at_once(how):
        return []
    first = gate_words(how, "may_fire")
    return [
        "    if start < quiet:",
        f"        cells = (min(end, quiet) - start) * {how.lanes}",
        "        for k in range(cells >> 6):",
        f"            planes[{first} + k] = 0",
        "        if cells & 63 != 0:",
        f"            planes[{first} + (cells >> 6)] &= -1 << (cells & 63)",
    ]


def is_free(how: Lanes) -> bool:
    """Whether a bar needs nothing of the bars before but inputs: it may be the first to run."""
    nodes = how.plan.graph.nodes
    for n, is_chain in (part for loop in how.loops for part in loop.parts):
        if is_chain and (n in how.forms or keeps_state(nodes[n])):
            return False
    return not list(ties_of(how))


def _steps(how: Lanes) -> list[str]:
    """The bars t .. till - 1 by `step`, lane by lane."""
    size, lanes = _size(how), how.lanes
    return [
        f"            for l in range({lanes}):",
        f"                own = ahead(st, l * {size})",
        "                for u in range(t, till):",
        *(
            f"                    x[{j}] = ins[at[{how.input_at(c.node)}] + u * {lanes} + l]"
            for j, c in enumerate(how.plan.inputs)
        ),
        "                    one(x, has, own, row, called)",
        f"                    cell = (u - start) * {lanes} + l",
        *("                    " + text for text in _shown(how)),
    ]


def _shown(how: Lanes) -> Iterator[str]:
    """What `step` has said of a bar, into columns and planes."""
    for j, n in enumerate(how.plan.frontier):
        if n in how.planes:
            yield f"keep_truth(planes, {how.plane(n)}, cell, row[{j}])"
        else:
            yield f"buf[{how.cell(how.key(n))} + cell] = row[{j}]"


def _leaves(how: Lanes) -> Iterator[tuple[int, int]]:
    """Inputs and constants whose value of the bar before some cell of `step` holds."""
    return ((a, cell) for a, cell in lasts_before(how) if is_leaf(how.plan, a))


def _is_column(how: Lanes, n: int) -> bool:
    return how.plan.graph.nodes[n].kind == "column"


def _true(how: Lanes, n: int) -> str:
    """The value of a rough average, of which only what it carries is kept."""
    form, node = how.forms[n], how.plan.graph.nodes[n]
    assert form.flat is not None
    kept = [f"buf[{how.cell((n, k))} + p + l]" for k in range(form.kept)]
    return f"{form.flat.__name__}({', '.join([*kept, *dense_consts(form, node)])})"


def _each_lane(how: Lanes, text: str) -> list[str]:
    if how.lanes == 1:
        return ["    l = 0", f"    {text}"]
    return [f"    for l in range({how.lanes}):", f"        {text}"]


def _size(how: Lanes) -> int:
    return how.plan.market_cells.size
