"""The open tables as text (floor 10): what rules may read, and the operators they may use."""

from collections.abc import Iterable, Sequence

from engine.fields.spec import FieldSpec
from engine.ops.spec import Arg, Op
from engine.report.glyphs import Screen
from engine.report.words import count, number, paragraphs, wrap

BLOCKS = {"strategy": "S", "limits": "L", "scenario": "C"}
COLUMNS = (
    ("open, high, low, close", "price"),
    ("volume", "shares"),
)
"""What every bar has, beside FIELDS."""
MORE = "`seawall fields NAME` explains one of them; `seawall data list` names the symbols."


def fields_page(
    fields: Sequence[FieldSpec],
    ops: Sequence[Op],
    library: Sequence[tuple[str, str]],
    screen: Screen,
) -> str:
    """Everything a rule may name; `library` holds the shipped defines with their files."""
    return paragraphs(
        [
            _title(
                "Of each bar (na where unknown; `close of SYMBOL` reads another symbol's)", screen
            ),
            "\n".join(f"  {name:<26} {unit}" for name, unit in COLUMNS),
            _title("Fields (S in strategies, L in limits, C in scenarios)", screen),
            "\n".join(_field_row(f, screen) for f in fields),
            _title("Operators", screen),
            "\n".join(_op_row(o, screen) for o in ops),
            _title("Shipped defines", screen),
            "\n".join(_row(f"{name:<32}", f'use "{file}"', screen) for name, file in library),
            wrap(MORE, screen.width),
        ]
    )


def field_page(field: FieldSpec, screen: Screen) -> str:
    """One field, in full."""
    rows = [
        ("unit", field.unit),
        ("na", field.na),
        ("where", ", ".join(field.where)),
        ("takes", field.arg or ""),
        ("also", ", ".join(field.alias)),
    ]
    return _page(field.name, field.title, rows, screen)


def op_page(op: Op, screen: Screen) -> str:
    """One operator, in full."""
    rows = [
        ("formula", op.formula),
        ("warm-up", warmup(op)),
        ("source", op.source),
        ("example", op.example),
    ]
    return _page(signature(op), op.title, rows, screen)


def signature(op: Op) -> str:
    """`sma(x: u, length: bars) -> u`, or the symbol with its operands' units."""
    units = [arg.unit if arg.kind == "number" else arg.kind for arg in op.args]
    if op.symbol == "[k]":
        return f"{units[0]}[k] → {op.result}"
    if op.symbol and len(units) <= 2:
        return f"{' '.join([*units[:-1], op.symbol, *units[-1:]])} → {op.result}"
    return f"{op.symbol or op.name}({', '.join(_arg(a) for a in op.args)}) → {op.result}"


def warmup(op: Op) -> str:
    """How many bars pass before the first value, as an example with the shortest honest figures."""
    consts = tuple(_sample(a) for a in op.args if a.kind == "const")
    defined = op.defined(consts)
    settled = op.settled(consts) if op.settled else defined
    given = ", ".join(f"{a.name} {number(_sample(a), 0)}" for a in op.args if a.kind == "const")
    text = f"first value after {count(defined, 'bar')}" if defined else "none"
    if settled != defined:
        text += f", settled after {settled}"
    return f"{text} ({given})" if given else text


def _sample(arg: Arg) -> float:
    if arg.default is not None:
        return arg.default
    return max(arg.low, min(arg.high, 20))


def _arg(arg: Arg) -> str:
    kind = "truth" if arg.kind == "truth" else arg.unit
    default = "" if arg.default is None else f" = {arg.default:g}"
    return f"{arg.name}: {kind}{default}"


def _field_row(field: FieldSpec, screen: Screen) -> str:
    name = field.name + (f"({field.arg})" if field.arg else "")
    blocks = "".join(BLOCKS[w] for w in field.where)
    title = field.title + (f" Also `{'`, `'.join(field.alias)}`." if field.alias else "")
    return _row(f"{name:<26} {field.unit:<6} {blocks:<3}", title, screen)


def _op_row(op: Op, screen: Screen) -> str:
    name = op.symbol or f"{op.name}({', '.join(a.name for a in op.args)})"
    return _row(f"{name:<22}", op.title, screen)


def _row(head: str, text: str, screen: Screen) -> str:
    first = f"  {head} "
    if screen.width < len(first) + 30:
        return first.rstrip() + "\n" + wrap(screen.plain(text), screen.width, "      ")
    return wrap(screen.plain(text), screen.width, first, " " * len(first))


def _page(name: str, title: str, rows: Iterable[tuple[str, str]], screen: Screen) -> str:
    lines = [screen.paint(screen.plain(name), "bold"), wrap(title, screen.width, "  ")]
    for what, text in rows:
        if text:
            lines.append(wrap(screen.plain(text), screen.width, f"  {what:<8} "))
    return "\n".join(lines)


def _title(text: str, screen: Screen) -> str:
    return screen.paint(wrap(text, screen.width), "bold")
