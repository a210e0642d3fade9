"""Machine code that lies ready in the cache, loaded when it is first called (floor 7).

A process that only hands its rules on to forked children never imports numba; each child loads
what it runs.
"""

from collections.abc import Callable
from typing import Any


class Late:
    """A compiled function by the promise to load it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._made: Any = None

    def made(self) -> Any:
        """The function itself."""
        if self._made is None:
            self._made = self._load()
        return self._made

    def __call__(self, *args: Any) -> Any:
        return self.made()(*args)
