"""Whether a study says anywhere in which dose its active treatment was given (METHODS section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.mapping import StudyMapping
from core.protocol import Protocol
from core.registry import Study
from core.sources import RawColumn, RawTable

_PER_WEIGHT = re.compile(r"\d\s*(?:mg|ug|mcg|[µμ]g)\s*(?:/|\s?per\s?|\.)?\s*kg", re.I)
_LEVEL = re.compile(r"\b(?:low|lo|high|hi|full|half|dose|dosis|level|sub\w*)\b", re.I)
_CODE = re.compile(r"-?\d+|[A-Za-z]")
_OWN_CODE = re.compile(r"^\s*-?\d+\s*[_=:.)\-–]\s*(?=[^\W\d_]{2})")
_EVENT = re.compile(r"(?:pre|post|before|after|since|first|second|next|last)[\s_.\-]*dos\w*", re.I)
_DAILY = {"day", "daily", "equivalent", "equivalents", "equiv"}
"""Of a medicine that is taken, not of an infusion."""
_BEFORE = 40
"""How many characters before a dose may name what it is a dose of."""


def leaves_dose_unstated(table: RawTable, mapping: StudyMapping, study: Study, protocol: Protocol) -> bool:
    """Whether the file and the registry say no dose of the active treatment and hint at none.

    Any statement, also one that is not understood or holds for some rows only, makes it False: then a person is asked.
    """
    if any(source.column is not None or source.constant is not None for source in mapping.doses):
        return False
    texts = [study.notes, study.label, table.title, *(c.name for c in table.columns), *(c.label for c in table.columns)]
    if any(_states_active_dose(text, protocol) for text in texts):
        return False
    if any(_hints(source_texts) for source_texts in _active_texts(table, mapping, protocol)):
        return False
    used = _used_columns(mapping)
    return not any(_is_dose_column(column, protocol) for column in table.columns if column.name not in used)


def _active_texts(table: RawTable, mapping: StudyMapping, protocol: Protocol) -> Iterator[list[str]]:
    """For each treatment column the texts of the active treatment and unknown ones, as what the file says they mean."""
    for source in mapping.treatments:
        column = table.columns_by_name.get(source.column or "")
        active = [text for text, key in source.values.items() if key in protocol.active.treatments]
        active += [text for text in (column.counts if column else ()) if text not in source.values]
        yield [column.value_labels.get(text, text) if column else text for text in active]


def _hints(texts: list[str]) -> bool:
    """Whether texts hold numbers or tell levels apart, or are several codes whose difference nobody explains."""
    codes = [text for text in texts if _CODE.fullmatch(text)]
    words = [_OWN_CODE.sub("", text).replace("_", " ") for text in texts if not _CODE.fullmatch(text)]
    return len(codes) > 1 or any(re.search(r"\d", text) or _LEVEL.search(text) for text in words)


def _states_active_dose(text: str, protocol: Protocol) -> bool:
    """Whether a text states a dose by weight, unless the treatment named last before it is another."""
    for match in _PER_WEIGHT.finditer(text):
        before = text[max(match.start() - _BEFORE, 0):match.start()].casefold()
        named = {treatment.key: max((before.rfind(name.casefold()) for name in (treatment.key, *treatment.synonyms)
                                     if len(name) > 2), default=-1) for treatment in protocol.treatments}
        last = max(named, key=lambda key: named[key])
        if named[last] < 0 or last in protocol.active.treatments:
            return True
    return False


def _used_columns(mapping: StudyMapping) -> set[str | None]:
    shape = mapping.shape
    return {shape.patient, shape.site, shape.visit.column if shape.visit else None,
            shape.period.column if shape.period else None, *(source.column for source in mapping.scores),
            *(source.column for source in mapping.treatments)}


def _is_dose_column(column: RawColumn, protocol: Protocol) -> bool:
    """Whether a column is named as a dose and holds digits."""
    words = " ".join(re.findall(r"[a-z]+", _EVENT.sub(" ", f"{column.name} {column.label}").casefold()))
    dose = protocol.dose
    names = {" ".join(re.findall(r"[a-z]+", name.casefold())) for name in (dose.label, *dose.synonyms)}
    named = any(re.search(rf"\b{re.escape(name)}\b", words) for name in names if name)
    if _DAILY & set(words.split()):
        return False
    return (named or "mg" in words.split()) and any(re.search(r"\d", text) for text in column.counts)
