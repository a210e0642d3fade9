"""Every operator: kernel = definition, Python = njit, resumed = whole, and nothing looks ahead."""

import inspect
import math
import random

import numpy as np
import pytest

from engine.ops import BY_NAME
from tests.ops.drive import ALL_KINDS, Runner, bad_bars, inputs, same, settings, typed

EXACT = {
    *("add", "sub", "mul", "div", "neg", "lt", "gt", "le", "ge", "eq", "ne"),
    *("and", "or", "not", "if", "if_truth", "is_na", "is_unknown", "between", "within"),
    *("back", "back_truth", "cross_above", "cross_below", "lasting", "latch"),
    *("highest", "lowest", "peak", "trough", "change", "roc", "count", "bars_since"),
    *("value_when", "abs", "sqrt", "min", "max"),
    *("order_flow", "argmax", "argmin", "streak", "nearest_above", "nearest_below", "touches"),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_kernel_equals_the_definition(name: str) -> None:
    op = BY_NAME[name]
    for _, consts in (s for s in settings() if s[0] == name):
        for kind in ALL_KINDS:
            series = inputs(op, kind)
            got = Runner(op, consts).run(*series)
            want = op.series(*(np.array(s) for s in series), *typed(op, consts))
            bad = bad_bars(got, want.tolist(), 0.0 if name in EXACT else 1e-10)
            assert not bad, f"{name}{consts} on {kind}: {bad[:3]}"


@pytest.mark.parametrize("name", BY_NAME)
def test_python_equals_njit_to_the_bit(name: str) -> None:
    op = BY_NAME[name]
    for _, consts in (s for s in settings() if s[0] == name):
        for kind in ("walk", "gaps", "runs", "tiny", "spikes"):
            series = inputs(op, kind)
            plain = Runner(op, consts).run(*series)
            fast = Runner(op, consts, compiled=True).run(*series)
            assert all(map(same, plain, fast)), f"{name}{consts} on {kind}"


@pytest.mark.parametrize("name", BY_NAME)
def test_results_keep_one_type(name: str) -> None:
    op = BY_NAME[name]
    wanted = int if op.result == "truth" else float
    for _, consts in (s for s in settings() if s[0] == name):
        runner = Runner(op, consts)
        for y in runner.run(*inputs(op, "gaps", 60)):
            assert type(y) is wanted
        assert all(type(s) is float for s in runner.state)


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_looks_ahead(name: str) -> None:
    op = BY_NAME[name]
    rng = random.Random(name)
    for _, consts in (s for s in settings() if s[0] == name):
        series = inputs(op, "gaps", 120)
        whole = Runner(op, consts).run(*series)
        defined = op.series(*(np.array(s) for s in series), *typed(op, consts))
        now = rng.randrange(10, 110)
        changed = [s[: now + 1] + rng.sample(s[now + 1 :], len(s) - now - 1) for s in series]
        other = op.series(*(np.array(s) for s in changed), *typed(op, consts))
        assert all(map(same, whole[: now + 1], Runner(op, consts).run(*changed)[: now + 1]))
        assert all(map(same, defined[: now + 1], other[: now + 1]))


@pytest.mark.parametrize("name", BY_NAME)
def test_resumed_equals_whole(name: str) -> None:
    op = BY_NAME[name]
    for _, consts in (s for s in settings() if s[0] == name):
        series = inputs(op, "gaps", 150)
        whole = Runner(op, consts).run(*series)
        for cut in (1, 23, 77):
            first = Runner(op, consts)
            got = first.run(*(s[:cut] for s in series))
            second = first.copy()
            first.run(*(s[:40] for s in series))
            assert all(map(same, whole, got + second.run(*(s[cut:] for s in series))))


@pytest.mark.parametrize("name", BY_NAME)
def test_first_value_comes_after_the_warm_up(name: str) -> None:
    op = BY_NAME[name]
    for _, consts in (s for s in settings() if s[0] == name):
        kind = "constant" if any(a.kind == "truth" for a in op.args) else "walk"
        values = Runner(op, consts).run(*inputs(op, kind, 60))
        unknown = [y == 1 if op.result == "truth" else math.isnan(y) for y in values]
        assert unknown.index(False) == op.defined(consts)
        assert not any(unknown[op.defined(consts) :])
        assert op.settled is None or op.settled(consts) >= op.defined(consts)


def test_the_seed_weighs_under_a_thousandth_once_settled() -> None:
    assert BY_NAME["ema"].settled is not None and BY_NAME["atr"].settled is not None
    assert BY_NAME["ema"].settled((200,)) == 691
    assert BY_NAME["atr"].settled((14,)) == 94


@pytest.mark.parametrize("name", [n for n, op in BY_NAME.items() if op.fixed])
def test_fixed_operators_forget_where_the_series_started(name: str) -> None:
    op = BY_NAME[name]
    for _, consts in (s for s in settings() if s[0] == name):
        series = inputs(op, "ticks", 200)
        whole = Runner(op, consts).run(*series)
        late = Runner(op, consts).run(*(s[37:] for s in series))
        skip = (op.settled or op.defined)(consts)
        assert not bad_bars(late[skip:], whole[37 + skip :], 0.0)


def test_every_kernel_is_plain_text_the_emitter_can_copy() -> None:
    for op in BY_NAME.values():
        assert inspect.getsource(op.kernel).startswith("def ")
