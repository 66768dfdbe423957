"""The second engine agrees where both are right, and says so where they differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.models import linear_mixed, second_engine
from core.models.criterion import Structure
from core.models.moments import from_rows
from tests.reference_data import codes, facial_feedback, generated_rows, numbers

ROWS = generated_rows("generated_linear")


def generated(dataset: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows = [row for row in ROWS if row["dataset"] == dataset]
    return numbers(rows, "y"), numbers(rows, "T"), codes(rows, "study"), numbers(rows, "x")


@pytest.mark.parametrize("random_slope", [False, True])
@pytest.mark.parametrize("dataset", ["1", "2", "3", "4", "7", "8", "11", "12", "15", "16", "18", "19"])
def test_it_agrees_on_the_generated_data(dataset: str, random_slope: bool) -> None:
    y, treatment, study, x = generated(dataset)
    for covariates in (None, x):
        ours = linear_mixed.treatment_effect(y, treatment, study, covariates, random_slope=random_slope)
        verdict = second_engine.check(ours, linear_mixed.effect_columns(y, treatment, covariates), study, random_slope=random_slope)
        assert verdict.agrees is True, verdict.text
        assert verdict.theirs == pytest.approx(ours.estimate, abs=1e-3 * ours.se)
        assert ("without the variances estimated as zero" in verdict.text) == bool(ours.boundary)


def test_it_agrees_on_real_data() -> None:
    y, treatment, study = facial_feedback()
    for random_slope in (False, True):
        ours = linear_mixed.treatment_effect(y, treatment, study, random_slope=random_slope)
        assert second_engine.check(ours, linear_mixed.effect_columns(y, treatment, None), study, random_slope=random_slope).agrees is True


def test_a_wrong_estimate_is_found_out() -> None:
    y, treatment, study, _ = generated("1")
    ours = linear_mixed.treatment_effect(y, treatment, study, random_slope=False)
    wrong = replace(ours, effect=replace(ours.effect, value=ours.estimate + 0.01 * ours.se))
    verdict = second_engine.check(wrong, linear_mixed.effect_columns(y, treatment, None), study, random_slope=False)
    assert verdict.agrees is False
    assert f"{verdict.theirs:.6g} where ours is {wrong.estimate:.6g}" in verdict.text


def test_a_missed_optimum_is_found_out() -> None:
    """A fit that stopped at zero variance where the likelihood is higher elsewhere."""
    y, treatment, study, _ = generated("4")
    right = linear_mixed.treatment_effect(y, treatment, study, random_slope=False)
    flat = linear_mixed.treatment_effect(y, treatment, np.zeros(len(y), dtype=int), random_slope=False)
    stuck = replace(flat, fit=replace(flat.fit, method="REML", tau2=0.0, boundary=("tau2",)))
    verdict = second_engine.check(stuck, linear_mixed.effect_columns(y, treatment, None), study, random_slope=False)
    assert verdict.agrees is False and "higher likelihood" in verdict.text
    assert verdict.theirs == pytest.approx(right.estimate, abs=1e-3 * right.se)


def test_one_study_is_compared_with_least_squares() -> None:
    y, treatment, _, x = generated("1")
    ours = linear_mixed.treatment_effect(y, treatment, np.zeros(len(y), dtype=int), x, random_slope=True)
    verdict = second_engine.check(ours, linear_mixed.effect_columns(y, treatment, x), np.zeros(len(y), dtype=int), random_slope=True)
    assert verdict.agrees is True and verdict.text == "statsmodels (ordinary least squares) agrees."


@pytest.mark.parametrize("structure", [linear_mixed.PUBLISHED, linear_mixed.RECOMMENDED])
def test_several_coefficients_are_judged_with_all_their_sums(structure: Structure) -> None:
    """A pair that is right one by one within its errors and wrong as a sum is found out."""
    y, treatment, study, x = generated("1")
    columns = {"treatment": treatment, "x": x, "bend": np.maximum(x, 0) ** 2, "y": y}
    names = ["treatment", "x", "bend"]
    ours = linear_mixed.fit(from_rows(columns, study), "y", names, structure)
    assert not isinstance(ours, str)
    right = second_engine.check_together(ours.record, columns, study, names)
    assert right.agrees is True and right.theirs is None and right.text.startswith("statsmodels (MixedLM")
    se = np.sqrt(np.diag(ours.record.cov))
    along = ours.record.cov[2:, 2:] / np.outer(se[2:], se[2:])
    assert along[0, 1] < -0.5  # so that both up is a way the data exclude
    off = np.array([0.0, 0.0, *(0.9e-3 * se[2:])])
    verdict = second_engine.check_together(replace(ours.record, beta=ours.record.beta + off), columns, study, names)
    assert verdict.agrees is False and "up to 0.00" in verdict.text and "standard errors from ours" in verdict.text


def test_an_engine_that_gives_up_is_not_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    y, treatment, study, _ = generated("1")
    ours = linear_mixed.treatment_effect(y, treatment, study, random_slope=False)
    monkeypatch.setattr(second_engine, "OPTIMIZERS", ())
    assert second_engine.check(ours, linear_mixed.effect_columns(y, treatment, None), study, random_slope=False).agrees is None


def test_nothing_to_compare() -> None:
    empty = linear_mixed.treatment_effect([], [], [], random_slope=False)
    assert second_engine.check(empty, linear_mixed.effect_columns([], [], None), [], random_slope=False).agrees is None
