"""What a name means where it stands: declarations, bar columns, fields, symbols, calls (floor 4).

A name that means nothing is reported once, with the nearest one that does; whatever is built on it
stays silent. Expressions inside lets and defines are read again on the bars of the reader.
"""

from collections.abc import Callable, Iterable

from engine.base.clocks import minutes_in
from engine.base.diagnostics import Fix, Note
from engine.base.frozen import replace
from engine.base.near import near
from engine.base.spans import Span
from engine.base.units import UNITS
from engine.check.across import across, is_weighting
from engine.check.apply import Given, apply, column, needs_arguments
from engine.check.field_args import EVENT_CALLS, field_argument
from engine.check.kinds import TRUTH, number
from engine.check.scope import Binding, Ctx, Val, later, opaque, report
from engine.check.text import show
from engine.check.typed import SELF, Column, Const, FieldRead, Frame, Kind
from engine.check.uses import shipped_with
from engine.fields import BY_NAME as FIELDS
from engine.fields.spec import FieldSpec
from engine.lang.ast import Call, Data, Expr, Field, Latch, Let, Literal, Name, Quoted
from engine.ops import BY_NAME as OPS
from engine.ops.spec import FALSE
from engine.records.instrument import COLUMNS

Infer = Callable[[Ctx, Expr], Val | None]

LATER_CALLS: dict[str, tuple[str, str]] = {
    "probability": ("SW306", "a probability over simulated paths"),
    "cvar": ("SW306", "a tail average over simulated paths"),
}
"""Functions that check and come with a later version; each gives a ratio."""


# ---------------------------------------------------------------- plain names


def resolve(ctx: Ctx, expr: Name, infer: Infer) -> Val | None:
    """The value of a plain name."""
    name = expr.name
    if ctx.args is not None and name in ctx.args:
        return _argument(ctx, ctx.args[name], infer)
    if ctx.args is None and name in ctx.scope.names:
        return _declared(ctx, name, expr.span, infer)
    if name in COLUMNS:
        return column(ctx, name, expr.span)
    if name in FIELDS and FIELDS[name].arg is None:
        return read_field(ctx, FIELDS[name], name, expr.span)
    if ctx.place == "claim":
        found = _claimed_feed(ctx, name)
        if found is not None:
            return found
    _unknown(ctx, expr)
    return None


def _argument(ctx: Ctx, bound: Binding, infer: Infer) -> Val | None:
    """What a define's argument stands for, read on the bars where it is used."""
    key = (ctx.frame, ctx.place, ctx.folding)
    if key not in bound.memo:
        frame, place, folding = key
        inner = replace(bound.ctx, frame=frame, place=place, folding=folding, deep=ctx.deep)
        bound.memo[key] = infer(inner, bound.expr)
    return bound.memo[key]


def _declared(ctx: Ctx, name: str, span: Span, infer: Infer) -> Val | None:
    match ctx.scope.names[name]:
        case Let() | Latch() as item:
            if ctx.place != "let" and ctx.reader is None:
                ctx = replace(ctx, reader=span)
            return item_value(ctx, item, infer)
        case Data():
            feed = ctx.scope.feeds.get(name)
            if feed is None:
                return None
            return Val(Column(f"feed:{feed.symbol}", ctx.frame, feed.kind, feed.stale))
    if name in ctx.scope.consts:
        return Val(ctx.scope.consts[name])
    if name in ctx.scope.legs:
        help = f"name a column of it: `close of {name}`"
        report(ctx, "SW212", span, f"the leg `{name}` stands alone", help)
    return None


def _claimed_feed(ctx: Ctx, name: str) -> Val | None:
    """A feed of the catalogue by its lower-case name; prices are read as `close of SPY`."""
    known = ctx.scope.catalogue.symbol(name.upper())
    if known is None or known.unit == UNITS["price"]:
        return None
    return Val(Column(f"feed:{name.upper()}", ctx.frame, number(known.unit)))


