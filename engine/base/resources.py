"""Where shipped files lie, in a checkout or in a wheel (floor 0). Nothing else knows."""

from pathlib import Path

_ENGINE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    packaged = _ENGINE / "shipped" / name
    return packaged if packaged.is_dir() else _ENGINE.parent / name


def data_dir() -> Path:
    """The embedded market data, its manifest and the instrument table."""
    return _folder("data")


def rules_dir() -> Path:
    """The shipped strategies, limits and scenarios; `lib/` lies inside."""
    return _folder("rules")


def schemas_dir() -> Path:
    """The generated JSON Schemas."""
    return _folder("schemas")


def grammar_dir() -> Path:
    """The grammar and its generated tables."""
    return _folder("grammar")


def setup_file() -> Path:
    """The shipped strategies.yaml; the paths in it lie beside it."""
    packaged = _ENGINE / "shipped" / "strategies.yaml"
    return packaged if packaged.is_file() else _ENGINE.parent / "strategies.yaml"


def starter_dir() -> Path:
    """What `seawall new` copies: the starter project and the templates of table rows."""
    return _ENGINE / "starter"


def checkout() -> Path | None:
    """The repository's root, None in an installed copy."""
    root = _ENGINE.parent
    is_repository = (root / "pyproject.toml").is_file() and (root / "tests").is_dir()
    return root if is_repository else None
