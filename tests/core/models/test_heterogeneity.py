"""Intervals of the spread of effects, Egger's test, and the pool without each study."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from core.models.heterogeneity import profile_limits, q_profile
from core.models.small_studies import egger
from core.models.two_stage import leave_one_out, pool, reml_loglik


def effects(seed: int, k: int, tau: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.1, 0.6, k)
    return 0.4 + tau * rng.normal(size=k) + errors * rng.normal(size=k), errors


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), k=st.integers(2, 25), tau=st.sampled_from([0.0, 0.3, 2.0]))
def test_at_its_limits_q_is_at_the_quantiles(seed: int, k: int, tau: float) -> None:
    effect, error = effects(seed, k, tau)
    limits = q_profile(effect, error)
    for tau2, share in ((limits.tau2_low, 0.975), (limits.tau2_high, 0.025)):
        weight = 1 / (error ** 2 + tau2)
        q = weight @ (effect - weight @ effect / weight.sum()) ** 2
        if tau2 > 0:
            assert q == pytest.approx(chi2.ppf(share, k - 1), rel=1e-8)
        else:
            assert q <= chi2.ppf(share, k - 1) * (1 + 1e-12)
    assert 0 <= limits.tau2_low <= limits.tau2_high
    assert 0 <= limits.i2_low <= limits.i2_high < 100


def test_profile_limits_are_where_the_restricted_likelihood_has_fallen() -> None:
    effect, error = effects(3, 12)
    limits = profile_limits(effect, error)
    top = pool(effect, error).tau2
    fall = [2 * (reml_loglik(effect, error ** 2, top) - reml_loglik(effect, error ** 2, tau2))
            for tau2 in (limits.tau2_low, limits.tau2_high)]
    assert fall == pytest.approx([chi2.ppf(0.95, 1)] * 2, rel=1e-8)


def test_one_study_has_no_spread() -> None:
    assert q_profile([0.3], [0.1]).tau2_high is None and profile_limits([0.3], [0.1]).i2_low is None


def test_leaving_each_study_out_is_the_pool_of_the_others() -> None:
    effect, error = effects(5, 6)
    for s, without in enumerate(leave_one_out(effect, error)):
        assert without == pool(np.delete(effect, s), np.delete(error, s))
    assert [one.estimate for one in leave_one_out([1.0, 3.0], [0.1, 0.1])] == [3.0, 1.0]


def test_egger_finds_what_was_built_in_and_only_then() -> None:
    rng = np.random.default_rng(1)
    error = np.linspace(0.1, 0.8, 20)
    effect = 0.2 + 1.5 * error + 0.3 * error * rng.normal(size=20)
    found = egger(effect, error)
    assert found.slope == pytest.approx(1.5, abs=0.5) and found.p < 0.001 and found.df == 18
    assert found.limit == pytest.approx(0.2, abs=0.2)
    assert egger(0.2 + error * rng.normal(size=20), error).p > 0.05


def test_egger_is_weighted_least_squares() -> None:
    """The normal equations written out."""
    effect, error = effects(7, 12)
    w = 1 / error ** 2
    x = np.column_stack([np.ones(12), error])
    cov = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = cov @ x.T @ (w * effect)
    spread = (w * (effect - x @ beta) ** 2).sum() / 10
    found = egger(effect, error)
    assert (found.limit, found.slope, found.se) == pytest.approx((*beta, np.sqrt(spread * cov[1, 1])), rel=1e-9)


def test_egger_says_why_there_is_no_test() -> None:
    assert egger(*effects(1, 9)).reason == "9 studies are too few for Egger's test, which asks for 10."
    assert "same standard error" in egger(np.arange(12.0), np.full(12, 0.3)).reason
