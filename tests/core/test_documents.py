"""Documents refuse what they do not know, by name, with the nearest valid one."""

from __future__ import annotations

import json

import pytest

from core.documents import parse_document
from core.errors import UserError
from core.plan import Plan, protocol_plan
from core.protocol_files import load_protocol


def plan_with(**changes: object) -> str:
    return json.dumps({"schema": 1, **changes})


def test_every_key_but_schema_has_a_default() -> None:
    plan = parse_document(Plan, '{"schema": 1}', "plan")
    assert plan.seed == 20220 and plan.model.quadrature == 15 and plan.bootstrap.replicates == 2000


@pytest.mark.parametrize(("text", "words"), [
    (plan_with(outcoms=[]), ['unknown key "outcoms"', 'Did you mean "outcomes"']),
    (plan_with(model={"quadratur": 3}), ['"model.quadratur"', '"quadrature"']),
    (plan_with(moderators=[{"name": "age", "knd": "binary"}]), ['moderators[1].knd', '"kind"']),
    (plan_with(multiplicity="bonferoni"), ['"bonferoni"', "multiplicity", 'Did you mean "bonferroni"']),
    (plan_with(outcomes=[{"name": "a", "baseline": "b"}]), ["outcomes[1]", "needs"]),
    (plan_with(outcomes=[{"name": "a", "value": "x"}, {"name": "a", "value": "y"}]), ['outcome "a" stands twice']),
    (plan_with(seed=-1), ["seed"]),
    (plan_with(tiers={"tier1": 0.2, "tier2": 0.4}), ["tier2 is above tier1"]),
    (json.dumps({"schema": 2}), ["schema"]),
    (json.dumps({}), ['lacks "schema"']),
    ("{", ["not valid JSON"]),
    ("[]", ["plan"]),
    ('{"schema": 1, "seed": NaN}', ["seed"]),
])
def test_a_wrong_plan_is_refused_by_name(text: str, words: list[str]) -> None:
    with pytest.raises(UserError) as fault:
        parse_document(Plan, text, "plan", "plan.json")
    for word in words:
        assert word in str(fault.value)
    assert "plan.json" in str(fault.value)


def test_a_plan_survives_being_written_and_read() -> None:
    plan = protocol_plan(load_protocol("ketamine"))
    again = parse_document(Plan, plan.pretty_json(), "plan")
    assert again == plan and again.fingerprint == plan.fingerprint


def test_the_plan_of_the_contract_is_accepted() -> None:
    text = """
    {"schema": 1,
     "columns": {"study": "study", "patient": "patient", "arm": "arm"},
     "outcomes": [{"name": "rapid", "baseline": "madrs_baseline", "followup": "madrs_rapid", "response": 50, "remission": 9},
                  {"name": "score", "value": "some_numeric_column"}],
     "moderators": [{"name": "age", "kind": "continuous", "level": "patient", "transform": "none", "tier": "auto"}],
     "tiers": {"tier1": 0.995, "tier2": 0.40},
     "include": [{"column": "included", "equals": 1}, {"column": "site", "in": ["a", 2]}, {"column": "age", "min": 18}],
     "multiplicity": "bonferroni", "family": "per_timepoint",
     "model": {"random_slope": false, "df": "satterthwaite", "ci": "profile", "quadrature": 15},
     "bootstrap": {"replicates": 2000, "unit": "patient"},
     "combined": {"penalty": "elastic_net", "l1_ratio": 0.5, "folds": 10, "permutations": 1000},
     "sets": [{"name": "1", "moderators": ["mdd", "inpatient", "age", "female", "us_site", "trd_2plus"]}],
     "conversion": "midpoint",
     "seed": 20220}
    """
    plan = parse_document(Plan, text, "plan")
    assert plan.outcomes[1].value == "some_numeric_column"
    assert plan.include[1].in_ == ("a", 2)
    assert json.loads(plan.pretty_json())["include"][1]["in"] == ["a", 2]


@pytest.mark.parametrize("tier", ["auto", "none", 1, 2])
def test_tiers_of_the_contract_are_accepted(tier: object) -> None:
    plan = parse_document(Plan, plan_with(moderators=[{"name": "age", "tier": tier}]), "plan")
    assert plan.moderators[0].tier == tier


def test_a_changed_copy_has_a_fingerprint_of_its_own() -> None:
    plan = parse_document(Plan, plan_with(seed=1), "plan")
    assert plan.fingerprint == plan.model_copy().fingerprint
    changed = plan.model_copy(update={"seed": 2})
    assert changed.fingerprint != plan.fingerprint
    assert changed.fingerprint == parse_document(Plan, plan_with(seed=2), "plan").fingerprint
    assert changed != plan
