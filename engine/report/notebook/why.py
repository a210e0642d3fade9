"""The answer of `seawall.why`, drawn (floor 10): the paragraphs of the terminal, one fold each."""

from dataclasses import dataclass, fields

from engine.report.notebook.draw import PAGE, draw
from engine.report.why import why_text
from engine.session.answers import WhyReport


@dataclass(frozen=True, slots=True, repr=False)
class Why(WhyReport):
    """A WhyReport that draws itself; its text is what `seawall why` prints."""

    def __repr__(self) -> str:
        return why_text(self, PAGE)

    def _repr_html_(self) -> str:
        title, *blocks = why_text(self, PAGE).split("\n\n")
        return draw("why", title=title, blocks=[b.partition("\n") for b in blocks])


def drawn(report: WhyReport) -> Why:
    """The same answer, able to draw itself."""
    return Why(**{f.name: getattr(report, f.name) for f in fields(report)})
