"""The sheet that a risk officer signs (floor 9): every limit in force on each strategy and symbol.

Read from the texts alone, without data: what `limits` files say after scoping, with the params,
lets, feeds and defines that give their words a meaning. Its hash covers all of that and no comment,
layout or order of lines: two sheets of one hash hold the same limits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from engine.base.diagnostics import in_order
from engine.base.unreadable import unreadable
from engine.check import check_file, load_uses, read_near
from engine.lang import ast
from engine.lang.format import print_expr, print_statement
from engine.records.catalogue import Catalogue
from engine.session.folder import canonical, digest
from engine.session.read import parse_rules, refuse
from engine.session.wire import Entry, Wiring


@dataclass(frozen=True, order=True)
class Pair:
    """A strategy and a symbol that it may trade, with the desk and the asset class of each."""

    strategy: str
    symbol: str
    desk: str = ""
    kind: str = ""


@dataclass(frozen=True)
class SheetRow:
    """One limit or switch. limit: `block.name`. own: the strategy whose own block it is, or "".

    text: what it says, on one line. unknown: what it does when it cannot be evaluated. meaning: the
    statements that its words stand for, on one line each.
    """

    limit: str
    kind: str
    own: str
    scope: str
    severity: str | None
    text: str
    unknown: str
    because: str
    meaning: tuple[str, ...]
    file: str
    line: int
    node: ast.Limit | ast.Switch


@dataclass(frozen=True)
class Sheet:
    """rows: in the order of files. pairs: what is traded. waives: (scenario, limit, because)."""

    rows: tuple[SheetRow, ...]
    pairs: tuple[Pair, ...]
    waives: tuple[tuple[str, str, str], ...]

    @property
    def hash(self) -> str:
        """SHA-256 of what the limits mean and whom they bind."""
        told = [[r.limit, r.own, r.scope, r.text, *r.meaning] for r in self.rows]
        return digest(
            canonical([sorted(told), sorted(map(astuple, self.pairs)), sorted(self.waives)])
        )

    def groups(self) -> list[tuple[list[Pair], tuple[SheetRow, ...]]]:
        """Pairs under the same rows, together."""
        found: dict[tuple[int, ...], list[Pair]] = {}
        for pair in self.pairs:
            own = tuple(k for k, r in enumerate(self.rows) if binds(r, pair))
            found.setdefault(own, []).append(pair)
        return [(pairs, tuple(self.rows[k] for k in own)) for own, pairs in found.items()]


def binds(row: SheetRow, pair: Pair) -> bool:
    """Whether a row judges the orders of a strategy in a symbol."""
    if row.own not in ("", pair.strategy):
        return False
    members = {
        "desk": pair.desk,
        "strategy": pair.strategy,
        "asset class": pair.kind,
        "symbol": pair.symbol,
    }
    mine = members.get(row.node.scope or "firm")
    return mine is None or (mine != "" if row.node.group is None else row.node.group == mine)


# ---------------------------------------------------------------- reading


def sheet(wired: Wiring, catalogue: Catalogue) -> Sheet:
    """The sheet of a set-up; RuleErrors for mistakes in its limits."""
    firm = [row for path in wired.limits for row in rows_of(path, "", catalogue)]
    owned = [row for e in wired.entries for p in e.limits for row in rows_of(p, e.name, catalogue)]
    pairs = [
        Pair(e.name, symbol, e.desk, _kind(symbol, catalogue))
        for e in wired.entries
        for symbol in _universe(e)
    ]
    waives = [w for path in wired.scenarios for w in _waives(path)]
    return Sheet((*firm, *owned), tuple(pairs), tuple(waives))


def _kind(symbol: str, catalogue: Catalogue) -> str:
    known = catalogue.symbol(symbol)
    return "" if known is None else known.kind


def _universe(entry: Entry) -> Sequence[str]:
    return entry.universe or ("any symbol",)


def rows_of(path: Path, own: str, catalogue: Catalogue) -> list[SheetRow]:
    """The rows of the limits blocks of a file."""
    file, problems = parse_rules(path)
    used, more = load_uses(file, read_near)
    _, found = check_file(file, used, catalogue, {}, problems=[*problems, *more])
    refuse(in_order([*problems, *more, *found]), "error")
    files = [file, *used.values()]
    shared = {
        b.name: b for f in files for b in f.blocks if isinstance(b, ast.Define | ast.ListDecl)
    }
    blocks = [b for b in file.blocks if isinstance(b, ast.LimitsBlock)]
    return [row for block in blocks for row in _rows(block, own, shared)]


def _rows(
    block: ast.LimitsBlock, own: str, shared: Mapping[str, ast.Define | ast.ListDecl]
) -> list[SheetRow]:
    words: dict[str, ast.Define | ast.ListDecl | ast.LimitsStatement] = dict(shared)
    words |= {s.name: s for s in block.body if isinstance(s, ast.Let | ast.Param | ast.Data)}
    found = [s for s in block.body if isinstance(s, ast.Limit | ast.Switch)]
    return [_row(block, own, words, s) for s in found]


def _row(
    block: ast.LimitsBlock, own: str, words: Mapping[str, object], node: ast.Limit | ast.Switch
) -> SheetRow:
    scope = node.scope or "firm"
    return SheetRow(
        limit=f"{block.name}.{node.name}",
        kind="limit" if isinstance(node, ast.Limit) else node.kind,
        own=own,
        scope=scope if node.group is None else f"{scope} {node.group}",
        severity=node.severity,
        text=said_of(node),
        unknown=_unknown(node),
        because=node.because or "",
        meaning=_meaning(node, words),
        file=node.span.file,
        line=node.span.line,
        node=node,
    )


ACTIONS = {"deny": "deny when", "clip": "clip qty to", "reduce": "reduce only when"}


def said_of(node: ast.Limit | ast.Switch) -> str:
    """What a row does, on one line, without its name and its reason."""
    if isinstance(node, ast.Limit):
        return f"on {node.on} {ACTIONS[node.action]} {print_expr(node.value)}"
    parts = [
        ("enter when", node.enter and print_expr(node.enter)),
        ("resume when", node.resume_when and print_expr(node.resume_when)),
        ("resume after", node.resume_after and print_expr(node.resume_after)),
        ("resume by hand", node.resume_hand),
    ]
    return ", ".join(f"{word} {what}" for word, what in parts if what)


def _unknown(node: ast.Limit | ast.Switch) -> str:
    """What unknown does: a pause enters, a flatten or halt blocks entries without entering."""
    if isinstance(node, ast.Switch):
        return "pauses" if node.kind == "pause" else "blocks entries"
    return "skips" if node.otherwise == "skip" else "denies"


def _meaning(node: object, words: Mapping[str, object]) -> tuple[str, ...]:
    """Every statement that a row's words lead to, as the formatter writes it, on one line."""
    found: dict[str, object] = {}
    waiting = [node]
    while waiting:
        for name in sorted(_names(waiting.pop())):
            if name in words and name not in found:
                found[name] = words[name]
                waiting.append(words[name])
    return tuple(_spelled(found[n]) for n in sorted(found))


