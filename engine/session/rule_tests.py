"""`test` blocks of rule files (floor 9): a strategy over given columns, through the real account
loop.

No limits, the default account, one symbol or the legs of a spread (see engine.session.given). Tests
of limits blocks run in engine.session.limit_tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.base.errors import UserError
from engine.base.near import near
from engine.check.typed import CheckedExpected, CheckedFile, CheckedStrategy, CheckedTest
from engine.compile import compile_strategy
from engine.records.calendar import load_calendar
from engine.records.catalogue import load_catalogue
from engine.records.desk import Desk
from engine.run.account import run_account
from engine.run.program import Program
from engine.session.answers import Missed, TestResult
from engine.session.desk import book_row, entry_indices, host_of, instrument_row, tape
from engine.session.given import SYMBOL, given_fields, given_world, length_of
from engine.session.limit_tests import compiled, run_limit_test
from engine.session.listen import Call, listen
from engine.session.lists import FALSE, TRUE, Lists, read_list
from engine.session.market import Markets
from engine.session.read import read_rules, refuse
from engine.session.schedule import Schedule
from engine.session.wire import DEFAULT_ACCOUNT

Bars = list[Call | None]
"""The call of one entry's rule on each bar."""


def run_tests(path: Path, names: Sequence[str] = ()) -> list[TestResult]:
    """Run the `test` blocks of a rule file, or those whose title or strategy is in `names`."""
    checked, _ = read_rules(path, load_catalogue(), {})
    chosen = [t for t in checked.tests if not names or t.title in names or t.of in names]
    _check_names(checked, names)
    strategies = {s.name: s for s in checked.strategies}
    blocks = {b.name: b for b in checked.limits}
    lists = {x.name: read_list(x) for x in checked.lists}
    of_rules = {t.of for t in chosen if not t.is_of_limits}
    programs = {name: _compiled(strategies[name]) for name in of_rules}
    limits = {t.of: compiled(blocks[t.of], lists) for t in chosen if t.is_of_limits}
    return [
        run_limit_test(path, t, limits[t.of])
        if t.is_of_limits
        else _run(path, t, strategies[t.of], programs[t.of], lists)
        for t in chosen
    ]


def _check_names(checked: CheckedFile, names: Sequence[str]) -> None:
    known = [x for t in checked.tests for x in (t.title, t.of)]
    for name in names:
        if name not in known:
            close = near(name, known)
            hint = f"did you mean `{close}`?" if close else "name a test's title or its strategy"
            raise UserError(f"no test `{name}` in {checked.file}", hint)


def _compiled(strategy: CheckedStrategy) -> Program:
    refuse(strategy.later, "later")
    return compile_strategy(strategy, "python")


def _run(
    path: Path, test: CheckedTest, strategy: CheckedStrategy, program: Program, lists: Lists
) -> TestResult:
    calls = _calls(test, strategy, program, lists)
    missed = [m for e in test.expected for m in _missed(e, strategy, program, calls)]
    span = test.span
    return TestResult(test.title, test.of, str(path), span.line, length_of(test), tuple(missed))


# ---------------------------------------------------------------- running


def _calls(
    test: CheckedTest, strategy: CheckedStrategy, program: Program, lists: Lists
) -> list[Call]:
    schedule = Schedule(load_calendar("xnys"), strategy.clock)
    world = given_world(test, schedule, lists, strategy.legs)
    symbols = strategy.legs or (SYMBOL,)
    rows = [Markets(world).rows(program, s) for s in symbols]
    account = DEFAULT_ACCOUNT
    book = book_row(strategy, program, strategy.name, account.cash, range(len(symbols)), rows)
    heard, calls = listen(book, given=given_fields(test))
    desk = Desk(
        cash=account.cash,
        instruments=tuple(instrument_row(world.series[s].instrument) for s in symbols),
        costs=account.costs,
        books=(heard,),
        limit_sets=(),
        tape=tape(world, symbols),
    )
    run_account(desk, compiled=False)
    return calls


# ---------------------------------------------------------------- judging


@dataclass(frozen=True, slots=True)
class _Rule:
    """Where a rule's outputs lie, the sizes of all legs, and the entry whose calls answer for
    it."""

    entry: int
    when: int
    sizes: tuple[int, ...] = ()


def _missed(
    expected: CheckedExpected, strategy: CheckedStrategy, program: Program, calls: Sequence[Call]
) -> list[Missed]:
    rule = _find(expected.rule, strategy, program)
    heard = {c.bar: c for c in calls if c.entry == rule.entry}
    missed = []
    for bar in range(expected.first, expected.last + 1):
        actual = _outcome(heard.get(bar), rule)
        if not _meets(expected.outcome, actual):
            line = expected.span.line
            missed.append(Missed(bar, expected.rule, expected.outcome, actual, line))
    return missed


def _find(name: str, strategy: CheckedStrategy, program: Program) -> _Rule:
    out = program.layout.rule_out
    named = [k for k, e in enumerate(strategy.entries) if name in (e.name, e.spread)]
    if named:
        whole = [strategy.entries[k].name for k in named]
        sizes = tuple(out(f"entry.{entry}.size") for entry in whole)
        return _Rule(host_of(strategy, named[0]), out(f"entry.{whole[0]}.when"), sizes)
    for exit_rule in strategy.exits:
        if exit_rule.name == name:
            covered = entry_indices(strategy, exit_rule.of)
            return _Rule(covered[0] if covered else 0, out(f"exit.{name}.when"))
    raise UserError(f"`{name}` is no entry or exit of `{strategy.name}`", "mend the test")


def _outcome(call: Call | None, rule: _Rule) -> str:
    """fires | sized | silent | undefined; `sized` is fires with a size above zero."""
    if call is None:
        return "no bar"
    when = call.out[rule.when]
    if when == TRUE:
        is_sized = rule.sizes and all(call.out[k] > 0 for k in rule.sizes)
        return "sized" if is_sized else "fires"
    return "silent" if when == FALSE else "undefined"


def _meets(expected: str, actual: str) -> bool:
    return actual == expected or (expected == "fires" and actual == "sized")
