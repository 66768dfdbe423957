"""Validation of combined moderators: what is held out are patients and studies, and nothing is seen of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import core.moderators.validation as validation
from core.models.streams import stream
from core.moderators.effect_size import effect_size
from core.moderators.members import Member, SetRows
from core.moderators.validation import (
    fitted,
    fold_codes,
    null_correlations,
    null_model,
    pearson,
    refitted,
    scores,
    without_moderation,
)

FOLDS = 5


def set_of(seed: int = 1, n: int = 150, k: int = 5, moderation: float = 0.0) -> SetRows:
    draw = np.random.default_rng(seed)
    study = np.sort(draw.integers(0, k, n))
    is_active = draw.random(n) < 0.5
    x = draw.normal(size=(n, 3))
    x[:, 2] = (study % 2)
    x = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    y = 20 + 10 * is_active + 5 * draw.normal(size=k)[study] + 10 * draw.normal(size=n)
    y += 20 * moderation * (x[:, 0] - x[:, 1]) * (is_active - 0.5)
    members = (Member("a", "patient", 1.0), Member("b", "patient", 1.0), Member("c", "study", 1.0))
    return SetRows("o", "s", members, x, y, (y - y.mean()) / y.std(ddof=1), is_active, study,
                   tuple(f"study {code}" for code in range(k)), "who")


@pytest.fixture(scope="module")
def rows() -> SetRows:
    return set_of(moderation=0.4)


def test_folds_are_of_patients_within_study_and_arm(rows: SetRows) -> None:
    codes = fold_codes(rows.stratum, FOLDS, stream(1, "folds"))
    assert codes.shape == (rows.n,)
    sizes = np.bincount(codes, minlength=FOLDS)
    assert np.ptp(sizes) <= 1
    for stratum in np.unique(rows.stratum):
        own = np.bincount(codes[rows.stratum == stratum], minlength=FOLDS)
        assert np.ptp(own) <= 1


def test_nothing_is_seen_of_a_held_out_study(rows: SetRows) -> None:
    """Where a study's outcomes become others, the weights it is judged by stay."""
    before, study = fitted(rows, 0.5, FOLDS, 1), int(rows.study[0])
    own = rows.study == study
    noise = np.where(own, 1000 * np.random.default_rng(1).normal(size=rows.n), rows.y)
    after = fitted(replace(rows, y=noise), 0.5, FOLDS, 1)
    others = [one for one in before.studies if one[0] != study]
    assert [one[0] for one in before.studies] == sorted({int(code) for code in rows.study})
    assert any(one not in after.studies for one in others)  # they were fitted with it
    weights = _weights_without(rows, study)
    _, active, control, r = before.studies[0]
    assert (active, control) == (int((rows.is_active & own).sum()), int((~rows.is_active & own).sum()))
    assert r == pytest.approx(effect_size(rows.y[own], rows.x[own] @ weights, rows.is_active[own]), abs=1e-12)
    np.testing.assert_array_equal(weights, _weights_without(replace(rows, y=noise), study))
    sizes = np.array([one[1] * one[2] for one in before.studies])
    assert before.r_studies == pytest.approx(np.average([one[3] for one in before.studies], weights=sizes))  # type: ignore[arg-type]


def _weights_without(rows: SetRows, study: int) -> np.ndarray:
    from core.moderators.pairs import folded
    from core.moderators.penalized import chosen

    codes = np.unique(rows.study)
    inner = validation._without_each_study(rows, codes, FOLDS, 1)
    place = int(np.flatnonzero(codes == study)[0])
    assert (inner[place] == -1).sum() == (rows.study == study).sum()
    assert (inner[place, rows.study == study] == -1).all()
    found = chosen(folded(rows.x, np.where(rows.study == study, 0.0, rows.y)[None], rows.is_active, inner[place:place + 1], FOLDS), 0.5)
    return np.asarray(found.weights[:, 0, 0])


def test_a_patient_is_foretold_without_the_patient(rows: SetRows) -> None:
    """A cross-validation over pairs would leave the patient's other pairs in: an outcome that is out of all bounds would
    then move what is foretold of that very patient.
    """
    before = fitted(rows, None, FOLDS, 1)
    y = rows.y.copy()
    y[7] += 50.0
    after = fitted(replace(rows, y=y), None, FOLDS, 1)
    moved = np.abs(after.predicted - before.predicted)
    assert moved[7] < 1e-9 * np.abs(before.predicted).max()
    assert np.median(moved) > 1e-3


