"""What we look for: arms, scales, time windows, variables, tiers and sets, all as data.

A protocol is a JSON file in `resources/protocols/` or of the user's own; nothing about ketamine stands in
code. To add one, write another file of this form.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from core.documents import Document
from core.mapping import TextWords
from core.meaning import Meaning, is_empty

Kind = Literal["binary", "continuous", "categorical"]
Level = Literal["patient", "study"]
Tier = Literal["auto", "none", 1, 2]
Arm = Literal["active", "control"]
USEFUL_R = 0.3
"""Where a protocol says nothing else (Price 2022)."""


class OtherUnit(Document):
    """A unit teams also use, and its names; a value times `factor` plus `offset` is in the wanted one."""

    unit: str
    factor: float
    offset: float = 0.0
    synonyms: tuple[str, ...] = ()
    in_parts: bool = Field(default=False, exclude_if=lambda is_so: not is_so)
    """Often written in two parts (5.11 for five feet eleven), so that its decimals are always asked about."""


class Treatment(Document):
    """One thing patients were given. `key` is stored, `synonyms` are how teams write it (in any case)."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()


class ArmRule(Document):
    """Which treatments, in which dose, make up an arm."""

    label: str
    treatments: tuple[str, ...]
    dose_minimum: float | None = None
    """Smallest dose that belongs to the arm, in the protocol's dose unit; a smaller one is "other dose"."""
    dose_maximum: float | None = None
    dose_unstated: Literal["accept", "ask"] = "ask"
    """What holds of a study that says no dose at all: its patients belong to the arm, or a person is asked."""


class Dose(Document):
    """The variable that holds the dose given, and its unit."""

    key: str = "dose_mg_kg"
    label: str = "Dose"
    unit: str = "mg/kg"
    synonyms: tuple[str, ...] = ()
    units: tuple[OtherUnit, ...] = ()
    maximum: float | None = None
    whole_units: tuple[OtherUnit, ...] = Field(default=(), exclude_if=is_empty)
    """Units of a dose given in all (mg), with what makes them the upper part of `unit`."""
    per: ProductPart | None = Field(default=None, exclude_if=lambda per: per is None)
    """What such a dose is divided by: the body weight."""


class Scale(Document):
    """A score. The harmonized columns are `<key>_baseline` and `<key>_<timepoint>`."""

    key: str
    label: str
    minimum: float
    maximum: float
    synonyms: tuple[str, ...] = ()
    lookalikes: tuple[str, ...] = ()
    """Names that resemble this scale's and mean another (HAM-D 21): never taken for it."""
    items: int = 0
    """How many items add up to the score; 0: it is no plain sum."""
    item_maximum: float = 6
    """Largest rating of an item."""
    further: bool = Field(default=False, exclude_if=lambda is_so: not is_so)
    """A further outcome (anxiety): harmonized and reported; it never decides who is analyzed, nor is it asked about."""


class Conversion(Document):
    """How one scale's scores become another's: a table with columns for the score, low, high and midpoint."""

    source: str
    target: str
    table: str
    """Name of a CSV file in `resources/scales/`, or beside the protocol file."""
    source_column: str
    low_column: str
    high_column: str
    midpoint_column: str
    citation: str = ""


class Timepoint(Document):
    """A follow-up window in hours after the first treatment; the score nearest the target counts."""

    key: str
    label: str
    target_hours: float
    from_hours: float
    to_hours: float
    before_second_treatment: bool = False
    """Whether a score after the patient's second treatment is out of the window."""
    time_variable: str | None = None
    """Harmonized column that keeps when the chosen score was taken, for example `rapid_hours`."""
    time_unit_hours: float = 1.0
    """Hours in one unit of that column: 24 for days."""
    synonyms: tuple[str, ...] = ()


class RegistryFact(Document):
    """A variable that follows from what the registry says of the study: 1 if the fact fits, 0 if not."""

    fact: Literal["design", "control_type", "country", "trd_threshold", "year", "n_randomized"]
    equals: tuple[str, ...] = ()
    at_least: float | None = None


class Published(Document):
    """What the source publication says of a variable; shown beside a user's own, never tuned to."""

    n: int | None = None
    tier: str = ""
    set: str = ""
    source: str = ""


class CodeSet(Document):
    """Codes that mean something else where they stand together: h and m for hombre and mujer."""

    codes: dict[str, str]
    """Text in lower case -> code; the set holds for a column with exactly these texts."""
    names: tuple[str, ...] = ()
    """Columns for which alone it holds (a word tells the language); none: for any."""


