"""Diagnostic codes 2xx: names, types and units (floor 0)."""

from engine.base.codes.examples import bare, demo, limits, page, rule
from engine.base.codes.spec import Code

_ENTRY = "entry long dip {{ when close < open {} order market }}"
_REST = (
    "exit back of dip { when close > open order market }",
    "stop hard at position.entry_price * 95%",
)


def _sized(size: str) -> str:
    return bare("clock 1d on xnys", _ENTRY.format(size), *_REST)


NAMES: tuple[Code, ...] = (
    Code(
        "SW201",
        "unknown name",
        page(
            "A name is used that nothing declares: no let, param, data feed, column or field.",
            "A misspelt name is the commonest mistake, and guessing what was meant would be worse.",
            "take the suggested spelling, or declare the name with `let`, `param` or `data`.",
        ),
        rule("closs < open"),
        rule("close < open"),
    ),
    Code(
        "SW202",
        "declared twice",
        page(
            "Two declarations share one name, or a line that may stand once stands twice.",
            "Which of the two counts would depend on their order, and order never matters here.",
            "remove one, or give it another name.",
        ),
        rule("x > 1", "let x = close / open", "let x = open / close"),
        rule("x > 1 and y > 0", "let x = close / open", "let y = open / close"),
    ),
    Code(
        "SW203",
        "name already means something",
        page(
            "A declaration takes a word of the language: a column, a field or a function.",
            "`low` would mean one thing in your rule and another to everyone who reads it.",
            "choose another name, such as `my_low`.",
        ),
        rule("close < low", "let low = open"),
        rule("close < floor", "let floor = open"),
    ),
    Code(
        "SW204",
        "arithmetic across units",
        page(
            "Two values in different units are added, subtracted or offered as alternatives.",
            "The sum of a price and a ratio means nothing, and would still give a number.",
            "bring both to one unit: multiply a ratio with a price, divide an amount by a price.",
        ),
        rule("close > open + 2%"),
        rule("close > open * 102%"),
    ),
    Code(
        "SW205",
        "comparison across units",
        page(
            "Two values in different units are compared.",
            "A price is always above a z-score of 2, so the rule would fire on every bar.",
            "compare like with like; the help names a value of the right unit when it knows one.",
        ),
        rule(
            "close < -z_in",
            "param z_in = 2.0 in 1.0 .. 4.0",
            "let z = (close - sma(close, 20 bars)) / stdev(close, 20 bars)",
        ),
        rule(
            "z < -z_in",
            "param z_in = 2.0 in 1.0 .. 4.0",
            "let z = (close - sma(close, 20 bars)) / stdev(close, 20 bars)",
        ),
    ),
    Code(
        "SW206",
        "unknown unit",
        page(
            "A number or a data feed carries a word that is no unit.",
            "Units are what lets the checker find a price where a ratio was meant.",
            "use `bars`, `shares`, `pts`, `bps`, `%` or `$`; feeds are in ratio, price, pts …",
        ),
        rule("close < sma(close, 20 barz)"),
        rule("close < sma(close, 20 bars)"),
    ),
    Code(
        "SW207",
        "number without its unit",
        page(
            "A bare number stands where bars, shares, points or money are wanted.",
            "`20` may be days, bars or minutes to the next reader; `20 bars` is one thing only.",
            "write the unit; `seawall check --fix` does it, since it cannot change the meaning.",
        ),
        rule("close < sma(close, 20)"),
        rule("close < sma(close, 20 bars)"),
    ),
    Code(
        "SW208",
        "wrong number of arguments",
        page(
            "A function or `define` is called with too many or too few arguments, or with none.",
            "No argument is guessed: `sma(close)` has no window that everyone would agree on.",
            "write the call as the help shows it.",
        ),
        rule("close < sma(close)"),
        rule("close < sma(close, 20 bars)"),
    ),
    Code(
        "SW209",
        "condition and number mixed up",
        page(
            "A condition stands where a number is wanted, or a number where a condition is.",
            "Truth has three values here (true, false, unknown), and none of them is 1 or 0.",
            "compare the number with something, or choose numbers by `if … then … else …`.",
        ),
        rule("close and open"),
        rule("close < open and open > sma(close, 5 bars)"),
    ),
    Code(
        "SW210",
        "never used",
        page(
            "A let, param, data feed, latch or leg is declared and nothing reads it.",
            "It suggests protection or logic that the rule does not have.",
            "use it or remove it.",
        ),
        demo("let mean = sma(close, 20 bars)"),
        rule("close < mean", "let mean = sma(close, 20 bars)"),
    ),
    Code(
        "SW211",
        "unknown function",
        page(
            "A function is called that is neither built in nor a `define` of this or a used file.",
            "Nothing is looked up while running, so the checker must know every function.",
            'take the suggested spelling, define it, or add the `use "lib/….rule"` it comes from.',
        ),
        rule("close < smma(close, 20 bars)"),
        rule("close < sma(close, 20 bars)"),
    ),
    Code(
        "SW212",
        "symbol unknown or alone",
        page(
            "A symbol is not in the catalogue, or stands without the column to read of it.",
            "A rule may only read data that exists, and a symbol alone is no number.",
            "take the suggested symbol; write `close of SPY`.",
        ),
        rule("close of SPYY > open of SPY"),
        rule("close of SPY > sma(close, 20 bars) of SPY"),
    ),
    Code(
        "SW213",
        "defined by itself",
        page(
            "A let or define needs its own value, directly or round a ring.",
            "Such a value has no beginning; every value here must be known before the bar ends.",
            "look back with `x[1]`, remember with a `latch`, or break the ring.",
        ),
        rule("close < x", "let x = y + $1", "let y = x - $1"),
        rule("close < x", "let x = y + $1", "let y = open"),
    ),
    Code(
        "SW214",
        "window not fixed",
        page(
            "A window's length changes from bar to bar.",
            "Memory and warm-up are known before running only if every window is.",
            "use a number or a param; choose between two fixed windows with `if`.",
        ),
        rule("close < sma(close, bars_since(close > open))"),
        rule("close < sma(close, n)", "param n = 20 bars in 5 bars .. 60 bars"),
    ),
    Code(
        "SW215",
        "param outside its range",
        page(
            "A param's value lies outside its declared range, or in another unit than its range.",
            "The range says what was meant to be tried; a value outside it was never judged.",
            "move the value or widen the range; write all three in one unit.",
        ),
        rule("close < sma(close, n)", "param n = 90 bars in 5 bars .. 60 bars"),
        rule("close < sma(close, n)", "param n = 20 bars in 5 bars .. 60 bars"),
    ),
    Code(
        "SW216",
        "field not readable here",
        page(
            "A field is read in a kind of block that has none of it.",
            "A strategy decides before its order exists; limits judge one order, scenarios a run.",
            "move the condition to the block that the help names.",
        ),
        rule("order.qty > 100 shares"),
        limits("limit small on order deny when order.qty > 100 shares"),
    ),
    Code(
        "SW217",
        "list looked up with the wrong thing",
        page(
            "`is in LIST` asks about a symbol in a list of dates, a date in a list of symbols, "
            "something asks for events where there are none, or the list has an unknown type.",
            "The answer would be no for ever, which looks like safety.",
            "write `order.symbol is in` for symbols, `market.date is in` for dates, and "
            "`blackout(LIST, 1 bars, 0 bars)` for events from a file.",
        ),
        "rules 1\nlist never : symbol = { SPY }\n"
        "limits house {\n  limit listed on order deny when market.date is in never\n}\n",
        "rules 1\nlist never : symbol = { SPY }\n"
        "limits house {\n  limit listed on order deny when order.symbol is in never\n}\n",
    ),
    Code(
        "SW218",
        "share of what?",
        page(
            "Left of `of` stands something that is neither a share nor a value of another symbol.",
            "`5% of equity` multiplies, `close of SPY` reads another symbol; no third use exists.",
            "put a percentage left of a quantity, or a column left of a symbol.",
        ),
        rule("close > close of (open + open)"),
        rule("close > 99% of (open + open) / 2"),
    ),
    Code(
        "SW219",
        "argument in the wrong unit",
        page(
            "A function is given a value in a unit that it cannot take.",
            "Each function states its units, so that the result has one too. (`log` takes a price "
            "as it stands: differences of logarithms are ratios.)",
            "convert the value as the help says.",
        ),
        rule("close < exp(open)"),
        rule("close < open * exp(roc(close, 5 bars))"),
    ),
    Code(
        "SW220",
        "wrong unit for this place",
        page(
            "An order's price, a stop, a weight, costs or the like is in a unit that cannot be.",
            "A stop at a ratio or a weight in money would be read as something else.",
            "give prices in $/share, weights and costs as ratios.",
        ),
        bare("clock 1d on xnys", "weight close", "rebalance weekly"),
        bare("clock 1d on xnys", "weight 50%", "rebalance weekly"),
    ),
    Code(
        "SW221",
        "size of what?",
        page(
            "A size is neither shares nor money.",
            "`size 5%` could be of equity, of cash or of volume: the difference is the whole risk.",
            "write `5% of equity`, `100 shares`, or an amount divided by a price.",
        ),
        _sized("size 5%"),
        _sized("size 5% of equity"),
    ),
    Code(
        "SW222",
        "used file missing",
        page(
            "A `use` names a file that is neither beside this one nor among the shipped rules.",
            "Half a rule is not a rule.",
            "correct the path; it starts at this file's folder, then at rules/.",
        ),
        'rules 1\nuse "lib/no_such_file.rule"\n',
        "rules 1\n",
    ),
    Code(
        "SW223",
        "files use each other",
        page(
            "A file uses itself, directly or round a ring of files.",
            "There would be no first file to read.",
            "move what both need to a third file.",
        ),
        'rules 1\nuse "demo.rule"\n',
        "rules 1\n",
    ),
    Code(
        "SW224",
        "no such param to set",
        page(
            "strategies.yaml or `--param` sets a param that no block declares.",
            "A misspelt setting would silently leave the default in force.",
            "take the suggested name, or declare the param.",
        ),
        rule("close < sma(close, 20 bars)"),
        rule("close < sma(close, 20 bars * speed)", "param speed = 1 in 1 .. 3"),
    ),
)
