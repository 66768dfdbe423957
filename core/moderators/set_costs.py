"""What a set costs before it is run: who has all its members and an outcome, whom each further moderator would leave,
what cannot be a member and what is redundant. Rules and words are those of `members`, which a run goes by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from core.cohort import Cohort
from core.labels import Labels
from core.models.moments import Flags
from core.moderators.members import (
    NOBODY,
    Candidate,
    SetRows,
    begun,
    candidate,
    design_words,
    patients_with,
    with_members,
)
from core.plan import Plan, PlanSet
from core.protocol import Protocol

Origin = Literal["published", "assumed", "changed", "own"]


@dataclass(frozen=True)
class Left:
    """Patients and studies that have an outcome and every member."""

    outcome: str
    n: int
    k: int


@dataclass(frozen=True)
class Cost:
    """What a moderator costs a set: a record an outcome, of a candidate with it, of a member without it."""

    name: str
    left: tuple[Left, ...]
    refused: str = ""
    """Why it cannot be a member."""
    warnings: tuple[str, ...] = ()
    """What a run would say of the set with it, and not without."""


@dataclass(frozen=True)
class SetCosts:
    """A set's patients, its members and all other moderators in the order of the plan, and what a run would say."""

    left: tuple[Left, ...]
    members: tuple[Cost, ...]
    candidates: tuple[Cost, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """The primary set as sets see it; made once, asked for every set. Names in words are those of `labels`."""

    cohort: Cohort = field(repr=False)
    moderators: Mapping[str, Candidate] = field(repr=False)
    labels: Labels = field(repr=False)


def set_material(cohort: Cohort, plan: Plan, protocol: Protocol | None, labels: Labels | None = None) -> Material:
    """The plan's moderators, and what else its sets name, as members would have them."""
    words = labels or Labels()
    names = dict.fromkeys((*(one.name for one in plan.moderators),
                           *(name for one in plan.sets for name in one.moderators)))
    return Material(cohort, {name: _called(candidate(cohort, plan, protocol, name), words) for name in names}, words)


def set_costs(material: Material, members: Iterable[str]) -> SetCosts:
    """What a set of these members has, and what one moderator more or less would make of it.

    Raises KeyError for a moderator the material does not have.
    """
    names = list(dict.fromkeys(members))
    inside = [material.moderators[name] for name in names]
    own = _patients(material, inside)
    told = _said(material, inside, own)
    known = {words for each in told for words in each}
    costs = []
    for name, one in material.moderators.items():
        if one.is_design and name not in names:
            costs.append(Cost(name, _left(material, own), design_words(one)))
        elif name not in names:
            has = [mask & one.has for mask in own]
            new = [[words for words in each if words not in known] for each in _said(material, [*inside, one], has)]
            costs.append(Cost(name, _left(material, has), warnings=_merged(material, new)))
    without = (Cost(name, _left(material, _patients(material, (m for m in inside if m is not one))))
               for name, one in zip(names, inside, strict=True))
    return SetCosts(_left(material, own), tuple(without), tuple(costs), _merged(material, told))


def set_origin(one: PlanSet, protocol: Protocol | None) -> Origin:
    """Whose set it is: the source publication's, assumed by the protocol, the protocol's with other members, or the
    user's own."""
    known = next((group for group in protocol.sets if group.name == one.name), None) if protocol else None
    if known is None:
        return "own"
    if known.moderators != one.moderators:
        return "changed"
    return "assumed" if known.assumed else "published"


def _called(one: Candidate, labels: Labels) -> Candidate:
    terms = tuple(replace(term, name=labels.moderator(term.name)) for term in one.terms)
    return replace(one, name=labels.variable(one.name), terms=terms)


def _patients(material: Material, members: Iterable[Candidate]) -> list[Flags]:
    kept = list(members)
    return [patients_with(outcome, kept) for outcome in material.cohort.outcomes]


def _left(material: Material, has: Iterable[Flags]) -> tuple[Left, ...]:
    study = material.cohort.study
    return tuple(Left(outcome.outcome.name, int(own.sum()), int(np.count_nonzero(np.bincount(study[own]))))
                 for outcome, own in zip(material.cohort.outcomes, has, strict=True))


def _said(material: Material, members: Sequence[Candidate], has: Iterable[Flags]) -> list[tuple[str, ...]]:
    """What a run would say of a set, for each outcome: the reason why there is none first."""
    cohort, said = material.cohort, []
    start = begun(SetRows("", ""), members)
    for outcome, own in zip(cohort.outcomes, has, strict=True):
        places = np.flatnonzero(own)
        rows = start if start.reason or len(places) else replace(start, reason=NOBODY)
        if not rows.reason:
            rows = with_members(replace(rows, y=outcome.primary[places], is_active=cohort.treatment[places] == 1,
                                        study=cohort.study[places]), members, places)
        said.append(tuple(filter(None, (rows.reason, *rows.notes))))
    return said


def _merged(material: Material, said: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What holds for every outcome once, the rest with the outcome in front."""
    found = []
    for words in dict.fromkeys(words for each in said for words in each):
        of = [material.labels.outcome(outcome.outcome.name)
              for outcome, each in zip(material.cohort.outcomes, said, strict=True) if words in each]
        found.append(words if len(of) == len(said) else f"{', '.join(of)}: {words}")
    return tuple(found)
