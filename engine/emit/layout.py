"""Which cell means what in the flat lists that compiled functions read and write (floor 6)."""

from engine.base.frozen import dataclass
from engine.graph.plan import Plan


@dataclass(frozen=True)
class Layout:
    """Names of cells, in order. columns: a row of market's output, `may_fire` last where there is
    one.

    rule, stops, decide: what each function writes. cells_init: what a book's (or limit set's) cells
    hold at the start; the first `fold_cells` of them start afresh with each position.
    """

    columns: tuple[str, ...]
    rule: tuple[str, ...]
    stops: tuple[str, ...]
    decide: tuple[str, ...]
    cells_init: tuple[float, ...]
    fold_cells: int

    @property
    def row_width(self) -> int:
        return len(self.columns)

    @property
    def out_width(self) -> int:
        return len(self.rule)

    @property
    def stops_width(self) -> int:
        return len(self.stops)

    @property
    def decide_width(self) -> int:
        return len(self.decide)

    @property
    def may_fire(self) -> int:
        """The column that says whether any entry could fire, or -1."""
        return _place(self.columns, "may_fire")

    def rule_out(self, name: str) -> int:
        """Where `rule` writes this output, or -1."""
        return _place(self.rule, name)

    def stops_out(self, name: str) -> int:
        """Where `stops` writes this output, or -1."""
        return _place(self.stops, name)

    def decide_out(self, name: str) -> int:
        """Where `decide` writes this output, or -1."""
        return _place(self.decide, name)


def _place(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def layout_of(plan: Plan, names: tuple[str, ...]) -> Layout:
    """The layout of a plan whose nodes are called `names`."""
    columns = [names[n] for n in plan.frontier]
    if plan.may_fire() is not None:
        columns.append("may_fire")
    return Layout(
        columns=tuple(columns),
        rule=tuple(name for name, _ in plan.outputs("rule")),
        stops=tuple(name for name, _ in plan.outputs("stops")),
        decide=tuple(name for name, _ in plan.outputs("decide")),
        cells_init=plan.book_cells.init,
        fold_cells=plan.book_cells.fold_cells,
    )
