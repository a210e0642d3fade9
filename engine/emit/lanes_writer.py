"""Writes the parts of one loop of a lane program over certified bars (floor 6)."""

from collections.abc import Container

from engine.emit.lanes import Lanes, Loop, Part, is_leaf, lasts_of, parts_of
from engine.emit.names import literal
from engine.emit.writer import Spelling, Writer
from engine.graph.node import Node, int_consts, wants
from engine.ops.dense import Dense

ANYWHERE = (1 << 62) - 1
"""The mask under which a whole column is the ring of its own past."""
INDEX = {"chain": "l", "own": "i", "flat": "i", "bits": "j"}
OFFSET = {"chain": " + k * 64", "own": "", "flat": "", "bits": " + p"}


class LoopWriter(Writer):
    """Writes the parts of one loop in the form that was chosen for them; is_rough: averages whose
    rough values do by these."""

    def __init__(self, how: Lanes, loop: Loop, is_rough: bool = False) -> None:
        plan, names, cells = how.plan, how.names, how.plan.market_cells
        spelling = Spelling(
            buffer="st",
            offset=str if how.lanes == 1 else lambda cell: f"b + {cell}",
            index=lambda domain: "t",
            read=lambda n, k: f"{names[n]}_s{k}",
            write=lambda n, k: f"{names[n]}_s{k}",
            leaf=lambda n: self.view(n, 0),
        )
        home = {n for n, _ in loop.parts}
        outer = {a for other in how.loops for n, _ in other.parts for a in plan.graph.nodes[n].args}
        named = [*plan.frontier, *(n for n in outer if how.key(n) in how.kept)]
        super().__init__(plan, names, cells, spelling, [n for n, _ in loop.parts], named)
        self.how = how
        self.loop = loop
        self.is_rough = is_rough
        self.index = INDEX[loop.kind]
        self.home = home
        self.views: dict[str, str] = {}
        self.inputs = {n for n in plan.market if plan.graph.nodes[n].kind == "column"}

    # ------------------------------------------------ places

    def view(self, n: int, bars: int) -> str:
        """An input so many bars ago, in a view that begins where the loop does."""
        name = f"ins_{self.how.names[n]}_{bars}"
        begin = f"at[{self.how.input_at(n)}] + x{OFFSET[self.loop.kind]}"
        back = f" - {bars * self.how.lanes}" if bars else ""
        self.views[name] = f"ahead(ins, {begin}{back})"
        cell = f"{name}[{self.index}]"
        return f"truth_read({cell})" if self.plan.graph.nodes[n].truth else cell

    def kept(self, key: tuple[int, int], back: int = 0) -> str:
        """A cell of a column, or the one a bar before."""
        return f"v[{self.how.cell(key) - back * self.how.lanes} + {self.index}]"

    def value(self, n: int, back: int = 0) -> str:
        """A node's value where its loop is another, or that of the bar before."""
        node = self.plan.graph.nodes[n]
        if node.kind == "const":
            return self.names[n]
        if node.kind == "column":
            return self.view(n, back)
        if n in self.how.rough:
            return self._flat(n, back)
        text = self.kept(self.how.key(n), back)
        return f"truth_read({text})" if node.truth else text

    def before(self, n: int) -> str:
        """A node's value of the bar before the first cell, where it is read once."""
        if self.how.lanes > 1 or self.plan.graph.nodes[n].kind != "column":
            return self.value(n, 1)
        return f"ins[at[{self.how.input_at(n)}] + x + p - 1]"

    # ------------------------------------------------ parts

    def write(self, part: Part, indent: int) -> None:
        """One part of a node, and what others keep of it."""
        n, is_chain = part
        node = self.plan.graph.nodes[n]
        form = self.how.forms.get(n)
        if form is None:
            self.node(n, indent)
        elif is_chain:
            self._chain(n, indent)
        else:
            self.line(f"{self.names[n]} = {self._flat(n)}", indent)
        if part == parts_of(self.plan, self.how.forms, n)[-1] and self.how.key(n) in self.how.kept:
            key = self.how.key(n)
            if key[1] < 0:
                text = self.refer(n)
                held = f"truth_held({text})" if node.truth else text
                self.line(f"{self.kept(key)} = {held}", indent)

    def _chain(self, n: int, indent: int) -> None:
        node, form = self.plan.graph.nodes[n], self.how.forms[n]
        assert form.chain is not None
        name = self.names[n]
        args = [self.refer(a) for a in node.args]
        args += [self.value(a, 1) for a, _ in lasts_of(self.plan, self.how.forms, n)]
        args += dense_consts(form, node)
        if form.inside:
            own = [f"{name}_s{k}" for k in form.inside]
            args += [self.spelling.index(0), *self._ring(n, node), *own]
            self.ring_write(n, node, indent)
            self.line(
                f"{name}_c0, {', '.join(own)} = {form.chain.__name__}({', '.join(args)})", indent
            )
        else:
            carried = [f"{name}_c{k}" for k in range(form.kept)]
            if form.leaving:
                args.append(self.view(node.args[0], int(node.consts[0])))
            call = f"{form.chain.__name__}({', '.join([*args, *carried])})"
            self.line(f"{', '.join(carried)} = {call}", indent)
        for k in range(form.kept):
            self.line(f"{self.kept((n, k))} = {name}_c{k}", indent)
        if form.flat is None:
            self._inside[n] = f"{name}_c0"

    def _flat(self, n: int, back: int = 0) -> str:
        node, form = self.plan.graph.nodes[n], self.how.forms[n]
        kernel = form.rough if self.is_rough and n in self.how.rough else form.flat
        assert kernel is not None
        if form.chain is not None:
            args = [self.kept((n, k), back) for k in range(form.kept)]
        else:
            args = [self.refer(a) for a in node.args]
            args += [self.value(a, 1) for a, _ in lasts_of(self.plan, self.how.forms, n)]
        args += dense_consts(form, node)
        return f"{kernel.__name__}({', '.join(args)})"

    def node(self, n: int, indent: int) -> None:
        node = self.plan.graph.nodes[n]
        if node.kind == "op" and node.name == "back" and node.args[0] in self.inputs:
            self.line(f"{self.names[n]} = {self.view(node.args[0], int(node.consts[0]))}", indent)
        elif node.kind != "column":
            super().node(n, indent)

    def ring_write(self, n: int, node: Node, indent: int) -> None:
        if self.how.lanes > 1 or not (wants(node.name).ring and node.args[0] in self.inputs):
            super().ring_write(n, node, indent)

    def _ring(self, n: int, node: Node) -> list[str]:
        """Where the past of an op's first series lies."""
        if self.how.lanes == 1 and node.args[0] in self.inputs:
            return ["ins", f"at[{self.how.input_at(node.args[0])}]", str(ANYWHERE)]
        ring = self.cells.rings[node.args[0], self.plan.domain(n)]
        return [self.spelling.buffer, self.spelling.offset(ring.at), str(ring.mask)]


