"""What the judge is given: limits in force, the rules of the books, and what it finds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.lang import ast

from .happenings import Agenda
from .terms import Terms, words_in

Copies = Sequence[tuple[int | None, frozenset[str | int]]]
"""A list's copies, each with the day it is of (None: undated)."""


@dataclass(frozen=True)
class Law:
    """A limits block in force. own: the book it belongs to, None for the firm's. feeds: by their
    names in the block, one value a session, `warm` of them before the window. resumes: bars at
    which a hand resumes a switch. lists: by name, with the sessions that a copy lasts (0: for
    ever). defines: those of its file and of the files it uses. given: fields that a test sets, one
    value a bar; truths: those that are yes or no. agendas: its lists of events. flat: every scope
    is the account, as in a test of the block. since: by the name of a row, the first day of which
    it saw any bar."""

    block: ast.LimitsBlock
    own: int | None = None
    feeds: Mapping[str, list[float]] = field(default_factory=dict)
    warm: int = 0
    params: Mapping[str, float] = field(default_factory=dict)
    waived: frozenset[str] = frozenset()
    resumes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    defines: Mapping[str, ast.Define] = field(default_factory=dict)
    lists: Mapping[str, tuple[Copies, int]] = field(default_factory=dict)
    agendas: Mapping[str, Agenda] = field(default_factory=dict)
    given: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    truths: frozenset[str] = frozenset()
    flat: bool = False
    since: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def limits(self) -> list[ast.Limit]:
        rows = [x for x in self.block.body if isinstance(x, ast.Limit)]
        return [x for x in rows if x.name not in self.waived]

    @cached_property
    def switches(self) -> list[ast.Switch]:
        rows = [x for x in self.block.body if isinstance(x, ast.Switch)]
        return [x for x in rows if x.name not in self.waived]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every dotted word, in full, of what the block may ask of a close."""
        rows = [x.value for x in self.block.body if isinstance(x, ast.Let)]
        rows += [x.value for x in self.limits if self.terms.looks_back(x.value)]
        asked = [e for s in self.switches for e in (s.enter, s.resume_when) if e is not None]
        return frozenset(w for e in (*rows, *asked) for w in words_in(e))

    @cached_property
    def terms(self) -> Terms:
        terms = _terms(self.block.body, frozenset(self.feeds), self.params)
        return replace(terms, defines=self.defines)


@dataclass(frozen=True)
class Rules:
    """What the judge reads of a strategy: its levels, by the names of the entries they protect.
    since: the first day of which it saw any bar."""

    block: ast.Strategy
    params: Mapping[str, float] = field(default_factory=dict)
    since: int = 0
    defines: Mapping[str, ast.Define] = field(default_factory=dict)

    @property
    def entries(self) -> list[ast.Entry]:
        return [x for x in self.block.body if isinstance(x, ast.Entry)]

    def levels(self, entry: int) -> list[ast.Level]:
        """Stops and trails that protect an entry (-1: the position of `weight`)."""
        rows = [x for x in self.block.body if isinstance(x, ast.Level) and x.kind != "target"]
        if entry < 0:
            return [x for x in rows if x.of is None]
        owner, leg = self.legs[entry]
        inside = [x for x in owner.levels if x.kind != "target"]
        if leg:
            return [x for x in (*rows, *inside) if x.of == leg]
        return [x for x in rows if x.of in (None, owner.name)] + inside

    @property
    def legs(self) -> list[tuple[ast.Entry, str]]:
        """Every entry, a spread once for each of its legs, with the leg."""
        return [(e, leg) for e in self.entries for leg in ([x.leg for x in e.legs] or [""])]

    @cached_property
    def terms(self) -> Terms:
        terms = _terms(self.block.body, frozenset(), self.params)
        return replace(terms, defines=self.defines)


def _terms(body: Iterable[object], feeds: frozenset[str], params: Mapping[str, float]) -> Terms:
    rows = list(body)
    told = {x.name: _plain(x.default) for x in rows if isinstance(x, ast.Param)}
    lets = {x.name: x.value for x in rows if isinstance(x, ast.Let)}
    return Terms(lets, {**told, **params}, feeds)


def _plain(value: ast.Literal) -> float:
    return value.value / 10_000.0 if value.unit == "bps" else value.value


@dataclass(frozen=True, slots=True)
class Finding:
    """kind: escape, disagreement or close."""

    kind: str
    bar: int
    text: str


@dataclass
class Judged:
    """orders: how many that add risk were judged; exits: how many that only shrink it. unread: how
    often a limit said something that the judge does not read."""

    orders: int = 0
    exits: int = 0
    unread: int = 0
    findings: list[Finding] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)

    def skip(self, what: str) -> None:
        """Note that something was not read."""
        self.unread += 1
        self.unreadable.add(what)

    def note(self, kind: str, bar: int, text: str) -> None:
        self.findings.append(Finding(kind, bar, text))

    def of(self, *kinds: str) -> list[Finding]:
        return [f for f in self.findings if f.kind in kinds]
