"""Places in a text file (floor 0)."""

from bisect import bisect_right
from itertools import accumulate

from engine.base.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters `start..end` in `file`; lines and columns count from 1."""

    file: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span("<none>", 0, 0, 1, 1, 1, 1)


@dataclass(frozen=True)
class Source:
    """A text with its file name, able to turn character offsets into spans."""

    file: str
    text: str
    starts: tuple[int, ...]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of a character offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span of characters `start..end`."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.file, start, end, line, column, end_line, end_column)

    def line(self, number: int) -> str:
        """The text of one line (from 1), without its newline."""
        start = self.starts[number - 1]
        end = self.starts[number] - 1 if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


def source(file: str, text: str) -> Source:
    """Index a text by its lines."""
    lengths = [len(line) + 1 for line in text.split("\n")]
    return Source(file, text, (0, *accumulate(lengths[:-1])))
