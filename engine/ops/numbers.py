"""Scalar arithmetic shared by every kernel: na, guards, truth values, exp and log (floor 2).

What: numbers are floats with nan for na; truth values are ints, FALSE 0, UNKNOWN 1, TRUE 2.
Why: the same text runs as plain Python, under numba and on CUDA, and must give the same bits, so
nothing here calls libm and nothing raises. A result beyond LIMIT is na, so infinity never appears:
sums of values within LIMIT stay finite, and every product, quotient and exp is bounded again.
Reference: IEEE 754-2019; Kleene, Introduction to Metamathematics (1952), section 64; log follows
fdlibm's e_log.c reduction (Sun Microsystems 1993) with the plain atanh series for its coefficients.
"""

from math import nan, sqrt

from engine.ops.spec import FALSE, TRUE, UNKNOWN

NA = nan
LIMIT = 1e150
"""Largest magnitude of a number; its square is finite. Beyond it a value is na."""

Ring = list[float]


def mul_rn(a: float, b: float) -> float:
    """Product rounded on its own: CUDA replaces this, so that no product fuses with an add."""
    return a * b


def bounded(y: float) -> float:
    """The number itself, or na when it is beyond LIMIT."""
    return y if (y <= LIMIT) & (y >= -LIMIT) else NA


def div(a: float, b: float) -> float:
    """Quotient; na when `b` is zero, when either is na, and when it overflows."""
    return bounded(a / (b if b != 0.0 else NA))


def root(x: float) -> float:
    """Square root; na below zero."""
    return sqrt(x if x >= 0.0 else NA)


def known(x: float) -> float:
    """The number itself, or zero for na: what a running sum adds."""
    return x if x == x else 0.0


def larger(a: float, b: float) -> float:
    """The larger of two numbers; na when either is."""
    return a if (a > b) | (a != a) else b


def smaller(a: float, b: float) -> float:
    """The smaller of two numbers; na when either is."""
    return a if (a < b) | (a != a) else b


# Comparisons: both tests are false when an operand is na, which leaves UNKNOWN (1).


def lt(a: float, b: float) -> int:
    return 1 + (a < b) - (a >= b)


def gt(a: float, b: float) -> int:
    return 1 + (a > b) - (a <= b)


def le(a: float, b: float) -> int:
    return 1 + (a <= b) - (a > b)


def ge(a: float, b: float) -> int:
    return 1 + (a >= b) - (a < b)


def eq(a: float, b: float) -> int:
    return 1 + (a == b) - ((a < b) | (a > b))


def ne(a: float, b: float) -> int:
    return 1 + ((a < b) | (a > b)) - (a == b)


def and_(a: int, b: int) -> int:
    """Kleene and: the smaller."""
    return a if a < b else b


def or_(a: int, b: int) -> int:
    """Kleene or: the larger."""
    return a if a > b else b


def not_(a: int) -> int:
    return 2 - a


def sel(c: int, a: float, b: float) -> float:
    """`a` when true, `b` when false, na when unknown."""
    return a if c == TRUE else (b if c == FALSE else NA)


def sel_truth(c: int, a: int, b: int) -> int:
    """`a` when true, `b` when false, unknown when unknown."""
    return a if c == TRUE else (b if c == FALSE else UNKNOWN)


LN2_HIGH = 6.93147180369123816490e-01
"""The first 33 bits of log 2: a multiple by any exponent is exact."""
LN2_LOW = 1.90821492927058770002e-10
INV_LN2 = 1.44269504088896338700e00
EXP_LOW = -690.0
EXP_HIGH = 346.0
HALF_ROOT = 0.7071067811865476


def exp_(x: float) -> float:
    """e to the power x, relative error below 4e-16; na beyond LIMIT, zero below e**-690.

    x = k log 2 + r with |r| <= 0.35; exp(r) by its Taylor series; then exact doubling or halving.
    """
    inside = (x >= EXP_LOW) & (x <= EXP_HIGH)
    v = x if inside else 0.0
    k = int(v * INV_LN2 + (0.5 if v >= 0.0 else -0.5))
    high = v - mul_rn(float(k), LN2_HIGH)
    r = high - mul_rn(float(k), LN2_LOW)
    y = bounded(scale(1.0 + (r + mul_rn(mul_rn(r, r), exp_tail(r))), k))
    return y if inside else (0.0 if x < EXP_LOW else NA)


