"""Templates to HTML (floor 10): every text is escaped, whatever stands in it; names and titles
come from files and are never trusted."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """The templates of this folder; a name that a template misses is an error."""
    return Environment(
        loader=PackageLoader("engine.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
