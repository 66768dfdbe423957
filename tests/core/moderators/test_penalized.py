"""Weights of combined moderators: closed forms against all pairs written out, and against glmnet on them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.moderators.pairs import Folded, PairMoments, arm_sums, folded
from core.moderators.penalized import alpha_of, chosen, fit_at, path
from core.plan import Combined
from tests.reference_data import generated_rows, output

SHOWN = np.array([1, 2, 10, 25, 50, 75, 100]) - 1
FOLDS = 10
SETS = {"generated": ("a", "b", "c", "d", "e"), "demo_set_1": ("mdd", "inpatient", "age", "female", "us_site", "trd_2plus")}
REFERENCE = output("combined_weights")
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]


def z_scored(x: np.ndarray) -> np.ndarray:
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0, ddof=1))


def patients(name: str) -> Sample:
    """(x, y, is_active) of a reference, as R had them."""
    if name == "generated":
        rows = generated_rows("combined_weights")
        y = np.array([float(row["y"]) for row in rows])
    else:
        with (Path(__file__).parents[2] / "data" / "demo_truth.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if not row["excluded"] and row["madrs_post_rapid"] not in ("", "NA")
                    and all(row[key] not in ("", "NA") for key in SETS[name])]
        y = np.array([100 * (float(row["madrs_baseline"]) - float(row["madrs_post_rapid"])) / float(row["madrs_baseline"])
                      for row in rows])
    x = np.array([[float(row[key]) for key in SETS[name]] for row in rows])
    return z_scored(x), y, np.array([row["arm"] == "1" for row in rows])


def moments(x: np.ndarray, y: np.ndarray, is_active: np.ndarray) -> PairMoments:
    return arm_sums(x, y[None], is_active, np.ones((1, len(y)))).moments()


def in_folds(x: np.ndarray, y: np.ndarray, is_active: np.ndarray, fold: np.ndarray) -> Folded:
    return folded(x, y[None], is_active, fold[None], int(fold.max()) + 1)


def written_out(x: np.ndarray, y: np.ndarray, is_active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A (N, p) and D (N,) of every pair."""
    a = (x[is_active][:, None] + x[~is_active][None]).reshape(-1, x.shape[1]) / 2
    return a, np.subtract.outer(y[is_active], y[~is_active]).ravel()


def sample(seed: int, n: int = 60, p: int = 4) -> Sample:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, p)) @ (np.eye(p) + 0.4 * draw.normal(size=(p, p)))
    x[:, 0] = draw.random(n) < 0.4
    x[:2, 0] = 0.0, 1.0
    is_active = draw.random(n) < 0.5
    is_active[:4] = True, False, False, True
    y = 40 + 20 * is_active + 15 * draw.normal(size=n) + 9 * x[:, 1] * is_active
    return z_scored(x), y, is_active


@pytest.mark.parametrize("name", SETS)
def test_moments_are_those_r_finds_over_all_pairs(name: str) -> None:
    ours, theirs = moments(*patients(name)), REFERENCE[name]["moments"]
    assert ours.pairs[0] == np.prod(np.unique(patients(name)[2], return_counts=True)[1])
    np.testing.assert_allclose(ours.cov[..., 0], theirs["cov"], atol=1e-10)
    np.testing.assert_allclose(ours.cross[:, 0, 0], theirs["cross"], atol=1e-10 * 100)
    assert ours.var_d[0, 0] == pytest.approx(theirs["var"], rel=1e-12)


@pytest.mark.parametrize("penalty", ["elastic_net", "ridge", "lasso"])
@pytest.mark.parametrize("name", SETS)
def test_weights_are_those_of_glmnet_on_all_pairs(name: str, penalty: Any) -> None:
    pairs, theirs = moments(*patients(name)), REFERENCE[name][penalty]
    alpha = alpha_of(Combined(penalty=penalty))
    assert alpha is not None
    penalties = path(pairs, alpha)[SHOWN, 0, 0]
    np.testing.assert_allclose(penalties, theirs["lambda"], rtol=1e-9)
    for penalty_, weights in zip(penalties, theirs["weights"], strict=True):
        found = fit_at(pairs, alpha, np.array([[penalty_]])).weights[:, 0, 0]
        np.testing.assert_allclose(found, weights, atol=1e-6 * max(1.0, np.abs(weights).max()))


@pytest.mark.parametrize("penalty", ["elastic_net", "ridge", "lasso"])
@pytest.mark.parametrize("name", SETS)
def test_the_penalty_is_the_one_glmnet_would_be_given(name: str, penalty: Any) -> None:
    x, y, is_active = patients(name)
    alpha, theirs = alpha_of(Combined(penalty=penalty)), REFERENCE[name][penalty]
    found = chosen(in_folds(x, y, is_active, np.arange(len(y)) % FOLDS), alpha)
    assert found.lambda_[0, 0] == pytest.approx(theirs["chosen"], rel=1e-8)
    exact = fit_at(moments(x, y, is_active), alpha, found.lambda_).weights[:, 0, 0]
    np.testing.assert_allclose(exact, theirs["chosen_weights"], atol=1e-6)
    np.testing.assert_allclose(found.weights[:, 0, 0], exact, atol=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_without_a_penalty_weights_are_those_of_least_squares(name: str) -> None:
    x, y, is_active = patients(name)
    found = fit_at(moments(x, y, is_active), None, np.zeros((1, 1)))
    np.testing.assert_allclose(found.weights[:, 0, 0], REFERENCE[name]["none"], atol=1e-6)
    whole = chosen(in_folds(x, y, is_active, np.arange(len(y)) % FOLDS), None)
    np.testing.assert_allclose(whole.weights[:, 0, 0], REFERENCE[name]["none"], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(12, 50))
def test_closed_forms_are_those_of_all_pairs(seed: int, n: int) -> None:
    x, y, is_active = sample(seed, n)
    a, d = written_out(x, y, is_active)
    pairs = moments(x, y, is_active)
    whole = np.column_stack([a, d])
    expected = np.cov(whole.T, bias=True)
    found = np.block([[pairs.cov[..., 0], pairs.cross[:, 0]], [pairs.cross[:, 0].T, pairs.var_d]])
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(expected).max())
    weights = np.random.default_rng(seed).normal(size=4)
    assert pairs.correlation(weights[:, None, None])[0, 0] == pytest.approx(np.corrcoef(a @ weights, d)[0, 1], abs=1e-10)


