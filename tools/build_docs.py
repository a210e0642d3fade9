"""Writes the reference pages under docs/ from the engine's tables, or checks that they are fresh.

python tools/build_docs.py            write the pages that PAGES names
python tools/build_docs.py --check    exit 1 when one of them is stale
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["COLUMNS"] = "80"

from engine.base.codes import CODES, Code  # noqa: E402
from engine.base.resources import rules_dir  # noqa: E402
from engine.check.field_args import EVENT_CALLS  # noqa: E402
from engine.check.weightings import WEIGHTINGS, Weighting  # noqa: E402
from engine.cli.fields import library  # noqa: E402
from engine.cli.main import VERBS, load, overview, parser_of  # noqa: E402
from engine.compile import plan_values  # noqa: E402
from engine.fields import FIELDS  # noqa: E402
from engine.fields.sane import BOUNDS, FIELDS_SANE  # noqa: E402
from engine.fields.spec import FieldSpec  # noqa: E402
from engine.lang.ast import Limit, LimitsBlock, Switch  # noqa: E402
from engine.lang.format import print_statement  # noqa: E402
from engine.lang.parse import parse_file  # noqa: E402
from engine.ops import ACROSS, OPS  # noqa: E402
from engine.ops.spec import Op  # noqa: E402
from engine.report.tables import COLUMNS, signature, warmup  # noqa: E402
from engine.session.evaluate import check_expression  # noqa: E402
from engine.session.recorded import recorded  # noqa: E402
from engine.session.sheet import said_of  # noqa: E402
from tools.library_examples import EXAMPLES  # noqa: E402
from tools.limit_rows import CONTROLS, ROWS, Control, Row  # noqa: E402

MADE = "<!-- made by tools/build_docs.py from the engine's tables: change those, not this page -->"


def cli_page() -> str:
    """The command line, verb by verb."""
    parts = ["# The seawall command", MADE, fenced(overview())]
    for verb in VERBS:
        module = load(verb.name)
        parts += [f"## seawall {verb.name}", module.HELP, fenced(help_of(verb.name))]
    return joined(parts)


def help_of(name: str) -> str:
    """What `seawall NAME --help` prints."""
    return parser_of(name, load(name)).format_help().strip()


def fields_page() -> str:
    """What rules may read."""
    bars = [f"| `{name}` | {unit} |" for name, unit in COLUMNS]
    return joined(
        [
            "# What rules may read",
            MADE,
            "Every bar has these columns; a column that the data does not know is na.",
            table(("column", "unit"), bars),
            "## Fields",
            "Fields are read at a decision, at the close of a bar.",
            table(FIELD_HEADS, [field_row(f) for f in FIELDS]),
            "## Lists of events",
            "Asked of a `list NAME : event = file …` (docs/spec.md): "
            + ", ".join(f"`{name}`" for name in EVENT_CALLS)
            + ".",
        ]
    )


FIELD_HEADS = ("field", "unit", "meaning", "na", "in", "also written")


def field_row(field: FieldSpec) -> str:
    """One row of the fields table."""
    name = field.name + (f"({field.arg})" if field.arg else "")
    also = ", ".join(f"`{a}`" for a in field.alias)
    cells = (f"`{name}`", field.unit, field.title, field.na, ", ".join(field.where), also)
    return "| " + " | ".join(cells) + " |"


def operators_page() -> str:
    """Every operator, in full."""
    parts = [
        "# Operators",
        MADE,
        "A letter (`u`, `v`) stands for any unit, the same wherever it is repeated. Warm-up counts"
        " bars beyond what the arguments need; *settled* is when the seed weighs under 0.1%.",
        DRIFT,
    ]
    errors = measured_errors()
    for op in OPS:
        facts = op_facts(op, errors.get(op.name, ""))
        parts += [f"## {escaped(op.symbol or op.name)}", f"{op.title}.", facts]
    parts += [
        "## Across the universe",
        "These compare all symbols of a strategy that have a bar at a close; a symbol whose value"
        " is na has no place and counts nowhere.",
    ]
    for op in ACROSS:
        parts += [f"### {escaped(op.name)}", f"{op.title}.", op_facts(op)]
    parts += ["## Weights", "What may follow `weight` besides an expression."]
    for way in WEIGHTINGS:
        parts += [f"### {way.name}", f"{way.title}.", way_facts(way)]
    return joined(parts)


def way_facts(way: Weighting) -> str:
    """Arguments, formula, source and example of one way to weigh."""
    given = ", ".join(f"{a.name}: {a.unit}" for a in way.args)
    return "\n".join(
        (
            f"- Signature: `weight {way.name}{f'({given})' if given else ''}`",
            f"- Formula: `{way.formula}`",
            f"- Source: {way.source}",
            f"- Example: `weight {way.example}`",
        )
    )


DRIFT = (
    "*Drift* is the largest error that was measured against exact arithmetic on every one of"
    " 1,000,000 bars (where not stated) around 100,000 with noise of one part in 10,000, where sums"
    " that are carried along lose most; the bound is 1e-10. It is relative to the result, or, where"
    " results pass through zero, to their root mean square (rms)."
    " `tools/measure_accuracy.py` measures it, with a short window and one of 500 bars.\n\n"
    "*Why the root mean square.* A slope, a correlation or a skew may come as near to zero as it"
    " likes while the values it is made of do not: moving one of these by half its last digit moves"
    " the result by about a fixed amount, however small the result is. So near zero no arithmetic"
    " on floats has a small error relative to the value; what can be bounded, and what a comparison"
    " with a threshold feels, is the error beside the size that such results usually have. Results"
    " that"
    " stay away from zero are measured by their own value."
)


def measured_errors() -> dict[str, str]:
    """What docs/accuracy.json says of each windowed operator, in words."""
    told: dict[str, list[str]] = {}
    for row in json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))["rows"]:
        size = "0" if row["error"] == 0 else f"{row['error']:.1e}"
        rms = "" if row["relative_to"] == "value" or not row["error"] else " of the rms"
        call = ", ".join(f"{c:g}" for c in row["consts"]) or "all bars"
        bars = "" if row["bars"] == 1_000_000 else f", {row['bars']:,} bars"
        told.setdefault(row["op"], []).append(f"{size}{rms} ({call}{bars})")
    return {name: "; ".join(texts) for name, texts in told.items()}


def op_facts(op: Op, drift: str = "") -> str:
    """Signature, formula, source, warm-up, drift and example of one operator."""
    facts = (
        ("Signature", f"`{signature(op)}`"),
        ("Formula", f"`{op.formula}`"),
        ("Warm-up", warmup(op)),
        *([("Drift", drift)] if drift else []),
        ("Source", op.source),
        ("Example", f"`{op.example}`"),
    )
    return "\n".join(f"- {what}: {text}" for what, text in facts)


def library_page() -> str:
    """Every shipped file of defines: its text, and what its usual calls come to."""
    parts = [
        "# The shipped library",
        MADE,
        "Indicators written in the language itself. A file's text says what they are, where they"
        " come from and what to mind; `use` brings them in. The tables say, for customary lengths,"
        " the unit, the bars before the first value, and the bars until it is settled: the seed"
        " then weighs under 0.1%.",
    ]
    named = {call.partition("(")[0]: file for call, file in library()}
    strangers = [e for e in EXAMPLES if e.partition("(")[0] not in named]
    if strangers:
        raise SystemExit(f"tools/library_examples.py calls what is not shipped: {strangers}")
    for file in sorted(set(named.values())):
        text = (rules_dir() / file).read_text(encoding="utf-8")
        rows = [define_row(e) for e in EXAMPLES if named[e.partition("(")[0]] == file]
        if not rows:
            raise SystemExit(f"tools/library_examples.py holds no call of {file}: add one")
        heads = ("call", "unit", "first value", "settled")
        parts += [f"## {file}", fenced(text, "rule"), table(heads, rows)]
    return joined(parts)


def define_row(call: str) -> str:
    """One call with what the checker and the plan say of it."""
    value = check_expression(call, recorded(None, None).catalogue).value
    plan = plan_values("call", {"value": value})
    unit = "truth" if value.kind.name == "truth" else str(value.kind.unit)
    return f"| `{call}` | {unit} | {plan.defined_bars} | {plan.settled_bars} |"


def diagnostics_page() -> str:
    """Every diagnostic code with its explanation, a bad and a good text."""
    parts = ["# Diagnostics", MADE, "`seawall check --explain CODE` prints one of these."]
    for code in CODES:
        parts += code_parts(code)
    return joined(parts)


def code_parts(code: Code) -> list[str]:
    """One code's section."""
    kind = "yaml" if code.id.startswith("SW8") else "rule"
    return [
        f"## {code.id}: {code.title}",
        code.page.strip(),
        "Wrong:",
        fenced(code.bad, kind),
        "Right:",
        fenced(code.good, kind),
    ]