def _unknown(ctx: Ctx, expr: Name) -> None:
    name = expr.name
    if name in OPS and OPS[name].callable:
        needs_arguments(ctx, OPS[name], expr.span)
        return
    if name in ctx.scope.defines:
        args = ", ".join(ctx.scope.defines[name].args)
        help = f"write `{name}({args})`"
        report(ctx, "SW208", expr.span, f"`{name}` needs its arguments", help)
        return
    if name == "na":
        report(ctx, "SW209", expr.span, "`na` equals nothing, not even itself", "write `x is na`")
        return
    if ctx.scope.catalogue.symbol(name) is not None:
        fix = Fix(expr.span, f"close of {name}", False)
        message = f"the symbol `{name}` stands alone"
        report(ctx, "SW212", expr.span, message, f"name a column: `close of {name}`", fix=fix)
        return
    unknown_name(ctx, expr.span, name, visible(ctx), "name")


def is_shipped(ctx: Ctx, code: str, span: Span, name: str) -> bool:
    """Whether the library has the function; reported with the file to use."""
    file = shipped_with(name)
    if file is not None:
        help = f'it is in the library: add `use "{file}"`'
        report(ctx, code, span, f"unknown function `{name}`", help)
    return file is not None


def unknown_name(ctx: Ctx, span: Span, name: str, pool: Iterable[str], what: str) -> None:
    """Report a name that means nothing here, with the nearest one that does."""
    known = list(pool)
    longer = [k for k in known if len(name) > 2 and k.startswith(name)]
    close = min(longer, key=len) if longer else near(name, known)
    fix = Fix(span, close, False) if close else None
    help = f"did you mean `{close}`?" if close else f"declare it: `let {name} = …`"
    if what != "name" and not close:
        help = f"check the spelling of this {what}"
    report(ctx, "SW201", span, f"unknown {what} `{name}`", help, fix=fix)


def visible(ctx: Ctx) -> list[str]:
    """The plain names that may be read where the expression stands."""
    own = list(ctx.scope.names) if ctx.args is None else list(ctx.args)
    fields = [n for n, f in FIELDS.items() if "." not in n and ctx.scope.block in f.where]
    return [*own, *COLUMNS, *fields]


# ---------------------------------------------------------------- lets and latches


def item_value(ctx: Ctx, item: Let | Latch, infer: Infer) -> Val | None:
    """A let or latch on the bars of its reader, worked out once per kind of reader."""
    scope = ctx.scope
    if item.name in scope.failed:
        return None
    key = (item.name, ctx.frame, ctx.place, ctx.folding)
    for known in ((item.name, ctx.frame, "", ctx.folding), key):
        if known in scope.memo:
            return scope.memo[known]
    if item.name in scope.opened:
        _cycle(ctx, item.name, item.span, scope.opened)
        return None
    scope.opened.append(item.name)
    val = infer(ctx, item.value) if isinstance(item, Let) else _latched(ctx, item, infer)
    scope.opened.pop()
    if val is not None and not val.book:
        key = (item.name, ctx.frame, "", ctx.folding)
    scope.memo[key] = val
    if val is None and ctx.place == "let":
        scope.failed.add(item.name)
    return val


def _latched(ctx: Ctx, latch: Latch, infer: Infer) -> Val | None:
    """The operator that remembers which of two conditions came last."""
    turned_on = Given(latch.set_when, infer(ctx, latch.set_when))
    if latch.clear_when is None:
        never = Given(latch.set_when, Val(Const(float(FALSE), TRUTH)))
        return apply(ctx, "latch", latch.span, [turned_on, never])
    cleared = Given(latch.clear_when, infer(ctx, latch.clear_when))
    return apply(ctx, "latch", latch.span, [turned_on, cleared])


def _cycle(ctx: Ctx, name: str, span: Span, opened: list[str]) -> None:
    ring = " -> ".join(f"`{n}`" for n in [*opened[opened.index(name) :], name])
    for part in opened[opened.index(name) :]:
        ctx.scope.failed.add(part)
    message = f"`{name}` is defined by itself: {ring}"
    report(ctx, "SW213", span, message, "a `latch` or `x[1]` remembers; a let may not use itself")


# ---------------------------------------------------------------- calls


