"""Values to HTML for a notebook's output cell (floor 10).

No script, no outside file; colours follow the notebook's own, so that dark themes need nothing.
"""

from functools import cache

from jinja2 import Environment

from engine.report.glyphs import Screen
from engine.report.html import environment

PAGE = Screen(width=100)
"""How wide text is set that a notebook shows as the terminal does."""


def draw(name: str, **values: object) -> str:
    """The template `name` with its values, as one element that stands on its own."""
    return _templates().get_template(f"notebook/{name}.html").render(**values)


@cache
def _templates() -> Environment:
    return environment()
