"""Who takes part: one record a study, with its design facts and risk of bias (CONTRACT section 2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from core.documents import Document

Judgment = Literal["low", "some", "high", "unclear"]
Judgments = Mapping[str, Mapping[str, Judgment]]
"""Study id -> criterion of the risk of bias -> judgment."""
RISK_OF_BIAS = ("randomization", "allocation", "blinding_participants", "blinding_assessors", "missing_data")
"""The five criteria; registry columns are `rob_` and the name."""


PublishedArmName = Literal["active", "control"]


class PublishedScore(Document):
    """Mean and standard deviation of a score in one arm, as the publication gives them."""

    mean: float | None = None
    sd: float | None = Field(default=None, ge=0)


class PublishedArm(Document):
    """What a study's publication says of one arm; what it does not say is None or not there."""

    n_randomized: int | None = Field(default=None, ge=0)
    n_analyzed: int | None = Field(default=None, ge=0)
    scores: dict[str, PublishedScore] = Field(default_factory=dict)
    """By harmonized column: `madrs_baseline`."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed in."""
        return self == PublishedArm()


class Study(Document):
    """What is known of one study. None means not known: an open question, never a guess."""

    study: str = Field(min_length=1)
    file: str | None = None
    sheet: str | None = None
    codebook: str | None = None
    """Another file that says what the columns and codes of this one mean."""
    label: str = ""
    year: int | None = None
    country: str | None = None
    """ISO 3166 two-letter code, upper case."""
    design: Literal["parallel", "crossover"] | None = None
    control: str = ""
    control_type: Literal["inert", "psychoactive", "waitlist", "usual_care"] | None = None
    trd_threshold: float | Literal["unspecified"] | None = None
    """Failed trials required for entry; "unspecified": the study required none, which counts as 0."""
    n_randomized: int | None = None
    notes: str = ""
    risk_of_bias: dict[str, Judgment] = Field(default_factory=dict)
    published: dict[PublishedArmName, PublishedArm] = Field(default_factory=dict)
    """Figures of the publication by arm: compared with the data, never used in their place."""

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the facts that harmonizing may look at: published figures are only compared with what comes out, and
        no number depends on the risk of bias.
        """
        facts = self.model_dump(mode="json", by_alias=True, exclude={"published", "risk_of_bias"})
        return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def with_published(self, arm: PublishedArmName, figures: PublishedArm) -> Study:
        """The record with one arm's published figures replaced; empty ones are taken out."""
        others = {name: kept for name, kept in self.published.items() if name != arm}
        return self.model_copy(update={"published": others if figures.is_empty else {**others, arm: figures}})

    @property
    def name(self) -> str:
        """What to call the study on screen."""
        return self.label or self.study

    @property
    def failed_trials_required(self) -> float | None:
        """Failed antidepressant trials required for entry; None if not known."""
        return 0.0 if self.trd_threshold == "unspecified" else self.trd_threshold


class Registry(Document):
    """The studies of a project, in order."""

    studies: tuple[Study, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Registry:
        names = [study.study for study in self.studies]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'the study "{name}" stands twice')
        return self

    @cached_property
    def by_id(self) -> dict[str, Study]:
        """Studies by short id."""
        return {study.study: study for study in self.studies}

    def with_study(self, changed: Study) -> Registry:
        """The registry with one study's record replaced, or added at the end."""
        if changed.study not in self.by_id:
            return Registry(studies=(*self.studies, changed))
        return Registry(studies=tuple(changed if s.study == changed.study else s for s in self.studies))
