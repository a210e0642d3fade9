"""Where each node keeps what it remembers (floor 5): one flat list of cells per area.

Market area: scalars first (bar counters, state, held values), then rings and scratch, so that the
batch shape may keep a few scalars in locals and only the rest in a buffer. Book area: everything
that restarts with a position first, then the rest. A ring belongs to a series and is shared by
every op that looks back at it on the same bars; sizes are powers of two, so a place is found with
`&`.
"""

from collections.abc import Iterable, Mapping

from engine.base.frozen import dataclass
from engine.graph.node import Graph, op_of, wants

BOOK, FOLD = -1, -2
"""Domains that step once per decision; FOLD counts from the position's first close. Others are
frames.
"""

Domains = Mapping[int, int]
"""Node to the domain whose steps make it step."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Cells at .. at + mask hold the last values of one series."""

    series: int
    domain: int
    at: int
    mask: int


@dataclass(frozen=True)
class Memory:
    """Places in one area. counters: bars seen per domain. state: a node's first scalar. held: value
    of a slower clock's node between its bars. kept: value that `rule` computes for `decide`.
    """

    counters: Mapping[int, int]
    state: Mapping[int, int]
    held: Mapping[int, int]
    kept: Mapping[int, int]
    rings: Mapping[tuple[int, int], Ring]
    scratch: Mapping[int, int]
    fold_cells: int
    scalars: int
    init: tuple[float, ...]

    @property
    def size(self) -> int:
        """Cells in all."""
        return len(self.init)

    def rings_of(self, series: int) -> list[Ring]:
        """The rings that hold a series."""
        return [ring for (node, _), ring in self.rings.items() if node == series]


class _Cells:
    """Hands out cells one after another."""

    def __init__(self, graph: Graph, domains: Domains) -> None:
        self.graph = graph
        self.domains = domains
        self.init: list[float] = []
        self.counters: dict[int, int] = {}
        self.state: dict[int, int] = {}
        self.held: dict[int, int] = {}
        self.kept: dict[int, int] = {}
        self.rings: dict[tuple[int, int], Ring] = {}
        self.scratch: dict[int, int] = {}

    def take(self, values: Iterable[float]) -> int:
        at = len(self.init)
        self.init.extend(values)
        return at

    def add_scalars(self, nodes: Iterable[int]) -> None:
        for n in nodes:
            needs = wants(self.graph.nodes[n].name)
            domain = self.domains[n]
            if (needs.index or needs.ring) and domain not in self.counters:
                self.counters[domain] = self.take([0.0])
            if needs.state:
                self.state[n] = self.take(op_of(self.graph.nodes[n]).state)

    def add_buffers(self, nodes: Iterable[int], ahead: Mapping[int, int]) -> None:
        nodes = list(nodes)
        for key, mask in _ring_masks(self.graph, nodes, self.domains, ahead).items():
            self.rings[key] = Ring(key[0], key[1], self.take([0.0] * (mask + 1)), mask)
        for n in nodes:
            node = self.graph.nodes[n]
            if wants(node.name).scratch:
                cells = max(1, int(op_of(node).scratch(node.consts)))
                self.scratch[n] = self.take([0.0] * cells)

    def done(self, fold_cells: int, scalars: int) -> Memory:
        return Memory(
            self.counters,
            self.state,
            self.held,
            self.kept,
            self.rings,
            self.scratch,
            fold_cells,
            scalars,
            tuple(self.init),
        )


NONE: Mapping[int, int] = {}


def market_memory(
    graph: Graph,
    ops: Iterable[int],
    domains: Domains,
    held: Iterable[int],
    na: float = float("nan"),
    ahead: Mapping[int, int] = NONE,
) -> Memory:
    """Cells of the market function; `ops` are its op nodes in order, `held` as Memory says. ahead:
    series that one reader may be so many bars further along than another."""
    ops = list(ops)
    cells = _Cells(graph, domains)
    cells.add_scalars(ops)
    for n in held:
        cells.held[n] = cells.take([1.0 if graph.nodes[n].truth else na])
    scalars = len(cells.init)
    cells.add_buffers(ops, ahead)
    return cells.done(0, scalars)


def book_memory(graph: Graph, ops: list[int], domains: Domains, kept: Iterable[int]) -> Memory:
    """Cells of the book functions: first what restarts with a position, then the rest."""
    cells = _Cells(graph, domains)
    fold = [n for n in ops if domains[n] == FOLD]
    rest = [n for n in ops if domains[n] != FOLD]
    cells.add_scalars(fold)
    cells.add_buffers(fold, NONE)
    fold_cells = len(cells.init)
    cells.add_scalars(rest)
    for n in kept:
        cells.kept[n] = cells.take([1.0 if graph.nodes[n].truth else float("nan")])
    cells.add_buffers(rest, NONE)
    return cells.done(fold_cells, len(cells.init))


def _ring_masks(
    graph: Graph, nodes: list[int], domains: Domains, ahead: Mapping[int, int]
) -> dict[tuple[int, int], int]:
    """The mask of each (series, domain): one less than the power of two above its longest reach,
    and what lies ahead of whoever is behind."""
    reach: dict[tuple[int, int], int] = {}
    for n in nodes:
        node = graph.nodes[n]
        if wants(node.name).ring:
            key = (node.args[0], domains[n])
            own = int(op_of(node).reach(node.consts)) + ahead.get(node.args[0], 0)
            reach[key] = max(reach.get(key, 0), own)
    return {key: (1 << r.bit_length()) - 1 for key, r in reach.items()}
