"""What a figure leaves out, as codes beside it and words below (floor 10)."""

from collections.abc import Callable, Iterable
from typing import Any

from engine.report.page.seen import Row, Seen

Test = Callable[[Row], bool]


def _any(row: Row, is_so: Callable[[Any], bool]) -> bool:
    return any(is_so(d) for d in row.get("data", ()) if d["role"] == "traded")


LABELS: tuple[tuple[str, str, Test], ...] = (
    ("p", "price return, dividends left out", lambda r: _any(r, lambda d: d["returns"] == "price")),
    ("t", "total return, dividends inside", lambda r: _any(r, lambda d: d["returns"] == "total")),
    ("a", "adjusted prices, which nobody paid", lambda r: _any(r, lambda d: d["adjusted"])),
    (
        "c",
        "fills at closes, on all bars or some: opens are not real or not known",
        lambda r: _any(r, lambda d: d["opens"] != "real"),
    ),
    ("v", "volume unknown, fills not capped", lambda r: _any(r, lambda d: d["volume"] != "known")),
    ("s", "survivors only, chosen with hindsight", lambda r: _any(r, lambda d: d["survivorship"])),
    ("w", "a limit was waived", lambda r: bool(r["waived"])),
    ("n", "no trade", lambda r: r["status"] != "no-data" and not r["trades"]),
)
"""Code, meaning, and whether it holds for a run."""


def codes(run: Seen) -> str:
    """The codes of a run, in the order of LABELS."""
    return "".join(code for code, _, holds in LABELS if holds(run.row))


def legend(runs: Iterable[Seen]) -> str:
    """What the codes of these runs mean."""
    used = {c for r in runs for c in codes(r)}
    return "; ".join(f"{code} {words}" for code, words, _ in LABELS if code in used)


def spelled(run: Seen) -> tuple[str, ...]:
    """A run's codes in words, with the waived limits and the reason for no trade."""
    found = [words for code, words, holds in LABELS if code not in "wn" and holds(run.row)]
    found += [f"waived: {name}" for name in run.row["waived"]]
    reason = run.row["no_trade_reason"]
    return (*found, *([f"no trade: {reason}"] if reason else []))