def _spelled(statement: object) -> str:
    """A statement on one line; a list from a file with the hash of what stands in it."""
    text = " ".join(print_statement(statement).split())
    if isinstance(statement, ast.ListDecl) and statement.file is not None:
        path = Path(statement.span.file).parent / statement.file
        try:
            return f"{text} # {digest(path.read_bytes())}"
        except OSError as problem:
            raise unreadable(path, problem, (path.suffix,)) from None
    return text


def _names(value: object) -> set[str]:
    """Every name, call and list inside a piece of the tree."""
    if isinstance(value, tuple):
        return {n for part in value for n in _names(part)}
    if not hasattr(value, "__dataclass_fields__"):
        return set()
    own = set()
    if isinstance(value, ast.Name | ast.Call):
        own.add(value.name)
    elif isinstance(value, ast.IsIn):
        own.add(value.list)
    inside = (getattr(value, f) for f in value.__dataclass_fields__ if f != "span")
    return own.union(*map(_names, inside))


def _waives(path: Path) -> Iterable[tuple[str, str, str]]:
    file, _ = parse_rules(path)
    for block in file.blocks:
        if isinstance(block, ast.Scenario):
            for row in block.body:
                if isinstance(row, ast.Waive):
                    yield block.name, f"{row.limits}.{row.name}", row.because
