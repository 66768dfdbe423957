"""How patients, periods and visits lie in rows and columns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.mapping import PeriodSource, Shape, VisitSource
from core.sources import raw_text
from core.suggest import words as w
from core.suggest.clocks import find_clock
from core.suggest.columns import Column
from core.suggest.identity import holds_fixed, repeated_identity, tells_rows_apart, unnamed_identity
from core.suggest.names import Vocabulary, Words, begun, best_match
from core.suggest.periods import visits_in_periods
from core.suggest.sites import site_of_ids
from core.suggest.times import Time, TimeNames, doubtful_days, read_time
from core.values import is_missing_word

NAMED = 0.85
"""How well a column's name must fit a role."""
MANY_PERIODS = 20
_AROUND_VISITS = frozenset(w.EVENT | w.AFTER | w.VISIT | set(w.TIME_UNITS))
"""Words beside a visit's name that say nothing against it."""
TELLING = frozenset({"period", "infusion", "phase", "session", "periode", "periodo"})
"""Words that make a cell a period whatever its column is called ("Infusion 2")."""
_ARTICLES = frozenset(["the", "of", "de", "del", "des", "du", "der", "di", "da", "do", "el", "la", "le", "van"])
_MARKS = frozenset(["id", "number", "no", "nr", "num", "code", "key", "identifier", "nummer", "numero"])
"""Words of names that are given to tell things apart."""
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}(?:[ T]\d.*)?|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}(?: \d.*)?")
_SIGNED = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Layout:
    """The shape, with what speaks against it (`problem`, "" if nothing)."""

    shape: Shape
    problem: str = ""
    remark: str = ""
    """How the ids were found where no name says so."""


def find_layout(columns: Sequence[Column], vocabulary: Vocabulary, times: TimeNames, has_blocks: bool,
                second: float | None) -> Layout:
    """The layout of a file. `columns` are those that are no scores; `has_blocks`: scores stand in blocks a period."""
    free = [column for column in columns if not column.is_empty]
    patient = _patient_column(free, vocabulary, times)
    others = [column for column in free if column is not patient]
    if patient is None and not has_blocks and (
            repeated_identity(free) is not None or _says_visits(free, vocabulary, times)):
        return Layout(Shape(kind="long", patient=None, second_treatment_hours=second),
                      "several rows seem to belong to one patient, and no column says whose")
    if patient is None:
        return Layout(Shape(kind="period_blocks" if has_blocks else "wide", second_treatment_hours=second))
    return _within_sites(_layout_by_ids(patient, others, vocabulary, times, second, has_blocks), patient, others,
                         vocabulary, has_blocks)


def _layout_by_ids(patient: Column, others: Sequence[Column], vocabulary: Vocabulary, times: TimeNames,
                   second: float | None, has_blocks: bool) -> Layout:
    if not _is_repeated(patient):
        kind = "period_blocks" if has_blocks else "wide"
        return Layout(Shape(kind=kind, patient=patient.raw.name, second_treatment_hours=second))
    return _layout_of_rows(patient, others, vocabulary, times, second)


def _within_sites(layout: Layout, patient: Column, others: Sequence[Column], vocabulary: Vocabulary,
                  has_blocks: bool) -> Layout:
    """The layout, with ids counted within their sites where each site numbered its patients anew."""
    shape = layout.shape
    clock = shape.clock.column if shape.clock else None
    used = {source.column for source in (shape.visit, shape.period) if source} | {clock}
    site = site_of_ids(patient, [one for one in others if one.raw.name in used], others, vocabulary)
    if site is None:
        return layout
    if shape.patient is None:  # nothing but the sites tells rows of one id apart: a row is a patient
        shape = shape.model_copy(update={"kind": "period_blocks" if has_blocks else "wide"})
        layout = Layout(shape)
    remark = (f'The same ids in "{patient.raw.name}" stand at several sites ("{site.raw.name}"); they were taken as '
              f'different patients, named by site and id.')
    return Layout(shape.model_copy(update={"patient": patient.raw.name, "site": site.raw.name}), layout.problem, remark)


