"""Which columns are scores, of which scale, taken when. What is not plain is left out and asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.mapping import NumberFormat, ScoreSource, Shape
from core.plain_text import fold
from core.protocol import Protocol, Scale
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Words, find_phrase
from core.suggest.score_columns import ITEM_MAXIMUM, ScaleNames, ScoreColumn, digits_of
from core.suggest.score_series import (
    behind_baseline,
    first_as_baseline,
    is_time_only,
    numbers_as_times,
    told_by_title,
    without_families,
    without_last_items,
    without_shared_words,
    zeros_as_baseline,
)
from core.suggest.times import Time, doubtful_days, is_timed, read_time, take_period
from core.windows import beyond_doubt

OFF_SCALE_SHARE = 0.05
SHORTEST_STEM = 5
"""Letters of a scale's name with which a word must begin to be asked about."""


def find_scores(columns: Sequence[Column], names: ScaleNames, title: Words) -> tuple[ScoreColumn, ...]:
    """Every column that names a scale, read as well as it can be; columns of times alone if only the title does."""
    found = [reading for column in columns if (reading := _read(column, names)) is not None]
    if not any(not one.is_other and one.scale not in names.further for one in found):
        scale = _scale_in(title, replace(names, scales={p: s for p, s in names.scales.items() if not s.further}))
        if scale is not None:
            titled = [_under_title(column, scale[0], names) for column in columns
                      if column.is_numeric and is_time_only(column, names)]
            found += told_by_title(titled, title, names)
    found = without_families(without_last_items([*found, *behind_baseline(found, columns, names)], names), names)
    found = numbers_as_times(found, names)
    found = first_as_baseline(zeros_as_baseline(without_shared_words(_in_blocks_by_treatment(found, names))), names)
    versions = {scale for phrase, scale in names.lookalikes.items() if _stands_in(phrase, title)}
    return tuple(_checked_values(one, names) for one in _checked_versions(found, versions))


def _treatment_in(words: Words, names: ScaleNames) -> str | None:
    """The one treatment that the words name."""
    found = {key for phrase, key in names.treatments.items() if find_phrase(phrase, words) >= 0}
    return found.pop() if len(found) == 1 else None


def _in_blocks_by_treatment(found: Sequence[ScoreColumn], names: ScaleNames) -> list[ScoreColumn]:
    """Columns that name a treatment, where those of the scale name several: each is for who had that one first."""
    kept = []
    for one in found:
        named = {other.treatment for other in found if other.scale == one.scale and not other.is_other}
        if len(named - {None}) < 2 or one.treatment is None or one.is_other:
            kept.append(replace(one, treatment=None))
            continue
        own = {word for phrase, key in names.treatments.items() if key == one.treatment for word in phrase}
        strange = tuple(word for word in one.strange if word not in own)
        when = "it does not say when the score was taken" if one.time.is_unclear or one.time.hours is None else ""
        problem = f'the word "{strange[0]}" is not understood' if strange else when
        kept.append(replace(one, strange=strange, problem=problem))
    return kept


def _checked_versions(found: Sequence[ScoreColumn], named: set[str]) -> list[ScoreColumn]:
    """Where a column or the title names another version of a scale, a name without the version could be either."""
    mixed = named | {one.scale for one in found if one.is_lookalike}
    problem = "the file speaks of another version of the scale too, and the name does not say which this is"
    return [replace(one, problem=problem) if one.is_usable and one.scale in mixed and not one.names_version else one
            for one in found]


def _read(column: Column, names: ScaleNames) -> ScoreColumn | None:
    said = [_read_words(column, words, names) for words in column.readings]
    if len(said) == 3 and said[0] and said[1] and said[1].is_usable and said[1].time.hours is not None:
        said.pop()  # the label says all, and the name is no heading over it: "madrs_2", "MADRS 1 week after infusion"
    readings = [reading for reading in said if reading is not None]
    if not readings:
        return None
    plain = [one for one in readings if one.is_usable and one.time.hours is not None]
    if len({(one.scale, one.time.hours, one.period) for one in plain}) > 1:
        return replace(plain[0], problem="its name and its label say different things")
    if any(one.is_other for one in readings):
        return next(one for one in readings if one.is_other)
    return plain[0] if plain else min(readings, key=lambda one: (bool(one.problem), one.time.is_unclear))


