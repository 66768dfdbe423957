"""Who and what a combined moderator is made of: the members of a set, and the patients who have them all (METHODS
section 10). What cannot be a member is left out with a reason; what cannot be a set has a reason instead of patients.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from core.cohort import Cohort, OutcomeValues
from core.main_effects import codes_by_name, patients_key
from core.models.moments import Array, Flags, Places
from core.moderators.intervals import canonical_order
from core.moderators.values import Term, moderator_values
from core.plan import Moderator, Plan, PlanSet
from core.protocol import Protocol
from core.wording import number

SAME = 1e-10
"""Of a correlation: closer to 1 or -1 two moderators are one."""
NEAR = 0.95
"""Of a correlation: from here on two moderators say nearly the same."""
HIGH_VIF = 10.0
FEWEST_STUDIES = 3
FEWEST_IN_ARM = 10
AMPLE = 10
"""Patients for each member in the smaller arm, below which the reader is warned."""
WITHOUT = "without study-level"
NOBODY = "No patient has the outcome and all moderators of the set."


@dataclass(frozen=True)
class Candidate:
    """A moderator that a set may name; without `terms` (one, or more of a categorical one) `reason` says why."""

    name: str
    level: str
    terms: tuple[Term, ...] = ()
    is_design: bool = False
    """Whether it is a fact of a study's design, which is never a member."""
    reason: str = ""
    note: str = ""

    @property
    def has(self) -> Flags:
        """Who of the primary set has it, boolean (n,) or, where nobody does, ()."""
        return ~np.isnan(self.terms[0].values) if self.terms else np.array(False)


@dataclass(frozen=True)
class Member:
    """A column of a set; `unit`: what one SD within the set is in units of the moderator as measured (after a log);
    `center`: their mean within the set, as measured.
    """

    name: str
    level: str
    unit: float
    center: float = 0.0


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


def candidate(cohort: Cohort, plan: Plan, protocol: Protocol | None, name: str) -> Candidate:
    """A moderator as a set would have it."""
    if protocol is not None and name in protocol.variables_by_key and protocol.variables_by_key[name].design_only:
        return Candidate(name, "study", is_design=True)
    moderator = moderator_of(plan, protocol, name)
    found = moderator_values(cohort, moderator)
    return Candidate(name, moderator.level, found.terms, reason=found.reason, note=found.note)


def patients_with(outcome: OutcomeValues, members: Iterable[Candidate]) -> Flags:
    """Who has an outcome and all members, boolean (n,) over the primary set."""
    return reduce(np.logical_and, (one.has for one in members if not one.is_design), outcome.has)


def begun(rows: SetRows, asked: Iterable[Candidate]) -> SetRows:
    """The rows with what is to be said of the moderators a set names, and the reason where they form none."""
    design = [one for one in asked if one.is_design]
    others = [one for one in asked if not one.is_design]
    lacking = [f"{one.name}: {one.reason}" for one in others if not one.terms]
    notes = (*map(design_words, design), *(f"{one.name}: {one.note}" for one in others if one.note))
    why = "" if others and not lacking else " ".join(lacking) or "It has no moderators."
    return replace(rows, reason=why and f"The set cannot be formed. {why}", notes=notes)


def design_words(one: Candidate) -> str:
    """Why a fact of a study's design is no member."""
    return f"{one.name} is left out: a fact of a study's design is never part of a combined moderator."


def _rows(cohort: Cohort, plan: Plan, protocol: Protocol | None, asked: PlanSet, outcome: int) -> SetRows:
    values = cohort.outcomes[outcome]
    named = [candidate(cohort, plan, protocol, name) for name in dict.fromkeys(asked.moderators)]
    rows = begun(SetRows(values.outcome.name, asked.name), named)
    if rows.reason:
        return rows
    used = patients_with(values, named)
    if not used.any():
        return replace(rows, reason=NOBODY)
    order = canonical_order(cohort, plan)
    places = order[used[order]]
    who = hashlib.sha256(patients_key(cohort, used, plan).encode()).hexdigest()
    rows = replace(rows, y=values.primary[places], standardized=values.standardized[places],
                   is_active=cohort.treatment[places] == 1, study=codes_by_name(cohort)[places],
                   study_names=tuple(sorted(cohort.study_names)), who=who)
    return with_members(rows, named, places)


def moderator_of(plan: Plan, protocol: Protocol | None, name: str) -> Moderator:
    """The moderator as the plan has it, else as the protocol; else a number of a patient."""
    found = next((one for one in plan.moderators if one.name == name), None)
    variable = next((one for one in protocol.variables if one.key == name), None) if protocol else None
    if found is None and variable is not None:
        return Moderator(name=name, kind=variable.kind, level=variable.level)
    return found or Moderator(name=name)


