"""Adding a row to one of seawall's own tables (floor 11): a file that works, its test, two lines.

Only in a checkout. Everything is worked out before anything is written, so a refusal leaves the
repository as it was.
"""

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.base.errors import UserError
from engine.base.resources import checkout, rules_dir, starter_dir
from engine.cli.starting import filled
from engine.ops import spec

NAME = re.compile(r"[a-z](_?[a-z0-9])*")
LONGEST = 20
"""Longer names would push the templates' lines over the width."""
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table that takes rows. package: where its rows live; tests: where theirs do.

    taken: why a row may not have this name, empty when it may.
    """

    kind: str
    package: str
    tuple_name: str
    tests: str
    taken: Callable[[str], str]
    next: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The package's folder below the repository's root."""
        return Path(*self.package.split("."))


@dataclass(frozen=True, slots=True)
class Added:
    """A row that was written: the table's name, the files made or changed, what to do next."""

    table: str
    files: tuple[str, ...]
    next: tuple[str, ...]


def scaffold(kind: str, name: str) -> Added:
    """Write the row, its test and its two lines in the table."""
    root = checkout()
    if root is None:
        help = "clone seawall's repository and run `make test` there once; then use its .venv"
        message = f"`seawall new {kind}` changes seawall's own source; this is an installed copy"
        raise UserError(message, help)
    table = next(t for t in TABLES if t.kind == kind)
    check_name(table, name)
    texts = row_texts(root, table, name)
    write(root, texts)
    commands = tuple(filled(text, {"name": name}) for text in table.next)
    return Added(table.tuple_name, tuple(p.as_posix() for p in texts), commands)


def check_name(table: Table, name: str) -> None:
    """Raise unless a row of the table may have this name."""
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        help = f"use small letters, digits and single `_`, a letter first, {LONGEST} at most"
        raise UserError(f"`{name}` is no name for a row", help)
    reason = table.taken(name)
    if not reason and (keyword.iskeyword(name) or hasattr(builtins, name)):
        reason = "something in Python"
    if reason:
        raise UserError(f"`{name}` already means {reason}", f"choose another name: `my_{name}`")


def row_texts(root: Path, table: Table, name: str) -> dict[Path, str]:
    """The new texts by their path below the root; raises when one would overwrite something."""
    values = {"name": name, "NAME": name.upper()}
    row = table.folder / f"{name}.py"
    test = Path(table.tests) / f"test_{Path(table.tests).name}_{name}.py"
    for path in (row, test):
        if (root / path).exists():
            raise UserError(f"`{path}` exists", "choose another name; nothing is overwritten")
    listing = table.folder / "__init__.py"
    text = with_row((root / listing).read_text(encoding="utf-8"), table, name)
    return {
        row: filled(_template(table.kind), values),
        test: filled(_template(f"{table.kind}_test"), values),
        listing: text,
    }


def write(root: Path, texts: dict[Path, str]) -> None:
    """Write all of them, or none: what was there comes back when one cannot be written."""
    before = {p: (root / p).read_bytes() if (root / p).exists() else None for p in texts}
    try:
        for path, text in texts.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text, encoding="utf-8", newline="\n")
    except BaseException:
        for path, old in before.items():
            if old is None:
                (root / path).unlink(missing_ok=True)
            elif (root / path).read_bytes() != old:
                (root / path).write_bytes(old)
        raise


# ---------------------------------------------------------------- the table's two lines


def with_row(text: str, table: Table, name: str) -> str:
    """The table's file with the row imported, in its place, and named last in the tuple."""
    const = name.upper()
    if const in _names(text):
        raise UserError(f"`{const}` is taken in {table.folder}/__init__.py", "choose another name")
    done = with_name(with_import(text, table.package, name), table.tuple_name, const)
    if done is None or not _names_row(done, table.tuple_name, const):
        message = f"{table.folder}/__init__.py holds no plain tuple {table.tuple_name}"
        raise UserError(
            message, "write the tuple as `NAME: tuple[...] = (ROW, ...)`, or add the row by hand"
        )
    return done


def with_import(text: str, package: str, name: str) -> str:
    """The import in the order of the module names, as the linter sorts them."""
    line = f"from {package}.{name} import {name.upper()}\n"
    pattern = rf"^from {re.escape(package)}\.(\w+) import (?:\((?:.|\n)*?\)|.*)\n"
    found = list(re.finditer(pattern, text, re.MULTILINE))
    later = [m.start() for m in found if natural(m[1]) > natural(name)]
    at = later[0] if later else found[-1].end() if found else len(text)
    return text[:at] + line + text[at:]


