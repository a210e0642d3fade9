"""Rule files from disk to checked values that may run (floor 9).

A file with an error is refused whole; a construct whose running comes with a later version is
refused only in the block that is to run.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.base.diagnostics import Diagnostic, RuleErrors, in_order
from engine.base.errors import UserError
from engine.base.spans import source
from engine.base.unreadable import unreadable
from engine.check import check_file, load_uses, read_near
from engine.check.typed import CheckedFile
from engine.lang.ast import LimitsBlock, Literal, Param, RuleFile, Strategy
from engine.lang.parse import parse_file, parse_literal
from engine.records.catalogue import Catalogue
from engine.session.lists import list_path

Params = Mapping[str, "float | Literal"]
"""Values in force, by `name` or `block.name`."""


def read_rules(
    path: Path, catalogue: Catalogue, params: Params
) -> tuple[CheckedFile, tuple[Path, ...]]:
    """Parse and check one rule file under those of `params` that it (or what it uses) declares.

    Also names every file that was read for it.
    """
    file, problems = parse_rules(path)
    used, more = load_uses(file, read_near)
    known = declared([file, *used.values()])
    mine = {name: value for name, value in params.items() if name in known}
    checked, found = check_file(file, used, catalogue, mine, problems=[*problems, *more])
    refuse([*problems, *more, *found], "error")
    lists = (list_path(x) for x in checked.lists if x.file is not None)
    return checked, (path, *map(Path, used), *lists)


def declared_params(path: Path) -> set[str]:
    """The params of a rule file and of what it uses, by `name` and `block.name`."""
    file, _ = parse_rules(path)
    used, _ = load_uses(file, read_near)
    return declared([file, *used.values()])


def parse_rules(path: Path) -> tuple[RuleFile, list[Diagnostic]]:
    """Parse one rule file; UserError when it cannot be read."""
    try:
        return parse_file(path)
    except OSError as problem:
        raise unreadable(path, problem, (path.suffix,)) from None


def declared(files: Iterable[RuleFile]) -> set[str]:
    """Every param that these files declare."""
    names: set[str] = set()
    for file in files:
        for block in file.blocks:
            if isinstance(block, Strategy | LimitsBlock):
                own = [s.name for s in block.body if isinstance(s, Param)]
                names.update(own, (f"{block.name}.{n}" for n in own))
    return names


def refuse(found: Iterable[Diagnostic], *severities: str) -> None:
    """Raise RuleErrors with everything of these severities, if there is any."""
    bad = [d for d in found if d.severity in severities]
    if bad:
        raise RuleErrors(in_order(bad))


def read_param(text: str) -> tuple[str, Literal]:
    """One `name=value` of the command line; the value is a literal of the language."""
    name, equals, value = text.partition("=")
    literal, problems = parse_literal(source("--param", value.strip()))
    if not equals or not name.strip() or problems or literal is None:
        raise UserError(
            f"`{text}` sets no param", 'write name=value, such as n=30 or "give=5%" or "n=20 bars"'
        )
    if not isinstance(literal, Literal):
        raise UserError(f"`{text}`: the value must be a literal", "such as 30, 5% or 20 bars")
    return name.strip(), literal
