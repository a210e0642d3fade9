"""The wall clock seam (floor 0): nothing else in the engine asks the machine for the time."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def seconds() -> float:
    """A monotonic count of seconds, for durations and progress."""
    return time.perf_counter()
