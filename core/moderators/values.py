"""A moderator as it is analyzed (METHODS section 4): log-transformed if the plan says so and z-scored where continuous,
0/1 where binary, levels where categorical.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.availability import present
from core.cohort import Cohort, standardize
from core.errors import UserError, Where
from core.models.moments import Array, Places
from core.plan import Moderator
from core.pooled_columns import numeric_column

FEWEST = 10
"""Patients in each arm that a level of a categorical moderator needs."""


@dataclass(frozen=True)
class Term:
    """One column of a model: `values` (n,) NaN where missing; `spread` its SD (n - 1) over the primary set; `unit` what
    one of it is in units of the moderator as measured (after a log), `center` what zero of it is.
    """

    name: str
    values: Array = field(repr=False)
    spread: float
    unit: float = 1.0
    center: float = 0.0


@dataclass(frozen=True)
class ModeratorValues:
    """A moderator's terms, one unless it is categorical; without terms `reason` says why."""

    moderator: Moderator
    terms: tuple[Term, ...] = ()
    reason: str = ""
    note: str = ""
    reference: str = ""
    """The level the others of a categorical moderator are compared with."""

    @property
    def has(self) -> np.ndarray:
        """Which patients have it, boolean (n,)."""
        return ~np.isnan(self.terms[0].values)


def moderator_values(cohort: Cohort, moderator: Moderator) -> ModeratorValues:
    """The moderator over the primary set. What is wrong with it is a reason, never an exception."""
    if moderator.name not in cohort.frame.columns:
        return ModeratorValues(moderator, reason="The data have no such column.")
    if not present(cohort.frame[moderator.name]).any():
        return ModeratorValues(moderator, reason="No patient has it.")
    if moderator.kind == "categorical":
        return _categorical(cohort, moderator)
    try:
        numbers = numeric_column(cohort.frame, moderator.name, Where(file="the pooled table"))
    except UserError as fault:
        return ModeratorValues(moderator, reason=fault.text)
    return _binary(moderator, numbers) if moderator.kind == "binary" else _continuous(moderator, numbers)


def _binary(moderator: Moderator, numbers: Array) -> ModeratorValues:
    others = np.unique(numbers[~np.isnan(numbers) & (numbers != 0) & (numbers != 1)])
    if len(others):
        return ModeratorValues(moderator, reason=f"It holds {others[0]:g}, but a binary moderator is 0 or 1.")
    return ModeratorValues(moderator, (Term(moderator.name, numbers, _spread(numbers)),))


def _continuous(moderator: Moderator, numbers: Array) -> ModeratorValues:
    note = ""
    if moderator.transform == "log":
        without = numbers <= 0
        if without.any():
            note = (f"{int(without.sum())} {'value' if without.sum() == 1 else 'values'} of zero or less "
                    f"{'has' if without.sum() == 1 else 'have'} no logarithm; those patients are left out.")
        numbers = np.log(np.where(numbers > 0, numbers, np.nan))
        if np.isnan(numbers).all():
            return ModeratorValues(moderator, reason="No value is above zero, so there is no logarithm.")
    scores = standardize(numbers)
    if np.isnan(scores).all():
        return ModeratorValues(moderator, reason="It is the same for every patient who has it.", note=note)
    term = Term(moderator.name, scores, 1.0, _spread(numbers), float(np.nanmean(numbers)))
    return ModeratorValues(moderator, (term,), note=note)


def _categorical(cohort: Cohort, moderator: Moderator) -> ModeratorValues:
    texts = cohort.frame[moderator.name].astype("string").fillna("").str.strip().to_numpy(dtype=object)
    levels, codes, counts = np.unique(texts, return_inverse=True, return_counts=True)
    codes = np.ravel(codes)
    in_arms = np.array([[int(((codes == code) & (cohort.treatment == arm)).sum()) for arm in (0, 1)]
                        for code in range(len(levels))])
    named = levels != ""
    kept = np.flatnonzero(named & (in_arms >= FEWEST).all(axis=1))
    left = [str(levels[code]) for code in np.flatnonzero(named) if code not in kept]
    note = f"Left out, with fewer than {FEWEST} patients in an arm: {', '.join(left)}." if left else ""
    if len(kept) < 2:
        reason = f"Fewer than two levels have {FEWEST} patients in each arm."
        return ModeratorValues(moderator, reason=reason, note=note)
    reference = kept[np.argmax(counts[kept])]
    terms = tuple(_level(f"{moderator.name}:{levels[code]}", codes, int(code), kept)
                  for code in kept if code != reference)
    return ModeratorValues(moderator, terms, note=note, reference=str(levels[reference]))


def _level(name: str, codes: Places, code: int, kept: Places) -> Term:
    values = np.where(np.isin(codes, kept), (codes == code).astype(float), np.nan)
    return Term(name, values, _spread(values))


def _spread(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0
