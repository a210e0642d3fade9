"""Random rule texts, right in syntax and units, drawn from the operator table.

Every text is parsed and checked like a user's file; the few that the checker refuses (a comparison
that is always true, say) are drawn again. Everything comes from one `random.Random`.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from engine.base.units import BARS, PRICE, PTS, RATIO, SHARES, UNITS, Unit
from engine.check import check_file
from engine.check.typed import CheckedStrategy
from engine.lang.parse import parse_text
from engine.ops import ACROSS, OPS
from engine.ops.spec import Arg, Op
from engine.records.catalogue import Catalogue, load_catalogue

LEAVES: dict[Unit, tuple[str, ...]] = {
    PRICE: ("open", "high", "low", "close", "close", "$100"),
    SHARES: ("volume", "100 shares"),
    RATIO: ("1.5", "30%", "2", "(close / open)", "(high / low)"),
    BARS: ("3 bars",),
    PTS: ("fear", "25 pts"),
}
"""What stands at the ends of an expression, by unit."""
INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
NUMBERS = tuple(op for op in OPS if op.result != "truth" and (op.callable or op.name in INFIX))
COMPARING = tuple(op for op in ACROSS if op.result != "truth")
CHOOSING = tuple(op for op in ACROSS if op.result == "truth")
IN_TURN = (*ACROSS, *NUMBERS)
"""The rules go round these, so that each operator is held by one rule in so many."""
BESIDE = {
    RATIO: ("({a} / ({b} of NASDAQ))", "beta({a}, {b} of NASDAQ, {n} bars)",
            "correlation({a}, {b} of NASDAQ, {n} bars)"),
    PRICE: ("({a} - ({b} of NASDAQ))", "({b} of NASDAQ)"),
}  # fmt: skip
"""Two symbols side by side: ratio, sensitivity, spread."""
COMPARED = ("<", ">", "<=", ">=", "==", "!=", "crosses above", "crosses below")


@dataclass(frozen=True)
class Draw:
    """One draw of text. lets: names in reach, by unit; latch: the name of one, if any; universe:
    the symbols of one may be compared."""

    rng: random.Random
    lets: dict[Unit, str]
    latch: str = ""
    universe: bool = False

    def number(self, unit: Unit, depth: int) -> str:
        """A number of this unit."""
        pick = self.rng.random()
        if depth <= 0 or pick < 0.1:
            return self.leaf(unit)
        if pick < 0.2:
            return f"({self.number(unit, depth - 1)})[{self.rng.randrange(4)}]"
        if pick < 0.26:
            return f"({self.bars(unit, depth - 1)} on 1w)"
        if pick < 0.3 and unit in BESIDE:
            return self.beside(unit, depth - 1)
        if pick < 0.32:
            return f"(-{self.number(unit, depth - 1)})"
        if pick < 0.38:
            then, other = self.number(unit, depth - 1), self.number(unit, depth - 1)
            return f"(if {self.truth(depth - 1)} then {then} else {other})"
        if pick < 0.58 and self.universe:
            return self.operator(unit, depth, COMPARING)
        return self.operator(unit, depth, NUMBERS)

    def beside(self, unit: Unit, depth: int) -> str:
        """A number of two symbols."""
        a, b = self.bars(PRICE, depth), self.bars(PRICE, depth)
        return self.rng.choice(BESIDE[unit]).format(a=a, b=b, n=self.rng.randint(2, 6))

    def leaf(self, unit: Unit) -> str:
        """A column, a literal or a let; a product of leaves for any other unit."""
        if unit in self.lets and self.rng.random() < 0.3:
            return self.lets[unit]
        if unit in LEAVES:
            return self.rng.choice(LEAVES[unit])
        half = unit.root()
        assert half is not None
        return f"({self.leaf(half)} * {self.leaf(half)})"

    def bars(self, unit: Unit, depth: int) -> str:
        """A number that reads bars of its own symbol, whatever the clock."""
        own = Draw(self.rng, {})
        text = own.number(unit, depth) if unit != PTS else "close"
        reads = any(c in text for c in ("open", "high", "low", "close", "volume"))
        simple = not any(w in text for w in (" on ", " of ", "fear"))
        return (
            text
            if reads and simple
            else {PRICE: "close", SHARES: "volume"}.get(unit, "rsi(close, 3 bars)")
        )

    def operator(self, unit: Unit, depth: int, ops: Sequence[Op]) -> str:
        """One of these whose result can have this unit, on arguments that make it so."""
        fitting = [(op, letters) for op in ops if (letters := self.letters(op, unit))]
        op, letters = self.rng.choice(fitting)
        return self.call(op, letters, depth)

    def letters(self, op: Op, unit: Unit) -> dict[str, Unit] | None:
        """Units for the letters of its arguments, or None where its result has another unit."""
        free = self.rng.choice((PRICE, SHARES, RATIO))
        if op.result in UNITS:
            return {"u": free, "v": free} if UNITS[op.result] == unit else None
        given = {
            "u": {"u": unit, "v": free},
            "u*v": {"u": unit, "v": RATIO},
            "u/v": {"u": free, "v": free} if unit == RATIO else {"u": unit, "v": RATIO},
            "root(u)": {"u": unit * unit},
        }
        return given[op.result]

    def call(self, op: Op, letters: dict[str, Unit], depth: int, of_bars: bool = False) -> str:
        """The operator on random arguments; of_bars: the first is no constant."""
        args = [self.argument(a, letters, depth - 1) for a in op.args]
        if of_bars and op.args and op.args[0].kind == "number":
            args[0] = self.bars(letters.get(op.args[0].unit) or UNITS[op.args[0].unit], depth - 1)
        if op.name in INFIX:
            return f"({args[0]} {INFIX[op.name]} {args[1]})"
        return f"{op.name}({', '.join(args)})"

    def argument(self, arg: Arg, letters: dict[str, Unit], depth: int) -> str:
        if arg.kind == "truth":
            return self.truth(depth)
        if arg.kind == "number":
            return self.number(letters.get(arg.unit) or UNITS[arg.unit], depth)
        if arg.unit == "bars":
            low = int(arg.low)
            return f"{self.rng.randint(low, max(6, low))} bars"
        if arg.high > 1:
            return str(self.rng.randint(1, 3))
        return f"{self.rng.randint(max(int(arg.low * 100), 1), 99)}%"

    def truth(self, depth: int) -> str:
        """A condition."""
        pick = self.rng.random()
        if depth > 0 and pick < 0.2:
            word = self.rng.choice(("and", "or"))
            return f"({self.truth(depth - 1)} {word} {self.truth(depth - 1)})"
        if depth > 0 and pick < 0.27:
            return f"(not {self.truth(depth - 1)})"
        if depth > 0 and pick < 0.34:
            return f"({self.truth(depth - 1)} for {self.rng.randint(2, 4)} bars)"
        if depth > 0 and pick < 0.37:
            return f"({self.truth(depth - 1)})[{self.rng.randrange(3)}]"
        if depth > 0 and pick < 0.4:
            return f"(({self.truth(depth - 1)}) is na)"
        if depth > 0 and pick < 0.43:
            then, other = self.truth(depth - 1), self.truth(depth - 1)
            return f"(if {self.truth(depth - 1)} then {then} else {other})"
        if pick < 0.46 and self.latch:
            return self.latch
        if depth > 0 and pick < 0.56 and self.universe:
            return self.chosen(depth)
        return f"({self.comparison(depth - 1)})"

    def chosen(self, depth: int) -> str:
        """A condition on where a symbol stands among the others."""
        return self.holding(self.rng.choice(CHOOSING), depth)

    def holding(self, op: Op, depth: int) -> str:
        """A condition that has this operator."""
        units = [
            u for u in (PRICE, SHARES, RATIO, BARS) if op.result == "truth" or self.letters(op, u)
        ]
        unit = self.rng.choice(units)
        if op.result == "truth":
            return f"({self.call(op, {'u': unit}, depth, of_bars=True)})"
        letters = self.letters(op, unit)
        assert letters is not None
        call = self.call(op, letters, depth, of_bars=True)
        return f"({call} {self.rng.choice(COMPARED)} {self.number(unit, 0)})"

    def comparison(self, depth: int) -> str:
        unit = self.rng.choice((PRICE, PRICE, RATIO, RATIO, SHARES, BARS, PTS))
        first = self.number(unit, max(depth, 1) if unit != PTS else 0)
        if unit == PTS:
            first = "fear"
        pick = self.rng.random()
        if pick < 0.08:
            return f"{first} is na"
        second = self.number(unit, depth if unit != PTS else 0)
        if pick < 0.16 and unit != PTS:
            return f"{first} within 5% of {second}"
        if pick < 0.24 and unit != PTS:
            return f"{first} between {second} to {self.number(unit, 0)}"
        return f"{first} {self.rng.choice(COMPARED)} {second}"


def one_text(rng: random.Random, depth: int, op: Op) -> str:
    """A whole file with one strategy, whose entry has this operator."""
    has_universe = op.across or rng.random() < 0.15
    draw = Draw(rng, {}, universe=has_universe)
    units = rng.sample((PRICE, RATIO, SHARES), 2)
    lets = [f"  let own_{k} = {draw.number(u, depth)}" for k, u in enumerate(units)]
    has_latch = rng.random() < 0.3
    if has_latch:
        lets.append(f"  latch on_it {{ set when {draw.truth(1)} clear when {draw.truth(1)} }}")
    named = {u: f"own_{k}" for k, u in enumerate(units)}
    draw = Draw(rng, named, "on_it" if has_latch else "", has_universe)
    limit = f"limit {draw.number(PRICE, 1)}"
    order = rng.choice(("market", limit, limit + " for gtc", f"stop {draw.number(PRICE, 1)}"))
    held = draw.bars(PRICE, depth - 1)
    return "\n".join(
        [
            "rules 1",
            'strategy random "Drawn at random" {',
            "  clock 1d on xnys",
            '  data fear : pts = "VIX" daily stale after 3 bars',
            *lets,
            "  entry long a {",
            f"    when {draw.truth(depth)} {rng.choice(('and', 'or'))} {draw.holding(op, depth)}",
            f"    size 1% of equity / max($1, {draw.number(PRICE, 1)})",
            f"    order {order}",
            "  }",
            f"  exit x {{ when {draw.truth(depth - 1)} or position.age >= 5 bars order market }}",
            f"  stop s at position.entry_price - 2 * {draw.number(PRICE, 1)}",
            f"  trail t at peak({held}) since entry - {draw.number(PRICE, 1)}",
            "}\n",
        ]
    )


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def checked(text: str) -> CheckedStrategy | list[Any]:
    """The strategy of a text, or what the checker holds against it."""
    file, problems = parse_text("random.rule", text)
    found = [*problems]
    if not problems:
        made, more = check_file(file, {}, catalogue())
        found += more
    errors = [d for d in found if d.severity == "error"]
    return errors or made.strategies[0]


def random_rule(seed: int) -> tuple[str, CheckedStrategy]:
    """A text that the checker takes, and what it makes of it."""
    rng = random.Random(seed)
    for _ in range(100):
        text = one_text(rng, rng.choice((1, 1, 2)), IN_TURN[seed % len(IN_TURN)])
        made = checked(text)
        if isinstance(made, CheckedStrategy):
            return text, made
    raise AssertionError(f"seed {seed}: 100 texts in a row were refused")
