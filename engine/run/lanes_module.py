"""A lane program compiled (floor 7): a strategy's own functions, and the account once for all.

The account of a lane is one module for one lane and one for many, compiled once an installation;
it calls a strategy's functions by address, so that a strategy costs what its own text costs.
"""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import Any

import numpy as np

from engine.base.frozen import replace
from engine.emit.lanes import Lanes, alongs, plan_lanes
from engine.emit.lanes_bars import called_by, emit_bars
from engine.emit.lanes_state import emit_carry, emit_load, emit_market, emit_store
from engine.emit.lanes_step import emit_lane_step
from engine.emit.layout import Layout, layout_of
from engine.emit.module import Module, emit
from engine.emit.names import lane_names
from engine.emit.rule import emit_rule, emit_stops
from engine.fills.lane_layout import Tile
from engine.graph.node import op_of
from engine.graph.plan import Plan
from engine.run import python
from engine.run.along import load_along, missing
from engine.run.beside import beside
from engine.run.bundle import call_at
from engine.run.instructions import ahead_plain, by_pointers, with_fresh, written
from engine.run.kernels import named_kernels
from engine.run.lanes_cached import (
    INLINE,
    PLAIN,
    array_of,
    as_it_stands,
    cached,
    is_ready,
    kernel_module,
    module_name,
    plain_kernels,
    tuple_of,
    widened,
)
from engine.run.lanes_tile import begin, note_ends, replay_tile
from engine.run.sources import source_of

BOOK = INLINE.replace("_nrt=False", "_nrt=NRT")
OFTEN = (
    *("sweep_levels", "sweep_values", "sweep_peaks", "skip_quiet", "next_set", "opened"),
    *("lowest_bit", "bit", "truth_at", "row_of", "decide_all", "fetch_ahead", "place_of"),
    *("price_at", "own_at", "fills_at_close", "pointer_to", "to_money", "floor_of", "whole"),
    *("magnitude", "lesser", "cash_after", "nearest_whole"),
    *("decide", "write_fields", "leave", "close_position", "note_trip", "pay", "commission"),
    *("place_entry", "enter", "fresh_fold", "shares_of", "round_lot", "power_shares"),
    *("fill_price", "protection_price", "is_beyond", "average_cost"),
)
"""Parts of the account that run at every fill or more often: a call would hand over too much."""
FLOATS, INTS = "float64[::1]", "int64[::1]"
STEP = (
    ("at", INTS),
    ("warm", "int64"),
    ("quiet", "int64"),
    ("x", FLOATS),
    ("has", FLOATS),
    ("row", FLOATS),
    ("st", FLOATS),
    ("called", INTS),
)
BLOCK = (("ins", FLOATS), ("buf", FLOATS), ("planes", INTS))
MARKET = (("start", "int64"), ("end", "int64"), *BLOCK, *STEP)
TILES = (
    *(("begin_k", INTS), ("begin_s", FLOATS), ("k", INTS), ("s", FLOATS), *BLOCK),
    *(("curves", FLOATS), ("cells", "int64"), ("ends", INTS), ("tiles", INTS)),
    *(("at", INTS), ("warm", INTS), ("quiet", INTS)),
    *(("x", FLOATS), ("has", FLOATS), ("row", FLOATS), ("before", FLOATS), ("st", FLOATS)),
)
CALLED = "void(CPointer(float64), int64, int64, int64, int64)"
STEPPED = f"void({', '.join(['CPointer(float64)'] * 4)}, CPointer(int64))"
_P = {FLOATS: "CPointer(float64)", INTS: "CPointer(int64)"}
_LISTS = (FLOATS, INTS, FLOATS, FLOATS, INTS, INTS)
BARS = f"void(int64, int64, int64, {', '.join(_P[kind] for kind in _LISTS)})"
"""What a strategy's functions and the compiled tile take, in order."""


@dataclass(frozen=True)
class LaneProgram:
    """A strategy compiled for `how.lanes` lanes. tiles: runs some tiles; its last argument is
    `addresses`, of the strategy's market, rule, stops and step, and of the operators that those
    call along a block."""

    how: Lanes
    layout: Layout
    source: str
    tiles: Callable[..., None]
    addresses: Any
    notice: str

    @property
    def is_compiled(self) -> bool:
        """Whether it runs on arrays, or as plain Python on lists."""
        return not isinstance(self.addresses, tuple)

    @cached_property
    def before(self) -> Any:
        """The state of a tile's market before its first bar."""
        return np.tile(np.array(self.how.plan.market_cells.init), self.how.lanes)

    @property
    def warm(self) -> int:
        """The first bar on which every node is defined and its past lies behind the first bar."""
        plan = self.how.plan
        return max(max((plan.defined[n] for n in plan.market), default=0), self.reach) + 1

    @property
    def reach(self) -> int:
        """How many bars back any operator looks."""
        nodes = [self.how.plan.graph.nodes[n] for n in self.how.plan.market]
        ops = (node for node in nodes if node.kind == "op")
        return max((int(op_of(node).reach(node.consts)) for node in ops), default=0)