class ProductPart(Document):
    """A number that a variable is a product of: weight and height of a body mass index."""

    label: str
    names: tuple[str, ...]
    unit: str
    units: tuple[OtherUnit, ...] = ()
    minimum: float
    maximum: float
    power: int = 1


class CellPart(Document):
    """Where two numbers stand in one cell: the columns' names, and which of the two it is ("120/80")."""

    names: tuple[str, ...]
    place: Literal["first", "second"]


class TextRule(TextWords):
    """How a variable is told from free text, where no column holds it."""

    names: tuple[str, ...]
    """Columns of free text that tell it ("current medications")."""
    uncertain: tuple[str, ...] = ()
    """Columns of free text that may tell it and may mean something else ("drugs"): suggested, and always asked."""
    lists_all: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    """Those of them that are sure where they say of some patient that there is none, and name this of others."""
    meaning: Meaning | None = Field(default=None, exclude_if=lambda meaning: meaning is None)
    """What such columns are called, by ideas."""


class Variable(Document):
    """A moderator: what it means, how it is coded, how teams name it."""

    key: str
    label: str
    kind: Kind
    level: Level
    unit: str = ""
    coding: str = ""
    synonyms: tuple[str, ...] = ()
    codes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Code ("1", "0", a category) -> how teams write it. A binary variable also understands yes and no."""
    code_sets: tuple[CodeSet, ...] = ()
    categories_in: tuple[str, ...] = ()
    """Columns whose categories `codes` tells apart ("sex", "setting"); a bare 0 or 1 there says nothing."""
    uncertain: tuple[str, ...] = ()
    """Names that may mean it and may mean something else ("SUD", of any time): suggested, and always asked."""
    opposites: tuple[str, ...] = ()
    """Names of columns where yes means 0 ("male" for female)."""
    units: tuple[OtherUnit, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    product_of: tuple[ProductPart, ...] = ()
    """What it can be computed from where no column holds it."""
    years_since: tuple[str, ...] = ()
    """Names of columns with the day from which it counts completed years ("date of birth")."""
    # left out where empty, so that protocols made before these were there keep their fingerprints
    year_since: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    """Names of columns with the year alone from which it counts years ("year of birth"); always asked."""
    meaning: Meaning | None = Field(default=None, exclude_if=lambda meaning: meaning is None)
    """Its names and codes by ideas, beside those spelled out."""
    from_text: tuple[TextRule, ...] = Field(default=(), exclude_if=is_empty)
    part_of: CellPart | None = Field(default=None, exclude_if=lambda part: part is None)
    tier: Tier = "auto"
    design_only: bool = False
    """A design fact: tested one by one, never part of a combined moderator."""
    registry: RegistryFact | None = None
    same_as: str | None = None
    """Copy of another harmonized column, for example `baseline_severity` of `madrs_baseline`."""
    published: Published | None = None

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """Its own, and those of the columns of text that tell it."""
        return tuple(one for one in (self.meaning, *(rule.meaning for rule in self.from_text)) if one)


class Condition(Document):
    """One variable's code; `equals` is the code as text ("1", "bipolar")."""

    variable: str
    equals: str


class Implication(Document):
    """`when` makes `then` true. Without `override` it only fills what is missing."""

    when: Condition
    then: Condition
    override: bool = False


class ModeratorSet(Document):
    """Moderators combined into one M*."""

    name: str
    moderators: tuple[str, ...]
    assumed: bool = False
    """True where the source publication does not name the members."""


