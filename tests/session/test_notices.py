"""What the summary says about the data of a run."""

from types import SimpleNamespace
from typing import Any

import pytest

from engine.base.dates import parse_day
from engine.session.notices import _interest


@pytest.mark.parametrize(
    ("window", "end"),
    [
        (("1987-08-25", "1987-12-31"), "is known before 1990-01-02"),
        (("2025-03-03", "2025-05-30"), "is known after 2024-06-28"),
        (("1989-12-01", "2024-12-31"), "is known here"),
    ],
)
def test_why_cash_earns_nothing_names_the_end_of_the_yields_that_was_passed(
    window: tuple[str, str], end: str
) -> None:
    yields = [parse_day("1990-01-02"), parse_day("2024-06-28")]
    scene: Any = SimpleNamespace(firm=SimpleNamespace(series={"UST3M": Days(yields)}))
    tape = SimpleNamespace(days=[parse_day(d) for d in window], cash_rate=[float("nan")])
    desk: Any = SimpleNamespace(costs=SimpleNamespace(interest=True), tape=tape)
    (said,) = _interest(scene, desk)
    assert said.endswith(end)


class Days:
    """As much of a series as the notice reads."""

    def __init__(self, days: list[int]) -> None:
        self.days = days

    def __len__(self) -> int:
        return len(self.days)
