"""Figures of combined moderators: M* is that of the run, and what stands where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.figures.combined_fifths import combined_fifths
from core.figures.combined_fifths import lay_out as lay_out_fifths
from core.figures.combined_figures import combined_figures, set_figures, sets_figures
from core.figures.combined_keys import outcome_unit
from core.figures.combined_patients import crossing_words, side_words
from core.figures.combined_sets import combined_sets, lay_out
from core.figures.combined_studies import combined_studies
from core.figures.combined_weights import combined_weights
from core.figures.style import LIGHT
from core.labels import Labels
from core.moderators.combined_pictured import combined_pictured
from core.moderators.pictured import Pictured
from core.results import Results
from tests.core.invented_results import invented

RESULTS, COHORT, _ = invented()
ONE, EMPTY, UNFITTED = RESULTS.combined
LABELS = Labels()


def shown(one: CombinedEffect = ONE, results: Results = RESULTS, cohort: Cohort = COHORT) -> Pictured | str:
    return combined_pictured(cohort, results.plan, None, one)


def test_m_is_made_again_from_weights_and_patients() -> None:
    found = shown()
    assert isinstance(found, Pictured)
    has = COHORT.frame["age"].notna().to_numpy()
    age = COHORT.frame["age"].to_numpy()[has]
    expected = (age - age.mean()) / age.std(ddof=1)  # the other member has no weight
    np.testing.assert_allclose(np.sort(found.place), np.sort(expected), atol=1e-12)
    assert len(found.place) == ONE.n and found.place.std(ddof=1) == pytest.approx(1.0)
    benefit = found.active.value - found.control.value
    np.testing.assert_allclose(found.benefit.value, benefit, atol=1e-9)


def test_lines_cross_where_the_run_says(tmp_path: object) -> None:
    """The crossing point of lines in units of the outcome is that of lines in SD."""
    from core.moderators.crossing import lines_over
    from core.moderators.members import set_rows

    (rows,) = set_rows(COHORT, RESULTS.plan, None, RESULTS.plan.sets[0], 0)
    score = rows.x[:, 0] * 4.2
    lines = lines_over(rows, (score - score.mean()) / score.std(ddof=1))
    found = shown()
    assert isinstance(found, Pictured) and lines.crossing is not None
    slope = np.polyfit(found.benefit.at, found.benefit.value, 1)
    assert -slope[1] / slope[0] == pytest.approx(lines.crossing, rel=1e-6)


def test_other_patients_are_not_drawn() -> None:
    assert isinstance(shown(replace(ONE, n=ONE.n + 1)), str)
    assert isinstance(shown(replace(ONE, weights=ONE.weights[:1])), str)
    assert isinstance(shown(replace(ONE, outcome="unknown")), str)
    assert isinstance(shown(replace(ONE, weights=tuple(replace(w, weight=0.0) for w in ONE.weights))), str)


def test_what_is_drawn_of_which_set() -> None:
    def kinds(one: CombinedEffect, cohort: Cohort | None = COHORT) -> list[str]:
        return [figure.key.split("_")[1] for figure in set_figures(RESULTS, cohort, LABELS, one)]

    assert kinds(ONE) == ["weights", "patients", "fifths", "studies"]
    assert kinds(ONE, None) == ["weights", "fifths", "studies"]
    assert kinds(EMPTY) == ["weights"]
    assert kinds(UNFITTED) == []


def test_an_export_shows_all_sets_and_the_one_that_leads() -> None:
    keys = [figure.key for figure in combined_figures(RESULTS, COHORT, LABELS)]
    assert keys == ["combined_sets_rapid", "combined_weights_rapid_1", "combined_patients_rapid_1",
                    "combined_fifths_rapid_1", "combined_studies_rapid_1"]
    assert combined_figures(replace(RESULTS, combined=()), COHORT, LABELS) == ()
    assert sets_figures(replace(RESULTS, combined=(UNFITTED,)), LABELS) == ()


def test_the_figure_of_sets_says_what_was_held_out_first() -> None:
    figure = combined_sets(RESULTS.combined, "rapid", LABELS)
    assert figure is not None
    assert "set 1 0.09 against 0.21" in figure.alt and "1 set without a usable combination" in figure.alt
    assert "None of 3 reach the line of 0.3" in figure.alt
    assert figure.data.records()[0]["r_leave_study_out"] == 0.09 and figure.data.records()[0]["null_high"] == 0.15
    assert [spot.key for spot in figure.spots(LIGHT, (7.0, 3.0))] == ["1", "1", "1"]
    drawn = " ".join(text.get_text() for text in figure.draw(LIGHT).axes[0].texts)
    assert "no usable combination" in drawn and "not fitted" in drawn and "0.21 (0.08, 0.33)" in drawn


def test_the_figure_of_sets_has_a_flexible_learner_where_there_is_one() -> None:
    plain = combined_sets(RESULTS.combined, "rapid", LABELS)
    free = tuple(replace(one, r_flexible_leave_study_out=0.41) if one is not UNFITTED else one for one in RESULTS.combined)
    asked = combined_sets(free, "rapid", LABELS)
    assert plain is not None and asked is not None
    assert asked.data.records()[0]["r_flexible_leave_study_out"] == 0.41
    assert "r_flexible_leave_study_out" not in plain.data.records()[0]
    assert "A flexible learner, held out: set 1 0.41" in asked.alt and "flexible" not in plain.alt
    shown = [" ".join(text.get_text() for text in one.draw(LIGHT).axes[0].texts) for one in (plain, asked)]
    assert ["flexible learner" in text for text in shown] == [False, True]
    squares = [line for line in asked.draw(LIGHT).axes[0].lines if line.get_marker() == "s"]
    assert len(squares) == 3, "the legend's, and one of each set that was fitted, empty or not"
    assert lay_out(free, 0.3, LIGHT, 7.0).axis.holds(0.41)


def test_the_axis_holds_the_line_and_everything_on_it() -> None:
    axis = lay_out(RESULTS.combined, 0.3, LIGHT, 7.0).axis
    assert all(axis.holds(value) for value in (0.0, 0.3, 0.33, 0.09, 0.11))
    wide, narrow = (lay_out(RESULTS.combined, 0.3, LIGHT, width) for width in (8.0, 4.6))
    assert wide.has_sizes and not narrow.has_sizes


def test_weights_stand_by_size_and_an_empty_one_says_so() -> None:
    figure = combined_weights(ONE, "percentage points", LABELS)
    assert figure is not None
    assert [row["moderator"] for row in figure.data.records()] == ["Age", "Female"]
    drawn = [text.get_text() for text in figure.draw(LIGHT).axes[0].texts]
    assert "4.2 (0.4, 8.1)" in drawn and "0, left out" in drawn
    assert "age 4.2 (0.4 to 8.1; kept in 98" in figure.alt and "1 member left out" in figure.alt


def test_calibration_has_one_range_on_both_axes() -> None:
    figure = combined_fifths(ONE, "percentage points", LABELS)
    assert figure is not None and len(figure.data.rows) == 5
    first = figure.data.records()[0]
    assert first["low"] == pytest.approx(4.5 - 1.96 * 6, abs=1e-3)
    from core.figures.combined_fifths import _seen

    area = lay_out_fifths(tuple(_seen(fifth) for fifth in ONE.fifths), "points", LABELS, LIGHT, 7.0, 4.0).area
    assert (area.across.low, area.across.high) == (area.up.low, area.up.high)
    assert combined_fifths(replace(ONE, fifths=()), "percentage points", LABELS) is None


def test_studies_left_out() -> None:
    figure = combined_studies(ONE, LABELS)
    assert figure is not None
    drawn = [text.get_text() for text in figure.draw(LIGHT).axes[0].texts]
    assert "one arm only" in drawn and "Pool, by pairs of patients" in drawn
    assert figure.data.records()[-1]["r"] == ONE.r_leave_study_out
    assert combined_studies(replace(ONE, studies=()), LABELS) is None


@pytest.mark.parametrize(("changes", "words"), [
    ({}, "cross at M* = −1.20 (95 % of resamples: −1.90 to beyond the data)"),
    ({"crossing_low": None, "crossing_high": None, "note": ""}, "The lines cross at M* = −1.20."),
    ({"crossing": None, "note": "The lines cross outside the data: no group does better on control."},
     "The lines cross outside the data."),
    ({"crossing": None, "note": ""}, "The lines do not cross.")])
def test_where_the_lines_cross_in_words(changes: dict[str, object], words: str) -> None:
    assert words in crossing_words(replace(ONE, **changes)).replace("\N{NARROW NO-BREAK SPACE}", " ")  # type: ignore[arg-type]


def test_both_sides_in_words() -> None:
    text = side_words(ONE).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert text == "Above it 88 % of patients, effect 0.80 (0.50, 1.10) SD; below it 12 %, effect −0.10 (−0.90, 0.70) SD."
    assert side_words(replace(ONE, crossing=None)) == ""


def test_units_follow_the_outcome() -> None:
    assert outcome_unit(RESULTS, "rapid") == "percentage points of improvement"