def call(ctx: Ctx, expr: Call, infer: Infer) -> Val | None:
    """A function, a `define`, or a field that takes something in parentheses."""
    name = expr.name
    if name in ctx.scope.defines:
        return _inlined(ctx, expr, infer)
    if name in OPS and OPS[name].callable:
        given = [Given(a, infer(ctx, a)) for a in expr.args]
        if OPS[name].across:
            return across(ctx, name, expr.span, given)
        return apply(ctx, name, expr.span, given)
    if name in FIELDS and FIELDS[name].arg is not None:
        return _field_call(ctx, expr, FIELDS[name])
    if name in LATER_CALLS:
        return _later_call(ctx, expr, infer)
    if is_weighting(ctx, name, expr.span):
        return None
    for arg in expr.args:
        infer(ctx, arg)
    if is_shipped(ctx, "SW211", expr.span, name):
        return None
    pool = [n for n, op in OPS.items() if op.callable]
    pool += [*ctx.scope.defines, *EVENT_CALLS, *(n for n, f in FIELDS.items() if f.arg is not None)]
    close = near(name, pool)
    fix = None
    if close:
        inside = ", ".join(show(a) for a in expr.args)
        fix = Fix(expr.span, f"{close}({inside})", False)
    help = f"did you mean `{close}`?" if close else 'is a `use "lib/….rule"` line missing?'
    report(ctx, "SW211", expr.span, f"unknown function `{name}`", help, fix=fix)
    return None


def _inlined(ctx: Ctx, expr: Call, infer: Infer) -> Val | None:
    """The body of a define with the call's expressions in place of its arguments."""
    define = ctx.scope.defines[expr.name]
    if len(expr.args) != len(define.args):
        message = f"`{define.name}` takes {len(define.args)} arguments, {len(expr.args)} given"
        notes = (Note(define.span, "defined here"),)
        help = f"write `{define.name}({', '.join(define.args)})`"
        report(ctx, "SW208", expr.span, message, help, notes=notes)
        return None
    if define.name in ctx.calls or define.name in ctx.scope.broken:
        return None
    if None in [infer(ctx, arg) for arg in expr.args]:
        return None
    bound = {n: _bind(ctx, a) for n, a in zip(define.args, expr.args, strict=True)}
    key = (define.name, ctx.frame, ctx.place, ctx.folding, *map(_binding_key, bound.values()))
    via = ctx.via or (define.name, expr.span)
    for known in (key, (*key, via)):  # a failure is remembered for this outermost call only
        if known in ctx.scope.inlined:
            return ctx.scope.inlined[known][0]
    inner = replace(ctx, args=bound, via=via, calls=(*ctx.calls, define.name))
    val = infer(inner, define.value)
    ctx.scope.inlined[(*key, via) if val is None else key] = (val, bound)
    return val


def _bind(ctx: Ctx, arg: Expr) -> Binding:
    """An argument's binding; one that is handed on stays the same binding."""
    if isinstance(arg, Name) and ctx.args is not None and arg.name in ctx.args:
        return ctx.args[arg.name]
    return Binding(arg, ctx)


def _binding_key(bound: Binding) -> object:
    """What makes two bindings the same: the written value, or being one and the same."""
    expr = bound.expr
    return (expr.kind, expr.value, expr.unit) if isinstance(expr, Literal) else id(bound)


def _later_call(ctx: Ctx, expr: Call, infer: Infer) -> Val:
    code, what = LATER_CALLS[expr.name]
    for arg in expr.args:
        infer(ctx, arg)
    later(ctx, code, expr.span, what, "leave it out for now, or keep it: a dry-run refuses it")
    return opaque(ctx, expr.name, number(UNITS["ratio"]))


def _field_call(ctx: Ctx, expr: Call, spec: FieldSpec) -> Val | None:
    wanted = (spec.arg or "").split(", ")
    if len(expr.args) != len(wanted):
        help = f"write `{expr.name}({spec.arg})`"
        message = f"`{expr.name}` takes one {' and one '.join(wanted)}, {len(expr.args)} given"
        report(ctx, "SW208", expr.span, message, help)
        return None
    if not field_argument(ctx, spec, expr):
        return None
    arg = ", ".join(show(a) for a in expr.args)
    return read_field(ctx, spec, expr.name, expr.span, arg)


# ---------------------------------------------------------------- fields


def dotted(expr: Expr) -> str | None:
    """`a.b` for names joined by dots, else None."""
    match expr:
        case Name():
            return expr.name
        case Field():
            base = dotted(expr.base)
            return None if base is None else f"{base}.{expr.name}"
        case _:
            return None


