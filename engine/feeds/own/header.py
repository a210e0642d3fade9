"""Which column of a user's file is which (floor 8): by stated mapping, then by common names.

A column that must be guessed is never read: the file is refused, with the mapping to state.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.base.near import near
from engine.feeds.own.finding import Findings, Settings
from engine.feeds.own.settings import mapping_yaml
from engine.records.instrument import COLUMNS

DATE = "date"
ACTIONS = ("dividend", "split")
NAMES = (DATE, *COLUMNS, *ACTIONS)
NEEDED = (DATE, "close")

ALIASES: dict[str, tuple[str, ...]] = {
    "date": ("date", "day", "timestamp", "datetime", "time", "session"),
    "open": ("open", "open price", "o"),
    "high": ("high", "high price", "h"),
    "low": ("low", "low price", "l"),
    "close": ("close", "close price", "close/last", "last", "price", "c"),
    "volume": ("volume", "vol", "v"),
    "dividend": ("dividend", "dividends", "cash dividend"),
    "split": ("split", "splits", "stock split", "stock splits", "split ratio"),
}
"""Names that are read by themselves, in any case; the first wins, the others must be alone."""

LIKELY: dict[str, tuple[str, ...]] = {
    "date": ("datum", "fecha", "data", "jour", "tag", "zeit", "trade date", "trading day"),
    "open": ("eröffnung", "eroeffnung", "erster", "apertura", "ouverture", "abertura", "opening"),
    "high": ("hoch", "tageshoch", "máximo", "maximo", "plus haut", "massimo", "highest", "max"),
    "low": ("tief", "tagestief", "mínimo", "minimo", "plus bas", "minimo", "lowest", "min"),
    "close": ("adj close", "adjclose", "adjusted close", "adj. close", "adj_close", "schluss",
              "schlusskurs", "cierre", "último", "ultimo", "clôture", "cloture", "dernier",
              "chiusura", "fechamento", "closing price", "last price", "settle"),
    "volume": ("vol.", "volumen", "stücke", "umsatz", "volumes", "volume (shares)"),
}  # fmt: skip
"""Names that are only suggested: of other languages, or of prices that are not quite the close."""

ADJUSTED = ("adj close", "adjclose", "adjusted close", "adj. close", "adj_close", "adj close**")
_DELIMITERS = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}


def true_delimiter(header: Sequence[str], delimiter: str, findings: Findings) -> str:
    """The delimiter that the header is written with; an error when it is not the stated one."""
    others = [d for d in _DELIMITERS if d != delimiter and len(header) == 1 and d in header[0]]
    if not others:
        return delimiter
    found = others[0]
    findings.error(
        "delimiter",
        1,
        f"the header is one cell with a {_DELIMITERS[found]} in it: "
        f"{delimiter!r} does not separate the file",
        f"state the delimiter: {found!r}",
        (("options", "delimiter", found),),
    )
    return found


def columns_of(
    header: Sequence[str], mapping: Mapping[str, str], findings: Findings
) -> dict[str, int]:
    """The position of each known column; what is missing or ambiguous becomes findings.

    A refused header still gives the columns that are likely, so that the rows can be judged too.
    """
    names = [cell.strip().lower() for cell in header]
    _unknown_keys(mapping, findings)
    found: dict[str, int] = {}
    for name in NAMES:
        if name in mapping:
            _by_mapping(name, mapping[name], header, found, findings)
        else:
            _by_alias(name, header, found, findings)
    _report_twice(names, found, findings)
    _report_adjusted(header, mapping, found, findings)
    likely = _likely(header, mapping, found)
    _report_missing(header, mapping, found, likely, findings)
    return found if not findings.refused else {**found, **likely}


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


def _by_alias(name: str, header: Sequence[str], found: dict[str, int], findings: Findings) -> None:
    names = [cell.strip().lower() for cell in header]
    held = [alias for alias in ALIASES[name] if alias in names]
    if len(held) > 1 and held[0] != name:
        shown = [header[names.index(alias)].strip() for alias in held]
        either = " or ".join(f"`{mapping_yaml((('mapping', name, s),))}`" for s in shown)
        text = f"{_quoted(shown)} may each be the {name}"
        findings.error("header", 1, text, f"state which, it is never guessed: {either}")
    if held:
        found[name] = names.index(held[0])


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


def _report_adjusted(
    header: Sequence[str], mapping: Mapping[str, str], found: Mapping[str, int], findings: Findings
) -> None:
    """Two closes stand in the file and the plain one is read: the reader must know which."""
    if "close" in mapping or "close" not in found:
        return
    for cell in header:
        if cell.strip().lower() in ADJUSTED:
            close = header[found["close"]].strip()
            text = f"the close is `{close}`, and `{cell.strip()}` is not read"
            other = mapping_yaml((("mapping", "close", cell.strip()),))
            findings.warn("adjusted", 1, text, f"to read it instead: `{other}`")


def _likely(
    header: Sequence[str], mapping: Mapping[str, str], found: Mapping[str, int]
) -> dict[str, int]:
    """For each column that was not found, the one free header cell that its name may stand in."""
    free = {cell.strip(): at for at, cell in enumerate(header) if at not in found.values()}
    likely: dict[str, int] = {}
    for name in (DATE, *COLUMNS):
        if name in found or name in mapping:
            continue
        meant = [cell for cell in free if cell.lower() in LIKELY[name]]
        match = meant[0] if len(meant) == 1 else None if meant else near(name, free)
        if match and free[match] not in likely.values():
            likely[name] = free[match]
    return likely


def _report_missing(
    header: Sequence[str],
    mapping: Mapping[str, str],
    found: Mapping[str, int],
    likely: Mapping[str, int],
    findings: Findings,
) -> None:
    free = [cell for at, cell in enumerate(header) if at not in found.values()]
    pairs: Settings = tuple(("mapping", n, header[at].strip()) for n, at in likely.items())
    lost = [n for n in NEEDED if n not in found and n not in mapping]
    if lost:
        told = " and ".join(f"no {name} column" for name in lost)
        blank = tuple(("mapping", n, f"ITS {n.upper()} COLUMN") for n in lost if n not in likely)
        help = f"say which column is which: `{mapping_yaml((*pairs, *blank))}`"
        text = f"there is {told}; the header has {_quoted(header)}"
        findings.error("header", 1, text, help, (*pairs, *blank))
    absent = [n for n in COLUMNS if n not in found and n not in mapping and n not in NEEDED]
    if absent and not lost:
        text = f"no column for {', '.join(absent)}: na in rules"
        help = f"map them if the file has them, not read so far: {_quoted(free)}"
        if pairs:
            help = f"to read what the file may have: `{mapping_yaml(pairs)}`"
        findings.warn("header", 1, text, help if free else "nothing is filled in")


def _quoted(cells: Sequence[str]) -> str:
    shown = [f"`{cell.strip()[:30]}`" for cell in cells[:12]]
    return ", ".join(shown) + (", ..." if len(cells) > 12 else "")
