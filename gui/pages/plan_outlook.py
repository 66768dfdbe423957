"""What a plan asks of the data at hand: patients, studies, analyses, moderators by tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.progress import Progress, silent

if TYPE_CHECKING:
    from core.distributions import Distribution
    from core.figures.specification import FigureSpec
    from core.main_effects import Task
    from core.results import Availability
    from core.session import Session


@dataclass(frozen=True)
class OutcomeCount:
    """Who has an outcome."""

    outcome: str
    n: int
    k: int


@dataclass(frozen=True)
class Outlook:
    """Counts for one session; `tiers` says how many moderators are in "1", "2" and "none"."""

    patients: int
    studies: int
    outcomes: tuple[OutcomeCount, ...]
    tasks: tuple[Task, ...]
    tiers: Mapping[str, int]
    replicates: int
    """Bootstrap replicates in all."""
    availability: tuple[Availability, ...] = ()
    availability_map: FigureSpec | None = None
    distributions: tuple[Distribution, ...] = ()


def outlook(session: Session, progress: Progress = silent) -> Outlook:
    """Count; the session remembers it. Raises UserError where nobody can be analyzed under the plan."""
    return session.memo.get(("outlook", session.inputs_fingerprint), lambda: _counted(session, progress))


def _counted(session: Session, progress: Progress) -> Outlook:
    from core.availability import availability
    from core.cohort import build_cohort
    from core.distributions import distributions
    from core.figures import availability_map
    from core.main_effects import counts, main_effect_tasks
    from core.pooled import pooled_from_session
    from gui.pages.results_figures import session_labels

    plan = session.plan
    cohort = build_cohort(pooled_from_session(session, progress).frame, plan, session.name)
    tasks = main_effect_tasks(cohort)
    used = [(values.outcome.name, counts(cohort, values.has)) for values in cohort.outcomes]
    resampled = sum(task.scale == "odds_ratio" for task in tasks)
    found = availability(cohort, plan)
    maps = availability_map(found, cohort, session_labels(session))
    return Outlook(
        patients=cohort.n, studies=len(cohort.study_names),
        outcomes=tuple(OutcomeCount(name, found["n"], found["k"]) for name, found in used), tasks=tasks,
        tiers=Counter(row.tier for row in found), replicates=resampled * plan.bootstrap.replicates,
        availability=found, availability_map=maps[0] if maps else None, distributions=distributions(cohort, plan))
