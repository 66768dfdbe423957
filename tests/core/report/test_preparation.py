"""What the report says of how the files were made ready."""

from __future__ import annotations

from core.labels import labels_for
from core.mapping import Decision, Recode, StudyMapping, Unavailable
from core.preparation import Preparation, preparations
from core.protocol_files import load_protocol
from core.registry import Registry, Study
from core.report.preparation import preparation_sentences, preparation_table
from core.session import Session

PROTOCOL = load_protocol("ketamine")
RULES = {"female": Decision(rule=Recode(column="Sex", codes={"F": "1"})),
         "smoker": Decision(rule=Unavailable(reason="not asked"), by="Ada"),
         "ptsd": Decision(rule=Recode(column="PTSD", codes={"x": "1"}), sureness=0.6)}


def prepared() -> tuple[Preparation, ...]:
    session = Session(PROTOCOL, registry=Registry(studies=(Study(study="one"), Study(study="none"))))
    return preparations(session.with_mapping(StudyMapping(study="one", file="one.csv", variables=RULES)))


def test_rules_are_counted_by_kind_state_and_person() -> None:
    (one,) = prepared()
    assert (one.kinds, one.mapped, one.unavailable, one.waiting, one.by_program, one.by_people) == (
        {"codes given their meaning": 1}, 1, 1, 1, 1, {"Ada": 1})


def test_the_report_says_it_in_words_and_in_a_table() -> None:
    (text,) = preparation_sentences(prepared())
    assert "files of 1 study" in text and "1 codes given their meaning" in text and "1 by Ada" in text
    assert "1 suggestion still waited for a person" in text
    assert preparation_table(prepared(), labels_for(PROTOCOL)).rows == (
        ("one", "1", "1 codes given their meaning", "1", "1", "program 1, Ada 1"),)
    assert preparation_sentences(()) == []
