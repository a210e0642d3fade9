"""What runs a laid-out desk on a tape (floor 7)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.fills import layout as at
from engine.run.laying import plain
from engine.run.written_in import plain_replay


class Player(NamedTuple):
    """One runner on one tape. blank: so many zeros for s. play: n and s from a bar up to another,
    as phases.replay does. told: s as Python reads it fastest."""

    blank: Callable[[int], Any]
    play: Callable[[list[int], Any, int, int], int]
    told: Callable[[Any], Sequence[float]]


def plain_player(rows: Sequence[Any], calls: list[Any]) -> Callable[[list[float]], Player]:
    """A player of any tape on plain lists."""
    loop, lists = plain_replay(), [plain(row) for row in rows]

    def player(tape: list[float]) -> Player:
        def play(n: list[int], s: Any, first: int, end: int) -> int:
            return loop(at.Run(n, s, tape, lists, calls), first, end)

        return Player(_zeros, play, _itself)

    return player


def _zeros(size: int) -> list[float]:
    return [0.0] * size


def _itself(s: Any) -> Sequence[float]:
    told: Sequence[float] = s
    return told
