"""seawall: trading strategies and risk limits as checked text, replayed through real crises.

The public face: `load`, `check`, `dryrun`, `evaluate` and `why` return values that draw themselves
in a notebook and give pandas frames. `import seawall` is cheap: each function imports what it needs
when it is called. A mistake raises UserError or RuleErrors, with what the command would print.
`python -m seawall` is the `seawall` command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from engine.report.notebook.dryrun import Dryrun
    from engine.report.notebook.findings import Findings
    from engine.report.notebook.setup import LoadedSetup
    from engine.report.notebook.why import Why

    Files = str | Path | Iterable[str | Path]

__all__ = ["__version__", "check", "dryrun", "evaluate", "load", "why"]


def load(files: Files = "strategies.yaml", **options: Any) -> LoadedSetup:
    """The strategies, limits and crises that a dry-run of these files would run, ready to be asked.

    Options are those of `dryrun`; the set-up repeats them. Nothing is compiled to machine code.
    """
    from dataclasses import replace

    from engine.report.notebook.given import options_of
    from engine.report.notebook.setup import Verbs, loaded
    from engine.session.load import load_firm

    paths = _paths(files)
    asked = options_of(_rule_files(paths), options)
    firm = load_firm(replace(asked, runner=asked.runner or "python")).firm
    return loaded(paths, options, firm, Verbs(check, dryrun, why))


def check(files: Files = "strategies.yaml", strict: bool = False) -> Findings:
    """What is wrong with these files (or all .rule files of a folder), in the order of the text.

    True when something was found, like any sequence. strict: as `seawall check --strict`.
    """
    from engine.cli.check import summary_line
    from engine.cli.checking import check_paths
    from engine.cli.findings import sources_of
    from engine.report.notebook.findings import Findings

    checked = check_paths(_paths(files), strict)
    found, names = tuple(checked.diagnostics), tuple(checked.names)
    return Findings(found, names, summary_line(found, len(names)), sources_of(found))


def dryrun(files: Files = "strategies.yaml", **options: Any) -> Dryrun:
    """Replay strategies through crises; options as in DryrunOptions: `crises=["2008-gfc"]`.

    One name stands for a list of one, a text for a path or a date, a dict for params.
    """
    from engine.report.notebook.dryrun import ended
    from engine.report.notebook.given import options_of
    from engine.report.page.page import page_files
    from engine.session.dryrun import dryrun as replay

    return ended(replay(options_of(_rule_files(_paths(files)), options), render=page_files))


def evaluate(
    expression: str, data: str | Path, symbol: str | None = None, across: Iterable[str] = ()
) -> pd.Series:
    """The values of one expression over a CSV file or a shipped symbol, nan while undefined.

    A condition is 1 or 0. across: symbols or data sets that `rank` and its like compare with.
    """
    from engine.report.notebook.frames import series_of
    from engine.session.evaluate import evaluate as run

    return series_of(run(expression, data, symbol, tuple(across)), expression)


def why(
    target: str,
    symbol: str,
    day: str | date,
    files: Files = "strategies.yaml",
    *,
    portfolio: bool = False,
    **options: Any,
) -> Why:
    """What a strategy (or `strategy.rule`) saw on one bar, and what the limits said to it; with
    `portfolio`, in one account with every other strategy."""
    from engine.report.notebook import given
    from engine.report.notebook.why import drawn
    from engine.session.why import why as explain

    strategy, _, rule = target.partition(".")
    asked = given.options_of(_rule_files(_paths(files)), options)
    return drawn(explain(strategy, rule or None, symbol, given.day(day), asked, portfolio))


eval = evaluate
"""The verb's own name, as `seawall.eval`; left out of `import *`, where it would hide Python's."""


def _paths(files: Files) -> tuple[Path, ...]:
    from pathlib import Path

    return (Path(files),) if isinstance(files, str | Path) else tuple(Path(f) for f in files)


def _rule_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Folders as the rule files inside."""
    from engine.cli.checking import expanded

    return expanded(str(path) for path in paths)


if __name__ == "__main__":
    from engine.cli.main import run

    run()