class TierCuts(Document):
    """Smallest share of the primary set with the moderator, for each tier."""

    tier1: float = Field(default=0.995, gt=0, le=1)
    tier2: float = Field(default=0.40, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> TierCuts:
        if self.tier2 > self.tier1:
            raise ValueError("tier2 is above tier1")
        return self


class PublishedEffect(Document):
    """A published estimate to show beside a user's own (METHODS section 13).

    `term` is "treatment", a variable's key, "response" or "remission", or "set " and a set's name.
    """

    outcome: str
    term: str
    measure: Literal["beta", "r", "percent"] = "beta"
    estimate: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    source: str


class Protocol(Document):
    """All of it. `primary_scale` is the score whose percent improvement is analyzed."""

    schema_: Literal[1] = Field(alias="schema", default=1)
    id: str
    title: str
    citation: str = ""
    about: str = ""
    active: ArmRule
    control: ArmRule
    treatments: tuple[Treatment, ...]
    dose: Dose = Dose()
    scales: tuple[Scale, ...]
    primary_scale: str
    conversions: tuple[Conversion, ...] = ()
    timepoints: tuple[Timepoint, ...]
    response_percent: float = 50
    remission_at_most: float | None = None
    variables: tuple[Variable, ...]
    implications: tuple[Implication, ...] = ()
    tiers: TierCuts = TierCuts()
    sets: tuple[ModeratorSet, ...] = ()
    useful_r: float = Field(default=USEFUL_R, gt=0, le=1, exclude_if=lambda r: r == USEFUL_R)
    """The effect size from which a moderator is called clinically useful; drawn, never used to hide anything."""
    sensitivity: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    """Variables whose moderation is estimated again under other choices."""
    published: tuple[PublishedEffect, ...] = ()
    word_lists: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude_if=is_empty)
    """Phrases by the name of their list, which rules of text search call "@name"."""

    @cached_property
    def variables_by_key(self) -> dict[str, Variable]:
        """Variables by key, in the protocol's order."""
        return {variable.key: variable for variable in self.variables}

    @cached_property
    def scales_by_key(self) -> dict[str, Scale]:
        """Scales by key."""
        return {scale.key: scale for scale in self.scales}

    @cached_property
    def treatments_by_key(self) -> dict[str, Treatment]:
        """Treatments by key."""
        return {treatment.key: treatment for treatment in self.treatments}

    @property
    def score_keys(self) -> tuple[str, ...]:
        """Harmonized score columns: every scale at baseline and at each timepoint."""
        return self.keys_of(*self.scales)

    def keys_of(self, *scales: Scale) -> tuple[str, ...]:
        """Harmonized columns of some scales."""
        times = ("baseline", *(timepoint.key for timepoint in self.timepoints))
        return tuple(f"{scale.key}_{time}" for scale in scales for time in times)

    @property
    def further_scales(self) -> tuple[Scale, ...]:
        """Scales of further outcomes."""
        return tuple(scale for scale in self.scales if scale.further)

    @property
    def further_keys(self) -> tuple[str, ...]:
        """Harmonized columns of further outcomes, which stand behind all others."""
        return self.keys_of(*self.further_scales)

    @property
    def core_keys(self) -> tuple[str, ...]:
        """Harmonized columns before the moderators, in order."""
        times = tuple(t.time_variable for t in self.timepoints if t.time_variable)
        scores = self.keys_of(*(scale for scale in self.scales if not scale.further))
        return ("study", "patient", "arm", self.dose.key, *scores, *times)

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        treatments = {treatment.key for treatment in self.treatments}
        for arm in (self.active, self.control):
            for key in arm.treatments:
                if key not in treatments:
                    raise ValueError(f'arm "{arm.label}" names the unknown treatment "{key}"')
        scales = {scale.key for scale in self.scales}
        conversions = self.conversions
        named = {self.primary_scale, *(c.source for c in conversions), *(c.target for c in conversions)}
        for key in named - scales:
            raise ValueError(f'unknown scale "{key}"')
        for scale in self.further_scales:
            if scale.key in named:
                raise ValueError(f'the scale "{scale.key}" cannot be primary, nor converted, and a further outcome')
        self._check_variables()
        return self

    @model_validator(mode="after")
    def _lists_are_there(self) -> Protocol:
        named = [(f'the variable "{variable.key}"', phrase) for variable in self.variables
                 for rule in variable.from_text
                 for phrase in (*rule.phrases, *rule.names, *rule.uncertain, *rule.lists_all)]
        named += [(f'the variable "{variable.key}"', name) for variable in self.variables
                  for meaning in variable.meanings for name in meaning.lists]
        named += [(f'the word list "{name}"', phrase)
                  for name, phrases in self.word_lists.items() for phrase in phrases]
        for what, phrase in named:
            if phrase.startswith("@") and phrase[1:] not in self.word_lists:
                raise ValueError(f'{what} names the unknown word list "{phrase[1:]}"')
        return self

    def _check_variables(self) -> None:
        keys = [variable.key for variable in self.variables]
        for key in keys:
            if keys.count(key) > 1 or key in (*self.core_keys, *self.further_keys):
                raise ValueError(f'the variable "{key}" stands twice')
        known = set(keys)
        for group in self.sets:
            for key in group.moderators:
                if key not in known:
                    raise ValueError(f'set "{group.name}" names the unknown variable "{key}"')
        for key in self.sensitivity:
            if key not in known:
                raise ValueError(f'"sensitivity" names the unknown variable "{key}"')
        for rule in self.implications:
            for key in (rule.when.variable, rule.then.variable):
                if key not in known:
                    raise ValueError(f'an implication names the unknown variable "{key}"')
