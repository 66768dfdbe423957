"""A project without patients' data opens, holds no patient, and is itself again once its files are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.analysis import run_analysis
from core.errors import Issue, Severity, UserError, Where
from core.intake import load_files, new_session
from core.pooled import pooled_from_session
from core.project import Project
from core.session import Session
from core.steps import Step
from core.without_data import write_without_data
from tests.small_studies import write_small_studies


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studies")
    write_small_studies(path)
    return path


@pytest.fixture(scope="module")
def session(folder: Path) -> Session:
    """A run of three small studies, with issues about one patient and about a study."""
    made = load_files(new_session(), [folder])
    plan = made.plan.model_copy(update={"moderators": made.plan.moderators[:2], "sets": (), "outcomes": made.plan.outcomes[:1],
                                        "bootstrap": made.plan.bootstrap.model_copy(update={"replicates": 2})})
    made = made.with_plan(plan).locked()
    results = run_analysis(pooled_from_session(made), plan)
    told = (Issue(Severity.WARNING, "x", "Patient A001 has 87.", Where(file="alpha.csv", row=3)),
            Issue(Severity.WARNING, "x", "A001 stands twice.", Where(study="alpha", patient="A001")),
            Issue(Severity.NOTE, "y", "No age.", Where(study="alpha")))
    return replace(made, import_issues=told).with_results(replace(results, issues=told))


def opened(path: Path) -> Session:
    project, found = Project.open(path)
    project.close()
    return found


def test_it_opens_and_holds_everything_but_patients(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "shared.modscope"
    write_without_data(path, session)
    found = opened(path)
    assert not found.sources and set(found.awaited) == set(session.sources)
    assert found.mappings == session.mappings and found.registry == session.registry and found.plan_lock == session.plan_lock
    assert found.results is not None and session.results is not None
    assert found.results.main_effects == session.results.main_effects and not found.results_are_current
    assert [issue.code for issue in (*found.import_issues, *found.results.issues)] == ["y", "y"]
    content = path.read_bytes()
    ids = [patient for study in session.usable_studies for patient in session.table(study).columns_by_name["patient_id"].counts]
    assert len(ids) == 80 and not [patient for patient in ids if patient.encode() in content]
    assert session.privacy.key.encode() not in content
    with pytest.raises(UserError, match="no study with a readable file"):
        found.harmonized()
    in_reach = [state.step for state in found.steps() if state.is_in_reach]
    assert in_reach == [Step.START, Step.STUDIES, Step.PLAN, Step.RESULTS]


def test_with_its_own_files_it_is_the_project_it_was_made_from(session: Session, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "shared.modscope"
    write_without_data(path, session)
    whole = load_files(opened(path), [folder])
    assert not whole.awaited and whole.results_are_current and whole.inputs_fingerprint == session.inputs_fingerprint
    again = run_analysis(pooled_from_session(whole), whole.plan)
    assert session.results is not None and again.main_effects == session.results.main_effects


def test_another_file_is_told(session: Session, folder: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "shared.modscope", tmp_path / "alpha.csv"
    write_without_data(path, session)
    other.write_text((folder / "alpha.csv").read_text(encoding="utf-8").replace("A001", "A099"), encoding="utf-8")
    found = load_files(opened(path), [other])
    assert "alpha.csv" in found.awaited and not found.results_are_current
    assert [issue.where.file for issue in found.import_issues if issue.code == "file_not_awaited"] == ["alpha.csv"]
