"""Write the JSON Schemas that this repository generates from its own tables.

`--check` writes nothing and exits 1 when a file is stale. A new schema is one row of SCHEMAS.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.lang.setup_schema import setup_schema  # noqa: E402
from engine.session.schema import summary_schema, verdict_schema  # noqa: E402

SCHEMAS: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
    ("strategies.schema.json", partial(setup_schema, "2020-12")),
    ("strategies.draft07.schema.json", partial(setup_schema, "draft-07")),
    ("summary.schema.json", summary_schema),
    ("verdict.schema.json", verdict_schema),
)
"""File name under schemas/, and the function that gives its content."""


def rendered(make: Callable[[], dict[str, Any]]) -> str:
    """The text of one schema file."""
    return json.dumps(make(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write every schema, or with `--check` name the stale ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 when a schema is stale")
    options = parser.parse_args(arguments)
    stale = []
    for name, make in SCHEMAS:
        path = ROOT / "schemas" / name
        text = rendered(make)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    verb = "stale" if options.check else "wrote"
    print(f"{verb}: {', '.join(stale)}" if stale else "fresh")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
