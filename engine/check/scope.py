"""What an expression can see while it is checked, and how findings are reported (floor 4).

A Scope is one block's world: its names, params, feeds and findings. A Ctx is where inside that
world an expression stands: on whose bars it steps, in which statement, inside which `define`.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

from engine.base.diagnostics import Diagnostic, Fix, Note, Severity
from engine.base.frozen import dataclass, replace
from engine.base.spans import Span
from engine.base.units import Unit
from engine.check.typed import SELF, CheckedList, Column, Const, FeedUse, Frame, Kind, Named, Typed
from engine.fields.spec import Where
from engine.lang.ast import Data, Define, Expr, Latch, Leg, Let, Param


class Known(Protocol):
    """What the checker asks about one symbol of the catalogue."""

    @property
    def unit(self) -> Unit: ...
    @property
    def column_names(self) -> tuple[str, ...]: ...


class Symbols(Protocol):
    """The part of the catalogue that the checker needs."""

    def symbol(self, name: str) -> Known | None: ...
    def near(self, name: str) -> str | None: ...


Position = Literal["free", "warn", "cost", "none"]


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of statement and what may be read in it.

    position: `free`; `warn` (na while flat); `cost` (only position.entry_price); `none`.
    account: whether equity and its like may be read. symbol: whether bars and the symbol's own
    fields may be. folds: whether `since entry` may stand here.
    """

    title: str
    position: Position = "free"
    account: bool = True
    symbol: bool = True
    folds: bool = False


PLACES: Mapping[str, Place] = {
    "let": Place("a let", folds=True),
    "entry": Place("an entry", position="warn"),
    "add": Place("an entry that adds"),
    "exit": Place("an exit", folds=True),
    "trail": Place("a trail", folds=True),
    "stop": Place("a stop", position="cost", account=False),
    "target": Place("a target", position="cost", account=False),
    "weight": Place("a weight"),
    "latch": Place("a latch"),
    "limit": Place("a limit"),
    "switch": Place("a pause, halt or flatten", position="none", symbol=False),
    "claim": Place("an expectation", position="none", symbol=False),
}


@dataclass(frozen=True, slots=True)
class Val:
    """A checked expression. zero: a written 0, which fits every unit. size and depth count the
    value's nodes as a tree, so that lets that double each other are caught before they explode.
    book: it reads a field or folds the position, so where it may stand depends on the statement."""

    typed: Typed
    zero: bool = False
    size: int = 1
    depth: int = 1
    book: bool = False

    @property
    def kind(self) -> Kind:
        return self.typed.kind

    @property
    def unit(self) -> Unit:
        return self.typed.kind.unit


Item = Param | Let | Data | Latch | Leg


class Scope:
    """One block while it is checked. `failed` lets and `broken` defines were reported where
    they stand, so that whatever builds on them stays silent; `steps` counts the work done."""

    def __init__(
        self,
        block: Where,
        catalogue: Symbols,
        defines: Mapping[str, Define],
        lists: Mapping[str, CheckedList],
        broken: frozenset[str] = frozenset(),
    ) -> None:
        self.block: Where = block
        self.catalogue = catalogue
        self.defines = defines
        self.lists = lists
        self.broken = broken
        self.every = "1d"
        self.names: dict[str, Item] = {}
        self.consts: dict[str, Const] = {}
        self.feeds: dict[str, FeedUse] = {}
        self.legs: dict[str, str] = {}
        self.ranges: dict[int, tuple[Const, float, float]] = {}
        self.memo: dict[tuple[str, Frame, str, bool], Val | None] = {}
        self.told: set[tuple[str, Span]] = set()
        self.inlined: dict[tuple[object, ...], tuple[Val | None, object]] = {}
        self.named: dict[str, Named] = {}
        self.opened: list[str] = []
        self.failed: set[str] = set()
        self.steps = 0
        self.symbols: dict[str, None] = {}
        self.out: list[Diagnostic] = []


@dataclass(frozen=True, slots=True)
class Ctx:
    """Where an expression stands. args: what a define's names stand for (None outside a define);
    via: the outermost call whose define is being read; calls: the defines open around here;
    reader: where a statement mentions the let that is being read for it."""

    scope: Scope
    place: str
    frame: Frame = SELF
    folding: bool = False
    args: "Mapping[str, Binding] | None" = None
    via: tuple[str, Span] | None = None
    calls: tuple[str, ...] = ()
    deep: int = 0
    reader: Span | None = None

    @property
    def rules(self) -> Place:
        return PLACES[self.place]


class Binding:
    """What a define's argument stands for: an expression where the caller wrote it."""

    def __init__(self, expr: Expr, ctx: Ctx) -> None:
        self.expr = expr
        self.ctx = ctx
        self.memo: dict[tuple[Frame, str, bool], Val | None] = {}


def on_frame(ctx: Ctx, frame: Frame) -> Ctx:
    """The same place, on other bars."""
    return replace(ctx, frame=frame)


def report(
    ctx: Ctx,
    code: str,
    span: Span,
    message: str,
    help: str,
    *,
    severity: Severity = "error",
    notes: tuple[Note, ...] = (),
    fix: Fix | None = None,
) -> None:
    """Note a finding; inside a define it is shown at the call, once, with a note in the body."""
    if ctx.reader is not None:
        notes = (*notes, Note(ctx.reader, f"read here, in {ctx.rules.title}"))
    if ctx.via is not None:
        name, call = ctx.via
        if (code, call) in ctx.scope.told:
            return
        ctx.scope.told.add((code, call))
        notes = (Note(span, f"in `{name}`"), *notes)
        span, message, fix = call, f"in `{name}`: {message}", None
    ctx.scope.out.append(Diagnostic(code, span, message, help, severity, notes, fix))


def opaque(ctx: Ctx, name: str, kind: Kind) -> Val:
    """A value that no version runs yet: it keeps the rest of the statement checkable."""
    return Val(Column(f"later:{name}", ctx.frame, kind))


def later(ctx: Ctx, code: str, span: Span, what: str, help: str) -> None:
    """Note that `what` checks but is not run yet."""
    report(ctx, code, span, f"{what} is not run yet", help, severity="later")
