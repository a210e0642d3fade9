"""Windows shared among processes (floor 9): cells do not know each other, so cores need not wait.

Only on Linux, and only before numba is imported: what another platform or numba's threads do in a
forked child is not ours to promise. A child hands back facts without the tables and functions that
they came from.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool
from typing import Any, TypeVar

from engine.base.frozen import replace
from engine.records.account import History
from engine.records.desk import BookRow, Desk, LimitSetRow, Tape
from engine.session.cell import Cell
from engine.session.firm import Firm
from engine.session.result import nothing

FEWEST_BARS = 3_000
"""Below so many bars of cells, one process is done before a second has begun."""

Play = Callable[[Firm, int], list[Cell]]
"""play(firm, k): the cells of the firm's k-th window."""

Answer = TypeVar("Answer")

_job: list[Any] = []
"""What a forked child inherits: a function, and the firm where it is for one."""


def play_windows(
    firm: Firm, sizes: Sequence[int], play: Play, meanwhile: Callable[[], None] = nothing
) -> Iterator[tuple[int, list[Cell]]]:
    """Every window's cells as they are finished; `sizes` are bars times cells of each. `meanwhile`
    is done while others play; where nobody does, not at all."""
    crew = min(_cores(), len(sizes))
    if crew < 2 or sum(sizes) < FEWEST_BARS or not _may_fork(firm):
        yield from ((k, play(firm, k)) for k in range(len(sizes)))
        return
    largest_first = sorted(range(len(sizes)), key=lambda k: -sizes[k])
    with _pool(crew, play, firm) as pool:
        played = pool.imap_unordered(_work, largest_first)
        meanwhile()
        yield from played


@contextmanager
def beside(firm: Firm, bars: int, task: Callable[[], Answer]) -> Iterator[Callable[[], Answer]]:
    """Begin a task in a process of its own while the caller goes on; what is yielded waits for its
    answer. Where the run has few bars or nothing may fork, the task is done when asked for."""
    if _cores() < 2 or bars < FEWEST_BARS or not _may_fork(firm):
        yield task
        return
    with _pool(1, task) as pool:
        yield pool.apply_async(_task).get


def _pool(crew: int, *job: Any) -> Pool:
    """Forked children that have inherited `job`. They leave Ctrl-C to the parent, which ends them
    without a word."""
    context = multiprocessing.get_context("fork")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        return context.Pool(crew, _begin, job)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _may_fork(firm: Firm) -> bool:
    return sys.platform == "linux" and "numba" not in sys.modules


def _begin(*job: Any) -> None:
    _job[:] = job


def _task() -> Any:
    (task,) = _job
    return task()


def _work(k: int) -> tuple[int, list[Cell]]:
    play, firm = _job
    return k, [_light(cell) for cell in play(firm, k)]


# ---------------------------------------------------------------- what travels back


def _light(cell: Cell) -> Cell:
    """The cell without compiled functions, market tables (the closes apart: charts show them) and
    what only its making needed of its histories."""
    ran = cell.ran
    if ran is None:
        return cell
    light = replace(ran, desk=_light_desk(ran.desk), history=_light_history(ran.history))
    return replace(cell, ran=light)


def _light_history(history: History) -> History:
    return replace(history, position_qty=(), book_equity=(), counts=(), lapses=(), askings=())


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
    light = Tape(tape.days, none, none, none, tape.close, none, none, none, (), (), (), ())
    return replace(light, sessions=tape.sessions, closes=tape.closes)


def _gone(*_: Any) -> None:
    raise RuntimeError("a finished cell is not run again")
