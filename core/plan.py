"""Stage 4, what to estimate: the plan, as the window edits it and CONTRACT section 4 fixes it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.documents import Document, nearest, parse_document
from core.errors import UserError, Where
from core.protocol import Kind, Level, ModeratorSet, Protocol, Tier, TierCuts


class Columns(Document):
    """Names of the columns that say study, patient and arm."""

    study: str = "study"
    patient: str = "patient"
    arm: str = "arm"


class Outcome(Document):
    """Either a baseline with a follow-up (percent improvement, response, remission, ANCOVA), or a ready value."""

    name: str = Field(min_length=1)
    baseline: str | None = None
    followup: str | None = None
    value: str | None = None
    response: float | None = 50
    """Response: percent improvement of at least this. None: no response analysis."""
    remission: float | None = None
    """Remission: follow-up score of at most this. None: no remission analysis."""

    @model_validator(mode="after")
    def _one_form(self) -> Outcome:
        if self.value is None and not (self.baseline and self.followup):
            raise ValueError(f'outcome "{self.name}" needs "baseline" and "followup", or "value"')
        if self.value is not None and (self.baseline or self.followup):
            raise ValueError(f'outcome "{self.name}" has both "value" and "baseline"/"followup"; give one of them')
        return self


class Moderator(Document):
    """A variable to test as a moderator."""

    name: str
    kind: Kind = "continuous"
    level: Level = "patient"
    transform: Literal["none", "log"] = "none"
    tier: Tier = "auto"
    # left out where empty, so that plans made before this was there keep their fingerprints
    tier_reason: str = Field(default="", exclude_if=lambda reason: not reason)
    """Why a person moved it to a tier by hand."""


class Include(Document):
    """Rows kept: every condition given must hold. A row with the column empty is left out."""

    column: str
    equals: str | float | int | bool | None = None
    in_: tuple[str | float | int | bool, ...] | None = Field(default=None, alias="in")
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Include:
        if self.equals is None and self.in_ is None and self.min is None and self.max is None:
            raise ValueError(f'the rule for column "{self.column}" needs "equals", "in", "min" or "max"')
        return self


class Model(Document):
    """How the mixed models are fitted and their intervals found."""

    random_slope: bool = False
    """Whether the recommended model is the one to lead with; both are always computed."""
    df: Literal["satterthwaite", "kenward_roger"] = "satterthwaite"
    ci: Literal["profile", "t"] = "profile"
    quadrature: int = Field(default=15, ge=1, le=101)


class Bootstrap(Document):
    """Replicates and what is resampled."""

    replicates: int = Field(default=2000, ge=0, le=1_000_000)
    unit: Literal["patient", "study"] = "patient"


class Combined(Document):
    """How the combined moderator is built and judged."""

    penalty: Literal["elastic_net", "ridge", "lasso", "none"] = "elastic_net"
    l1_ratio: float = Field(default=0.5, ge=0, le=1)
    folds: int = Field(default=10, ge=2)
    permutations: int = Field(default=1000, ge=0)
    # left out where it is not asked for, so that plans made before this was there keep their fingerprints
    flexible: bool = Field(default=False, exclude_if=lambda asked: not asked)
    """Whether a flexible learner is judged beside M*, to see whether straight lines leave something on the table."""


class Splines(Document):
    """Whether the benefit over a continuous moderator is also estimated without holding it to a straight line."""

    knots: Literal[0, 3, 4, 5] = 0
    """Of a restricted cubic spline; 0: no."""


class Board(Document):
    """What the sensitivity board asks about beside the main effects."""

    moderators: tuple[str, ...] = ()


class PlanSet(Document):
    """Moderators combined into one M*."""

    name: str
    moderators: tuple[str, ...]


class Plan(Document):
    """Everything that decides a number, beside the data. Every key but `schema` has a default."""

    schema_: Literal[1] = Field(alias="schema")
    columns: Columns = Columns()
    outcomes: tuple[Outcome, ...] = ()
    moderators: tuple[Moderator, ...] = ()
    tiers: TierCuts = TierCuts()
    include: tuple[Include, ...] = ()
    multiplicity: Literal["bonferroni", "holm"] = "bonferroni"
    family: Literal["per_timepoint", "all_timepoints"] = "per_timepoint"
    model: Model = Model()
    bootstrap: Bootstrap = Bootstrap()
    combined: Combined = Combined()
    sets: tuple[PlanSet, ...] = ()
    further_outcomes: tuple[Outcome, ...] = ()
    """Outcomes with main effects only, of the follow-up adjusted for baseline. They change nothing else."""
    sensitivity: Board = Board()
    splines: Splines = Splines()
    conversion: Literal["midpoint", "low", "high", "none"] = "midpoint"
    seed: int = Field(default=20220, ge=0)

    @property
    def every_outcome(self) -> tuple[Outcome, ...]:
        """The outcomes, then the further ones."""
        return (*self.outcomes, *self.further_outcomes)

    @model_validator(mode="after")
    def _distinct_names(self) -> Plan:
        for what, names in (("outcome", [o.name for o in self.every_outcome]),
                            ("moderator", [m.name for m in self.moderators]),
                            ("set", [s.name for s in self.sets])):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f'the {what} "{name}" stands twice')
        return self

    @property
    def consistent(self) -> Plan:
        """The plan without questions about moderators that were taken out of it."""
        known = {moderator.name for moderator in self.moderators}
        asked = tuple(name for name in self.sensitivity.moderators if name in known)
        return self if asked == self.sensitivity.moderators else self.model_copy(
            update={"sensitivity": Board(moderators=asked)})


def read_plan(text: str | bytes, file: str) -> Plan:
    """A plan that a person wrote. Raises UserError for anything in it that is not known, with the nearest that is."""
    plan = parse_document(Plan, text, "plan", file)
    known = [moderator.name for moderator in plan.moderators]
    for name in plan.sensitivity.moderators:
        if name not in known:
            near = nearest(name, known)
            raise UserError(f'The plan\'s "sensitivity" names "{name}", which is no moderator of the plan.' +
                            (f' Did you mean "{near}"?' if near else ""), Where(file=file), "Correct it and try again.")
    return plan


def protocol_plan(protocol: Protocol) -> Plan:
    """The plan a protocol implies: its timepoints as outcomes, all its testable variables, its sets."""
    scale = protocol.primary_scale
    outcomes = tuple(
        Outcome(name=timepoint.key, baseline=f"{scale}_baseline", followup=f"{scale}_{timepoint.key}",
                response=protocol.response_percent, remission=protocol.remission_at_most)
        for timepoint in protocol.timepoints
    )
    moderators = tuple(
        Moderator(name=variable.key, kind=variable.kind, level=variable.level, tier=variable.tier)
        for variable in protocol.variables
    )
    return Plan(schema=1, outcomes=outcomes, moderators=moderators, tiers=protocol.tiers,
                sets=tuple(plan_set(group) for group in protocol.sets),
                sensitivity=Board(moderators=protocol.sensitivity))


def further_outcomes(protocol: Protocol) -> tuple[Outcome, ...]:
    """The further outcomes that a protocol offers a plan: each of their scales at each timepoint."""
    return tuple(Outcome(name=f"{scale.key}_{time.key}", baseline=f"{scale.key}_baseline",
                         followup=f"{scale.key}_{time.key}", response=None)
                 for scale in protocol.further_scales for time in protocol.timepoints)


def quick(plan: Plan) -> Plan:
    """The same plan with few replicates and permutations: for a first look, not for publication."""
    return plan.model_copy(update={"bootstrap": plan.bootstrap.model_copy(update={"replicates": 200}),
                                   "combined": plan.combined.model_copy(update={"permutations": 199})})


def seeded(plan: Plan, seed: int | None) -> Plan:
    """The same plan with another seed, if one is given."""
    return plan if seed is None else plan.model_copy(update={"seed": seed})


def with_tier(plan: Plan, moderator: str, tier: Tier, reason: str = "") -> Plan:
    """The plan with a moderator moved to a tier by hand, and why; "auto" leaves it to its availability again."""
    moved = {"tier": tier, "tier_reason": "" if tier == "auto" else reason}
    return plan.model_copy(update={"moderators": tuple(
        one.model_copy(update=moved) if one.name == moderator else one for one in plan.moderators)})


def plan_set(group: ModeratorSet) -> PlanSet:
    """A protocol's set as the plan keeps it."""
    return PlanSet(name=group.name, moderators=group.moderators)
