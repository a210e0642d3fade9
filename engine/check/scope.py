"""What an expression can see while it is checked, and how findings are reported (floor 4).

A Scope is one block's world: its names, params, feeds and findings. A Ctx is where inside that
world an expression stands: on whose bars it steps, in which statement, inside which `define`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from engine.base.diagnostics import Diagnostic, Fix, Note, Severity
from engine.base.spans import Span
from engine.base.units import Unit
from engine.check.typed import SELF, CheckedList, Column, Const, FeedUse, Frame, Kind, Named, Typed
from engine.fields import Where
from engine.lang.ast import Data, Define, Expr, Latch, Leg, Let, Param

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from engine.base.frozen import dataclass


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


@dataclasses.dataclass
class Scope:
    """One block while it is checked. `failed` lets and `broken` defines were reported where
    they stand, so that whatever builds on them stays silent; `steps` counts the work done."""

    block: Where
    catalogue: Symbols
    defines: Mapping[str, Define]
    lists: Mapping[str, CheckedList]
    broken: frozenset[str] = frozenset()
    every: str = "1d"
    names: dict[str, Item] = field(default_factory=dict)
    consts: dict[str, Const] = field(default_factory=dict)
    feeds: dict[str, FeedUse] = field(default_factory=dict)
    legs: dict[str, str] = field(default_factory=dict)
    ranges: dict[int, tuple[Const, float, float]] = field(default_factory=dict)
    memo: dict[tuple[str, Frame, str, bool], Val | None] = field(default_factory=dict)
    told: set[tuple[str, Span]] = field(default_factory=set)
    inlined: dict[tuple[object, ...], tuple[Val | None, object]] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    steps: int = 0
    symbols: dict[str, None] = field(default_factory=dict)
    out: list[Diagnostic] = field(default_factory=list)


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


@dataclasses.dataclass(frozen=True, slots=True)
class Binding:
    """What a define's argument stands for: an expression where the caller wrote it."""

    expr: Expr
    ctx: Ctx
    memo: dict[tuple[Frame, str, bool], Val | None] = field(default_factory=dict)


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
