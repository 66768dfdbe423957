"""Who and what a combined moderator is made of: the members of a set, and the patients who have them all (METHODS
section 10). What cannot be a member is left out with a reason; what cannot be a set has a reason instead of patients.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.cohort import Cohort
from core.main_effects import codes_by_name, patients_key
from core.models.moments import Array, Flags, Places
from core.moderators.intervals import canonical_order
from core.moderators.values import Term, moderator_values
from core.plan import Moderator, Plan, PlanSet
from core.protocol import Protocol

SAME = 1e-10
"""Of a correlation: closer to 1 or -1 two moderators are one."""
HIGH_VIF = 10.0
FEWEST_STUDIES = 3
FEWEST_IN_ARM = 10
AMPLE = 10
"""Patients for each member in the smaller arm, below which the reader is warned."""
WITHOUT = "without study-level"


@dataclass(frozen=True)
class Member:
    """A column of a set; `unit`: what one SD within the set is in units of the moderator as measured (after a log)."""

    name: str
    level: str
    unit: float


@dataclass(frozen=True)
class SetRows:
    """The patients of one set and outcome, in an order that does not depend on the table's.

    `x` (n, p) z-scored in the set; `y` (n,) as it is, `standardized` over the primary set; `study` (n,) codes by name
    into `study_names`. Without members `reason` says why.
    """

    outcome: str
    name: str
    members: tuple[Member, ...] = ()
    x: Array = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    y: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    standardized: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    is_active: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool), repr=False)
    study: Places = field(default_factory=lambda: np.zeros(0, dtype=np.intp), repr=False)
    study_names: tuple[str, ...] = ()
    who: str = ""
    """Keys the random streams: the same for all sets that the same patients have."""
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Patients."""
        return len(self.y)

    @property
    def k(self) -> int:
        """Studies."""
        return len(np.unique(self.study))

    @property
    def stratum(self) -> Places:
        """Study and arm of each patient, as one code (n,)."""
        codes: Places = 2 * self.study + self.is_active
        return codes


def set_rows(cohort: Cohort, plan: Plan, protocol: Protocol | None, asked: PlanSet,
             outcome: int) -> tuple[SetRows, ...]:
    """A set as the plan has it and, where some members are facts of a study, once more without them."""
    rows = _rows(cohort, plan, protocol, asked, outcome)
    of_study = [member.name.split(":")[0] for member in rows.members if member.level == "study"]
    others = tuple(name for name in asked.moderators if name not in of_study)
    if not of_study or len(of_study) == len(rows.members):
        return (rows,)
    apart = PlanSet(name=f"{asked.name} {WITHOUT}", moderators=others)
    told = f"Set {asked.name} without its study-level members: {', '.join(of_study)}."
    without = _rows(cohort, plan, protocol, apart, outcome)
    return rows, replace(without, notes=(told, *without.notes))


def _rows(cohort: Cohort, plan: Plan, protocol: Protocol | None, asked: PlanSet, outcome: int) -> SetRows:
    values = cohort.outcomes[outcome]
    empty = SetRows(values.outcome.name, asked.name)
    design = {one.key for one in protocol.variables if one.design_only} if protocol else set()
    names = list(dict.fromkeys(asked.moderators))
    notes = [f"{name} is left out: a fact of a study's design is never part of a combined moderator."
             for name in names if name in design]
    moderators = [_moderator(plan, protocol, name) for name in names if name not in design]
    analyzed = [moderator_values(cohort, moderator) for moderator in moderators]
    lacking = [f"{one.moderator.name}: {one.reason}" for one in analyzed if not one.terms]
    notes += [f"{one.moderator.name}: {one.note}" for one in analyzed if one.note]
    if lacking or not analyzed:
        why = " ".join(lacking) or "It has no moderators."
        return replace(empty, reason=f"The set cannot be formed. {why}", notes=tuple(notes))
    terms = [(term, one.moderator.level) for one in analyzed for term in one.terms]
    used = ~np.isnan(values.primary) & ~np.any([np.isnan(term.values) for term, _ in terms], axis=0)
    if not used.any():
        return replace(empty, reason="No patient has the outcome and all moderators of the set.", notes=tuple(notes))
    order = canonical_order(cohort, plan)
    places = order[used[order]]
    who = hashlib.sha256(patients_key(cohort, used, plan).encode()).hexdigest()
    rows = replace(empty, y=values.primary[places], standardized=values.standardized[places],
                   is_active=cohort.treatment[places] == 1, study=codes_by_name(cohort)[places],
                   study_names=tuple(sorted(cohort.study_names)), who=who, notes=tuple(notes))
    return _with_members(rows, [(term, level, term.values[places]) for term, level in terms])


