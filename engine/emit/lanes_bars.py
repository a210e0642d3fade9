"""Writes the loops of a lane program over certified bars (floor 6)."""

from collections.abc import Container, Iterator, Sequence

from engine.emit.lanes import Lanes, Loop, Part, is_leaf, lasts_of, parts_of
from engine.emit.names import literal
from engine.emit.writer import Spelling, Writer
from engine.fills.lane_layout import WORDS
from engine.graph.node import Node, int_consts, wants

ANYWHERE = (1 << 62) - 1
"""The mask under which a whole column is the ring of its own past."""
HEAD = "def bars{}(first, end, start, ins, at, st, buf, planes):"
SIDES = {"cross_above": ">", "cross_below": "<"}
AT_ONCE = 6
"""Loops at most that are one function."""
INDEX = {"chain": "l", "own": "i", "flat": "i", "bits": "j"}
OFFSET = {"chain": " + k * 64", "own": "", "flat": "", "bits": " + p"}


class LoopWriter(Writer):
    """Writes the parts of one loop in the form that was chosen for them."""

    def __init__(self, how: Lanes, loop: Loop) -> None:
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
        self.views[name] = f"ins[{begin}{back} : {begin}{back} + {self.count}]"
        cell = f"{name}[{self.index}]"
        return f"truth_read({cell})" if self.plan.graph.nodes[n].truth else cell

    @property
    def count(self) -> str:
        """How many cells the loop passes before its views move on."""
        if self.loop.kind == "chain" or (self.loop.kind == "bits" and self.how.lanes > 1):
            return str(self.how.lanes)
        return "m" if self.loop.kind == "bits" else "count"

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
        args += [str(c) if isinstance(c, int) else literal(c) for c in int_consts(node)]
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

    def _flat(self, n: int) -> str:
        node, form = self.plan.graph.nodes[n], self.how.forms[n]
        assert form.flat is not None
        if form.chain is not None:
            args = [self.kept((n, k)) for k in range(form.kept)]
        else:
            args = [self.refer(a) for a in node.args]
            args += [self.value(a, 1) for a, _ in lasts_of(self.plan, self.how.forms, n)]
        args += [str(c) if isinstance(c, int) else literal(c) for c in int_consts(node)]
        return f"{form.flat.__name__}({', '.join(args)})"

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

    def _arguments(self, n: int, node: Node) -> list[str]:
        args = super()._arguments(n, node)
        if wants(node.name).ring:
            ring = self.cells.rings[node.args[0], self.plan.domain(n)]
            known = [self.spelling.buffer, self.spelling.offset(ring.at), str(ring.mask)]
            place = next(k for k in range(len(args)) if args[k : k + 3] == known)
            args[place : place + 3] = self._ring(n, node)
        return args


def own_cells(how: Lanes, loop: Loop) -> Iterator[tuple[str, int]]:
    """State that the parts of a loop keep in locals while one lane runs: its name and cell."""
    for n, is_chain in loop.parts:
        node = how.plan.graph.nodes[n]
        if is_chain and n not in how.forms:
            cells: Sequence[int] = range(wants(node.name).state)
        else:
            cells = how.forms[n].inside if is_chain else ()
        for k in cells:
            yield f"{how.names[n]}_s{k}", how.plan.market_cells.state[n] + k


# ---------------------------------------------------------------- loops


def emit_bars(how: Lanes) -> list[str]:
    """`bars(first, end, start, ins, at, st, buf, planes)`.

    Bars first .. end - 1 of the block that begins at `start`; at[k] is where the k-th column of
    `ins` begins, `buf` holds the columns of the block, `planes` its conditions. Many loops are
    functions of their own: what a compiler does with one grows faster than its length."""
    write = {"chain": _chain, "own": _own, "flat": _flat, "bits": _bits}
    loops = [write[loop.kind](how, loop) for loop in how.loops]
    if len(loops) <= AT_ONCE:
        return [*_head(how, ""), *(line for loop in loops for line in loop)]
    lines: list[str] = []
    for k in range(len(loops)):
        lines += [*_head(how, f"_{k}"), *loops[k], "", ""]
    calls = [HEAD.format(f"_{k}").removeprefix("def ")[:-1] for k in range(len(loops))]
    return [*lines, HEAD.format(""), *("    " + call for call in calls)]


def _head(how: Lanes, name: str) -> list[str]:
    return [
        HEAD.format(name),
        f"    x = first * {how.lanes}",
        f"    skip = (first - start) * {how.lanes}",
        f"    count = (end - first) * {how.lanes}",
    ]


def _body(writer: LoopWriter, indent: int, left: Container[int] = ()) -> list[str]:
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


def _views(writer: LoopWriter, indent: int) -> list[str]:
    return ["    " * indent + f"{name} = {text}" for name, text in writer.views.items()]


