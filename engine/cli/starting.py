"""Writing a new project (floor 11): beside its place first, then renamed, so none is half there.

The files are shipped under `starter/`; `@name@` and the like in them are filled in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from textwrap import dedent, indent

from engine import __version__
from engine.base.errors import UserError
from engine.base.near import near
from engine.base.resources import rules_dir, schemas_dir, setup_file, starter_dir
from engine.lang.setup import StrategySetup

SCHEMA = "schemas/strategies.schema.json"
NAME = re.compile(r"[^\W_][\w.-]{0,62}")

Files = Mapping[str, str]
"""Texts by their path inside the project."""

STARTER = (
    "strategies.yaml",
    "README.md",
    "rules/sma_cross.rule",
    "rules/dip_fade.rule",
    "rules/limits.rule",
    "scenarios/crises.rule",
)
SHARED = {".gitignore": "gitignore.txt", ".github/workflows/rules.yml": "workflow.yml"}
EXAMPLE = ("strategies.yaml", "README.md")
SHIPPED = ("limits/house.rule", "crises.rule")
"""What every example needs besides its own rule file."""


@dataclass(frozen=True)
class Project:
    """A project that was written: where, and its files in the order of their names."""

    folder: Path
    files: tuple[str, ...]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template's text with each `@word@` that has a value replaced."""
    return re.sub(r"@(\w+)@", lambda m: values.get(m[1], m[0]), text)


def starter_files(name: str) -> dict[str, str]:
    """The starter project: two strategies, limits, crises, CI."""
    values = {"name": name, "version": __version__}
    texts = {path: _starter("project", path) for path in STARTER}
    return {path: filled(text, values) for path, text in (texts | _shared()).items()}


def example_files(name: str, example: str) -> dict[str, str]:
    """A project of one shipped strategy, with what its rule file uses."""
    strategy = shipped(example)
    values = {"name": name, "version": __version__, "example": example}
    values["entry"] = indent(entry_text(strategy), "    ").strip()
    texts = {path: _starter("example", path) for path in EXAMPLE} | _shared()
    done = {path: filled(text, values) for path, text in texts.items()}
    own = strategy.rules.relative_to(setup_file().parent / "rules").as_posix()
    needed = (own, *uses(strategy.rules), *SHIPPED)
    return done | {f"rules/{p}": _read(rules_dir() / p) for p in needed}


def shipped(example: str) -> StrategySetup:
    """The strategy of that name in the shipped strategies.yaml."""
    strategies = {s.name: s for s in _setup_strategies()}
    if example in strategies:
        return strategies[example]
    match = near(example, strategies)
    help = f"did you mean `{match}`?" if match else f"there are {', '.join(strategies)}"
    raise UserError(f"no shipped strategy is called `{example}`", help)


def entry_text(strategy: StrategySetup) -> str:
    """The strategy's entry as the shipped strategies.yaml writes it, without the leading dash."""
    text, span = _read(setup_file()), strategy.span
    return dedent(" " * (span.column - 1) + text[span.start : span.end]).rstrip()


def uses(path: Path) -> list[str]:
    """The library files that a shipped rule file uses, by their path below `rules`."""
    from engine.check import load_uses, read_near
    from engine.lang.parse import parse_file

    file, _ = parse_file(path)
    used, _ = load_uses(file, read_near)
    return [Path(name).resolve().relative_to(rules_dir().resolve()).as_posix() for name in used]


def write_project(target: Path, files: Files) -> Project:
    """Write the files beside the target, then rename; nothing stays behind when that fails."""
    check_place(target)
    part = target.with_name(f".{target.name}.part")
    try:
        part.mkdir()
    except FileExistsError:
        help = "another `seawall new` writes there, or one was cut off: remove that folder"
        raise UserError(f"`{part}` is in the way", help) from None
    except OSError as problem:
        raise _unwritable(target.parent, problem) from None
    try:
        _write(part, files)
        part.replace(target)
    except OSError as problem:
        raise _unwritable(target, problem) from None
    finally:
        rmtree(part, ignore_errors=True)
    return Project(target, tuple(sorted(files)))


def check_place(target: Path) -> None:
    """Raise unless a project may be written there."""
    if not NAME.fullmatch(target.name):
        message = f"`{target.name or target}` is no name for a project"
        raise UserError(message, "use letters, digits, `-`, `_` and `.`, a letter or digit first")
    if not target.parent.is_dir():
        help = f"make it first: mkdir -p {target.parent}"
        raise UserError(f"there is no folder `{target.parent}`", help)
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UserError(f"`{target}` is a file", "choose another name")
    if target.is_dir() and any(_inside(target)):
        help = "choose another name; `seawall new` never overwrites"
        raise UserError(f"`{target}` exists and is not empty", help)


def _inside(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError as problem:
        raise _unwritable(folder, problem) from None


def _write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _unwritable(place: Path, problem: OSError) -> UserError:
    reason = (problem.strerror or str(problem)).lower()
    return UserError(f"cannot write `{place}`: {reason}", "name a place that you may write to")


def _shared() -> dict[str, str]:
    texts = {path: _starter("shared", name) for path, name in SHARED.items()}
    return texts | {SCHEMA: _read(schemas_dir() / Path(SCHEMA).name)}


def _setup_strategies() -> tuple[StrategySetup, ...]:
    from engine.base.diagnostics import RuleErrors
    from engine.lang.setup import read_setup

    setup, problems = read_setup(setup_file())
    if setup is None:
        raise RuleErrors(problems)
    return setup.strategies


def _starter(kind: str, path: str) -> str:
    return _read(starter_dir() / kind / path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        help = "install seawall again"
        raise UserError(f"the shipped file `{path}` cannot be read", help) from problem