def _read_words(column: Column, words: Words, names: ScaleNames) -> ScoreColumn | None:
    found = _scale_in(words, names)
    if found is None:
        return _run_together(column, words, names)
    scale, phrase = found
    at = find_phrase(phrase, words)
    period, rest = take_period((*words[:at], "|", *words[at + len(phrase):]))
    time = read_time(tuple(word for word in rest if word != "|"), names.times)
    leftover = [word for word in time.leftover if word not in w.SCORE]
    version = {word for word in phrase if word.isdigit()} >= set(filter(str.isdigit, digits_of(scale.label)))
    reading = ScoreColumn(column, scale.key, time, period, _treatment_in(rest, names), names_version=version)
    lookalike = _is_lookalike(words, phrase, names)
    if lookalike or any(word in w.DERIVED for word in leftover):
        return replace(reading, is_other=True, is_lookalike=lookalike)
    if leftover:
        return replace(reading, problem=f'the word "{leftover[0]}" is not understood', strange=tuple(leftover))
    if time.is_unclear:
        return replace(reading, problem="it does not say when the score was taken")
    return reading


def _run_together(column: Column, words: Words, names: ScaleNames) -> ScoreColumn | None:
    """A column of numbers whose name only begins with a scale's ("MADRSxq7"): asked about, not passed over."""
    if any(_stands_in(other, words) for other in names.lookalikes):
        return None
    for phrase, scale in names.scales.items():
        begun = re.search(rf"(?<![a-z]){phrase[0]}[a-z]+", fold(column.name.text)) if len(phrase) == 1 else None
        if begun and len(phrase[0]) >= SHORTEST_STEM and column.is_numeric:
            return ScoreColumn(column, scale.key, Time(), problem=f'the word "{begun.group()}" is not understood')
    return None


def _scale_in(words: Words, names: ScaleNames) -> tuple[Scale, Words] | None:
    """The scale with the longest name among the words."""
    found = [(phrase, scale) for phrase, scale in names.scales.items() if _stands_in(phrase, words)]
    if not found:
        return None
    phrase, scale = max(found, key=lambda one: len(one[0]))
    return scale, phrase


def _stands_in(phrase: Words, words: Words) -> bool:
    """Whether the phrase is in the words; a number at its end must not be that of a time ("HAMD 24 h")."""
    at = find_phrase(phrase, words)
    if at < 0:
        return False
    return not (len(phrase) > 1 and phrase[-1].isdigit() and is_timed(words, at + len(phrase) - 1))


def _is_lookalike(words: Words, phrase: Words, names: ScaleNames) -> bool:
    return any(len(other) >= len(phrase) and other != phrase and _stands_in(other, words)
               for other in names.lookalikes)


def _under_title(column: Column, scale: Scale, names: ScaleNames) -> ScoreColumn:
    period, rest = take_period(column.name.words)
    return ScoreColumn(column, scale.key, read_time(rest, names.times), period,
                       problem=f"only the title says that it may be {scale.label}")


def _checked_values(one: ScoreColumn, names: ScaleNames) -> ScoreColumn:
    """A reading whose numbers do not fit the scale is asked about; a numbered column of small ones is an item."""
    scale = next(scale for scale in names.scales.values() if scale.key == one.scale)
    form = one.column.format_within(scale.minimum, scale.maximum)
    if one.is_other or one.column.is_empty:
        return replace(one, is_other=True)
    if form is None:
        return replace(one, problem=f"its numbers can be read in two ways: {one.column.number_format[1]}")
    parsed = one.column.parsed(form)
    values = parsed.values[np.isfinite(parsed.values)]
    if not len(values):
        return replace(one, is_other=True)
    small = values.max() <= ITEM_MAXIMUM < scale.maximum / 2
    if small and one.time.is_unclear and any(word.isdigit() for word in one.column.name.words):
        return replace(one, is_other=True)
    if small and not scale.further and one.is_usable and one.time.hours is not None and one.time.hours <= 0:
        return replace(one, problem=f"no value is above {values.max():g}, too low for a total before the treatment")
    off = (values < scale.minimum) | (values > scale.maximum)
    if off.mean() > OFF_SCALE_SHARE:
        return replace(one, problem=one.problem or f"its values do not fit {scale.minimum:g} to {scale.maximum:g}")
    if len(parsed.unreadable) > 0.2 * max(one.column.size, 1):
        return replace(one, problem=one.problem or "many of its cells are no numbers")
    return one


