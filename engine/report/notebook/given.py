"""Options as a notebook writes them, made into those of the session (floor 10)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from engine.base.dates import day_of, parse_day
from engine.base.errors import UserError
from engine.base.near import near
from engine.session.options import DryrunOptions

KNOWN = tuple(f.name for f in fields(DryrunOptions) if f.name != "files")


def options_of(files: tuple[Path, ...], given: Mapping[str, Any]) -> DryrunOptions:
    """One name for a list of one, texts for paths and dates, a dict for params; None is unsaid.

    UserError for what is no option, or cannot be read.
    """
    for name in given:
        if name not in KNOWN:
            close = near(name, KNOWN)
            hint = f"did you mean `{close}`?" if close else f"there are {', '.join(KNOWN)}"
            raise UserError(f"`{name}` is no option of a dry-run", hint)
    said = {name: value for name, value in given.items() if value is not None}
    read: dict[str, Any] = {name: READERS[name](value) for name, value in said.items()}
    return DryrunOptions(**{"files": files, **read})


def day(value: object) -> int:
    """A day number of a date or its ISO text."""
    try:
        if isinstance(value, str):
            return parse_day(value)
        if isinstance(value, date):
            return day_of(value)
    except ValueError:
        pass
    raise UserError(f"`{value}` is no date", "write it as 2020-03-16")


def text(value: object) -> str:
    """A name."""
    if isinstance(value, str):
        return value
    raise UserError(f"`{value}` is no name", "write it in quotes")


def names(value: object) -> tuple[str, ...]:
    """One name, or several."""
    if not isinstance(value, str) and isinstance(value, Iterable):
        return tuple(text(each) for each in value)
    return (text(value),)


def params(value: object) -> tuple[str, ...]:
    """`n=30`, several of them, or `{"n": 30, "fade.z_in": 2.5}`."""
    if isinstance(value, Mapping):
        return tuple(f"{name}={number}" for name, number in value.items())
    return names(value)


def path(value: object) -> Path:
    """A file or folder."""
    if isinstance(value, str | PathLike):
        return Path(value)
    raise UserError(f"`{value}` is no path", "write it in quotes")


def amount(value: object) -> float:
    """Money."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise UserError(f"`{value}` is no amount of money", "such as cash=1_000_000")


def flag(value: object) -> bool:
    """True or False, and nothing that merely counts as one."""
    if isinstance(value, bool):
        return value
    raise UserError(f"`{value}` is neither True nor False", "limits=False runs without limits")


READERS: Mapping[str, Callable[[object], object]] = {
    "crises": names,
    "strategies": names,
    "params": params,
    "data": path,
    "symbol": text,
    "first": day,
    "last": day,
    "cash": amount,
    "out": path,
    "runner": text,
    "limits": flag,
    "waives": names,
}
"""What reads each option; a test holds it to the fields of DryrunOptions."""
