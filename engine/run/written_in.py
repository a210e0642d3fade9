"""The account loop for plain Python, its constants written in (floor 7).

`at.CASH` costs two look-ups wherever it stands, and every bar meets hundreds of them. So the
kernels are compiled once more from their own text, with each `module.NAME` of a whole number
replaced by the number. Files and lines stay those of engine.fills: a traceback shows the text.
"""

import inspect
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from engine.fills import layout as at
from engine.fills import phases
from engine.run.sources import modules_of

NAMED = re.compile(r"\b([a-z]+)\.([A-Z][A-Z_]*)\b")


@cache
def plain_replay() -> Callable[[at.Run, int, int], int]:
    """engine.fills.phases.replay, compiled with its constants written in."""
    made = {module.__name__: _compiled(module) for module in modules_of([phases])}
    for names in made.values():
        for name, value in names.items():
            if isinstance(value, FunctionType):
                names[name] = made[value.__module__][value.__name__]
    replay: Callable[[at.Run, int, int], int] = made[phases.__name__]["replay"]
    return replay


def _compiled(module: ModuleType) -> dict[str, Any]:
    """The names of a module whose text has numbers where it had names of numbers."""
    file = inspect.getfile(module)
    text = NAMED.sub(partial(_number, module), Path(file).read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(text.replace(" + 0]", "]"), file, "exec"), names)
    return names


def _number(module: ModuleType, match: re.Match[str]) -> str:
    value = getattr(getattr(module, match[1], None), match[2], None)
    return str(value) if isinstance(value, int) else match[0]
