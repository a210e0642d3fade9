"""Diagnostic codes 7xx: tests of strategies and limits (floor 0)."""

from engine.base.codes.examples import demo, page, tested
from engine.base.codes.spec import Code

_CLOSE = "given close = $100 x9, $95"
_GOOD = tested(_CLOSE, "given open = $99 x10", "expect silent dip at bar 0")

TESTS: tuple[Code, ...] = (
    Code(
        "SW701",
        "test of an unknown strategy",
        page(
            "A test is `of` a strategy or limits block that neither this file nor a used one has.",
            "A test of nothing passes for ever.",
            "take the suggested name, or `use` the file.",
        ),
        tested(_CLOSE, "expect silent dip at bar 0", of="demoo"),
        _GOOD,
    ),
    Code(
        "SW702",
        "test that expects nothing",
        page(
            "A test has no `expect` line.",
            "It cannot fail.",
            "add `expect fires NAME at bar 3`.",
        ),
        tested(_CLOSE),
        _GOOD,
    ),
    Code(
        "SW703",
        "unknown input",
        page(
            "A test gives a column, feed or field that what it tests cannot read.",
            "The values would be ignored.",
            "give a bar column, a feed that is declared there, or a field it may read.",
        ),
        tested(_CLOSE, "given clos = $100 x10", "expect silent dip at bar 0"),
        _GOOD,
    ),
    Code(
        "SW704",
        "input in the wrong unit",
        page(
            "A test gives an input in a unit that it has not.",
            "Volume in dollars would be read as shares.",
            "write prices with `$`, volume in `shares`; bare numbers are taken as they are.",
        ),
        tested(_CLOSE, "given volume = $100 x10", "expect silent dip at bar 0"),
        _GOOD,
    ),
    Code(
        "SW705",
        "test without bars",
        page(
            "A test gives no `close`.",
            "The closes are the bars: without one there is nothing to step on.",
            "add `given close = $100 x20, $95`.",
        ),
        tested("given open = $100 x10", "expect silent dip at bar 0"),
        _GOOD,
    ),
    Code(
        "SW706",
        "inputs of different length",
        page(
            "An input has more or fewer values than there are closes.",
            "What a missing value should be is not guessed; write `na` where it is unknown.",
            "give one value for every bar.",
        ),
        tested(_CLOSE, "given open = $99 x9", "expect silent dip at bar 0"),
        _GOOD,
    ),
    Code(
        "SW707",
        "unknown rule",
        page(
            "A test expects something of an entry, exit, limit or pause that there is not.",
            "It could never come true, or never fail.",
            "take the suggested name; `sized` asks about entries, `denied` about limits.",
        ),
        tested(_CLOSE, "expect silent dipp at bar 0"),
        _GOOD,
    ),
    Code(
        "SW708",
        "bar outside the test",
        page(
            "A test expects something at a bar that its inputs do not reach.",
            "There is no such bar; the first is bar 0.",
            "name a bar inside, the earlier one first.",
        ),
        tested(_CLOSE, "expect silent dip at bar 10"),
        _GOOD,
    ),
    Code(
        "SW709",
        "untested strategy",
        page(
            "No test of this file speaks of the strategy (asked for with `--strict`).",
            "A rule that nobody has seen fire may not do what its author thinks.",
            'add `test "…" of NAME { … }`.',
        ),
        demo(),
        _GOOD,
    ),
)
