"""The across function of a layer (floor 6): one comparison of all symbols per instant and node.

`across(n, m, x, out, spare)`: n instants of m symbols, in the order of their names; x[k] holds the
k-th source and out[j] the j-th result, instant after instant; spare has m cells.
"""

from collections.abc import Sequence

from engine.emit.names import kernel_name, literal
from engine.graph.node import op_of
from engine.graph.plan import Plan


def emit_across(plan: Plan, names: Sequence[str]) -> list[str]:
    """The function that fills every result of a layer."""
    lines = ["def across(n, m, x, out, spare):"]
    lines += [f"    # x[{k}] is {names[n]}" for k, n in enumerate(plan.sources)]
    lines.append("    for t in range(n):")
    for j, n in enumerate(plan.across):
        node = plan.graph.nodes[n]
        series = ", ".join(f"x[{plan.sources.index(a)}]" for a in node.args)
        consts = "".join(f", {literal(c)}" for c in node.consts)
        call = f"{kernel_name(op_of(node).name)}(m, {series}, t * m{consts}, out[{j}], spare)"
        lines.append(f"        {call}  # {names[n]}")
    return lines
