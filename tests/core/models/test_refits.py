"""Many fits at once are each what a fit by itself gives."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.criterion import Slope, Structure
from core.models.linear_mixed import PUBLISHED, RECOMMENDED, Fitted, fit
from core.models.moments import from_rows, rows_by_study
from core.models.refits import refit
from tests.core.models.trials import trial

STRATIFIED = Structure(Slope("treatment", 0.5), stratified=True)
FIXED = ("treatment", "m", "Tm")


def columns(seed: int = 1, k: int = 7) -> tuple[dict[str, np.ndarray], np.ndarray]:
    y, treatment, study = trial(seed, k=k, size=20)
    m = np.random.default_rng(seed).normal(50, 4, len(y))
    return {"treatment": treatment, "m": m, "Tm": treatment * m, "y": y}, study


def resamples(treatment: np.ndarray, study: np.ndarray, count: int, seed: int = 1) -> np.ndarray:
    """How often each patient is drawn (count, n), within study and arm."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((count, len(study)))
    for code in np.unique(study):
        for arm in (0, 1):
            places = np.flatnonzero((study == code) & (treatment == arm))
            for row in weights if len(places) else ():
                row += np.bincount(rng.choice(places, len(places)), minlength=len(study))
    return weights


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("structure", [PUBLISHED, RECOMMENDED, STRATIFIED])
def test_a_bootstrap_is_its_replicates(structure: Structure, reml: bool) -> None:
    table, study = columns()
    weights = resamples(table["treatment"], study, 40)
    many = refit(rows_by_study(table, study).moments(weights), "y", FIXED, structure, reml=reml)
    assert many.is_fitted.all()
    boundaries = set()
    for b, weight in enumerate(weights):
        one = fit(from_rows(table, study, weight), "y", FIXED, structure, reml=reml)
        assert isinstance(one, Fitted)
        ours = one.record
        np.testing.assert_allclose(many.beta[b], ours.beta, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(many.se[b], np.sqrt(np.diag(ours.cov)), rtol=1e-6)
        assert many.sigma2[b] == pytest.approx(ours.sigma2, rel=1e-7)
        for name in ("tau2", "slope_var"):
            theirs, value = getattr(many, name), getattr(ours, name)
            assert (theirs is None) == (value is None)
            if value is not None:
                assert theirs[b] == pytest.approx(value, rel=1e-5, abs=1e-9)
                boundaries.add((name, value == 0))
    assert many.of("Tm") == pytest.approx(many.beta[:, many.terms.index("Tm")])
    assert structure is PUBLISHED or ("slope_var", True) in boundaries  # the edge is among them


def test_many_responses_are_fitted_as_each_by_itself() -> None:
    table, study = columns(2)
    responses = np.random.default_rng(12).normal(size=(12, len(study))) + table["treatment"]
    rows = rows_by_study({name: table[name] for name in FIXED}, study)
    many = refit(rows.with_responses("y", responses), "y", FIXED, RECOMMENDED)
    for b, response in enumerate(responses):
        one = fit(from_rows(table | {"y": response}, study), "y", FIXED, RECOMMENDED)
        assert isinstance(one, Fitted)
        np.testing.assert_allclose(many.beta[b], one.record.beta, rtol=1e-7, atol=1e-7)


def test_a_replicate_without_an_estimate_does_not_cost_the_others() -> None:
    table, study = columns(3)
    weights = resamples(table["treatment"], study, 5)
    weights[1] *= table["treatment"] == 0  # an empty arm
    weights[3] = 0
    weights[3, :2] = 1  # two patients
    many = refit(rows_by_study(table, study).moments(weights), "y", FIXED, RECOMMENDED)
    assert many.is_fitted.tolist() == [True, False, True, False, True]
    assert np.isnan(many.beta[[1, 3]]).all() and np.isfinite(many.beta[[0, 2, 4]]).all()


def test_a_study_that_no_one_was_drawn_from_is_as_if_absent() -> None:
    table, study = columns(4)
    weights = np.stack([(study != 2).astype(float)])
    many = refit(rows_by_study(table, study).moments(weights), "y", FIXED, RECOMMENDED)
    one = fit(from_rows(table, study).without(2), "y", FIXED, RECOMMENDED)
    assert isinstance(one, Fitted)
    np.testing.assert_allclose(many.beta[0], one.record.beta, rtol=1e-8)


def test_a_correlated_slope_is_refused() -> None:
    table, study = columns()
    with pytest.raises(ValueError, match="independent"):
        refit(rows_by_study(table, study).moments(np.ones((1, len(study)))), "y", FIXED,
              Structure(Slope("treatment"), correlated=True))
