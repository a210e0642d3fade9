"""Every operator beside its peers, on every family of series; the table has no holes."""

from typing import Any

import numpy as np
import pytest

from engine.ops import BY_NAME, OPS
from engine.ops.spec import Consts
from tests.ops.drive import ALL_KINDS, KINDS, Runner, inputs, same, settings, typed

pytest.importorskip("talib", reason="TA-Lib is not installed")
pytest.importorskip("scipy", reason="scipy is not installed")
pytest.importorskip("statsmodels", reason="statsmodels is not installed")

from tests.ops.peers import NOBODY, PEERS, Peer

WITH_NA = {"gaps", "runs"}
ROWS = [
    (name, peer, kind)
    for name, peers in PEERS.items()
    for peer in peers
    for kind in ALL_KINDS
    if peer.knows_na or kind not in WITH_NA
]
"""Who is asked of what; of series with na, those who know it."""


def test_every_operator_has_a_peer_or_a_reason() -> None:
    """Of those on one symbol's bars; test_ops_across.py asks every row that compares symbols."""
    assert PEERS.keys() | NOBODY.keys() == {op.name for op in OPS}
    assert not PEERS.keys() & NOBODY.keys()


def test_the_families_are_all_there() -> None:
    assert {"walk", "constant", "gaps", "runs", "tiny", "huge", "real"} <= set(ALL_KINDS)
    assert set(KINDS) > WITH_NA


def test_only_talib_is_spared_what_it_does_not_know() -> None:
    every = {
        (name, peer.who, kind) for name, p in PEERS.items() for peer in p for kind in ALL_KINDS
    }
    left = every - {(name, peer.who, kind) for name, peer, kind in ROWS}
    assert {kind for _, _, kind in left} == WITH_NA
    assert {who for _, who, _ in left} == {"TA-Lib"}


def asked(name: str, peer: Peer) -> list[Consts]:
    """The constants to compare with: TA-Lib knows no window of one, lines are slow."""
    consts = [(c[0], 2.0, 30.0) if name == "kama" else c for n, c in settings() if n == name]
    if peer.who == "TA-Lib":
        return [c for c in consts if not c or c[0] > 1]
    return consts[1:2] if peer.who in ("scipy", "statsmodels") else consts


@pytest.mark.parametrize(
    ("name", "peer", "kind"), ROWS, ids=lambda v: v if isinstance(v, str) else v.who
)
def test_agrees_with(name: str, peer: Peer, kind: str) -> None:
    op = BY_NAME[name]
    series = inputs(op, kind, 200)
    size = float(np.nanmax(np.abs(series[0])))
    for consts in asked(name, peer):
        got = np.array(Runner(op, consts).run(*series), dtype=float)
        with np.errstate(all="ignore"):
            want = peer.run([np.array(s) for s in series], typed(op, consts))
        wrong = differences(got, np.asarray(want, dtype=float), peer, size)
        assert not wrong, f"{consts}: {wrong[:3]}"


def differences(got: Any, want: Any, peer: Peer, size: float) -> list[str]:
    """Bars where the two differ by more than the row allows."""
    allowed = peer.relative * np.abs(want) + peer.rounding * size
    rows = zip(got.tolist(), want.tolist(), allowed.tolist(), strict=True)
    return [
        f"bar {t}: got {g!r}, {peer.who} {w!r}"
        for t, (g, w, most) in enumerate(rows)
        if not (same(g, w) or abs(g - w) <= most)
    ]
