"""What must stay true when a limit set changes: tighter lets no more through, more limits mean no
more exposure, the order of the text means nothing, and splitting an order evades nothing.

Two runs of one world are the same up to the first order that they judge differently; from there on
the accounts differ, so that order alone is compared.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from math import prod
from random import Random

import pytest

from engine.records.account import BLOCKED, WITHDRAWN, Verdict
from limits.texts import cap_text, condition_text, limit_text, storm_text
from limits.worlds import Played, World, play, random_world

SEEDS = range(24)
CLIP = re.compile(r"(clip qty to )(.*?)( else (?:skip|deny) .*| because .*|$)")
WHEN = re.compile(r"((?:deny|reduce only) when )(.*?)( else (?:skip|deny) .*| because .*|$)")
ENTER = re.compile(r"(enter when )(.*?)( resume .*)")


# ---------------------------------------------------------------- tighter


def lower_a_cap(row: str, rng: Random) -> str:
    return CLIP.sub(lambda m: f"{m[1]}({m[2]}) * 80%{m[3]}", row)


def add_a_cap(row: str, rng: Random) -> str:
    """Not where unknown means skip: there a cap that is not known would take the other with it."""
    if "else skip" in row:
        return row
    return CLIP.sub(lambda m: f"{m[1]}min({m[2]}, {cap_text(rng)}){m[3]}", row)


def refuse_more(row: str, rng: Random) -> str:
    return WHEN.sub(lambda m: f"{m[1]}({m[2]}) or ({condition_text(rng)}){m[3]}", row)


def skip_no_more(row: str, rng: Random) -> str:
    return re.sub(r"else skip (because .*)", r"else deny \1", row)


def pause_more(row: str, rng: Random) -> str:
    return ENTER.sub(lambda m: f"{m[1]}({m[2]}) or ({storm_text(rng)}){m[3]}", row)


TIGHTER = (lower_a_cap, add_a_cap, refuse_more, skip_no_more, pause_more)


def changed(text: str, change: Callable[[str, Random], str], rng: Random) -> str:
    """A limits text with every row changed that the change knows."""
    return "\n".join(change(row, rng) for row in text.split("\n"))


def first_difference(a: Played, b: Played) -> tuple[Verdict | None, Verdict | None]:
    """The first verdicts that grant differently, in a and in b; None where one has no more."""
    for one, other in zip(a.history.verdicts, b.history.verdicts, strict=False):
        if (one.bar, one.book, one.symbol, one.source, one.rule, one.asked, one.granted) != (
            other.bar, other.book, other.symbol, other.source, other.rule, other.asked,
            other.granted,
        ):  # fmt: skip
            return one, other
    return None, None


def is_no_looser(plain: Verdict | None, tight: Verdict | None) -> bool:
    """Whether a tighter set, at the first difference, granted less of the same order; or made an
    exit first (a flatten that has just entered), or let nothing of another order through: a leg
    went with its spread, or a switch had ended what worked before it blocked this."""
    if plain is None or tight is None or tight.outcome in (WITHDRAWN, BLOCKED):
        return True
    same = (plain.bar, plain.book, plain.symbol, plain.source, plain.rule, plain.asked) == (
        tight.bar, tight.book, tight.symbol, tight.source, tight.rule, tight.asked,
    )  # fmt: skip
    return tight.granted < plain.granted if same else tight.source == FROM_FLATTEN


FROM_FLATTEN = 4


@pytest.mark.parametrize("change", TIGHTER, ids=lambda c: c.__name__)
def test_tightening_a_limit_never_lets_more_through(
    change: Callable[[str, Random], str],
) -> None:
    differed = 0
    for seed in SEEDS:
        world = replace(random_world(seed, 60), own_texts=("",) * 3)
        world = replace(world, own_texts=world.own_texts[: len(world.strategies)])
        tight = changed(world.firm_text, change, Random(seed))
        if tight == world.firm_text:
            continue
        pair = first_difference(play(world), play(replace(world, firm_text=tight)))
        assert is_no_looser(*pair), f"seed {seed}: {pair}"
        differed += pair != (None, None)
    assert differed >= 3, "hardly any world was changed"


def test_adding_a_limit_never_increases_what_may_be_held() -> None:
    differed = 0
    for seed in SEEDS:
        world = random_world(seed, 60)
        row = limit_text(Random(seed + 1), "added")
        more = world.firm_text.replace("limits house {\n", f"limits house {{\n  {row}\n", 1)
        pair = first_difference(play(world), play(replace(world, firm_text=more)))
        assert is_no_looser(*pair), f"seed {seed}: {row} {pair}"
        differed += pair != (None, None)
    assert differed >= 3


# ---------------------------------------------------------------- order means nothing


def shuffled(text: str, rng: Random) -> str:
    """The same blocks, and the same rows in them, in another order."""
    blocks = [b.split("\n") for b in re.split(r"\n(?=limits )", text.strip("\n"))]
    rng.shuffle(blocks)
    mixed = [[b[0], *rng.sample(b[1:-1], len(b) - 2), b[-1]] for b in blocks]
    return "\n".join("\n".join(rows) for rows in mixed) + "\n"


def told(played: Played) -> list[object]:
    """Everything a run tells, by the names of limits and not by their numbers."""
    sets = played.desk.limit_sets
    verdicts = [
        (
            v._replace(binding=(), switch=None),
            sorted(
                (sets[s.limit_set].name, sets[s.limit_set].limits[s.limit].name, s.said)
                for s in v.binding
            ),
        )
        for v in played.history.verdicts
    ]
    return [verdicts, played.history.fills, played.history.lapses, played.history.equity]


def test_the_order_of_limits_and_blocks_changes_nothing() -> None:
    moved = 0
    for seed in SEEDS:
        world = random_world(seed, 60)
        text = shuffled(world.firm_text, Random(seed))
        moved += text != world.firm_text
        assert told(play(world)) == told(play(replace(world, firm_text=text))), f"seed {seed}"
    assert moved > len(SEEDS) / 2


# ---------------------------------------------------------------- splitting

COUNTING = (
    "clip qty to (50% of equity - exposure.gross) / order.price",
    "clip qty to (40% of equity - market.symbol_value) / order.price",
    "clip qty to account.exposure_room / order.price",
    "deny when exposure.gross + order.notional > 60% of equity",
    "deny when market.symbol_value + order.notional > 30% of equity",
)
"""Limits that count open orders at worst case, so that the parts of an order meet each other."""


def parts_text(sizes: list[int]) -> str:
    """A strategy that wants so many shares at one close, in so many orders."""
    entries = [
        f"  entry long e{k} {{ when close > $1 size {size} shares order market }}"
        for k, size in enumerate(sizes)
    ]
    return "strategy s0 {\n  clock 1d on xnys\n" + "\n".join(entries) + "\n}\n"


def granted_at_first(world: World, sizes: list[int]) -> float:
    played = play(replace(world, strategies=(parts_text(sizes),), own_texts=("",)))
    return sum(v.granted for v in played.history.verdicts if v.bar == 0)


@pytest.mark.parametrize("limit", COUNTING)
def test_splitting_an_order_never_evades(limit: str) -> None:
    for seed in range(6):
        rng = Random(seed)
        whole = random_world(seed, 3)
        world = replace(
            whole,
            firm_text=f"limits house {{\n  limit cap on order {limit}\n}}\n",
            series={k: v for k, v in whole.series.items() if k in ("AAA", "VIX")},
        )
        sizes = [rng.choice((10, 50, 400, 3_000)) * 10 for _ in range(rng.randint(2, 5))]
        parent, parts = granted_at_first(world, [sum(sizes)]), granted_at_first(world, sizes)
        if limit.startswith("clip"):
            assert parts <= parent, f"seed {seed}: {sizes}"
        else:  # what is refused whole may pass in part, but never beyond what the whole may reach
            price = world.series["AAA"].close[0]
            share = 0.6 if "exposure" in limit else 0.3
            assert parts * price <= share * world.cash * (1 + 1e-9), f"seed {seed}: {sizes}"


def split_since(played: Played, symbol: int, decided: int, filled: int) -> float:
    """New shares for one of those that an order was decided in."""
    actions = played.desk.tape.actions
    ratios = [r for bar, k, r, _ in actions if k == symbol and decided < bar <= filled]
    return prod(ratios)


def test_fills_never_exceed_what_was_granted() -> None:
    """Children of one order, bar by bar, under a cap on each bar's volume."""
    seen = 0
    for seed in range(40):
        played = play(random_world(seed, 60))
        for v in played.history.verdicts:
            if v.source in (0, 3) and v.granted:
                children = [
                    f.qty / split_since(played, v.symbol, v.bar, f.bar)
                    for f in played.history.fills
                    if (f.decided, f.book, f.symbol, f.source)
                    == (v.bar, v.book, v.symbol, v.source)
                    and f.rule == v.rule
                    and f.qty * v.side > 0
                ]
                # a weight may shrink and add on one bar: both are granted
                granted = sum(
                    o.granted
                    for o in played.history.verdicts
                    if (o.bar, o.book, o.symbol, o.source, o.rule, o.side)
                    == (v.bar, v.book, v.symbol, v.source, v.rule, v.side)
                )
                assert abs(sum(children)) <= granted * (1 + 1e-12), f"seed {seed}: {v}"
                seen += len(children) > 1
    assert seen > 5
