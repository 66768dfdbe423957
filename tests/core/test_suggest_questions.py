"""Questions follow from the mapping alone: answering one closes it, whoever opened it."""

from __future__ import annotations

from core.mapping import SURE, Constant, Decision, DoseSource, Recode, StudyMapping, Unavailable
from core.registry import Study
from core.sources import RawTable
from core.suggest import open_questions, suggest_mapping
from tests.core.suggest_tables import IDS, KETAMINE, cycle, long_table, make_table, scored

TABLE = make_table({"ID": IDS, "Group": cycle("Ketamine", "drug X"), "sex": cycle(1, 2), "GAD": cycle("yes", "past"),
                    **scored("MADRS_BL", "MADRS_T1")})


def mapping_of(table: RawTable) -> StudyMapping:
    return suggest_mapping(table, Study(study="x"), KETAMINE)[0]


def codes(mapping: StudyMapping, table: RawTable = TABLE) -> list[str]:
    return [issue.code for issue in open_questions(mapping, table, KETAMINE)]


def test_every_open_thing_is_asked_once_with_its_place() -> None:
    asked = open_questions(mapping_of(TABLE), TABLE, KETAMINE)
    assert [(issue.code, issue.where.column) for issue in asked] == [
        ("unknown_treatment", "Group"), ("structure_unsure", "MADRS_T1"), ("variable_unsure", "sex"),
        ("unknown_code", "GAD")]
    assert all(issue.where.file == "trial.csv" and issue.where.study == "x" and issue.remedy for issue in asked)


def test_answers_close_questions() -> None:
    mapping = mapping_of(TABLE)
    group = mapping.treatments[0].model_copy(update={"values": {"Ketamine": "ketamine", "drug X": None}})
    mapping = mapping.model_copy(update={"treatments": (group,), "doses": (DoseSource(constant=0.5),),
                                         "structure_by": "Ada"})
    assert codes(mapping) == ["variable_unsure", "unknown_code"]
    mapping = mapping.with_decision("female", Decision(rule=Recode(column="sex", codes={"1": "0", "2": "1"}), by="Ada"))
    mapping = mapping.with_decision("gad", Decision(rule=Unavailable(), by="Ada"))
    assert codes(mapping) == []


def test_a_confirmed_suggestion_is_settled() -> None:
    mapping = mapping_of(make_table({"ID": IDS, "Arm": cycle("saline"), "SUD": cycle(0, 1), **scored("MADRS_BL")}))
    suggestion = mapping.variables["sud_lifetime"]
    assert suggestion.sureness < SURE and not suggestion.is_settled
    assert suggestion.model_copy(update={"by": "Ada"}).is_settled


def test_a_column_that_is_gone_is_asked() -> None:
    mapping = mapping_of(TABLE).with_decision("ocd", Decision(rule=Recode(column="OCD", codes={}), by="Ada"))
    assert "column_gone" in codes(mapping)
    assert "column_gone" not in codes(mapping.with_decision("ocd", Decision(rule=Constant(value="0"), by="Ada")))


def test_visits_that_a_person_must_name() -> None:
    table = make_table(long_table(("Baseline", "24 h", "Visit X")))
    mapping = mapping_of(table)
    assert codes(mapping, table) == ["unknown_visit"]
    assert mapping.shape.visit is not None
    visit = mapping.shape.visit.model_copy(update={"values": {**mapping.shape.visit.values, "Visit X": None}})
    shape = mapping.shape.model_copy(update={"visit": visit})
    assert codes(mapping.model_copy(update={"shape": shape}), table) == []
