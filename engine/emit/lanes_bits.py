"""Writes the loop of a lane program that ends in bits, 64 cells a word (floor 6).

A side is two nodes of which the first is above the second: a bit a cell. A crossing that nothing
else computes with is where a side begins; a comparison of rough values is decided where it is sure
which side a cell is on, and where some cell of a word is on neither the word is worked out again
from the true values.
"""

from collections.abc import Iterable, Iterator, Sequence

from engine.emit.lanes import Lanes, Loop, is_edge
from engine.emit.lanes_writer import LoopWriter, body_of, views_of
from engine.fills.lane_layout import WORDS
from engine.ops.dense import COMPARED

Side = tuple[int, int]


class BitsWriter(LoopWriter):
    """Writes the bits of one loop. crossings: those that begin where a side does. rough: pairs of
    nodes that are compared by rough values. sides: all that the loop keeps."""

    def __init__(self, how: Lanes, loop: Loop, is_rough: bool = False) -> None:
        super().__init__(how, loop, is_rough)
        nodes = how.plan.graph.nodes
        parts = [n for n, is_chain in loop.parts if not is_chain]
        found = {n for n in parts if n in how.forms and is_edge(how.plan, n)}
        self.crossings = {n: _side(how, n) for n in how.planes if n in found}
        compared = [nodes[n].args for n in parts if nodes[n].name in COMPARED]
        pairs = [(min(args), max(args)) for args in compared if not how.rough.isdisjoint(args)]
        self.rough: list[Side] = list(dict.fromkeys(pairs))
        both = [side for a, b in self.rough for side in ((a, b), (b, a))]
        self.sides = list(dict.fromkeys([*both, *self.crossings.values()]))

    def word(self, side: Side) -> str:
        """The name of a side's word."""
        names = [self.names[n] if self.names[n].isidentifier() else f"c{n}" for n in side]
        return "__above__".join(names)

    def is_on(self, side: Side, back: int = 0) -> str:
        """Whether a cell is on a side; at its own bar, or the one before."""
        a, b = (self.before(n) if back else self.refer(n) for n in side)
        is_rough = self.is_rough and not self.how.rough.isdisjoint(side)
        return f"surely_above({a}, {b})" if is_rough else f"{a} > {b}"

    def doubt(self, pairs: Iterable[Side], suffix: str, shift: str) -> str:
        """Whether some cell of a word is on neither side of two rough values."""
        words = [[self.word(side) + suffix for side in (pair, pair[::-1])] for pair in pairs]
        return " | ".join(f"(not are_set(({a} | {b}) >> {shift}, m))" for a, b in words)


def write_bits(how: Lanes, loop: Loop) -> list[str]:
    """The loop: a word of every condition at a time."""
    rough, exact = BitsWriter(how, loop, is_rough=True), BitsWriter(how, loop)
    exact.views = rough.views
    body, alone = _cells(rough), how.lanes == 1
    begun = _begun(rough)
    again = [*begun, "        for j in range(m):", *_cells(exact)]
    before = _one_before(exact) if alone else _all_before(rough, exact)
    first = ["    v = ahead(buf, skip)", *views_of(rough, 1), *before] if before else []
    return [
        "    p = 0",
        f"    m = {how.lanes}",
        *([] if alone else first),
        "    while p < cells:",
        f"        shift = {'(skip + p) & 63' if alone else '0'}",
        *(["        m = min(64 - shift, cells - p)"] if alone else []),
        "        word = (skip + p) >> 6",
        "        v = ahead(buf, skip + p)",
        *views_of(rough, 2),
        *(before if alone else []),
        *begun,
        *(_one_word(body) if alone else [f"        for j in range({how.lanes}):", *body]),
        *_if(rough.doubt(rough.rough, "", "shift"), again, 2),
        *_stored(rough),
        "        p += m",
    ]


def _if(condition: str, lines: list[str], indent: int) -> list[str]:
    """Lines under a condition, where there is one."""
    return ["    " * indent + f"if {condition}:", *("    " + x for x in lines)] if condition else []


def _cells(writer: BitsWriter) -> list[str]:
    """What one cell adds to its words."""
    lines = body_of(writer, 3, writer.crossings)
    for side in writer.sides:
        lines.append(f"            {writer.word(side)} |= bit({writer.is_on(side)}, shift + j)")
    for n in writer.how.planes:
        if n not in writer.crossings:
            name, truth = writer.names[n], writer.refer(n)
            lines.append(f"            {name}_b0 |= bit({truth} == 2, shift + j)")
            if not _is_decided(writer.how, n):
                lines.append(f"            {name}_b1 |= bit({truth} == 1, shift + j)")
    return lines


def _words(how: Lanes, n: int) -> Iterator[tuple[str, str]]:
    """The two words of a condition, and where they lie."""
    for k in range(2):
        yield f"{how.names[n]}_b{k}", f"planes[{how.plane(n) + k * WORDS} + word]"


def _begun(writer: BitsWriter) -> list[str]:
    """All words before a loop: what lies below the first cell of a condition's stays."""
    lines = [f"        {writer.word(side)} = 0" for side in writer.sides]
    for n in writer.how.planes:
        lines += [f"        {w} = {at} & ((1 << shift) - 1)" for w, at in _words(writer.how, n)]
    return lines


def _stored(writer: BitsWriter) -> list[str]:
    """The words of the conditions after a loop."""
    alone, lines = writer.how.lanes == 1, []
    for n, side in writer.crossings.items():
        word = writer.word(side)
        last = f"(({word} << 1) | ({word}_last << shift))" if alone else f"{word}_last"
        lines.append(f"        {writer.names[n]}_b0 |= {word} & ~{last}")
    if not alone:
        words = dict.fromkeys(map(writer.word, writer.crossings.values()))
        lines += [f"        {word}_last = {word}" for word in words]
    for n in writer.how.planes:
        lines += [f"        {at} = {word}" for word, at in _words(writer.how, n)]
    return lines


def _one_before(writer: BitsWriter) -> list[str]:
    """The sides on which a crossing ends, of the bar before the first: the lowest bit."""
    sides = dict.fromkeys(writer.crossings.values())
    lines = [f"        {writer.word(s)}_last = bit({writer.is_on(s, 1)}, 0)" for s in sides]
    return ["        j = 0", *lines] if lines else []


def _all_before(rough: BitsWriter, exact: BitsWriter) -> list[str]:
    """The same as a bit a lane; of rough values both sides, to know whether they are in doubt."""
    crossed = set(rough.crossings.values())
    sides = [side for side in rough.sides if not crossed.isdisjoint((side, side[::-1]))]

    def loop(writer: BitsWriter) -> list[str]:
        lines = [f"    {writer.word(s)}_last = 0" for s in sides]
        lines.append(f"    for j in range({writer.how.lanes}):")
        for s in sides:
            lines.append(f"        {writer.word(s)}_last |= bit({writer.is_on(s, 1)}, j)")
        return lines

    pairs = [pair for pair in rough.rough if pair in sides]
    return [*loop(rough), *_if(rough.doubt(pairs, "_last", "0"), loop(exact), 1)] if sides else []


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


def _is_decided(how: Lanes, n: int) -> bool:
    """Whether a condition is never UNKNOWN on certified bars."""
    node = how.plan.graph.nodes[n]
    if n in how.forms:
        return True
    return node.name in ("and", "or", "not") and all(_is_decided(how, a) for a in node.args)


def _side(how: Lanes, n: int) -> Side:
    """The side on which a crossing ends."""
    a, b = how.plan.graph.nodes[n].args
    return (a, b) if how.plan.graph.nodes[n].name == "cross_above" else (b, a)
