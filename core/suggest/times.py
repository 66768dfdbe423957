"""When a score was taken, from words: "Day 7", "t240min", "24h post infusion", "pre-dose". In hours after treatment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from core.suggest import words as w
from core.suggest.names import Words, find_phrase

SCREENING_HOURS = -168.0
SIGNS = frozenset({"minus", "dash"})
"""A minus before a number; a dash between a unit and a number ("D-7") may be one or may not."""
_NUMBER = re.compile(r"\d+(\.\d+)?")
_JOINING = frozenset({"a", "as", "aos", "alle", "ai", "om", "na", "za", "bei", "efter", "com", "con", "les"})
"""Prepositions before a time."""
_GIVING = frozenset({"infusion", "inf", "injection", "administration", "dose", "dosing", "drip"})
"""What ends within the hour."""


@dataclass(frozen=True)
class Time:
    """`hours` None: not said. `is_unclear`: something is said that does not fix the time ("T1", "post").

    `day` is the number of a day named by number alone; `is_signed` whether a dash that may be a minus stood before a
    number; `leftover` are the words not about time.
    """

    hours: float | None = None
    is_unclear: bool = False
    day: float | None = None
    is_signed: bool = False
    is_screening: bool = False
    leftover: Words = ()
    is_zero: bool = False
    """Whether a bare 0 is all that is said."""


@dataclass(frozen=True)
class TimeNames:
    """A protocol's own names for times, in hours, and the words of its active treatment ("24 h after ketamine")."""

    hours: Mapping[Words, float]
    given: frozenset[str] = frozenset()


def read_time(words: Words, names: TimeNames) -> Time:
    """The time in a header's or a visit's words."""
    reading = _read_time(words, names.hours)
    return replace(reading, leftover=_without_treatments(reading.leftover, words, names.given))


def _without_treatments(leftover: Words, words: Words, given: frozenset[str]) -> Words:
    """The words not about time: a treatment that follows "after" or "before" is the event counted from."""
    event = {words[i + 1] for i, word in enumerate(words[:-1]) if word in w.AFTER | w.BEFORE}
    return tuple(word for word in leftover if not (word in event and word in given))


def _read_time(words: Words, named: Mapping[Words, float]) -> Time:
    for phrase in sorted(named, key=len, reverse=True):
        at = find_phrase(phrase, words)
        if at >= 0:
            rest = words[:at] + words[at + len(phrase):]
            if not any(_NUMBER.fullmatch(word) or word in w.TIME_UNITS for word in rest):
                return Time(named[phrase], leftover=_without_filler(rest))
    return _combined(*_stated(words))


@dataclass(frozen=True)
class _Stated:
    """A number with its unit; `is_numbered` where the unit came first ("day 7", not "7 days")."""

    number: float
    unit: float
    is_numbered: bool


def _stated(words: Words) -> tuple[list[_Stated], list[str], bool]:
    """Every number with its unit, the other words, and whether a minus stood before a number."""
    found: list[_Stated] = []
    rest: list[str] = []
    words = (*(w.NUMBERS.get(word, word) if after in w.TIME_UNITS else word for word, after in pairwise(words)),
             *words[-1:])
    signed, i = False, 0
    while i < len(words):
        word, after = words[i], words[i + 1] if i + 1 < len(words) else ""
        minus = after in SIGNS and i + 2 < len(words)
        number = words[i + 2] if minus else after
        if _NUMBER.fullmatch(word) and after in w.TIME_UNITS:
            if rest and rest[-1] in _JOINING:
                rest.pop()  # "a 24 ore"
            negative = bool(rest) and rest[-1] in SIGNS
            signed |= negative and rest.pop() == "dash"
            found.append(_Stated(-float(word) if negative else float(word), w.TIME_UNITS[after], False))
            i += 2
        elif word in w.TIME_UNITS and _NUMBER.fullmatch(after) and is_timed(words, i + 1):
            i += 1  # "infusion day +4h": of that day
        elif word in w.TIME_UNITS and _NUMBER.fullmatch(number):
            found.append(_Stated(-float(number) if minus else float(number), w.TIME_UNITS[word], True))
            signed |= minus and after == "dash"
            i += 3 if minus else 2
        else:
            rest.append(word)
            i += 1
    return found, rest, signed


