"""How a strategy's market runs in lanes (floor 6): which form each node takes, and in which loop.

The bars of a block lie in columns of `BLOCK_CELLS` cells, bar after bar and lane beside lane. What
a bar takes from the bar before is a chain, stepped in order; everything else runs along the whole
column at once, whatever bar or lane a cell belongs to, and conditions that nothing else computes
with end as one bit a cell. `lanes_bars` writes the loops, `lanes_state` what lies between them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.emit.lanes_plan import PRICES, gate
from engine.fills.lane_layout import BEFORE, BLOCK_CELLS, COLUMN_CELLS, WORDS
from engine.graph.memory import market_memory
from engine.graph.node import Graph, keeps_state
from engine.graph.plan import Plan
from engine.ops.dense import COMPARED, DENSE_BY_NAME, NEVER_NA, SHORTEST, STRAIGHT, Dense

LANES = 64
LoopKind = Literal["chain", "own", "along", "flat", "bits"]
Part = tuple[int, bool]
"""A node, and whether its chain is meant or what comes after it."""
Key = tuple[int, int]
"""A column: a node, and which of its carried values; -1 is the node's own value."""
VALUE = -1
MANY = 40
"""Nodes from which on `step` is loops over tables."""
ALONE, BESIDE = 12, 24
"""Parts of a loop at most, of one lane and of many: one waits for what it carries, which registers
hold; many read memory one after another, and fewer loops compile sooner."""


@dataclass(frozen=True)
class Loop:
    """Parts that run in one loop.

    chain: bars in order, all lanes of a bar together. own: lane by lane, bars in order; one lane
    runs its chains here too. along: part by part and lane by lane, by operators compiled apart
    (emit.along). flat: along the cells. bits: the same, 64 cells a word."""

    kind: LoopKind
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Lanes:
    """How a plan runs: lanes beside each other, columns in `ins`, and each node's form.

    known: nodes that are never na on certified bars. forms: nodes that run a dense kernel. kept:
    the columns of a block. planes: conditions of the frontier, kept as bits. rough: averages that
    only comparisons among the bits read, to which their rough values do nearly always. unsure:
    inputs that may be na on certified bars."""

    plan: Plan
    names: tuple[str, ...]
    lanes: int
    columns: tuple[str, ...]
    known: frozenset[int]
    forms: Mapping[int, Dense]
    loops: tuple[Loop, ...]
    kept: Mapping[Key, int]
    planes: Mapping[int, int]
    rough: frozenset[int]
    unsure: frozenset[str]

    @property
    def buffer_cells(self) -> int:
        """Cells of all columns of a block."""
        return len(self.kept) * COLUMN_CELLS

    @property
    def plane_words(self) -> int:
        """Words of all planes, and of the two that are never and always set."""
        return (2 * len(self.planes) + 2) * WORDS

    @property
    def step_cells(self) -> int:
        """Numbers that `step` takes, and room for what it works out of them."""
        return len(self.plan.inputs) + len(self.plan.graph.nodes)

    def input_at(self, node: int) -> int:
        """The place of an input among the columns of `ins`."""
        return self.columns.index(self.plan.graph.nodes[node].name)

    def key(self, node: int) -> Key:
        """The column of a node's value."""
        form = self.forms.get(node)
        is_carried = form is not None and form.chain is not None and form.flat is None
        return (node, 0 if is_carried else VALUE)

    def cell(self, key: Key) -> int:
        """The first cell of a column; what it held on the bar before the block lies before it."""
        return self.kept[key] * COLUMN_CELLS + BEFORE

    def plane(self, node: int) -> int:
        """The first word of a condition's plane of TRUE; that of UNKNOWN follows."""
        return 2 * self.planes[node] * WORDS


