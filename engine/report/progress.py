"""A progress bar for work of over a second (floor 10): for people, never in a pipe or a log."""

from typing import TextIO

from engine.base.clock import seconds
from engine.report.glyphs import Screen

PATIENCE = 1.0
"""Seconds before a bar appears."""

STEP = 0.05
"""Seconds between two drawings of it."""


class ProgressBar:
    """Called as `bar(done, total, what)`; draws on one line and wipes it at the end."""

    def __init__(self, stream: TextIO, screen: Screen, visible: bool) -> None:
        self.stream = stream
        self.screen = screen
        self.visible = visible
        self.due = seconds() + PATIENCE
        self.drawn = False

    def __call__(self, done: int, total: int, what: str) -> None:
        if not self.visible or seconds() < self.due:
            return
        self.due = seconds() + STEP
        self.drawn = True
        self.stream.write("\r" + line(done, total, what, self.screen))
        self.stream.flush()

    def close(self) -> None:
        """Wipe the line, so that the report starts on a clean one."""
        if self.drawn:
            self.stream.write("\r" + " " * (self.screen.width - 1) + "\r")
            self.stream.flush()
            self.drawn = False


def line(done: int, total: int, what: str, screen: Screen) -> str:
    """`█████░░░░░ 41 of 98  fade in 2008-gfc`, one short of the width so that it never wraps."""
    length = min(24, screen.width // 3)
    full = length * min(done, total) // max(total, 1)
    text = f"{'█' * full}{'░' * (length - full)} {done:,} of {total:,}  {what}"
    room = screen.width - 1
    return screen.plain(f"{text:<{room}.{room}}")