def fenced(text: str, kind: str = "text") -> str:
    """A fenced block."""
    shown = text.replace("\0", "\N{SYMBOL FOR NULL}").strip("\n")
    return f"```{kind}\n{shown}\n```"


def table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """A Markdown table."""
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *rows])


def escaped(text: str) -> str:
    """Text that Markdown would read as markup, made plain."""
    return "".join(f"\\{c}" if c in "*_<>[]#`" else c for c in text)


def joined(parts: Sequence[str]) -> str:
    """Parts one blank line apart."""
    return "\n\n".join(parts) + "\n"


def limits_page() -> str:
    """The checklist of a trading desk, and the shipped limits that answer it."""
    shipped = shipped_limits()
    labels = [label_of(row, shipped) for row in ROWS]
    told = [f"{labels.count(word)} {word}{in_part(word, labels)}" for word in LABELS]
    parts = [
        "# The checklist of limits",
        MADE,
        "Every row that a trading desk expects, and the shipped limits that answer it. Each is "
        "written out in `rules/limits/`, with a reason and with tests beside it; copy what you "
        "need into your own file. `rules/limits/house.rule` is the short set that runs by default.",
        f"{len(ROWS)} rows: {', '.join(told)}. A limit *with simulated inputs* reads what only a "
        "live system knows (`system.*`, `model.*`, `quote.*`, `feed.*`): tests set it by hand, and "
        "a replay under it has no data until it is waived. What a row still lacks stands beside "
        "it.",
        table(
            ("group", "asks for", "shipped limits", "state", "still missing"),
            [limit_row(row, label) for row, label in zip(ROWS, labels, strict=True)],
        ),
        "## SEC 15c3-5 and the FIA's controls",
        "Which limit answers which control. Rule 15c3-5 is 17 CFR 240.15c3-5; FIA 2024 is the "
        "paper on best practices for automated trading risk controls.",
        table(("control", "asks for", "answered by"), [control_row(c, shipped) for c in CONTROLS]),
        "## What counts as unknown",
        "Besides na, a number that cannot be is unknown to every limit, so that it denies, or "
        "pauses: one that is not finite, and what this table does not allow. Truth values have an "
        "unknown of their own.",
        table(("what limits read", "can be"), sane_rows()),
        "## What a limit on one order cannot do",
        "A limit that looks at one order alone, such as `orders.max_quantity`, `orders.adv_cap` "
        "or `orders.max_loss`, is met by each of ten orders for a tenth: by its nature it stops "
        "a slip of the finger, not a position that is built in parts. What closes that: limits "
        "that count what is held and ordered already (`positions.symbol_cap`, "
        "`positions.days_to_leave`, `positions.gross_cap`, any limit `on position`), and limits "
        "on how often (`rates.orders_per_minute`, `rates.orders_per_week`, `rates.repeats`, "
        "`rates.duplicates`): with at most n orders in a window, a cap of q a piece is one of n "
        "times q. The house limits hold parts by `house.cluster`, `house.gross_cap` and "
        "`house.count_cap`.",
        "## What each shipped limit says",
    ]
    for block, rows in shipped.items():
        lines = [shipped_row(block, row) for row in rows]
        parts += [f"### {block}", table(("limit", "says", "because"), lines)]
    return joined(parts)


