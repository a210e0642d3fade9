"""Lines of source for nodes (floor 6): one writer for all functions; a Spelling says where they
differ.

A stateless node that is used once and has no name in the text is written inside its user, so that
source reads like the rule: `z = div(close - mean, stdev_close_20)`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.base.frozen import dataclass
from engine.emit.names import kernel_name, literal
from engine.fields import POSITION_QTY
from engine.graph.memory import Memory, Ring
from engine.graph.node import Node, int_consts, keeps_state, op_of, wants
from engine.graph.plan import Plan

INFIX = {"add": "+", "sub": "-"}
"""Ops whose kernel is this sign and nothing more."""
LONGEST = 60
"""Longest expression that is written inside another."""


@dataclass(frozen=True)
class Spelling:
    """How one function says where things are.

    offset: a cell's place inside `buffer`. index: the bar counter of a domain. read, write: a
    node's k-th state scalar. leaf: the source of a node that is read, not computed (column, field,
    frontier). gated: whether `since entry` values depend on the position (not on a signal row).
    """

    buffer: str
    offset: Callable[[int], str]
    index: Callable[[int], str]
    read: Callable[[int, int], str]
    write: Callable[[int, int], str]
    leaf: Callable[[int], str]
    gated: bool = True


class Writer:
    """Writes the nodes of one function, in order, into `lines`."""

    def __init__(
        self,
        plan: Plan,
        names: Sequence[str],
        cells: Memory,
        spelling: Spelling,
        order: Sequence[int],
        named: Iterable[int],
    ) -> None:
        self.plan = plan
        self.names = names
        self.cells = cells
        self.spelling = spelling
        self.lines: list[str] = []
        self._inside: dict[int, str] = {}
        self._notes = _notes(plan)
        self._once = _used_once(plan, order, {*named, *self._notes})
        self._ringed = {series for series, _ in cells.rings}

    def refer(self, n: int) -> str:
        """How another expression names this node's value."""
        return self._inside.get(n, self.names[n])

    def line(self, text: str, indent: int) -> None:
        self.lines.append("    " * indent + text)

    def node(self, n: int, indent: int) -> None:
        """Compute a node, into its own name or (if short and used once) inside its user."""
        node = self.plan.graph.nodes[n]
        text = self._text(n, node)
        if n in self._once and n not in self._ringed and self._may_inline(node, text):
            self._inside[n] = f"({text})" if node.name in INFIX else text
            return
        if n in self._notes:
            self.line(f"# {self._notes[n]}", indent)
        targets = [self.names[n]]
        if node.kind == "op":
            targets += [self.spelling.write(n, k) for k in range(wants(node.name).state)]
            self.ring_write(n, node, indent)
        self.line(f"{', '.join(targets)} = {text}", indent)

    def ring_write(self, n: int, node: Node, indent: int) -> None:
        """Put the current value of the op's first series into its ring, once per domain."""
        if wants(node.name).ring:
            ring = self.cells.rings[node.args[0], self.plan.domain(n)]
            place = self._place(ring)
            text = f"{self.spelling.buffer}[{place}] = {self.refer(node.args[0])}"
            if "    " * indent + text not in self.lines:
                self.line(text, indent)

    def _may_inline(self, node: Node, text: str) -> bool:
        return node.kind == "op" and not keeps_state(node) and len(text) <= LONGEST

    def _place(self, ring: Ring) -> str:
        index = self.spelling.index(ring.domain)
        inner = f"({index} & {ring.mask})" if index != "0" else "0"
        return f"{self.spelling.offset(ring.at)} + {inner}"

    def _text(self, n: int, node: Node) -> str:
        if node.kind in ("column", "across", "field"):
            return self.spelling.leaf(n)
        if node.kind == "sample":
            return self.refer(node.args[0])
        if node.kind == "gate":
            return self._gate(node)
        if node.name in INFIX:
            a, b = (self.refer(arg) for arg in node.args)
            return f"{a} {INFIX[node.name]} {b}"
        return f"{kernel_name(node.name)}({', '.join(self._arguments(n, node))})"

    def _gate(self, node: Node) -> str:
        value = self.refer(node.args[0])
        if not self.spelling.gated:
            return value
        return f"{'gate_truth' if node.truth else 'gate'}(fields[f + {POSITION_QTY}], {value})"

    def _arguments(self, n: int, node: Node) -> list[str]:
        """Everything after the bracket, in the order that ops.spec lays down."""
        needs, spell = wants(node.name), self.spelling
        args = [_bare(self.refer(a)) for a in node.args]
        args += [str(c) if isinstance(c, int) else literal(c) for c in int_consts(node)]
        if needs.index:
            args.append(spell.index(self.plan.domain(n)))
        if needs.ring:
            ring = self.cells.rings[node.args[0], self.plan.domain(n)]
            args += [spell.buffer, spell.offset(ring.at), str(ring.mask)]
        if needs.scratch:
            args += [spell.buffer, spell.offset(self.cells.scratch[n])]
        return args + [spell.read(n, k) for k in range(needs.state)]


def _bare(text: str) -> str:
    """Without the brackets that an infix expression carries: a comma separates as well."""
    return text[1:-1] if text.startswith("(") else text


def _used_once(plan: Plan, order: Sequence[int], named: set[int]) -> set[int]:
    """Nodes of this function that exactly one other reads and nobody else needs by name."""
    counts = Counter(a for n in order for a in plan.graph.nodes[n].args)
    return {n for n in order if counts[n] == 1 and n not in named}


def _notes(plan: Plan) -> Mapping[int, str]:
    """What the rule text says of each node that it names."""
    notes: dict[int, str] = {}
    for label in plan.graph.labels:
        if label.text:
            notes.setdefault(label.node, f"line {label.line}: {' '.join(label.text.split())}")
    return notes


def truth_to_float(plan: Plan, n: int, text: str) -> str:
    """A value as it goes into a flat list."""
    return f"float({text})" if plan.graph.nodes[n].truth else text


def truth_from_float(plan: Plan, n: int, text: str) -> str:
    """A value as it comes out of a flat list."""
    return f"int({text})" if plan.graph.nodes[n].truth else text


def unknown(plan: Plan, n: int) -> str:
    """The value of a node that has not stepped."""
    return "1" if plan.graph.nodes[n].truth else "nan"


def state_init(node: Node) -> tuple[float, ...]:
    """First values of a node's state."""
    return op_of(node).state
