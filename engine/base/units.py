"""Units of measure as exponents of four base dimensions (floor 0)."""

from engine.base.frozen import dataclass

_SYMBOLS = ("$", "share", "bar", "pts")


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of money, shares, bars and index points; all zero is a plain ratio."""

    money: int = 0
    share: int = 0
    bar: int = 0
    pts: int = 0

    @property
    def powers(self) -> tuple[int, int, int, int]:
        return (self.money, self.share, self.bar, self.pts)

    def __mul__(self, other: "Unit") -> "Unit":
        return Unit(*(a + b for a, b in zip(self.powers, other.powers, strict=True)))

    def __truediv__(self, other: "Unit") -> "Unit":
        return Unit(*(a - b for a, b in zip(self.powers, other.powers, strict=True)))

    def power(self, exponent: int) -> "Unit":
        """This unit raised to a whole power."""
        return Unit(*(a * exponent for a in self.powers))

    def root(self) -> "Unit | None":
        """The unit whose square this is, or None when a power is odd."""
        return None if any(a % 2 for a in self.powers) else Unit(*(a // 2 for a in self.powers))

    def __str__(self) -> str:
        named = list(zip(_SYMBOLS, self.powers, strict=True))
        top = "*".join(_part(s, p) for s, p in named if p > 0)
        low = "/".join(_part(s, -p) for s, p in named if p < 0)
        if not top and not low:
            return "ratio"
        return (top or "1") + ("/" + low if low else "")


def _part(symbol: str, power: int) -> str:
    return symbol if power == 1 else f"{symbol}^{power}"


RATIO = Unit()
MONEY = Unit(money=1)
SHARES = Unit(share=1)
PRICE = Unit(money=1, share=-1)
BARS = Unit(bar=1)
PTS = Unit(pts=1)

UNITS = {
    "ratio": RATIO,
    "money": MONEY,
    "shares": SHARES,
    "price": PRICE,
    "bars": BARS,
    "pts": PTS,
}
"""Unit names that op and field tables use; in rule text, units follow a number: `20 bars`, `5
shares`."""
