"""Which columns say what patients were given, and in which dose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.mapping import DoseSource, TreatmentSource
from core.plain_text import plain
from core.registry import Study
from core.sources import raw_text
from core.suggest import words as w
from core.suggest.columns import Column
from core.suggest.names import Words, best_match
from core.suggest.times import take_period
from core.suggest.treatments import Given, TreatmentReader, stated_dose
from core.suggest.whole_doses import whole_dose
from core.values import is_missing_word

NAMED = 0.85
MANY_TEXTS = 12
"""A named column with more distinct texts than these and none understood is no treatment column."""
MOST_TEXTS = 150
"""One with more is none at all."""
FIRST = frozenset({"first", "1st", "1", "initial"})
DOSE_WORDS = w.words("per the of ug mcg in received given active study drug iv administered")
_HEADER_DOSE = re.compile(r"(mg|ug|mcg)\s*(?:/|\s?per\s?|_per_|[_ ]|\.)?\s*kg", re.I)


@dataclass(frozen=True)
class Candidate:
    """A column that may say what was given: texts understood, how well it is named, the period its name tells."""

    column: Column = field(repr=False)
    given: dict[str, Given | None]
    quality: float
    period: int | None

    @property
    def is_understood(self) -> bool:
        """Whether every text is a treatment or means missing."""
        return None not in self.given.values()


@dataclass(frozen=True)
class Allocation:
    """Treatment and dose sources; `problem` says what is asked, "" if nothing."""

    treatments: tuple[TreatmentSource, ...] = ()
    doses: tuple[DoseSource, ...] = ()
    problem: str = ""
    doubtful: tuple[str, ...] = ()
    """Columns among which a person must choose."""


def find_allocation(columns: Sequence[Column], reader: TreatmentReader, study: Study, periods: tuple[int, ...],
                    title: str, by_treatment: frozenset[str] = frozenset()) -> Allocation:
    """Treatments and doses. `periods` are those in which scores stand in blocks of columns, or `by_treatment` the
    treatments after which; then a column must say which came first."""
    if by_treatment:
        periods = tuple(range(1, len(by_treatment) + 1))
    candidates = [one for column in columns if (one := _candidate(column, reader, study)) is not None]
    chosen, doubtful = _chosen(candidates)
    if not doubtful and (not chosen or (periods and all(one.period is None for one in chosen))):
        sequence = _from_sequence(columns, reader, periods, _initials(by_treatment, reader))
        if sequence is not None:
            return replace(sequence, doses=sequence.doses or _doses([], columns, reader, study, title))
    used = {one.column.raw.name for one in chosen}
    others = [column for column in columns if column.raw.name not in used]
    whole = None if _says_dose(chosen, others, reader) else whole_dose(others, DOSE_WORDS, reader.protocol,
                                                                     reader.vocabulary)
    doses = _doses(chosen, others, reader, study, title) if whole is None else (whole,)
    problem = "" if whole is None or whole.per is None else (
        f'the dose is taken as "{whole.column}" divided by "{whole.per.column}", and a rounded one may miss a limit')
    if doubtful:
        problem = f"{_listed(doubtful)} may each say what patients were given"
    elif not chosen:
        problem = "no column says what patients were given"
    elif by_treatment and not all(one.period == 1 or FIRST & one.column.all_words for one in chosen):
        problem = "scores stand in a block for each treatment, and no column says which treatment came first"
    elif not by_treatment and study.design != "parallel" and len(periods) > 1 and all(
            one.period is None for one in chosen):
        problem = f'"{chosen[0].column.raw.name}" does not say for which period it holds'
    return Allocation(tuple(_source(one) for one in chosen), doses, problem, doubtful)


def _listed(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _candidate(column: Column, reader: TreatmentReader, study: Study) -> Candidate | None:
    if column.is_empty or column.all_words & w.NOT_TREATMENT or len(column.texts) > MOST_TEXTS:
        return None
    phrases = [reader.vocabulary.split(name) for name in w.TREATMENT_NAMES]
    neutral = frozenset({"the", "of", "name", "label", "code", "coded", "text", "study", "patient", "actual", "given"})
    quality, period = 0.0, None
    for words in column.readings:
        number, rest = take_period(words)
        found = max(best_match(rest, phrases, neutral).quality, best_match(words, phrases, neutral).quality)
        quality, period = max((quality, period or 0), (found, number or 0))
        period = period or None
    as_presence = _presence(column, reader, study)
    if as_presence is not None:
        return as_presence
    given = {text: reader.read(column.meanings.get(text, text)) for text in column.texts}
    keys = {one.key for one in given.values() if one is not None}
    arms = (set(reader.protocol.active.treatments), set(reader.protocol.control.treatments))
    both = None not in given.values() and all(keys & arm for arm in arms)
    if both or (quality >= NAMED and (keys or len(column.texts) <= MANY_TEXTS)):
        return Candidate(column, given, quality, period)
    return None


def _presence(column: Column, reader: TreatmentReader, study: Study) -> Candidate | None:
    """A column named by the active treatment, holding yes and no: no is the study's control."""
    if column.meanings or len(column.texts) != 2:
        return None
    active = {words for words, key in reader.phrases.items() if key in reader.protocol.active.treatments}
    words = tuple(word for word in column.name.words if word not in ("is", "received", "got", "group", "arm", "treated",
                                                                     "treatment", "with", "yn", "tx", "trt", "rx",
                                                                     "drug", "assigned", "allocated", "randomized",
                                                                     "randomised", "to"))
    yes = {text for text in column.texts if text.lower() in w.YES}
    no = {text for text in column.texts if text.lower() in w.NO}
    control = _control_of(reader, study)
    if words not in active or len(yes) != 1 or len(no) != 1 or control is None:
        return None
    return Candidate(column, {yes.pop(): Given(reader.phrases[words]), no.pop(): Given(control)}, 1.0, None)


