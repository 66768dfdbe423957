"""What a plan asks of the data at hand: patients, studies, analyses, moderators by tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.plan import Board, Splines
from core.progress import Progress, silent

if TYPE_CHECKING:
    from core.cohort import Cohort
    from core.distributions import Distribution
    from core.figures.specification import FigureSpec
    from core.main_effects import Task
    from core.moderators.set_costs import Material, SetCosts
    from core.plan import Plan
    from core.results import Availability
    from core.sensitivity import BoardCosts
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
    board: BoardCosts | None = None
    """What the sensitivity board holds, and what each moderator would add to it."""
    curves: int = 0
    """Curves that splines would be asked for."""

    def board_rows(self, plan: Plan) -> int:
        """Rows of the sensitivity board of a plan."""
        if self.board is None:
            return 0
        chosen = [self.board.moderators.get(name) for name in plan.consistent.sensitivity.moderators]
        return self.board.main.rows + sum(one.rows for one in chosen if one is not None)


def outlook(session: Session, progress: Progress = silent) -> Outlook:
    """Count; the session remembers it. Raises UserError where nobody can be analyzed under the plan."""
    return session.memo.get(("outlook", *_without_sets(session)), lambda: _counted(session, progress))


def _counted(session: Session, progress: Progress) -> Outlook:
    from core.availability import availability
    from core.distributions import distributions
    from core.figures import availability_map
    from core.main_effects import counts, main_effect_tasks
    from core.moderators.benefit import curves_asked
    from core.sensitivity import board_costs
    from gui.pages.results_figures import session_labels

    plan = session.plan
    cohort = _cohort(session, progress)
    tasks = main_effect_tasks(cohort)
    used = [(values.outcome.name, counts(cohort, values.has)) for values in cohort.outcomes]
    resampled = sum(task.scale == "odds_ratio" for task in tasks)
    found = availability(cohort, plan)
    maps = availability_map(found, cohort, session_labels(session))
    return Outlook(
        patients=cohort.n, studies=len(cohort.study_names),
        outcomes=tuple(OutcomeCount(name, found["n"], found["k"]) for name, found in used), tasks=tasks,
        tiers=Counter(row.tier for row in found), replicates=resampled * plan.bootstrap.replicates,
        availability=found, availability_map=maps[0] if maps else None, distributions=distributions(cohort, plan),
        board=board_costs(cohort, plan, session.protocol, dict(session.conversion_tables)),
        curves=curves_asked(found, plan))


# --- sets -----------------------------------------------------------------------------------------------------------


def set_costs_of(session: Session, members: tuple[str, ...], progress: Progress = silent) -> SetCosts:
    """What a set of the plan costs; the session remembers it. Raises UserError where nobody can be analyzed."""
    from core.moderators.set_costs import set_costs

    return session.memo.get(_costs_key(session, members), lambda: set_costs(_material(session, progress), members))


def has_set_costs(session: Session, members: tuple[str, ...]) -> bool:
    """Whether `set_costs_of` would answer without work."""
    return session.memo.has(_costs_key(session, members))


def has_cohort(session: Session) -> bool:
    """Whether the primary set is at hand, so that a set's costs are a matter of a tenth of a second."""
    return session.memo.has(("cohort", *_without_sets(session)))


def _cohort(session: Session, progress: Progress) -> Cohort:
    from core.cohort import build_cohort
    from core.pooled import pooled_from_session

    return session.memo.get(("cohort", *_without_sets(session)), lambda: build_cohort(
        pooled_from_session(session, progress).frame, session.plan, session.name))


def _material(session: Session, progress: Progress) -> Material:
    from core.moderators.set_costs import set_material
    from gui.pages.results_figures import session_labels

    return session.memo.get(("set material", *_without_sets(session), *_named(session)), lambda: set_material(
        _cohort(session, progress), session.plan, session.protocol, session_labels(session)))


def _costs_key(session: Session, members: tuple[str, ...]) -> tuple[str, ...]:
    return ("set costs", *_without_sets(session), *_named(session), "of", *members)


def _without_sets(session: Session) -> tuple[str, str]:
    """What all that is counted here depends on, beside the members of a set: nothing does on what is asked beside."""
    counted = {"sets": (), "sensitivity": Board(), "splines": Splines()}
    return session.data_fingerprint, session.plan.model_copy(update=counted).fingerprint


def _named(session: Session) -> tuple[str, ...]:
    """What sets name that is no moderator of the plan."""
    known = {one.name for one in session.plan.moderators}
    return tuple(dict.fromkeys(name for one in session.plan.sets for name in one.moderators if name not in known))
