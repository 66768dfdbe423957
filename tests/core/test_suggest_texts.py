"""Variables told from free text: when they are suggested, when they are sure, what stays a question."""

from __future__ import annotations

import pytest

from core.mapping import SURE, Decision, TextPattern, TextSearch, Undecided
from core.sources import Cell
from core.suggest import open_questions
from tests.core.harmonizing import PROTOCOL, codes, harmonized, mapping, row_of, table
from tests.core.suggest_tables import cycle, wide

DRUGS = cycle("sertraline 50 mg, lorazepam 1 mg", "none", "Zoloft + quetiapine + Xanax", "venlafaxine")
DIAGNOSES = cycle("MDD; GAD", "MDD, recurrent", "Bipolar II; PTSD")


def found(columns: dict[str, list[Cell]], *keys: str) -> list[tuple[bool, float] | None]:
    decisions = wide(columns).mapping.variables
    return [(isinstance(decisions[key].rule, TextSearch), decisions[key].sureness) if key in decisions else None
            for key in keys]


def test_lists_of_known_drugs_are_sure() -> None:
    keys = ("n_medications", "any_medication", "benzodiazepine")
    assert found({"Concomitant medications": DRUGS}, *keys) == [(True, 1.0)] * 3
    assert wide({"Concomitant medications": DRUGS}).questions == wide({}).questions


@pytest.mark.parametrize(("header", "more"), [
    ("Concomitant medications", "sertraline, xyzzy"), ("Concomitant medications", "lorazepam?, sertraline"), ("Meds", "")])
def test_what_is_not_known_or_not_plain_is_asked(header: str, more: str) -> None:
    cells = [*DRUGS[:-1], more or DRUGS[-1]]
    (is_text, sureness), = (one for one in found({header: cells}, "n_medications") if one)
    assert is_text and sureness < SURE


def test_diagnoses_are_asked_unless_the_column_lists_all() -> None:
    keys = ("mdd", "bipolar", "ptsd", "any_anxiety")
    sure = found({"Psychiatric diagnoses": DIAGNOSES}, *keys)
    assert sure[:3] == [(True, 1.0)] * 3
    assert sure[3] is not None and sure[3][1] < SURE  # whether PTSD is an anxiety disorder, manuals differ
    asked = found({"Diagnosis": DIAGNOSES}, *keys)
    assert all(one is not None and one[0] and one[1] < SURE for one in asked)


@pytest.mark.parametrize("columns", [
    {"Diagnosis": cycle("MDD", "Bipolar")}, {"Comments": DRUGS}, {"Concomitant medications": cycle("yes", "no")},
    {"Concomitant medications": cycle("as before, see chart", "unchanged, ask ward")}])
def test_other_columns_are_left_alone(columns: dict[str, list[Cell]]) -> None:
    assert not any(isinstance(one.rule, TextSearch) for one in wide(columns).mapping.variables.values())


def test_a_column_of_its_own_goes_first() -> None:
    assert found({"Concomitant medications": DRUGS, "Benzodiazepine": cycle(0, 1)}, "benzodiazepine") == [(False, 1.0)]


SEARCH = TextSearch(columns=("x",), patterns=(TextPattern(code="1", any_of=("gad",)),), otherwise="code", code="0",
                    doubts=("possible",))


def test_texts_become_codes_and_what_is_not_plain_a_question() -> None:
    raw = table("id drug b d1 d7 x", *((str(i), "KS"[i % 2], 30, 15, 10, text) for i, text in enumerate(
        ("GAD", "MDD", "possible GAD", None))))
    rules = mapping(variables={"female": Decision(rule=SEARCH, by="Ada")})
    data = harmonized(raw, rules)
    assert [row_of(data, name)["female"] for name in "01"] == [1, 0] and codes(data) == ["unknown_text"]
    assert data.patients["female"].isna().tolist() == [False, False, True, True]
    (asked,) = (one for one in open_questions(rules, raw, PROTOCOL) if one.where.variable == "female")
    assert asked.code == "unknown_text" and '"possible GAD"' in asked.text and "1 row is" in asked.text
    answered = SEARCH.model_copy(update={"answers": {"possible GAD": "1"}})
    rules = rules.with_decision("female", Decision(rule=answered, by="Ada"))
    assert not [one for one in open_questions(rules, raw, PROTOCOL) if one.where.variable == "female"]


def test_what_means_missing_says_nothing() -> None:
    cells = [*DRUGS[:-2], "NA", None]
    assert found({"Concomitant medications": cells}, "n_medications") == [(True, 1.0)]
    raw = table("id drug b d1 d7 x y", ("1", "K", 30, 15, 10, "NA", "GAD"), ("2", "S", 30, 15, 10, "NA", None))
    both = SEARCH.model_copy(update={"columns": ("x", "y"), "known": ("gad",)})
    data = harmonized(raw, mapping(variables={"female": Decision(rule=both)}))
    assert data.patients["female"].fillna(9).tolist() == [1, 9] and "unknown_text" not in codes(data)


def test_a_search_that_cannot_be_done_is_told() -> None:
    raw = table("id drug b d1 d7 x", ("1", "K", 30, 15, 10, "GAD"))
    broken = SEARCH.model_copy(update={"known": ("@nowhere",)})
    assert "words_unreadable" in codes(harmonized(raw, mapping(variables={"female": Decision(rule=broken)})))


def test_not_decided_yet_is_an_open_question_with_its_note() -> None:
    raw = table("id drug b d1 d7 x", ("1", "K", 30, 15, 10, "GAD"))
    decision = Decision(rule=Undecided(note="ask the team"), by="Ada")
    rules = mapping(variables={"female": decision})
    (asked,) = (one for one in open_questions(rules, raw, PROTOCOL) if one.where.variable == "female")
    assert not decision.is_settled and asked.code == "not_decided" and "ask the team" in asked.text
    assert harmonized(raw, rules).patients["female"].isna().all()


def test_a_list_is_known_by_its_name_in_either_number() -> None:
    assert found({"Current psychotropic medication": DRUGS}, "benzodiazepine", "n_medications") == [(True, 1.0)] * 2
    assert found({"Psychiatric diagnoses (DSM-5)": DIAGNOSES}, "gad", "panic", "mdd") == [(True, 1.0)] * 3
