"""The linear mixed model by itself: the definition written out, the boundaries, the reasons, the invariances."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2
from scipy.stats import t as student

from core.models.criterion import Structure, deviance, problem, solve
from core.models.degrees_of_freedom import Information
from core.models.linear_mixed import (
    PUBLISHED,
    RECOMMENDED,
    Fitted,
    LinearEstimate,
    LinearFit,
    coefficient,
    estimate,
    fit,
    profile_interval,
    treatment_effect,
)
from core.models.moments import StudyMoments, from_rows
from core.models.profile import crossing, linear_limits
from core.models.variance_search import lowest
from tests.core.models.trials import Rows, dense_deviance, trial


def moments_of(y: np.ndarray, treatment: np.ndarray, study: np.ndarray) -> StudyMoments:
    return from_rows({"treatment": treatment, "y": y}, study)


def fitted(y: np.ndarray, treatment: np.ndarray, study: np.ndarray, structure: Structure = RECOMMENDED, *,
           reml: bool = True) -> LinearFit:
    """The record of a fit that must succeed."""
    found = fit(moments_of(y, treatment, study), "y", ["treatment"], structure, reml=reml)
    assert isinstance(found, Fitted)
    return found.record


@pytest.mark.parametrize("reml", [True, False])
def test_fit_from_moments_equals_generalized_least_squares_from_rows(reml: bool) -> None:
    y, treatment, study = trial(1)
    ours = fitted(y, treatment, study, reml=reml)
    x = np.column_stack([np.ones(len(y)), treatment])
    same = study[:, None] == study
    tc = treatment - 0.5
    v = ours.sigma2 * np.eye(len(y)) + same * (ours.tau2 + ours.slope_var * np.outer(tc, tc))
    inverse = np.linalg.inv(v)
    cov = np.linalg.inv(x.T @ inverse @ x)
    np.testing.assert_allclose(ours.cov, cov, rtol=1e-9)
    np.testing.assert_allclose(ours.beta, cov @ x.T @ inverse @ y, rtol=1e-10)
    assert ours.deviance == pytest.approx(dense_deviance(y, x, v / ours.sigma2, reml=reml), abs=1e-8)
    assert ours.aic == pytest.approx(ours.deviance + 10)
    found = minimize(lambda s: dense_deviance(
        y, x, np.eye(len(y)) + same * (s[0] ** 2 + s[1] ** 2 * np.outer(tc, tc)), reml=reml), [0.5, 0.5])
    assert ours.deviance <= found.fun + 1e-7


def test_profile_limits_are_where_the_minimized_deviance_has_risen() -> None:
    """Against the definition: hold the effect at the limit, minimize the deviance of all the rest anew."""
    y, treatment, study = trial(2)
    ours = treatment_effect(y, treatment, study, random_slope=True)
    same, tc = study[:, None] == study, treatment - 0.5

    def deviance_at(effect: float) -> float:
        def of_sds(s: np.ndarray) -> float:
            h = np.eye(len(y)) + same * (s[0] ** 2 + s[1] ** 2 * np.outer(tc, tc))
            return dense_deviance(y - effect * treatment, np.ones((len(y), 1)), h, reml=False)

        return min(minimize(of_sds, [0.5, start], method="BFGS").fun for start in (0.01, 0.3))

    center = fitted(y, treatment, study, reml=False)
    threshold = center.deviance + chi2.ppf(0.95, 1)
    assert ours.ci_low is not None and ours.ci_high is not None
    assert deviance_at(ours.ci_low) == pytest.approx(threshold, abs=1e-6)
    assert deviance_at(ours.ci_high) == pytest.approx(threshold, abs=1e-6)


def test_crossing_finds_a_root_and_tells_of_none() -> None:
    assert crossing(lambda x: (x - 1) ** 2, 1.0, 0.1, 4.0) == pytest.approx(3.0)
    assert crossing(lambda x: (x - 1) ** 2, 1.0, -0.1, 4.0) == pytest.approx(-1.0)
    assert crossing(lambda x: -np.exp(-x), 0.0, 1.0, 4.0) is None


def test_limits_of_a_narrower_level_lie_within() -> None:
    model = problem(moments_of(*trial(3)), "y", ["treatment"], RECOMMENDED)
    wide, narrow = linear_limits(model, 1, 0.95), linear_limits(model, 1, 0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_no_ratio_anywhere_has_a_lower_deviance(seed: int, reml: bool) -> None:
    """No local optimum, no missed boundary: two thousand ratios, zeros among them, against the one that was
    found.
    """
    y, treatment, study = trial(seed, tau=0.3 * (seed % 3), nu=0.3 * (seed % 4), size=8)
    model = problem(moments_of(y, treatment, study), "y", ["treatment"], RECOMMENDED)
    best = float(deviance(model, lowest(model, reml=reml), reml=reml))
    ladder = np.concatenate([[0.0], np.logspace(-6, 4, 45)])
    everywhere = np.stack(np.meshgrid(ladder, ladder, indexing="ij"), axis=-1)
    assert best <= deviance(model, solve(model, everywhere), reml=reml).min() + 1e-9


@pytest.mark.parametrize(("seed", "is_zero"), [(879, False), (946, False), (1154, True), (1518, True)])
def test_of_two_minima_the_lower_is_taken(seed: int, is_zero: bool) -> None:
    """One large study and four tiny ones: a minimum at zero variance, another inside, either may be the right
    one.
    """
    rng = np.random.default_rng(seed)
    study, treatment = np.repeat(np.arange(5), [70, 3, 3, 2, 4]), np.arange(82) % 2.0
    y = rng.normal(size=82) + rng.normal(size=5)[study]
    model = problem(moments_of(y, treatment, study), "y", ["treatment"], PUBLISHED)
    values = deviance(model, solve(model, np.concatenate([[0.0], np.logspace(-5, 4, 150)])[:, None]), reml=True)
    down_then_up = (np.diff(values)[:-1] < 0) & (np.diff(values)[1:] > 0)
    assert down_then_up.sum() + (values[1] > values[0]) == 2
    best = lowest(model, reml=True)
    assert float(deviance(model, best, reml=True)) <= values.min() + 1e-9
    assert (best.point[0] == 0) == is_zero


def test_on_the_boundary_df_are_those_of_the_model_without_that_variance() -> None:
    y, treatment, study = next(
        data for data in (trial(seed, tau=1.0, nu=0.0, size=30) for seed in range(60))
        if treatment_effect(*data, random_slope=True).boundary == ("slope_var",))
    for df in ("satterthwaite", "kenward_roger"):
        ours, smaller = (treatment_effect(y, treatment, study, random_slope=slope, df=df) for slope in (True, False))
        assert ours.slope_var == 0 and smaller.slope_var is None
        assert (ours.estimate, ours.se, ours.df, ours.p) == pytest.approx(
            (smaller.estimate, smaller.se, smaller.df, smaller.p), rel=1e-7)
        assert ours.note == "The variance of the treatment effect between studies is estimated as zero."


def test_all_variances_zero_is_ordinary_least_squares_on_n_minus_p() -> None:
    y, treatment, study = trial(0, tau=0, nu=0)
    y = y - np.array([y[study == code].mean() for code in range(8)])[study]  # studies as alike as can be
    ours = treatment_effect(y, treatment, study, random_slope=True)
    assert ours.boundary == ("tau2", "slope_var")
    assert ours.df == pytest.approx(len(y) - 2)
    assert ours.note == ("The variance between studies and the variance of the treatment effect between studies "
                         "are estimated as zero.")


def test_one_study_is_ordinary_least_squares_and_says_so() -> None:
    rng = np.random.default_rng(1)
    treatment = np.repeat([0.0, 1.0], 10)
    y = rng.normal(size=20) + treatment
    for random_slope in (False, True):
        ours = treatment_effect(y, treatment, np.zeros(20, dtype=int), random_slope=random_slope)
        difference = y[10:].mean() - y[:10].mean()
        pooled = np.sqrt((y[10:].var(ddof=1) + y[:10].var(ddof=1)) / 2 * 0.2)
        assert (ours.estimate, ours.se, ours.df) == pytest.approx((difference, pooled, 18))
        assert ours.tau2 is None and ours.slope_var is None and ours.fit is not None and ours.fit.method == "OLS"
        assert "ordinary least squares" in ours.note and ours.boundary == ()
        assert ours.ci_high - ours.estimate == pytest.approx(2.10092204 * pooled, rel=1e-8)


def test_t_interval_is_the_t_interval() -> None:
    ours = treatment_effect(*trial(4), random_slope=False, ci="t", level=0.9)
    assert ours.level == 0.9
    assert ours.ci_high == pytest.approx(ours.estimate + student.ppf(0.95, ours.df) * ours.se)


FOUR = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 1.0, 0.0, 2.0])
ARMS = np.array([0.0, 1.0] * 4)
PAIRS = np.repeat([0, 1], 4)


@pytest.mark.parametrize(("y", "treatment", "study", "covariate", "reason"), [
    ([], [], [], None, "No patients."),
    (FOUR, np.zeros(8), PAIRS, None, "No patient in the active arm."),
    (FOUR, np.ones(8), PAIRS, None, "No patient in the control arm."),
    (np.full(8, 0.1), ARMS, PAIRS, None, "The outcome is the same for every patient."),
    (FOUR, ARMS, PAIRS, np.full(8, 2.0), "covariate 1 is the same for every patient."),
    (FOUR, ARMS, PAIRS, 2 * ARMS + 1, "covariate 1 is determined by the other columns, so its effect cannot be told"),
    (FOUR[:4], ARMS[:4], PAIRS[2:6], None, "4 patients are too few for a model of 5 parameters."),
    (FOUR, ARMS, np.arange(8), None, "Every study has one patient"),
    (3 * ARMS + PAIRS, ARMS, PAIRS, None, "Within studies the outcome does not vary beyond what the model explains."),
    (FOUR, np.repeat([0.0, 1.0], 4), PAIRS, None, "No study has both arms"),
])
def test_what_cannot_be_estimated_has_a_reason(y, treatment, study, covariate, reason: str) -> None:
    ours = treatment_effect(y, treatment, study, covariate, random_slope=True)
    assert ours.reason is not None and ours.reason.startswith(reason)
    assert {ours.estimate, ours.se, ours.df, ours.p, ours.ci_low, ours.ci_high, ours.tau2} == {None}


def test_no_number_is_nan_at_the_edges() -> None:
    y, treatment, study = trial(6, k=2)
    for random_slope in (False, True):
        for df in ("satterthwaite", "kenward_roger"):
            ours = treatment_effect(y, treatment, study, random_slope=random_slope, df=df)
            values = [getattr(ours, field.name) for field in fields(ours)]
            assert all(np.isfinite(value) for value in values if isinstance(value, float))


def test_a_study_of_one_arm_still_informs() -> None:
    y, treatment, study = trial(7)
    treatment[study == 3] = 1
    ours = treatment_effect(y, treatment, study, random_slope=True)
    assert ours.reason is None and ours.k == 8


def test_coefficient_of_an_interaction() -> None:
    """Dense check of a moderator by treatment, on columns of very different size."""
    y, treatment, study = trial(8, k=10)
    m = np.random.default_rng(8).normal(1000, 5, len(y))
    columns = {"y": y + 0.1 * (m - 1000) * treatment, "treatment": treatment, "m": m, "treatment:m": treatment * m}
    ours = coefficient(columns, study, "treatment:m", random_slope=False)
    x = np.column_stack([np.ones(len(y)), treatment, m - 1000, treatment * (m - 1000)])
    inverse = np.linalg.inv(np.eye(len(y)) + (study[:, None] == study) * ours.tau2 / ours.sigma2)
    beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ columns["y"])
    assert ours.estimate == pytest.approx(beta[3], rel=1e-7)
    assert ours.n_active == treatment.sum()


rows = st.builds(trial, seed=st.integers(0, 10_000), k=st.integers(2, 9), tau=st.sampled_from([0.0, 0.1, 1.0, 20.0]),
                 nu=st.sampled_from([0.0, 0.3, 2.0]), size=st.integers(5, 20))
numbers = ("estimate", "se", "df", "p", "ci_low", "ci_high", "tau2", "slope_var", "sigma2")


def same(a: LinearEstimate, b: LinearEstimate, factor: float = 1.0, tolerance: float = 1e-5) -> None:
    """b is a with the outcome `factor` times as large."""
    powers = {"df": 0, "p": 0, "tau2": 2, "slope_var": 2, "sigma2": 2}
    scale = a.se or 1.0
    for name in numbers:
        left, right = getattr(a, name), getattr(b, name)
        if left is None or right is None:
            assert left is right
            continue
        power = powers.get(name, 1)
        unit = {0: 1.0, 1: scale, 2: scale ** 2}[power] * abs(factor) ** power
        assert right == pytest.approx(left * abs(factor) ** power, rel=tolerance, abs=tolerance * unit)
    assert a.boundary == b.boundary


@settings(max_examples=40, deadline=None)
@given(data=rows, random_slope=st.booleans(), seed=st.integers(0, 99))
def test_order_of_patients_and_names_of_studies_do_not_matter(data: Rows, random_slope: bool, seed: int) -> None:
    y, treatment, study = data
    rng = np.random.default_rng(seed)
    order, names = rng.permutation(len(y)), rng.permutation(study.max() + 1)
    same(treatment_effect(y, treatment, study, random_slope=random_slope),
         treatment_effect(y[order], treatment[order], names[study][order], random_slope=random_slope))


@settings(max_examples=40, deadline=None)
@given(data=rows, random_slope=st.booleans(),
       shift=st.floats(-1e4, 1e4), factor=st.sampled_from([1e-13, 1e-3, 3.0, 1e9]))
def test_shift_and_unit_of_the_outcome(data: Rows, random_slope: bool, shift: float, factor: float) -> None:
    y, treatment, study = data
    same(treatment_effect(y, treatment, study, random_slope=random_slope),
         treatment_effect(factor * (y + shift), treatment, study, random_slope=random_slope), factor)


@settings(max_examples=40, deadline=None)
@given(data=rows, random_slope=st.booleans())
def test_swapped_arms_turn_the_sign_alone(data: Rows, random_slope: bool) -> None:
    y, treatment, study = data
    a = treatment_effect(y, treatment, study, random_slope=random_slope)
    b = treatment_effect(y, 1 - treatment, study, random_slope=random_slope)
    assert b.estimate == pytest.approx(-a.estimate, rel=1e-5, abs=1e-6 * a.se)
    assert (b.ci_low, b.ci_high) == pytest.approx((-a.ci_high, -a.ci_low), rel=1e-5, abs=1e-5 * a.se)
    assert (b.se, b.df, b.n_active) == pytest.approx((a.se, a.df, a.n_control), rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(data=rows, seed=st.integers(0, 99))
def test_weights_are_duplication(data: Rows, seed: int) -> None:
    y, treatment, study = data
    weights = np.random.default_rng(seed).integers(1, 4, len(y))
    weighted = from_rows({"treatment": treatment, "y": y}, study, weights)
    repeated = from_rows({"treatment": np.repeat(treatment, weights), "y": np.repeat(y, weights)},
                         np.repeat(study, weights))
    same(estimate(weighted, "y", ["treatment"], "treatment", RECOMMENDED),
         estimate(repeated, "y", ["treatment"], "treatment", RECOMMENDED))


@settings(max_examples=40, deadline=None)
@given(data=rows)
def test_variances_are_never_negative_and_limits_hold_the_likeliest_effect(data: Rows) -> None:
    y, treatment, study = data
    ours = treatment_effect(y, treatment, study, random_slope=True)
    if ours.reason is not None:
        return
    assert ours.tau2 >= 0 and ours.slope_var >= 0 and ours.sigma2 > 0
    center = fitted(*data, reml=False)
    assert ours.ci_low < center.beta[1] < ours.ci_high
    assert 0 <= ours.p <= 1


def test_a_fit_without_limits_is_the_same_fit() -> None:
    rng = np.random.default_rng(12)
    study, treatment, x = np.repeat(np.arange(8), 12), np.tile([0.0, 1.0], 48), rng.normal(size=96)
    y = 0.4 * treatment + 0.5 * rng.normal(size=8)[study] + rng.normal(size=96)
    moments = from_rows({"treatment": treatment, "x": x, "y": y}, study)
    whole, spared = (fit(moments, "y", ["treatment", "x"], RECOMMENDED, with_limits=limits) for limits in (True, False))
    assert isinstance(whole, Fitted) and isinstance(spared, Fitted)
    assert spared.likeliest is None
    assert spared.record.beta == pytest.approx(whole.record.beta, rel=1e-9)
    assert spared.record.deviance == pytest.approx(whole.record.deviance, rel=1e-12)
    one, other = (profile_interval(found, "x") for found in (whole, spared))
    assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-8)


def test_where_the_data_say_nothing_of_a_variance_there_are_no_degrees_of_freedom() -> None:
    parts: Any = SimpleNamespace(squares=np.ones((1, 1, 1)))
    assert np.isnan(Information(np.eye(1), parts, np.ones((2, 2))).df(np.ones(1)))
    assert np.isfinite(Information(np.eye(1), parts, np.array([[2.0, 1.0], [1.0, 2.0]])).df(np.ones(1)))
