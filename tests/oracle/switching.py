"""Pauses, flattens and halts, turned anew at each close from what their conditions say."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.lang import ast
from engine.records.account import History
from engine.records.desk import Desk

from .averages import Unread
from .laws import Judged, Law
from .places import Close
from .rounded import EITHER, FALSE, TRUE, UNKNOWN, Could, TooClose
from .scopes import Scope, of_set, scopes_of
from .standing import Standing

RANKS = {"pause": 0, "flatten": 1, "halt": 2}


@dataclass
class Switched:
    """One switch on one scope. on: 0 off, 1 on, 2 blocking because its condition is unknown."""

    law: Law
    row: ast.Switch
    scope: Scope
    on: int = 0
    entered: int = 0
    since: int = 0
    places: list[tuple[int, int]] | None = None

    @property
    def rank(self) -> int:
        return RANKS[self.row.kind] if self.on == 1 else 0

    def holds(self, book: int, symbol: int) -> bool:
        return self.on != 0 and self.scope.covers(book, symbol)


class Switchboard:
    """Every switch in force, on every scope where it is."""

    def __init__(self, standing: Standing, history: History, laws: list[Law], out: Judged) -> None:
        self.standing = standing
        self.history = history
        self.desk: Desk = standing.desk
        self.out = out
        self.switches = [
            Switched(law, row, scope)
            for law in laws
            for row in law.switches
            for scope in scopes_of(standing.desk, law, row)
        ]

    def turn_all(self, t: int, unsure: bool) -> None:
        """Turn each at the close of t. unsure: the records do not tell all that was open."""
        for switch in self.switches:
            self.turn(switch, t)
            self.compare(switch, t, unsure)

    def holding(self, book: int, symbol: int) -> list["Switched"]:
        """The switches that block a book's orders in a symbol now."""
        return [s for s in self.switches if s.holds(book, symbol)]

    def turn(self, switch: Switched, t: int) -> None:
        row, is_pause = switch.row, switch.row.kind == "pause"
        enter = self.settled(switch, t, self.asks(switch, row.enter, t, switch.since))
        if switch.on == 1:
            if self.resume_asked(switch, t) and self.may_resume(switch, t, enter):
                switch.on = 0
        elif enter == TRUE or (enter == UNKNOWN and is_pause):
            switch.on, switch.entered = 1, t
        else:
            switch.on = 2 if enter == UNKNOWN else 0

    def asks(self, switch: Switched, e: ast.Expr | None, t: int, since: int) -> Could:
        """A switch's condition at this close; a condition that is not there is false."""
        if e is None:
            return FALSE
        place = Close(self.standing, switch.law, switch.scope, t, since if restarts(switch) else 0)
        try:
            return switch.law.terms.truth(e, place)
        except TooClose:
            return EITHER
        except Unread as what:
            self.out.skip(f"{switch.law.block.name}.{switch.row.name}: {what}")
            return EITHER

    def settled(self, switch: Switched, t: int, could: Could) -> Could:
        """A condition that is too close to call is as the engine took it, and is counted."""
        if len(could) == 1:
            return could
        self.out.note("close", t, f"switch {switch.row.name}")
        return TRUE if self.is_paused(switch, t) else FALSE

    def resume_asked(self, switch: Switched, t: int) -> bool:
        row = switch.row
        asked = self.settled_resume(switch, t)
        after = row.resume_after
        if after is not None and self.sessions_since(switch.entered, t) >= int(after.value):
            asked = True
        return asked or t in switch.law.resumes.get(row.name, ())

    def sessions_since(self, entered: int, t: int) -> int:
        numbers = self.desk.tape.sessions
        return int(numbers[t] - numbers[entered]) if numbers else t - entered

    def settled_resume(self, switch: Switched, t: int) -> bool:
        could = self.asks(switch, switch.row.resume_when, t, switch.since)
        if len(could) > 1:
            self.out.note("close", t, f"resume of {switch.row.name}")
            return not self.is_paused(switch, t)
        return could == TRUE

    def may_resume(self, switch: Switched, t: int, enter: Could) -> bool:
        """Entering wins over resuming; what restarts its memory is judged on the fresh one."""
        if not restarts(switch):
            return enter == FALSE
        fresh = self.settled(switch, t, self.asks(switch, switch.row.enter, t, t))
        if fresh == FALSE:
            switch.since = t
        return fresh == FALSE

    def places(self, switch: Switched) -> list[tuple[int, int]]:
        """Where the engine keeps this switch: a limit set and a row of it."""
        if switch.places is None:
            switch.places = list(self._places(switch))
        return switch.places

    def _places(self, switch: Switched) -> Iterator[tuple[int, int]]:
        for k, group in enumerate(self.desk.limit_sets):
            is_here = of_set(self.desk, group) == switch.scope
            if group.name == switch.law.block.name and is_here:
                for j, row in enumerate(group.switches):
                    if row.name == switch.row.name:
                        yield k, j

    def is_paused(self, switch: Switched, t: int) -> bool:
        return any(self.history.paused[k][j][t] for k, j in self.places(switch))

    def compare(self, switch: Switched, t: int, unsure: bool) -> None:
        """Hold a switch to what the run says of it."""
        ours, theirs = switch.on != 0, self.is_paused(switch, t)
        if ours != theirs and unsure:
            self.out.note("close", t, f"switch {switch.row.name}")
            switch.on, switch.entered = (1, t) if theirs else (0, t)
        elif ours != theirs:
            kind = "escape" if ours else "disagreement"
            self.out.note(
                kind, t, f"{switch.row.kind} {switch.row.name} is {theirs}, should be {ours}"
            )


def restarts(switch: Switched) -> bool:
    """A halt or flatten that remembers the account forgets when it resumes; a pause has no such
    thing."""
    row, terms = switch.row, switch.law.terms
    return row.kind != "pause" and any(map(terms.has_memory, (row.enter, row.resume_when)))