def with_members(rows: SetRows, named: Iterable[Candidate], places: Places) -> SetRows:
    """The rows, of the patients at some places of the primary set, with the moderators that can be members, z-scored,
    and what is to be said of them; or the reason why nothing can be estimated."""
    terms = [(term, one.level) for one in named for term in one.terms]
    table = np.array([term.values[places] for term, _ in terms])
    notes = list(rows.notes)
    same_in = {"active": _is_same(table[:, rows.is_active]), "control": _is_same(table[:, ~rows.is_active])}
    varied = np.flatnonzero(~same_in["active"] & ~same_in["control"])
    for place in np.flatnonzero(same_in["active"] | same_in["control"]):
        arms = [arm for arm, is_same in same_in.items() if is_same[place]]
        where = "all patients" if len(arms) == 2 else f"all patients of the {arms[0]} arm"
        notes.append(f"{terms[place][0].name} is left out: it is the same for {where}.")
    if not len(varied):
        return _checked(replace(rows, notes=tuple(notes)))
    spreads = table[varied].std(axis=1, ddof=1)
    scores = (table[varied] - table[varied].mean(axis=1, keepdims=True)) / spreads[:, None]
    correlations = scores @ scores.T / (rows.n - 1)
    of_study = _is_same_within(table, rows.study)
    kept, members = list[int](), list[Member]()
    for row, place in enumerate(varied):
        term, level = terms[place]
        same = next((one.name for one, other in zip(members, kept, strict=True)
                     if abs(correlations[row, other]) > 1 - SAME), None)
        if same is not None:
            notes.append(f"{term.name} is left out: it says the same as {same}.")
            continue
        is_of_study = level == "study" or of_study[place]
        members.append(Member(term.name, "study" if is_of_study else level, float(spreads[row]) * term.unit,
                              term.center + float(table[place].mean()) * term.unit))
        kept.append(row)
    notes += _redundancy(members, correlations[np.ix_(kept, kept)])
    return _checked(replace(rows, notes=tuple(notes), members=tuple(members), x=scores[kept].T))


def _is_same(table: Array) -> Flags:
    """Which rows hold one value only (or none), boolean (p,)."""
    return ~(np.ptp(table, axis=1) > 0) if table.shape[1] else np.ones(len(table), dtype=bool)


def _is_same_within(table: Array, study: Places) -> Flags:
    """Which rows hold one value only in each of several studies, boolean (p,)."""
    _, first, code = np.unique(study, return_index=True, return_inverse=True)
    same: Flags = (table[:, first[code]] == table).all(axis=1)
    return same & (len(first) > 1)


def _redundancy(members: Sequence[Member], correlations: Array) -> list[str]:
    """Pairs that say nearly the same, and members that the others nearly determine, by variance inflation."""
    if len(members) < 2:
        return []
    near = [(a, b) for a, b in np.argwhere(np.abs(correlations) >= NEAR) if a < b]
    notes = [f"{members[a].name} and {members[b].name} say nearly the same (correlation "
             f"{number(correlations[a, b])})." for a, b in near]
    if np.linalg.matrix_rank(correlations, hermitian=True) < len(members):
        return [*notes, "Some members are determined by the others; how weight is shared among them has no meaning."]
    inflation = np.diagonal(np.linalg.inv(correlations))
    found = [f"{member.name} (variance inflation {value:.0f})"
             for member, value in zip(members, inflation, strict=True) if value >= HIGH_VIF]
    return [*notes, f"Nearly determined by the other members: {', '.join(found)}."] if found else notes


def _checked(rows: SetRows) -> SetRows:
    """The rows, or the reason why nothing can be estimated from them."""
    sizes, p = (int(rows.is_active.sum()), int((~rows.is_active).sum())), len(rows.members)
    reason, notes = "", list(rows.notes)
    if not p:
        reason = "No member of the set differs between patients."
    elif _is_same(rows.y[None, :])[0]:
        reason = "The outcome is the same for every patient."
    elif min(sizes) < max(FEWEST_IN_ARM, 2 * p):
        reason = (f"{min(sizes)} patients in the smaller arm are too few for {p} "
                  f"{'moderator' if p == 1 else 'moderators'}.")
    elif min(sizes) < AMPLE * p:
        notes.append(f"Only {min(sizes) / p:.1f} patients a moderator in the smaller arm.")
    if rows.k < FEWEST_STUDIES:
        notes.append(f"{rows.k} {'study' if rows.k == 1 else 'studies'}: too few to hold one out.")
    return replace(rows, reason=reason, notes=tuple(notes))
