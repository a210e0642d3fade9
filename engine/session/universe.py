"""Which symbols the name of a universe stands for, and what a rule file states (floor 9)."""

from pathlib import Path

from engine.base.diagnostics import Diagnostic, RuleErrors
from engine.base.near import near
from engine.base.spans import Span
from engine.lang.ast import Strategy, Universe
from engine.lang.parse import parse_file
from engine.records.catalogue import Catalogue


def members(name: str, span: Span, catalogue: Catalogue) -> tuple[str, ...]:
    """The symbol of that name, or the tradable symbols of that data set; RuleErrors for neither."""
    if catalogue.symbol(name) is not None:
        return (name,)
    held = data_set(name, catalogue)
    if held:
        return held
    close = near(name, [*catalogue.symbols, *(d.name for d in catalogue.datasets)])
    help = f"did you mean `{close}`?" if close else "name symbols, or a dataset such as stocks20"
    raise RuleErrors([Diagnostic("SW813", span, f"no universe `{name}`", help)])


def data_set(name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The tradable symbols of a data set, none when there is no such data set."""
    return tuple(i.symbol for i in catalogue.instruments if i.dataset == name and i.tradable)


def stated(path: Path, strategy: str, catalogue: Catalogue) -> tuple[str, ...]:
    """What the `universe` line of a strategy stands for; nothing without one."""
    blocks = [b for b in parse_file(path)[0].blocks if isinstance(b, Strategy)]
    chosen = [b for b in blocks if b.name == strategy] or blocks[:1]
    lines = [s for b in chosen for s in b.body if isinstance(s, Universe)]
    return members(lines[0].name, lines[0].span, catalogue) if lines else ()