def tell(text: str) -> None:
    """A line to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def load_lanes(
    plan: Plan,
    lanes: int,
    columns: tuple[str, ...],
    compiled: bool = True,
    told: Callable[[str], None] = tell,
    unsure: frozenset[str] = frozenset(),
) -> LaneProgram:
    """Compile a lane plan, which `told` hears of before, or take it from the cache; not compiled,
    the same text runs as it stands. unsure: see Lanes."""
    how = plan_lanes(plan, lane_names(plan), lanes, columns, unsure)
    source, layout = lane_source(how), layout_of(plan, how.names)
    if not compiled:
        made, account = _plain_module(source, plan, lanes), _plain_account(lanes)
        return LaneProgram(
            how,
            layout,
            source,
            account.run_tiles,
            (*_functions(how, made), *load_along(alongs(how), compiled=False)),
            "",
        )
    waits = waits_for(how, source)
    if waits:
        told(f"compiling {waits} to machine code (kept for the next run)")
    with beside("along", missing(alongs(how))):
        made, notice = _strategy_module(source, plan, lanes)
        along = load_along(alongs(how))
    functions = (*_functions(how, made), *along)
    addresses = np.array([_address(call) for call in functions], dtype=np.int64)
    return LaneProgram(how, layout, source, _account_module(lanes).run_tiles, addresses, notice)


def _functions(how: Lanes, made: ModuleType) -> tuple[Any, ...]:
    """What the account calls of a strategy, and what that calls, up to the operators."""
    own = [name for name in called_by(how) if name not in alongs(how)]
    return tuple(vars(made)[name] for name in ("market", "lane_rule", "lane_stops", *own))


def lane_source(how: Lanes) -> str:
    """The text of a lane program, as a user may read it."""
    plan, names = how.plan, how.names
    parts = [
        [f"# strategy {plan.graph.name} in {how.lanes} lanes, written by seawall"],
        emit_lane_step(how),
        emit_rule(plan, names),
        emit_stops(plan, names),
        emit_bars(how),
        emit_load(how),
        emit_store(how),
        emit_carry(how),
        emit_market(how),
        _one_list("rule"),
        _one_list("stops"),
    ]
    return "\n\n\n".join("\n".join(part) for part in parts) + "\n"


def _one_list(name: str) -> list[str]:
    """A strategy's function where all that it reads and writes lies in one list."""
    return [f"def lane_{name}(s, r, f, c, o):", f"    {name}(s, r, s, f, s, c, s, o)"]


def waits_for(how: Lanes, source: str) -> str:
    """What of a program is not compiled yet, in words; empty when all of it lies ready."""
    lanes = how.lanes
    parts = {"the rule": _decorated(source), "the account of a lane": _account_text(lanes)}
    left = [name for name, text in parts.items() if not is_ready(module_name(text, lanes), text)]
    operators = missing(alongs(how))
    left += [f"{len(operators)} operators"] if operators else []
    return " and ".join(left)


# ---------------------------------------------------------------- compiling


def _types(arguments: Iterable[tuple[str, str]]) -> str:
    return f"void({', '.join(kind for _, kind in arguments)})"


def _eager(types: str) -> str:
    none = "no_cpython_wrapper=True, " if "CPointer" in types else ""
    return f'@njit("{types}", {none}error_model="numpy", nogil=True, cache=CACHE, _nrt=NRT)\n'


def _decorated(source: str) -> str:
    """A strategy's text with the decorators that compile it."""
    lists = [name for name, kind in MARKET if kind in (FLOATS, INTS)]
    text = by_pointers(with_fresh(source), "market", lists)
    for name, types in (
        ("step", STEPPED),
        ("market", _types(MARKET)),
        ("lane_rule", CALLED),
        ("lane_stops", CALLED),
    ):
        text = text.replace(f"\ndef {name}(", f"\n{_eager(types)}def {name}(")
    for name in ("rule", "stops"):
        text = text.replace(f"\ndef {name}(", f"\n{BOOK}\ndef {name}(")
    apart = "bars_at(" in text
    for name in (*("load", "store", "carry"), *re.findall(r"\ndef (bars\w*)\(", text)):
        once = _eager(BARS) if apart else f"{PLAIN}\n"
        text = text.replace(f"\ndef {name}(", f"\n{once}def {name}(")
    return text


