"""Who is not in the analysis of one moderator with one outcome, and in which studies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cohort import Cohort
from core.moderators.values import moderator_values
from core.plan import Plan


@dataclass(frozen=True)
class Lacking:
    """One study: of `n` patients who have the outcome, `without` lack the moderator or a level that is analyzed."""

    study: str
    n: int
    without: int

    @property
    def is_whole(self) -> bool:
        """Whether nobody of the study has it."""
        return self.without == self.n


@dataclass(frozen=True)
class LeftOut:
    """Of `primary` patients of the primary set `no_outcome` lack the outcome; the rest lack the moderator."""

    primary: int
    no_outcome: int
    studies: tuple[Lacking, ...]
    """Studies in which somebody lacks it, those without anybody who has it first."""

    @property
    def no_moderator(self) -> int:
        """Patients with the outcome who lack the moderator."""
        return sum(one.without for one in self.studies)


def left_out_of(cohort: Cohort, plan: Plan, outcome: str, name: str) -> LeftOut | None:
    """Who is left out of the analysis of a moderator ("name:level" means all its levels); None for unknown names."""
    moderator = next((one for one in plan.moderators if one.name in (name, name.split(":")[0])), None)
    values = next((one for one in cohort.outcomes if one.outcome.name == outcome), None)
    if moderator is None or values is None:
        return None
    terms = moderator_values(cohort, moderator).terms
    has = ~np.isnan(np.array([term.values for term in terms])).any(axis=0) if terms else np.zeros(cohort.n, dtype=bool)
    found = []
    for code, study in enumerate(cohort.study_names):
        own = values.has & (cohort.study == code)
        if (own & ~has).any():
            found.append(Lacking(study, int(own.sum()), int((own & ~has).sum())))
    return LeftOut(cohort.n, int((~values.has).sum()),
                   tuple(sorted(found, key=lambda one: (not one.is_whole, -one.without))))
