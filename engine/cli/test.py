"""`seawall test`: runs the tests that rule files carry (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine.base.errors import UserError
from engine.base.unreadable import unreadable
from engine.cli.exits import CLEAN, FINDINGS
from engine.cli.parser import Parser
from engine.cli.screen import screen
from engine.session.answers import TestResult

HELP = "Run the `test` blocks of rule files; a failing one shows expected against actual by bar."
EXAMPLE = "seawall test rules/dip_fade.rule"


def arguments(parser: Parser) -> None:
    """Declare what `test` takes."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="files or folders (default: strategies.yaml)")
    add("--name", nargs="+", action="extend", default=[], metavar="TEXT",
        help="only tests whose title or strategy holds one of these texts")  # fmt: skip


def main(args: Namespace) -> int:
    """Run the tests and print them; 1 when one fails."""
    files = rule_files([Path(f) for f in args.files])

    from engine.report.rule_tests import results_text
    from engine.session.rule_tests import run_tests

    results = chosen([r for path in files for r in run_tests(path)], args.name)
    if args.format == "json":
        rows = [{**asdict(r), "passed": r.passed} for r in results]
        print(json.dumps({"version": 1, "tests": rows}, indent=2, ensure_ascii=False))
    else:
        print(results_text(results, screen(args.color)))
    return CLEAN if all(r.passed for r in results) else FINDINGS


def chosen(results: Sequence[TestResult], names: Sequence[str]) -> list[TestResult]:
    """The tests whose title or strategy holds one of these texts; all when none is asked for."""
    found = [r for r in results if not names or any(n in r.title or n == r.of for n in names)]
    if names and not found:
        titles = [f"{r.title!r} of {r.of}" for r in results]
        help = f"there are {', '.join(titles)}" if titles else "these files hold no tests"
        raise UserError(f"no test is called {' or '.join(names)}", help)
    return found


def rule_files(paths: Sequence[Path]) -> list[Path]:
    """The rule files meant: those named, those inside folders, those that a set-up names."""
    from engine.cli.check import default_setup
    from engine.cli.checking import RULES, SETUPS, refuse_data, rules_inside

    found: list[Path] = []
    for path in paths or [default_setup()]:
        refuse_data(path)
        if path.is_dir():
            found += rules_inside(path)
        elif path.suffix in SETUPS:
            found += setup_rules(path)
        elif path.exists():
            found.append(path)
        else:
            raise unreadable(path, FileNotFoundError(), (*RULES, *SETUPS))
    return list(dict.fromkeys(found))


def setup_rules(path: Path) -> list[Path]:
    """The rule files of the strategies of a set-up and of its limits."""
    from engine.base.diagnostics import RuleErrors
    from engine.lang.setup import read_setup

    setup, problems = read_setup(path)
    if setup is None:
        raise RuleErrors(problems)
    own = [path for s in setup.strategies for path in s.limits]
    return [*(s.rules for s in setup.strategies), *setup.limits, *own]
