"""Two stages: each study's own effect, then their random-effects pool (METHODS section 11; formulas as in
metafor).

τ² by REML (Viechtbauer 2005), DerSimonian & Laird 1986 or Paule & Mandel 1982, never below zero; the
interval by Hartung & Knapp 2001 and, beside it, Wald's; I² = 100 τ²/(τ² + v), v the typical sampling
variance (Higgins & Thompson 2002, eq. 9).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from core.models.moments import Array
from core.models.tails import normal_quantile, normal_two_sided, t_quantile, t_two_sided

PoolMethod = Literal["reml", "dl", "pm"]


@dataclass(frozen=True)
class StudyDifference:
    """One study's mean difference, active minus control, with Welch's standard error; a reason where there
    is none.
    """

    study: int
    n_active: int
    n_control: int
    estimate: float | None
    se: float | None
    reason: str | None = None


@dataclass(frozen=True)
class PooledEstimate:
    """The pool of k studies. `weights` (k,) in percent; `i2` in percent; the prediction interval needs three
    studies.

    `ci_low`, `ci_high`, `p` are Hartung and Knapp's, on k - 1 df; where k is 1 only Wald's exist.
    """

    level: float
    k: int
    method: PoolMethod
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    wald_low: float | None = None
    wald_high: float | None = None
    wald_p: float | None = None
    tau2: float | None = None
    i2: float | None = None
    q: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    weights: tuple[float, ...] = ()
    note: str = ""
    reason: str | None = None


def study_differences(y: ArrayLike, treatment: ArrayLike, study: ArrayLike) -> tuple[StudyDifference, ...]:
    """Each study's mean difference and Welch standard error, by study code. Arguments (n,), none missing."""
    values, arm, codes = np.asarray(y, dtype=float), np.asarray(treatment), np.asarray(study)
    active, control = arm == 1, arm == 0
    return tuple(_difference(int(code), values[active & (codes == code)], values[control & (codes == code)])
                 for code in np.unique(codes))


def _difference(study: int, active: Array, control: Array) -> StudyDifference:
    sizes = len(active), len(control)
    if min(sizes) == 0:
        arm = "active" if not sizes[0] else "control"
        return StudyDifference(study, *sizes, None, None, f"No patient in the {arm} arm.")
    if min(sizes) == 1:
        arm = "active" if sizes[0] == 1 else "control"
        return StudyDifference(study, *sizes, None, None, f"One patient in the {arm} arm: no standard error.")
    se = float(np.sqrt(active.var(ddof=1) / sizes[0] + control.var(ddof=1) / sizes[1]))
    if se == 0:
        return StudyDifference(study, *sizes, None, None, "The outcome does not vary within the arms.")
    return StudyDifference(study, *sizes, float(active.mean() - control.mean()), se)


def pool(estimates: ArrayLike, ses: ArrayLike, method: PoolMethod = "reml",
         level: float = 0.95) -> PooledEstimate:
    """The random-effects pool of study estimates (k,) with standard errors (k,), all finite, errors
    positive.
    """
    effect, variance = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float) ** 2
    k = len(effect)
    if k == 0:
        return PooledEstimate(level, 0, method, reason="No study has an estimate.")
    tau2 = _tau2(effect, variance, method) if k > 1 else 0.0
    weight = 1 / (variance + tau2)
    mean, se = float(weight @ effect / weight.sum()), float(weight.sum() ** -0.5)
    reach = normal_quantile((1 + level) / 2) * se
    wald = PooledEstimate(level, k, method, estimate=mean, se=se, wald_low=mean - reach,
                          wald_high=mean + reach, wald_p=normal_two_sided(mean / se),
                          weights=tuple(float(share) for share in 100 * weight / weight.sum()))
    if k == 1:
        return replace(wald, note="One study: nothing to pool.")
    fixed, typical = 1 / variance, typical_variance(variance)
    q = float(fixed @ (effect - fixed @ effect / fixed.sum()) ** 2)
    low, high, p = _hartung_knapp(effect, weight, mean, level)
    prediction_low, prediction_high = _prediction(mean, se, tau2, k, level)
    return replace(wald, ci_low=low, ci_high=high, p=p, tau2=tau2, i2=100 * tau2 / (tau2 + typical), q=q,
                   prediction_low=prediction_low, prediction_high=prediction_high)