def _inlined(text: str, names: Iterable[str]) -> str:
    """The text with these functions compiled into whatever calls them."""
    for name in names:
        text = text.replace(f"{PLAIN}\ndef {name}(", f"{INLINE}\ndef {name}(")
    return text


ENTRY = f"""

fetch, pointer_to = written(fetch, pointer_to)

@njit({{types}}, error_model="numpy", nogil=True, cache=CACHE, _nrt=True)
def run_tiles({", ".join(name for name, _ in TILES)}, addresses):
    market, rule, stops = market_at(addresses[0]), call_at(addresses[1]), call_at(addresses[2])
    columns, rows = len(at) // len(tiles), len(begin_k) // len(k)
    wide = len(begin_s) // rows
    for j in range(len(tiles)):
        first, last = tiles[j] * cells, (tiles[j] + 1) * cells
        w = Tile(k, s, ins, buf, planes, curves[first:last])
        own = j % rows
        begin(w, tiles[j], begin_k[own * len(k) : (own + 1) * len(k)],
              begin_s[own * wide : (own + 1) * wide], st, before)
        replay_tile(w, at[j * columns : (j + 1) * columns], warm[j], quiet[j], x, has, row, st,
                    addresses[3:], market, rule, stops)
        note_ends(w, tiles[j], ends)
"""
"""One tile after another; their round trips follow each other in s. begin_k, begin_s, before: k, s
and st before a tile's first bar, k and s a row a tile or one for all. tiles: their numbers, by
which `curves`, of so many `cells` each, and `ends` are laid out. at, warm, quiet: of each."""


@cache
def _account_text(lanes: int) -> str:
    """The account of a lane, written by hand, with the width of a tile written in."""
    types = repr(_types((*TILES, ("addresses", INTS))))
    text = _inlined(source_of([begin, replay_tile, note_ends], PLAIN), OFTEN)
    return widened(text, lanes) + ENTRY.format(types=types)


@cache
def _account_module(lanes: int) -> ModuleType:
    """The compiled account, from the cache folder when it lies there."""
    from numba import njit, types

    pointer: Any = types.CPointer
    floats, ints, word = types.float64[::1], types.int64[::1], types.int64
    kinds = {FLOATS: floats, INTS: ints, "int64": word}
    market = types.FunctionType(types.void(*(kinds[kind] for _, kind in MARKET)))
    given = {"njit": njit, "Tile": Tile}
    called = types.FunctionType(types.void(pointer(types.float64), *[word] * 4))
    given |= {"market_at": call_at(market), "call_at": call_at(called), "written": written}
    return cached(_account_text(lanes), lanes, given)[0]


def _strategy_module(source: str, plan: Plan, lanes: int) -> tuple[ModuleType, str]:
    from numba import njit, types

    text = _decorated(source)
    ready = is_ready(module_name(text, lanes), text)
    given = named_kernels(_called(emit(plan), text), compile_them=not ready)
    own = vars(kernel_module(lanes))
    given |= {k: v for k, v in own.items() if not k.startswith("__")}
    pointer: Any = types.CPointer
    floats, ints, word = pointer(types.float64), pointer(types.int64), types.int64
    stepped = types.FunctionType(types.void(*[floats] * 4, ints))
    along = types.FunctionType(types.void(*[word] * 5, ints, floats, floats, ints, floats, floats))
    loop = types.FunctionType(types.void(*[word] * 3, floats, ints, floats, floats, ints, ints))
    given |= {"step_at": call_at(stepped), "along_at": call_at(along), "bars_at": call_at(loop)}
    return cached(text, lanes, given | {"njit": njit, "table": array_of})


def _called(module: Module, text: str) -> Module:
    """The module with only those of its kernels that the text calls."""
    found = set(re.findall(r"\w+(?=\()", text))
    return replace(module, kernels=tuple(k for k in module.kernels if k[0] in found))


@cache
def _plain_account(lanes: int) -> ModuleType:
    return as_it_stands(_account_text(lanes), {"Tile": Tile})


def _plain_module(source: str, plan: Plan, lanes: int) -> ModuleType:
    given = plain_kernels(lanes) | python.kernels(emit(plan))
    given |= {"ahead": ahead_plain, "table": tuple_of}
    return as_it_stands(source, given)


def _address(call: Any) -> int:
    """Where a compiled function's C entry lies."""
    made = call.overloads[call.signatures[0]]
    return int(made.library.get_pointer_to_function(made.fndesc.llvm_cfunc_wrapper_name))
