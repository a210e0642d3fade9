"""The plan (floor 5): what each function evaluates, in which order, and in which cells it
remembers.

Everything that emitters and runners need is decided here, so that all of them agree by construction
on order, columns and cells, and differ only in how they compute.
"""

from collections.abc import Iterable, Sequence

from engine.base.frozen import dataclass, replace
from engine.check.typed import CLOCK, SELF, Frame
from engine.fields import BY_NAME as FIELD
from engine.fields import WIDTH
from engine.graph.bounds import operations, warm_up
from engine.graph.memory import BOOK, FOLD, Domains, Memory, book_memory, market_memory
from engine.graph.node import Function, Graph, Node, Output, keeps_state, reached
from engine.graph.stage import Stage, layers_of, read_by, stages

ACROSS = "across:"
"""How the name of an input begins that a layer before computes; the number of its node follows."""

LOCALS = 32
"""Most market scalars that `run` keeps in local variables. A compiler takes time with the square of
their count, and more of them than a processor has registers lie in memory in any case."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column that the session supplies, on plan.frames[frame], as long as the timeline."""

    frame: int
    name: str
    stale: int
    node: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Nodes that step together whenever plan.frames[frame] has a bar."""

    frame: int
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One rule file's functions, ready to emit or walk.

    frames[0] is always the lane's own symbol. visible: market nodes read outside their own segment;
    those of slower clocks are held between bars, the others are na until they step. frontier:
    market nodes that book nodes read, in column order. rule, stops, decide: book nodes in order.
    layers: what runs before, for every symbol of the universe: each layer is a plan of its own on
    the same nodes, whose frontier feeds the nodes of `across`; those are inputs of later layers and
    of this plan. sources: what the nodes of `across` read, in order.
    kept: nodes that `rule` computes and `decide` reads. defined, settled: bars per node (see
    bounds).
    """

    graph: Graph
    stages: tuple[Stage, ...]
    frames: tuple[Frame, ...]
    inputs: tuple[Input, ...]
    segments: tuple[Segment, ...]
    visible: frozenset[int]
    frontier: tuple[int, ...]
    rule: tuple[int, ...]
    stops: tuple[int, ...]
    decide: tuple[int, ...]
    kept: tuple[int, ...]
    market_cells: Memory
    book_cells: Memory
    stops_cells: Memory
    extra_fields: tuple[str, ...]
    defined: tuple[int, ...]
    settled: tuple[int, ...]
    across: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    layers: "tuple[Plan, ...]" = ()

    @property
    def market(self) -> tuple[int, ...]:
        """Market nodes in evaluation order."""
        return tuple(n for s in self.segments for n in s.nodes)

    @property
    def in_locals(self) -> bool:
        """Whether `run` keeps market scalars in local variables, and only the rest in `buf`."""
        return self.market_cells.scalars <= LOCALS

    @property
    def buffer(self) -> tuple[float, ...]:
        """What `buf` of `run` holds before the first bar."""
        return self.market_cells.init[self.market_cells.scalars if self.in_locals else 0 :]

    @property
    def state_bytes(self) -> int:
        """Bytes one lane keeps between bars, market and book together."""
        own = 8 * (self.market_cells.size + self.book_cells.size)
        return own + sum(layer.state_bytes for layer in self.layers)

    @property
    def operations(self) -> int:
        """Operations per bar of one lane, at most."""
        nodes = (*self.market, *self.across, *self.rule, *self.stops, *self.decide)
        return operations(self.graph, nodes) + sum(layer.operations for layer in self.layers)

    @property
    def defined_bars(self) -> int:
        """Bars before every output can have its first value."""
        return max((self.defined[o.node] for o in self.graph.outputs), default=0)

    @property
    def settled_bars(self) -> int:
        """Bars of history after which no output still shows where it started."""
        return max((self.settled[o.node] for o in self.graph.outputs), default=0)

    def outputs(self, function: Function) -> tuple[tuple[str, int], ...]:
        """Names and nodes of a function's outputs, in the order of the layout."""
        return tuple((o.name, o.node) for o in self.graph.outputs if o.function == function)

    def may_fire(self) -> int | None:
        """The node behind the `may_fire` column, if there is one."""
        return next((n for _, n in self.outputs("market")), None)

    def steps_always(self, frame: int) -> bool:
        """Whether the frame has a bar at every instant."""
        return self.frames[frame] == CLOCK

    def is_held(self, node: int) -> bool:
        """Whether a market node's value stays between the bars of its frame."""
        frame = self.graph.nodes[node].frame
        return frame is not None and frame.clock is not None

    def domain(self, node: int) -> int:
        """Whose steps make an op node step: a frame's number, BOOK or FOLD."""
        n = self.graph.nodes[node]
        if self.stages[node] == "book":
            return FOLD if n.fold else BOOK
        return self.frames.index(n.frame) if n.frame is not None else 0

    def field_slot(self, name: str) -> int:
        """The cell of `fields` that a field is read from; extra ones follow the table's."""
        if name in self.extra_fields:
            return WIDTH + self.extra_fields.index(name)
        return FIELD[name].slot


