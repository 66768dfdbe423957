"""The calculator in words: never without its mark, an extrapolation said, no answer where a value is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.calculator_words import answer, as_text, calculator_sentence, mark, options, range_words, typed_number
from core.combined_results import CombinedEffect
from core.combined_words import is_offered
from core.labels import Labels
from core.moderators.calculator import Asked, Calculator, Value, calculator
from tests.strong_pool import strong_pool

LABELS = Labels("Ketamine", "Placebo", is_drug=True, variables={"crp": "CRP"}, units={"age": "years"}, traits={"female": "female"})
VALUES: dict[str, Value] = {"age": 52.0, "female": 0.0, "crp": 4.0, "diagnosis": "b", "referred": 0.0}
UNIT = "units of the outcome"


@pytest.fixture(scope="module")
def made() -> tuple[Calculator, CombinedEffect]:
    cohort, plan, one = strong_pool()
    found = calculator(cohort, plan, None, one)
    assert isinstance(found, Calculator)
    return found, one


def test_it_is_offered_by_what_was_held_out_alone() -> None:
    at = CombinedEffect("rapid", "1", lambda_=1.0, r=0.6, p_permutation=0.01, r_cv=0.3, r_leave_study_out=0.3)
    assert is_offered(at, LABELS)
    for changes in ({"r_leave_study_out": 0.299}, {"r_cv": 0.299}, {"p_permutation": 0.2}, {"p_permutation": None},
                    {"is_empty": True}, {"lambda_": None}):
        below = replace(at, **changes)  # type: ignore[arg-type]
        assert not is_offered(below, LABELS), changes
        for in_report in (False, True):
            assert "would need a held-out r of 0.3" in calculator_sentence(below, LABELS, in_report)
    assert not is_offered(at, replace(LABELS, useful_r=0.4)) and is_offered(replace(at, r=0.1), LABELS)
    assert "so values can be tried" in calculator_sentence(at, LABELS)
    assert "This report holds no calculator" in calculator_sentence(at, LABELS, in_report=True)
    for text in (calculator_sentence(at, LABELS), calculator_sentence(at, LABELS, in_report=True)):
        assert text.startswith("For research only. Held-out r reaches the line of 0.3")


def test_the_mark() -> None:
    one = CombinedEffect("rapid", "1", r_leave_study_out=0.33, r_cv=0.34, p_permutation=0.002)
    assert mark(one) == ("Research use only. Not for decisions about single patients.\nHeld-out r = 0.33 (studies left "
                         "out in turn), 0.34 cross-validated, permutation p = 0.002.")


def test_an_answer(made: tuple[Calculator, CombinedEffect]) -> None:
    said = answer(made[0], VALUES, UNIT, LABELS)
    found = made[0].foretold(VALUES)
    assert said.first == (f"Predicted difference, ketamine minus placebo: {found.difference:.1f} (95\N{NARROW NO-BREAK SPACE}% "  # type: ignore[union-attr]
                          f"interval {found.low:.1f} to {found.high:.1f}) units of the outcome.")  # type: ignore[union-attr]
    assert said.warnings == () and " on ketamine, " in said.rest[0]
    assert said.rest[1].startswith("M* = ") and "of the 228 patients analyzed" in said.rest[1]
    assert "not for" not in said.first


def test_an_extrapolation_is_a_warning(made: tuple[Calculator, CombinedEffect]) -> None:
    said = answer(made[0], {**VALUES, "age": 99.0}, UNIT, LABELS)
    asked = made[0].asked[0]
    assert said.warnings[0] == (f"An extrapolation: Age 99 lies outside what the patients had, {asked.low:g} to "
                                f"{asked.high:g}.")
    assert said.rest, "it is answered all the same"


def test_what_is_missing_or_none(made: tuple[Calculator, CombinedEffect]) -> None:
    said = answer(made[0], {"age": 52.0}, UNIT, LABELS)
    assert said.first.endswith("Still missing: female, CRP, diagnosis, referred.") and not said.rest
    assert answer(made[0], {**VALUES, "crp": -1.0}, UNIT, LABELS).lines == ("No answer yet.", "CRP: it must be above zero.")
    wrong = answer(made[0], VALUES, UNIT, LABELS, {"age": '"x" is not a number.'})
    assert wrong.lines == ("No answer yet.", 'Age: "x" is not a number.')


def test_what_is_copied_begins_with_the_mark(made: tuple[Calculator, CombinedEffect]) -> None:
    own, one = made
    lines = as_text(one, own, VALUES, answer(own, VALUES, UNIT, LABELS), LABELS).split("\n")
    assert "\n".join(lines[:2]) == mark(one) and lines[2] == "Combined moderator, set s, O."
    assert lines[3:8] == ["Age: 52", "Female: not female", "CRP: 4", "Diagnosis: b", "Referred: no"]
    assert lines[8].startswith("Predicted difference")


@pytest.mark.parametrize(("text", "expected"), [
    ("52", 52.0), (" 1.286 ", 1.286), ("1,5", 1.5), ("\N{MINUS SIGN}3", -3.0), ("1,286", "can be 1.286 or 1286"),
    ("45 years", "is not a number"), ("nan", "is not a number"), ("-", "is not a number"), ("12.04.2020", "is not a number")])
def test_a_number_as_it_is_typed(text: str, expected: float | str) -> None:
    found = typed_number(text)
    assert found == expected if isinstance(expected, float) else expected in str(found)


def test_beside_a_field() -> None:
    assert range_words(Asked("age", "patient", "number", -1.5, 72.0), LABELS) == "\N{MINUS SIGN}1.5 to 72 years in the patients"
    assert range_words(Asked("female", "patient", "yes_no"), LABELS) == ""
    assert options(Asked("female", "patient", "yes_no"), LABELS) == (("not female", 0.0), ("female", 1.0))
    assert options(Asked("age", "patient", "number"), LABELS) == ()
