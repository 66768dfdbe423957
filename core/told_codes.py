"""Codes of arms that sentences explain: "Patients in group A received midazolam", "Treatment B: saline"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.plain_text import fold
from core.sources import RawColumn
from core.values import is_missing_word

_NOUN = (r"(?:groups?|arms?|treatments?|drugs?|conditions?|cohorts?|infusions?|sequences?|gruppen?|arme?|behandlung|"
         r"groupes?|bras|traitements?|grupos?|brazos?|tratamientos?|tratamentos?|bracos?|gruppi|gruppo|braccio|trattamento|groep|"
         r"behandeling|grupp)")
_VERB = (r"(?:received|receives?|got|gets|was given|were given|are given|had|was|were|is|are|means|denotes|refers to|"
         r"stands for|corresponds to|erhielt(?:en)?|bekam(?:en)?|recib(?:io|ieron)|recebeu|recebeur?am|fick|fik)")
_MARK = r"(?:\s*[=:→]\s*|\s+[-–]\s+)"
_END = (rf"(?=\.(?!\d)|;|\n|$|\)|,?\s+(?:and|und|et|y|e|og|och|en)\s+(?:the\s+)?{_NOUN}\b|,\s*\w{{1,3}}\s*[=:]|"
        rf",\s*{_NOUN}\s+\w\b)")
_COLUMN = re.compile(r"group|grp|arm|treat|trt|^tx|drug|condition|sequence|^seq|random|alloc|grup|^rx|order|behandl|"
                     r"trait|brazo|braco|bras|trata|groep", re.I)
FEWEST, MOST = 2, 6
"""Different codes of a column that is looked at."""
LONGEST = 3
"""Letters or digits of a code."""


def with_told_arms(columns: Sequence[RawColumn], lines: Sequence[str]) -> tuple[RawColumn, ...]:
    """The columns; those that by their names say an arm, in codes that the lines all explain, with the meanings.

    Letters in a row are the order of what each letter is: "AB" is A and then B.
    """
    text = "\n".join(lines)
    return tuple(_told(column, text) for column in columns)


def _told(column: RawColumn, text: str) -> RawColumn:
    if not text or column.value_labels or not _COLUMN.search(fold(column.name)):
        return column
    codes = [code for code in column.counts if not is_missing_word(code)]
    able = FEWEST <= len(codes) <= MOST and all(re.fullmatch(r"\w+", code) and len(code) <= LONGEST for code in codes)
    found = (_in_order(codes, text) or _meanings(codes, text)) if able else {}
    return replace(column, value_labels=found) if found else column


def _in_order(codes: Sequence[str], text: str) -> dict[str, str]:
    letters = sorted(set("".join(codes)))
    if not all(code.isalpha() and len(set(code)) == len(code) > 1 for code in codes) or len(letters) > LONGEST:
        return {}
    known = _meanings(letters, text)
    return {code: " / ".join(known[letter] for letter in code) for code in codes} if known else {}


def _meanings(codes: Sequence[str], text: str) -> Mapping[str, str]:
    """Code -> meaning; empty unless the text gives each code one, and no two the same."""
    found: dict[str, str] = {}
    for code in codes:
        told = {fold(match["after"] or match["alone"]): match["after"] or match["alone"]
                for match in _pattern(code).finditer(text)}
        if len(told) != 1:
            return {}
        found[code] = told.popitem()[1].strip(" ,:.")
    return found if len(set(found.values())) == len(found) else {}


def _pattern(code: str) -> re.Pattern[str]:
    """Where a text says what a code is: behind "group A received", or at the start of a statement, "A = ".

    A number alone may be a code of any column.
    """
    named = (rf"(?i:\b{_NOUN})\s+[\"'“]?{re.escape(code)}[\"'”]?(?:{_MARK}|\s+(?i:{_VERB})\s+)"
             rf"(?P<after>[^;\n]+?)(?i:{_END})")
    alone = rf"(?:^|\n|[;,(]\s*|\.\s+){re.escape(code)}\s*[=:]\s*(?P<alone>[^;\n]+?)(?i:{_END})"
    return re.compile(f"{named}|{r'(?!)(?P<alone>)' if code.isdigit() else alone}")
