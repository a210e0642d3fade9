"""Which column of a user's file is which (floor 8): by stated mapping, then by common names."""

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.base.near import near
from engine.feeds.own.finding import Findings
from engine.records.instrument import COLUMNS

DATE = "date"
NAMES = (DATE, *COLUMNS)
NEEDED = (DATE, "close")

ALIASES: dict[str, tuple[str, ...]] = {
    "date": ("date", "day", "timestamp", "datetime", "time", "session"),
    "open": ("open", "open price", "o"),
    "high": ("high", "high price", "h"),
    "low": ("low", "low price", "l"),
    "close": ("close", "close price", "close/last", "last", "price", "c"),
    "volume": ("volume", "vol", "v"),
}
_OTHER_DELIMITERS = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}


def columns_of(
    header: Sequence[str], mapping: Mapping[str, str], delimiter: str, findings: Findings
) -> dict[str, int]:
    """The position of each known column; what is missing or ambiguous becomes findings."""
    names = [cell.strip().lower() for cell in header]
    if _wrong_delimiter(header, delimiter, findings):
        return {}
    _unknown_keys(mapping, findings)
    found: dict[str, int] = {}
    for name in NAMES:
        if name in mapping:
            _by_mapping(name, mapping[name], header, found, findings)
        else:
            _by_alias(name, names, found)
    _report_twice(names, found, findings)
    _report_missing(header, mapping, found, findings)
    return found


def _wrong_delimiter(header: Sequence[str], delimiter: str, findings: Findings) -> bool:
    if len(header) != 1:
        return False
    others = [d for d in _OTHER_DELIMITERS if d != delimiter and d in header[0]]
    if not others:
        return False
    word = _OTHER_DELIMITERS[others[0]]
    findings.error(
        "delimiter",
        1,
        f"the header is one cell with a {word} in it: {delimiter!r} does not separate the file",
        f"state the delimiter: {others[0]!r}",
    )
    return True


def _unknown_keys(mapping: Mapping[str, str], findings: Findings) -> None:
    for key in mapping:
        if key not in NAMES:
            match = near(key, NAMES)
            help = f"did you mean `{match}`?" if match else f"the columns are {', '.join(NAMES)}"
            findings.error("mapping", 1, f"`{key}` in the mapping is no column of seawall", help)


def _by_mapping(
    name: str, wanted: str, header: Sequence[str], found: dict[str, int], findings: Findings
) -> None:
    exact = [cell.strip() for cell in header]
    if wanted.strip() in exact:
        found[name] = exact.index(wanted.strip())
        return
    match = near(wanted, exact)
    help = f"did you mean `{match}`?" if match else f"the header has {_quoted(exact)}"
    findings.error("mapping", 1, f"the column `{wanted}`, mapped to {name}, is not there", help)


def _by_alias(name: str, names: Sequence[str], found: dict[str, int]) -> None:
    for alias in ALIASES[name]:
        if alias in names:
            found[name] = names.index(alias)
            return


def _report_twice(names: Sequence[str], found: Mapping[str, int], findings: Findings) -> None:
    used = {names[at] for at in found.values()}
    for name, count in Counter(names).items():
        if count > 1 and name in used:
            findings.error(
                "header",
                1,
                f"the header has {count} columns named `{name}`",
                "leave one, or rename the others",
            )


def _report_missing(
    header: Sequence[str], mapping: Mapping[str, str], found: Mapping[str, int], findings: Findings
) -> None:
    free = [cell.strip() for at, cell in enumerate(header) if at not in found.values()]
    for name in NEEDED:
        if name not in found and name not in mapping:
            match = near(name, free)
            hint = f"map it: {name}={match}" if match else f"the header has {_quoted(header)}"
            findings.error("header", 1, f"there is no {name} column", hint)
    absent = [name for name in COLUMNS if name not in found and name not in NEEDED]
    if absent and all(name in found for name in NEEDED):
        text = f"no column for {', '.join(absent)}: na in rules"
        findings.warn("header", 1, text, "map them if the file has them under other names")


def _quoted(cells: Sequence[str]) -> str:
    shown = [f"`{cell.strip()[:30]}`" for cell in cells[:12]]
    return ", ".join(shown) + (", ..." if len(cells) > 12 else "")
