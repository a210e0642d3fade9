"""`seawall graph`: what a rule file becomes, stage by stage, as text (floor 11)."""

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from engine.base.diagnostics import RuleErrors
from engine.base.errors import UserError
from engine.base.near import near
from engine.check.typed import CheckedFile, CheckedLimits, CheckedScenario, CheckedStrategy, Typed
from engine.cli.exits import CLEAN
from engine.cli.parser import Parser, one_of
from engine.compile import plan_limits, plan_strategy, plan_values
from engine.emit.text import ShowStage, show
from engine.graph.plan import Plan
from engine.lang.ast import LimitsBlock, RuleFile, Scenario, Strategy
from engine.lang.parse import parse_file

HELP = "Print what a rule file becomes: syntax tree, checked values, graph, plan, Python source."
EXAMPLE = "seawall graph rules/sma_cross.rule --stage step"
STAGES: tuple[ShowStage, ...] = get_args(ShowStage)

Checked = CheckedStrategy | CheckedLimits | CheckedScenario


def arguments(parser: Parser) -> None:
    """Declare what `graph` takes."""
    add = parser.add_argument
    add("file", metavar="FILE", help="a .rule file")
    add(
        "--stage",
        type=one_of(*STAGES),
        default="plan",
        metavar="|".join(STAGES),
        help="how far to compile it (default: plan)",
    )
    add("--block", metavar="NAME", help="only this strategy, limits or scenario")


def main(args: Namespace) -> int:
    """Print the stage of each block of the file."""
    file, checked = compiled(Path(args.file))
    texts = {b.name: stage_text(args.stage, b, file) for b in blocks(file, checked, args.block)}
    if args.format == "json":
        print(json.dumps({"version": 1, "stage": args.stage, "blocks": texts}, indent=2))
    else:
        print("\n".join(texts.values()).rstrip("\n"))
    return CLEAN


def compiled(path: Path) -> tuple[RuleFile, CheckedFile]:
    """The file, parsed and checked; RuleErrors when it has errors."""
    from engine.cli import checking

    found = checking.Checked()
    checking.check_rules(path, found)
    errors = [d for d in found.diagnostics if d.severity == "error"]
    if errors:
        raise RuleErrors(errors)
    return parse_file(path)[0], found.files[0]


def blocks(file: RuleFile, checked: CheckedFile, name: str | None) -> Sequence[Checked]:
    """The file's own strategies, limits and scenarios, or the one of that name."""
    own = [b.name for b in file.blocks if isinstance(b, Strategy | LimitsBlock | Scenario)]
    every: list[Checked] = [*checked.strategies, *checked.limits, *checked.scenarios]
    found = [b for b in every if b.name == name] if name else [b for b in every if b.name in own]
    if found:
        return found
    if name is None:
        help = "name a file with a strategy, limits or a scenario"
        raise UserError(f"`{file.file}` holds no strategy, limits or scenario", help)
    match = near(name, [b.name for b in every])
    help = f"did you mean `{match}`?" if match else f"it holds {', '.join(own) or 'none'}"
    raise UserError(f"`{file.file}` holds no block `{name}`", help)


def stage_text(stage: ShowStage, block: Checked, file: RuleFile) -> str:
    """One block at one stage."""
    return show(stage, _value(stage, block, file))


def _value(stage: ShowStage, block: Checked, file: RuleFile) -> Any:
    if stage == "ast":
        named = [b for b in file.blocks if getattr(b, "name", "") == block.name]
        return named[0] if named else block
    if stage == "checked":
        return block
    plan = _plan(block)
    return plan.graph if stage == "graph" else plan


def _plan(block: Checked) -> Plan:
    if isinstance(block, CheckedStrategy):
        return plan_strategy(block)
    return plan_limits(block) if isinstance(block, CheckedLimits) else _claims(block)


def _claims(scenario: CheckedScenario) -> Plan:
    """What a scenario compiles to: the values of its expectations at each close."""
    values: dict[str, Typed] = {}
    for k, claim in enumerate(scenario.claims):
        values[f"expect_{k}"] = claim.claim
        if claim.then is not None:
            values[f"expect_{k}_then"] = claim.then
    return plan_values(scenario.name, values)
