"""Diagnostic codes 3xx: time, warm-up, memory, and what is not run yet (floor 0)."""

from engine.base.codes.examples import bare, demo, limits, page, rule, scenario
from engine.base.codes.spec import Code

_LATER = "The text is kept and checked, so that it is ready; a dry-run refuses it until then."
_STOPPED = "stop hard at position.entry_price * 95%"
_DAILY = "clock 1d on xnys"
_IN = "entry long dip { when close < open size 1% of equity order market }"
_OUT = "exit back of dip { when close > open order market }"


TIME: tuple[Code, ...] = (
    Code(
        "SW301",
        "clock not run yet",
        page(
            "Bars of whole minutes up to a session and of one day run today; inside, `on` names "
            "longer bars of minutes, `1d`, `1w` and `1mo`.",
            _LATER,
            "write `clock 5m on xnys` or `clock 1d on xnys`.",
        ),
        bare("clock 30s on xnys", "weight 50%", "rebalance daily"),
        bare("clock 1d on xnys", "weight 50%", "rebalance daily"),
    ),
    Code(
        "SW305",
        "exit of part not run yet",
        page(
            "An exit says how much of a position it closes.",
            _LATER,
            "leave `size` out: an exit closes the whole position.",
        ),
        bare(_DAILY, _IN, _OUT.replace("order", "size 50% order"), _STOPPED),
        bare(_DAILY, _IN, _OUT, _STOPPED),
    ),
    Code(
        "SW306",
        "simulation not run yet",
        page(
            "`simulate`, `process`, `shock`, probabilities and tails need simulated paths.",
            _LATER,
            "`replay` a real window.",
        ),
        "rules 1\nscenario tails {\n  simulate 252 bars, 1000 paths, seed 7\n}\n",
        scenario("expect always drawdown <= 20%"),
    ),
    Code(
        "SW311",
        "clock not slower",
        page(
            "`on CLOCK` names bars that are not slower than the bars around it.",
            "Only completed slower bars can be shown on faster ones without looking ahead.",
            "write `on 1w` or `on 1mo`; the strategy's own bars need no `on`.",
        ),
        rule("close > sma(close, 10 bars) on 1d"),
        rule("close > sma(close, 10 bars) on 1w"),
    ),
    Code(
        "SW312",
        "window out of bounds",
        page(
            "A window is no whole number, or outside what the function takes (at most 5,000 bars).",
            "Memory is bounded before running, and 5,000 daily bars are twenty years.",
            "choose a smaller window; `on 1w` and `on 1mo` reach further back.",
        ),
        rule("close > sma(close, 9000 bars)"),
        rule("close > sma(close, 200 bars)"),
    ),
    Code(
        "SW313",
        "more history than there is",
        page(
            "A condition settles after more bars than the longest embedded series has.",
            "It would be judged on values that still lean on their first bar.",
            "shorten its windows: an ema of n bars settles after about 3.5n, wilder after 7n.",
        ),
        rule("close > wilder(close, 4000 bars)"),
        rule("close > wilder(close, 40 bars)"),
    ),
    Code(
        "SW314",
        "expression too large",
        page(
            "Written out, with its lets and defines in place, an expression is too large or deep.",
            "Each let that uses another twice doubles the work; sixteen of them make 65,536.",
            "split the expression, or drop lets that double one another.",
        ),
        demo(
            "let a = close + close",
            *(f"let {chr(98 + i)} = {chr(97 + i)} + {chr(97 + i)}" for i in range(15)),
        ),
        rule("close > b", "let a = open + open", "let b = a / 2"),
    ),
    Code(
        "SW315",
        "position read where there is none",
        page(
            "An entry reads its own position, or a stop or target reads more than its entry price.",
            "An entry is ignored while its position is open, so the field is na or 0; a stop is "
            "worked out once, when the position opens.",
            "leave it out of the entry; write stops from bars and `position.entry_price`.",
        ),
        rule("close < position.entry_price"),
        rule("close < sma(close, 20 bars)"),
    ),
    Code(
        "SW316",
        "no bars to read it on",
        page(
            "A pause reads a symbol's price, or a field is read on another clock or symbol.",
            "A pause watches the account and feeds; equity has no weekly bars of its own.",
            "name a symbol (`close of SPY`), declare a feed with `data`, or drop the `on`.",
        ),
        limits("pause p { enter when close < $100 resume after 2d }"),
        limits("pause p { enter when close of SPY < $100 resume after 2d }"),
    ),
    Code(
        "SW317",
        "unknown clock or calendar",
        page(
            "The clock line names a length or a calendar that does not exist.",
            "The calendar says which days have bars at all.",
            "write `clock 1d on xnys`.",
        ),
        bare("clock 1d on xnyz", "weight 50%", "rebalance daily"),
        bare("clock 1d on xnys", "weight 50%", "rebalance daily"),
    ),
    Code(
        "SW318",
        "`since entry` out of place",
        page(
            "`since entry` stands where no position is open, or folds something without memory.",
            "It starts its functions afresh when the position opens, so it needs both.",
            "use it in exits and trails, round `peak`, `trough`, `highest` and the like.",
        ),
        rule("close < peak(high) since entry"),
        demo("trail lock at peak(high) since entry - 3 * atr(20 bars)"),
    ),
    Code(
        "SW319",
        "impossible window of days",
        page(
            "A replay ends before it begins, or in the future.",
            "Only days that have happened can be replayed.",
            "write the earlier date first.",
        ),
        "rules 1\nscenario covid {\n  replay 2020-06-30 .. 2020-02-03\n}\n",
        "rules 1\nscenario covid {\n  replay 2020-02-03 .. 2020-06-30\n}\n",
    ),
    Code(
        "SW320",
        "nothing to compare across the universe",
        page(
            "`rank`, `breadth`, `hold top` and the like stand where they cannot compare symbols.",
            "They compare the bars of all symbols of a strategy at its own closes: not in limits, "
            "not `on 1w` or `of SPY`, not positions, and nothing that is the same for all.",
            "compare a value of each symbol's own bars, inside a strategy.",
        ),
        bare("clock 1d on xnys", "hold top 3 by close of SPY", "rebalance monthly"),
        bare("clock 1d on xnys", "hold top 3 by roc(close, 252 bars)", "rebalance monthly"),
    ),
)
