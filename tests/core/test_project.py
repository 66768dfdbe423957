"""The project file: what is saved comes back, the trail holds, a second window reads only, damage is told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UserError
from core.intake import load_files, new_session
from core.mapping import Constant, Decision
from core.project import Project
from core.session import Session
from tests.small_studies import write_small_studies


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "files"
    folder.mkdir()
    write_small_studies(folder)
    return load_files(new_session("ketamine", "Small"), [folder])


def reopened(path: Path) -> Session:
    project, session = Project.open(path)
    project.close()
    return session


def test_everything_decided_comes_back(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    project = Project.create(path, session)
    changed = session.with_decision("alpha", "inpatient", Decision(rule=Constant(value="1"), by="Ann"))
    changed = changed.with_plan(session.plan.model_copy(update={"seed": 7}))
    project.save(changed, "Inpatient of alpha")
    project.close()
    again = reopened(path)
    assert again.data_fingerprint == changed.data_fingerprint
    assert again.inputs_fingerprint == changed.inputs_fingerprint
    assert again.mappings == changed.mappings and again.registry == changed.registry
    assert again.import_issues == changed.import_issues
    assert again.harmonized().patients.equals(changed.harmonized().patients)


def test_results_come_back_to_the_last_digit(session: Session, tmp_path: Path) -> None:
    from core.analysis import run_analysis
    from core.pooled import pooled_from_session

    plan = session.plan.model_copy(update={"bootstrap": session.plan.bootstrap.model_copy(update={"replicates": 10})})
    session = session.with_plan(plan)
    session = session.with_results(run_analysis(pooled_from_session(session), session.plan))
    Project.create(tmp_path / "p.modscope", session).close()
    again = reopened(tmp_path / "p.modscope")
    assert again.results == session.results and again.results_are_current


def test_the_trail_says_what_changed_and_notices_tampering(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    project = Project.create(path, session)
    before = len(project.audit())
    project.save(session.with_decision("alpha", "inpatient", Decision(rule=Constant(value="1"))), "Inpatient of alpha",
                 why="All were", who="Ann")
    new = project.audit()[before:]
    assert [(row["what"], row["kind"], row["id"], row["who"], row["why"]) for row in new] == [
        ("Inpatient of alpha", "mapping", "alpha", "Ann", "All were")]
    assert '"inpatient"' in new[0]["new"] and new[0]["old"] is not None
    assert project.audit_is_intact()
    project.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE audit SET who = 'Bob' WHERE number = 2")
    connection.close()
    project, _ = Project.open(path)
    assert not project.audit_is_intact()
    project.close()


def test_saving_nothing_new_adds_nothing(session: Session, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "p.modscope", session)
    before = project.audit()
    project.save(session, "Nothing")
    assert project.audit() == before
    project.close()


def test_a_second_window_reads_and_may_write_once_the_first_has_gone(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    first = Project.create(path, session)
    second, seen = Project.open(path)
    assert second.is_read_only and not first.is_read_only
    assert seen.data_fingerprint == session.data_fingerprint
    with pytest.raises(UserError, match="reading only"):
        second.save(session, "Anything")
    second.close()
    first.close()
    third, _ = Project.open(path)
    assert not third.is_read_only
    third.close()


def test_a_killed_program_leaves_no_lock(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    Project.create(path, session).close()
    script = (f"import os, pathlib\nfrom core.project import Project\n"
              f"Project.open(pathlib.Path({str(path)!r}))\nos._exit(9)")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    project, _ = Project.open(path)
    assert not project.is_read_only
    project.close()


def test_what_is_no_project_is_told(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    path.write_text("study,patient\n")
    with pytest.raises(UserError, match="not a Modscope project"):
        Project.open(path)
    with pytest.raises(UserError, match="no such project"):
        Project.open(tmp_path / "nowhere.modscope")
    with pytest.raises(UserError, match="already there"):
        Project.create(path, session)


@pytest.mark.parametrize("statement", [
    "UPDATE source SET content = x'00' WHERE name = 'beta.csv'",
    "UPDATE document SET json = '{' WHERE kind = 'registry'",
    "DELETE FROM document WHERE kind = 'protocol'",
    "UPDATE document SET json = '[1]' WHERE kind = 'issues'",
    "UPDATE document SET json = '[1]' WHERE kind = 'settings'",
    "UPDATE document SET json = '3' WHERE kind = 'conversion'",
    "DROP TABLE document",
])
def test_a_damaged_project_is_told(session: Session, tmp_path: Path, statement: str) -> None:
    path = tmp_path / "p.modscope"
    Project.create(path, session).close()
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(UserError, match=r"p\.modscope"):
        Project.open(path)


def test_a_project_of_a_newer_program_is_told(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.modscope"
    Project.create(path, session).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE project SET value = '99' WHERE key = 'format'")
    connection.close()
    with pytest.raises(UserError, match="newer Modscope"):
        Project.open(path)


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "data" / "projects").glob("*.modscope")),
                         ids=lambda path: path.stem)
def test_a_file_of_every_format_opens_with_all_it_held(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    project, session = Project.open(copy)
    assert session.usable_studies == ("alpha", "beta", "gamma")
    assert session.mappings["alpha"].variables["inpatient"].by == "Ann"
    assert session.plan.bootstrap.replicates == 20
    patients = session.harmonized().patients
    assert len(patients) == 80 and (patients["excluded"] == "").sum() == 80
    assert project.audit_is_intact() and project.audit()[-1]["what"] == "Inpatient of Alpha"
    project.close()


def test_what_format_2_brought_comes_back_and_format_1_is_upgraded(tmp_path: Path) -> None:
    folder = Path(__file__).parents[1] / "data" / "projects"
    for name in ("format1", "format2"):
        copy = tmp_path / f"{name}.modscope"
        copy.write_bytes((folder / copy.name).read_bytes())
        project, session = Project.open(copy)
        project.close()
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT value FROM project WHERE key = 'format'").fetchone() == ("3",)
        connection.close()
        alpha, source = session.registry.by_id["alpha"], session.sources["alpha.csv"]
        if name == "format2":
            assert alpha.published["active"].scores["madrs_baseline"].mean == 33.5
            assert source.original_sha256 != source.sha256 and session.privacy.decisions[0].by == "Ann"
        else:
            assert not alpha.published and source.original_sha256 == source.sha256 and not session.privacy.decisions


def test_what_format_3_brought_comes_back(tmp_path: Path) -> None:
    copy = tmp_path / "p.modscope"
    copy.write_bytes((Path(__file__).parents[1] / "data" / "projects" / "format3.modscope").read_bytes())
    session = reopened(copy)
    assert session.plan_lock is not None
    assert (session.plan_lock.by, session.plan_lock.at) == ("Ann", "2026-11-26T00:52:00+00:00")
    assert [(change.place, change.new, change.why) for change in session.plan_changes] == [
        ("moderators.bmi.tier", "Tier 2", "Too few studies ask it"),
        ("seed", "7", "The first was used in a trial run")]


def test_every_format_has_its_file() -> None:
    from core.project import FORMAT

    folder = Path(__file__).parents[1] / "data" / "projects"
    assert {path.name for path in folder.glob("*.modscope")} == {f"format{n}.modscope" for n in range(1, FORMAT + 1)}


def test_credibility_answers_come_back_and_stand_in_the_trail(session: Session, tmp_path: Path) -> None:
    from core.credibility import Credibility, PersonsAnswer

    project = Project.create(tmp_path / "p.modscope", session)
    answer = PersonsAnswer(outcome="rapid", moderator="age", question="foreseen", answer="definitely_yes",
                           reason="Registered in 2015.", by="Ann")
    answered = session.with_credibility(Credibility().with_answer(answer))
    project.save(answered, "Credibility of Age: foreseen")
    assert project.audit()[-1]["kind"] == "credibility" and "Registered in 2015" in project.audit()[-1]["new"]
    project.close()
    again = reopened(tmp_path / "p.modscope")
    assert again.credibility == answered.credibility
    assert again.inputs_fingerprint == session.inputs_fingerprint, "no number depends on it"