def leave_one_out(estimates: ArrayLike, ses: ArrayLike, method: PoolMethod = "reml",
                  level: float = 0.95) -> tuple[PooledEstimate, ...]:
    """The pool without each study in turn, in the order of the studies."""
    effect, error = np.asarray(estimates, dtype=float), np.asarray(ses, dtype=float)
    return tuple(pool(np.delete(effect, s), np.delete(error, s), method, level) for s in range(len(effect)))


def typical_variance(variance: Array) -> float:
    """The sampling variance that I² holds τ² against (Higgins & Thompson 2002, eq. 9), of variances (k,)."""
    fixed = 1 / variance
    return float((len(variance) - 1) * fixed.sum() / (fixed.sum() ** 2 - fixed @ fixed))


def _hartung_knapp(effect: Array, weight: Array, mean: float, level: float) -> tuple[float, float, float]:
    """(low, high, p)."""
    k = len(effect)
    se = float(np.sqrt(weight @ (effect - mean) ** 2 / ((k - 1) * weight.sum())))
    reach = t_quantile((1 + level) / 2, k - 1) * se
    p = t_two_sided(mean / se, k - 1) if se > 0 else float(mean == 0)
    return mean - reach, mean + reach, p


def _prediction(mean: float, se: float, tau2: float, k: int,
                level: float) -> tuple[float | None, float | None]:
    """Where the effect of a new study lies: t on k - 2 df (Higgins, Thompson & Spiegelhalter 2009, eq.
    12).
    """
    if k < 3:
        return None, None
    reach = t_quantile((1 + level) / 2, k - 2) * float(np.sqrt(tau2 + se ** 2))
    return mean - reach, mean + reach


def _tau2(effect: Array, variance: Array, method: PoolMethod) -> float:
    if method == "dl":
        return _dersimonian_laird(effect, variance)
    if method == "reml":
        return reml_tau2(effect, variance)
    high = float(effect.var() + variance.max())
    return _downward_root(lambda tau2: paule_mandel_score(effect, variance, tau2), high)


def _dersimonian_laird(effect: Array, variance: Array) -> float:
    weight = 1 / variance
    q = weight @ (effect - weight @ effect / weight.sum()) ** 2
    excess = q - (len(effect) - 1)
    return max(0.0, float(excess / (weight.sum() - weight @ weight / weight.sum())))


def paule_mandel_score(effect: Array, variance: Array, tau2: float) -> float:
    """Generalized Q minus its df."""
    weight = 1 / (variance + tau2)
    return float(weight @ (effect - weight @ effect / weight.sum()) ** 2) - (len(effect) - 1)


def _reml_score(effect: Array, variance: Array, tau2: float) -> float:
    """The derivative of the restricted log likelihood, doubled: y'PPy - tr P."""
    weight = 1 / (variance + tau2)
    residual = weight * (effect - weight @ effect / weight.sum())
    return float(residual @ residual - weight.sum() + weight @ weight / weight.sum())


def reml_loglik(effect: Array, variance: Array, tau2: float) -> float:
    weight = 1 / (variance + tau2)
    residual = effect - weight @ effect / weight.sum()
    return float(np.log(weight).sum() - np.log(weight.sum()) - weight @ residual ** 2) / 2


def reml_tau2(effect: Array, variance: Array) -> float:
    """The τ² of greatest restricted likelihood: every place where the score turns from up to down, and
    zero.
    """
    top = 10 * float(effect.var(ddof=1) + variance.max())
    ladder = np.concatenate([[0.0], top * np.logspace(-8, 0, 65)])
    scores = [_reml_score(effect, variance, tau2) for tau2 in ladder]
    found = [0.0] if scores[0] <= 0 else []
    for low, high, before, after in zip(ladder[:-1], ladder[1:], scores[:-1], scores[1:], strict=True):
        if before > 0 >= after:
            found.append(root(lambda tau2: _reml_score(effect, variance, tau2), float(low), float(high)))
    return max(found, key=lambda tau2: reml_loglik(effect, variance, tau2))


def _downward_root(score: Callable[[float], float], high: float) -> float:
    """The root of a decreasing score, zero where it starts below zero."""
    if score(0.0) <= 0:
        return 0.0
    while score(high) > 0:
        high *= 2
    return root(score, 0.0, high)


def root(score: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(score, low, high, xtol=1e-14 * max(high, 1e-300), rtol=1e-14))
