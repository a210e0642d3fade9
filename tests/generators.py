"""Random syntax trees for Hypothesis: every node the grammar can write, nothing that it cannot.

What `format` prints of `expressions()` and `rule_files()` parses back to the same tree. Places are
all NOWHERE; compare with `bare`. Type-plausible rules can build on these.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from engine.base.spans import NOWHERE
from engine.lang import ast
from engine.lang.format import print_expr, print_value
from engine.lang.tables import load

S = NOWHERE
_WORDS = (
    "alpha beta close dip fade high low mean n order position risk spread up volume weekly x z_in"
)
_UNITS = ("bars", "bar", "shares", "pts", "bps")
_CLOCKS = ("1d", "5m", "1w", "1mo", "60s", "1h")


def bare(value: Any) -> Any:
    """A tree as nested tuples without places and without texts that follow from the rest."""
    if is_dataclass(value):
        shown = (f.name for f in fields(value) if f.name not in ("span", "file"))
        skipped = "text" if isinstance(value, ast.Expect) else ""
        parts = [bare(getattr(value, name)) for name in shown if name != skipped]
        return (type(value).__name__, *parts)
    return tuple(map(bare, value)) if isinstance(value, tuple) else value


def names() -> SearchStrategy[str]:
    """Names: mostly words that traders use, some arbitrary, never a reserved word."""
    odd = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
    return st.sampled_from(_WORDS.split()) | odd.filter(lambda n: n not in load().reserved)


def texts() -> SearchStrategy[str]:
    """Insides of double quotes."""
    return st.text(
        st.characters(exclude_characters='"\r\n\0', exclude_categories=["Cs"]), max_size=12
    )


def counts() -> SearchStrategy[int]:
    """Whole numbers that a statement may hold."""
    return st.integers(0, 10_000)


def _literal(kind: Any, value: float, unit: str | None) -> ast.Literal:
    shape = ast.Literal(S, kind, value + 1, unit, "")
    return ast.Literal(S, kind, value, unit, print_value(value, shape))


@st.composite
def literals(draw: Any, kinds: str = "number percent money unit duration date time") -> ast.Literal:
    """Literals that are not negative."""
    kind = draw(st.sampled_from(kinds.split()))
    amount = draw(st.integers(0, 10**6)) / draw(st.sampled_from([1, 1, 4, 100]))
    if kind == "unit":
        return _literal(kind, amount, draw(st.sampled_from(_UNITS)))
    if kind == "duration":
        return _literal(kind, float(int(amount) % 1000), draw(st.sampled_from(["d", "m", "mo"])))
    if kind == "date":
        return _literal(kind, float(int(amount) % 30_000), None)
    if kind == "time":
        return _literal(kind, float(int(amount) % 1440), None)
    return _literal(kind, amount / 100 if kind == "percent" else amount, None)


@st.composite
def signed(draw: Any) -> ast.Literal:
    """Literals of params and settings, which may be negative."""
    literal: ast.Literal = draw(literals("number percent money unit"))
    if not draw(st.booleans()):
        return literal
    return ast.Literal(S, literal.kind, -literal.value, literal.unit, f"-{literal.text}")


def _atoms() -> SearchStrategy[ast.Expr]:
    quoted = st.from_regex(r"[\^A-Z][A-Z./-]{0,5}", fullmatch=True)
    return st.one_of(
        literals(),
        st.builds(ast.Name, st.just(S), names()),
        st.builds(ast.Quoted, st.just(S), quoted),
    )


def _field_names() -> SearchStrategy[str]:
    return names() | st.sampled_from(["size", "limit", "entry", "and"])


def _nodes(inner: SearchStrategy[ast.Expr]) -> SearchStrategy[ast.Expr]:
    """One more level round the given expressions."""
    s = st.just(S)
    count = literals("number unit") | st.builds(ast.Name, s, names())
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.Call, s, names(), st.lists(inner, max_size=3).map(tuple)),
        st.builds(ast.Field, s, inner, _field_names()),
        st.builds(ast.Back, s, inner, counts()),
        st.builds(ast.Unary, s, st.sampled_from(["-", "not"]), inner),
        st.builds(ast.Binary, s, st.sampled_from("+-*/"), inner, inner),
        st.builds(
            ast.Compare, s, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner
        ),
        st.builds(ast.Logic, s, st.sampled_from(["and", "or"]), several),
        st.builds(ast.Cross, s, st.sampled_from(["above", "below"]), inner, inner),
        st.builds(ast.Within, s, inner, inner, inner),
        st.builds(ast.Between, s, inner, inner, inner),
        st.builds(ast.Is, s, inner, st.sampled_from(["na", "stale"])),
        st.builds(ast.IsIn, s, inner, names()),
        st.builds(ast.Lasting, s, inner, count),
        st.builds(ast.Of, s, inner, inner).filter(_is_writable),
        st.builds(ast.OnClock, s, inner, st.sampled_from(_CLOCKS)),
        st.builds(ast.SinceEntry, s, inner),
        st.builds(ast.IfElse, s, inner, inner, inner),
    )


def _is_writable(of: ast.Of) -> bool:
    """False for `x of A.B`, which the parser takes for a symbol that lacks its quotes."""
    return not (isinstance(of.right, ast.Field) and print_expr(of.right)[0].isupper())


def expressions(leaves: int = 8) -> SearchStrategy[ast.Expr]:
    """Expressions of about so many leaves."""
    return st.recursive(_atoms(), _nodes, max_leaves=leaves)


def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


def orders() -> SearchStrategy[ast.Order]:
    """Orders of every kind."""
    s, price, tif = st.just(S), expressions(3), _maybe(st.sampled_from(["day", "gtc", "ioc"]))
    none = st.none()
    one = st.sampled_from(["limit", "stop", "trailing"])
    return st.one_of(
        st.builds(ast.Order, s, st.just("market"), none, none, tif),
        st.builds(ast.Order, s, one, price, none, tif),
        st.builds(ast.Order, s, st.just("stop_limit"), price, price, tif),
    )


def levels() -> SearchStrategy[ast.Level]:
    """Stops, targets and trails."""
    kind = st.sampled_from(["stop", "target", "trail"])
    return st.builds(ast.Level, st.just(S), kind, names(), _maybe(names()), expressions(3))


def entries() -> SearchStrategy[ast.Entry]:
    """Entries with a condition and any of the rest."""
    s, e = st.just(S), expressions(4)
    leg = st.builds(ast.LegOrder, s, st.sampled_from(["buy", "sell"]), names(), e)
    return st.builds(
        ast.Entry,
        span=s,
        side=st.sampled_from(["long", "short", "spread"]),
        name=names(),
        when=e,
        size=_maybe(e),
        order=_maybe(orders()),
        because=_maybe(texts()),
        levels=st.lists(levels(), max_size=2).map(tuple),
        add_times=st.integers(0, 3),
        legs=st.lists(leg, max_size=2).map(tuple),
    )


def exits() -> SearchStrategy[ast.Exit]:
    """Exits with a condition and any of the rest."""
    s, e = st.just(S), expressions(4)
    because = _maybe(texts())
    return st.builds(ast.Exit, s, names(), _maybe(names()), e, _maybe(e), _maybe(orders()), because)


def _shared() -> list[SearchStrategy[Any]]:
    """Statements of strategies and limits alike."""
    s, n = st.just(S), names()
    bound = st.tuples(signed(), signed())
    ranged = st.builds(lambda n, d, r: ast.Param(S, n, d, *r), n, signed(), bound)
    stale = _maybe(literals("unit duration"))
    return [
        st.builds(ast.Param, s, n, signed(), st.none(), st.none()),
        ranged,
        st.builds(ast.Let, s, n, expressions()),
        st.builds(ast.Data, s, n, n, texts(), st.booleans(), stale),
    ]


def strategy_statements() -> SearchStrategy[ast.StrategyStatement]:
    """Any statement of a strategy."""
    s, n, e = st.just(S), names(), expressions(4)
    return st.one_of(
        *_shared(),
        st.builds(ast.Clock, s, st.sampled_from(_CLOCKS), _maybe(n)),
        st.builds(ast.Latch, s, n, e, _maybe(e)),
        st.builds(ast.Universe, s, n),
        st.builds(ast.Leg, s, n, n | st.just("BRK.B")),
        entries(),
        exits(),
        levels(),
        st.builds(ast.Hold, s, literals() | st.builds(ast.Name, s, names()), e, _maybe(e)),
        st.builds(ast.Weight, s, e),
        st.builds(ast.Rebalance, s, st.sampled_from(["daily", "weekly", "monthly"]), _maybe(e)),
    )


_SCOPES = ("firm", "desk", "strategy", "symbol", "asset class")


def limits_statements() -> SearchStrategy[ast.LimitsStatement]:
    """Any statement of limits."""
    s, n, e = st.just(S), names(), expressions(4)
    ending = st.sampled_from([(None, None), ("deny", None), ("skip", "why"), (None, "why")])
    targets = st.sampled_from(["order", "entry", "position", "account", "strategy"])
    actions = st.sampled_from(["deny", "clip", "reduce"])
    scope = _maybe(st.sampled_from(_SCOPES))
    limit = st.builds(
        lambda n, t, sc, a, v, end: ast.Limit(S, n, t, sc, a, v, *end),
        *(n, targets, scope, actions, e, ending),
    )
    switch = st.builds(
        ast.Switch,
        *(s, st.sampled_from(["pause", "halt", "flatten"]), n, scope, e, _maybe(e)),
        *(_maybe(literals("duration")), _maybe(texts()), st.booleans(), _maybe(texts())),
    )
    return st.one_of(*_shared(), limit, switch)


def scenario_statements() -> SearchStrategy[ast.ScenarioStatement]:
    """Any statement of a scenario."""
    s, n, e = st.just(S), names(), expressions(4)
    some = st.lists(n, min_size=1, max_size=3).map(tuple)
    value = literals("percent money duration")
    setting = st.builds(ast.Setting, s, st.sampled_from(["drift", "vol"]), value, _maybe(n))
    ratio = st.integers(-99, 99).map(lambda k: ("gap", k / 100, "percent"))
    times = st.integers(1, 9).map(lambda k: ("spread", k / 2, "times"))
    knobs = st.lists(ratio | times, max_size=3).map(tuple)
    kinds = st.sampled_from(["always", "final", "holds"])
    days = st.integers(-10_000, 30_000)
    return st.one_of(
        st.builds(ast.Replay, s, days, days),
        st.builds(ast.Simulate, s, literals("unit"), counts(), counts()),
        st.builds(ast.Process, s, n, st.lists(setting, max_size=3).map(tuple)),
        st.builds(ast.Shock, s, counts(), knobs),
        st.builds(ast.Run, s, some),
        st.builds(ast.StartEquity, s, st.integers(0, 10**9).map(float)),
        st.builds(ast.CostsLine, s, literals("unit percent")),
        st.builds(ast.Waive, s, n, n, texts()),
        st.builds(ast.ResumeAt, s, n, counts(), texts()),
        st.builds(ast.Expect, s, kinds, e, st.none(), st.none(), st.just("")),
        st.builds(ast.Expect, s, st.just("leads"), e, e, literals("unit"), st.just("")),
    )


@st.composite
def givens(draw: Any) -> ast.Given:
    """Given values of one kind, some of them na."""
    like = draw(_maybe(literals("percent money unit")))
    numbers = draw(st.lists(_maybe(st.integers(-500, 500)), min_size=1, max_size=6))
    scale = 100 if like is not None and like.kind == "percent" else 4
    values = [None if v is None else v / scale for v in numbers]
    first = next((v for v in values if v is not None), None)
    unit = None if like is None or first is None else _signed_like(first, like)
    return ast.Given(S, draw(names()), tuple(values), unit)


def _signed_like(value: float, like: ast.Literal) -> ast.Literal:
    shape = ast.Literal(S, like.kind, value + 1, like.unit, "")
    return ast.Literal(S, like.kind, value, like.unit, print_value(value, shape))


def test_statements() -> SearchStrategy[ast.TestStatement]:
    """Any statement of a test."""
    kinds = st.sampled_from(["fires", "silent", "undefined", "sized"])
    bars = st.tuples(counts(), counts()).map(sorted)
    outcome = st.builds(lambda k, n, b: ast.Expected(S, k, n, *b), kinds, names(), bars)
    return givens() | outcome


def blocks() -> SearchStrategy[ast.Block]:
    """Any block of a file."""
    s, n, title = st.just(S), names(), _maybe(texts())

    def body(statements: SearchStrategy[Any]) -> SearchStrategy[Any]:
        return st.lists(statements, max_size=4).map(tuple)

    items = st.lists(n | st.sampled_from(["BRK.B", "2020-03-16"]), min_size=1, max_size=3).map(
        tuple
    )
    stale = _maybe(literals("duration"))
    quoted = st.just("2008-gfc")
    return st.one_of(
        st.builds(ast.Strategy, s, n, title, body(strategy_statements())),
        st.builds(ast.LimitsBlock, s, n, title, body(limits_statements())),
        st.builds(ast.Scenario, s, n | quoted, title, body(scenario_statements())),
        st.builds(ast.Test, s, texts(), n, body(test_statements())),
        st.builds(ast.Define, s, n, st.lists(n, max_size=3).map(tuple), expressions()),
        st.builds(ast.Use, s, texts()),
        st.builds(ast.ListDecl, s, n, _maybe(n), items, st.none(), st.none()),
        st.builds(ast.ListDecl, s, n, _maybe(n), st.just(()), texts(), stale),
    )


def rule_files() -> SearchStrategy[ast.RuleFile]:
    """Whole files."""
    found = st.lists(blocks(), max_size=3).map(tuple)
    return st.builds(ast.RuleFile, st.just("random.rule"), st.just(1), found)