def natural(name: str) -> list[str | int]:
    """A key that sorts `x2` before `x10`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def with_name(text: str, tuple_name: str, const: str) -> str | None:
    """The tuple with one more name at its end; None when it is not written as one."""
    found = re.search(rf"^({tuple_name}\b[^=\n]*= )\((.*?)\)$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        return None
    inside = found[2].strip().rstrip(",")
    line = f"{found[1]}({inside}, {const})"
    if "\n" in found[2]:
        line = f"{found[1]}({found[2]}    {const},\n)"
    elif len(line) > WIDTH:
        rows = [f"    {part.strip()},\n" for part in (*inside.split(","), const)]
        line = f"{found[1]}(\n{''.join(rows)})"
    return text[: found.start()] + line + text[found.end() :]


def _names(text: str) -> set[str]:
    """Every name that the module's text binds or reads."""
    nodes = list(ast.walk(ast.parse(text)))
    imported = {a.asname or a.name for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}
    return imported | {n.id for n in nodes if isinstance(n, ast.Name)}


def _names_row(text: str, tuple_name: str, const: str) -> bool:
    """Whether the module, parsed, has a tuple of that name with the row as its last element."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Tuple):
            last = node.value.elts[-1]
            if isinstance(node.target, ast.Name) and node.target.id == tuple_name:
                return isinstance(last, ast.Name) and last.id == const
    return False


def _template(name: str) -> str:
    return (starter_dir() / "rows" / f"{name}.py.txt").read_text(encoding="utf-8")


# ---------------------------------------------------------------- names that are taken


def taken_by_language(name: str) -> str:
    """Why an operator may not be called so."""
    from engine.base.units import UNITS
    from engine.check.names import LATER_CALLS
    from engine.emit.names import WORDS
    from engine.fields import BY_NAME as FIELDS
    from engine.lang.tables import load
    from engine.ops import BY_NAME as OPS
    from engine.records.instrument import COLUMNS

    tables = load()
    meanings: tuple[tuple[str, Iterable[str]], ...] = (
        ("an operator", OPS),
        ("a field", (part for field in FIELDS for part in field.split("."))),
        ("a column of the bars", COLUMNS),
        ("a keyword of the language", (*tables.words, *tables.reserved)),
        ("a unit", UNITS),
        ("something that a later version runs", LATER_CALLS),
        ("something in generated source", WORDS),
        ("a function of the kernels", _functions()),
        ("something in a shipped rule file", _words_of_rules()),
    )
    return next((what for what, names in meanings if name in names), "")


def _words_of_rules() -> set[str]:
    """Every word of the shipped rule files outside comments and texts."""
    texts = [p.read_text(encoding="utf-8") for p in rules_dir().rglob("*.rule")]
    return {w for t in texts for w in re.findall(r"[a-z_]\w*", re.sub(r'#.*|"[^"\n]*"', "", t))}


def _functions() -> set[str]:
    """Every function that generated source may copy in beside the operators, and kernels' stems."""
    texts = [p.read_text(encoding="utf-8") for p in Path(spec.__file__).parent.glob("*.py")]
    names = {name for t in texts for name in re.findall(r"^def (\w+)", t, re.MULTILINE)}
    return names | {name.removesuffix("_step") for name in names}


def nothing_taken(name: str) -> str:
    """Any name will do that is no file yet."""
    return ""


TABLES = (
    Table(
        kind="indicator",
        package="engine.ops",
        tuple_name="OPS",
        tests="tests/ops",
        taken=taken_by_language,
        next=(
            "change engine/ops/@name@.py and its test to what you want",
            ".venv/bin/python -m pytest tests/ops -k @name@",
            "make generate    # docs/operators.md reads the table",
        ),
    ),
    Table(
        kind="process",
        package="engine.processes",
        tuple_name="PROCESSES",
        tests="tests/processes",
        taken=nothing_taken,
        next=(
            "change engine/processes/@name@.py and its test to what you want",
            ".venv/bin/python -m pytest tests/processes -k @name@",
        ),
    ),
    Table(
        kind="section",
        package="engine.report.page.sections",
        tuple_name="SECTIONS",
        tests="tests/report",
        taken=nothing_taken,
        next=(
            "change engine/report/page/sections/@name@.py and its test to what you want",
            ".venv/bin/python -m pytest tests/report -k @name@",
        ),
    ),
)
