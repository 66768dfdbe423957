"""Limits found by one Newton search, against root-finding on the maximized likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chi2

from core.models.logistic_likelihood import cells
from core.models.logistic_limits import limits_at
from core.models.logistic_mixed import STARTS, best
from core.models.profile import crossing

TERM = 1


def data_of(seed: int, k: int, tau: float, size: int = 24):
    rng = np.random.default_rng(seed)
    study, treatment = np.repeat(np.arange(k), size), np.tile([0.0, 1.0], k * size // 2)
    chance = expit(-0.5 + 0.7 * treatment + tau * rng.normal(size=k)[study])
    return cells((rng.random(k * size) < chance).astype(float), treatment, study)


@pytest.mark.parametrize("quadrature", [1, 15])
@pytest.mark.parametrize(("seed", "k", "tau"), [(1, 8, 0.0), (2, 8, 0.4), (3, 5, 1.5), (4, 2, 0.6), (5, 1, 0.0),
                                                (6, 12, 0.1), (7, 20, 3.0)])
def test_the_same_as_root_finding(seed: int, k: int, tau: float, quadrature: int) -> None:
    data = data_of(seed, k, tau)
    at, loglik = best(data, quadrature)
    assert at is not None
    cut = loglik - chi2.ppf(0.95, 1) / 2

    def deviance_at(value: float) -> float:
        return -2 * best(data, quadrature, (TERM, value), at)[1]

    for side, limit in zip((-1, 1), limits_at(data, quadrature, TERM, at, STARTS, cut), strict=True):
        slow = crossing(deviance_at, float(at[TERM]), side * 0.5, -2 * cut)
        assert limit == pytest.approx(slow, abs=1e-7)


def test_a_limit_that_does_not_exist_is_not_made_up() -> None:
    """All patients of the active arm had the event: the likelihood rises forever on one side."""
    study, treatment = np.repeat(np.arange(3), 8), np.tile([0.0, 1.0], 12)
    event = np.where(treatment == 1, 1.0, np.arange(24) % 4 == 0)
    data = cells(event, treatment, study)
    point = np.array([-1.0, 6.0, 0.0])
    low, high = limits_at(data, 15, TERM, point, STARTS, -25.0)
    assert high is None
    assert low is None or np.isfinite(low)
