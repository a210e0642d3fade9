"""The source for a GPU: what can be seen without one, and compiled where the extra is installed."""

import inspect

import pytest

from engine.compile import plan_values
from engine.emit.module import emit
from engine.ops import BY_NAME
from engine.run import cuda
from engine.session.evaluate import check_expression
from tests.ops.library import catalogue

needs_extra = pytest.mark.skipif(bool(cuda.missing()), reason=cuda.missing() or "installed")


def test_every_kernel_is_a_device_function_and_only_mul_rn_changes() -> None:
    text = cuda.kernel_text()
    assert text.count("def ") == text.count(cuda.DEVICE)
    for op in BY_NAME.values():
        assert f"def {op.kernel.__name__}(" in text
    assert "return dmul_rn(a, b)" in text and "return a * b\n" not in text
    assert inspect.getsource(BY_NAME["ema"].kernel) in text


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("fma.rn.f64 %fd3, %fd1, %fd2, %fd1;", "fused"),
        ("mad.rn.f32 %f3, %f1, %f2, %f1;", "fused"),
        ("div.approx.f32 %f3, %f1, %f2;", "approximate"),
        ("add.ftz.f32 %f3, %f1, %f2;", "flushes tiny values"),
        ("\tcall.uni (retval0), sma, (param0);", "calls"),
    ],
)
def test_ptx_that_rounds_otherwise_is_found(line: str, what: str) -> None:
    assert [fault.split(":")[0] for fault in cuda.faults(f"add.f64 %fd1;\n{line}\n")] == [what]


def test_ptx_that_rounds_as_python_does_passes() -> None:
    fine = "mul.rn.f64 %fd2;\nadd.f64 %fd3;\nmad.lo.s32 %r1;\ndiv.rn.f64 %fd4;\nsqrt.rn.f64 %fd5;"
    assert cuda.faults(fine) == []


@needs_extra
def test_a_product_that_feeds_a_sum_is_not_fused(monkeypatch: pytest.MonkeyPatch) -> None:
    value = check_expression("ema(close * close, 5 bars) + close * open", catalogue()).value
    plan = plan_values("t", {"value": value})
    made = cuda.compile_run(plan, emit(plan))
    assert cuda.faults(made.ptx) == [] and "mul.rn.f64" in made.ptx
    assert made.registers > 0 and made.spilled_bytes == 0
