"""Conditions that cannot matter: always true, never true, said twice, masked, flapping (floor 4).

All of these are warnings, given only when ranges prove them; a rule with one still runs.
"""

from collections.abc import Sequence
from itertools import combinations

from engine.base.diagnostics import Note
from engine.base.spans import Span
from engine.check.ranges import Reader, items, range_of, same, verdict
from engine.check.scope import Ctx, report
from engine.check.typed import (
    Apply,
    CheckedExit,
    CheckedLevel,
    CheckedLimit,
    CheckedStrategy,
    CheckedSwitch,
    Const,
    FieldRead,
    Named,
    Typed,
)

# ---------------------------------------------------------------- strategies


def check_strategy_logic(ctx: Ctx, block: CheckedStrategy) -> None:
    """Warn of conditions, exits and levels of a strategy that cannot matter."""
    reader = Reader(ctx.scope.ranges)
    for when in conditions(block):
        _check_condition(ctx, reader, when)
    _check_twice(ctx, reader, block)
    _check_masked(ctx, reader, block.exits)
    for level in block.levels:
        _check_side(ctx, reader, block, level)


def conditions(block: CheckedStrategy) -> list[Named]:
    """The `when` of every entry and exit, and of `hold`."""
    held = () if block.hold is None else block.hold.parts
    picks = [p for p in held if p.value.kind.name == "truth"]
    return [*(e.when for e in block.entries), *(e.when for e in block.exits), *picks]


def _check_condition(ctx: Ctx, reader: Reader, when: Named) -> None:
    """Judge a condition as a whole, or else each piece of it."""
    if when.value.kind.name != "truth":
        return
    found = verdict(reader, when.value)
    if found is None:
        for part in when.parts:
            _check_condition(ctx, reader, part)
    elif found:
        message = f"`{when.text}` is always true"
        help = "drop it, or move the bound to where it can fail"
        report(ctx, "SW501", when.span, message, help, severity="warning")
    else:
        message = f"`{when.text}` is never true"
        help = "its parts leave no room for each other, or a bound lies out of reach"
        report(ctx, "SW502", when.span, message, help, severity="warning")


def _check_twice(ctx: Ctx, reader: Reader, block: CheckedStrategy) -> None:
    for one, other in combinations(block.entries, 2):
        if one.side == other.side and same(reader, one.when.value, other.when.value):
            _say_twice(ctx, f"entry `{other.name}`", other.span, one.span)
    for first, second in combinations(block.levels, 2):
        if (
            first.kind == second.kind
            and _meet(first, second)
            and same(reader, first.price, second.price)
        ):
            _say_twice(ctx, f"{second.kind} `{second.name}`", second.span, first.span)


def _meet(one: CheckedLevel, other: CheckedLevel) -> bool:
    return bool(set(one.of) & set(other.of))


def _say_twice(ctx: Ctx, what: str, span: Span, first: Span) -> None:
    notes = (Note(first, "the other is here"),)
    message = f"the {what} says the same as another"
    report(ctx, "SW503", span, message, "remove one", severity="warning", notes=notes)


def _check_masked(ctx: Ctx, reader: Reader, exits: Sequence[CheckedExit]) -> None:
    """Warn of an exit whose condition only holds when another's does."""
    for at, late in enumerate(exits):
        for before, early in enumerate(exits):
            if at == before or not set(late.of) <= set(early.of) or early.order.kind != "market":
                continue
            if not implies(reader, late.when.value, early.when.value):
                continue
            if at < before and implies(reader, early.when.value, late.when.value):
                continue
            notes = (Note(early.span, f"`{early.name}` fires whenever it does"),)
            message = f"the exit `{late.name}` adds nothing to `{early.name}`"
            report(
                ctx,
                "SW504",
                late.span,
                message,
                "remove it or tighten the other",
                severity="warning",
                notes=notes,
            )
            break


def implies(reader: Reader, one: Typed, other: Typed) -> bool:
    """Whether `other` is surely true whenever `one` is."""
    if same(reader, one, other):
        return True
    if isinstance(other, Apply) and other.op == "or":
        return any(implies(reader, one, part) for part in items(other, "or"))
    if not isinstance(one, Apply):
        return False
    if one.op == "and":
        return any(implies(reader, part, other) for part in items(one, "and"))
    if one.op == "or":
        return all(implies(reader, part, other) for part in items(one, "or"))
    if one.op == "lasting":
        return implies(reader, one.args[0], other)
    return isinstance(other, Apply) and _tighter(reader, one, other)


def _tighter(reader: Reader, one: Apply, other: Apply) -> bool:
    """Whether two bounds of one value go the same way and the first lies inside the second."""
    if len(one.args) != 2 or len(other.args) != 2 or not same(reader, one.args[0], other.args[0]):
        return False
    a, b = range_of(reader, one.args[1]), range_of(reader, other.args[1])
    if one.op in ("gt", "ge") and other.op in ("gt", "ge"):
        return a[0] > b[1] or (a[0] == b[1] and (one.op, other.op) != ("ge", "gt"))
    if one.op in ("lt", "le") and other.op in ("lt", "le"):
        return a[1] < b[0] or (a[1] == b[0] and (one.op, other.op) != ("le", "lt"))
    return False


