"""A project's plan as a command runs it: the first run locks it, a later change is said and kept with its reason."""

from __future__ import annotations

from pathlib import Path

from core.plan import Plan, seeded
from core.plan_lock import change_words, standing_sentence, unexplained
from core.project import Project
from core.session import Session

READ_ONLY = "The project is open for reading only: nothing was kept in it."


def session_to_run(path: Path, given: Plan | None = None, seed: int | None = None,
                   reason: str = "") -> tuple[Session, tuple[str, ...]]:
    """The session of a project file with the plan to run, and what its person should be told.

    `given` and `seed` take the place of the project's for this run alone; `reason` says why the plan is not the locked
    one. Raises UserError if the project cannot be opened or written.
    """
    project, session = Project.open(path)
    try:
        plan = seeded(given or session.plan, seed)
        before = session
        if session.plan_lock is None and not project.is_read_only:
            session = session.locked(plan)
            project.save(session, "Plan locked")
        if reason:
            session = session.with_reason(unexplained(session.changes_to(plan)), reason)
            if not project.is_read_only:
                project.save(session, "Why the plan was changed", reason)
        said = [READ_ONLY] if project.is_read_only and (session is not before or session.plan_lock is None) else []
    finally:
        project.close()
    changes = session.changes_to(plan)
    told = (standing_sentence(session.plan_lock, changes), *(f"- {change_words(change)}" for change in changes))
    return session.with_plan(plan), (*said, *told)
