"""The sheet of limits as text (floor 10): who is bound by what, why, and what changed."""

from collections.abc import Sequence

from engine.report.glyphs import Screen, harmless
from engine.report.words import paragraphs, wrap
from engine.session.sheet import Pair, Sheet, SheetRow
from engine.session.sheet_changes import Change


def sheet_text(sheet: Sheet, screen: Screen) -> str:
    """Every group of strategies and symbols with the limits that bind it, and the hash."""
    told = harmless(sheet)
    blocks = [_group(pairs, rows, screen) for pairs, rows in told.groups()]
    if told.waives:
        blocks.append(_waives(told, screen))
    count = len(told.rows)
    word = "limit" if count == 1 else "limits"
    blocks.append(f"{count} {word}, hash {told.hash}")
    return paragraphs(screen.plain(b) for b in blocks)


def _group(pairs: Sequence[Pair], rows: Sequence[SheetRow], screen: Screen) -> str:
    lines = [screen.paint(line, "bold") for line in _who(pairs)]
    for row in rows:
        lines += _row(row, screen)
    return "\n".join(lines if rows else [*lines, "  no limits"])


def _who(pairs: Sequence[Pair]) -> list[str]:
    by_strategy: dict[str, list[str]] = {}
    for pair in pairs:
        by_strategy.setdefault(pair.strategy, []).append(pair.symbol)
    return [f"{name} on {', '.join(symbols)}" for name, symbols in by_strategy.items()]


def _row(row: SheetRow, screen: Screen) -> list[str]:
    scope = "" if row.scope == "firm" else f", scope {row.scope}"
    loud = "" if row.severity is None else f", {row.severity}"
    lines = [f"  {row.limit} ({row.kind}{scope}{loud})", wrap(row.text, screen.width, "    ")]
    lines += [wrap(f"where {m}", screen.width, "    ", "      ") for m in row.meaning]
    lines.append(f"    unknown: {row.unknown}")
    if row.because:
        lines.append(wrap(f"because {row.because}", screen.width, "    ", "      "))
    return lines


def _waives(sheet: Sheet, screen: Screen) -> str:
    lines = [screen.paint("waived in replays", "bold")]
    for crisis, name, why in sheet.waives:
        lines.append(wrap(f"{name} in {crisis}: {why}", screen.width, "  ", "    "))
    return "\n".join(lines)


def changes_text(found: Sequence[Change], since: str, screen: Screen) -> str:
    """What changed since another sheet, one paragraph each."""
    if not found:
        return f"no limit changed since {since}"
    blocks = [_change(harmless(c), screen) for c in found]
    looser = sum(c.is_looser for c in found)
    blocks.append(f"{len(found)} changed since {since}; {looser} may let more through")
    return paragraphs(screen.plain(b) for b in blocks)


def _change(change: Change, screen: Screen) -> str:
    lines = [f"{screen.paint(change.limit, 'bold')} {change.how}"]
    if change.before:
        lines.append(wrap(f"was {change.before}", screen.width, "  ", "    "))
    if change.after:
        lines.append(wrap(f"is {change.after}", screen.width, "  ", "    "))
    return "\n".join(lines)
