"""seawall: trading strategies and risk limits as checked text, replayed through real crises.

The public face. `import seawall` is cheap: each function imports what it needs when it is called.
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

    from engine.base.diagnostics import Diagnostic
    from engine.session.answers import WhyReport
    from engine.session.options import DryrunOptions, Outcome

    Files = str | Path | Iterable[str | Path]

__all__ = ["__version__", "check", "dryrun", "evaluate", "why"]


def check(files: Files = "strategies.yaml") -> list[Diagnostic]:
    """What is wrong with these files (or all .rule files of a folder), in the order of the text."""
    from engine.cli.checking import check_paths

    return check_paths(_paths(files)).diagnostics


def dryrun(files: Files = "strategies.yaml", **options: Any) -> Outcome:
    """Replay strategies through crises; options as in DryrunOptions: `crises=["2008-gfc"]`."""
    from engine.session.dryrun import dryrun as replay

    return replay(_options(files=_paths(files), **options))


def evaluate(
    expression: str, data: str | Path, symbol: str | None = None
) -> list[tuple[str, float | None]]:
    """The values of one expression over a CSV file or a shipped symbol, None while undefined."""
    from engine.session.evaluate import evaluate as run

    return run(expression, data, symbol)


def why(target: str, symbol: str, day: str | date, **options: Any) -> WhyReport:
    """What a strategy (or `strategy.rule`) saw on one bar, and what the limits said to it."""
    from engine.base.dates import day_of, parse_day
    from engine.session.why import why as explain

    strategy, _, rule = target.partition(".")
    at = parse_day(day) if isinstance(day, str) else day_of(day)
    return explain(strategy, rule or None, symbol, at, _options(**options))


def _options(**options: Any) -> DryrunOptions:
    """Options as a notebook writes them: lists for tuples, texts for paths."""
    from pathlib import Path

    from engine.session.options import DryrunOptions

    for name, value in options.items():
        if name in ("out", "data") and value is not None:
            options[name] = Path(value)
        elif isinstance(value, list):
            options[name] = tuple(value)
    return DryrunOptions(**options)


def _paths(files: Files) -> tuple[Path, ...]:
    from pathlib import Path

    return (Path(files),) if isinstance(files, str | Path) else tuple(Path(f) for f in files)


if __name__ == "__main__":
    from engine.cli.main import run

    run()
