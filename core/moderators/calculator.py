"""What a combined moderator foretells for values that somebody tries: M* and the difference between the arms there.

For research only. Everything is made again from the patients of the run and the weights of its record, so that nothing
of single patients, not even a range, has to be kept with the results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.models.moments import Array
from core.moderators.combined_pictured import Scored, scored
from core.moderators.members import Member, moderator_of
from core.moderators.values import moderator_values
from core.plan import Moderator, Plan
from core.protocol import Protocol

Kind = Literal["number", "yes_no", "level"]
Value = float | str
"""A number; 0 or 1; or the name of a level."""
SAME = 1e-9
"""As a share of what it is compared with: what differs by less lies at the edge."""
NOT_SURE = "The model of these patients does not tell the difference between the arms."


@dataclass(frozen=True)
class Asked:
    """A moderator whose value M* needs: a number with the patients' range, as measured; 0 or 1; or one of levels, the
    first of which is the one the others are compared with.
    """

    name: str
    level: str
    kind: Kind
    low: float = 0.0
    high: float = 1.0
    levels: tuple[str, ...] = ()
    is_log: bool = False

    def takes(self, value: Value) -> bool:
        """Whether M* can be made of a value: a known level, 0 or 1, a number (above zero before a logarithm)."""
        if self.kind == "level" or isinstance(value, str):
            return self.kind == "level" and value in self.levels
        if self.kind == "yes_no":
            return value in (0, 1)
        return bool(np.isfinite(value)) and (value > 0 or not self.is_log)

    def is_outside(self, value: Value) -> bool:
        """Whether a number lies beyond what any patient had."""
        if self.kind != "number" or isinstance(value, str):
            return False
        edge = SAME * max(abs(self.low), abs(self.high))
        return not self.low - edge <= value <= self.high + edge


@dataclass(frozen=True)
class Lacking:
    """No answer: whose values are missing, and whose are none that M* can be made of."""

    missing: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Foretold:
    """At z-scored M* `score`: the share of patients below it, the difference active - control with a 95 % t interval
    and each arm's mean, in units of the outcome. `outside`: whose values no patient comes near; `is_beyond`: M* itself.
    """

    score: float
    share_below: float
    difference: float
    low: float
    high: float
    active: float
    control: float
    outside: tuple[str, ...] = ()
    is_beyond: bool = False


@dataclass(frozen=True)
class Calculator:
    """The published model of a set, ready for values. `without_weight` are members that M* does not need."""

    asked: tuple[Asked, ...]
    without_weight: tuple[str, ...]
    weights: Array = field(repr=False)
    scored: Scored = field(repr=False)

    @property
    def n(self) -> int:
        """Patients analyzed."""
        return self.scored.rows.n

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest M* of a patient."""
        score = self.scored.score
        return float(score.min()), float(score.max())

    def foretold(self, values: Mapping[str, Value]) -> Foretold | Lacking:
        """What the model says of values by the names of `asked`; a name that is not among them has no value yet."""
        missing = tuple(one.name for one in self.asked if one.name not in values)
        unusable = tuple(one.name for one in self.asked if one.name in values and not one.takes(values[one.name]))
        if missing or unusable:
            return Lacking(missing, unusable)
        raw = float(self.weights @ [self._z(member, values) for member in self.scored.rows.members])
        at = self.scored.z(np.array([raw]))
        score, (lowest, highest) = float(at[0]), self.reach
        difference, active, control = (self.scored.curve(at, *line) for line in ((0, 1, 0), (1, 1, 1), (1, 0, 1)))
        return Foretold(score, float((self.scored.score < score - SAME).mean()), float(difference.value[0]),
                        float(difference.low[0]), float(difference.high[0]), float(active.value[0]),
                        float(control.value[0]),
                        tuple(one.name for one in self.asked if one.is_outside(values[one.name])),
                        not lowest - SAME <= score <= highest + SAME)

    def _z(self, member: Member, values: Mapping[str, Value]) -> float:
        """A member of the set as its patients have it; one without weight adds nothing, whatever it is."""
        one = next((one for one in self.asked if _belongs(member, one)), None)
        if one is None:
            return 0.0
        value = values[one.name]
        if one.kind == "level":
            measured = float(member.name == f"{one.name}:{value}")
        else:
            measured = float(np.log(value) if one.is_log else value)
        return (measured - member.center) / member.unit


def calculator(cohort: Cohort, plan: Plan, protocol: Protocol | None, one: CombinedEffect) -> Calculator | str:
    """The calculator of a record, or why there is none. Whether it may be offered is for `combined_words.is_offered`.

    `protocol` is the one the weights were found with.
    """
    found = scored(cohort, plan, protocol, one)
    if isinstance(found, str):
        return found
    if not np.isfinite(found.curve(np.zeros(1), 0, 1, 0).value).all():
        return NOT_SURE
    weights = np.array([weight.weight for weight in one.weights])
    asked: dict[str, Asked] = {}
    for moderator, places in _moderators(found.rows.members, plan, protocol).items():
        if weights[places].any():
            asked[moderator.name] = _asked(moderator, places, found, cohort)
    without = tuple(member.name for member in found.rows.members
                    if not any(_belongs(member, known) for known in asked.values()))
    return Calculator(tuple(asked.values()), without, weights, found)


def _belongs(member: Member, one: Asked) -> bool:
    return member.name.partition(":")[0] == one.name if one.kind == "level" else member.name == one.name


def _moderators(members: tuple[Member, ...], plan: Plan, protocol: Protocol | None) -> dict[Moderator, list[int]]:
    """The moderators of a set, each with the places of its members: several where it has levels."""
    found: dict[Moderator, list[int]] = {}
    for place, member in enumerate(members):
        moderator = moderator_of(plan, protocol, member.name.partition(":")[0])
        if moderator.kind != "categorical":
            moderator = moderator_of(plan, protocol, member.name)
        found.setdefault(moderator, []).append(place)
    return found


def _asked(moderator: Moderator, places: list[int], found: Scored, cohort: Cohort) -> Asked:
    members = [found.rows.members[place] for place in places]
    name, level = moderator.name, members[0].level
    if moderator.kind == "categorical":
        reference = moderator_values(cohort, moderator).reference
        return Asked(name, level, "level", levels=(reference, *(one.name.partition(":")[2] for one in members)))
    if moderator.kind == "binary":
        return Asked(name, level, "yes_no")
    member, own = members[0], found.rows.x[:, places[0]]
    ends = member.center + member.unit * np.array([own.min(), own.max()])
    is_log = moderator.transform == "log"
    low, high = np.exp(ends) if is_log else ends
    return Asked(name, level, "number", float(low), float(high), is_log=is_log)
