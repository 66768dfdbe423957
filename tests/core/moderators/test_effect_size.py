"""The effect size r: against enumeration of all pairs, and its resamples against naive ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from core.moderators.effect_size import PairModerator, PairOutcome, effect_size, parametric, spearman, within_studies


def enumerated(y: np.ndarray, m: np.ndarray, is_active: np.ndarray) -> float:
    """Every pair written out, scipy's average ranks."""
    d = np.subtract.outer(y[is_active], y[~is_active]).ravel()
    a = (np.add.outer(m[is_active], m[~is_active]) / 2).ravel()
    return float(spearmanr(d, a).statistic)


def sample(seed: int, n: int, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    y = draw.integers(-10, 60, n).astype(float)
    m = {"binary": draw.integers(0, 2, n), "whole": draw.integers(18, 65, n), "real": draw.normal(size=n)}[kind]
    is_active = draw.random(n) < 0.5
    is_active[:2] = True, False
    return y, m.astype(float), is_active


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(6, 60), kind=st.sampled_from(["binary", "whole", "real"]))
def test_r_is_that_of_all_pairs(seed: int, n: int, kind: str) -> None:
    y, m, is_active = sample(seed, n, kind)
    if is_active.sum() * (~is_active).sum() < 2:
        return
    with np.errstate(all="ignore"):
        if np.ptp(m) == 0 or np.ptp(np.subtract.outer(y[is_active], y[~is_active])) == 0:
            return
    a = np.add.outer(m[is_active], m[~is_active])
    if np.ptp(a) == 0:
        assert np.isnan(effect_size(y, m, is_active))
        return
    assert effect_size(y, m, is_active) == pytest.approx(enumerated(y, m, is_active), abs=1e-12)


@pytest.mark.parametrize("kind", ["binary", "whole", "real"])
def test_a_resample_is_the_same_patients_written_out(kind: str) -> None:
    y, m, is_active = sample(3, 50, kind)
    outcome, moderator = PairOutcome.of(y, is_active), PairModerator.of(m, is_active)
    draw = np.random.default_rng(4)
    for _ in range(20):
        drawn = np.concatenate([draw.choice(np.flatnonzero(side), side.sum()) for side in (is_active, ~is_active)])
        weight = np.bincount(drawn, minlength=len(y)).astype(float)
        fast = moderator.correlation(outcome.weighted(weight))
        assert fast == pytest.approx(enumerated(y[drawn], m[drawn], is_active[drawn]), abs=1e-12)


def test_rounding_does_not_split_ties() -> None:
    """z-scores of whole numbers: pairs of equal differences differ in the last digit only."""
    y, m, is_active = sample(5, 80, "whole")
    scaled = [(values - values.mean()) / values.std(ddof=1) for values in (y, m)]
    assert effect_size(*scaled, is_active) == pytest.approx(effect_size(y, m, is_active), abs=1e-13)


def test_higher_moderator_more_benefit_is_positive() -> None:
    m = np.tile(np.arange(10.0), 2)
    is_active = np.repeat([True, False], 10)
    assert effect_size(np.where(is_active, 3 * m, 0.0), m, is_active) > 0.5
    assert effect_size(np.where(is_active, -3 * m, 0.0), m, is_active) < -0.5


def test_within_studies_no_pair_crosses() -> None:
    y, m, is_active = sample(6, 40, "whole")
    study = np.repeat([0, 1], 20)
    pairs = [(y[i] - y[j], (m[i] + m[j]) / 2) for i in np.flatnonzero(is_active) for j in np.flatnonzero(~is_active)
             if study[i] == study[j]]
    d, a = np.array(pairs).T
    assert within_studies(y, m, is_active, study) == pytest.approx(spearmanr(d, a).statistic, abs=1e-12)


@pytest.mark.parametrize(("y", "m"), [([1, 2, 3, 4], [1, 1, 1, 1]), ([2, 2, 2, 2], [1, 2, 3, 4])])
def test_what_does_not_vary_has_no_r(y: list[float], m: list[float]) -> None:
    is_active = np.array([True, True, False, False])
    assert np.isnan(effect_size(np.array(y, dtype=float), np.array(m, dtype=float), is_active))
    assert np.isnan(spearman(np.array(y, dtype=float), np.array(m, dtype=float)))


def test_an_empty_arm_has_no_r() -> None:
    assert np.isnan(effect_size(np.arange(3.0), np.arange(3.0), np.ones(3, dtype=bool)))


def test_parametric_r_by_its_definition() -> None:
    """With T = -1/2, 1/2 and m of SD 1: b2 = 0.2, b3 = 0.6, sigma2 = 1."""
    b3, b2 = 0.6, 0.2
    expected = (b3 / 2) / np.sqrt(1 + b2 ** 2 + b3 ** 2 / 4)
    assert parametric(b3 / 3, (b2 - b3 / 2) / 3, 1.0, 3.0) == pytest.approx(expected, abs=1e-15)