def test_an_empty_model_counts_as_nothing() -> None:
    found = fitted(set_of(seed=8), 1.0, FOLDS, 1)
    assert not found.weights.any()  # though what empties it is a matter of the last digit
    assert found.r_folds is not None and abs(found.r_folds) < 0.05
    assert {one[3] for one in found.studies} >= {0.0}


def test_two_studies_are_too_few_to_hold_one_out() -> None:
    found = fitted(set_of(k=2), 0.5, FOLDS, 1)
    assert found.studies == () and found.r_studies is None and found.r_folds is not None


def test_moderation_is_found_and_holds(rows: SetRows) -> None:
    found = fitted(rows, 0.5, FOLDS, 1)
    assert found.weights[0] > 3 and found.weights[1] < -3
    assert found.r_folds is not None and found.r_studies is not None
    assert found.r_folds > 0.15 and found.r_studies > 0.15
    null = null_correlations(rows, null_model(rows), 0.5, FOLDS, 1, range(60))
    assert pearson(rows, found.weights) > null.max()


def test_the_null_keeps_studies_and_takes_moderation_away(rows: SetRows) -> None:
    model = null_model(rows)
    assert not model.reason and model.intercept_sd > 0
    y = without_moderation(rows, replace(model, intercept_sd=0.0, slope_sd=0.0), stream(1, "x"))
    for code in np.unique(rows.study):
        own = rows.study == code
        np.testing.assert_allclose(np.sort(y[own] - model.fixed[own]), np.sort(model.residual[own]))
    many = np.array([without_moderation(rows, model, stream(1, one)) for one in range(400)])
    between = np.array([[row[rows.study == code].mean() for code in np.unique(rows.study)] for row in many - model.fixed])
    assert np.std(between) == pytest.approx(model.intercept_sd, rel=0.3)


def test_treatment_effects_of_studies_are_drawn_anew() -> None:
    """Their spread is in the null, or facts of studies would look like moderators."""
    draw = np.random.default_rng(5)
    own = set_of(n=600, k=12)
    y = own.y + 30 * draw.normal(size=12)[own.study] * (own.is_active - 0.5)
    rows = replace(own, y=y)
    model = null_model(rows)
    assert model.slope_sd > 12
    wide = null_correlations(rows, model, None, FOLDS, 1, range(40))
    narrow = null_correlations(rows, replace(model, slope_sd=0.0), None, FOLDS, 1, range(40))
    assert np.median(wide) > 1.15 * np.median(narrow)


def test_the_penalty_is_chosen_again_in_every_permutation(rows: SetRows, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = validation.chosen
    monkeypatch.setattr(validation, "chosen", lambda *args: seen.append(original(*args)) or seen[-1])
    null_correlations(rows, null_model(rows), 0.5, FOLDS, 1, range(20))
    (found,) = seen
    assert found.lambda_.shape == (1, 20) and len(np.unique(found.lambda_)) > 10


def test_a_replicate_depends_on_its_number_alone(rows: SetRows) -> None:
    model = null_model(rows)
    many = null_correlations(rows, model, 0.5, FOLDS, 1, range(6))
    few = null_correlations(rows, model, 0.5, FOLDS, 1, range(4, 6))
    np.testing.assert_allclose(many[4:], few, atol=1e-10)
    assert not np.allclose(many, null_correlations(rows, model, 0.5, FOLDS, 2, range(6)))


def test_a_refit_is_that_of_the_patients_written_out(rows: SetRows) -> None:
    draw = np.random.default_rng(4)
    drawn = draw.multinomial(rows.n, np.full(rows.n, 1 / rows.n), size=2).astype(float)
    drawn = np.vstack([drawn, rows.is_active])
    found = refitted(rows, 0.5, 1.5, drawn)
    for counts, weights in zip(drawn[:2], found[:2], strict=True):
        places = np.repeat(np.arange(rows.n), counts.astype(int))
        again = replace(rows, x=rows.x[places], y=rows.y[places], is_active=rows.is_active[places], study=rows.study[places])
        np.testing.assert_allclose(refitted(again, 0.5, 1.5, np.ones((1, rows.n)))[0], weights, atol=1e-9)
    assert np.isnan(found[2]).all()


def test_equal_patients_have_equal_scores() -> None:
    x = np.random.default_rng(1).normal(size=(50, 7))
    again = np.vstack([x, x[::-1]])
    found = scores(again, np.random.default_rng(2).normal(size=7))
    np.testing.assert_array_equal(found[:50], found[50:][::-1])


def test_a_model_that_cannot_be_had_is_a_reason(rows: SetRows) -> None:
    twice = replace(rows, x=np.column_stack([rows.x, rows.x[:, 0]]), members=(*rows.members, Member("d", "patient", 1.0)))
    assert "determined by the other columns" in null_model(twice).reason