def make_plan(graph: Graph) -> Plan:
    """Decide order, columns and cells for a simplified graph."""
    layers = tuple(_plan(_layer(graph, nodes)) for nodes in layers_of(graph))
    return replace(_plan(graph), layers=layers)


def _layer(graph: Graph, nodes: Iterable[int]) -> Graph:
    """The same nodes, with those that one layer compares across symbols as the outputs."""
    outputs = tuple(Output("across", f"{graph.nodes[n].name}.{n}", n) for n in nodes)
    return replace(graph, kind="across", outputs=outputs, labels=())


def _plan(graph: Graph) -> Plan:
    found = stages(graph.nodes)
    across = tuple(o.node for o in graph.outputs if o.function == "across")
    sources = tuple(sorted({a for n in across for a in graph.nodes[n].args}))
    roots = {f: _roots(graph, (f,)) for f in ("stops", "decide")}
    roots["rule"] = _roots(graph, ("rule", "note"))
    kept = _kept(graph, found, roots["decide"])
    rule = _book(graph, found, [*roots["rule"], *kept], frozenset())
    stops = _book(graph, found, roots["stops"], frozenset())
    decide = _book(graph, found, roots["decide"], frozenset(kept))
    frontier = _frontier(graph, found, (*rule, *stops, *decide), [*_all_roots(roots), *sources])
    given = frozenset(n for n, node in enumerate(graph.nodes) if node.kind == "across")
    market = reached(graph, [*frontier, *_roots(graph, ("market",))], given)
    market = {n for n in market if found[n] == "market"}
    frames = _frames(graph, market)
    segments = _segments(graph, frames, market)
    visible = _visible(graph, segments, frames, [*frontier, *_roots(graph, ("market",))])
    domains = _domains(graph, frames, found)
    order = [n for s in segments for n in s.nodes]
    held = [n for n in order if n in visible and _slow(graph.nodes[n].frame)]
    return Plan(
        graph=graph,
        stages=found,
        frames=frames,
        inputs=_inputs(graph, frames, order),
        segments=segments,
        visible=visible,
        frontier=frontier,
        rule=rule,
        stops=stops,
        decide=decide,
        kept=kept,
        market_cells=market_memory(graph, _ops(graph, order), domains, held),
        book_cells=book_memory(graph, _ops(graph, rule), domains, kept),
        stops_cells=book_memory(graph, _ops(graph, stops), domains, ()),
        extra_fields=_extra_fields(graph),
        defined=warm_up(graph, found),
        settled=warm_up(graph, found, settled=True),
        across=across,
        sources=sources,
    )


def _roots(graph: Graph, functions: Sequence[str]) -> list[int]:
    return [o.node for o in graph.outputs if o.function in functions]


def _all_roots(roots: dict[str, list[int]]) -> list[int]:
    return [n for found in roots.values() for n in found]


def _ops(graph: Graph, nodes: Iterable[int]) -> list[int]:
    return [n for n in nodes if graph.nodes[n].kind == "op"]


