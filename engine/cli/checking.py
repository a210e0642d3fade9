"""Checking whole files (floor 11): a set-up with all that it names, a folder, or single rule files.

Stays off every slow library, because people run it on each save.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.base.diagnostics import Diagnostic, in_order
from engine.base.errors import UserError
from engine.base.near import near
from engine.base.spans import Source
from engine.base.unreadable import unreadable
from engine.check import (
    apply_ignores,
    check_file,
    check_scenario_names,
    load_uses,
    read_near,
)
from engine.check.tighten import loosening, nested
from engine.check.typed import CheckedFile, CheckedLimits
from engine.lang.ast import Literal, RuleFile
from engine.lang.parse import Ignore, decode, ignores, parse
from engine.lang.setup import Setup, StrategySetup, read_setup
from engine.records.catalogue import Catalogue, load_catalogue
from engine.session.described import assumed, facts, own_files, too_fine, unknown

RULES, SETUPS, DATA = (".rule",), (".yaml", ".yml"), (".csv", ".parquet", ".pq")

Params = Mapping[str, float | Literal]
"""Values in force, by `name` or `block.name`."""
NO_PARAMS: Params = {}
WAIVER = "seawall:"


class Checked:
    """What was read, what it means and what was found."""

    def __init__(self, strict: bool = False) -> None:
        self.files: list[CheckedFile] = []
        self.names: list[str] = []
        self.diagnostics: list[Diagnostic] = []
        self.limits: dict[Path, tuple[CheckedLimits, ...]] = {}
        self.compared: list[str] = []
        self.strict = strict
        self.seen: set[tuple[object, ...]] = set()

    def note(self, path: Path, params: Params = NO_PARAMS) -> bool:
        """Whether this file is new under these params; its name is kept once."""
        key = (str(path), *sorted((n, str(v)) for n, v in params.items()))
        is_new = key not in self.seen
        self.seen.add(key)
        self.names += [] if str(path) in self.names else [str(path)]
        return is_new


def check_paths(paths: Sequence[Path], strict: bool = False) -> Checked:
    """Check files in the order given, each once; a folder means every rule file inside."""
    checked = Checked(strict=strict)
    for path in dict.fromkeys(paths):
        refuse_data(path)
        if path.is_dir():
            check_together(rules_inside(path), checked)
        elif path.suffix in SETUPS:
            check_setup(path, checked)
        else:
            check_rules(path, checked)
    checked.diagnostics = in_order(checked.diagnostics)
    return checked


def rules_inside(folder: Path) -> list[Path]:
    """Every rule file in a folder and below, in the order of their names."""
    found = sorted(folder.rglob("*.rule"))
    if not found:
        raise UserError(f"`{folder}` holds no .rule file", "name a .rule file or strategies.yaml")
    return found


def expanded(names: Iterable[str]) -> tuple[Path, ...]:
    """Files as they are, folders as the rule files inside."""
    paths = [Path(name) for name in names]
    for path in paths:
        refuse_data(path)
    found = [f for p in paths for f in (rules_inside(p) if p.is_dir() else [p])]
    return tuple(dict.fromkeys(found))


def check_together(paths: Sequence[Path], checked: Checked) -> None:
    """Check files that may speak of each other: a scenario's waivers, a claim's pauses."""
    first = len(checked.files)
    for path in paths:
        check_rules(path, checked)
    check_names(checked, first)


def check_names(checked: Checked, first: int) -> None:
    """What scenarios read since the `first` file name, against all that was read."""
    strategies = [s for f in checked.files for s in f.strategies]
    limits = [b for f in checked.files for b in f.limits]
    for scenario in (s for f in checked.files[first:] for s in f.scenarios):
        checked.diagnostics += check_scenario_names(scenario, strategies, limits)


def check_setup(path: Path, checked: Checked) -> None:
    """Check strategies.yaml and every rule file that it names, together."""
    checked.note(path)
    read(path)
    setup, problems = read_setup(path)
    checked.diagnostics += problems
    if setup is None:
        return
    catalogue = assumed(setup, load_catalogue())
    checked.diagnostics += misdescribed(setup, catalogue)
    first = len(checked.files)
    for strategy in setup.strategies:
        checked.diagnostics += unknown_symbols(strategy, setup, catalogue)
        check_rules(strategy.rules, checked, strategy.params, catalogue)
    own = [p for s in setup.strategies for p in s.limits]
    for rules in (*setup.limits, *own, *setup.scenarios):
        check_rules(rules, checked, catalogue=catalogue)
    check_names(checked, first)
    check_nested(setup, checked)


def check_nested(setup: Setup, checked: Checked) -> None:
    """Limits of inner scopes against the outer ones that they are named after: what loosens is an
    error, what only a run can compare is said."""
    firm = [b for path in setup.limits for b in checked.limits.get(path, ())]
    found = list(nested(firm, ()))
    for strategy in setup.strategies:
        own = [b for path in strategy.limits for b in checked.limits.get(path, ())]
        found += [n for n in nested(firm, own) if n.inner.is_own]
    checked.diagnostics += [d for d in loosening(found) if d not in checked.diagnostics]
    later = (n for n in found if n.proof == "at run time")
    told = (f"{n.inner.name} against {n.outer.name}" for n in later)
    checked.compared = list(dict.fromkeys([*checked.compared, *told]))


def misdescribed(setup: Setup, catalogue: Catalogue) -> list[Diagnostic]:
    """What `instruments` may not say. Without `data`, an unknown symbol may come with --data."""
    if isinstance(setup.instruments, Path):
        return []
    own = own_files(setup.data)
    said = [i for i in setup.instruments if i.symbol not in own]
    fine = too_fine(setup.instruments)
    return [*facts(said, catalogue), *fine, *(unknown(said, catalogue) if setup.data else ())]


def unknown_symbols(
    strategy: StrategySetup, setup: Setup, catalogue: Catalogue
) -> list[Diagnostic]:
    """The symbols of a universe that no data are known of."""
    universe = strategy.universe or ()
    wanted = (universe,) if isinstance(universe, str) else universe
    own = (setup.data.symbols or ()) if setup.data else ()
    known = [*(d.name for d in catalogue.datasets), *catalogue.symbols, *own]
    span = strategy.spans.get("universe", strategy.span)
    return [
        Diagnostic("SW813", span, f"no data for the symbol `{name}`", _symbol_help(name, known))
        for name in wanted
        if name not in known and catalogue.symbol(name) is None
    ]


def _symbol_help(name: str, known: Sequence[str]) -> str:
    match = near(name, known)
    return f"did you mean `{match}`?" if match else "`seawall data list` shows every symbol"


def check_rules(
    path: Path,
    checked: Checked,
    params: Params = NO_PARAMS,
    catalogue: Catalogue | None = None,
) -> None:
    """Check one rule file with the files that it uses, once for the same params.

    catalogue: the symbols known, own ones included; the shipped ones unless given.
    """
    if not checked.note(path, params):
        return
    source, unreadable = read(path)
    if unreadable is not None:
        checked.diagnostics.append(unreadable)
        return
    file, problems = parse(source)
    used, missing = load_uses(file, read_near)
    problems += missing
    known = catalogue or load_catalogue()
    meaning, wrong = check_file(file, used, known, params, strict=checked.strict, problems=problems)
    checked.files.append(meaning)
    checked.limits[path] = meaning.limits
    checked.diagnostics += waived(source, used, [*problems, *wrong])


def waivers(source: Source) -> list[Ignore]:
    """The waivers of a text; most have none, which a glance tells."""
    return ignores(source) if WAIVER in source.text else []


def waived(
    source: Source, used: Mapping[str, RuleFile], found: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Findings that no waiver covers; whether a used file's waivers are stale is its own affair."""
    mine = [d for d in found if d.span.file not in used]
    kept = apply_ignores(mine, waivers(source))
    for name in used:
        theirs = [d for d in found if d.span.file == name]
        if theirs:
            left = apply_ignores(theirs, waivers(read(Path(name))[0]))
            kept += [d for d in left if d in theirs]
    return kept


def read(path: Path) -> tuple[Source, Diagnostic | None]:
    """A rule file's text; the second value reports bytes that are no text."""
    try:
        return decode(str(path), path.read_bytes())
    except OSError as problem:
        raise unreadable(path, problem, (*RULES, *SETUPS)) from None


def refuse_data(path: Path) -> None:
    """UserError for bars where rules belong."""
    if path.suffix.lower() in DATA and not path.is_dir():
        from shlex import quote

        name = quote(str(path))
        help = f"`seawall dryrun mine.rule --data {name}` runs on it, `seawall data check {name}`"
        raise UserError(f"`{path}` holds data, not rules", f"{help} checks it")
