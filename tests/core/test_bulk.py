"""Many decisions at once: each is proposed with what it would do, and all of them are one step."""

from __future__ import annotations

import pytest

from core.bulk import like_named_proposals, suggested_proposals, with_proposals
from core.intake import load_files, new_session
from core.mapping import Decision, Recode
from core.session import Session

HEAD = "id,treatment,dose_mg_kg,MADRS baseline,MADRS 24h,"
TABLES = {
    "one": ("Smoke Q,age", ["never,34", "daily,41", "ex,29", "never,55"]),
    "two": ("smoke_q,age", ["Never,34", "DAILY,41", "n/a,29", "never,300"]),
    "three": ("Smoke-Q,Age", ["never,34", "pipe,41", "ex,29", "never,55"]),
    "four": ("other,age", ["1,34", "2,41", "3,29", "4,55"]),
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("bulk")
    for name, (columns, cells) in TABLES.items():
        rows = [f"{name}{i},{'ketamine,0.5' if i % 2 else 'saline,'},{26 + i % 9},{18 + i % 7},{cells[i % 4]}"
                for i in range(16)]
        (folder / f"{name}.csv").write_text("\n".join([HEAD + columns, *rows]), encoding="utf-8")
    loaded = load_files(new_session(), [folder])
    rule = Recode(column="Smoke Q", codes={"never": "0", "ex": "0", "daily": "1"})
    return loaded.with_decision("one", "smoker", Decision(rule=rule, by="A"))


def test_a_rule_is_proposed_where_a_column_has_its_name(session: Session) -> None:
    found = {one.study: one for one in like_named_proposals(session, "one", "smoker")}
    assert set(found) == {"two", "three"}
    assert found["two"].is_sure
    assert found["two"].decision.rule == Recode(column="smoke_q", codes={"Never": "0", "DAILY": "1", "n/a": None,
                                                                         "never": "0"})
    assert found["two"].effect.startswith("Never becomes 0 (4 rows), DAILY becomes 1 (4 rows), n/a becomes missing")
    assert found["three"].doubt == 'no rule for "pipe"'


def test_numbers_keep_the_columns_own_marks(session: Session) -> None:
    decision = session.mappings["one"].variables["age"]
    halved = decision.model_copy(update={"rule": decision.rule.model_copy(update={"factor": 0.5})})
    found = {one.study: one for one in like_named_proposals(session.with_decision("one", "age", halved), "one", "age")}
    assert set(found) == {"two", "three", "four"}
    assert found["four"].effect == "16 numbers, 14.5 to 27.5"
    assert found["two"].doubt == "4 values are not plausible"
    assert {name: one.replaces for name, one in found.items()} == {"two": "", "three": "the program",
                                                                  "four": "the program"}


def test_what_is_decided_so_already_is_not_proposed(session: Session) -> None:
    taken = with_proposals(session, like_named_proposals(session, "one", "smoker"), "B", "2026-01-01T00:00:00")
    assert like_named_proposals(taken, "one", "smoker") == ()
    assert taken.mappings["two"].variables["smoker"].by == "B"
    assert taken.study_data("two").patients["smoker"].tolist()[:4] == [0, 1, pytest.approx(float("nan"), nan_ok=True), 0]
    assert taken.mappings["four"] == session.mappings["four"]
    assert [issue.code for issue in taken.questions("three") if issue.where.variable == "smoker"] == ["unknown_code"]


def test_suggestions_not_in_force_are_proposed(session: Session) -> None:
    assert not suggested_proposals(session, "one", "age")
    opened = session.with_decision("one", "age", None)
    found = suggested_proposals(opened, variable="age")
    assert [(one.study, one.is_sure, one.effect) for one in found] == [
        ("one", True, "16 numbers, 29 to 55"), ("two", False, "16 numbers, 29 to 300")]
    assert found[1].doubt == "its values do not fit what is plausible"
    assert {one.study for one in suggested_proposals(opened, "one", "age")} == {"one"}
    taken = with_proposals(opened, found, "B", "")
    assert taken.study_data("one").patients["age"].tolist() == session.study_data("one").patients["age"].tolist()
