"""A run folder is whole or absent; damage is mended and said; what changed is told."""

import json
from pathlib import Path

import pytest

from engine.base.errors import UserError
from engine.session.changes import INDEX, compare_and_keep
from engine.session.folder import write_folder

FILES = {"summary.json": b"{}\n", "trades.parquet": b"PAR1"}


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_folder_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    folder, said = write_folder(tmp_path / "runs", "abc", FILES)
    assert content(folder) == FILES
    assert said == ""
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["abc"]


def test_the_same_run_again_touches_nothing(tmp_path: Path) -> None:
    folder, _ = write_folder(tmp_path, "abc", FILES)
    before = folder.stat().st_mtime_ns
    _, said = write_folder(tmp_path, "abc", FILES)
    assert said == ""
    assert folder.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "damage", ["truncated", "corrupt", "missing", "extra", "file", "unreadable"]
)
def test_a_damaged_folder_is_rebuilt_and_said(tmp_path: Path, damage: str) -> None:
    folder, _ = write_folder(tmp_path, "abc", FILES)
    if damage == "truncated":
        (folder / "summary.json").write_bytes(b"{")
    elif damage == "corrupt":
        (folder / "trades.parquet").write_bytes(b"PARX")
    elif damage == "missing":
        (folder / "trades.parquet").unlink()
    elif damage == "extra":
        (folder / "more.txt").write_text("x")
    elif damage == "unreadable":
        (folder / "summary.json").unlink()
        (folder / "summary.json").mkdir()
    else:
        for p in folder.iterdir():
            p.unlink()
        folder.rmdir()
        folder.write_text("not a folder")
    folder, said = write_folder(tmp_path, "abc", FILES)
    assert content(folder) == FILES
    assert "damaged and has been rebuilt" in said


def test_a_place_that_cannot_be_written_is_a_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UserError, match="cannot write the run"):
        write_folder(tmp_path / "out", "abc", FILES)


def told(value: float, holds: bool = True) -> dict[str, object]:
    run = {
        "strategy": "fade",
        "crisis": "2008-gfc",
        "status": "ran",
        "return": value,
        "max_drawdown": -0.2,
        "expectations": [{"text": "always x", "holds": holds, "detail": ""}],
    }
    return {"runs": [run]}


def test_changes_are_told_in_sentences(tmp_path: Path) -> None:
    assert compare_and_keep(tmp_path, "k", "a", told(-0.112)) is None
    assert compare_and_keep(tmp_path, "k", "a", told(-0.112)) == ()
    assert compare_and_keep(tmp_path, "other", "a", told(-0.5)) is None
    assert compare_and_keep(tmp_path, "k", "b", told(-0.098, holds=False)) == (
        "fade 2008-gfc: return −11.2% → −9.8%, now fails `always x`",
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"k": 3}', '{"k": {"figures": {"x": 1}}}'])
def test_a_corrupt_index_is_set_aside_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / INDEX).write_text(text)
    said = compare_and_keep(tmp_path, "k", "a", told(0.1))
    assert said is not None
    json.loads((tmp_path / INDEX).read_text())
    assert compare_and_keep(tmp_path, "k", "a", told(0.1)) == ()
