"""Bootstrap intervals of the effect size r for every moderator and outcome (METHODS sections 7 and 12): moderators that
the same patients have are resampled together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.availability import availability
from core.cohort import Cohort
from core.main_effects import LEVEL, codes_by_name, patients_key
from core.models.streams import stream
from core.moderators.resampled import ResampledLimits, limits_of, resampled
from core.moderators.values import ModeratorValues, Term, moderator_values
from core.plan import Plan
from core.progress import Progress
from core.workers import Workers, run_each

CHUNK = 100
"""Replicates a worker does at a time."""


def used_by(y: np.ndarray, analyzed: ModeratorValues, term: Term) -> np.ndarray:
    """Who is in the effect size of a term, boolean (n,)."""
    used = ~np.isnan(y) & ~np.isnan(term.values)
    for other in analyzed.terms:
        if other is not term:
            used &= other.values != 1
    return used


@dataclass(frozen=True)
class _Chunk:
    """Some replicates of the terms (outcome's place, (moderator's place, term's place)) of the same patients."""

    outcome: int
    terms: tuple[tuple[int, int], ...]
    first: int
    last: int

    def __str__(self) -> str:
        return f"Moderators: effect size r, replicates {self.first + 1} to {self.last}"


def limits_of_sizes(cohort: Cohort, plan: Plan, workers: int | Workers,
                    progress: Progress) -> dict[tuple[str, str], ResampledLimits]:
    """Intervals of r by outcome and term."""
    tiers = availability(cohort, plan)
    analyzed = [moderator_values(cohort, moderator) if tier.tier != "none" else ModeratorValues(moderator)
                for moderator, tier in zip(plan.moderators, tiers, strict=True)]
    groups: dict[tuple[int, bytes], list[tuple[int, int]]] = {}
    for outcome, values in enumerate(cohort.outcomes):
        for place, one in enumerate(analyzed):
            for index, term in enumerate(one.terms):
                used = used_by(values.primary, one, term)
                if used.any():
                    groups.setdefault((outcome, used.tobytes()), []).append((place, index))
    total = plan.bootstrap.replicates
    chunks = [_Chunk(outcome, tuple(terms), first, min(first + CHUNK, total))
              for (outcome, _), terms in groups.items() for first in range(0, total, CHUNK)]
    found = run_each(partial(_resampled_chunk, cohort, plan), chunks, workers, progress)
    parts: dict[tuple[int, int, int], list[np.ndarray]] = {}
    for chunk, sizes in zip(chunks, found, strict=True):
        for column, (place, index) in enumerate(chunk.terms):
            parts.setdefault((chunk.outcome, place, index), []).append(sizes[:, column])
    return {(cohort.outcomes[outcome].outcome.name, analyzed[place].terms[index].name):
            limits_of(np.concatenate(sizes), LEVEL) for (outcome, place, index), sizes in parts.items()}


def _resampled_chunk(cohort: Cohort, plan: Plan, chunk: _Chunk, progress: Progress) -> np.ndarray:
    values = cohort.outcomes[chunk.outcome]
    analyzed = {place: moderator_values(cohort, plan.moderators[place]) for place, _ in chunk.terms}
    terms = [analyzed[place].terms[index] for place, index in chunk.terms]
    used = np.flatnonzero(used_by(values.primary, analyzed[chunk.terms[0][0]], terms[0]))
    used = used[_canonical_order(cohort, plan, used)]
    mask = np.zeros(cohort.n, dtype=bool)
    mask[used] = True
    who = hashlib.sha256(patients_key(cohort, mask, plan).encode()).hexdigest()
    key = ("r", values.outcome.name, who)
    return resampled(values.primary[used], [term.values[used] for term in terms], cohort.treatment[used] == 1,
                     codes_by_name(cohort)[used], plan.bootstrap.unit, range(chunk.first, chunk.last),
                     lambda replicate: stream(plan.seed, *key, replicate), progress)


def _canonical_order(cohort: Cohort, plan: Plan, used: np.ndarray) -> np.ndarray:
    """The order (n,) of patients by study, arm and id, so that no draw depends on the order of the table."""
    column = plan.columns.patient
    ids = (cohort.frame[column].astype(str).to_numpy(dtype=object)[used] if column in cohort.frame
           else np.full(len(used), ""))
    names = np.array(cohort.study_names, dtype=object)[cohort.study[used]]
    keys = list(zip(names, cohort.treatment[used], ids, range(len(used)), strict=True))
    return np.array(sorted(range(len(used)), key=keys.__getitem__), dtype=np.intp)