def sane_rows() -> list[str]:
    """What the inputs of limits can be, one row for each kind of them."""
    words = {"any": "any number", "positive": "above zero", "share": "0 to 1"}
    fields = {
        words.get(sane, "zero or more"): [f"`{n}`" for n, x in FIELDS_SANE.items() if x == sane]
        for sane in BOUNDS
    }
    told = [
        ("open, high, low and close; feeds of prices or index points (the VIX)", "above zero"),
        ("volume", "zero or more"),
        ("feeds of another unit, such as a yield", "any number"),
        *((", ".join(names), can_be) for can_be, names in fields.items()),
    ]
    return [f"| {what} | {can_be} |" for what, can_be in told]


def in_part(word: str, labels: Sequence[str]) -> str:
    """How many rows of a state still lack something."""
    rows = [row for row, label in zip(ROWS, labels, strict=True) if label == word]
    count = sum(bool(row.missing) for row in rows)
    return f" ({count} of them in part)" if count and word != LABELS[2] else ""


LABELS = ("enforced now", "enforced with simulated inputs", "declared only")
LIVE = ("system.", "model.", "quote.", "feed.")


def shipped_limits() -> dict[str, list[Limit | Switch]]:
    """The rows of every shipped limits block, by its name."""
    found: dict[str, list[Limit | Switch]] = {}
    for path in sorted((rules_dir() / "limits").glob("*.rule")):
        for block in parse_file(path)[0].blocks:
            if isinstance(block, LimitsBlock):
                found[block.name] = [s for s in block.body if isinstance(s, Limit | Switch)]
    return found


