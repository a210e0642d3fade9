"""Stops, targets and trails of one lane (floor 2); `levels` and `exits` are their model."""

from typing import Any

from engine.fields import POSITION_ENTRY_PRICE, WIDTH
from engine.fills.booking import magnitude
from engine.fills.cap import INFINITE
from engine.fills.lane_layout import (
    CELLS,
    CELLS_AT,
    DISTANCE,
    DOWN,
    EXIT_LIST,
    EXITS,
    FIELDS_AT,
    LEVEL_CELLS,
    LEVELS,
    NAN,
    OUT_AT,
    OWN_CELLS,
    REACH,
    ROW_AT,
    TARGET,
    TICKS,
    TRAIL,
    UP,
    WIDE,
    Tile,
    own_at,
    place_of,
    pointer_to,
)
from engine.fills.price import asked_price


def level_at(w: Tile, j: int) -> int:
    """Where in k the j-th level is described."""
    return (EXIT_LIST + w.k[EXITS] + j * LEVEL_CELLS) & REACH


def on_tick(w: Tile, lane: int, kind: int, side: float, price: float) -> float:
    """A level's price on the tick, for a position of this side."""
    return asked_price(-side, kind != TARGET, price, w.s[own_at(w, lane) + TICKS])


def set_levels(w: Tile, lane: int, side: float, price: float, stops: Any) -> None:
    """Freeze the levels of a position that opened at `price`."""
    own = own_at(w, lane)
    f = place_of(w, FIELDS_AT) + WIDTH
    out = place_of(w, OUT_AT)
    w.s[f + POSITION_ENTRY_PRICE] = price
    stops(pointer_to(w.s), w.k[ROW_AT], f, w.k[CELLS_AT] + lane * w.k[CELLS], out)
    nearest = NAN
    for j in range(w.k[LEVELS]):
        level = level_at(w, j)
        kind = w.k[level]
        value = on_tick(w, lane, kind, side, w.s[(out + w.k[level + 1]) & REACH])
        if kind != TARGET:
            far = magnitude(price - value)
            if far == far and not far >= nearest:
                nearest = far
        w.s[own + OWN_CELLS + j] = NAN if kind == TRAIL else value
    w.s[own + DISTANCE] = nearest
    watch_levels(w, lane, side)


def pull_trails(w: Tile, lane: int, side: float) -> None:
    """Tighten a position's trails to what the rule has just said."""
    own = own_at(w, lane) + OWN_CELLS
    for j in range(w.k[LEVELS]):
        level = level_at(w, j)
        if w.k[level] == TRAIL:
            value = on_tick(w, lane, TRAIL, side, w.s[(w.k[OUT_AT] + w.k[level + 2]) & REACH])
            old = w.s[own + j]
            if (value > old if side > 0.0 else value < old) or old != old:
                w.s[own + j] = value
    watch_levels(w, lane, side)


def is_upward(kind: int, side: float) -> bool:
    """Whether rising prices set off a level of a position of this side."""
    return (side > 0.0) == (kind == TARGET)


def watch_levels(w: Tile, lane: int, side: float) -> None:
    """Keep the lowest level above the price and the highest below it, for the sweep."""
    own = own_at(w, lane) + OWN_CELLS
    up = INFINITE
    down = -INFINITE
    for j in range(w.k[LEVELS]):
        price = w.s[own + j]
        if is_upward(w.k[level_at(w, j)], side):
            up = price if price < up else up
        else:
            down = price if price > down else down
    w.s[UP * WIDE + lane] = up
    w.s[DOWN * WIDE + lane] = down
