"""The values of a strategy's rules on one bar as trees (floor 9): what `why` shows of the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.check.typed import CheckedStrategy, Const, Named, Typed
from engine.fields import POSITION_QTY
from engine.run.program import Program
from engine.run.walk import watch
from engine.session.answers import Truth, WhyNode, WhyRule
from engine.session.desk import entry_indices, host_of
from engine.session.earlier import Past, earlier
from engine.session.figures import plain
from engine.session.listen import Call
from engine.session.lists import FALSE, TRUE


@dataclass(frozen=True)
class Moment:
    """The asked bar of a replayed cell: values of every node there and before, and the rule's calls
    on it."""

    program: Program
    symbol: int
    bar: int
    past: Past
    calls: Sequence[Call]
    row: Sequence[float]


# ---------------------------------------------------------------- values


def _values(at: Moment, names: Sequence[str], call: Call | None) -> dict[str, float]:
    """What each note is on this bar, by its name; book values need a call."""
    plan = at.program.plan
    found = {}
    book = []
    for name in names:
        node = plan.graph.out(name)
        if plan.stages[node] == "book":
            book.append(name)
        else:
            found[name] = float(at.past.rows[-1][node])
    if call is not None and book:
        out = [0.0] * len(book)
        watch(plan, book)(at.row, 0, list(call.fields), 0, list(call.cells), 0, out, 0)
        found |= dict(zip(book, out, strict=True))
    return found


def _node(
    named: Named, path: str, at: Moment, values: Mapping[str, float], lets: Mapping[Typed, str]
) -> WhyNode:
    value = values.get(path, float("nan"))
    is_truth = named.value.kind.name == "truth"
    parts = tuple(_node(p, f"{path}.{k}", at, values, lets) for k, p in enumerate(named.parts))
    before = earlier(named, at.program.plan.graph.out(path), at.past, lets)
    truth = _truth(value) if is_truth else None
    name = lets.get(named.value, "")
    return WhyNode(
        text=named.text,
        value=None if is_truth else plain(value),
        unit=str(named.value.kind.unit),
        truth=truth,
        name=name,
        parts=parts,
        sides=before.sides,
        of_date=before.of_date,
        lasted=before.lasted,
    )


def _truth(value: float) -> Truth:
    if value == TRUE:
        return "true"
    return "false" if value == FALSE else "unknown"


def _paths(named: Named, path: str) -> list[str]:
    return [path, *(x for k, p in enumerate(named.parts) for x in _paths(p, f"{path}.{k}"))]


# ---------------------------------------------------------------- rules


def rules_at(checked: CheckedStrategy, rule: str | None, at: Moment) -> tuple[WhyRule, ...]:
    lets: dict[Typed, str] = {
        x.value: x.name for x in checked.lets if not isinstance(x.value, Const)
    }
    made = [_entry(checked, k, at, lets) for k in range(len(checked.entries))]
    made += [_exit(checked, k, at, lets) for k in range(len(checked.exits))]
    made += [_level(checked, k, at) for k in range(len(checked.levels))]
    if checked.weight is not None:
        made.append(_weight(checked, at, lets))
    return tuple(r for r in made if rule in (None, r.name))


def _call(at: Moment, entry: int) -> Call | None:
    return next((c for c in at.calls if c.entry == entry), None)


def _out(at: Moment, call: Call | None, name: str) -> float | None:
    place = at.program.layout.rule_out(name)
    return plain(call.out[place]) if call is not None and place >= 0 else None


def _when(
    named: Named, path: str, at: Moment, call: Call | None, lets: Mapping[Typed, str]
) -> WhyNode:
    return _node(named, path, at, _values(at, _paths(named, path), call), lets)


def _entry(checked: CheckedStrategy, k: int, at: Moment, lets: Mapping[Typed, str]) -> WhyRule:
    e, call = checked.entries[k], _call(at, host_of(checked, k))
    path = f"entry.{e.name}"
    return WhyRule(
        kind="entry",
        name=e.name,
        because=e.because,
        was_judged=call is not None,
        when=_when(e.when, f"{path}.when", at, call, lets),
        size=_out(at, call, f"{path}.size"),
        size_unit="share" if e.size_in == "shares" else "$",
        price=_out(at, call, f"{path}.price"),
    )


def _exit(checked: CheckedStrategy, k: int, at: Moment, lets: Mapping[Typed, str]) -> WhyRule:
    x = checked.exits[k]
    calls = [c for e in entry_indices(checked, x.of) if (c := _call(at, e)) is not None]
    held = [c for c in calls if c.fields[POSITION_QTY] != 0.0]
    call = next(iter(held or calls), None)
    path = f"exit.{x.name}"
    return WhyRule(
        kind="exit",
        name=x.name,
        because=x.because,
        was_judged=bool(held),
        when=_when(x.when, f"{path}.when", at, call, lets),
        price=_out(at, call, f"{path}.price"),
    )


def _level(checked: CheckedStrategy, k: int, at: Moment) -> WhyRule:
    level = checked.levels[k]
    calls = [c for e in entry_indices(checked, level.of) if (c := _call(at, e)) is not None]
    held = [c for c in calls if c.fields[POSITION_QTY] != 0.0]
    price = _level_price(at, held[0], f"{level.kind}.{level.name}") if held else None
    return WhyRule(
        kind=level.kind,
        name=level.name,
        because=level.text,
        was_judged=bool(held),
        when=None,
        price=price,
    )


def _level_price(at: Moment, call: Call, name: str) -> float | None:
    """A trail's level at this close; for stops, the level that this bar's values would give."""
    trailed = _out(at, call, name)
    if trailed is not None or name.startswith("trail."):
        return trailed
    out = [0.0] * at.program.layout.stops_width
    fields = list(call.fields)
    at.program.stops(at.row, 0, fields, 0, [0.0], 0, out, 0)
    return plain(out[at.program.layout.stops_out(name)])


def _weight(checked: CheckedStrategy, at: Moment, lets: Mapping[Typed, str]) -> WhyRule:
    call = _call(at, len(checked.entries))
    value = _out(at, call, "weight")
    hold = checked.hold
    when = None if hold is None else _when(hold, "weight.hold", at, call, lets)
    return WhyRule("weight", "weight", "", call is not None, when, value, "of equity")


def lets_at(checked: CheckedStrategy, at: Moment) -> tuple[WhyNode, ...]:
    call = next(iter(at.calls), None)
    made = []
    for let in (replace(let, parts=()) for let in checked.lets):
        path = f"let.{let.name}"
        whole = replace(let, parts=())  # notes are kept of a let, not of what it is made of
        node = _node(whole, path, at, _values(at, [path], call), {})
        made.append(replace(node, name=let.name))
    return tuple(made)
