"""From checked blocks to a graph with named outputs (floor 5).

Outputs of a strategy: `entry.N.when/.size/.price/.limit`, `exit.N.when/.price/.limit`, `trail.N`,
`weight` in `rule`; `stop.N`, `target.N`, `trail.N` (first level) in `stops`; `may_fire` in
`market`.
Of limits: `switch.N.enter/.resume` in `rule`, `limit.N` in `decide`. Of claims: their own names.
"""

from collections.abc import Iterable, Iterator, Mapping

from engine.base.clocks import DAILY
from engine.base.frozen import replace
from engine.check.typed import (
    SELF,
    Apply,
    CheckedLimits,
    CheckedStrategy,
    Column,
    Const,
    FieldRead,
    Kind,
    Named,
    Sample,
    Typed,
)
from engine.graph.guard import guarded
from engine.graph.node import (
    Builder,
    Function,
    Graph,
    GraphKind,
    Label,
    Node,
    Output,
    keeps_state,
)
from engine.graph.stage import Stage, stages
from engine.ops import BY_NAME
from engine.ops.spec import FALSE, TRUE

AND, OR, NOT = "and", "or", "not"


def build_strategy(checked: CheckedStrategy, notes: bool = False) -> Graph:
    """The graph of a strategy; with `notes`, lets and parts of conditions are outputs too."""
    return _build(
        checked.name, "strategy", strategy_values(checked), named_of(checked), notes, checked
    )


def build_limits(checked: CheckedLimits) -> Graph:
    """The graph of a limits block."""
    return _build(checked.name, "limits", limits_values(checked), ())


def build_values(name: str, values: Mapping[str, Typed], every: str = DAILY) -> Graph:
    """The graph of loose values (`eval`, claims) on the bars of a clock: each is an output of
    `rule`."""
    wanted: list[tuple[Function, str, Typed]] = [("rule", k, v) for k, v in values.items()]
    return replace(_build(name, "value", wanted, ()), every=every)


def strategy_values(c: CheckedStrategy) -> Iterator[tuple[Function, str, Typed]]:
    """Every output of a strategy with its function, in the order of the layout."""
    for e in c.entries:
        yield "rule", f"entry.{e.name}.when", e.when.value
        yield "rule", f"entry.{e.name}.size", e.size
        if e.order.price is not None:
            yield "rule", f"entry.{e.name}.price", e.order.price
        if e.order.limit is not None:
            yield "rule", f"entry.{e.name}.limit", e.order.limit
    for x in c.exits:
        yield "rule", f"exit.{x.name}.when", x.when.value
        if x.order.price is not None:
            yield "rule", f"exit.{x.name}.price", x.order.price
        if x.order.limit is not None:
            yield "rule", f"exit.{x.name}.limit", x.order.limit
    for level in c.levels:
        if level.kind == "trail":
            yield "rule", f"trail.{level.name}", level.price
        yield "stops", f"{level.kind}.{level.name}", level.price
    if c.weight is not None:
        yield "rule", "weight", c.weight


def limits_values(c: CheckedLimits) -> Iterator[tuple[Function, str, Typed]]:
    """Every output of a limits block with its function, in the order of the layout."""
    for s in c.switches:
        yield "rule", f"switch.{s.name}.enter", s.enter
        if s.resume is not None:
            yield "rule", f"switch.{s.name}.resume", s.resume
    for limit in c.limits:
        yield "decide", f"limit.{limit.name}", limit.value


def named_of(c: CheckedStrategy) -> Iterator[tuple[str, Named]]:
    """Every value the text names or shows as a condition, with the name of its note."""
    for let in c.lets:
        yield f"let.{let.name}", let
    if c.hold is not None:
        yield from _parts("weight.hold", c.hold)
    for e in c.entries:
        yield from _parts(f"entry.{e.name}.when", e.when)
    for x in c.exits:
        yield from _parts(f"exit.{x.name}.when", x.when)


def _parts(path: str, named: Named) -> Iterator[tuple[str, Named]]:
    yield path, named
    for k, part in enumerate(named.parts):
        yield from _parts(f"{path}.{k}", part)


# ---------------------------------------------------------------- placing values


