"""Columns of scores judged beside each other: which are items, which is the baseline, what bare numbers mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Words, find_phrase
from core.suggest.score_columns import ITEM_MAXIMUM, ScaleNames, ScoreColumn, digits_of, numbers_of
from core.suggest.times import Time, is_timed, read_time, take_period

FEWEST_ITEMS = 6
HOURS_OF_RATINGS = frozenset({0, 1, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72, 96, 120, 144, 168, 192, 240, 336})
DAYS_OF_RATINGS = frozenset({0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 28})
LEAST_FALL = 2.0
"""Points by which a baseline that no word names must lie above every later score, at the median."""


def behind_baseline(found: Sequence[ScoreColumn], columns: Sequence[Column], names: ScaleNames) -> list[ScoreColumn]:
    """Columns named by a later time alone, directly behind the one score, a baseline ("MADRS d0", "d1", "d7")."""
    scores = [one for one in found if not one.is_other]
    if len(scores) != 1 or not scores[0].is_usable or scores[0].time.hours is None or scores[0].time.hours > 0:
        return []
    first, by_place = scores[0], {column.raw.position: column for column in columns}
    behind: list[ScoreColumn] = []
    place = first.column.raw.position + 1
    while place in by_place and is_time_only(by_place[place], names):
        period, rest = take_period(by_place[place].name.words)
        one = replace(first, column=by_place[place], time=read_time(rest, names.times))
        is_small = numbers_of(one, names).max(initial=0.0) <= ITEM_MAXIMUM  # yes and no, perhaps
        if (one.time.hours or 0.0) <= 0 or period != first.period or is_small:
            return []
        behind.append(one)
        place += 1
    return behind


def without_last_items(found: Sequence[ScoreColumn], names: ScaleNames) -> list[ScoreColumn]:
    """A column named as the whole scale is its last item where one is named as the item before ("hamd16", "hamd17")."""
    numbers = {scale.key: set(filter(str.isdigit, digits_of(scale.label))) for scale in names.scales.values()}
    there = {one.column.name.words for one in found}

    def before(one: ScoreColumn) -> Words:
        return tuple(str(int(word) - 1) if word in numbers[one.scale] else word for word in one.column.name.words)

    return [replace(one, is_other=True) if one.is_usable and before(one) != one.column.name.words
            and before(one) in there else one for one in found]


def without_families(found: Sequence[ScoreColumn], names: ScaleNames) -> list[ScoreColumn]:
    """Columns whose names differ by a number from 1 on alone, and whose numbers are all small, are items ("Q1")."""
    families: dict[tuple[str, Words, int], dict[int, ScoreColumn]] = {}
    for one in found:
        words = one.column.name.words
        for at, word in enumerate(words):
            if word.isdigit() and not is_timed(words, at):
                families.setdefault((one.scale, (*words[:at], *words[at + 1:]), at), {})[int(word)] = one
    items = {id(one) for numbered in families.values() if len(numbered) >= FEWEST_ITEMS
             and sorted(numbered) == list(range(1, len(numbered) + 1))
             and all(numbers_of(one, names).max(initial=0.0) <= ITEM_MAXIMUM for one in numbered.values())
             for one in numbered.values()}
    return [replace(one, is_other=True) if id(one) in items else one for one in found]


def told_by_title(titled: Sequence[ScoreColumn], title: Words, names: ScaleNames) -> list[ScoreColumn]:
    """Columns of times under a title that names one scale: its scores, where they are a whole series and fit no items.

    One before the treatment, two or more after it, each at another time, the first the highest at the median.
    """
    named = {scale.key for phrase, scale in names.scales.items() if find_phrase(phrase, title) >= 0}
    before = [one for one in titled if (one.time.hours or 0) <= 0]
    later = [one for one in titled if (one.time.hours or 0) > 0]
    timed = {(one.time.hours, one.period) for one in titled}
    periods = {one.period for one in titled}
    whole = len(before) == len(periods) == 1 and len(later) > 1 and len(timed) == len(titled)
    if not whole or len(named) != 1 or any(find_phrase(phrase, title) >= 0 for phrase in names.lookalikes):
        return list(titled)
    scale = next(scale for scale in names.scales.values() if scale.key in named)
    values = [numbers_of(one, names) for one in titled]
    fits = all(len(one) and one.min() >= scale.minimum and ITEM_MAXIMUM < one.max() <= scale.maximum for one in values)
    falls = fits and _median(before[0], names) > max(_median(one, names) for one in later) + LEAST_FALL
    return [replace(one, problem="", is_inferred=one in before) for one in titled] if falls else list(titled)


def numbers_as_times(found: Sequence[ScoreColumn], names: ScaleNames) -> list[ScoreColumn]:
    """Bare numbers that only hours can be ("T0", "T24", "T168"), or only days: visits are numbered without gaps."""
    kept = list(found)
    for scale, period in {(one.scale, one.period) for one in found}:
        own = [one for one in found if (one.scale, one.period) == (scale, period) and not one.is_other]
        numbers = {id(one): _only_number(one) for one in own if one.time.hours is None or one.time.is_zero}
        told = sorted(number for number in numbers.values() if number is not None)
        unit = _unit_of_numbers(told)
        if unit and len(told) == len(set(told)) == len(numbers):
            timed = {key: Time(number * unit) for key, number in numbers.items() if number is not None}
            kept = [replace(one, time=timed[id(one)], problem="", strange=()) if id(one) in timed else one
                    for one in kept]
    return kept


def _only_number(one: ScoreColumn) -> int | None:
    """The one number in a column's name beside its scale's, where nothing else is left to say."""
    digits = [word for word in one.column.name.words if word.isdigit()]
    return int(digits[0]) if len(digits) == 1 and not one.strange and one.names_version else None


def _unit_of_numbers(numbers: Sequence[int]) -> float | None:
    """Hours in a unit of the numbers, None where they could be those of visits."""
    if 24 in numbers and numbers[-1] in (72, 168, 240, 336) and set(numbers) <= HOURS_OF_RATINGS:
        return 1.0
    if {0, 1, 7} <= set(numbers) and set(numbers) <= DAYS_OF_RATINGS and len(numbers) < 7:
        return 24.0
    return None


def without_shared_words(found: Sequence[ScoreColumn]) -> list[ScoreColumn]:
    """A strange word that every column of a scale bears, the baseline too, tells none of them apart."""
    kept = list(found)
    for scale in {one.scale for one in found}:
        own = [one for one in found if one.scale == scale and not one.is_other]
        shared = {one.strange for one in own}
        plain = len(own) > 1 and len(shared) == 1 and not any(one.time.is_unclear for one in own)
        if plain and any(one.time.hours is not None and one.time.hours <= 0 for one in own):
            kept = [replace(one, problem="", strange=()) if one in own and one.strange else one for one in kept]
    return kept


def zeros_as_baseline(found: Sequence[ScoreColumn]) -> list[ScoreColumn]:
    """A bare 0 among columns of the scale that do say when ("MADRS 0", "MADRS 24h") is the baseline."""
    def siblings(one: ScoreColumn) -> list[ScoreColumn]:
        return [other for other in found if other is not one and not other.is_other and
                (other.scale, other.period) == (one.scale, one.period)]

    return [replace(one, problem="", time=Time(0.0)) if one.time.is_zero and not one.is_other and not one.strange
            and siblings(one) and all(other.is_usable and (other.time.hours or 0) > 0 for other in siblings(one))
            else one for one in found]


def first_as_baseline(found: Sequence[ScoreColumn], names: ScaleNames) -> list[ScoreColumn]:
    """A column with a word in no known language is the baseline where everything else says so.

    It is the only one of the scale without a number and without a time, stands before the others, of which two or more
    have rising times after the treatment, is filled at least as well, and is higher on the whole than each of them.
    """
    kept = list(found)
    for scale, period in {(one.scale, one.period) for one in found}:
        own = [one for one in found if (one.scale, one.period) == (scale, period) and not one.is_other]
        own.sort(key=lambda one: one.column.raw.position)
        if len(own) < 3 or not _is_untold(own[0]) or not all(one.is_usable for one in own[1:]):
            continue
        hours = [one.time.hours or 0.0 for one in own[1:]]
        levels = [_median(one, names) for one in own]
        if min(hours) > 0 and hours == sorted(set(hours)) and levels[0] > max(levels[1:]) + LEAST_FALL and all(
                own[0].column.size >= one.column.size for one in own[1:]):
            taken = replace(own[0], problem="", strange=(), time=Time(0.0), is_inferred=True)
            kept = [taken if one is own[0] else one for one in kept]
    return kept


def _is_untold(one: ScoreColumn) -> bool:
    """Whether one word that is not understood is all that is open."""
    return len(one.strange) == 1 and one.time.hours is None and not one.time.is_unclear and one.treatment is None and (
        one.strange[0] not in one.column.name.vocabulary.known)


def _median(one: ScoreColumn, names: ScaleNames) -> float:
    """The column's median; NaN, which is above nothing, if its numbers do not read."""
    values = numbers_of(one, names)
    return float(np.median(values)) if len(values) else np.nan


def is_time_only(column: Column, names: ScaleNames) -> bool:
    time = read_time(take_period(column.name.words)[1], names.times)
    return time.hours is not None and not time.is_unclear and not set(time.leftover) - w.SCORE