# ---------------------------------------------------------------- levels


def _check_side(ctx: Ctx, reader: Reader, block: CheckedStrategy, level: CheckedLevel) -> None:
    """Report a stop or target that lies on the wrong side of the entry price on every bar."""
    if level.kind == "trail":
        return
    side = _side(reader, level.price)
    for entry in block.entries:
        if entry.name not in level.of or side == 0:
            continue
        good = (1 if entry.side == "long" else -1) * (1 if level.kind == "target" else -1)
        if side != good:
            where = "above" if side > 0 else "below"
            message = (
                f"the {level.kind} `{level.name}` of a {entry.side} entry lies {where} its price"
            )
            help = "turn the sign round, or give each side its own with `of`"
            report(ctx, "SW510", level.span, message, help)
            return


def _side(reader: Reader, price: Typed) -> int:
    """1 above the entry price, -1 below it, 0 when the bars decide."""
    if not isinstance(price, Apply) or len(price.args) != 2:
        return 0
    a, b = price.args
    if price.op == "mul":
        factor = b if _is_entry_price(a) else a if _is_entry_price(b) else None
        low, high = (1.0, 1.0) if factor is None else range_of(reader, factor)
        return 1 if low > 1 else -1 if high < 1 else 0
    if price.op == "add" and _is_entry_price(b):
        a, b = b, a
    if price.op not in ("add", "sub") or not _is_entry_price(a):
        return 0
    low, high = range_of(reader, b)
    sign = 1 if low >= 0 else -1 if high <= 0 else 0
    return sign if price.op == "add" else -sign


def _is_entry_price(typed: Typed) -> bool:
    return isinstance(typed, FieldRead) and typed.name == "position.entry_price"


# ---------------------------------------------------------------- limits


def check_limit_logic(ctx: Ctx, row: CheckedLimit) -> None:
    """Warn of a limit that refuses nothing, or everything."""
    if row.action == "clip":
        return
    found = verdict(Reader(ctx.scope.ranges), row.value)
    if found is None:
        return
    message = f"the limit `{row.name}` {'binds on every order' if found else 'can never bind'}"
    help = f"`{row.text}` is {'always' if found else 'never'} true"
    report(ctx, "SW603", row.span, message, help, severity="warning")


def check_switch_logic(ctx: Ctx, row: CheckedSwitch) -> None:
    """Warn of a switch that never enters, never leaves, or goes to and fro."""
    reader = Reader(ctx.scope.ranges)
    found = verdict(reader, row.enter)
    if found is not None:
        message = f"the {row.kind} `{row.name}` is {'always' if found else 'never'} in force"
        help = f"`{row.text}` is {'always' if found else 'never'} true"
        report(ctx, "SW603", row.span, message, help, severity="warning")
    elif row.resume is not None:
        _check_flapping(ctx, row, row.resume)


def _check_flapping(ctx: Ctx, row: CheckedSwitch, resume: Typed) -> None:
    lasting = isinstance(resume, Apply) and resume.op == "lasting"
    inner = resume.args[0] if isinstance(resume, Apply) and lasting else resume
    enter_at, resume_at = threshold(row.enter), threshold(inner)
    if enter_at is None or resume_at is None or enter_at[0] != resume_at[0]:
        return
    _, enter_up, high = enter_at
    _, resume_up, low = resume_at
    gap = (high - low) if enter_up else (low - high)
    if enter_up == resume_up or gap < 0:
        message = f"the {row.kind} `{row.name}` can enter and resume on the same value"
    elif gap == 0 and not lasting:
        message = f"the {row.kind} `{row.name}` enters and resumes at one threshold and will flap"
    else:
        return
    help = "leave a gap: enter above 30, resume below 25, or resume only `for 3 bars`"
    report(ctx, "SW606", row.span, message, help, severity="warning")


Threshold = tuple[tuple[Typed, Typed | None], bool, float]
"""What is compared (a value, maybe as a share of another), whether above counts, and the bound."""


def threshold(typed: Typed) -> Threshold | None:
    """A comparison with a bound, or None when the condition is none."""
    if not isinstance(typed, Apply):
        return None
    if typed.op == "not":
        inner = threshold(typed.args[0])
        return None if inner is None else (inner[0], not inner[1], inner[2])
    if typed.op not in ("gt", "ge", "lt", "le"):
        return None
    value, against = typed.args
    up = typed.op in ("gt", "ge")
    if isinstance(against, Const):
        return (value, None), up, against.value
    if isinstance(value, Const):
        return (against, None), not up, value.value
    if isinstance(against, Apply) and against.op == "mul" and isinstance(against.args[0], Const):
        return (value, against.args[1]), up, against.args[0].value
    return None