def _combined(stated: list[_Stated], rest: list[str], signed: bool) -> Time:
    before = any(word in w.BEFORE or (word in w.BASELINE and word.startswith("pre")) for word in rest)
    baseline = any(word in w.BASELINE for word in rest)
    screening = any(word in w.SCREENING for word in rest)
    numbers = [word for word in rest if _NUMBER.fullmatch(word)]
    leftover = _without_filler(tuple(rest))
    hours = {round(one.number * one.unit, 6) for one in stated}
    if baseline or before:  # "baseline, day of the infusion"
        leftover = tuple(word for word in leftover if w.TIME_UNITS.get(word) != w.DAYS)
    if hours or baseline or screening or before:
        rest = _without_visit_numbers(rest)
        numbers = [word for word in rest if _NUMBER.fullmatch(word)]
    if len(hours) == 2 and any(one.is_numbered and one.number == 0 and one.unit == w.DAYS for one in stated) and any(
            one.number and one.unit < w.DAYS for one in stated):
        hours -= {0.0}  # "day 0, 4 h": hours of the day of treatment
        stated = [one for one in stated if one.number]
    if len(hours) > 1:
        return Time(is_unclear=True, leftover=leftover)
    if hours:
        value = hours.pop()
        unit = stated[0].unit
        day = stated[0].number if len(stated) == 1 and stated[0].is_numbered and unit == w.DAYS else None
        if (before or baseline) and value > 0 and not any(word in w.AFTER for word in rest):
            return Time(is_unclear=True, leftover=leftover) if unit >= w.DAYS and baseline else Time(
                -value, leftover=leftover)
        return Time(value, day=day, is_signed=signed, is_unclear=bool(numbers), leftover=leftover)
    if screening and not baseline:
        return Time(SCREENING_HOURS, is_screening=True, leftover=leftover)
    if baseline or before:
        return Time(0.0, is_unclear=bool(numbers) and numbers != ["0"], leftover=leftover)
    if numbers == ["0"] and any(word in w.UNCLEAR_TIME for word in rest):
        return Time(0.0, leftover=leftover)
    vague = bool(numbers) or any(word in w.AFTER or word in w.UNCLEAR_TIME or word in w.TIME_UNITS for word in rest)
    return Time(is_unclear=vague, leftover=leftover, is_zero=numbers == ["0"])


def _without_visit_numbers(rest: list[str]) -> list[str]:
    """The words without "visit 3" or "V3", which add nothing where the time itself is said."""
    named = {i + 1 for i, word in enumerate(rest) if word in w.UNCLEAR_TIME}
    return [word for i, word in enumerate(rest) if not (i in named and _NUMBER.fullmatch(word))]


def _without_filler(rest: Words) -> Words:
    """The words that are not about time. Which event a time counts from is told only by words known for it: "last" or
    "crossover" after "post" is another one."""
    filler = w.BASELINE | w.BEFORE | w.SCREENING | w.AFTER | w.EVENT | w.VISIT | SIGNS | {"later"}
    if not _GIVING & set(rest):
        filler -= {"end"}  # of a course of treatment, perhaps
    return tuple(word for word in rest if word not in filler and not _NUMBER.fullmatch(word))


def take_period(words: Words) -> tuple[int | None, Words]:
    """The number of a treatment period named in the words ("P1", "second infusion"), and the other words."""
    for i, word in enumerate(words):
        after = words[i + 1] if i + 1 < len(words) else ""
        beyond = words[i + 2] if i + 2 < len(words) else ""
        number = int(after) if after.isdigit() and 1 <= int(after) <= 9 else w.ORDINALS.get(after)
        if word in w.PERIOD and number and not (after.isdigit() and is_timed(words, i + 1)):
            return number, words[:i] + words[i + 2:]
        if word in w.ORDINALS and after in w.PERIOD:
            return w.ORDINALS[word], words[:i] + words[i + 2:]
        if word.isdigit() and after in ("st", "nd", "rd", "th") and beyond in w.PERIOD:
            return int(word), words[:i] + words[i + 3:]
    return None, words


def is_timed(words: Words, at: int) -> bool:
    """Whether the number at a place belongs to the unit of time behind it ("24 h", not "17 day 7")."""
    unit, number = (*words[at + 1:at + 3], "", "")[:2]
    return unit in w.TIME_UNITS and not number.isdigit()


def doubtful_days(times: Iterable[Time]) -> str:
    """Why the days may not count from the treatment, as a sentence; "" if nothing speaks against it.

    Where the day of treatment is called day 1, "day 2" is 24 hours; and where every day has a dash before its number,
    a dash is no minus.
    """
    times = list(times)
    days = {time.day for time in times if time.day is not None}
    if any(time.is_signed for time in times) and not any(time.hours and time.hours > 0 for time in times):
        return "every number has a dash before it that may or may not be a minus"
    has_zero = 0.0 in days
    has_baseline = any(time.hours is not None and time.hours <= 0 and not time.is_screening for time in times)
    numbered_from_1 = (8.0 in days and 7.0 not in days) or (
        2.0 in days and not days & {1.0, 3.0, 7.0, 14.0}) or (1.0 in days and not has_baseline) or (
        {-1.0, 1.0} <= days and not days & {3.0, 7.0, 14.0})
    if days and not has_zero and numbered_from_1:
        return "the day of treatment may have been counted as day 1 or as day 0"
    return ""
