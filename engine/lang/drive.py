"""The LALR driver: runs the compiled tables over a slice of tokens (floor 3).

It does what Lark's own parser does on the same tables (a test holds the two equal), without
importing Lark and building values bottom-up as it goes, so it never recurses.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.lang.scan import WORD, Token
from engine.lang.tables import Rule, Tables, load

MAX_DEPTH = 100
"""How deep an expression may nest; the passes after this one walk trees by recursion."""

END = "$END"

Action = Callable[[Any, tuple[int, int], list[Any]], Any]
"""Builds a value from (context, (start, end), children)."""


class Item(NamedTuple):
    """A value on the stack with its place and nesting depth (of a spliced list: its deepest)."""

    value: Any
    start: int
    end: int
    depth: int


class Failure(NamedTuple):
    """Where parsing stopped: the token's place (len = the end) and what could stand there."""

    place: int
    expected: frozenset[str]
    is_deep: bool = False

    @property
    def is_complete(self) -> bool:
        """True when the text before the failure is a whole statement."""
        return END in self.expected


class Parsed(NamedTuple):
    """A parsed value."""

    value: Any


def parse_tokens(
    start: str, tokens: Sequence[Token], actions: Mapping[str, Action], context: Any
) -> Parsed | Failure:
    """Parse tokens from a start symbol, building values with `actions` (by rule or alias name)."""
    tables = load()
    states = [tables.starts[start]]
    values: list[Item] = []
    for index, token in enumerate(tokens):
        kind = _kind(token, tables.rows[states[-1]], tables)
        if not _reduce_all(kind, states, values, tables, actions, context, tables.ends[start]):
            return Failure(index, _accepted(states, tables, tables.ends[start]))
        if values and values[-1].depth > MAX_DEPTH:
            return Failure(index, frozenset(), True)
        states.append(tables.rows[states[-1]][kind])
        values.append(Item(token, token.start, token.end, 0))
    if not _reduce_all(END, states, values, tables, actions, context, tables.ends[start]):
        return Failure(len(tokens), _accepted(states, tables, tables.ends[start]))
    if values[-1].depth > MAX_DEPTH:
        return Failure(len(tokens) - 1, frozenset(), True)
    return Parsed(values[-1].value)


def _kind(token: Token, row: Mapping[str, int], tables: Tables) -> str:
    """The terminal a token stands for in this state: a keyword if one is expected, else a name."""
    if token.kind not in (WORD, "TIMES") or token.kind in row:
        return token.kind
    keyword = tables.words.get(token.text)
    if keyword in row:
        return str(keyword)
    if "FIELD" in row and "." not in token.text:
        return "FIELD"
    if token.text in tables.reserved or "." in token.text:
        return keyword or token.kind
    return "UNIT" if "UNIT" in row and not token.leads else "NAME"


def _reduce_all(
    kind: str,
    states: list[int],
    values: list[Item],
    tables: Tables,
    actions: Mapping[str, Action],
    context: Any,
    end: int,
) -> bool:
    """Reduce until `kind` can be shifted (or, at the end, the start symbol is whole)."""
    while True:
        if kind == END and states[-1] == end:
            return True
        step = tables.rows[states[-1]].get(kind)
        if step is None:
            return False
        if step >= 0:
            return True
        rule = tables.rules[-1 - step]
        cut = len(states) - rule.length
        del states[cut:]
        if rule.length != 1 or not rule.single:
            parts = values[cut - 1 :]
            del values[cut - 1 :]
            values.append(_build(rule, parts, actions, context, values))
        states.append(tables.rows[states[-1]][rule.origin])


def _build(
    rule: Rule, parts: list[Item], actions: Mapping[str, Action], context: Any, before: list[Item]
) -> Item:
    if not parts:
        at = before[-1].end if before else 0
        parts = [Item(None, at, at, 0)]
    start, end = parts[0].start, parts[-1].end
    depth = max(part.depth for part in parts)
    children: list[Any] = []
    for index, splice in rule.take:
        if index < 0:
            children.append(None)
        elif splice:
            children.extend(parts[index].value)
        else:
            children.append(parts[index].value)
    if rule.inline:
        return Item(children, start, end, depth)
    if rule.single and len(children) == 1:
        return Item(children[0], start, end, depth)
    return Item(actions[rule.name](context, (start, end), children), start, end, depth + 1)


def _accepted(states: list[int], tables: Tables, end: int) -> frozenset[str]:
    """The terminals that would really be shifted here, tried one by one on a copy of the stack."""
    candidates = [symbol for symbol in tables.rows[states[-1]] if symbol.isupper()]
    return frozenset(s for s in candidates if _would_shift(s, list(states), tables, end))


def _would_shift(kind: str, states: list[int], tables: Tables, end: int) -> bool:
    while True:
        if kind == END and states[-1] == end:
            return True
        step = tables.rows[states[-1]].get(kind)
        if step is None or step >= 0:
            return step is not None
        rule = tables.rules[-1 - step]
        del states[len(states) - rule.length :]
        states.append(tables.rows[states[-1]][rule.origin])
