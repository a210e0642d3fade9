"""The columns that sets of parameters share (floor 7): laid out once, filled by each run.

A column is an input, a constant, or an operator on other columns, which may begin after as many
zeros as any operator reaches back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np

from engine.emit.lanes import dense_form, known_nodes
from engine.graph.bounds import warm_up
from engine.graph.node import Graph, Node, op_of
from engine.graph.stage import stages
from engine.run.columns import Fill, load_columns
from engine.run.lanes_laying import LARGEST, is_level, rests

MOST_BYTES = 2 << 30
"""Room for all columns of a run together."""


@dataclass(frozen=True)
class Job:
    """Columns of one operator that a run fills in a row, with what `emit.columns` takes. warm: from
    where the dense form of each runs; spare: cells of what it works in."""

    fill: Fill
    warm: Any
    reads: Any
    consts: Any
    places: Any
    spare: int


@dataclass(frozen=True)
class Columns:
    """Every column, one after another in `ins`: those of nodes first, then those of fills.

    places: where bar 0 of each lies. known: the first bar on which each node has a value.
    is_sure: whether no input is missing or beyond all bounds."""

    ins: Any
    places: tuple[int, ...]
    jobs: tuple[Job, ...]
    known: tuple[int, ...]
    is_sure: bool
    bars: int

    def fill(self, compiled: bool) -> None:
        """Work out every column."""
        ins = self.ins if compiled else memoryview(self.ins)
        for job in self.jobs:
            spare = np.zeros(job.spare)
            job.fill(self.bars, job.warm, ins, job.reads, job.consts, job.places, spare)


def lay_columns(
    nodes: Sequence[Node],
    inputs: Mapping[str, Any],
    fills: Sequence[Any],
    compiled: bool,
    told: Callable[[str], None],
) -> Columns:
    """Lay out the columns of these nodes and of what fills read; inputs by name.

    Raises ValueError where they are too many for memory."""
    bars = len(fills[0])
    ops = [node for node in nodes if node.kind == "op"]
    pad = max((int(op_of(node).reach(node.consts)) for node in ops), default=0)
    count = len(nodes) + len(fills)
    if count * (pad + bars) * 8 > MOST_BYTES:
        raise ValueError(
            f"{count} columns of {bars} bars take more than {MOST_BYTES >> 30} GB:"
            " give fewer sets at a time"
        )
    ins = np.zeros((count, pad + bars))
    for k, node in enumerate(nodes):
        if node.kind != "op":
            ins[k, pad:] = inputs[node.name] if node.kind == "column" else node.value
    for k, values in enumerate(fills):
        ins[len(nodes) + k, pad:] = values
    places = tuple(k * (pad + bars) + pad for k in range(count))
    graph = Graph("columns", "value", tuple(nodes), ())
    known = warm_up(graph, stages(nodes))
    given = [inputs[node.name] for node in nodes if node.kind == "column"]
    is_sure = all(bool((np.abs(values) < LARGEST).all()) for values in given)
    warm = _warm(graph, inputs, known, bars) if is_sure else [bars] * len(nodes)
    made = load_columns((node.name for node in ops), compiled, told)
    found = [n for n, node in enumerate(nodes) if node.kind == "op"]
    rows = [list(some) for _, some in groupby(found, lambda n: nodes[n].name)]
    jobs = tuple(_job(nodes, row, made[nodes[row[0]].name], warm, places) for row in rows)
    return Columns(ins.reshape(-1), places, jobs, known, is_sure, bars)


def _job(
    nodes: Sequence[Node],
    row: Sequence[int],
    made: Fill,
    warm: Sequence[int],
    places: Sequence[int],
) -> Job:
    """Columns of one operator, in the order of their nodes: one may read those before it."""
    return Job(
        made,
        np.array([warm[n] for n in row], dtype=np.int64),
        np.array([places[a] for n in row for a in nodes[n].args], dtype=np.int64),
        np.array([value for n in row for value in nodes[n].consts], dtype=float),
        np.array([places[n] for n in row], dtype=np.int64),
        max(1, *(int(op_of(nodes[n]).scratch(nodes[n].consts)) for n in row)),
    )


def _warm(graph: Graph, inputs: Mapping[str, Any], known: Sequence[int], bars: int) -> list[int]:
    """From which bar on each operator may run its dense form: the end, where never."""
    sure = known_nodes(graph)
    reaches = [int(op_of(n).reach(n.consts)) if n.kind == "op" else 0 for n in graph.nodes]

    @cache
    def level(name: str) -> bool:
        return is_level(inputs[name][None], max(reaches))

    found = []
    for n, node in enumerate(graph.nodes):
        form = dense_form(graph, sure, n)
        first = graph.nodes[node.args[0]].name if node.args else ""
        is_fit = form is not None
        if form is not None and form.leaving:
            is_fit = level(first)
        if form is not None and form.level:
            is_fit = is_fit and not rests(inputs[first][None], int(node.consts[0]))
        found.append(max(known[n], reaches[n]) + 1 if is_fit else bars)
    return found
