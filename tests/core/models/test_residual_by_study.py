"""A residual variance for each study: the definition over patients, and that equal variances change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from core.models.criterion import Slope, Structure
from core.models.linear_mixed import PUBLISHED, RECOMMENDED
from core.models.moments import from_rows
from core.models.residual_by_study import ByStudyEstimate, estimate_by_study

STRATIFIED = Structure(Slope("treatment", 0.5), stratified=True)
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]


def noisy(seed: int, k: int = 5) -> Rows:
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(k), rng.integers(10, 20, k))
    treatment = np.arange(len(study)) % 2.0
    spread = np.exp(rng.normal(0, 0.7, k))[study]
    y = 5 + treatment + 0.8 * rng.normal(size=k)[study] + 0.5 * rng.normal(size=k)[study] * (treatment - 0.5)
    return y + spread * rng.normal(size=len(study)), treatment, study


def estimated(data: Rows, structure: Structure, **options) -> ByStudyEstimate:
    y, treatment, study = data
    return estimate_by_study(from_rows({"treatment": treatment, "y": y}, study), "y", ["treatment"], "treatment",
                             structure, **options)


def dense(data: Rows, structure: Structure, variances: np.ndarray, *, reml: bool,
          held: float | None = None) -> tuple[float, float, float]:
    """(deviance, effect, its variance) at variances [residual by study, tau2 (if random), slope_var]."""
    y, treatment, study = data
    k = len(np.unique(study))
    z = treatment - 0.5
    between = list(variances[k:])
    tau2 = 0.0 if structure.stratified else between.pop(0)
    slope_var = between.pop(0) if between else 0.0
    v = np.diag(variances[study]) + (study[:, None] == study) * (tau2 + slope_var * np.outer(z, z))
    other = [(study == code).astype(float) for code in range(k)] if structure.stratified else [np.ones(len(y))]
    x = np.column_stack(other if held is not None else [treatment, *other])
    target = y - held * treatment if held is not None else y
    inverse = np.linalg.inv(v)
    cov = np.linalg.inv(x.T @ inverse @ x)
    beta = cov @ x.T @ inverse @ target
    rest = target - x @ beta
    nu = len(y) - x.shape[1] if reml else len(y)
    value = nu * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + rest @ inverse @ rest
    return float(value - np.linalg.slogdet(cov)[1] if reml else value), float(beta[0]), float(cov[0, 0])


@pytest.mark.parametrize("structure", [PUBLISHED, RECOMMENDED, STRATIFIED])
@pytest.mark.parametrize("seed", range(3))
def test_it_reaches_the_least_deviance(seed: int, structure: Structure) -> None:
    data = noisy(seed)
    ours = estimated(data, structure, ci="t")
    assert ours.effect is not None and ours.loglik is not None
    between = [value for value in (ours.tau2, ours.slope_var) if value is not None]
    variances = np.array([*ours.residual_variances.values(), *between])
    deviance, effect, variance = dense(data, structure, variances, reml=True)
    assert -2 * ours.loglik == pytest.approx(deviance, abs=1e-6)
    assert ours.effect.value == pytest.approx(effect, rel=1e-7)
    assert ours.effect.se == pytest.approx(np.sqrt(variance), rel=1e-7)
    found = minimize(lambda logs: dense(data, structure, np.exp(logs), reml=True)[0], np.zeros(len(variances)),
                     method="BFGS")
    assert deviance <= found.fun + 1e-5


def test_profile_limits_are_where_the_minimized_deviance_has_risen() -> None:
    data = noisy(4, k=3)
    ours = estimated(data, PUBLISHED)
    assert ours.effect is not None and ours.effect.interval is not None and ours.effect.interval.method == "profile"

    def least(held: float | None) -> float:
        return min(minimize(lambda logs: dense(data, PUBLISHED, np.exp(logs), reml=False, held=held)[0], start,
                            method="BFGS").fun for start in (np.zeros(4), np.array([0.0, 0.0, 0.0, -4.0])))

    for limit in (ours.effect.interval.low, ours.effect.interval.high):
        assert least(limit) == pytest.approx(least(None) + chi2.ppf(0.95, 1), abs=1e-4)


def test_satterthwaite_of_two_groups_without_studies_is_welch() -> None:
    """Each arm a 'study' with an intercept of its own is Welch's test: df of the difference of two means."""
    rng = np.random.default_rng(3)
    sizes, spreads = (12, 25), (1.0, 4.0)
    y = np.concatenate([spread * rng.normal(size=size) for size, spread in zip(sizes, spreads, strict=True)])
    study = np.repeat([0, 1], sizes)
    x = np.concatenate([np.linspace(-1, 1, size) for size in sizes])
    ours = estimate_by_study(from_rows({"x": x, "y": y}, study), "y", ["x"], "x", Structure(stratified=True), ci="t")
    assert ours.effect is not None and ours.effect.df is not None
    assert min(sizes) - 2 <= ours.effect.df <= sum(sizes) - 3


def test_a_study_that_is_explained_exactly_is_refused_in_words() -> None:
    y, treatment, study = noisy(1)
    keep = (study != 2) | (np.cumsum(study == 2) <= 2)
    ours = estimated((y[keep], treatment[keep], study[keep]), PUBLISHED)
    assert ours.effect is None
    assert ours.reason == "Study 2 has too few patients, or too equal ones, for a residual variance of its own."
