"""Which statements stand in which block, and by which start symbol each is parsed (floor 3).

One table for the splitter, the grammar compiler and the messages: a new statement is a row here,
a rule in grammar/rule.lark and an action in build.
"""

BLOCKS: dict[str, str] = {
    "strategy": "strategy",
    "limits": "limits",
    "scenario": "scenario",
    "test": "test",
    "define": "define",
    "use": "use",
    "list": "list",
}
"""Block word to start symbol; the first four have a body of statements in braces."""

BODIES: dict[str, dict[str, str]] = {
    "strategy": {
        "clock": "clock",
        "param": "param",
        "let": "let",
        "data": "data",
        "latch": "latch",
        "universe": "universe",
        "leg": "leg",
        "entry": "entry",
        "exit": "exit",
        "stop": "level",
        "target": "level",
        "trail": "level",
        "hold": "hold",
        "weight": "weight",
        "rebalance": "rebalance",
    },
    "entry": {
        "when": "when",
        "size": "size",
        "order": "order",
        "because": "because",
        "stop": "level",
        "target": "level",
        "trail": "level",
        "buy": "leg_order",
        "sell": "leg_order",
    },
    "exit": {"when": "when", "size": "size", "order": "order", "because": "because"},
    "latch": {"set": "set", "clear": "clear"},
    "limits": {
        "data": "data",
        "param": "param",
        "let": "let",
        "limit": "limit",
        "pause": "switch",
        "halt": "switch",
        "flatten": "switch",
    },
    "switch": {"enter": "enter", "resume": "resume", "allow": "allow", "because": "because"},
    "scenario": {
        "replay": "replay",
        "simulate": "simulate",
        "process": "process",
        "shock": "shock",
        "run": "run",
        "start": "start",
        "costs": "costs",
        "expect": "expect",
        "waive": "waive",
        "resume": "resume_at",
    },
    "test": {"given": "given", "expect": "outcome"},
}
"""Body kind to the words that may open a statement in it, each with its start symbol."""

NESTED: dict[str, str] = {
    "entry": "entry",
    "exit": "exit",
    "latch": "latch",
    "pause": "switch",
    "halt": "switch",
    "flatten": "switch",
}
"""Statement word to the kind of the body that follows it in braces."""

SOFT = frozenset({"order", "start"})
"""Statement words that traders also use as names: the splitter looks at what stands around."""

STARTS: tuple[str, ...] = tuple(
    sorted(
        {"header", "expr", "signed", *BLOCKS.values()}
        | {start for body in BODIES.values() for start in body.values()}
    )
)
"""Every start symbol of the grammar."""


def homes(word: str) -> list[str]:
    """The body kinds in which `word` opens a statement."""
    return [kind for kind, words in BODIES.items() if word in words]
