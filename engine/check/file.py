"""A whole file: its defines and lists, then its blocks in order (floor 4)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from engine.base.diagnostics import Diagnostic
from engine.base.near import near
from engine.base.spans import NOWHERE, Span
from engine.check.declare import Overrides
from engine.check.defines import check_defines
from engine.check.ignored import without_echoes
from engine.check.limits import check_limits
from engine.check.lists import check_lists
from engine.check.logic import check_strategy_logic
from engine.check.scenario import check_scenario
from engine.check.scope import Ctx, Scope, Symbols
from engine.check.shape import check_history
from engine.check.strategy import check_strategy
from engine.check.tests import check_test
from engine.check.tighten import loosening, nested
from engine.check.typed import (
    CheckedFile,
    CheckedLimits,
    CheckedList,
    CheckedScenario,
    CheckedStrategy,
    CheckedTest,
)
from engine.fields.spec import Where
from engine.lang.ast import (
    Define,
    LimitsBlock,
    ListDecl,
    Literal,
    Param,
    RuleFile,
    Scenario,
    Strategy,
    Test,
)

B = TypeVar("B")

NO_PARAMS: Overrides = {}


class _World:
    """What the blocks of a file share while it is checked."""

    def __init__(self, catalogue: Symbols) -> None:
        self.catalogue = catalogue
        self.out: list[Diagnostic] = []
        self.defines: dict[str, Define] = {}
        self.broken: frozenset[str] = frozenset()
        self.lists: dict[str, CheckedList] = {}

    def scope(self, block: Where) -> Scope:
        """A fresh scope for one block; its findings go where the file's go."""
        return Scope(block, self.catalogue, self.defines, self.lists, self.broken)


def check_file(
    file: RuleFile,
    used: Mapping[str, RuleFile],
    catalogue: Symbols,
    params: Overrides = NO_PARAMS,
    *,
    strict: bool = False,
    problems: Sequence[Diagnostic] = (),
) -> tuple[CheckedFile, list[Diagnostic]]:
    """Everything a file and the files it uses mean, with every finding, in order of place.

    params: values in force, by `name` or `block.name`. strict: also warn of untested strategies.
    problems: what parsing and load_uses found; with an error among them, findings that may only
    echo a statement that is missing from the tree are left out.
    Strategies and limits of used files are kept; their tests and scenarios are not."""
    files = [*used.values(), file]
    world = _World(catalogue)
    _share(world, files)
    strategies, known = _strategies(world, files, params)
    limits, blocks = _limits(world, files, params)
    scenarios = _scenarios(world, file)
    tests = _tests(world, file, {**blocks, **known})
    _unknown_params(world, files, params)
    if strict:
        _untested(world, file)
    world.out += loosening(list(nested(limits, ())))
    checked = CheckedFile(
        file.file, strategies, limits, scenarios, tests, tuple(world.lists.values())
    )
    return checked, without_echoes(file, problems, world.out)


def _share(world: _World, files: list[RuleFile]) -> None:
    scope = world.scope("strategy")
    ctx = Ctx(scope, "let")
    defines = [b for f in files for b in f.blocks if isinstance(b, Define)]
    world.defines, world.broken = check_defines(ctx, defines)
    world.lists = check_lists(ctx, [b for f in files for b in f.blocks if isinstance(b, ListDecl)])
    world.out.extend(scope.out)


def _strategies(
    world: _World, files: list[RuleFile], params: Overrides
) -> tuple[tuple[CheckedStrategy, ...], dict[str, CheckedStrategy | None]]:
    """The strategies, and the same by name (None for those with errors in their entries)."""
    found: dict[str, CheckedStrategy] = {}
    known: dict[str, CheckedStrategy | None] = {}
    for block in _blocks(files, Strategy):
        if _is_second(world, block.name, known, block.span, "strategy"):
            continue
        scope = world.scope("strategy")
        checked = check_strategy(scope, block, params)
        bad = any(d.severity == "error" for d in scope.out)
        if not bad:
            check_strategy_logic(Ctx(scope, "let"), checked)
            check_history(Ctx(scope, "let"), checked)
        world.out.extend(scope.out)
        found[block.name] = checked
        known[block.name] = None if bad else checked
    return tuple(found.values()), known


def _limits(
    world: _World, files: list[RuleFile], params: Overrides
) -> tuple[tuple[CheckedLimits, ...], dict[str, CheckedLimits | None]]:
    """The limits blocks, and the same by name (None for those with errors)."""
    found: dict[str, CheckedLimits] = {}
    known: dict[str, CheckedLimits | None] = {}
    for block in _blocks(files, LimitsBlock):
        if not _is_second(world, block.name, found, block.span, "limits"):
            scope = world.scope("limits")
            checked = check_limits(scope, block, params)
            bad = any(d.severity == "error" for d in scope.out)
            world.out.extend(scope.out)
            found[block.name] = checked
            known[block.name] = None if bad else checked
    return tuple(found.values()), known


def _scenarios(world: _World, file: RuleFile) -> tuple[CheckedScenario, ...]:
    found: dict[str, CheckedScenario] = {}
    for block in _blocks([file], Scenario):
        if not _is_second(world, block.name, found, block.span, "scenario"):
            scope = world.scope("scenario")
            found[block.name] = check_scenario(scope, block)
            world.out.extend(scope.out)
    return tuple(found.values())


def _tests(
    world: _World, file: RuleFile, subjects: Mapping[str, CheckedStrategy | CheckedLimits | None]
) -> tuple[CheckedTest, ...]:
    found: list[CheckedTest] = []
    for block in _blocks([file], Test):
        scope = world.scope("strategy")
        checked = check_test(scope, block, subjects)
        world.out.extend(scope.out)
        if checked is not None:
            found.append(checked)
    return tuple(found)


# ---------------------------------------------------------------- names of blocks


def _blocks(files: Iterable[RuleFile], kind: type[B]) -> list[B]:
    return [b for f in files for b in f.blocks if isinstance(b, kind)]


def _is_second(
    world: _World, name: str, known: Mapping[str, object], span: Span, what: str
) -> bool:
    if name not in known:
        return False
    help = "remove or rename one of them"
    world.out.append(Diagnostic("SW202", span, f"a second {what} `{name}`", help))
    return True


def _unknown_params(world: _World, files: list[RuleFile], params: Overrides) -> None:
    """Report overrides that set nothing."""
    strategies, limits = _blocks(files, Strategy), _blocks(files, LimitsBlock)
    blocks: list[Strategy | LimitsBlock] = [*strategies, *limits]
    rows = [(b, s) for b in blocks for s in b.body if isinstance(s, Param)]
    names = {s.name for _, s in rows} | {f"{b.name}.{s.name}" for b, s in rows}
    for name, value in params.items():
        if name not in names:
            close = near(name, names)
            help = f"did you mean `{close}`?" if close else "declare it: `param NAME = …`"
            span = blocks[0].span if blocks else NOWHERE
            span = value.span if isinstance(value, Literal) else span
            message = f"no param `{name}` to set"
            world.out.append(Diagnostic("SW224", span, message, help))


def _untested(world: _World, file: RuleFile) -> None:
    tested = {t.of for t in _blocks([file], Test)}
    for block in _blocks([file], Strategy):
        if block.name not in tested:
            help = f'add `test "…" of {block.name} {{ … }}`'
            message = f"no test speaks of the strategy `{block.name}`"
            found = Diagnostic("SW709", block.span, message, help, "warning")
            world.out.append(found)
