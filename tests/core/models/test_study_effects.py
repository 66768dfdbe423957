"""Conditional effects, predictions and residuals, against the formulas written out over patients."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.criterion import Slope, Structure
from core.models.linear_mixed import PUBLISHED, RECOMMENDED, Fitted, fit
from core.models.moments import from_rows
from core.models.study_effects import predict, residuals, study_effects
from tests.core.models.trials import trial

CORRELATED = Structure(Slope("treatment", 0.5), correlated=True)
STRATIFIED = Structure(Slope("treatment", 0.5), stratified=True)


def fitted(seed: int, structure: Structure) -> tuple[Fitted, dict[str, np.ndarray], np.ndarray]:
    y, treatment, study = trial(seed, k=6, tau=1.0, nu=0.8)
    columns = {"treatment": treatment, "y": y}
    found = fit(from_rows(columns, study + 10), "y", ["treatment"], structure)
    assert isinstance(found, Fitted)
    return found, columns, study + 10


def covariance(found: Fitted) -> np.ndarray:
    record = found.record
    if record.slope_var is None:
        return np.array([[record.tau2]])
    cross = record.covariance or 0.0
    return np.array([[record.tau2, cross], [cross, record.slope_var]])


@pytest.mark.parametrize("structure", [PUBLISHED, RECOMMENDED, CORRELATED])
@pytest.mark.parametrize("seed", range(4))
def test_conditional_effects_are_the_best_linear_predictions(seed: int, structure: Structure) -> None:
    """b = D Z'V⁻¹(y - Xβ), with Var(b | y) = D - D Z'V⁻¹Z D."""
    found, columns, study = fitted(seed, structure)
    ours, d = study_effects(found), covariance(found)
    assert ours.studies == tuple(range(10, 16))
    for s, code in enumerate(ours.studies):
        mine = study == code
        z = np.column_stack([np.ones(mine.sum()), columns["treatment"][mine] - 0.5])[:, :len(d)]
        inverse = np.linalg.inv(found.record.sigma2 * np.eye(mine.sum()) + z @ d @ z.T)
        rest = columns["y"][mine] - found.record.beta[0] - found.record.beta[1] * columns["treatment"][mine]
        effects = d @ z.T @ inverse @ rest
        errors = np.sqrt(np.maximum(np.diag(d - d @ z.T @ inverse @ z @ d), 0))
        assert ours.intercept[s] == pytest.approx(effects[0], rel=1e-6, abs=1e-8)
        assert ours.intercept_se[s] == pytest.approx(errors[0], rel=1e-5, abs=1e-6)
        if len(d) > 1:
            assert ours.slope[s] == pytest.approx(effects[1], rel=1e-6, abs=1e-8)
            assert ours.slope_se[s] == pytest.approx(errors[1], rel=1e-5, abs=1e-6)


def test_intercepts_that_were_swept_out_come_back() -> None:
    """As the generalized least squares coefficients of the studies' dummy columns."""
    found, columns, study = fitted(2, STRATIFIED)
    ours, record = study_effects(found), found.record
    treatment = columns["treatment"]
    x = np.column_stack([treatment, *((study == code).astype(float) for code in range(10, 16))])
    same = study[:, None] == study
    v = record.sigma2 * np.eye(len(study)) + same * record.slope_var * np.outer(treatment - 0.5, treatment - 0.5)
    inverse = np.linalg.inv(v)
    beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ columns["y"])
    np.testing.assert_allclose(ours.intercept, beta[1:], rtol=1e-7)


@pytest.mark.parametrize("structure", [PUBLISHED, RECOMMENDED, CORRELATED, STRATIFIED, Structure(stratified=True)])
def test_residuals_add_up(structure: Structure) -> None:
    found, columns, study = fitted(1, structure)
    ours = residuals(found, columns, study)
    effects = study_effects(found)
    slope = np.zeros(6) if effects.slope is None else effects.slope
    own = slope[study - 10] * (columns["treatment"] - 0.5)
    if not structure.stratified:
        own = own + effects.intercept[study - 10]
    np.testing.assert_allclose(ours.marginal - own, ours.conditional, atol=1e-10)
    np.testing.assert_allclose(ours.standardized, ours.conditional / np.sqrt(found.record.sigma2))
    if structure.stratified:  # an intercept of its own leaves each study a mean of zero
        means = [ours.conditional[study == code].mean() for code in range(10, 16)]
        np.testing.assert_allclose(means, 0, atol=1e-9)


def test_predictions_widen_from_the_mean_to_a_study_to_a_patient() -> None:
    found, _, _ = fitted(3, CORRELATED)
    at = {"treatment": [0.0, 1.0]}
    mean, study, patient = (predict(found, at, of=of) for of in ("mean", "new_study", "new_patient"))
    record = found.record
    lines = np.array([[1.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(mean.mean, lines @ record.beta)
    np.testing.assert_allclose(mean.se ** 2, np.einsum("ri,ij,rj->r", lines, record.cov, lines))
    z = np.array([[1.0, -0.5], [1.0, 0.5]])
    between = np.einsum("ri,ij,rj->r", z, covariance(found), z)
    np.testing.assert_allclose(study.se ** 2 - mean.se ** 2, between, rtol=1e-8)
    np.testing.assert_allclose(patient.se ** 2 - study.se ** 2, record.sigma2)
    assert (study.df == 4).all() and (mean.low < mean.mean).all() and (study.low < mean.low).all()


def test_what_cannot_be_predicted_is_a_callers_bug() -> None:
    with pytest.raises(ValueError, match="average study"):
        predict(fitted(1, STRATIFIED)[0], {"treatment": [1]})
    y, treatment, study = trial(1, k=2)
    two = fit(from_rows({"treatment": treatment, "y": y}, study), "y", ["treatment"])
    assert isinstance(two, Fitted)
    with pytest.raises(ValueError, match="fewer than three"):
        predict(two, {"treatment": [1]}, of="new_study")


def test_one_study_has_no_effects_of_its_own() -> None:
    y, treatment, study = trial(1, k=1)
    found = fit(from_rows({"treatment": treatment, "y": y}, study), "y", ["treatment"], RECOMMENDED)
    assert isinstance(found, Fitted)
    assert study_effects(found).intercept.tolist() == [0.0]
    assert residuals(found, {"treatment": treatment, "y": y}, study).conditional.sum() == pytest.approx(0, abs=1e-9)
