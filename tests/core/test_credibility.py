"""The credibility form: what the results answer, what a person answers, and the rating that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.credibility import (
    COLUMNS,
    PROGRAM,
    QUESTIONS,
    Answer,
    Credibility,
    PersonsAnswer,
    asked_of,
    form_of,
    iceman_table,
    rating,
)
from core.credibility_answers import forms_of, prefilled
from core.documents import parse_document
from core.plan import Moderator
from core.protocol import PublishedEffect
from core.results import ModeratorEffect
from tests.core.invented_results import invented

RESULTS, COHORT, _ = invented(6)


def rows(level: str = "patient", kind: str = "continuous", **more: object) -> tuple[ModeratorEffect, ...]:
    start = {"n": 100, "k": 6, "beta": 0.3, "se": 0.1, "ci_low": 0.1, "ci_high": 0.5, "p": 0.004, "q": 0.02}
    return tuple(ModeratorEffect("rapid", "age", level, kind, "2", model, **(start | more))  # type: ignore[arg-type]
                 for model in ("published", "recommended"))


def answers(**more: object) -> dict[str, Answer]:
    found = prefilled(replace(RESULTS, moderators=rows(**more)), COHORT, "rapid", "age")  # type: ignore[arg-type]
    assert all(one.reason for one in found.values())
    return {key: one.answer for key, one in found.items()}


def test_every_question_is_answered() -> None:
    assert set(answers()) == {question.key for question in QUESTIONS} - {"overall"}


def test_trials_compared_with_trials_are_no_patients_compared() -> None:
    found = answers(level="study")
    assert found["within"] == "definitely_no"
    assert found["similar"] == "not_applicable"
    assert found["many"] == "probably_no"
    assert answers(level="study", k=5)["many"] == "definitely_no"
    assert answers(level="study", k=16)["many"] == "definitely_yes"


def test_the_share_within_studies_decides() -> None:
    parts = {"within_beta": 0.3, "within_se": 0.1, "across_beta": 0.1}
    assert answers(**parts, across_se=0.4)["within"] == "probably_yes"
    assert answers(**parts, across_se=0.4)["many"] == "not_applicable"
    assert answers(**parts, across_se=0.05)["within"] == "probably_no"
    assert answers(**parts, across_se=0.05)["many"] == "probably_no"


@pytest.mark.parametrize(("i2", "k", "answer"), [(0.0, 6, "probably_yes"), (60.0, 6, "probably_no"),
                                                 (90.0, 6, "definitely_no"), (0.0, 2, "probably_no"),
                                                 (None, 1, "not_applicable")])
def test_how_alike_studies_are(i2: float | None, k: int, answer: Answer) -> None:
    assert answers(two_stage_i2=i2, two_stage_k=k)["similar"] == answer


@pytest.mark.parametrize(("p", "answer"), [(0.2, "definitely_no"), (0.04, "probably_no"), (0.008, "probably_yes"),
                                           (0.005, "definitely_yes"), (None, "probably_no")])
def test_chance(p: float | None, answer: Answer) -> None:
    assert answers(p=p)["chance"] == answer


def test_many_tests_are_held_against_it_unless_it_survives() -> None:
    crowd = tuple(ModeratorEffect("rapid", f"m{i}", "patient", "binary", "2", "published", p=0.5) for i in range(20))
    for q, answer in ((0.02, "definitely_yes"), (0.4, "probably_no"), (None, "definitely_no")):
        many = replace(RESULTS, moderators=(*rows(q=q), *crowd))
        assert prefilled(many, COHORT, "rapid", "age")["few"].answer == answer
    assert answers(q=0.4)["few"] == "definitely_yes", "one test is few"


def test_what_was_published_is_told_not_taken() -> None:
    known = replace(RESULTS, moderators=rows(),
                    published=(PublishedEffect(outcome="rapid", term="age", estimate=0.2, source="Someone 2020"),))
    found = prefilled(known, COHORT, "rapid", "age")["foreseen"]
    assert found.answer == "probably_no" and "Someone 2020" in found.reason


def test_studies_on_the_smaller_side_are_counted() -> None:
    cohort = replace(COHORT, frame=COHORT.frame.assign(site=(COHORT.study < 2).astype(float)))
    plan = RESULTS.plan.model_copy(update={"moderators": (Moderator(name="site", kind="binary", level="study"),)})
    own = tuple(replace(row, moderator="site", level="study", kind="binary") for row in rows())
    found = prefilled(replace(RESULTS, plan=plan, moderators=own), cohort, "rapid", "site")["many"]
    assert found.answer == "definitely_no" and found.reason.startswith("2 studies on the smaller side")


@pytest.mark.parametrize(("given", "rated"), [
    (("probably_no", "definitely_no"), "definitely_no"), (("definitely_no", "definitely_yes"), "probably_no"),
    (("probably_no", "definitely_yes", "not_applicable"), "probably_yes"),
    (("probably_yes", "definitely_yes"), "definitely_yes")])
def test_what_lowers_most_decides(given: tuple[Answer, ...], rated: Answer) -> None:
    assert rating(given).answer == rated


def own(question: str, answer: Answer, **more: str) -> PersonsAnswer:
    return PersonsAnswer(outcome="rapid", moderator="age", question=question, answer=answer, by="Ann", **more)


def test_a_person_has_the_last_word_and_can_give_it_back() -> None:
    parts = {"within_beta": 0.3, "within_se": 0.1, "across_beta": 0.1, "across_se": 0.4}
    program = prefilled(replace(RESULTS, moderators=rows(**parts)), COHORT, "rapid", "age")
    answered = Credibility().with_answer(own("foreseen", "definitely_yes", reason="Registered."))
    answered = answered.with_answer(own("within", "definitely_yes"))
    form = form_of("rapid", "age", program, answered.of("rapid", "age"))
    lines = {line.question.key: line for line in form.lines}
    assert (lines["foreseen"].said, lines["foreseen"].by, lines["foreseen"].reason) == ("Yes", "Ann", "Registered.")
    assert lines["foreseen"].prefilled.answer == "probably_no"
    assert lines["chance"].by == PROGRAM
    assert lines["overall"].answer == "definitely_yes", "the rating follows the person's answers"
    again = answered.without("rapid", "age", "foreseen").with_answer(own("within", "definitely_no"))
    assert len(again.answers) == 1
    assert parse_document(Credibility, again.canonical_json(), "credibility") == again


def test_forms_are_of_what_the_data_suggest_and_what_was_answered() -> None:
    weak = replace(RESULTS, moderators=rows(p=0.4))
    assert asked_of(weak, Credibility()) == ()
    answered = Credibility().with_answer(own("overall", "probably_no"))
    assert asked_of(weak, answered) == (("rapid", "age"),)
    table = iceman_table(forms_of(weak, COHORT, answered))
    assert table.columns == COLUMNS and len(table.rows) == len(QUESTIONS)
    assert table.records()[-1] | {"reason": ""} == {
        "outcome": "rapid", "moderator": "age", "question": "How credible is the change, all in all?", "answer": "Low",
        "reason": "", "by": "Ann"}
