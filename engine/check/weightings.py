"""How `weight` shares out equity among the symbols held, as one explicit table (floor 4).

A row builds a symbol's weight from operators alone, so that every runner works it out alike. `held`
is the condition that the symbol is held; symbols for which it is false or unknown count nowhere. A
weight that cannot be worked out is na: no order for that symbol, and no share of it for the others.
"""

from collections.abc import Callable
from math import nan

from engine.base.frozen import dataclass
from engine.base.units import PRICE, RATIO
from engine.check.typed import SELF, Apply, Column, Const, Kind, Typed
from engine.ops.spec import Arg

_NUMBER = Kind("number", RATIO)
_TRUTH = Kind("truth")
YEAR = 252.0
"""Sessions of a year, by which daily volatility is made yearly."""


@dataclass(frozen=True)
class Weighting:
    """One way. args: constants, as an operator's. build(held, consts) is the weight while held."""

    name: str
    title: str
    args: tuple[Arg, ...]
    build: Callable[[Typed, tuple[float, ...]], Typed]
    example: str
    formula: str
    source: str


def number(value: float) -> Const:
    """A ratio."""
    return Const(value, _NUMBER)


def ratio(op: str, *args: Typed, consts: tuple[float, ...] = ()) -> Apply:
    """An operator on the strategy's own bars whose result is a ratio."""
    return Apply(op, args, consts, SELF, _NUMBER)


def truth(op: str, *args: Typed, consts: tuple[float, ...] = ()) -> Apply:
    """An operator on the strategy's own bars whose result is a condition."""
    return Apply(op, args, consts, SELF, _TRUTH)


def close() -> Column:
    """The symbol's close."""
    return Column("close", SELF, Kind("number", PRICE))


def everyone() -> Typed:
    """Held without a `hold` line: whoever has a bar."""
    return truth("not", truth("is_na", close()))


def among(held: Typed, value: Typed) -> Typed:
    """The value where held, na elsewhere, so that sums over the universe leave it out."""
    return ratio("if", held, value, number(nan))


def volatility(bars: float) -> Typed:
    """Deviation of the last daily returns, those of `bars` sessions."""
    return ratio("stdev", ratio("roc", close(), consts=(1.0,)), consts=(bars,))


def equal(held: Typed, _: tuple[float, ...]) -> Typed:
    return ratio("div", number(1.0), ratio("count_across", held))


def inverse_vol(held: Typed, consts: tuple[float, ...]) -> Typed:
    calm = ratio("div", number(1.0), volatility(consts[0]))
    return ratio("div", calm, ratio("sum_across", among(held, calm)))


def vol_target(held: Typed, consts: tuple[float, ...]) -> Typed:
    aim, bars, cap = consts
    yearly = ratio("mul", volatility(bars), ratio("sqrt", number(YEAR)))
    share = ratio("div", number(aim), ratio("count_across", held))
    wanted = ratio("div", share, yearly)
    room = ratio("div", number(cap), ratio("sum_across", among(held, wanted)))
    return ratio("mul", wanted, ratio("min", number(1.0), room))


_BARS = Arg("n", "const", "bars", low=2)

WEIGHTINGS: tuple[Weighting, ...] = (
    Weighting(
        name="equal",
        title="The same for each symbol held",
        args=(),
        build=equal,
        example="equal",
        formula="1 / h, h the number of symbols held",
        source="DeMiguel, Garlappi and Uppal (2009), Optimal versus naive diversification",
    ),
    Weighting(
        name="inverse_vol",
        title="The calmer a symbol, the more of it",
        args=(_BARS,),
        build=inverse_vol,
        example="inverse_vol(60 bars)",
        formula="(1 / s) / sum of 1 / s over those held, s = stdev(roc(close, 1 bars), n)",
        source="Maillard, Roncalli and Teiletche (2010): equal risk where correlations are equal",
    ),
    Weighting(
        name="vol_target",
        title="Yearly volatility aimed at, shared equally, at most `cap` in all",
        args=(
            Arg("aim", "const", "ratio", low=0.001, high=10),
            _BARS,
            Arg("cap", "const", "ratio", low=0.01, high=10, default=1.0),
        ),
        build=vol_target,
        example="vol_target(10%, 60 bars)",
        formula="w = aim / (h * s * sqrt(252)), s as above; all * min(1, cap / sum of w)",
        source="Moskowitz, Ooi and Pedersen (2012), Time series momentum, section 2.4",
    ),
)

BY_NAME: dict[str, Weighting] = {w.name: w for w in WEIGHTINGS}
