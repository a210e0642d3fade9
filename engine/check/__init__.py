"""Floor 4: what rule text means: names, units, time, logic. Knows no bars and no graph.

file, problems = parse(source)
used, more = load_uses(file, read_near)
checked, found = check_file(file, used, catalogue)
"""

from engine.check.file import check_file
from engine.check.ignored import apply_ignores
from engine.check.scenario import check_scenario_names
from engine.check.uses import Read, load_uses, read_near

__all__ = [
    "Read",
    "apply_ignores",
    "check_file",
    "check_scenario_names",
    "load_uses",
    "read_near",
]
