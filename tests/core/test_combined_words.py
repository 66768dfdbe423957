"""A combined moderator in words: what was held out decides what is said, whatever r is apparent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.combined_results import CombinedEffect, CombinedWeight
from core.combined_words import (
    apparent,
    cautions,
    comparison,
    finds_more,
    flexible,
    flexible_comparison,
    held_out,
    is_assumed,
    leading_set,
    reading,
    verdict,
)
from core.labels import Labels
from core.moderators.combined import ASSUMED, NOTHING

LABELS = Labels(delays={"rapid": "24 hours"}, variables={"us_site": "US site", "age": "Age"})
ONE = CombinedEffect("rapid", "2f", 230, 7, "elastic_net", 0.5, 1.2, r=0.41, r_low=0.3, r_high=0.5, p_permutation=0.31,
                     r_cv=0.05, r_leave_study_out=0.03, r_pearson=0.4, null_high=0.43,
                     weights=(CombinedWeight("age", "patient", 2.0, 0.2), CombinedWeight("us_site", "study", 3.0, 6.0)))


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, "no"),
    ({"p_permutation": 0.01}, "little"),
    ({"p_permutation": 0.01, "r_leave_study_out": -0.01}, "no"),
    ({"p_permutation": 0.01, "r_leave_study_out": 0.30, "r_cv": 0.31}, "useful"),
    ({"p_permutation": 0.01, "r_leave_study_out": 0.35, "r_cv": 0.29}, "little"),
    ({"p_permutation": 0.05, "r_leave_study_out": 0.35, "r_cv": 0.35}, "no"),
    ({"p_permutation": None, "r_leave_study_out": 0.35, "r_cv": 0.35}, "unproven"),
    ({"p_permutation": 0.01, "r_leave_study_out": None, "r_cv": 0.35}, "useful"),
    ({"is_empty": True}, "empty"),
    ({"lambda_": None, "r_leave_study_out": None, "r_cv": None}, "none")])
def test_what_was_held_out_decides(changes: dict[str, object], expected: str) -> None:
    assert verdict(replace(ONE, **changes), LABELS) == expected  # type: ignore[arg-type]


def test_the_line_is_the_protocols() -> None:
    near = replace(ONE, p_permutation=0.001, r_leave_study_out=0.25, r_cv=0.25)
    assert verdict(near, LABELS) == "little"
    assert verdict(near, replace(LABELS, useful_r=0.2)) == "useful"


def test_the_worked_reading() -> None:
    assert reading(ONE, LABELS) == (
        "After 24 hours, set 2f: in these data the combination does not help choose treatment: held-out r = 0.03 "
        "(studies left out in turn), 0.05 cross-validated, permutation p = 0.310.")
    useful = replace(ONE, p_permutation=0.002, r_leave_study_out=0.33, r_cv=0.34)
    assert "helps tell who benefits: held-out r = 0.33" in reading(useful, LABELS)
    assert "new study" in reading(useful, LABELS)
    assert "no usable combination" in reading(replace(ONE, is_empty=True), LABELS)
    assert reading(replace(ONE, lambda_=None, note="Nobody has it."), LABELS).endswith("Nobody has it.")
    assert "0.41" not in reading(ONE, LABELS), "apparent r is no part of the reading"


def test_apparent_r_is_no_test() -> None:
    text = apparent(ONE)
    assert "0.41 (0.30, 0.50)" in text and "no test" in text and "below 0.43" in text and "here 0.40" in text
    assert apparent(replace(ONE, r=None)) == ""


def test_facts_of_studies_are_told_with_what_is_left_without_them() -> None:
    apart = replace(ONE, set="2f without study-level", weights=ONE.weights[:1], r_leave_study_out=-0.02, r_cv=0.01,
                    p_permutation=0.5, note="Set 2f without its study-level members: us_site. One more thing.")
    first = cautions(ONE, (ONE, apart), LABELS)[0]
    assert first.startswith("US site is a fact of a study") and "Without them: held-out r = −0.02" in first
    empty = replace(apart, is_empty=True)
    assert "no usable combination is left" in cautions(ONE, (ONE, empty), LABELS)[0]
    told = " ".join(cautions(apart, (ONE, apart), LABELS))
    assert "us_site" not in told and "One more thing." in told and "are left out of this set" in told


def test_cautions() -> None:
    other = replace(ONE, set="1")
    one = replace(ONE, k=3, r_failed=2, note=f"{NOTHING} {ASSUMED} Only 4.0 patients a moderator in the smaller arm.")
    told = " ".join(cautions(one, (one, other), LABELS))
    for words in ("3 studies only", "2 sets were tried with this outcome: p is not corrected", "2 bootstrap replicates gave no r", ASSUMED, "Only 4.0 patients"):
        assert words in told
    assert NOTHING not in told and is_assumed(one) and not is_assumed(ONE)
    assert cautions(replace(one, lambda_=None), (one,), LABELS) == ()


def test_the_set_that_leads() -> None:
    best, empty = replace(ONE, set="1", r_leave_study_out=0.1), replace(ONE, set="2", r_leave_study_out=0.2, is_empty=True)
    few = replace(ONE, set="3", r_leave_study_out=None, r_cv=0.08)
    assert leading_set((ONE, best, empty, few), "rapid") is best
    assert leading_set((empty,), "rapid") is None and leading_set((ONE,), "post_rapid") is None
    assert held_out(few) == 0.08


def test_sets_side_by_side() -> None:
    useful = replace(ONE, set="1", p_permutation=0.001, r_leave_study_out=0.4, r_cv=0.4)
    little, empty = replace(ONE, set="2", p_permutation=0.001), replace(ONE, set="3", is_empty=True)
    text = comparison((ONE, useful, little, empty), "rapid", LABELS)
    assert text.startswith("Rapid: of 4 combinations 1 reaches the line") and "1 tells more" in text and "1 keeps" in text
    assert "none reaches" in comparison((ONE,), "rapid", LABELS)
    assert "no set could be combined" in comparison((replace(ONE, lambda_=None),), "rapid", LABELS)


def free(by_studies: float | None, by_folds: float | None, **changes: object) -> CombinedEffect:
    return replace(ONE, r_flexible_leave_study_out=by_studies, r_flexible_cv=by_folds, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("one", "expected"), [
    (ONE, False), (free(0.14, 0.16), True), (free(0.14, 0.14), False), (free(0.12, 0.30), False), (free(None, 0.16), True),
    (free(0.05, 0.05, r_leave_study_out=-0.1, r_cv=-0.1), False),  # better than M*, not than choosing nobody
    (free(0.12, 0.12, r_leave_study_out=None, r_cv=0.0), True)])
def test_more_is_clearly_more_in_all_that_was_held_out(one: CombinedEffect, expected: bool) -> None:
    assert finds_more(one) is expected


def test_a_flexible_learner_stands_beside_m_star() -> None:
    assert flexible(ONE) == ""
    assert flexible(free(0.02, 0.06)) == (
        "A flexible learner, free to bend and to combine, finds no more than M*: held-out r = 0.02 against 0.03 (studies left "
        "out in turn), 0.06 against 0.05 (cross-validated).")
    assert flexible(free(None, 0.06, r_leave_study_out=None)).endswith("held-out r = 0.06 against 0.05 (cross-validated).")
    more = flexible(free(0.31, 0.29))
    assert "finds more than M*" in more and "This is a hint and no test." in more


def test_flexible_learners_of_all_sets() -> None:
    assert flexible_comparison((ONE,), "rapid") == "" == flexible_comparison((free(0.3, 0.3),), "post_rapid")
    assert "in none of 1 combination." in flexible_comparison((free(0.0, 0.0),), "rapid")
    text = flexible_comparison((free(0.3, 0.3), free(0.0, 0.0, set="1"), ONE), "rapid")
    assert text.endswith("in 1 of 2 combinations: set 2f.")
