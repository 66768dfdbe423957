"""Limits of variances: where the deviance, minimized over all else, is the threshold; by the definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from core.models.criterion import Slope, Structure
from core.models.linear_mixed import PUBLISHED, RECOMMENDED, Fitted, fit
from core.models.moments import from_rows
from core.models.variance_limits import variance_interval
from tests.core.models.trials import Rows, trial

CORRELATED = Structure(Slope("treatment", 0.5), correlated=True)
STRATIFIED = Structure(Slope("treatment", 0.5), stratified=True)


def fitted(data: Rows, structure: Structure, *, reml: bool = True) -> Fitted:
    y, treatment, study = data
    found = fit(from_rows({"treatment": treatment, "y": y}, study), "y", ["treatment"], structure, reml=reml)
    assert isinstance(found, Fitted)
    return found


def deviance_with(data: Rows, structure: Structure, component: str, value: float) -> float:
    """The ML deviance over patients with one variance held, minimized over the others from several starts."""
    y, treatment, study = data
    same = study[:, None] == study
    x = np.column_stack([np.ones(len(y)), treatment])
    if structure.stratified:
        x = np.column_stack([treatment, *((study == code).astype(float) for code in np.unique(study))])
    z = treatment - 0.5

    def deviance(variances: dict[str, float]) -> float:
        tau2, cross = variances.get("tau2", 0.0), variances.get("covariance", 0.0)
        v = variances["sigma2"] * np.eye(len(y)) + same * (
            tau2 + cross * (z[:, None] + z) + variances.get("slope_var", 0.0) * np.outer(z, z))
        sign, log_det = np.linalg.slogdet(v)
        if sign <= 0:
            return 1e9
        inverse = np.linalg.inv(v)
        rest = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        return float(len(y) * np.log(2 * np.pi) + log_det + rest @ inverse @ rest)

    record = fitted(data, structure).record
    names = [name for name in ("sigma2", "tau2", "slope_var") if getattr(record, name) is not None and name != component]

    def of(parameters: np.ndarray) -> float:
        variances = {component: value} | {name: part ** 2 for name, part in zip(names, parameters, strict=False)}
        if structure.correlated:
            variances["covariance"] = np.tanh(parameters[-1]) * np.sqrt(variances["tau2"] * variances["slope_var"])
        return deviance(variances)

    starts = [[np.sqrt(max(getattr(record, name), 0.02)) for name in names], [0.9] * len(names), [0.2] * len(names)]
    starts = [start + [0.1] * structure.correlated for start in starts]
    return min(minimize(of, start, method="Nelder-Mead",
                        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 3000}).fun for start in starts)


@pytest.mark.parametrize(("structure", "component", "seed"), [
    (PUBLISHED, "tau2", 1), (PUBLISHED, "sigma2", 1), (RECOMMENDED, "tau2", 2), (RECOMMENDED, "slope_var", 2),
    (RECOMMENDED, "slope_var", 5), (RECOMMENDED, "sigma2", 2), (STRATIFIED, "slope_var", 2), (CORRELATED, "tau2", 2),
    (CORRELATED, "slope_var", 2)])
def test_limits_are_where_the_minimized_deviance_has_risen(structure: Structure, component: str, seed: int) -> None:
    data = trial(seed, k=6, tau=0.8, nu=1.0, size=9)
    limits = variance_interval(fitted(data, structure), component)
    threshold = fitted(data, structure, reml=False).record.deviance + chi2.ppf(0.95, 1)
    assert deviance_with(data, structure, component, limits.high) == pytest.approx(threshold, abs=1e-4)
    if limits.low > 0:
        assert deviance_with(data, structure, component, limits.low) == pytest.approx(threshold, abs=1e-4)
    else:
        assert deviance_with(data, structure, component, 0.0) <= threshold


def test_a_lower_limit_of_zero_is_where_zero_lies_within() -> None:
    data = trial(3, tau=0.0, nu=0.0)
    limits = variance_interval(fitted(data, RECOMMENDED), "slope_var")
    assert limits.low == 0 < limits.high
    assert variance_interval(fitted(trial(1, tau=3.0), PUBLISHED), "tau2").low > 0


def test_limits_scale_with_the_square_of_the_unit() -> None:
    y, treatment, study = trial(4, tau=1.0)
    a, b = (variance_interval(fitted((unit * y, treatment, study), RECOMMENDED), "tau2") for unit in (1.0, 100.0))
    assert (b.low, b.high) == pytest.approx((1e4 * a.low, 1e4 * a.high), rel=1e-5)


def test_a_variance_that_is_not_in_the_model_has_no_limits() -> None:
    with pytest.raises(ValueError, match="slope_var is not in the model"):
        variance_interval(fitted(trial(1), PUBLISHED), "slope_var")


def test_one_study_has_limits_of_its_residual_variance() -> None:
    """Ordinary least squares: n log σ² + rss/σ² against its least value."""
    y, treatment, study = trial(2, k=1, size=30)
    limits = variance_interval(fitted((y, treatment, study), PUBLISHED), "sigma2")
    rest = y - np.where(treatment == 1, y[treatment == 1].mean(), y[treatment == 0].mean())
    rss, n = float(rest @ rest), len(y)
    for sigma2 in (limits.low, limits.high):
        risen = n * np.log(sigma2) + rss / sigma2 - (n * np.log(rss / n) + n)
        assert risen == pytest.approx(chi2.ppf(0.95, 1), rel=1e-8)
