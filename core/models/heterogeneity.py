"""How sure the spread of studies' effects is: intervals of τ² and I² (metafor's `confint` of an `rma`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.models.tails import chi2_quantile
from core.models.two_stage import paule_mandel_score, reml_loglik, reml_tau2, root, typical_variance


@dataclass(frozen=True)
class Heterogeneity:
    """Limits of τ² and, with the same typical sampling variance, of I² in percent; None for fewer than two
    studies.
    """

    level: float
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2_low: float | None = None
    i2_high: float | None = None


def q_profile(estimates: ArrayLike, ses: ArrayLike, level: float = 0.95) -> Heterogeneity:
    """The values of τ² at which the generalized Q meets the quantiles of its χ² (Viechtbauer 2007, Stat Med 26).

    Study estimates (k,) with standard errors (k,), all finite, errors positive. Both limits are zero where Q is
    below the lower quantile already at τ² = 0.
    """
    effect, variance = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float) ** 2
    k = len(effect)
    if k < 2:
        return Heterogeneity(level)
    low, high = (_where_q_is(effect, variance, chi2_quantile(share, k - 1))
                 for share in ((1 + level) / 2, (1 - level) / 2))
    return _with_i2(level, low, high, variance)


def profile_limits(estimates: ArrayLike, ses: ArrayLike, level: float = 0.95) -> Heterogeneity:
    """The values of τ² at which the restricted likelihood has fallen by half a χ²(1) quantile from its top."""
    effect, variance = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float) ** 2
    if len(effect) < 2:
        return Heterogeneity(level)
    top = reml_tau2(effect, variance)
    cut = reml_loglik(effect, variance, top) - chi2_quantile(level, 1) / 2

    def above(tau2: float) -> float:
        return reml_loglik(effect, variance, tau2) - cut

    high = 2 * top + float(variance.max())
    while above(high) > 0:
        high *= 2
    low = 0.0 if above(0.0) >= 0 else root(above, 0.0, top)
    return _with_i2(level, low, root(above, top, high), variance)


def _where_q_is(effect: np.ndarray, variance: np.ndarray, quantile: float) -> float:
    def excess(tau2: float) -> float:
        return paule_mandel_score(effect, variance, tau2) + len(effect) - 1 - quantile

    if excess(0.0) <= 0:
        return 0.0
    high = float(effect.var() + variance.max())
    while excess(high) > 0:
        high *= 2
    return root(excess, 0.0, high)


def _with_i2(level: float, low: float, high: float, variance: np.ndarray) -> Heterogeneity:
    typical = typical_variance(variance)
    return Heterogeneity(level, low, high, 100 * low / (low + typical), 100 * high / (high + typical))