def plan_lanes(
    plan: Plan,
    names: tuple[str, ...],
    lanes: int,
    columns: tuple[str, ...],
    unsure: frozenset[str] = frozenset(),
) -> Lanes:
    """Choose a form for every market node, and its loops."""
    plan = _with_room(plan, lanes)
    known = known_nodes(plan.graph, unsure)
    forms = {n: row for n in plan.market if (row := dense_form(plan.graph, known, n)) is not None}
    ends, rough = _ends(plan, forms, lanes)
    loops = tuple(_loops(plan, forms, lanes, ends))
    planes = [n for n in plan.frontier if plan.graph.nodes[n].truth]
    bare = Lanes(plan, names, lanes, columns, known, forms, loops, {}, {}, rough, unsure)
    kept = {key: k for k, key in enumerate(_kept(bare))}
    numbered = {n: k for k, n in enumerate(planes)}
    return replace(bare, kept=kept, planes=numbered)


def _with_room(plan: Plan, lanes: int) -> Plan:
    """The plan with rings in which a loop that has run to the end of a block leaves what the next
    one looks back at from its first bar. One lane finds the past of an input in its column."""
    ops = [n for n in plan.market if plan.graph.nodes[n].kind == "op"]
    rings = {series for series, _ in plan.market_cells.rings}
    looked = {n for n in rings if lanes > 1 or plan.graph.nodes[n].kind != "column"}
    domains = {n: plan.domain(n) for n in ops}
    room = dict.fromkeys(looked, BLOCK_CELLS // lanes)
    cells = market_memory(plan.graph, ops, domains, plan.market_cells.held, ahead=room)
    return replace(plan, market_cells=cells)


def known_nodes(graph: Graph, unsure: frozenset[str] = frozenset()) -> frozenset[int]:
    """Nodes that have a value on every certified bar; `unsure` inputs have none on some."""
    known: set[int] = set()
    for n, node in enumerate(graph.nodes):
        if node.kind == "const":
            is_known = node.value == node.value
        elif node.kind == "column":
            is_known = node.name not in unsure
        else:
            is_known = node.kind == "op" and node.name in NEVER_NA
            is_known = is_known and all(a in known for a in node.args)
        if is_known:
            known.add(n)
    return frozenset(known)


def dense_form(graph: Graph, known: frozenset[int], n: int) -> Dense | None:
    """How a node runs on certified bars; None where its own kernel must."""
    node = graph.nodes[n]
    row = DENSE_BY_NAME.get(node.name) if node.kind == "op" else None
    if row is None or not all(a in known for a in node.args):
        return None
    if row.level and node.consts[0] < SHORTEST:
        return None
    first = graph.nodes[node.args[0]]
    is_price = first.kind == "column" and first.name in PRICES
    return row if is_price or not row.leaving else None


def is_tabled(plan: Plan) -> bool:
    """Whether `step` is loops over tables, or written out."""
    is_plain = all(plan.graph.nodes[n].kind in ("op", "column", "const") for n in plan.market)
    return len(plan.market) >= MANY and is_plain and plan.may_fire() is None


def alongs(how: Lanes) -> tuple[str, ...]:
    """The operators that run along a block by themselves: their kernels are called by address."""
    nodes = how.plan.graph.nodes
    found = [n for loop in how.loops if loop.kind == "along" for n, _ in loop.parts]
    return tuple(sorted({nodes[n].name for n in found}))


def gate_words(how: Lanes, name: str) -> int:
    """The first word of a gate's plane: behind all conditions one is never set, and one always."""
    column = gate(how.plan, name)
    if column >= 0:
        return how.plane(how.plan.frontier[column])
    return how.plane_words - (1 if column == -2 else 2) * WORDS


def has_plain_exits(how: Lanes) -> bool:
    """Whether each exit is a condition of the market alone: an open gate is an exit then."""
    rule = [o for o in how.plan.graph.outputs if o.function == "rule"]
    whens = [o.node for o in rule if o.name.startswith("exit.") and o.name.endswith(".when")]
    is_pulled = any(o.name.startswith("trail.") for o in rule)
    return not is_pulled and all(n in how.planes for n in whens)


def shown(how: Lanes) -> list[int]:
    """Where a row finds each node of the frontier: its column, or -1 less its plane."""
    nodes = how.plan.frontier
    return [-1 - how.plane(n) if n in how.planes else how.cell(how.key(n)) for n in nodes]


# ---------------------------------------------------------------- loops


def longest(lanes: int) -> int:
    """Parts of a loop at most."""
    return ALONE if lanes == 1 else BESIDE


def is_leaf(plan: Plan, n: int) -> bool:
    """Whether a node is an input or a constant, which no loop computes."""
    return plan.graph.nodes[n].kind in ("const", "column")


def _kind(plan: Plan, forms: Mapping[int, Dense], lanes: int, part: Part) -> LoopKind:
    n, is_chain = part
    if not is_chain:
        return "flat" if lanes == 1 else "chain"
    if n not in forms:
        return "along"
    return "chain" if lanes > 1 and not forms[n].inside else "own"


def parts_of(plan: Plan, forms: Mapping[int, Dense], n: int) -> tuple[Part, ...]:
    """The parts of a node, in order."""
    node = plan.graph.nodes[n]
    if n in forms:
        form = forms[n]
        return ((n, True),) * (form.chain is not None) + ((n, False),) * (form.flat is not None)
    is_back = node.name == "back" and plan.graph.nodes[node.args[0]].kind == "column"
    is_flat = node.kind != "op" or node.name in STRAIGHT or is_back
    return ((n, not is_flat),)


def lasts_of(plan: Plan, forms: Mapping[int, Dense], n: int) -> Iterator[tuple[int, int]]:
    """Nodes whose value of the bar before a node reads, with the cell of its state for each."""
    if n in forms:
        for place, cell in forms[n].lasts:
            yield plan.graph.nodes[n].args[place], cell


def _computed(plan: Plan) -> list[int]:
    """Market nodes that some loop computes: inputs only where a row shows them."""
    return [n for n in plan.market if not is_leaf(plan, n) or n in plan.frontier]


def _ends(
    plan: Plan, forms: Mapping[int, Dense], lanes: int
) -> tuple[frozenset[int], frozenset[int]]:
    """Nodes that lead to nothing but conditions of the frontier: they may run with the bits; and
    those of them whose rough values do."""
    nodes = plan.graph.nodes
    ends: set[int] = set()
    rough: set[int] = set()
    computed = _computed(plan)
    for n in reversed(computed):
        readers = [m for m in computed if n in nodes[m].args]
        before = [m for m in readers if n in (a for a, _ in lasts_of(plan, forms, m))]
        is_shown = n in plan.frontier and not nodes[n].truth
        is_flat = parts_of(plan, forms, n)[-1] == (n, False)
        to_bits = all(m in ends and not _has_chain(forms, m) for m in readers)
        is_full = len(ends) >= longest(lanes)
        is_rough = n in forms and forms[n].rough is not None
        is_rough &= all(nodes[m].name in COMPARED for m in readers)
        is_rough &= all(is_edge(plan, m) for m in before)
        if is_flat and (is_rough or not before) and not is_shown and to_bits and not is_full:
            ends.add(n)
            rough |= {n} if is_rough else set()
    return frozenset(ends), frozenset(rough)


def is_edge(plan: Plan, n: int) -> bool:
    """Whether a node is a crossing that nothing else computes with: where the bits of one side
    begin."""
    nodes = plan.graph.nodes
    return nodes[n].name in ("cross_above", "cross_below") and not any(
        n in nodes[m].args for m in plan.market
    )


def _has_chain(forms: Mapping[int, Dense], n: int) -> bool:
    return n in forms and forms[n].chain is not None


def _loops(
    plan: Plan, forms: Mapping[int, Dense], lanes: int, ends: frozenset[int]
) -> Iterator[Loop]:
    """As few loops as the order of the parts allows; the bits come last."""
    parts = [part for n in _computed(plan) for part in parts_of(plan, forms, n)]
    last = tuple(part for part in parts if part[0] in ends and not part[1])
    left = [part for part in parts if part not in last]
    kinds: tuple[LoopKind, ...] = ("chain", "own", "along", "flat")
    while left:
        for kind in kinds:
            batch: list[Part] = []
            for part in left:
                rest = set(left) - set(batch)
                before = set(left) if lanes == 1 else rest
                is_kind = _kind(plan, forms, lanes, part) == kind
                if is_kind and _is_ready(plan, forms, part, rest, before):
                    batch.append(part)
            left = [part for part in left if part not in batch]
            most = longest(lanes) if kind != "along" else len(parts)
            for k in range(0, len(batch), most):
                yield Loop(kind, tuple(batch[k : k + most]))
    if any(plan.graph.nodes[n].truth for n in plan.frontier):
        yield Loop("bits", last)


def _is_ready(
    plan: Plan, forms: Mapping[int, Dense], part: Part, left: set[Part], before: set[Part]
) -> bool:
    """Whether all that a part reads is there: in its own loop, or in one before it."""
    n, is_chain = part
    if not is_chain and _has_chain(forms, n):
        return (n, True) not in before
    args = [a for a in plan.graph.nodes[n].args if not is_leaf(plan, a)]
    lasts = [a for a, _ in lasts_of(plan, forms, n) if not is_leaf(plan, a)]
    return not any(p in left for a in args for p in parts_of(plan, forms, a)) and not any(
        p in before for a in lasts for p in parts_of(plan, forms, a)
    )


# ---------------------------------------------------------------- columns


def _kept(how: Lanes) -> list[Key]:
    """The columns: what is read of the bar before first, then numbers of the frontier, then what a
    chain or another loop leaves."""
    plan, nodes = how.plan, how.plan.graph.nodes
    keys = [key for key, _ in ties_of(how)]
    keys += [how.key(n) for n in plan.frontier if not nodes[n].truth]
    home = {part: k for k, loop in enumerate(how.loops) for part in loop.parts}
    for n, is_chain in home:
        if is_chain and n in how.forms:
            keys += [(n, k) for k in range(how.forms[n].kept)]
        own = home[n, is_chain]
        if not is_chain and _has_chain(how.forms, n):
            continue
        wanted = [a for a in nodes[n].args if not is_leaf(plan, a)]
        lasts = [a for a, _ in lasts_of(plan, how.forms, n) if not is_leaf(plan, a)]
        keys += [how.key(a) for a in wanted if home[parts_of(plan, how.forms, a)[-1]] != own]
        keys += [how.key(a) for a in lasts if a not in how.rough]
    for loop in how.loops:
        if loop.kind == "along":
            keys += [how.key(n) for n, _ in loop.parts]
            args = [a for n, _ in loop.parts for a in nodes[n].args]
            keys += [how.key(a) for a in args if not is_leaf(plan, a)]
    ends = len(how.loops) - 1
    for n in plan.frontier:
        if nodes[n].truth and home[parts_of(plan, how.forms, n)[-1]] != ends:
            keys.append(how.key(n))
    return list(dict.fromkeys(keys))


def ties_of(how: Lanes) -> Iterator[tuple[Key, int]]:
    """Columns that chains and others read of the bar before, with the cell that `step` keeps."""
    for n, form in how.forms.items():
        for k, cell in enumerate(form.carries):
            yield (n, k), how.plan.market_cells.state[n] + cell
    for a, cell in lasts_before(how):
        if not is_leaf(how.plan, a) and a not in how.rough:
            yield how.key(a), cell


def lasts_before(how: Lanes) -> Iterator[tuple[int, int]]:
    """Nodes whose value of the bar before some cell of `step` holds."""
    for n in how.forms:
        for a, cell in lasts_of(how.plan, how.forms, n):
            yield a, how.plan.market_cells.state[n] + cell


def starts_at_once(how: Lanes) -> bool:
    """Whether all that is remembered from bar to bar are sums of the last inputs: before the first
    bar these are zero, and so are the inputs."""
    nodes = how.plan.graph.nodes
    for n, is_chain in (part for loop in how.loops for part in loop.parts):
        is_sum = n in how.forms and how.forms[n].leaving
        if is_chain and not is_sum and (n in how.forms or keeps_state(nodes[n])):
            return False
    return True


def rebuilds(how: Lanes) -> bool:
    """Whether every loop that waits for the bar before holds sums alone, which it makes anew."""
    chains = [loop for loop in how.loops if loop.kind in ("chain", "own", "along")]
    sums = {n for n, form in how.forms.items() if form.leaving}
    return starts_at_once(how) and all(p[1] and p[0] in sums for x in chains for p in x.parts)