def dense_consts(form: Dense, node: Node) -> list[str]:
    """A dense kernel's constants. Lengths of windows are floats, where none of them counts: of a
    whole number that is written out a compiler makes a kernel of its own."""
    consts = int_consts(node) if form.inside else map(float, node.consts)
    return [str(c) if isinstance(c, int) else literal(c) for c in consts]


def body_of(writer: LoopWriter, indent: int, left: Container[int] = ()) -> list[str]:
    """What a loop reads of others, and its parts but for those `left`; views come to lie before
    it."""
    how, plan = writer.how, writer.plan
    firsts = [p[0] for p in writer.loop.parts if p == parts_of(plan, how.forms, p[0])[0]]
    read = [a for n in firsts for a in plan.graph.nodes[n].args]
    shown = [n for n, _ in writer.loop.parts if is_leaf(plan, n)]
    ends = [n for n in how.planes if n not in writer.home] if writer.loop.kind == "bits" else []
    for n in dict.fromkeys([*shown, *read, *ends]):
        if plan.graph.nodes[n].kind != "const" and (n not in writer.home or is_leaf(plan, n)):
            writer.line(f"{writer.names[n]} = {writer.value(n)}", indent)
    for part in writer.loop.parts:
        if part[0] not in left:
            writer.write(part, indent)
    lines, writer.lines = writer.lines, []
    return lines


def views_of(writer: LoopWriter, indent: int) -> list[str]:
    return ["    " * indent + f"{name} = {text}" for name, text in writer.views.items()]
