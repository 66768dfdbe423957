"""A project's plan from the command line: the first run locks it, a later one is held against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.locked_run import READ_ONLY, session_to_run
from core.project import Project

PROJECTS = Path(__file__).parents[1] / "data" / "projects"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy = tmp_path / "pool.modscope"
    copy.write_bytes((PROJECTS / "format2.modscope").read_bytes())
    return copy


def test_the_first_run_locks_the_plan_it_runs(project: Path) -> None:
    first, said = session_to_run(project, seed=11)
    assert first.plan.seed == 11 and first.plan_lock is not None
    assert first.plan_lock.plan_fingerprint == first.plan.fingerprint and first.plan_lock.plan.seed == 11
    assert not first.plan_changes and "was locked on" in said[0] and len(said) == 1
    again, _ = session_to_run(project, seed=11)
    assert again.plan_lock == first.plan_lock
    opened, session = Project.open(project)
    assert session.plan_lock == first.plan_lock
    assert [row["kind"] for row in opened.audit() if row["what"] == "Plan locked"] == ["plan_lock"]
    opened.close()


def test_another_plan_is_held_against_the_lock_and_its_reason_kept(project: Path) -> None:
    session_to_run(project)
    other, said = session_to_run(project, seed=5)
    assert [change.place for change in other.plan_changes] == ["seed"] and not other.plan_changes[0].why
    assert said[1] == "- Random seed: 20220 became 5 (no reason was given)"
    told, said = session_to_run(project, seed=5, reason="The journal asked for it")
    assert told.plan_changes[0].why == "The journal asked for it" and "journal" in said[1]
    opened, session = Project.open(project)
    assert session.plan.seed == 20220, "the project's own plan is left alone"
    assert session.changes_to(told.plan)[0].why == "The journal asked for it"
    assert opened.audit()[-1]["why"] == "The journal asked for it"
    opened.close()


def test_a_project_open_elsewhere_is_run_and_said_not_to_be_locked(project: Path) -> None:
    holder, _ = Project.open(project)
    session, said = session_to_run(project)
    holder.close()
    assert session.plan_lock is None and said[0] == READ_ONLY and "not locked" in said[1]
