"""Compile grammar/rule.lark into grammar/rule.tables.json, the only part of Lark the engine needs.

Lark builds the LALR tables (contextual lexer, strict); this writes them small and in fixed order,
so that equal grammars give equal bytes. `--check` writes nothing, and exits 1 when they are stale.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.lang.statements import STARTS  # noqa: E402

GRAMMAR = ROOT / "grammar" / "rule.lark"
TABLES = ROOT / "grammar" / "rule.tables.json"


def compile_grammar(text: str) -> Lark:
    """The grammar under LALR with a contextual lexer and every collision an error."""
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        strict=True,
        start=list(STARTS),
        maybe_placeholders=True,
    )


def _take(rule: Rule) -> list[list[int]]:
    """Which parts of a rule's expansion become children: [index, splice], or [-1, 0] for None."""
    flags = rule.options.empty_indices or (False,) * len(rule.expansion)
    parts: list[list[int]] = []
    position = 0
    for is_empty in flags:
        if is_empty:
            parts.append([-1, 0])
            continue
        symbol = rule.expansion[position]
        hidden = getattr(symbol, "filter_out", False) and not rule.options.keep_all_tokens
        if not hidden:
            parts.append([position, int(not symbol.is_term and symbol.name.startswith("_"))])
        position += 1
    return parts


def _rule_row(rule: Rule) -> list[Any]:
    inline = rule.origin.name.startswith("_")
    single = bool(rule.options.expand1) and not rule.alias
    name = rule.alias or rule.origin.name
    return [rule.origin.name, name, len(rule.expansion), int(inline), int(single), _take(rule)]


def _order_states(table: Any) -> dict[Any, int]:
    """Number the states breadth first from the starts, so numbering follows the grammar alone."""
    queue = [table.start_states[start] for start in STARTS]
    numbers: dict[Any, int] = {}
    while queue:
        state = queue.pop(0)
        if state in numbers:
            continue
        numbers[state] = len(numbers)
        for _, (action, target) in sorted(table.states[state].items(), key=lambda item: item[0]):
            if action.name == "Shift":
                queue.append(target)
    return numbers


def _rows(table: Any, numbers: dict[Any, int], rules: dict[Any, int]) -> list[dict[str, int]]:
    rows = []
    for state in sorted(numbers, key=numbers.__getitem__):
        row = {}
        for symbol, (action, target) in sorted(table.states[state].items(), key=lambda i: i[0]):
            is_shift = action.name == "Shift"
            row[symbol] = numbers[target] if is_shift else -1 - rules[target]
        rows.append(row)
    return rows


def _terminals(lark: Lark) -> list[list[Any]]:
    rows = [[t.name, t.pattern.type, t.pattern.value, t.priority] for t in lark.terminals]
    return sorted(rows)


def tables(text: str) -> dict[str, Any]:
    """The compiled grammar as plain JSON values."""
    lark = compile_grammar(text)
    table = lark.parser.parser._parse_table
    rules = sorted(lark.rules, key=lambda rule: (rule.origin.name, rule.order, str(rule)))
    index = {rule: number for number, rule in enumerate(rules)}
    numbers = _order_states(table)
    return {
        "grammar": hashlib.sha256(text.encode()).hexdigest(),
        "terminals": _terminals(lark),
        "ignore": sorted(lark.ignore_tokens),
        "starts": {s: numbers[table.start_states[s]] for s in STARTS},
        "ends": {s: numbers[table.end_states[s]] for s in STARTS},
        "rules": [_rule_row(rule) for rule in rules],
        "rows": _rows(table, numbers, index),
    }


def rendered() -> str:
    """The text that rule.tables.json ought to hold; one row a line, to keep diffs readable."""
    built = tables(GRAMMAR.read_text(encoding="utf-8"))
    lines = []
    for key, value in built.items():
        if isinstance(value, list):
            inner = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            lines.append(f"{json.dumps(key)}:[\n{inner}\n]")
        else:
            lines.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the tables, or with `--check` say whether they are fresh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 when the tables are stale")
    options = parser.parse_args(arguments)
    text = rendered()
    if options.check:
        is_fresh = TABLES.exists() and TABLES.read_text(encoding="utf-8") == text
        print("fresh" if is_fresh else f"stale: run {Path(__file__).name}")
        return 0 if is_fresh else 1
    TABLES.write_text(text, encoding="utf-8")
    print(f"wrote {TABLES.relative_to(ROOT)}: {len(text)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