def test_the_error_of_a_fold_is_that_over_its_pairs_with_the_scaling_of_the_others() -> None:
    """Written out for one penalty: the fit on other patients' pairs, its own constant, its own scaling."""
    x, y, is_active = sample(5, 80)
    fold = np.arange(80) % 4
    alpha, error = 0.5, np.zeros(100)
    penalties = path(moments(x, y, is_active), alpha)[:, 0, 0]
    for held in range(4):
        own = fold == held
        (a, d), (a_test, d_test) = written_out(x[~own], y[~own], is_active[~own]), written_out(x[own], y[own], is_active[own])
        every = arm_sums(x[~own], np.repeat(y[~own][None], 100, axis=0), is_active[~own], np.ones((1, 60))).moments()
        weights = fit_at(every, alpha, penalties[None]).weights[:, 0]
        constant = d.mean() - a.mean(axis=0) @ weights
        error += ((d_test[:, None] - constant - a_test @ weights) ** 2).sum(axis=0)
    found = chosen(in_folds(x, y, is_active, fold), alpha)
    assert found.lambda_[0, 0] == pytest.approx(penalties[error.argmin()], rel=1e-10)
    assert 0 < error.argmin() < 99


def test_many_problems_at_once_are_each_alone() -> None:
    """Outcomes side by side, and samples side by side, as permutations and folds are."""
    x, y, is_active = sample(6, 90)
    draw = np.random.default_rng(1)
    many = np.array([draw.permutation(y) for _ in range(30)])
    fold = draw.integers(0, 5, (3, 90))
    fold[1, ::7] = -1
    together = chosen(folded(x, many, is_active, fold, 5), 0.5)
    for sample_, place in ((0, 0), (1, 13), (2, 29)):
        alone = chosen(folded(x, many[place:place + 1], is_active, fold[sample_:sample_ + 1], 5), 0.5)
        assert together.lambda_[sample_, place] == pytest.approx(alone.lambda_[0, 0], rel=1e-9)
        np.testing.assert_allclose(together.weights[:, sample_, place], alone.weights[:, 0, 0], atol=1e-9)


@pytest.mark.parametrize("alpha", [0.5, 0.0, 1.0, None])
def test_what_scaling_order_and_sign_change(alpha: float | None) -> None:
    x, y, is_active = sample(7, 80)
    fold = np.arange(80) % 5
    before = chosen(in_folds(x, y, is_active, fold), alpha).weights[:, 0, 0]
    size = np.abs(before).max()
    order = np.random.default_rng(2).permutation(80)
    again = chosen(in_folds(x[order], y[order], is_active[order], fold[order]), alpha).weights[:, 0, 0]
    np.testing.assert_allclose(again, before, atol=1e-8 * size)
    scaled = chosen(in_folds(x, 3 * y + 100, is_active, fold), alpha).weights[:, 0, 0]
    unit = np.array([2.0, -1.0, 0.5, 1.0])
    turned = chosen(in_folds(x * unit, y, is_active, fold), alpha).weights[:, 0, 0]
    np.testing.assert_allclose(turned * unit, before, atol=1e-8 * size)
    swapped = chosen(in_folds(x, y, ~is_active, fold), alpha).weights[:, 0, 0]
    np.testing.assert_allclose(swapped, -before, atol=1e-8 * size)
    if alpha in (1.0, None):  # glmnet's ridge part, lambda (1 - alpha)/SD(D), follows the outcome's unit
        np.testing.assert_allclose(scaled, 3 * before, atol=3e-8 * size)


def test_higher_scores_mean_more_benefit() -> None:
    draw = np.random.default_rng(8)
    x, is_active = z_scored(draw.normal(size=(400, 3))), draw.random(400) < 0.5
    y = 10 * draw.normal(size=400) + 8 * is_active * (x[:, 0] - x[:, 1])
    weights = chosen(in_folds(x, y, is_active, np.arange(400) % FOLDS), 0.5).weights[:, 0, 0]
    assert weights[0] > 3 and weights[1] < -3 and abs(weights[2]) < 2


def test_a_moderator_that_is_constant_in_a_fold_has_no_weight_there() -> None:
    x, y, is_active = sample(9, 60)
    x[:, 0] = 0.0
    x[3, 0] = 1.0
    found = chosen(in_folds(x, y, is_active, np.where(np.arange(60) == 3, 0, 1 + np.arange(60) % 4)), None)
    assert np.isfinite(found.weights).all()
    rest = arm_sums(x, y[None], is_active, (np.arange(60) != 3).astype(float)[None]).moments()
    assert fit_at(rest, 0.5, np.array([[0.1]])).weights[0, 0, 0] == 0


def test_a_sample_without_one_of_the_arms_has_no_weights() -> None:
    x, y, is_active = sample(10, 40)
    empty = arm_sums(x, y[None], is_active, is_active.astype(float)[None]).moments()
    assert empty.pairs[0] == 0 and not fit_at(empty, 0.5, np.array([[0.1]])).weights.any()
