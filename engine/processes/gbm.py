"""Geometric Brownian motion.

What: a price whose log returns are independent and normal: drift `mu` and volatility `sigma` per
year. The step is the exact lognormal one, so its length does not matter.
Why: the yardstick among price worlds: no jumps, no clusters of volatility, no fat tails. What a
strategy does here it owes to drift and chance alone.
Example:
    >>> gbm_step(100.0, 1.0, 0.0, 0.02, 0.2)
    100.0

Reference: Samuelson (1965), "Rational theory of warrant pricing", Industrial Management Review
6(2); moments of the lognormal law: Johnson, Kotz and Balakrishnan, Continuous Univariate
Distributions 1 (1994), chapter 14.
"""

from math import exp

from engine.ops.numbers import bounded, exp_, mul_rn, root
from engine.processes.spec import Moments, Param, Process


def gbm_step(x: float, dt: float, z: float, mu: float, sigma: float) -> float:
    drift = mul_rn(mu - mul_rn(0.5, mul_rn(sigma, sigma)), dt)
    shock = mul_rn(mul_rn(sigma, root(dt)), z)
    return bounded(mul_rn(x, exp_(drift + shock)))


def gbm_moments(x: float, t: float, mu: float, sigma: float) -> Moments:
    w = exp(sigma**2 * t)
    mean = x * exp(mu * t)
    variance = mean**2 * (w - 1)
    return Moments(mean, variance, (w**4 + 2 * w**3 + 3 * w**2 - 3) * variance**2)


GBM = Process(
    name="gbm",
    title="Geometric Brownian motion",
    params=(
        Param("mu", "drift per year, in the mean of the price", 0.05, -5.0, 5.0),
        Param("sigma", "volatility per root year", 0.2, 0.0, 5.0),
    ),
    kernel=gbm_step,
    moments=gbm_moments,
    start=100.0,
    formula="dx = mu x dt + sigma x dW",
    source="Samuelson (1965), Rational theory of warrant pricing",
)
