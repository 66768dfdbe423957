"""Bootstrap intervals of the effect size r for every moderator and outcome (METHODS sections 7 and 12): moderators that
the same patients have are resampled together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from core.availability import availability
from core.cohort import Cohort
from core.main_effects import LEVEL, codes_by_name, patients_key
from core.models.streams import replicate_streams
from core.moderators.resampled import ONE_STUDY, ResampledLimits, limits_of, resampled
from core.moderators.values import ModeratorValues, Term, moderator_values
from core.plan import Plan
from core.progress import Progress, silent
from core.workers import Workers, run_each

CHUNK = 250
"""Replicates a worker does at a time."""


def used_by(y: np.ndarray, analyzed: ModeratorValues, term: Term) -> np.ndarray:
    """Who is in the effect size of a term, boolean (n,)."""
    used = ~np.isnan(y) & ~np.isnan(term.values)
    for other in analyzed.terms:
        if other is not term:
            used &= other.values != 1
    return used


@dataclass(frozen=True)
class _Group:
    """An outcome and the terms that the same patients (n,) have, with what it takes to resample them anywhere."""

    y: np.ndarray = field(repr=False)
    terms: tuple[np.ndarray, ...] = field(repr=False)
    is_active: np.ndarray = field(repr=False)
    study: np.ndarray = field(repr=False)
    unit: str
    seed: int
    key: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    """Outcome and term of each column of the resamples."""

    @property
    def can_vary(self) -> bool:
        """Whether resamples differ: the one study there is, drawn once, is itself."""
        return self.unit == "patient" or len(np.unique(self.study)) > 1


@dataclass(frozen=True)
class _Chunk:
    """Some replicates of a group."""

    group: _Group
    first: int
    last: int

    def __str__(self) -> str:
        return f"Moderators: effect size r, replicates {self.first + 1} to {self.last}"


def limits_of_sizes(cohort: Cohort, plan: Plan, workers: int | Workers = 1,
                    progress: Progress = silent) -> dict[tuple[str, str], ResampledLimits]:
    """Intervals of r by outcome and term."""
    total, groups = plan.bootstrap.replicates, list(_groups(cohort, plan))
    told = {name: ONE_STUDY for group in groups if not group.can_vary for name in group.names if total}
    chunks = [_Chunk(group, first, min(first + CHUNK, total))
              for group in groups if group.can_vary for first in range(0, total, CHUNK)]
    found = run_each(_resampled_chunk, chunks, workers, progress)
    parts: dict[tuple[str, str], list[np.ndarray]] = {}
    for chunk, sizes in zip(chunks, found, strict=True):
        for column, name in enumerate(chunk.group.names):
            parts.setdefault(name, []).append(sizes[:, column])
    return told | {name: limits_of(np.concatenate(sizes), LEVEL) for name, sizes in parts.items()}


def _groups(cohort: Cohort, plan: Plan) -> Iterator[_Group]:
    """The terms of every outcome, those together that the same patients have."""
    analyzed = [moderator_values(cohort, moderator)
                for moderator, tier in zip(plan.moderators, availability(cohort, plan), strict=True)
                if tier.tier != "none"]
    order = canonical_order(cohort, plan)
    for values in cohort.outcomes:
        together: dict[bytes, list[Term]] = {}
        for one in analyzed:
            for term in one.terms:
                together.setdefault(used_by(values.primary, one, term).tobytes(), []).append(term)
        for bits, terms in together.items():
            mask = np.frombuffer(bits, dtype=bool)
            used = order[mask[order]]
            if len(used):
                who = hashlib.sha256(patients_key(cohort, mask, plan).encode()).hexdigest()
                yield _Group(values.primary[used], tuple(term.values[used] for term in terms),
                             cohort.treatment[used] == 1, codes_by_name(cohort)[used], plan.bootstrap.unit, plan.seed,
                             ("r", values.outcome.name, who), tuple((values.outcome.name, term.name) for term in terms))


def _resampled_chunk(chunk: _Chunk, progress: Progress) -> np.ndarray:
    group = chunk.group
    return resampled(group.y, group.terms, group.is_active, group.study, group.unit, range(chunk.first, chunk.last),
                     replicate_streams(group.seed, *group.key), progress)


def canonical_order(cohort: Cohort, plan: Plan) -> np.ndarray:
    """The order (n,) of patients by study, arm and id, so that no draw depends on the order of the table."""
    column = plan.columns.patient
    ids = cohort.frame[column].astype(str).tolist() if column in cohort.frame else [""] * cohort.n
    names = [cohort.study_names[code] for code in cohort.study]
    keys = list(zip(names, cohort.treatment, ids, range(cohort.n), strict=True))
    return np.array(sorted(range(cohort.n), key=keys.__getitem__), dtype=np.intp)