def _control_of(reader: TreatmentReader, study: Study) -> str | None:
    """The control that the registry names, else what the protocol calls plain placebo or control, else its only one."""
    allowed = reader.protocol.control.treatments
    for text in (study.control, "placebo", "control"):
        given = reader.read(text) if text else None
        if given is not None and given.key in allowed:
            return given.key
    return allowed[0] if len(allowed) == 1 else None


def _chosen(candidates: list[Candidate]) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """One column for each period, and the columns among which a person must choose."""
    if any(one.period is not None and one.is_understood for one in candidates):
        candidates = [one for one in candidates if one.period is not None]
    chosen, doubtful = [], []
    for period in dict.fromkeys(one.period for one in candidates):
        fitting = [one for one in candidates if one.period == period]
        fitting = [one for one in fitting if one.is_understood] or fitting
        fitting = [one for one in fitting if one.quality >= NAMED] or fitting
        if len(fitting) > 1 and any(_keys(one) != _keys(fitting[0]) for one in fitting[1:]):
            doubtful += [one.column.raw.name for one in fitting]
        else:
            chosen.append(max(fitting, key=lambda one: sum(given is not None and given.dose is not None
                                                           for given in one.given.values())))
    return tuple(chosen), tuple(doubtful)


def _keys(one: Candidate) -> list[str]:
    """The treatment of each row, the text itself where it is not understood."""
    keys = {text: given.key if given else text for text, given in one.given.items()}
    return [keys.get(raw_text(cell), "") for cell in one.column.raw.cells]


def _source(one: Candidate) -> TreatmentSource:
    values: dict[str, str | None] = {text: given.key for text, given in one.given.items() if given is not None}
    values |= {text: None for text in one.column.raw.counts if is_missing_word(text)}
    return TreatmentSource(column=one.column.raw.name, period=one.period, values=values)


def _initials(treatments: frozenset[str], reader: TreatmentReader) -> dict[str, str]:
    """First letters by which treatments can be told apart: {"k": "ketamine", "s": "saline"}."""
    named: dict[str, set[str]] = {}
    for phrase, key in reader.phrases.items():
        if key in treatments:
            named.setdefault(phrase[0][0], set()).add(key)
    return {letter: keys.pop() for letter, keys in named.items() if len(keys) == 1}


def _in_order(text: str, reader: TreatmentReader, initials: dict[str, str]) -> tuple[Given, ...]:
    """The treatments of a sequence, in words or in initials ("KS"); () if it is not understood."""
    letters = re.sub(r"[^a-z]", "", plain(text).lower())
    keys = [initials[letter] for letter in letters if letter in initials]
    if 2 <= len(letters) == len(keys) == len(set(keys)) <= 4:
        return tuple(Given(key) for key in keys)
    return reader.read_sequence(text)


def _by_first(texts: dict[str, str], reader: TreatmentReader) -> dict[str, tuple[Given, ...]]:
    """The orders of texts that all say which of two treatments came first ("ketamine first"); {} for any others."""
    firsts = {text: reader.read(said) for text, said in texts.items() if FIRST & set(reader.vocabulary.split(said))}
    known = {one.key: one for one in firsts.values() if one is not None}
    if len(firsts) < len(texts) or None in firsts.values() or len(known) != 2:
        return {}
    one, other = known.values()
    return {text: (one, other) if first == one else (other, one) for text, first in firsts.items()}


