"""The `define`s of a file and of what it uses: names, recursion, unknown words (floor 4).

Units are checked where a define is called, since its arguments have none of their own; what is
wrong with its body alone is reported once, here, and calls of a broken define stay silent.
"""

from collections.abc import Iterable, Mapping

from engine.check.names import LATER_CALLS, is_shipped, unknown_name
from engine.check.scope import Binding, Ctx, report
from engine.check.text import walk
from engine.check.weightings import BY_NAME as WEIGHTINGS
from engine.fields import BY_NAME as FIELDS
from engine.lang.ast import Call, Define, Expr, Name, Of
from engine.ops import BY_NAME as OPS
from engine.records.instrument import COLUMNS

TAKEN = frozenset((*LATER_CALLS, *WEIGHTINGS))
"""Functions that are no operators."""


def check_defines(ctx: Ctx, defines: Iterable[Define]) -> tuple[dict[str, Define], frozenset[str]]:
    """The defines by name, and the names of those that may not be called."""
    found: dict[str, Define] = {}
    for define in defines:
        _enter(ctx, define, found)
    broken = {name for name, d in found.items() if _has_unknown(ctx, d, found)}
    broken |= _recursive(ctx, found)
    return found, frozenset(broken)


def _enter(ctx: Ctx, define: Define, found: dict[str, Define]) -> None:
    name = define.name
    if name in found:
        help = "remove or rename one of them"
        report(ctx, "SW202", define.span, f"a second define `{name}`", help)
    elif name in COLUMNS or name in FIELDS or name in OPS or name in TAKEN:
        message = f"`{name}` already means something in the language"
        report(ctx, "SW203", define.span, message, f"choose another name: `my_{name}`")
    else:
        found[name] = define
    for at, arg in enumerate(define.args):
        if arg in define.args[:at]:
            message = f"a second argument `{arg}` of `{name}`"
            report(ctx, "SW202", define.span, message, "rename one of them")
        elif arg in COLUMNS or arg in FIELDS:
            message = f"the argument `{arg}` of `{name}` hides a word of the language"
            report(ctx, "SW203", define.span, message, f"choose another name: `{arg}_`")


def _has_unknown(ctx: Ctx, define: Define, found: Mapping[str, Define]) -> bool:
    """Whether the body mentions a plain name that is no argument, column, field or symbol."""
    args = {a: Binding(define.value, ctx) for a in define.args}
    inside = Ctx(ctx.scope, ctx.place, args=args)
    symbols = {id(e.right) for e in walk(define.value) if isinstance(e, Of)}
    bad = [
        e for e in _plain_names(define.value) if not _known(ctx, e.name, define, id(e) in symbols)
    ]
    for name in bad:
        pool = [*define.args, *COLUMNS, *(n for n in FIELDS if "." not in n)]
        unknown_name(inside, name.span, name.name, pool, "name")
    calls = [e for e in walk(define.value) if isinstance(e, Call)]
    strange = [c for c in calls if not _callable(c.name, found)]
    for call in strange:
        pool = [*found, *(n for n, op in OPS.items() if op.callable)]
        if not is_shipped(inside, "SW201", call.span, call.name):
            unknown_name(inside, call.span, call.name, pool, "function")
    return bool(bad or strange)


def _plain_names(expr: Expr) -> list[Name]:
    """The names of an expression, without those inside dotted fields and field calls."""
    return [e for e in walk(expr, dotted=False) if isinstance(e, Name)]


def _known(ctx: Ctx, name: str, define: Define, as_symbol: bool) -> bool:
    if name in define.args or name in COLUMNS or name in FIELDS:
        return True
    return as_symbol and ctx.scope.catalogue.symbol(name) is not None


def _callable(name: str, found: Mapping[str, Define]) -> bool:
    if name in found or name in TAKEN:
        return True
    return (name in OPS and OPS[name].callable) or (name in FIELDS and FIELDS[name].arg is not None)


def _recursive(ctx: Ctx, found: Mapping[str, Define]) -> set[str]:
    calls = {
        name: {e.name for e in walk(d.value) if isinstance(e, Call) and e.name in found}
        for name, d in found.items()
    }
    looping = {name for name in found if _reaches(name, calls)}
    for name in sorted(looping):
        message = f"`{name}` calls itself"
        help = "a define is written out where it is called and may not reach itself"
        report(ctx, "SW213", found[name].span, message, help)
    return looping


def _reaches(name: str, calls: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    todo = list(calls[name])
    while todo:
        at = todo.pop()
        if at == name:
            return True
        if at not in seen:
            seen.add(at)
            todo.extend(calls[at])
    return False