def _flat(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    body = _body(writer, 2)
    return ["    v = buf[skip:]", *_views(writer, 1), "    for i in range(count):", *body]


def _chain(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    chains = [n for n, is_chain in loop.parts if is_chain]
    carried = [(n, k) for n in chains for k in range(how.forms[n].kept)]
    for n, k in carried:
        writer.line(f"{how.names[n]}_c{k} = {writer.kept((n, k), 1)}", 3)
    body = _body(writer, 3)
    return [
        "    for k in range(end - first):",
        f"        v = buf[skip + k * {how.lanes} :]",
        *_views(writer, 2),
        f"        for l in range({how.lanes}):",
        *body,
    ]


def _own(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    states = list(own_cells(how, loop))
    base = "b + " if how.lanes > 1 else ""
    indent = 2 if how.lanes > 1 else 1
    carried = [
        (n, k)
        for n, _ in loop.parts
        if n in how.forms and not how.forms[n].inside
        for k in range(how.forms[n].kept)
    ]
    body = _body(writer, indent + 1)
    head = ["    v = buf[skip:]", *_views(writer, 1)]
    if how.lanes > 1:
        size = how.plan.market_cells.size
        head += [f"    for l in range({how.lanes}):", f"        b = l * {size}"]
    for name, cell in states:
        writer.line(f"{name} = st[{base}{cell}]", indent)
    for n, k in carried:
        writer.line(f"{how.names[n]}_c{k} = v[{how.cell((n, k)) - how.lanes}]", indent)
    if how.lanes > 1:
        writer.line("for k in range(end - first):", indent)
        writer.line(f"i = k * {how.lanes} + l", indent + 1)
        writer.line("t = first + k", indent + 1)
    else:
        writer.line("for i in range(count):", indent)
        writer.line("t = first + i", indent + 1)
    before, writer.lines = writer.lines, []
    for name, cell in states:
        writer.line(f"st[{base}{cell}] = {name}", indent)
    return [*head, *before, *body, *writer.lines]


def _bits(how: Lanes, loop: Loop) -> list[str]:
    writer = LoopWriter(how, loop)
    crossings = _crossings(how, loop)
    body = _body(writer, 3, crossings)
    before = [line for n in crossings for line in _apart(writer, n)]
    alone = how.lanes == 1
    kept, stored = [], []
    for n in how.planes:
        name = how.names[n]
        body += _set_bits(writer, n, crossings)
        if n in crossings:
            kept.append(f"        {name}_b2 = 0")
            last = f"({name}_b2 << 1) | ({name}_b3 << shift)" if alone else f"{name}_b3"
            stored.append(f"        {name}_b0 |= {name}_b2 & ~({last})")
            stored += [] if alone else [f"        {name}_b3 = {name}_b2"]
        for k, word in enumerate((f"{name}_b0", f"{name}_b1")):
            place = f"planes[{how.plane(n) + k * WORDS} + word]"
            kept.append(f"        {word} = {place} & ((1 << shift) - 1)")
            stored.append(f"        {place} = {word}")
    views = _views(writer, 2)
    first = ["    v = buf[skip:]", *_views(writer, 1), *before] if before and not alone else []
    return [
        "    p = 0",
        *first,
        "    while p < count:",
        f"        shift = {'(skip + p) & 63' if alone else '0'}",
        f"        m = {'min(64 - shift, count - p)' if alone else how.lanes}",
        "        word = (skip + p) >> 6",
        "        v = buf[skip + p :]",
        *views,
        *(before if alone else []),
        *kept,
        *(_one_word(body) if alone else [f"        for j in range({how.lanes}):", *body]),
        *stored,
        "        p += m",
    ]


def _one_word(body: Sequence[str]) -> list[str]:
    """A word of one lane's bars: a whole one, of which the compiler knows how long it is, or some
    of it."""
    whole = ["    " + line.replace(", shift + j)", ", j)") for line in body]
    return [
        "        if m == 64:",
        "            for j in range(64):",
        *whole,
        "        else:",
        "            for j in range(m):",
        *("    " + line for line in body),
    ]


def _set_bits(writer: LoopWriter, n: int, crossings: Container[int]) -> list[str]:
    """Put one cell's condition among the bits of its word."""
    how, name, truth = writer.how, writer.how.names[n], writer.refer(n)
    if n in crossings:
        return [f"            {name}_b2 |= bit({_apart_at(writer, n, 0)}, shift + j)"]
    lines = [f"            {name}_b0 |= bit({truth} == 2, shift + j)"]
    if not _is_decided(how, n):
        lines.append(f"            {name}_b1 |= bit({truth} == 1, shift + j)")
    return lines


def _crossings(how: Lanes, loop: Loop) -> dict[int, str]:
    """Crossings that nothing else computes with, and the sign of the side on which they end: one
    is where the bits of that side begin."""
    read = {a for n in how.plan.market for a in how.plan.graph.nodes[n].args}
    found = {n for n, is_chain in loop.parts if not is_chain and n in how.forms and n not in read}
    names = {n: how.plan.graph.nodes[n].name for n in how.planes if n in found}
    return {n: SIDES[name] for n, name in names.items() if name in SIDES}


def _apart_at(writer: LoopWriter, n: int, back: int) -> str:
    """Whether both sides of a crossing lie as they do after it; at this bar, or the one before."""
    node = writer.plan.graph.nodes[n]
    a, b = (writer.before(x) if back else writer.refer(x) for x in node.args)
    return f"{a} {SIDES[node.name]} {b}"


def _apart(writer: LoopWriter, n: int) -> list[str]:
    """The same for the bar before the first, as a bit a lane."""
    name = writer.how.names[n]
    if writer.how.lanes == 1:
        return ["        j = 0", f"        {name}_b3 = bit({_apart_at(writer, n, 1)}, 0)"]
    return [
        f"    {name}_b3 = 0",
        f"    for j in range({writer.how.lanes}):",
        f"        {name}_b3 |= bit({_apart_at(writer, n, 1)}, j)",
    ]


def _is_decided(how: Lanes, n: int) -> bool:
    """Whether a condition is never UNKNOWN on certified bars."""
    node = how.plan.graph.nodes[n]
    if n in how.forms:
        return True
    return node.name in ("and", "or", "not") and all(_is_decided(how, a) for a in node.args)
