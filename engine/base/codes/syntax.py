"""Diagnostic codes: syntax, 1xx (floor 0)."""

from engine.base.codes.spec import Code


def _rule(condition: str) -> str:
    """A whole rule file round one condition."""
    return (
        "rules 1\n"
        "strategy demo {\n"
        "  entry long dip {\n"
        f"    when {condition}\n"
        "    size 1% of equity\n"
        "    order market\n"
        "  }\n"
        "}\n"
    )


def _body(*lines: str) -> str:
    """A whole rule file round the statements of a strategy."""
    return "rules 1\nstrategy demo {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _test(*lines: str) -> str:
    inside = "".join(f"  {line}\n" for line in lines)
    return f'rules 1\ntest "it fires" of demo {{\n{inside}}}\n'


_LIMIT = (
    "rules 1\nlimits house {{\n  limit adv_cap on order clip qty to 10% of adv(20 bars){}\n}}\n"
)

SYNTAX: tuple[Code, ...] = (
    Code(
        "SW101",
        "unreadable file",
        "Rule files are UTF-8 text without NUL characters, of at most two million characters.",
        "rules 1\n\0",
        "rules 1\n",
    ),
    Code(
        "SW102",
        "missing header",
        "A rule file begins with `rules 1`: the version of the language it is written in.",
        'use "lib/regime.rule"\n',
        'rules 1\nuse "lib/regime.rule"\n',
    ),
    Code(
        "SW103",
        "unknown language version",
        "The header names a version of the language that this seawall cannot read.",
        "rules 2\n",
        "rules 1\n",
    ),
    Code(
        "SW104",
        "word or sign in the wrong place",
        "The statement makes sense up to here; the help says what could have stood here.",
        _rule("close above 10"),
        _rule("close crosses above 10"),
    ),
    Code(
        "SW105",
        "statement stops too early",
        "The next statement begins, or the body ends, before this one is whole.",
        _body("let x =", "let y = 3"),
        _body("let x = 2", "let y = 3"),
    ),
    Code(
        "SW106",
        "unknown statement",
        "Each statement begins with a word of its own; this word begins none here.",
        _body("lett x = 3"),
        _body("let x = 3"),
    ),
    Code(
        "SW107",
        "statement in the wrong block",
        "The word begins a statement, but in another kind of block.",
        _body("limit cap on order deny when qty > 5 shares"),
        "rules 1\nlimits house {\n  limit cap on order deny when order.qty > 5 shares\n}\n",
    ),
    Code(
        "SW108",
        "brace missing",
        "A `{` is never closed, or a statement that has a body does not open it. The brace that is"
        " reported is the one that the statements after it show to be left open.",
        "rules 1\nstrategy demo {\n  entry long dip {\n    when close > 3\n  let x = 3\n}\n",
        "rules 1\nstrategy demo {\n  entry long dip {\n    when close > 3\n  }\n  let x = 3\n}\n",
    ),
    Code(
        "SW109",
        "brace too many",
        "A `}` closes nothing, or closes its block before the last statement of it.",
        "rules 1\nstrategy demo {\n  let x = 3 }\n  let y = 4\n}\n",
        "rules 1\nstrategy demo {\n  let x = 3\n  let y = 4\n}\n",
    ),
    Code(
        "SW110",
        "reserved word as a name",
        "Words that begin statements or join expressions cannot be names; after a dot they can.",
        _body("let stop = 3"),
        _body("let stop_level = 3"),
    ),
    Code(
        "SW111",
        "text never closed",
        "A text in quotes ends on the line on which it begins.",
        'rules 1\nuse "lib/regime.rule\n',
        'rules 1\nuse "lib/regime.rule"\n',
    ),
    Code(
        "SW112",
        "character without a meaning",
        "This character belongs to no word, number or sign of the language. A symbol that is no"
        " plain word is written in single quotes: `close of '^GSPC'`.",
        _rule("close of ^GSPC > 3"),
        _rule("close of '^GSPC' > 3"),
    ),
    Code(
        "SW113",
        "condition missing",
        "An entry, exit, latch, pause, halt or flatten without a condition never does anything.",
        _body("entry long dip { size 1% of equity  order market }"),
        _body("entry long dip { when close > 3  size 1% of equity  order market }"),
    ),
    Code(
        "SW114",
        "statement written twice",
        "The statement may stand once in a body; which of the two is meant cannot be guessed.",
        _body("entry long dip { when close > 3  when close > 4 }"),
        _body("entry long dip { when close > 3 and close > 4 }"),
    ),
    Code(
        "SW115",
        "expression too deep",
        "Expressions nest at most 100 levels; name the parts with `let`.",
        _rule("(" * 120 + "close" + ")" * 120 + " > 3"),
        _rule("((close)) > 3"),
    ),
    Code(
        "SW120",
        "chained comparison",
        "A comparison has two sides. `x between a to b` asks whether x lies from a to b.",
        _rule("10 < close < 30"),
        _rule("close between 10 to 30"),
    ),
    Code(
        "SW121",
        "comparison with na",
        "Comparing with an unknown value is unknown, so it never fires. `x is na` asks.",
        _rule("volume == na"),
        _rule("volume is na"),
    ),
    Code(
        "SW122",
        "number with an exponent",
        "Numbers are written out; `_` groups the digits.",
        _rule("volume > 1e6"),
        _rule("volume > 1_000_000"),
    ),
    Code(
        "SW123",
        "`and` mixed with `or`",
        "Which of the two binds tighter is not obvious to every reader, so it has to be written.",
        _rule("close > 3 and open > 3 or low > 3"),
        _rule("close > 3 and (open > 3 or low > 3)"),
    ),
    Code(
        "SW124",
        "look into the future",
        "`x[k]` is the value k bars ago. There is no way to write a value yet to come.",
        _rule("close > close[-1]"),
        _rule("close > close[1]"),
    ),
    Code(
        "SW125",
        "history index is no literal",
        "How far back a rule looks must be known before it runs, so k in `x[k]` is a plain number.",
        _rule("close > close[n]"),
        _rule("close > close[5]"),
    ),
    Code(
        "SW126",
        "`=` in a condition",
        "`=` gives a name to a value; `==` compares.",
        _rule("position.age = 3 bars"),
        _rule("position.age == 3 bars"),
    ),
    Code(
        "SW127",
        "sign of another language",
        "Conditions are joined by the words `and`, `or` and `not`; comments start with `#`.",
        _rule("close > 3 && open > 3"),
        _rule("close > 3 and open > 3"),
    ),
    Code(
        "SW128",
        "symbol without quotes",
        "A symbol that is no plain word needs single quotes: unquoted, `close of BRK.B` would be"
        " field `B` of `BRK`, and `close of BTC/USD` a division.",
        _rule("close of BRK.B > 3"),
        _rule("close of 'BRK.B' > 3"),
    ),
    Code(
        "SW129",
        "percent sign misused",
        "A percent sign stands right after the digits of a number.",
        _rule("close > 10 % of open"),
        _rule("close > 10% of open"),
    ),
    Code(
        "SW130",
        "`not` over a `for`",
        "`not c for 3 bars` is `not (c for 3 bars)`: true unless c held on each of three bars. If"
        " that is meant, the parentheses say so; `(not c) for 3 bars` is another condition.",
        _rule("not close > 3 for 3 bars"),
        _rule("not (close > 3 for 3 bars)"),
    ),
    Code(
        "SW131",
        "number badly written",
        "Numbers start with a digit other than a needless zero, group thousands with `_`, and have"
        " at most 15 digits before the point; counts have no fraction.",
        _rule("close > close[1.5]"),
        _rule("close > close[1]"),
    ),
    Code(
        "SW132",
        "no such day or time",
        "Dates are year-month-day and times hours:minutes, and both must exist.",
        "rules 1\nscenario s {\n  replay 2020-02-30 .. 2020-04-30\n}\n",
        "rules 1\nscenario s {\n  replay 2020-02-29 .. 2020-04-30\n}\n",
    ),
    Code(
        "SW133",
        "given values of several kinds",
        "All values given for one series have the same unit.",
        _test("given close = $100, 95"),
        _test("given close = $100, $95"),
    ),
    Code(
        "SW134",
        "too many given values",
        "A test gives at most 100,000 values for one series.",
        _test("given close = $100 x1000000"),
        _test("given close = $100 x1000"),
    ),
    Code(
        "SW135",
        "skipped without a reason",
        "A limit that cannot be evaluated denies. One that is skipped instead has to say why.",
        _LIMIT.format(" else skip"),
        _LIMIT.format(' else skip because "no volume known"'),
    ),
    Code(
        "SW136",
        "malformed waiver",
        "A waiver names one code and gives a reason: `# seawall: ignore SW501 the reason`.",
        "rules 1  # seawall: ignore SW501\n",
        "rules 1  # seawall: ignore SW501 shown to new users\n",
    ),
    Code(
        "SW137",
        "unit after a named count",
        "A param such as `n = 3 bars` carries its unit, so `for n` is enough.",
        _rule("close > 3 for n bars"),
        _rule("close > 3 for n"),
    ),
    Code(
        "SW138",
        "bars run backwards",
        "A range of bars names the earlier one first.",
        _test("expect silent dip at bar 9..2"),
        _test("expect silent dip at bar 2..9"),
    ),
    Code(
        "SW139",
        "`is not`",
        "`not` stands before what it denies.",
        _rule("volume is not na"),
        _rule("not volume is na"),
    ),
)
