"""What patients were given, from the words of a cell: the protocol's treatment and the dose beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from core.plain_text import plain
from core.protocol import Protocol
from core.suggest.names import Vocabulary, Words, find_phrase, without_code
from core.suggest.words import words

FILLER = words("iv i v intravenous infusion infused inf group arm grp dose single hcl hydrochloride injection first "
                   "one bolus drip solution the of and in kg mg ug mcg percent min minutes over study drug only bw "
                   "treatment condition session per body weight plus administration uber durante "
                   "pendant sol")
_DOSE = re.compile(r"(\d+(?:[.,]\d+)?|(?<!\d)[.,]\d+)\s*(mg|ug|mcg|g)\s*(?:/|\s?per\s?|\.|\s)?\s*(kg)?"
                   r"(?:\s?[-−^]\s?1)?", re.I)
_NUMBER = re.compile(r"(?<![\w.,])(\d+[.,]\d+)(?![\w%]|\s*%)|(?<=[A-Za-z])(\d+[.,]\d+)(?!\s*%)")
_LIMIT = re.compile(r"(?:[<>≤≥~]\s*=?|\b(?:up to|at most|at least|max(?:imum|imal|\.)?|min(?:imum|imal)|less than|"
                    r"more than|under|below|over|above|bis(?: zu)?|unter|hasta|jusqu'?a|fino a|tot))\s*$", re.I)
"""Before a number these say that the dose is another one, or not one."""
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%")
_BETWEEN = re.compile(r"\s*(?:->|→|>|/|,|;|\||\bthen\b|\bto\b|\+|\s[-–]\s|(?<=[A-Za-z])[-–_](?=[A-Za-z]))\s*", re.I)


@dataclass(frozen=True)
class Given:
    """A treatment's key and the dose in the protocol's unit, None where the text does not say it."""

    key: str
    dose: float | None = None


@dataclass(frozen=True)
class TreatmentReader:
    """Reads treatment texts under one protocol."""

    protocol: Protocol
    vocabulary: Vocabulary = field(repr=False)
    phrases: dict[Words, str] = field(repr=False)

    @cached_property
    def _longest_first(self) -> list[Words]:
        return sorted(filter(None, self.phrases), key=len, reverse=True)

    def read(self, text: str) -> Given | None:
        """The treatment and dose of a text, or None if any of its words is not understood."""
        dose, rest = self._dose(without_code(plain(text)))
        words = tuple(word for word in self.vocabulary.split(rest) if not word.isdigit())
        for candidate in (words, tuple(word for word in words if word not in FILLER)):
            key = self._key(candidate)
            if key is not None:
                return Given(key, dose)
        return None

    def _key(self, words: Words) -> str | None:
        """The treatment that the words name: one name, or two of one treatment ("KET ketamine")."""
        if words in self.phrases:
            return self.phrases[words]
        found: set[str] = set()
        rest, last, place = words, "", -1
        for phrase in self._longest_first:
            at = find_phrase(phrase, rest) if phrase[0] in rest else -1
            if at >= 0 and len(phrase[0]) > 1:
                found.add(self.phrases[phrase])
                if find_phrase(phrase, words) > place:
                    last, place = self.phrases[phrase], find_phrase(phrase, words)
                rest = rest[:at] + rest[at + len(phrase):]
        if rest or not found:
            return None
        # "placebo (NaCl)": several names of the control are one arm, and the last one says more
        controls = found <= set(self.protocol.control.treatments)
        return last if len(found) == 1 or controls else None

    def _dose(self, text: str) -> tuple[float | None, str]:
        """The dose in the protocol's unit, and the text without it. A dose in another measure (mg) is not known."""
        match = _DOSE.search(text)
        if match:
            unit = match.group(2).lower() + ("/kg" if match.group(3) else "")
            dose, maximum = self.in_unit(_value(match.group(1)), unit), self.protocol.dose.maximum
            limit = _LIMIT.search(text[:match.start()])
            plausible = limit is None and (dose is None or maximum is None or dose <= maximum)
            before = text[:limit.start() if limit else match.start()]
            return dose if plausible else None, before + " " + text[match.end():]
        bare = _NUMBER.search(_PERCENT.sub(" ", text))
        if bare:
            value = _value(bare.group(1) or bare.group(2))
            maximum = self.protocol.dose.maximum
            told = _PERCENT.sub(" ", text)
            exact = _LIMIT.search(told[:bare.start()]) is None and not told[bare.end():].startswith("+")
            rest = _NUMBER.sub(" ", _PERCENT.sub(" ", text))
            return (value if exact and (maximum is None or value <= maximum) else None), rest
        return None, _PERCENT.sub(" ", text)

    def in_unit(self, value: float, unit: str) -> float | None:
        """A dose in the protocol's unit, None if the unit is another measure."""
        dose = self.protocol.dose
        if unit == dose.unit.lower():
            return value
        for other in dose.units:
            if unit in (other.unit.lower(), *(name.lower() for name in other.synonyms)):
                return round(value * other.factor + other.offset, 9)
        return None

    def read_sequence(self, text: str) -> tuple[Given, ...]:
        """The treatments of a sequence such as "ketamine / saline"; () unless every part is understood."""
        shielded = re.sub(r"(mg|ug|mcg)\s*/\s*kg", r"\1 per kg", text, flags=re.I)
        parts = [self.read(part.replace(" per kg", "/kg")) for part in _BETWEEN.split(shielded) if part.strip()]
        known = tuple(part for part in parts if part is not None)
        return known if len(known) == len(parts) >= 2 else ()


def treatment_reader(protocol: Protocol, vocabulary: Vocabulary) -> TreatmentReader:
    """A reader of the protocol's treatments; of two with one name the first keeps it."""
    phrases: dict[Words, str] = {}
    for treatment in protocol.treatments:
        for name in (treatment.key.replace("_", " "), treatment.label, *treatment.synonyms):
            words = tuple(word for word in vocabulary.split(name) if not word.isdigit()) or vocabulary.split(name)
            phrases.setdefault(words, treatment.key)
    return TreatmentReader(protocol, vocabulary, phrases)


def stated_dose(reader: TreatmentReader, texts: tuple[str, ...]) -> float | None:
    """The one dose in the protocol's unit that texts about a study state; None if none or several."""
    found = set()
    for text in texts:
        text = plain(text)
        for match in _DOSE.finditer(text):
            before = reader.vocabulary.split(text[max(match.start() - 40, 0):match.start()])
            exact = _LIMIT.search(text[:match.start()]) is None
            if exact and match.group(3) and _named_last(before, reader) in reader.protocol.active.treatments:
                unit = match.group(2).lower() + "/kg"
                found.add(reader.in_unit(_value(match.group(1)), unit))
    return found.pop() if len(found) == 1 else None


def _named_last(words: Words, reader: TreatmentReader) -> str:
    """The treatment named last in the words, "" if none is; of names that end together the longest."""
    ends = [(start + len(phrase), len(phrase), key) for phrase, key in reader.phrases.items()
            for start in range(len(words)) if words[start:start + len(phrase)] == phrase]
    return max(ends, default=(0, 0, ""))[2]


def _value(text: str) -> float:
    return float(text.replace(",", "."))
