"""Two stages by hand and at the edges; against metafor in test_linear_references.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.two_stage import pool, study_differences

METHODS = ("reml", "dl", "pm")


def test_each_studys_difference_has_welchs_error() -> None:
    y = np.array([1.0, 2, 3, 5, 7, 9, 4, 4, 8])
    treatment = np.array([0, 0, 0, 1, 1, 1, 0, 1, 1])
    study = np.array([5, 5, 5, 5, 5, 5, 2, 2, 2])
    second, first = study_differences(y, treatment, study)
    assert (first.study, first.n_active, first.n_control, first.estimate) == (5, 3, 3, 5.0)
    assert first.se == pytest.approx(np.sqrt(1 / 3 + 4 / 3))
    assert second.estimate is None and second.reason == "One patient in the control arm: no standard error."


@pytest.mark.parametrize(("y", "treatment", "reason"), [
    ([1.0, 2, 3], [1, 1, 1], "No patient in the control arm."),
    ([1.0, 2, 3], [0, 0, 0], "No patient in the active arm."),
    ([1.0, 1, 3, 3], [0, 0, 1, 1], "The outcome does not vary within the arms."),
])
def test_a_study_without_a_difference_says_why(y: list[float], treatment: list[int], reason: str) -> None:
    (only,) = study_differences(y, treatment, np.zeros(len(y), dtype=int))
    assert only.estimate is None and only.se is None and only.reason == reason


def test_dersimonian_laird_by_hand() -> None:
    """Effects 0, 1, 2 with variance 1/4: Q = 8, τ² = (8 - 2)/(12 - 4) = 3/4, so se² = (1/4 + 3/4)/3."""
    pooled = pool([0, 1, 2], [0.5, 0.5, 0.5], "dl")
    assert (pooled.estimate, pooled.q, pooled.tau2) == pytest.approx((1, 8, 0.75))
    assert pooled.i2 == pytest.approx(75)
    assert pooled.se == pytest.approx(np.sqrt(1 / 3))
    assert pooled.weights == pytest.approx((100 / 3,) * 3)
    reach = 12.7062047 * np.sqrt(0.75 + 1 / 3)
    assert (pooled.prediction_low, pooled.prediction_high) == pytest.approx((1 - reach, 1 + reach))
    assert pooled.ci_high - 1 == pytest.approx(4.30265273 * np.sqrt(1 / 3))


@pytest.mark.parametrize("method", METHODS)
def test_equal_errors_give_every_method_the_same_tau2(method) -> None:
    assert pool([0, 1, 2], [0.5, 0.5, 0.5], method).tau2 == pytest.approx(0.75)


@pytest.mark.parametrize("method", METHODS)
def test_no_heterogeneity_is_zero_not_negative(method) -> None:
    pooled = pool([1, 1.01, 0.99], [0.5, 0.4, 0.6], method)
    assert (pooled.tau2, pooled.i2) == (0, 0)


def test_few_studies() -> None:
    assert pool([], []).reason == "No study has an estimate."
    one = pool([2.0], [0.5])
    assert (one.estimate, one.ci_low, one.tau2, one.weights) == (2.0, None, None, (100.0,))
    assert one.wald_high == pytest.approx(2 + 0.5 * 1.959964, rel=1e-6)
    two = pool([2.0, 3.0], [0.5, 0.5])
    assert two.prediction_low is None and two.ci_low is not None
    assert pool([2.0, 2.0], [0.5, 0.5]).p == 0.0


effects = st.lists(st.tuples(st.floats(-50, 50), st.floats(0.05, 5)), min_size=2, max_size=12)


@settings(max_examples=150, deadline=None)
@given(studies=effects, method=st.sampled_from(METHODS))
def test_bounds_hold_for_any_studies(studies, method) -> None:
    effect, se = map(np.array, zip(*studies, strict=True))
    pooled = pool(effect, se, method)
    assert pooled.tau2 >= 0 and 0 <= pooled.i2 < 100 and pooled.q >= 0
    assert effect.min() - 1e-9 <= pooled.estimate <= effect.max() + 1e-9
    assert sum(pooled.weights) == pytest.approx(100)
    assert pooled.ci_low <= pooled.estimate <= pooled.ci_high


@settings(max_examples=60, deadline=None)
@given(studies=effects, shift=st.floats(-100, 100), factor=st.floats(0.01, 100))
def test_shift_and_unit(studies, shift, factor) -> None:
    effect, se = map(np.array, zip(*studies, strict=True))
    a, b = pool(effect, se), pool(factor * (effect + shift), factor * se)
    assert b.tau2 == pytest.approx(a.tau2 * factor ** 2, rel=1e-5, abs=1e-7 * factor ** 2)
    assert b.estimate == pytest.approx(factor * (a.estimate + shift), rel=1e-6, abs=1e-6 * factor)
    assert b.ci_high - b.ci_low == pytest.approx(factor * (a.ci_high - a.ci_low), rel=1e-5, abs=1e-7 * factor)


@settings(max_examples=60, deadline=None)
@given(studies=effects)
def test_reml_is_the_greatest_restricted_likelihood(studies) -> None:
    effect, variance = np.array([one[0] for one in studies]), np.array([one[1] for one in studies]) ** 2

    def loglik(tau2: float) -> float:
        weight = 1 / (variance + tau2)
        residual = effect - weight @ effect / weight.sum()
        return float(np.log(weight).sum() - np.log(weight.sum()) - weight @ residual ** 2) / 2

    found = loglik(pool(effect, np.sqrt(variance)).tau2)
    assert found >= max(loglik(tau2) for tau2 in [0, *np.logspace(-6, 5, 150)]) - 1e-9
