"""One operator along a whole column (floor 6): its kernel bar by bar, and its dense form between.

`column(end, warm, ins, at, consts, y, spare)`: bars 0 .. end - 1 of ins[at[k] + t] into
ins[y + t]. A column is the ring of its own past: as many zeros lie before it as any operator
reaches back. From bar `warm` on, where the loader certifies that nothing is missing, the dense form
runs up to the next bar on which running sums are rebuilt. One text serves every window. `columns`
does several columns of one operator one after another: a row of at and consts, and a cell of warm
and y, for each.
"""

from engine.emit.names import kernel_name, literal
from engine.graph.node import wants
from engine.ops.dense import Dense
from engine.ops.spec import Op
from engine.ops.window import ANCHOR

HEAD = "def column(end, warm, ins, at, consts, y, spare):"
MANY = """

def columns(end, warm, ins, at, consts, y, spare):
    args, given = len(at) // len(y), len(consts) // len(y)
    for j in range(len(y)):
        for i in range(len(spare)):
            spare[i] = 0.0
        column(end, warm[j], ahead(ins, 0), ahead(at, j * args), ahead(consts, j * given), y[j],
               ahead(spare, 0))
"""


def emit_column(op: Op, form: Dense | None) -> str:
    """The text of an operator's column; form: how it runs on certified bars, if it has one."""
    lines = [HEAD, *_consts(op)]
    lines += [f"    s{k} = {literal(value)}" for k, value in enumerate(op.state)]
    lines += ["    t = 0", "    while t < end:"]
    if form is None:
        return "\n".join([*lines, *_step(op, 2), "        t += 1", "    return"]) + MANY
    lines += [f"        if t < warm or t & {ANCHOR - 1} == 0:", *_step(op, 3), "            t += 1"]
    lines += ["        else:", f"            till = min(end, (t | {ANCHOR - 1}) + 1)"]
    lines += _dense(op, form, 3)
    lines += [f"            s{cell} = ins[at[{place}] + till - 1]" for place, cell in form.lasts]
    return "\n".join([*lines, "            t = till", "    return"]) + MANY


def _series(op: Op) -> list[bool]:
    """Whether each series is a truth; implicit columns come last."""
    return [a.kind == "truth" for a in op.args if a.kind != "const"] + [False] * len(op.columns)


def _consts(op: Op) -> list[str]:
    specs = [a for a in op.args if a.kind == "const"]
    kinds = [("int" if a.unit == "bars" else "float") for a in specs]
    return [f"    c{k} = {kind}(consts[{k}])" for k, kind in enumerate(kinds)]


def _const_names(op: Op) -> list[str]:
    return [f"c{k}" for k in range(sum(a.kind == "const" for a in op.args))]


def _step(op: Op, indent: int) -> list[str]:
    """One bar by the operator's own kernel."""
    needs = wants(op.name)
    args = [
        f"int(ins[at[{k}] + t])" if is_truth else f"ins[at[{k}] + t]"
        for k, is_truth in enumerate(_series(op))
    ]
    args += _const_names(op)
    args += ["t"] * needs.index + ["ins", "at[0]", "-1"] * needs.ring
    args += ["spare", "0"] * needs.scratch
    states = [f"s{k}" for k in range(needs.state)]
    call = f"{kernel_name(op.name)}({', '.join([*args, *states])})"
    value = "float(v)" if op.result == "truth" else "v"
    return _indented([f"{', '.join(['v', *states])} = {call}", f"ins[y + t] = {value}"], indent)


def _dense(op: Op, form: Dense, indent: int) -> list[str]:
    """Certified bars: the chain in one loop and, of one carried value, the rest in another."""
    count = range(len(_series(op)))
    lines = [f"x{k} = ahead(ins, at[{k}] + t)" for k in count]
    lines += [f"last{place} = ahead(ins, at[{place}] + t - 1)" for place, _ in form.lasts]
    lines += ["leaving = ahead(ins, at[0] + t - c0)"] if form.leaving else []
    lines += ["out = ahead(ins, y + t)"]
    args = [f"x{k}[i]" for k in count] + [f"last{place}[i]" for place, _ in form.lasts]
    args += _const_names(op)
    cells = [f"s{cell}" for cell in (form.inside or form.carries)]
    carried, loop = ["w"] if form.inside else cells, ["for i in range(till - t):"]
    if form.chain is not None:
        args += ["t + i", "ins", "at[0]", "-1"] if form.inside else []
        args += ["leaving[i]"] if form.leaving else []
        targets = [*carried, *cells] if form.inside else cells
        call = f"{form.chain.__name__}({', '.join([*args, *cells])})"
        loop.append(f"    {', '.join(targets)} = {call}")
        if form.flat is not None and len(carried) == 1:
            loop += [f"    out[i] = {carried[0]}", "for i in range(till - t):"]
            carried = ["out[i]"]
        args = [*carried, *_const_names(op)]
    value = carried[0] if form.flat is None else f"{form.flat.__name__}({', '.join(args)})"
    value = f"float({value})" if op.result == "truth" else value
    return _indented([*lines, *loop, f"    out[i] = {value}"], indent)


def _indented(lines: list[str], indent: int) -> list[str]:
    return ["    " * indent + line for line in lines]
