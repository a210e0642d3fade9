"""Diagnostic codes 5xx: rules that cannot do what they seem to (floor 0)."""

from engine.base.codes.examples import bare, demo, page, rule
from engine.base.codes.spec import Code

_CLOCK = "clock 1d on xnys"
_IN = "entry long dip { when close < open size 1% of equity order market }"
_OUT = "exit back of dip { when close > open order market }"
_STOP = "stop hard at position.entry_price * 95%"
_LEGS = ("leg a = AAPL", "leg b = MSFT")
_SPREAD = (
    "entry spread dip { when close of a < close of b buy a size 5% of equity "
    "sell b size 5% of equity }"
)
_MORE = "entry long more add 2 times { when close < low[1] size 1% of equity order market }"

LOGIC: tuple[Code, ...] = (
    Code(
        "SW501",
        "always true",
        page(
            "A condition, or a part of one, holds on every bar where it is known.",
            "It filters nothing, and looks as if it did.",
            "drop it, or move its bound to where it can fail.",
        ),
        rule("close < open and rsi(close, 14 bars) <= 100"),
        rule("close < open and rsi(close, 14 bars) <= 30"),
    ),
    Code(
        "SW502",
        "never true",
        page(
            "A condition can never hold: a bound out of reach, or parts that exclude each other.",
            "The rule is dead; an exit that never fires leaves a position open.",
            "correct the bound, or split the parts into two rules.",
        ),
        rule("rsi(close, 14 bars) > 120"),
        rule("rsi(close, 14 bars) > 70"),
    ),
    Code(
        "SW503",
        "said twice",
        page(
            "Two rules of one strategy say the same.",
            "One of them was probably meant to differ.",
            "remove one, or correct it.",
        ),
        demo("stop floor at position.entry_price * 95%"),
        demo("target roof at position.entry_price * 110%"),
    ),
    Code(
        "SW504",
        "exit masked by another",
        page(
            "An exit only fires when another exit of the same entries fires too.",
            "It can never be the one that closes a position.",
            "remove it, or tighten the other.",
        ),
        demo("exit calm of dip { when close > sma(close, 5 bars) and volume > 0 order market }"),
        demo("exit calm of dip { when close < lowest(low, 20 bars)[1] order market }"),
    ),
    Code(
        "SW505",
        "entry without a way out",
        page(
            "No exit, stop, target, trail or opposite entry closes this entry.",
            "The position would stay open until the run ends.",
            "add an exit or a stop.",
        ),
        bare(_CLOCK, _IN),
        bare(_CLOCK, _IN, _OUT, _STOP),
    ),
    Code(
        "SW508",
        "strategy that never trades",
        page(
            "A strategy has neither an entry nor a weight.",
            "It would pass every crisis by doing nothing.",
            "add an `entry` or a `weight`.",
        ),
        bare(_CLOCK),
        bare(_CLOCK, "weight 50%", "rebalance weekly"),
    ),
    Code(
        "SW510",
        "stop on the wrong side",
        page(
            "A stop of a long entry lies above its price, or a target below it (or the reverse).",
            "The position would be closed the moment it opens.",
            "turn the sign round; give long and short entries stops of their own with `of`.",
        ),
        bare(_CLOCK, _IN, _OUT, "stop hard at position.entry_price * 105%"),
        bare(_CLOCK, _IN, _OUT, _STOP),
    ),
    Code(
        "SW511",
        "no such entry",
        page(
            "An exit, stop, target or trail is `of` an entry that does not exist.",
            "It would protect nothing.",
            "name one of the entries that the help lists.",
        ),
        bare(_CLOCK, _IN, _OUT.replace("of dip", "of dipp"), _STOP),
        bare(_CLOCK, _IN, _OUT, _STOP),
    ),
    Code(
        "SW512",
        "weight beside entries",
        page(
            "A strategy sets its position by `weight` and also has entries.",
            "Both would fight over one position.",
            "keep them in two strategies.",
        ),
        bare(_CLOCK, _IN, _OUT, _STOP, "weight 50%"),
        bare(_CLOCK, "weight 50%", "rebalance weekly"),
    ),
    Code(
        "SW513",
        "rebalance of nothing",
        page(
            "`rebalance` stands in a strategy without a weight.",
            "Entries trade when they fire, not on a schedule.",
            "add a `weight`, or remove the line.",
        ),
        demo("rebalance weekly"),
        bare(_CLOCK, "weight 50%", "rebalance weekly"),
    ),
    Code(
        "SW514",
        "part missing",
        page(
            "An entry lacks its size, a spread its legs, or a scenario its window.",
            "Nothing is filled in by guessing.",
            "add what the help shows.",
        ),
        bare(_CLOCK, "entry long dip { when close < open order market }", _OUT, _STOP),
        bare(_CLOCK, _IN, _OUT, _STOP),
    ),
    Code(
        "SW515",
        "waiver without a finding",
        page(
            "A `# seawall: ignore` comment waives something that is not reported on its line.",
            "A stale waiver would hide the next, real finding. Errors cannot be waived.",
            "remove the comment.",
        ),
        demo("# seawall: ignore SW501 the bound is kept for the reader", "let x = close"),
        demo("# seawall: ignore SW210 shown in why", "let x = close"),
    ),
    Code(
        "SW516",
        "rebalance waits for something else",
        page(
            "`rebalance … when` stands before something else than `drift > 5%`.",
            "A rebalance concerns the whole book. Drift is the largest difference, over its "
            "symbols, between the weight wanted and the weight held; the band is a fixed share.",
            "write `when drift > 5%`; other conditions belong into the weight.",
        ),
        bare(_CLOCK, "weight 50%", "rebalance weekly when close > open"),
        bare(_CLOCK, "weight 50%", "rebalance weekly when drift > 5%"),
    ),
    Code(
        "SW517",
        "trailing order that never trails",
        page(
            "A trailing order for the day, on daily or slower bars.",
            "It moves with each close, and ends with the first bar it could fill on.",
            "write `for gtc`.",
        ),
        bare(_CLOCK, _IN, _OUT.replace("order market", "order trailing 5%"), _STOP),
        bare(_CLOCK, _IN, _OUT.replace("order market", "order trailing 5% for gtc"), _STOP),
    ),
    Code(
        "SW518",
        "nothing to add to",
        page(
            "An entry with `add n times` could add to two positions, or is named as if it had one.",
            "It adds to the position of the one entry of its side that does not add.",
            "keep one such entry, and name that one in exits and levels.",
        ),
        bare(_CLOCK, _IN, _MORE, _OUT.replace("of dip", "of more"), _STOP),
        bare(_CLOCK, _IN, _MORE, _OUT, _STOP),
    ),
    Code(
        "SW519",
        "spread that cannot be",
        page(
            "A spread with one symbol, a price, a target or an entry of another kind beside it.",
            "Its legs are sent at market together, and each has a price of its own.",
            "buy and sell two symbols or more at market; an `exit` or `stop … of LEG` closes them.",
        ),
        bare(_CLOCK, *_LEGS, _SPREAD, _OUT, _STOP),
        bare(_CLOCK, *_LEGS, _SPREAD, _OUT),
    ),
    Code(
        "SW520",
        "order that cannot wait",
        page(
            "A stop, stop-limit or trailing order is `for ioc`, `opg` or `cls`.",
            "It waits for a price, and one open, one close or the first price there is does not.",
            "order at market or with a limit for that moment, or wait `for day` or `for gtc`.",
        ),
        bare(_CLOCK, _IN.replace("order market", "order stop high for opg"), _OUT, _STOP),
        bare(_CLOCK, _IN.replace("order market", "order stop high for day"), _OUT, _STOP),
    ),
)
