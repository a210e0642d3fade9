"""The table of shocks: made of the shipped bars and crises, and refused when it was changed."""

from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.base.resources import data_dir
from engine.records.shocks import LENGTHS, first_end, load_shocks
from tools.build_shocks import text


def test_the_committed_table_is_what_the_bars_give() -> None:
    assert (data_dir() / "shocks.json").read_text() == text(), "run tools/build_shocks.py"


def test_every_crisis_with_index_bars_has_its_falls_and_rises() -> None:
    found = load_shocks()
    crises = dict.fromkeys(s.crisis for s in found)
    assert len(crises) == 12  # neither 2023 nor 2025: the index ends in 2022
    assert len(found) == len(crises) * len(LENGTHS) * 2
    assert first_end() == found[0].ended
    for shock in found:
        assert (shock.moves["SP500"] > 0) == shock.rises


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    for name in ("shocks.json", "sums.txt"):
        (tmp_path / name).write_bytes((data_dir() / name).read_bytes())
    load_shocks(tmp_path)
    load_shocks.cache_clear()
    path = tmp_path / "shocks.json"
    path.write_text(path.read_text().replace("-0.204669", "-0.104669"))
    with pytest.raises(UserError, match="corrupt"):
        load_shocks(tmp_path)


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        load_shocks(tmp_path)
