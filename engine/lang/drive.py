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


Item = tuple[Any, int, int, int]
"""A value on the stack, where it starts and ends, and its nesting depth (of a spliced list: its
deepest)."""


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


class _Stack(NamedTuple):
    """What is read so far: LALR states, one more than values, and what builds the values."""

    states: list[int]
    values: list[Item]
    actions: Mapping[str, Action]
    context: Any


def parse_tokens(
    start: str, tokens: Sequence[Token], actions: Mapping[str, Action], context: Any
) -> Parsed | Failure:
    """Parse tokens from a start symbol, building values with `actions` (by rule or alias name)."""
    tables = load()
    rows, end = tables.rows, tables.ends[start]
    states, values = [tables.starts[start]], list[Item]()
    stack = _Stack(states, values, actions, context)
    for index, token in enumerate(tokens):
        row = rows[states[-1]]
        kind = token.kind if token.kind in row else _kind(token, row, tables)
        step = row.get(kind)
        if step is None or step < 0:
            step = _reduce_all(kind, stack, tables, end)
            if step is None:
                return Failure(index, _accepted(states, tables, end))
        if values and values[-1][3] > MAX_DEPTH:
            return Failure(index, frozenset(), True)
        states.append(step)
        values.append((token, token.start, token.end, 0))
    if _reduce_all(END, stack, tables, end) is None:
        return Failure(len(tokens), _accepted(states, tables, end))
    if values[-1][3] > MAX_DEPTH:
        return Failure(len(tokens) - 1, frozenset(), True)
    return Parsed(values[-1][0])


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


def _reduce_all(kind: str, stack: _Stack, tables: Tables, end: int) -> int | None:
    """Reduce until `kind` can be shifted (or, at the end, the start symbol is whole): the state to
    shift to, or None when it cannot be."""
    states, values = stack.states, stack.values
    rows, rules = tables.rows, tables.rules
    while kind != END or states[-1] != end:
        step = rows[states[-1]].get(kind)
        if step is None or step >= 0:
            return step
        rule = rules[-1 - step]
        if rule.length == 1 and rule.single:
            states[-1] = rows[states[-2]][rule.origin]
            continue
        cut = len(values) - rule.length
        parts = values[cut:]
        del values[cut:], states[cut + 1 :]
        values.append(_build(rule, parts, stack))
        states.append(rows[states[-1]][rule.origin])
    return end


def _build(rule: Rule, parts: list[Item], stack: _Stack) -> Item:
    if not parts:
        at = stack.values[-1][2] if stack.values else 0
        parts = [(None, at, at, 0)]
    start, end = parts[0][1], parts[-1][2]
    depth = max([part[3] for part in parts])
    children: list[Any] = []
    for index, splice in rule.take:
        if index < 0:
            children.append(None)
        elif splice:
            children.extend(parts[index][0])
        else:
            children.append(parts[index][0])
    if rule.inline:
        return children, start, end, depth
    if rule.single and len(children) == 1:
        return children[0], start, end, depth
    return stack.actions[rule.name](stack.context, (start, end), children), start, end, depth + 1


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
