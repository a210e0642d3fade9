"""State to and from the cells of `step`, and the loop over a block (floor 6)."""

from collections.abc import Iterator

from engine.emit.lanes import Key, Lanes, gate_words, is_leaf, lasts_of
from engine.graph.node import int_consts, keeps_state
from engine.ops.window import ANCHOR


def emit_load(how: Lanes) -> list[str]:
    """`load(p, st, buf)`: take what chains carry and what was last from the cells of `step`, into
    the row of the bar that it has just run."""
    lines = ["def load(p, st, buf):"]
    for key, cell in dict(_ties(how)).items():
        lines += _each_lane(how, f"buf[{how.cell(key)} + p + l] = st[l * {_size(how)} + {cell}]")
    return [*lines, "    return"]


def emit_store(how: Lanes) -> list[str]:
    """`store(t, p, ins, at, st, buf)`: put it back before `step` runs bar t, pasts included; p is
    the row of the bar before."""
    plan, cells, size = how.plan, how.plan.market_cells, _size(how)
    lines = ["def store(t, p, ins, at, st, buf):"]
    for key, cell in _ties(how):
        lines += _each_lane(how, f"st[l * {size} + {cell}] = buf[{how.cell(key)} + p + l]")
    for n, cell in _lasts(how):
        if n in how.rough:
            lines += _each_lane(how, f"st[l * {size} + {cell}] = {_true(how, n)}")
    for n, cell in _leaves(how):
        text = plan.graph.nodes[n].kind == "const" and how.names[n]
        last = text or f"ins[at[{how.input_at(n)}] + (t - 1) * {how.lanes} + l]"
        lines += _each_lane(how, f"st[l * {size} + {cell}] = {last}")
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
    """`carry(p, buf)`: keep the last row of a block, at p, before the first of the next."""
    lines = ["def carry(p, buf):"]
    for key in dict(_ties(how)):
        cell = how.cell(key)
        lines += _each_lane(how, f"buf[{cell - how.lanes} + l] = buf[{cell} + p + l]")
    return [*lines, "    return"]


MARKET = (
    *("start", "end", "ins", "buf", "planes", "at", "warm", "quiet", "x", "has", "row", "st"),
)


def emit_market(how: Lanes) -> list[str]:
    """`market(…)`: the bars of a block, by `step` where `bars` may not run.

    warm: the first bar on which all is defined. quiet: the bars before it open no gate; more than 0
    only where `bars` may run from the first bar on (see `starts_at_once`)."""
    lanes = how.lanes
    again = "" if is_free(how) else f" or (t & {ANCHOR - 1} == 0 and t >= first)"
    before = "t > 0" if is_free(how) else "t >= warm"
    return [
        f"def market({', '.join(MARKET)}):",
        "    t = start",
        *(["    if t < quiet:", "        t = min(end, quiet)"] if is_free(how) else _zero(how)),
        "    while t < end:",
        f"        if t < warm{again}:",
        "            till = max(t + 1, min(end, warm))",
        f"            if {before}:",
        f"                store(t, (t - 1 - start) * {lanes}, ins, at, st, buf)",
        *_steps(how),
        "            if till >= warm:",
        f"                load((till - 1 - start) * {lanes}, st, buf)",
        "        else:",
        f"            till = {'end' if is_free(how) else f'min(end, (t | {ANCHOR - 1}) + 1)'}",
        "            bars(t, till, start, ins, at, st, buf, planes)",
        "        t = till",
        *_quiet(how),
        f"    carry((end - 1 - start) * {lanes}, buf)",
    ]


def starts_at_once(how: Lanes) -> bool:
    """Whether all that is remembered from bar to bar are sums of the last inputs: before the first
    bar these are zero, and so are the inputs."""
    nodes = how.plan.graph.nodes
    for n, is_chain in (part for loop in how.loops for part in loop.parts):
        is_sum = n in how.forms and how.forms[n].leaving
        if is_chain and not is_sum and (n in how.forms or keeps_state(nodes[n])):
            return False
    return True


def _zero(how: Lanes) -> list[str]:
    """Sums before the first bar, and the first bar on which they are rebuilt."""
    lines = ["    first = 0"]
    if not starts_at_once(how):
        return lines
    lines += ["    if quiet > 0:", "        first = 1", "    if t < quiet and t == 0:"]
    for key in dict(_ties(how)):
        cell = how.cell(key) - how.lanes
        lines += ["    " + line for line in _each_lane(how, f"buf[{cell} + l] = 0.0")]
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
    return not list(_ties(how))


def _steps(how: Lanes) -> list[str]:
    """The bars t .. till - 1 by `step`, lane by lane."""
    size, lanes = _size(how), how.lanes
    return [
        f"            for l in range({lanes}):",
        f"                own = st[l * {size} : (l + 1) * {size}]",
        "                for u in range(t, till):",
        *(
            f"                    x[{j}] = ins[at[{how.input_at(c.node)}] + u * {lanes} + l]"
            for j, c in enumerate(how.plan.inputs)
        ),
        "                    step(x, has, own, row)",
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


def _ties(how: Lanes) -> Iterator[tuple[Key, int]]:
    """Columns that chains and others read of the bar before, with the cell that `step` keeps."""
    for n, form in how.forms.items():
        for k, cell in enumerate(form.carries):
            yield (n, k), how.plan.market_cells.state[n] + cell
    for a, cell in _lasts(how):
        if not is_leaf(how.plan, a) and a not in how.rough:
            yield how.key(a), cell


def _leaves(how: Lanes) -> Iterator[tuple[int, int]]:
    """Inputs and constants whose value of the bar before some cell of `step` holds."""
    return ((a, cell) for a, cell in _lasts(how) if is_leaf(how.plan, a))


def _lasts(how: Lanes) -> Iterator[tuple[int, int]]:
    """Nodes whose value of the bar before some cell of `step` holds."""
    for n in how.forms:
        for a, cell in lasts_of(how.plan, how.forms, n):
            yield a, how.plan.market_cells.state[n] + cell


def _true(how: Lanes, n: int) -> str:
    """The value of a rough average, of which only what it carries is kept."""
    form, consts = how.forms[n], int_consts(how.plan.graph.nodes[n])
    assert form.flat is not None
    kept = [f"buf[{how.cell((n, k))} + p + l]" for k in range(form.kept)]
    return f"{form.flat.__name__}({', '.join([*kept, *map(str, consts)])})"


def _each_lane(how: Lanes, text: str) -> list[str]:
    if how.lanes == 1:
        return ["    l = 0", f"    {text}"]
    return [f"    for l in range({how.lanes}):", f"        {text}"]


def _size(how: Lanes) -> int:
    return how.plan.market_cells.size
