"""Near matches for misspelt names (floor 0)."""

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None when none is close."""
    from difflib import get_close_matches

    pool = {k.lower(): k for k in known}
    found = get_close_matches(word.lower(), list(pool), n=1, cutoff=0.6)
    return pool[found[0]] if found else None