class _Placing:
    """Turns typed values into nodes; the memo makes shared subtrees cheap. is_guarded: a number
    that cannot be is unknown."""

    def __init__(self, is_guarded: bool) -> None:
        self.builder = Builder()
        self.is_guarded = is_guarded
        self._memo: dict[tuple[int, bool], tuple[int, Typed]] = {}

    def place(self, value: Typed, fold: bool) -> int:
        """The node of a value; `fold`: inside `since entry`."""
        key = (id(value), fold)
        if key not in self._memo:
            self._memo[key] = (self._place(value, fold), value)
        return self._memo[key][0]

    def _place(self, v: Typed, fold: bool) -> int:
        add = self.builder.add
        if isinstance(v, Const):
            return add(Node("const", value=float(v.value), truth=_truth(v.kind)))
        if isinstance(v, Column | FieldRead):
            node = add(_input(v))
            return guarded(self.builder, node, v) if self.is_guarded else node
        if isinstance(v, Apply):
            return self._apply(v, fold)
        if isinstance(v, Sample):
            # Invariant: what another frame's bars step is never restarted by a position.
            inner = self.place(v.value, False)
            return add(Node("sample", args=(inner,), frame=v.frame, truth=_truth(v.kind)))
        inner = self.place(v.value, True)
        return add(Node("gate", args=(inner,), truth=_truth(v.kind)))

    def _apply(self, v: Apply, fold: bool) -> int:
        if BY_NAME[v.op].across:
            # Invariant: symbols are compared by their bars alone, whatever any of them holds.
            over = tuple(self.place(a, False) for a in v.args)
            truth = _truth(v.kind)
            return self.builder.add(Node("across", v.op, over, v.consts, frame=SELF, truth=truth))
        args = tuple(self.place(a, fold) for a in v.args)
        node = Node("op", v.op, args, v.consts, frame=v.frame, truth=_truth(v.kind))
        return self.builder.add(replace(node, fold=fold and keeps_state(node)))


def _truth(kind: Kind) -> bool:
    return kind.name == "truth"


def _input(v: Column | FieldRead) -> Node:
    if isinstance(v, Column):
        return Node("column", v.name, frame=v.frame, stale=v.stale, truth=_truth(v.kind))
    name = v.name if v.arg is None else f"{v.name}({v.arg})"
    return Node("field", name, truth=_truth(v.kind))


def _build(
    name: str,
    kind: GraphKind,
    wanted: Iterable[tuple[Function, str, Typed]],
    named: Iterable[tuple[str, Named]],
    notes: bool = False,
    strategy: CheckedStrategy | None = None,
) -> Graph:
    placing = _Placing(kind == "limits")
    outputs = [Output(f, n, placing.place(v, False)) for f, n, v in wanted]
    if strategy is not None:
        outputs.append(Output("market", "may_fire", may_fire(placing.builder, outputs)))
    labels: list[Label] = []
    for path, value in named:
        node = placing.place(value.value, False)
        called = value.name if path.startswith("let.") else ""
        labels.append(Label(called, value.text, value.span.line, node))
        if notes:
            outputs.append(Output("note", path, node))
    every = DAILY if strategy is None else strategy.clock
    return Graph(name, kind, tuple(placing.builder.nodes), tuple(outputs), tuple(labels), every)


# ---------------------------------------------------------------- may_fire


def may_fire(builder: Builder, outputs: Iterable[Output]) -> int:
    """A market node that is FALSE only on bars where no entry can be true or unknown.

    Always TRUE when the book steps something at every decision: a weight, or state over fields.
    """
    outputs = list(outputs)
    found = stages(builder.nodes)
    whens = [o.node for o in outputs if o.name.startswith("entry.") and o.name.endswith(".when")]
    steps = any(
        keeps_state(n) and s == "book" and not n.fold
        for n, s in zip(builder.nodes, found, strict=True)
    )
    if not whens or steps or any(o.name == "weight" for o in outputs):
        return builder.add(Node("const", value=float(TRUE), truth=True))
    return _any_of(builder, found, whens)


def may_exit(builder: Builder, outputs: Iterable[Output]) -> int:
    """A market node that is TRUE wherever an exit can be true at a close of an open position.

    Always TRUE when the rule does more there: it pulls a trail, or steps state of its own.
    """
    outputs = list(outputs)
    found = stages(builder.nodes)
    whens = [o.node for o in outputs if o.name.startswith("exit.") and o.name.endswith(".when")]
    steps = any(keeps_state(n) and s == "book" for n, s in zip(builder.nodes, found, strict=True))
    if steps or any(o.name.startswith("trail.") for o in outputs):
        return builder.add(Node("const", value=float(TRUE), truth=True))
    if not whens:
        return builder.add(Node("const", value=float(FALSE), truth=True))
    return _any_of(builder, found, whens)


def _any_of(builder: Builder, found: tuple[Stage, ...], whens: list[int]) -> int:
    """The largest value that any of these conditions can take, from market nodes alone."""
    tops = [_bound(builder, found, w, high=True) for w in whens]
    answer = tops[0]
    for top in tops[1:]:
        answer = _join(builder, OR, (answer, top))
    return answer


def _bound(builder: Builder, found: tuple[Stage, ...], n: int, high: bool) -> int:
    """The largest (or smallest) value that a truth node can take, from market nodes alone."""
    node = builder.nodes[n]
    if found[n] != "book":
        return n
    if node.kind == "op" and node.name in (AND, OR):
        return _join(builder, node.name, tuple(_bound(builder, found, a, high) for a in node.args))
    if node.kind == "op" and node.name == NOT:
        return _join(builder, NOT, (_bound(builder, found, node.args[0], not high),))
    return builder.add(Node("const", value=float(TRUE if high else FALSE), truth=True))


def _join(builder: Builder, name: str, args: tuple[int, ...]) -> int:
    return builder.add(Node("op", name, args, frame=SELF, truth=True))