def _from_sequence(columns: Sequence[Column], reader: TreatmentReader, periods: tuple[int, ...],
                   initials: dict[str, str]) -> Allocation | None:
    """Treatments from a column of sequences ("ketamine / saline"), where scores stand in blocks."""
    phrases = [reader.vocabulary.split(name) for name in (*w.SEQUENCE_NAMES, *w.TREATMENT_NAMES)]
    for column in columns:
        if not periods or column.is_empty or best_match(column.name.words, phrases, frozenset()).quality < NAMED:
            continue
        said = {text: column.meanings.get(text, text) for text in column.texts}
        orders = _by_first(said, reader) or {text: _in_order(one, reader, initials) for text, one in said.items()}
        if not all(len(order) >= max(periods) for order in orders.values()):
            continue
        name = column.raw.name
        sources = tuple(TreatmentSource(column=name, period=period,
                                        values={text: order[period - 1].key for text, order in orders.items()})
                        for period in periods)
        stated = {period: {text: order[period - 1].dose for text, order in orders.items()
                           if order[period - 1].dose is not None} for period in periods}
        doses = tuple(DoseSource(period=period, values=dict(values)) for period, values in stated.items() if values)
        return Allocation(sources, doses)
    return None


def _doses(chosen: Sequence[Candidate], columns: Sequence[Column], reader: TreatmentReader, study: Study,
           title: str) -> tuple[DoseSource, ...]:
    """Doses: those in the treatment's words, then a column's, then the one dose that texts about the study say."""
    sources: list[DoseSource] = []
    stated: dict[str, float | None] = {}
    for one in chosen:
        known = {text: given for text, given in one.given.items() if given is not None}
        stated |= {text: given.dose for text, given in known.items() if given.dose is not None}
    if stated:
        sources.append(DoseSource(values=stated))
    sources += [source for column in columns if (source := _dose_column(column, reader)) is not None]
    if not sources and chosen:
        texts = (title, *(one.column.raw.name for one in chosen), *(one.column.raw.label for one in chosen),
                 study.label, study.notes)
        constant = stated_dose(reader, texts)
        if constant is not None:
            sources.append(DoseSource(constant=constant))
    return tuple(sources)


def _says_dose(chosen: Sequence[Candidate], columns: Sequence[Column], reader: TreatmentReader) -> bool:
    """Whether the treatments' words or a column say doses in the protocol's unit."""
    return any(given is not None and given.dose is not None for one in chosen for given in one.given.values()) or any(
        _dose_column(column, reader) is not None for column in columns)


def _dose_column(column: Column, reader: TreatmentReader) -> DoseSource | None:
    dose = reader.protocol.dose
    phrases = [reader.vocabulary.split(name) for name in (dose.key.replace("_", " "), dose.label, *dose.synonyms)]
    unit_words = frozenset(reader.vocabulary.split(dose.unit)) | DOSE_WORDS
    period, words = None, column.name.words
    if best_match(words, phrases, unit_words).quality < NAMED:
        period, words = take_period(words)
    if best_match(words, phrases, unit_words).quality < NAMED and best_match(
            column.label.words, phrases, unit_words).quality < NAMED:
        return None
    form = column.format_within(0, dose.maximum)
    if form is None or not column.is_numeric:
        return None
    values = column.parsed(form).values
    values = values[np.isfinite(values)]
    factor = _dose_factor(column, words, values, reader)
    if factor is None or not len(values) or (dose.maximum is not None and values.max() * factor > dose.maximum):
        return None
    return DoseSource(column=column.raw.name, period=period, format=form, factor=factor)


def _dose_factor(column: Column, words: Words, values: np.ndarray, reader: TreatmentReader) -> float | None:
    """What turns the column's numbers into the protocol's unit; None if its unit is another or not plain."""
    stated = _HEADER_DOSE.search(f"{plain(column.raw.name)} {plain(column.raw.label)}")
    unit = f"{stated.group(1).lower()}/kg" if stated else column.unit
    if unit:
        return reader.in_unit(1.0, unit)
    if {"mg", "ug", "mcg", "g"} & set(words):
        return None
    own = set(reader.vocabulary.split(reader.protocol.dose.unit)) & set(words)
    has_fractions = bool(len(values)) and bool((values != np.round(values)).any())
    return 1.0 if own or has_fractions else None
