"""A column that names a scale, and the names of scales: what the reading of scores works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.protocol import Protocol, Scale
from core.suggest.columns import Column
from core.suggest.names import Vocabulary, Words
from core.suggest.times import Time, TimeNames

ITEM_MAXIMUM = 6
"""Largest rating of one item; a numbered column that never exceeds it is no total."""


@dataclass(frozen=True)
class ScoreColumn:
    """A column that names a scale. `problem`: why it is asked about; `is_other`: no total score of the scale at all."""

    column: Column = field(repr=False)
    scale: str
    time: Time
    period: int | None = None
    treatment: str | None = None
    problem: str = ""
    is_other: bool = False
    is_lookalike: bool = False
    names_version: bool = True
    """Whether the name says the version that the scale's label does (the 17 of HRSD-17)."""
    is_inferred: bool = False
    """Whether its place among the other columns, not its name, says that it is the baseline."""
    strange: Words = ()
    """Words beside the scale's name that are not understood."""

    @property
    def is_usable(self) -> bool:
        """Whether nothing is left to ask but, in a long file, when."""
        return not self.problem and not self.is_other


@dataclass(frozen=True)
class ScaleNames:
    """A protocol's scales by their names, its names for times, and what only looks like a scale."""

    scales: dict[Words, Scale]
    lookalikes: Mapping[Words, str]
    times: TimeNames
    treatments: Mapping[Words, str] = field(default_factory=dict)
    further: frozenset[str] = frozenset()
    """Scales of further outcomes, of which nothing is ever asked."""


def scale_names(protocol: Protocol, vocabulary: Vocabulary) -> ScaleNames:
    """The names under a protocol, in words."""
    scales = {vocabulary.split(name): scale for scale in protocol.scales
              for name in (scale.key, scale.label, *scale.synonyms)}
    lookalikes = {vocabulary.split(name): scale.key for scale in protocol.scales for name in scale.lookalikes}
    times = {vocabulary.split(name): timepoint.target_hours for timepoint in protocol.timepoints
             for name in (timepoint.key.replace("_", " "), *timepoint.synonyms)}
    treatments = {vocabulary.split(name): one.key for one in reversed(protocol.treatments)
                  for name in (one.key.replace("_", " "), one.label, *one.synonyms)}
    whole = {words: key for words, key in treatments.items() if len(words[0]) > 1}
    given = frozenset(word for words, key in whole.items() if key in protocol.active.treatments for word in words)
    further = frozenset(scale.key for scale in protocol.further_scales)
    return ScaleNames(scales, lookalikes, TimeNames(times, given), whole, further)


def numbers_of(one: ScoreColumn, names: ScaleNames) -> np.ndarray:
    """The column's numbers, as they read on its scale; none if they do not."""
    scale = next(scale for scale in names.scales.values() if scale.key == one.scale)
    form = one.column.format_within(scale.minimum, scale.maximum)
    values = one.column.parsed(form).values if form is not None else np.empty(0)
    return values[np.isfinite(values)]


def digits_of(text: str) -> list[str]:
    return "".join(mark if mark.isdigit() else " " for mark in text).split()