def field_path(ctx: Ctx, expr: Field) -> Val | None:
    """A field such as `position.age`."""
    path = dotted(expr)
    if path is None:
        report(ctx, "SW201", expr.span, f"`{show(expr)}` is no field", "write `position.age`")
        return None
    spec = FIELDS.get(path)
    if spec is not None and spec.arg is None:
        return read_field(ctx, spec, path, expr.span)
    pool = [n for n, f in FIELDS.items() if "." in n and ctx.scope.block in f.where]
    unknown_name(ctx, expr.span, path, pool, "field")
    return None


def read_field(
    ctx: Ctx, spec: FieldSpec, written: str, span: Span, arg: str | None = None
) -> Val | None:
    """The value of a field, where it may be read."""
    if not may_read(ctx, spec, written, span):
        return None
    if spec.lookup:
        message = f"`{written}` is only for lists"
        report(ctx, "SW216", span, message, f"write `{written} is in LIST`")
        return None
    kind = TRUTH if spec.unit == "truth" else Kind("number", UNITS[spec.unit])
    if spec.intraday and ctx.scope.block == "limits":
        return Val(FieldRead(spec.name, kind, arg), book=True)
    if spec.live or spec.calendar:
        return Val(Column(f"{'live' if spec.live else 'calendar'}:{spec.name}", ctx.frame, kind))
    return Val(FieldRead(spec.name, kind, arg), book=True)


def may_read(ctx: Ctx, spec: FieldSpec, written: str, span: Span) -> bool:
    """Whether a field may be read here; reported if not."""
    place, group = ctx.rules, spec.name.partition(".")[0]
    if spec.intraday and ctx.scope.block == "strategy" and not minutes_in(ctx.scope.every):
        message = f"`{written}` is never known on bars of `{ctx.scope.every}`"
        report(ctx, "SW316", span, message, "it is for bars of minutes: `clock 5m on xnys`")
        return False
    if ctx.scope.block not in spec.where:
        where = " and ".join(spec.where)
        message = f"`{written}` cannot be read in a {ctx.scope.block} block"
        report(ctx, "SW216", span, message, f"it belongs in {where} blocks")
        return False
    if ctx.frame not in (SELF, Frame("*")):
        message = f"`{written}` has no bars of another clock or symbol"
        report(ctx, "SW316", span, message, "read it outside `on` and `of`")
        return False
    own = group in ("position", "order", "market", "quote") and not (spec.lookup or spec.calendar)
    if not place.symbol and own:
        message = f"`{written}` in {place.title}, which watches no single symbol"
        report(ctx, "SW316", span, message, "read the account, or a feed declared with `data`")
        return False
    return _position_allowed(ctx, spec, written, span)


def _position_allowed(ctx: Ctx, spec: FieldSpec, written: str, span: Span) -> bool:
    place = ctx.rules
    if spec.slot >= 0 and place.position == "cost" and spec.name != "position.entry_price":
        message = f"{place.title} is fixed when the position opens and cannot read `{written}`"
        help = "read bars and `position.entry_price`, or use a `trail`"
        fix = None
        if spec.name == "market.last":
            help, fix = "write `close`", Fix(span, "close", True)
        report(ctx, "SW315", span, message, help, fix=fix)
        return False
    if place.position == "warn" and spec.name.startswith("position."):
        message = f"{place.title} reads its own `{written}`, which is na or 0 while flat"
        help = "an entry is ignored while its position is open; use `add n times` to add"
        report(ctx, "SW315", span, message, help, severity="warning")
    return True


# ---------------------------------------------------------------- symbols


def symbol_of(ctx: Ctx, expr: Expr) -> str | None:
    """The symbol that stands right of `of`, or None when it is a quantity."""
    if isinstance(expr, Quoted):
        return expr.name if ctx.scope.catalogue.symbol(expr.name) is not None else None
    if not isinstance(expr, Name):
        return None
    if ctx.args is not None and expr.name in ctx.args:
        bound = ctx.args[expr.name]
        return symbol_of(bound.ctx, bound.expr)
    if ctx.args is None and expr.name in ctx.scope.legs:
        return ctx.scope.legs[expr.name]
    if (ctx.args is None and expr.name in ctx.scope.names) or expr.name in FIELDS:
        return None
    return expr.name if ctx.scope.catalogue.symbol(expr.name) is not None else None