def _slow(frame: Frame | None) -> bool:
    return frame is not None and frame.clock is not None


def _kept(graph: Graph, found: Sequence[Stage], roots: list[int]) -> tuple[int, ...]:
    """Book nodes with state that `decide` needs: `rule` steps them, once per close."""
    needed = reached(graph, roots)
    return tuple(n for n in sorted(needed) if found[n] == "book" and keeps_state(graph.nodes[n]))


def _book(
    graph: Graph, found: Sequence[Stage], roots: Sequence[int], kept: frozenset[int]
) -> tuple[int, ...]:
    needed = reached(graph, roots, kept) - kept
    return tuple(n for n in sorted(needed) if found[n] == "book")


def _frontier(
    graph: Graph, found: Sequence[Stage], book: Sequence[int], roots: Sequence[int]
) -> tuple[int, ...]:
    read = {a for n in book for a in graph.nodes[n].args}
    return tuple(n for n in sorted(read.union(roots)) if found[n] == "market")


def _frames(graph: Graph, market: Iterable[int]) -> tuple[Frame, ...]:
    seen = [graph.nodes[n].frame for n in sorted(market)]
    known = [f for f in seen if f is not None]
    return tuple(dict.fromkeys([SELF, *(f for f in known if f == CLOCK), *known]))


def _frame_of(graph: Graph, frames: tuple[Frame, ...], n: int) -> int:
    frame = graph.nodes[n].frame
    return frames.index(frame) if frame is not None else 0


def _segments(graph: Graph, frames: tuple[Frame, ...], market: set[int]) -> tuple[Segment, ...]:
    """As few stretches of one frame as the order of the nodes allows, the lane's own last."""
    left = sorted(market)
    turns = [*range(1, len(frames)), 0]
    made: list[Segment] = []
    while left:
        for frame in turns:
            batch = _ready(graph, frames, left, frame)
            if batch:
                made.append(Segment(frame, tuple(batch)))
                left = [n for n in left if n not in set(batch)]
    return tuple(made)


def _ready(graph: Graph, frames: tuple[Frame, ...], left: list[int], frame: int) -> list[int]:
    waiting = set(left)
    batch: list[int] = []
    for n in left:
        if _frame_of(graph, frames, n) == frame and not waiting.intersection(read_by(graph, n)):
            batch.append(n)
            waiting.discard(n)
    return batch


def _visible(
    graph: Graph, segments: Sequence[Segment], frames: tuple[Frame, ...], frontier: Iterable[int]
) -> frozenset[int]:
    home = {n: k for k, s in enumerate(segments) for n in s.nodes}
    seen = {n for n in frontier if n in home}
    for k, segment in enumerate(segments):
        for n in segment.nodes:
            seen.update(a for a in read_by(graph, n) if a in home and home[a] != k)
    return frozenset(n for n in seen if frames[segments[home[n]].frame] != CLOCK)


def _domains(graph: Graph, frames: tuple[Frame, ...], found: Sequence[Stage]) -> Domains:
    domains: dict[int, int] = {}
    for n, node in enumerate(graph.nodes):
        if found[n] == "book":
            domains[n] = FOLD if node.fold else BOOK
        elif node.frame in frames:
            domains[n] = _frame_of(graph, frames, n)
    return domains


def _inputs(graph: Graph, frames: tuple[Frame, ...], order: Iterable[int]) -> tuple[Input, ...]:
    columns = [(n, graph.nodes[n]) for n in order if graph.nodes[n].kind in ("column", "across")]
    return tuple(Input(_frame_of(graph, frames, n), _called(n, c), c.stale, n) for n, c in columns)


def _called(n: int, node: Node) -> str:
    return node.name if node.kind == "column" else f"{ACROSS}{n}"


def _extra_fields(graph: Graph) -> tuple[str, ...]:
    """Fields without a slot of their own (`run.paused(x)` in claims)."""
    names = [n.name for n in graph.nodes if n.kind == "field"]
    return tuple(dict.fromkeys(n for n in names if n not in FIELD or FIELD[n].slot < 0))