def exp_tail(r: float) -> float:
    """(exp(r) - 1 - r) / r**2 = 1/2! + r/3! + ... + r**12/14! for |r| <= 0.35."""
    p = 1.0 / 87178291200.0
    p = mul_rn(p, r) + 1.0 / 6227020800.0
    p = mul_rn(p, r) + 1.0 / 479001600.0
    p = mul_rn(p, r) + 1.0 / 39916800.0
    p = mul_rn(p, r) + 1.0 / 3628800.0
    p = mul_rn(p, r) + 1.0 / 362880.0
    p = mul_rn(p, r) + 1.0 / 40320.0
    p = mul_rn(p, r) + 1.0 / 5040.0
    p = mul_rn(p, r) + 1.0 / 720.0
    p = mul_rn(p, r) + 1.0 / 120.0
    p = mul_rn(p, r) + 1.0 / 24.0
    p = mul_rn(p, r) + 1.0 / 6.0
    return mul_rn(p, r) + 0.5


def scale(y: float, k: int) -> float:
    """y times 2**k for |k| < 1000, exactly while the result is in the normal range."""
    n = k if k >= 0 else -k
    p = ((2.0 if n & 1 else 1.0) * (2.0**2 if n & 2 else 1.0)) * (
        (2.0**4 if n & 4 else 1.0) * (2.0**8 if n & 8 else 1.0)
    )
    q = ((2.0**16 if n & 16 else 1.0) * (2.0**32 if n & 32 else 1.0)) * (
        (2.0**64 if n & 64 else 1.0) * (2.0**128 if n & 128 else 1.0)
    )
    p = p * q * ((2.0**256 if n & 256 else 1.0) * (2.0**512 if n & 512 else 1.0))
    return y * p if k >= 0 else y / p


def log_(x: float) -> float:
    """Natural logarithm, relative error below 4e-16; na at and below zero.

    x = 2**k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)], found by exact scaling; then, with
    s = f / (2 + f), log(1 + f) = 2s + 2s**3/3 + 2s**5/5 + ..., added so that f itself stays exact.
    """
    inside = (x > 0.0) & (x <= LIMIT)
    m = x if inside else 1.0
    k = 0
    if (m < HALF_ROOT) | (m > 2.0 * HALF_ROOT):
        m, k = reduce(m)
    f = m - 1.0
    s = f / (2.0 + f)
    half = mul_rn(mul_rn(0.5, f), f)
    small = mul_rn(s, half + log_tail(s * s)) + mul_rn(float(k), LN2_LOW)
    y = mul_rn(float(k), LN2_HIGH) - ((half - small) - f)
    return y if inside else NA


def reduce(m: float) -> tuple[float, int]:
    """The m = 2**k r with r in [sqrt(1/2), sqrt(2)], as (r, k), by exact scaling."""
    k = 0
    if (m < 2.0**-31) | (m >= 2.0**32):
        if m < 2.0**-1000:
            m, k = m * 2.0**54, -54
        m, k = fold(m, k, 512, 2.0**512, 2.0**-512)
        m, k = fold(m, k, 256, 2.0**256, 2.0**-256)
        m, k = fold(m, k, 128, 2.0**128, 2.0**-128)
        m, k = fold(m, k, 64, 2.0**64, 2.0**-64)
        m, k = fold(m, k, 32, 2.0**32, 2.0**-32)
    m, k = fold(m, k, 16, 2.0**16, 2.0**-16)
    m, k = fold(m, k, 8, 2.0**8, 2.0**-8)
    m, k = fold(m, k, 4, 2.0**4, 2.0**-4)
    m, k = fold(m, k, 2, 2.0**2, 2.0**-2)
    m, k = fold(m, k, 1, 2.0, 0.5)
    above = m > 2.0 * HALF_ROOT
    return (m * 0.5 if above else m), k + above


def fold(m: float, k: int, bits: int, up: float, down: float) -> tuple[float, int]:
    """One halving of the search for the exponent: m leaves nearer to [1, 2)."""
    big = m >= up
    small = m < 2.0 * down
    return m * (down if big else (up if small else 1.0)), k + bits * (big - small)


def log_tail(z: float) -> float:
    """2z/3 + 2z**2/5 + 2z**3/7 + ... for z = s**2 <= 0.0295."""
    p = 2.0 / 25.0
    p = mul_rn(p, z) + 2.0 / 23.0
    p = mul_rn(p, z) + 2.0 / 21.0
    p = mul_rn(p, z) + 2.0 / 19.0
    p = mul_rn(p, z) + 2.0 / 17.0
    p = mul_rn(p, z) + 2.0 / 15.0
    p = mul_rn(p, z) + 2.0 / 13.0
    p = mul_rn(p, z) + 2.0 / 11.0
    p = mul_rn(p, z) + 2.0 / 9.0
    p = mul_rn(p, z) + 2.0 / 7.0
    p = mul_rn(p, z) + 2.0 / 5.0
    p = mul_rn(p, z) + 2.0 / 3.0
    return mul_rn(p, z)