def _moderator(plan: Plan, protocol: Protocol | None, name: str) -> Moderator:
    """The moderator as the plan has it, else as the protocol; else a number of a patient."""
    found = next((one for one in plan.moderators if one.name == name), None)
    variable = next((one for one in protocol.variables if one.key == name), None) if protocol else None
    if found is None and variable is not None:
        return Moderator(name=name, kind=variable.kind, level=variable.level)
    return found or Moderator(name=name)


def _with_members(rows: SetRows, columns: Sequence[tuple[Term, str, Array]]) -> SetRows:
    notes, members, kept = list(rows.notes), list[Member](), list[Array]()
    for term, level, values in columns:
        constant = [arm for arm, own in (("active", rows.is_active), ("control", ~rows.is_active))
                    if not _range(values[own]) > 0]
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        if constant:
            where = "all patients" if len(constant) == 2 else f"all patients of the {constant[0]} arm"
            notes.append(f"{term.name} is left out: it is the same for {where}.")
            continue
        scores = (values - values.mean()) / spread
        same = next((other.name for other, own in zip(members, kept, strict=True)
                     if abs(scores @ own) / (len(scores) - 1) > 1 - SAME), None)
        if same is not None:
            notes.append(f"{term.name} is left out: it says the same as {same}.")
            continue
        is_of_study = level == "study" or _is_constant_within(values, rows.study)
        members.append(Member(term.name, "study" if is_of_study else level, spread * term.unit))
        kept.append(scores)
    notes += _redundancy(members, kept)
    rows = replace(rows, notes=tuple(notes), members=tuple(members), x=np.array(kept).T)
    return _checked(rows)


def _range(values: Array) -> float:
    return float(np.ptp(values)) if len(values) else 0.0


def _is_constant_within(values: Array, study: Places) -> bool:
    return len(np.unique(study)) > 1 and all(_range(values[study == code]) == 0 for code in np.unique(study))


def _redundancy(members: Sequence[Member], columns: Sequence[Array]) -> list[str]:
    """Members that the others nearly determine, by their variance inflation factor."""
    if len(columns) < 2:
        return []
    correlations = np.corrcoef(np.array(columns))
    if np.linalg.matrix_rank(correlations, hermitian=True) < len(columns):
        return ["Some members are determined by the others; how weight is shared among them has no meaning."]
    inflation = np.diagonal(np.linalg.inv(correlations))
    found = [f"{member.name} (variance inflation {value:.0f})"
             for member, value in zip(members, inflation, strict=True) if value >= HIGH_VIF]
    return [f"Nearly determined by the other members: {', '.join(found)}."] if found else []


def _checked(rows: SetRows) -> SetRows:
    """The rows, or the reason why nothing can be estimated from them."""
    sizes, p = (int(rows.is_active.sum()), int((~rows.is_active).sum())), len(rows.members)
    reason, notes = "", list(rows.notes)
    if not p:
        reason = "No member of the set differs between patients."
    elif not _range(rows.y) > 0:
        reason = "The outcome is the same for every patient."
    elif min(sizes) < max(FEWEST_IN_ARM, 2 * p):
        reason = (f"{min(sizes)} patients in the smaller arm are too few for {p} "
                  f"{'moderator' if p == 1 else 'moderators'}.")
    elif min(sizes) < AMPLE * p:
        notes.append(f"Only {min(sizes) / p:.1f} patients a moderator in the smaller arm.")
    if rows.k < FEWEST_STUDIES:
        notes.append(f"{rows.k} {'study' if rows.k == 1 else 'studies'}: too few to hold one out.")
    return replace(rows, reason=reason, notes=tuple(notes))
