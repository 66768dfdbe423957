"""A project under a changed protocol: what the program understood is looked at anew, what a person decided stays."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.intake import load_files, new_session
from core.mapping import Constant, Decision
from core.plan import Board, protocol_plan
from core.protocol import Variable
from core.protocol_change import with_protocol
from core.protocol_draft import changed, with_item, with_new, with_primary, without_item
from core.session import Session
from tests.small_studies import write_small_studies


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("small")
    write_small_studies(folder)
    return load_files(new_session("ketamine", "small"), [folder])


def test_a_new_variable_finds_its_columns(session: Session) -> None:
    without = with_protocol(session, without_item(session.protocol, "variables", "bmi"))
    assert "bmi" not in without.mappings["alpha"].variables and "bmi" not in without.harmonized().patients
    again = with_protocol(without, changed(without.protocol, variables=(
        *without.protocol.variables, Variable(key="bmi", label="BMI", kind="continuous", level="patient", synonyms=("bmi",)))))
    assert again.harmonized().patients["bmi"].notna().sum() == session.harmonized().patients["bmi"].notna().sum() > 0
    assert with_protocol(without, session.protocol).mappings == session.mappings


def test_what_a_person_decided_stays(session: Session) -> None:
    own = Decision(rule=Constant(value="1"), by="Ann")
    decided = session.with_decision("alpha", "inpatient", own).with_decision("beta", "age", own)
    mapping = decided.mappings["gamma"].model_copy(update={"structure_by": "Ann"})
    decided = decided.with_mapping(mapping)
    protocol = with_item(session.protocol, "variables", "age", kind="binary", minimum=None, maximum=None)
    after = with_protocol(decided, protocol)
    assert after.mappings["alpha"].variables["inpatient"] == own
    assert after.mappings["beta"].variables.get("age") != own, "a number is no yes or no"
    assert after.mappings["gamma"].structure_by == "Ann" and after.mappings["gamma"].scores == mapping.scores


def test_the_plan_follows_the_protocol(session: Session) -> None:
    more, key = with_new(session.protocol, "variables")
    assert with_protocol(session, more).plan == protocol_plan(more), "a plan nobody changed"
    plan = session.plan.model_copy(update={
        "moderators": tuple(one for one in session.plan.moderators if one.name != "bmi"),
        "sensitivity": Board(moderators=("age",)), "seed": 7})
    later = without_item(without_item(more, "variables", "age"), "timepoints", "post_rapid")
    after = with_protocol(session.with_plan(plan), later).plan
    names = [one.name for one in after.moderators]
    assert key in names and "age" not in names and "bmi" not in names, "what a person took out stays out"
    assert all("age" not in one.moderators for one in after.sets) and after.sensitivity.moderators == ()
    assert [one.name for one in after.outcomes] == ["rapid"] and after.seed == 7
    hrsd = with_protocol(session.with_plan(plan), with_primary(session.protocol, "hrsd17"))
    assert {one.followup for one in hrsd.plan.outcomes} == {"hrsd17_rapid", "hrsd17_post_rapid"}


def test_scores_and_treatments_that_are_gone_are_no_rules(session: Session) -> None:
    mapping = session.mappings["beta"].model_copy(update={"structure_by": "Ann"})
    after = with_protocol(session.with_mapping(mapping), without_item(session.protocol, "treatments", "midazolam"))
    values = {key for source in after.mappings["beta"].treatments for key in source.values.values()}
    assert "midazolam" not in values and "ketamine" in values
    assert any("midazolam" in issue.text for issue in after.questions("beta")), "its text is asked about again"


def test_a_table_the_project_does_not_have_is_named(session: Session) -> None:
    conversion = session.protocol.conversions[0].model_copy(update={"table": "other.csv"})
    with pytest.raises(UserError, match=r"other\.csv"):
        with_protocol(session, changed(session.protocol, conversions=(conversion,)))