def _layout_of_rows(patient: Column, others: Sequence[Column], vocabulary: Vocabulary, times: TimeNames,
                    second: float | None) -> Layout:
    """The layout where a patient has several rows: what tells them apart, by name or by dates."""
    name = patient.raw.name
    both = visits_in_periods(others, vocabulary, times)
    if both is not None:
        return Layout(Shape(kind="long", patient=name, period=both[0], visit=both[1], second_treatment_hours=second))
    period = _period_source(others, patient, vocabulary)
    visit, doubt = _visit_source([c for c in others if period is None or c.raw.name != period.column], patient,
                                 vocabulary, times)
    is_open = visit is None or bool(doubt) or _leaves_open(visit, others)
    clock, why_not = find_clock(others, patient) if is_open and period is None else (None, "")
    if clock is not None:
        return Layout(Shape(kind="long", patient=name, visit=visit, clock=clock, second_treatment_hours=second))
    dates = next((c for c in others if _is_dates(c) and tells_rows_apart(patient, c)), None)
    if visit is None and period is None and dates is not None and holds_fixed(patient, [*others, patient]):
        return Layout(Shape(kind="long", patient=name, second_treatment_hours=second),
                      f'"{dates.raw.name}" tells a patient\'s rows apart by their dates, and how many hours after the '
                      f"treatment each was is not said{f' ({why_not})' if why_not else ''}")
    if visit is None and period is None:
        # one id in several rows may as well be one at each site: nobody's rows are put together until that is known
        return Layout(Shape(kind="long", patient=None, second_treatment_hours=second),
                      f'the ids in "{name}" stand in several rows, and no column says which visit or period a row is'
                      + (f" ({why_not})" if why_not else ""))
    kind = "long" if visit else "period_rows"
    remark = "" if _is_named_patient(patient, vocabulary) else (
        f'"{name}" was taken as the patients\' ids, because its rows repeat with the visits or periods.')
    return Layout(Shape(kind=kind, patient=name, period=period, visit=visit, second_treatment_hours=second), doubt,
                  remark)


def _leaves_open(visit: VisitSource, columns: Sequence[Column]) -> bool:
    """Whether some texts of the visits' column are not understood."""
    return any(text not in visit.values for column in columns if column.raw.name == visit.column
               for text in column.raw.counts)


def _is_named_patient(column: Column, vocabulary: Vocabulary) -> bool:
    return _named(column, [vocabulary.split(name) for name in w.PATIENT_NAMES], _ARTICLES) >= NAMED


def _says_visits(columns: Sequence[Column], vocabulary: Vocabulary, times: TimeNames) -> bool:
    """Whether a column is named as one of visits and its few texts are times, each of several rows."""
    phrases = [vocabulary.split(name) for name in w.VISIT_NAMES]
    for column in columns:
        several = 1 < len(column.texts) <= MANY_PERIODS and all(n > 1 for n in column.texts.values())
        if several and _named(column, phrases, _AROUND_VISITS) >= NAMED:
            known = [_visit_time(text, column, vocabulary, times) for text in column.texts]
            if None not in known or sum(one is not None for one in known) > 1:
                return True
    return False


def second_treatment(notes: str) -> float | None:
    """Hours to a second treatment that the registry's notes state ("the second on day 3"); None if they do not."""
    found = re.search(r"second\b[^.;]{0,30}?\b(?:(day|d)\s?(\d+)|(\d+)\s?(h|hours|d|days)\b)", notes, re.I)
    if not found:
        return None
    number, unit = (found.group(2), "d") if found.group(1) else (found.group(3), found.group(4))
    return float(number) * w.TIME_UNITS[unit.lower()]


def _named(column: Column, phrases: Sequence[Words], neutral: frozenset[str] = frozenset()) -> float:
    words = column.readings[:2]
    return max(best_match(reading, phrases, neutral).quality for reading in words)


def _patient_column(columns: Sequence[Column], vocabulary: Vocabulary, times: TimeNames) -> Column | None:
    """The column of ids: the best named; without a name the first, if its texts are all different."""
    phrases = [vocabulary.split(name) for name in w.PATIENT_NAMES]
    ranked = []
    for column in columns:
        is_one = len(column.texts) == 1 < column.size  # a study's own number, say
        if column.size < 0.5 * len(column.raw.cells) or _has_decimals(column) or is_one:
            continue
        near = set(begun(phrases, column.all_words))
        for rank, phrase in enumerate(phrases):
            if phrase in near and max(best_match(words, [phrase], _ARTICLES).quality
                                      for words in column.readings[:2]) >= NAMED:
                ranked.append((rank, -len(column.texts), column))
                break
    if ranked:
        return min(ranked, key=lambda entry: entry[:2])[2]
    return _unnamed_patients(columns, vocabulary, times)


def _unnamed_patients(columns: Sequence[Column], vocabulary: Vocabulary, times: TimeNames) -> Column | None:
    """A column of ids by its place and its texts, if its name does not say that it is something else."""
    repeated = repeated_identity(columns)
    if repeated is not None and _MARKS & repeated.all_words and holds_fixed(repeated, columns) and any(
            _says_when(column, repeated, vocabulary, times) for column in columns if column is not repeated):
        return repeated
    if repeated is not None and not any(word in vocabulary.known for word in repeated.all_words):
        phrases = [vocabulary.split(name) for name in (*w.VISIT_NAMES, *w.PERIOD_NAMES)]
        visits = [column.raw.cells for column in columns if _named(column, phrases, _AROUND_VISITS) >= NAMED]
        keys = set(zip(repeated.raw.cells, *visits, strict=True))
        # a clinic's name repeats as an id does, but has several patients at each visit
        return repeated if not visits or len(keys) >= 0.95 * repeated.size else None
    return unnamed_identity(columns, vocabulary)


def _has_decimals(column: Column) -> bool:
    return any(re.fullmatch(r"\d+[.,]\d*[1-9]", text) for text in column.texts)


