"""Every run that a test makes of rule texts is judged a second time, after the test.

tests/hearing.py keeps the runs, those of other processes too; the judge (tests/oracle) reads their
texts' syntax trees, their bars and what was filled. A run that is judged differently fails the test
that made it. A run of the same texts, bars and answers is judged once. What the judge cannot read
it counts.
"""

import pickle
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from pathlib import Path
from time import process_time
from typing import Any

import hearing
from handing import Given
from oracle.judge import judge
from oracle.laws import Judged

from engine.records.account import FROM_ENTRY, FROM_WEIGHT
from engine.records.calendar import load_calendar

SEEN: set[bytes] = set()
"""Runs that were judged and found right."""
TALLY: Counter[str] = Counter()
UNMEANT = ("span", "rows", "clock_rows", "rule", "stops", "decide", "askings")
"""What says nothing of a run: where its text stood, and the engine's own functions."""


def judged(folder: Path | None = None) -> Iterator[tuple[Given, Judged]]:
    """What the judge says of the runs since it was asked last. folder: of other processes' runs."""
    for given in heard(folder):
        if not any(v.source in (FROM_ENTRY, FROM_WEIGHT) for v in given.history.verdicts):
            continue
        if given.unread:
            TALLY[f"unread run: {given.unread}"] += 1
            continue
        mark = fingerprint(given)
        if mark in SEEN:
            TALLY["runs that were as one before"] += 1
            continue
        told = weigh(given)
        if not told.of("escape", "disagreement"):
            SEEN.add(mark)
        yield given, told


def heard(folder: Path | None) -> Iterator[Given]:
    """The runs of this process and of others, each once."""
    runs = list(hearing.RUNS)
    hearing.RUNS.clear()
    yield from (run.given() for run in runs)
    for file in sorted(folder.glob("*.run")) if folder else ():
        TALLY["runs of other processes"] += 1
        yield pickle.loads(file.read_bytes())
        file.unlink()
    for file in sorted(folder.glob("*.lost")) if folder else ():
        TALLY["runs lost with their disk full"] += 1
        file.unlink()


def weigh(given: Given) -> Judged:
    """Judge a run, and count it."""
    began = process_time()
    told = judge(
        given.desk, given.history, given.laws, given.rules, given.before, load_calendar("xnys"),
        given.past,
    )  # fmt: skip
    TALLY["milliseconds"] += round(1_000 * (process_time() - began))
    TALLY["runs"] += 1
    TALLY["orders"] += told.orders
    TALLY["exits"] += told.exits
    TALLY["close"] += len({(f.bar, f.text) for f in told.of("close")})
    TALLY["unread"] += told.unread
    TALLY.update(f"unread: {x}" for x in told.unreadable)
    return told


def fingerprint(given: Given) -> bytes:
    """The same for two runs of which the judge must say the same."""
    made = blake2b(digest_size=16)
    _add(made, given)
    return made.digest()


def _add(made: Any, x: Any) -> None:
    if is_dataclass(x) and not isinstance(x, type):
        made.update(type(x).__name__.encode())
        for f in fields(x):
            if f.name not in UNMEANT and not f.name.startswith("_"):
                _add(made, getattr(x, f.name))
    elif isinstance(x, Mapping):
        made.update(b"{")
        _add_row(made, list(x))
        _add_row(made, list(x.values()))
    elif isinstance(x, frozenset | set):
        made.update(repr(sorted(x, key=repr)).encode())
    elif hasattr(x, "tobytes"):
        made.update(x.tobytes())
    elif isinstance(x, list | tuple):
        _add_row(made, x)
    else:
        made.update(repr(x).encode())


def _add_row(made: Any, x: list[Any] | tuple[Any, ...]) -> None:
    made.update(b"[")
    try:
        made.update(array("d", x).tobytes())
    except TypeError:
        for part in x:
            _add(made, part)