def timed_sources(scores: Sequence[ScoreColumn], protocol: Protocol) -> tuple[tuple[ScoreSource, ...],
                                                                              tuple[ScoreColumn, ...]]:
    """The scores of a file with a column a time, and those that are asked about."""
    scores = _numbered_periods(scores)
    doubt = doubtful_days([one.time for one in scores if one.is_usable])
    seen: dict[tuple[str, float | None, int | None, str | None], list[ScoreColumn]] = {}
    for one in scores:
        if one.is_usable:
            seen.setdefault((one.scale, one.time.hours, one.period, one.treatment), []).append(one)
    sources, asked = [], [one for one in scores if one.problem and not one.is_other]
    for (_, hours, _, _), fitting in seen.items():
        first = fitting[0]
        differing = [one for one in fitting[1:] if one.column.raw.cells != first.column.raw.cells]
        doubtful = bool(doubt) and (first.time.day or first.time.is_signed)
        if hours is None:
            asked += [replace(one, problem="it does not say when the score was taken") for one in fitting]
        elif differing:
            names = " and ".join(f'"{one.column.raw.name}"' for one in (first, *differing))
            asked += [replace(one, problem=f"{names} seem to hold the same score") for one in fitting]
        elif doubtful:
            asked.append(replace(first, problem=doubt))
        else:
            sources.append(score_source(first, protocol, hours))
    open_scales = {one.scale for one in asked if one.time.hours is None}
    kept = [one for one in sources if one.scale not in open_scales or _is_beyond_doubt(one, protocol)]
    return tuple(kept), tuple(asked)


def _is_beyond_doubt(source: ScoreSource, protocol: Protocol) -> bool:
    """Whether no column of an unknown time can belong in this one's place."""
    return bool(beyond_doubt(np.array([source.hours], dtype=float), protocol.timepoints)[0])


def _numbered_periods(scores: Sequence[ScoreColumn]) -> list[ScoreColumn]:
    """Where only later periods are named, what names none is the first ("MADRS 24h", "MADRS 24h infusion 2")."""
    periods = {one.period for one in scores if one.period is not None}
    unnamed = 1 if periods and 1 not in periods else None
    return [replace(one, period=one.period or unnamed) for one in scores]


def untimed_sources(scores: Sequence[ScoreColumn], protocol: Protocol) -> tuple[tuple[ScoreSource, ...],
                                                                                tuple[ScoreColumn, ...]]:
    """The scores of a long file, whose rows say when; of a scale with several columns all are asked about."""
    sources, asked = [], [one for one in scores if one.problem and not one.is_other]
    for scale in protocol.scales:
        fitting = [one for one in scores if one.is_usable and one.scale == scale.key]
        plain = [one for one in fitting if one.time.hours is None]
        if len(plain) == 1:
            sources.append(score_source(plain[0], protocol, None))
        asked += [replace(one, problem="several columns seem to hold the score") for one in fitting
                  if len(plain) != 1]
    return tuple(sources), tuple(asked)


def baselines_beside_visits(scores: Sequence[ScoreColumn], shape: Shape, known: Sequence[ScoreSource],
                            protocol: Protocol) -> tuple[ScoreSource, ...]:
    """Columns with the baseline of each patient, in a file whose rows are later visits only."""
    if shape.visit is None or shape.clock is not None or any(
            hours is not None and hours <= 0 for hours in shape.visit.values.values()):
        return ()
    found = []
    for scale in {source.scale for source in known if source.hours is None}:
        before = [one for one in scores if one.is_usable and one.scale == scale and one.period is None
                  and one.time.hours is not None and one.time.hours <= 0 and not one.time.is_screening]
        if len(before) == 1:
            found.append(score_source(before[0], protocol, before[0].time.hours))
    return tuple(found)


def score_source(one: ScoreColumn, protocol: Protocol, hours: float | None) -> ScoreSource:
    """A column as a source of scores, with its numbers' format within the scale."""
    scale = protocol.scales_by_key[one.scale]
    form = one.column.format_within(scale.minimum, scale.maximum) or NumberFormat()
    return ScoreSource(column=one.column.raw.name, scale=one.scale, hours=hours, period=one.period,
                       treatment=one.treatment, format=form)
