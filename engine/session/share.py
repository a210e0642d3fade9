"""Windows shared among processes (floor 9): cells do not know each other, so cores need not wait.

Only plain Python on Linux forks: what numba or another platform does in a forked child is not ours
to promise. A child hands back facts without the tables and functions they came from.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from engine.records.desk import BookRow, Desk, LimitSetRow, Tape
from engine.session.cell import Cell
from engine.session.firm import Firm

FEWEST_BARS = 3_000
"""Below so many bars of cells, one process is done before a second has begun."""

Play = Callable[[Firm, int], list[Cell]]
"""play(firm, k): the cells of the firm's k-th window."""

_job: list[Any] = []
"""What a forked child inherits: the function and the firm."""


def play_windows(firm: Firm, sizes: Sequence[int], play: Play) -> Iterator[tuple[int, list[Cell]]]:
    """Every window's cells as they are finished; `sizes` are bars times cells of each."""
    crew = min(_cores(), len(sizes))
    if crew < 2 or sum(sizes) < FEWEST_BARS or not _may_fork(firm):
        yield from ((k, play(firm, k)) for k in range(len(sizes)))
        return
    largest_first = sorted(range(len(sizes)), key=lambda k: -sizes[k])
    context = multiprocessing.get_context("fork")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:  # children keep the mask: Ctrl-C is for the parent, which ends them without a word
        pool = context.Pool(crew, _begin, (play, firm))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    with pool:
        yield from pool.imap_unordered(_work, largest_first)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _may_fork(firm: Firm) -> bool:
    return sys.platform == "linux" and not firm.compiled and "numba" not in sys.modules


def _begin(play: Play, firm: Firm) -> None:
    _job[:] = [play, firm]


def _work(k: int) -> tuple[int, list[Cell]]:
    play, firm = _job
    return k, [_light(cell) for cell in play(firm, k)]


# ---------------------------------------------------------------- what travels back


def _light(cell: Cell) -> Cell:
    """The cell without compiled functions and market tables, the closes apart: charts show them."""
    if cell.ran is None:
        return cell
    return replace(cell, ran=replace(cell.ran, desk=_light_desk(cell.ran.desk)))


def _light_desk(desk: Desk) -> Desk:
    return replace(
        desk,
        books=tuple(_light_book(b) for b in desk.books),
        limit_sets=tuple(_light_set(s) for s in desk.limit_sets),
        tape=_light_tape(desk.tape),
    )


def _light_book(book: BookRow) -> BookRow:
    return replace(book, rows=(), rule=_gone, stops=_gone)


def _light_set(limits: LimitSetRow) -> LimitSetRow:
    return replace(limits, rows=(), clock_rows=(), rule=_gone, decide=_gone)


def _light_tape(tape: Tape) -> Tape:
    none: tuple[Any, ...] = ()
    return Tape(tape.days, none, none, none, tape.close, none, none, none, (), (), (), ())


def _gone(*_: Any) -> None:
    raise RuntimeError("a finished cell is not run again")
