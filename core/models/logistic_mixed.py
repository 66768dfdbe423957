"""Logistic mixed model with a random study intercept: odds ratio, risks and number needed to treat (METHODS
section 6).

Estimates by adaptive Gauss-Hermite quadrature (one node = Laplace's approximation = lme4's default), the
profile interval on the same approximation, the standard error from its whole Hessian. The odds ratio is that
within a study. Separation and infinite limits come back as "not estimable" with a reason, never as a huge
number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from core.models.absolute_risk import (
    LARGEST,
    bootstrap_difference,
    number_needed,
    number_needed_text,
    standardized_risks,
)
from core.models.estimate import EffectEstimate, Estimate, Interval
from core.models.logistic_likelihood import Cells, cells, hessian, maximize
from core.models.logistic_limits import limits_at
from core.models.moments import Array
from core.models.profile import crossing
from core.models.tails import chi2_quantile, normal_quantile, normal_two_sided
from core.progress import Progress, silent

STARTS = (0.0, 0.3, 1.0, 2.5)  # of τ: the likelihood can have a maximum at zero and another inside
ZERO = 1e-6  # of τ, which nears zero without meeting it
TREATMENT = 1  # its column in the design


@dataclass(frozen=True)
class LogisticFit:
    """One fit: `beta` (p,) and `cov` (p, p) on the log odds scale, the intercept first; `tau2` None for one
    study.
    """

    beta: Array
    cov: Array
    tau2: float | None
    loglik: float
    deviance: float
    aic: float
    boundary: tuple[str, ...]
    quadrature: int
    n: int
    k: int


@dataclass(frozen=True)
class LogisticEstimate(EffectEstimate):
    """The effect of treatment on a yes-or-no outcome: `effect` is an odds ratio, its standard error on the log
    scale.

    `nnt_low` = 1/`ard_high` and `nnt_high` = 1/`ard_low`; where the risk difference's interval contains 0
    they have opposite signs and mean "NNTB nnt_low to infinity to NNTH -nnt_high", as `nnt_text` says.
    """

    marginal_or: float | None = None
    risk_active: float | None = None
    risk_control: float | None = None
    ard: float | None = None
    ard_low: float | None = None
    ard_high: float | None = None
    nnt: float | None = None
    nnt_low: float | None = None
    nnt_high: float | None = None
    nnt_text: str = ""
    failed: int = 0
    replicates: int = 0
    fit: LogisticFit | None = None

    @property
    def log_or(self) -> float | None:
        return None if self.effect is None else math.log(self.effect.value)

    @property
    def tau2(self) -> float | None:
        return None if self.fit is None else self.fit.tau2

    @property
    def boundary(self) -> tuple[str, ...]:
        return () if self.fit is None else self.fit.boundary


def treatment_effect(event: ArrayLike, treatment: ArrayLike, study: ArrayLike, covariates: ArrayLike | None = None, *,
                     quadrature: int = 15, level: float = 0.95, replicates: int,
                     stream: Callable[[int], np.random.Generator], progress: Progress = silent) -> LogisticEstimate:
    """The published model of response and remission.

    `event`, `treatment` (0/1) and `study` (integer codes) are (n,), `covariates` (n, q) or None; none
    missing. `stream(i)` is the generator of bootstrap replicate i; with 0 `replicates` there is no interval
    of the difference.
    """
    arm = np.asarray(treatment, dtype=float)
    if not len(arm):
        return LogisticEstimate(level=level, n=0, k=0, n_active=0, n_control=0, reason="No patients.")
    columns = arm[:, None] if covariates is None else np.column_stack([arm, np.asarray(covariates, dtype=float)])
    data = cells(event, columns, study)
    empty = LogisticEstimate(level=level, n=len(arm), k=data.k, n_active=int((arm == 1).sum()),
                             n_control=int((arm == 0).sum()))
    reason = why_not(data)
    if reason is not None:
        return replace(empty, reason=reason)
    at, loglik = best(data, quadrature)
    if at is None:
        return replace(empty, reason="The estimates run to infinity (separation): not estimable.")
    fit = record(data, at, loglik, quadrature)
    with_odds = _odds(empty, data, at, fit, level)
    if with_odds.reason is not None:
        return with_odds
    return _risks(with_odds, data, at, quadrature, replicates, stream, progress)


def fit_logistic(event: ArrayLike, covariates: ArrayLike, study: ArrayLike, quadrature: int = 15) -> LogisticFit:
    """The fitted model of any covariates (n, p - 1). Raises ValueError with the reason where there is no
    estimate.
    """
    data = cells(event, covariates, study)
    at, loglik = best(data, quadrature)
    if at is None:
        raise ValueError("The estimates run to infinity (separation): not estimable.")
    return record(data, at, loglik, quadrature)


def why_not(data: Cells) -> str | None:
    """Why the effect of treatment is not estimable, seen before any fit; None where it may be."""
    n, events = data.trials.sum(), data.events.sum()
    active = data.design[:, TREATMENT] == 1
    for name, arm in (("active", active), ("control", ~active)):
        if not arm.any():
            return f"No patient in the {name} arm."
    if events in (0, n):
        return f"{'No patient' if events == 0 else 'Every patient'} had the event: not estimable."
    for name, arm in (("active", active), ("control", ~active)):
        if data.events[arm].sum() == 0:
            return f"No patient of the {name} arm had the event: the odds ratio is not estimable."
        if data.events[arm].sum() == data.trials[arm].sum():
            return f"Every patient of the {name} arm had the event: the odds ratio is not estimable."
    if data.k > 1 and data.k == n:
        return "Every study has one patient, so the variance between studies cannot be told from that within."
    if n <= data.p + (data.k > 1):
        return f"{int(n)} patients are too few for a model of {data.p + (data.k > 1)} parameters."
    if np.linalg.matrix_rank(data.design) < data.p:
        return "A covariate is constant or determined by others."
    return None


def best(data: Cells, quadrature: int, fixed_at: tuple[int, float] | None = None,
         near: Array | None = None) -> tuple[Array | None, float]:
    """(parameters (p + 1,), log likelihood) of the greatest likelihood; None for parameters that run to
    infinity.

    `fixed_at` holds one coefficient (its place, its value); `near` are parameters to start from as well.
    """
    free = np.ones(data.p + 1, dtype=bool)
    start = np.zeros((len(STARTS) if data.k > 1 else 1, data.p + 1))
    rate = data.events.sum() / data.trials.sum()
    start[:, 0] = np.log(rate / (1 - rate))
    if near is not None:
        start[:, :-1] = near[:-1]
    start[:, -1] = STARTS[:len(start)]
    if near is not None:
        start[-1] = near
    if data.k == 1:
        free[-1] = False
    if fixed_at is not None:
        free[fixed_at[0]] = False
        start[:, fixed_at[0]] = fixed_at[1]
    at, loglik, done = maximize(data, data.events[None], start, quadrature, free)
    place = int(np.argmax(np.round(loglik, 9)))
    tau = abs(at[place, -1])
    found = np.concatenate([at[place, :-1], [tau if tau > ZERO else 0.0]])
    spread = np.ptp(data.design, axis=0)
    is_far = (np.abs(found[:-1]) * np.where(spread > 0, spread, 0.0) > LARGEST).any() or found[-1] > LARGEST
    if fixed_at is None and (is_far or not done[place]):
        return None, float(loglik[place])
    return found, float(loglik[place])


def record(data: Cells, at: Array, loglik: float, quadrature: int) -> LogisticFit:
    """A solution as a record; the covariance of β from the Hessian in all parameters, τ among them."""
    tau = float(at[-1])
    has_tau = data.k > 1
    inside = np.ones(data.p + 1, dtype=bool)
    inside[-1] = has_tau and tau > 0  # at τ = 0 the likelihood is even in τ: uncorrelated with the rest
    curve = -hessian(data, at, quadrature)[np.ix_(inside, inside)]
    cov = np.linalg.inv(curve)[:data.p, :data.p]
    parameters = data.p + has_tau
    return LogisticFit(beta=at[:-1], cov=cov, tau2=tau ** 2 if has_tau else None, loglik=loglik, deviance=-2 * loglik,
                       aic=-2 * loglik + 2 * parameters, boundary=("tau2",) if has_tau and tau == 0 else (),
                       quadrature=quadrature, n=int(data.trials.sum()), k=data.k)


def profile_limits(data: Cells, at: Array, fit: LogisticFit, term: int,
                   level: float) -> tuple[float | None, float | None]:
    """Limits of one coefficient where the deviance, minimized over all else, has risen by a χ²(1)
    quantile; None where it never does.
    """
    rise = chi2_quantile(level, 1)
    found = limits_at(data, fit.quadrature, term, at, STARTS, fit.loglik - rise / 2)

    def deviance_at(value: float) -> float:
        return -2 * best(data, fit.quadrature, (term, value), at)[1]

    reach = normal_quantile((1 + level) / 2) * float(np.sqrt(fit.cov[term, term]))
    low, high = (limit if limit is not None else crossing(deviance_at, float(fit.beta[term]), side * reach,
                                                          fit.deviance + rise)
                 for side, limit in zip((-1, 1), found, strict=True))
    return low, high


def _odds(empty: LogisticEstimate, data: Cells, at: Array, fit: LogisticFit, level: float) -> LogisticEstimate:
    log_or, variance = float(fit.beta[TREATMENT]), float(fit.cov[TREATMENT, TREATMENT])
    if not variance > 0:
        return replace(empty, reason="The likelihood does not settle the odds ratio: not estimable.")
    low, high = profile_limits(data, at, fit, TREATMENT, level)
    if low is None or high is None:
        return replace(empty, reason="A limit of the odds ratio is infinite: not estimable.")
    se = float(np.sqrt(variance))
    note = "The variance between studies is estimated as zero." if fit.boundary else ""
    if data.k == 1:
        note = "One study: ordinary logistic regression."
    log_odds = Estimate(log_or, "log_odds", se, None, normal_two_sided(log_or / se),
                        Interval(low, high, level, "profile"))
    return replace(empty, effect=log_odds.exponentiated(), note=note, fit=fit)


def _risks(with_odds: LogisticEstimate, data: Cells, at: Array, quadrature: int, replicates: int,
           stream: Callable[[int], np.random.Generator], progress: Progress) -> LogisticEstimate:
    control, active = (float(risk) for risk in standardized_risks(data, at[None], TREATMENT)[0])
    ard = active - control
    interval = bootstrap_difference(data, at, TREATMENT, quadrature, level=with_odds.level, replicates=replicates,
                                    stream=stream, progress=progress)
    text = ""
    if interval.low is not None and interval.high is not None:
        text = number_needed_text(ard, interval.low, interval.high)
    return replace(with_odds, risk_active=active, risk_control=control, ard=ard, ard_low=interval.low,
                   ard_high=interval.high, marginal_or=active / (1 - active) / (control / (1 - control)),
                   nnt=number_needed(ard), nnt_low=number_needed(interval.high), nnt_high=number_needed(interval.low),
                   nnt_text=text, failed=interval.failed, replicates=replicates)
