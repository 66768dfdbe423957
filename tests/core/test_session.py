"""The wizard's stages as a Qt-free state machine, on small files of an invented protocol."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core.errors import UserError
from core.intake import load_files, new_session
from core.mapping import Constant, Decision, Unavailable
from core.session import Session
from core.steps import State, Step
from tests.small_studies import write_small_studies


@pytest.fixture
def session(tmp_path: Path) -> Session:
    write_small_studies(tmp_path)
    return load_files(new_session("ketamine", "Small"), [tmp_path])


def states(session: Session) -> dict[Step, State]:
    return {state.step: state.state for state in session.steps()}


def test_an_empty_session_has_only_the_first_steps_in_reach() -> None:
    found = states(new_session())
    assert found[Step.START] is State.DONE and found[Step.STUDIES] is State.OPEN
    assert {found[step] for step in list(Step)[2:]} == {State.LOCKED}


def test_loaded_studies_open_the_next_steps(session: Session) -> None:
    assert session.usable_studies == ("alpha", "beta", "gamma")
    found = states(session)
    assert found[Step.STUDIES] is State.DONE
    assert found[Step.RUN] is State.OPEN and found[Step.RESULTS] is State.LOCKED
    data = session.harmonized()
    assert set(data.patients["study"]) == {"alpha", "beta", "gamma"}


def test_a_decision_changes_one_study_and_undo_is_the_previous_session(session: Session) -> None:
    before = session.harmonized()
    changed = session.with_decision("alpha", "inpatient", Decision(rule=Constant(value="1"), by="Ann"))
    after = changed.harmonized()
    own = after.patients["study"] == "alpha"
    assert (after.patients.loc[own, "inpatient"] == 1).all()
    assert changed.study_data("beta") is session.study_data("beta"), "other studies are not computed again"
    assert session.harmonized() is before, "the earlier session is as it was"
    assert changed.data_fingerprint != session.data_fingerprint


def test_an_answer_that_a_study_lacks_a_variable_is_kept(session: Session) -> None:
    changed = session.with_decision("alpha", "bmi", Decision(rule=Unavailable(reason="not measured"), by="Ann"))
    assert changed.mappings["alpha"].variables["bmi"].rule == Unavailable(reason="not measured")
    assert changed.harmonized().patients.query("study == 'alpha'")["bmi"].isna().all()


def test_results_go_out_of_date_with_any_change_and_back_with_undo(session: Session) -> None:
    from core.analysis import run_analysis
    from core.pooled import pooled_from_session

    plan = session.plan.model_copy(update={"bootstrap": session.plan.bootstrap.model_copy(update={"replicates": 20})})
    session = session.with_plan(plan)
    session = session.with_results(run_analysis(pooled_from_session(session), session.plan))
    assert states(session)[Step.RESULTS] is State.DONE
    changed = session.with_decision("alpha", "inpatient", Decision(rule=Constant(value="1"), by="Ann"))
    assert states(changed)[Step.RESULTS] is State.OUT_OF_DATE and not changed.results_are_current
    assert states(session)[Step.RESULTS] is State.DONE
    other_seed = session.with_plan(plan.model_copy(update={"seed": 1}))
    assert not other_seed.results_are_current


def test_a_study_whose_file_is_missing_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    write_small_studies(tmp_path)
    (tmp_path / "beta.csv").unlink()
    session = load_files(new_session(), [tmp_path])
    assert session.usable_studies == ("alpha", "gamma")
    assert any(issue.where.study == "beta" or "beta" in str(issue) for issue in session.import_issues)
    with pytest.raises(UserError, match="beta"):
        session.source_of("beta")


def test_a_file_sent_again_touches_its_study_alone(session: Session, tmp_path: Path) -> None:
    before = {name: session.study_data(name) for name in session.usable_studies}
    mapping = session.mappings["beta"]
    text = (tmp_path / "beta.csv").read_text().replace(",34,", ",35,")
    (tmp_path / "beta.csv").write_text(text)
    again = load_files(session, [tmp_path / "beta.csv"])
    assert again.mappings["beta"] == mapping
    assert again.study_data("alpha") is before["alpha"]
    assert again.sources["beta.csv"].sha256 != session.sources["beta.csv"].sha256


def test_an_unreadable_file_is_an_issue_and_loses_nothing(session: Session, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    after = load_files(session, [tmp_path / "broken.xlsx"])
    assert after.usable_studies[:3] == session.usable_studies
    assert any(issue.where.file == "broken.xlsx" for issue in after.import_issues)


def test_a_file_added_later_settles_its_issue(tmp_path: Path) -> None:
    write_small_studies(tmp_path)
    late = (tmp_path / "beta.csv").read_text()
    (tmp_path / "beta.csv").unlink()
    session = load_files(new_session(), [tmp_path])
    assert "file_missing" in {issue.code for issue in session.import_issues}
    (tmp_path / "beta.csv").write_text(late)
    session = load_files(session, [tmp_path / "beta.csv"])
    assert session.usable_studies == ("alpha", "beta", "gamma")
    assert "file_missing" not in {issue.code for issue in session.import_issues}


def test_a_registry_alone_lists_its_studies_with_their_files_missing(tmp_path: Path) -> None:
    write_small_studies(tmp_path)
    session = load_files(new_session(), [tmp_path / "studies.csv"])
    assert [study.study for study in session.registry.studies] == ["alpha", "beta", "gamma"]
    assert session.usable_studies == ()
    assert [issue.code for issue in session.import_issues].count("file_missing") == 3


def test_a_damaged_file_sent_again_whole_settles_its_issue(tmp_path: Path) -> None:
    write_small_studies(tmp_path)
    whole = (tmp_path / "beta.csv").read_text()
    (tmp_path / "beta.csv").write_bytes(b"")
    session = load_files(new_session(), [tmp_path])
    assert any(issue.where.file == "beta.csv" for issue in session.import_issues)
    (tmp_path / "beta.csv").write_text(whole)
    session = load_files(session, [tmp_path / "beta.csv"])
    assert session.usable_studies == ("alpha", "beta", "gamma")
    assert not [issue for issue in session.import_issues if issue.severity == "error"]


def test_a_bug_on_one_file_does_not_cost_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import session as module

    def failing(table, study, protocol):  # type: ignore[no-untyped-def]
        if study.study == "beta":
            raise ZeroDivisionError("patient 12")
        return whole(table, study, protocol)

    whole = module.suggest_mapping
    monkeypatch.setattr(module, "suggest_mapping", failing)
    write_small_studies(tmp_path)
    session = load_files(new_session(), [tmp_path])
    assert session.usable_studies == ("alpha", "gamma")
    told = [issue for issue in session.import_issues if issue.code == "program_failed"]
    assert len(told) == 1 and told[0].where.study == "beta" and "patient 12" not in str(told[0])


def test_nothing_at_all_to_load_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No study file"):
        load_files(new_session(), [tmp_path])
    with pytest.raises(UserError, match="no file or folder"):
        load_files(new_session(), [tmp_path / "nowhere"])


def test_a_question_is_asked_once_and_not_again_by_its_consequences(tmp_path: Path) -> None:
    rows = ["id,drug,visit,MADRS,sex"]
    for i in range(12):
        drug = ("ketamine", "drug X", "ketamine low")[i % 3]
        rows += [f"P{i:02d},{drug},{visit},{30 - 3 * k + i % 5},{1 + i % 2}"
                 for k, visit in enumerate(("Baseline", "24 h", "Extra"))]
    (tmp_path / "one.csv").write_text("\n".join(rows), encoding="utf-8")
    issues = load_files(new_session(), [tmp_path]).issues()
    codes = [issue.code for issue in issues]
    for code in ("unknown_treatment", "unknown_visit", "dose_unknown"):
        assert codes.count(code) == 1, code
    assert "unknown_treatment" in {issue.code for issue in load_files(
        new_session(), [tmp_path]).harmonized().issues}, "the harmonized data keep their own account"


def test_two_studies_of_one_workbook_keep_to_the_sheets_the_registry_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, first in (("North", 1), ("South", 101)):
        page = book.create_sheet(name)
        page.append(["ID", "Arm", "MADRS baseline", "MADRS 24h"])
        for i in range(8):
            page.append([first + i, ("Ketamine 0.5 mg/kg", "Saline")[i % 2], 30 + i, 20 + i])
    book.save(tmp_path / "both.xlsx")
    (tmp_path / "studies.csv").write_text("study,file,sheet\nn,both.xlsx,North\ns,both.xlsx,South\n", encoding="utf-8")
    session = load_files(new_session(), [tmp_path])
    assert [session.mappings[name].reading.sheet for name in "ns"] == ["North", "South"]
    patients = session.harmonized().patients
    assert patients.groupby("study")["patient"].apply(list).to_dict() == {
        "n": [str(i) for i in range(1, 9)], "s": [str(i) for i in range(101, 109)]}