def label_of(row: Row, shipped: dict[str, list[Limit | Switch]]) -> str:
    """How far a row is enforced, as its limits say."""
    if not row.limits:
        return LABELS[0] if row.engine else LABELS[2]
    texts = [print_statement(limit_named(name, shipped)) for name in row.limits]
    is_live = [any(word in text for word in LIVE) for text in texts]
    return LABELS[1] if all(is_live) else LABELS[0]


def limit_named(name: str, shipped: dict[str, list[Limit | Switch]]) -> Limit | Switch:
    """A shipped row by `block.name`."""
    block, _, own = name.partition(".")
    found = [x for x in shipped.get(block, ()) if x.name == own]
    if not found:
        raise SystemExit(f"tools/limit_rows.py names {name}, which rules/limits does not hold")
    return found[0]


def limit_row(row: Row, label: str) -> str:
    """One row of the checklist."""
    named = ", ".join(f"`{name}`" for name in row.limits)
    answers = "; ".join(x for x in (named, row.engine) if x)
    state = f"{label}, in part" if row.missing and label != LABELS[2] else label
    return "| " + " | ".join((row.group, row.asks, answers, state, row.missing)) + " |"


def control_row(control: Control, shipped: dict[str, list[Limit | Switch]]) -> str:
    """One control of a rule book."""
    for name in control.limits:
        limit_named(name, shipped)
    named = ", ".join(f"`{name}`" for name in control.limits)
    answers = "; ".join(x for x in (named, control.engine) if x)
    return "| " + " | ".join((control.source, control.asks, answers)) + " |"


def shipped_row(block: str, row: Limit | Switch) -> str:
    """One shipped limit in a table."""
    said = said_of(row).replace("|", "\\|")
    return f"| `{row.name}` | `{said}` | {row.because or ''} |"


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "fields.md": fields_page,
    "operators.md": operators_page,
    "library.md": library_page,
    "diagnostics.md": diagnostics_page,
    "limits.md": limits_page,
}


def main(words: Sequence[str]) -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, page in PAGES.items():
        path, text = ROOT / "docs" / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in words:
            path.write_text(text, encoding="utf-8")
    if "--check" in words and stale:
        print(f"stale: {', '.join(stale)}; run python tools/build_docs.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