def _is_repeated(patient: Column) -> bool:
    counts = list(patient.texts.values())
    return bool(counts) and sum(n > 1 for n in counts) >= 0.5 * len(counts)


def _varies(column: Column, patient: Column) -> bool:
    """Whether a patient's rows differ in the column."""
    own = patient.codes >= 0
    pairs = patient.codes[own].astype(np.int64) * (int(column.codes.max(initial=-1)) + 2) + column.codes[own]
    return len(np.unique(pairs)) > len(np.unique(patient.codes[own]))


def period_number(words: Words) -> int | None:
    """The period a cell's words name: "1", "P2", "second", "Infusion 1"."""
    filler = w.PERIOD | {"study", "crossover", "number", "st", "nd", "rd"}
    rest = tuple(word for word in words if word not in filler)
    if len(rest) != 1:
        return None
    if rest[0].isdigit():
        return int(rest[0]) if 1 <= int(rest[0]) <= 20 else None
    return w.ORDINALS.get(rest[0])


def _period_source(columns: Sequence[Column], patient: Column, vocabulary: Vocabulary) -> PeriodSource | None:
    phrases = [vocabulary.split(name) for name in w.PERIOD_NAMES]
    for column in sorted(columns, key=lambda column: _named(column, phrases) < NAMED):
        if len(column.texts) > MANY_PERIODS or not _varies(column, patient):
            continue
        words = {text: vocabulary.split(column.meanings.get(text, text)) for text in column.texts}
        if _named(column, phrases) < NAMED and not all(set(told) & TELLING for told in words.values()):
            continue
        numbers = {text: period_number(told) for text, told in words.items()}
        known = {text: number for text, number in numbers.items() if number is not None}
        if len(known) == len(numbers):
            return PeriodSource(column=column.raw.name, values=known)
    return None


def _visit_source(columns: Sequence[Column], patient: Column, vocabulary: Vocabulary,
                  times: TimeNames, named: bool = False) -> tuple[VisitSource | None, str]:
    """The column that says when; of several the one with the most rows understood. And what is doubtful about it.

    `named`: that they say when is known, whatever they are called.
    """
    phrases = [vocabulary.split(name) for name in w.VISIT_NAMES]
    best: tuple[float, float, VisitSource, str] | None = None
    for column in columns:
        quality = 1.0 if named else _named(column, phrases, _AROUND_VISITS)
        if quality < NAMED or not _varies(column, patient):
            continue
        read = {text: _visit_time(text, column, vocabulary, times) for text in column.raw.counts}
        doubt = doubtful_days([time for time in read.values() if time is not None])
        values = {text: time.hours for text, time in read.items() if time is not None}
        if doubt:
            values = {text: hours for text, hours in values.items() if not (read[text] or Time()).day}
        values |= {text: None for text in column.raw.counts if is_missing_word(text) and text not in values}
        share = sum(column.raw.counts[text] for text in values) / max(sum(column.raw.counts.values()), 1)
        if best is None or (share, quality) > best[:2]:
            best = (share, quality, VisitSource(column=column.raw.name, values=values), doubt)
    if best is None:
        by_texts = next((c for c in columns if _says_when(c, patient, vocabulary, times)), None)
        return _visit_source([by_texts], patient, vocabulary, times, True) if by_texts else (None, "")
    return best[2], best[3]


def _says_when(column: Column, patient: Column, vocabulary: Vocabulary, times: TimeNames) -> bool:
    """Whether every text of a column is a time in words, before and after the treatment, each once a patient."""
    if not 1 < len(column.texts) <= MANY_PERIODS or any(_SIGNED.fullmatch(text) for text in column.texts):
        return False
    read = [_visit_time(text, column, vocabulary, times) for text in column.texts]
    hours = [time.hours for time in read if time is not None and time.hours is not None]
    return len(hours) == len(read) and min(hours) <= 0 < max(hours) and tells_rows_apart(patient, column)


def _is_dates(column: Column) -> bool:
    """Whether the column holds dates."""
    return column.size > 0 and all(isinstance(cell, (dt.date, dt.datetime)) or _DATE.fullmatch(raw_text(cell))
                                   for cell in dict.fromkeys(column.raw.cells) if raw_text(cell))


def _visit_time(text: str, column: Column, vocabulary: Vocabulary, times: TimeNames) -> Time | None:
    """When a visit was: from its words, or a number in the header's unit; None if that is not plain."""
    meaning = column.meanings.get(text, text)
    if _SIGNED.fullmatch(meaning.strip()):
        units = {w.TIME_UNITS[word] for word in column.all_words if word in w.TIME_UNITS}
        if len(units) != 1:
            return None
        unit, number = units.pop(), float(meaning.replace("−", "-").replace(",", "."))
        return Time(number * unit, day=number if unit == w.DAYS else None)
    time = read_time(vocabulary.split(re.sub(r"[_ ]arm[_ ]\d+$", "", meaning)), times)
    if time.is_unclear or time.hours is None or set(time.leftover) - w.SCORE:
        return None
    return time
