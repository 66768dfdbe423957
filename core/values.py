"""From cells to numbers: decimal marks, thousands marks, units, missing codes. Nothing is guessed.

A text becomes a number only if it reads as one in the column's format; `> 60` or `19 but poor collection` does not. A
column whose texts can be read in two ways (`1.286` alone) is ambiguous, and a person must say.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import NoneType

import numpy as np
import pandas as pd

from core.mapping import DecimalMark, NumberFormat
from core.sources import Cell, RawColumn, raw_text

DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")

_BLANKS = "\u0020\u00a0\u2007\u2008\u2009\u202f"
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-"})


def _pattern(decimal: str, group: str) -> re.Pattern[str]:
    """Sign, digits plain or in threes (first group without a leading zero), decimals, exponent, unit."""
    marks = rf"[{re.escape(group)}'’{_BLANKS}]"
    return re.compile(rf"([-+]?)\s*((?:[1-9]\d{{0,2}}(?:({marks})\d{{3}}(?:\3\d{{3}})*)|\d+)?)"
                      rf"((?:{re.escape(decimal)}\d*)?)((?:[eE][-+]?\d+)?)\s*(\D.*)?")


_PATTERNS = {".": _pattern(".", ","), ",": _pattern(",", ".")}

_FEET = re.compile(r"([3-8])\s*(?:['’′]|ft\.?|feet|foot)\s*(?:(1[01](?:\.\d+)?|\d(?:\.\d+)?)\s*"
                   r"(?:[\"”″]|''|’’|′′|in\.?|inch|inches)?)?", re.I)
"""Feet and inches in one cell: 5'10", 5 ft 10 in, 6'."""
_OF_MOST = re.compile(r"(\d{1,2})\s*(?:/|out of|of)\s*([1-9]\d)")
"""Points of the most there can be: "32/60"."""
_UNITS = {spelling: unit for unit, spellings in {
    "%": "% percent", "years": "y yo yr yrs year years", "months": "mo mos mth month months",
    "weeks": "wk wks week weeks", "days": "d day days", "hours": "h hr hrs hour hours",
    "minutes": "min mins minute minutes", "mg/kg": "mg/kg", "mg": "mg", "kg": "kg", "g": "g", "lb": "lb lbs",
    "cm": "cm", "m": "m", "in": "in", "kg/m2": "kg/m2 kg/m² kg/m^2", "mmHg": "mmhg", "bpm": "bpm", "ml": "ml",
    "points": "pt pts point points"}.items() for spelling in spellings.split()}

_MISSING_WORDS = frozenset({
    "na", "n/a", "n.a.", "n.a", "nan", "nd", "n/d", "n.d.", "n.d", "nr", "n/r", "null", "(null)", "<na>", "missing",
    "miss", "unknown", "unk", "not done", "not available", "not applicable", "not recorded", "not assessed",
    "not reported", "no data", "not asked", "not answered", "no answer", "refused", "don't know",
    "dont know", "prefer not to say", "prefer not to answer", "s/d", "sin dato", "sin datos", "ausente", "desconocido",
    "desconhecido", "weiss nicht", "nicht erhoben", "non noto", "ej känt", "okänt",
    "k.a.", "k. a.", "keine angabe", "fehlt", "onbekend", "inconnu", "#n/a", "#null!",
    "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#n/v"})
_MISSING_SIGNS = re.compile(r"[.*?\-/_–—…]+|\.[a-z]", re.I)
_MISSING_NUMBERS = re.compile(r"-(?:1|[6-9])|-?([6-9])\1+|-?9+[78]")
"""-9, -1, -88, 99, 777, 9998: repeated digits, and small negatives."""


class Kind(StrEnum):
    """What a cell is, read as a number."""

    NUMBER = "number"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Number:
    """A cell read as a number; `value` is NaN unless it is one. `unit` is the one written after it, normalized."""

    kind: Kind
    value: float = math.nan
    unit: str = ""


MISSING = Number(Kind.MISSING)
UNREADABLE = Number(Kind.UNREADABLE)


@dataclass(frozen=True)
class ParsedColumn:
    """A column as numbers: `values` (n,) with NaN where there is none.

    `coded` and `unreadable` are index arrays: cells that hold a missing code, and cells that are no number.
    """

    values: np.ndarray
    coded: np.ndarray
    unreadable: np.ndarray


def parse_number(cell: Cell, form: NumberFormat) -> Number:
    """One cell as a number. Empty cells and the format's missing codes are missing; dates and words are unreadable."""
    text = raw_text(cell)
    if not text or _is_coded(text, form):
        return MISSING
    if isinstance(cell, (bool, dt.date, dt.time, dt.timedelta)):
        return UNREADABLE
    if isinstance(cell, (int, float)):
        number = Number(Kind.NUMBER, float(cell)) if math.isfinite(cell) else MISSING
    else:
        number = _parse_text(text, form.decimal)
    return MISSING if number.value in _coded_numbers(form) else number


def parse_column(cells: Sequence[Cell], form: NumberFormat) -> ParsedColumn:
    """A column's cells as numbers. Texts with a unit are read only if the column has one unit; else they are
    unreadable, since `6 months` and `2 years` must not be mixed."""
    which, distinct = distinct_cells(cells)
    numbers = [parse_number(cell, form) for cell in distinct]
    units = {number.unit for number in numbers} - {""}
    is_mixed = [len(units) > 1 and bool(number.unit) for number in numbers]
    unreadable = [mixed or number.kind is Kind.UNREADABLE for number, mixed in zip(numbers, is_mixed, strict=True)]
    coded = [number.kind is Kind.MISSING and bool(raw_text(cell)) and cell == cell  # NaN is an empty cell, not a code
             for number, cell in zip(numbers, distinct, strict=True)]
    values = [math.nan if mixed else number.value for number, mixed in zip(numbers, is_mixed, strict=True)]
    # the last place stands for empty cells, whose number is -1
    return ParsedColumn(np.array([*values, math.nan])[which], np.flatnonzero(np.array([*coded, False])[which]),
                        np.flatnonzero(np.array([*unreadable, False])[which]))


def distinct_cells(cells: Sequence[Cell]) -> tuple[np.ndarray, list[Cell]]:
    """For each cell the place of its value among the distinct ones, (n,), -1 if it is empty; and those values."""
    if set(map(type, cells)) <= {str, NoneType}:
        which, found = pd.factorize(np.array(cells, dtype=object))
        return which, found.tolist()
    places: dict[object, int] = {}
    distinct: list[Cell] = []
    numbers = np.full(len(cells), -1)
    for i, cell in enumerate(cells):
        if cell is not None:
            numbers[i] = place = places.setdefault((type(cell), cell), len(distinct))
            if place == len(distinct):
                distinct.append(cell)
    return numbers, distinct


def decimal_marks(cells: Iterable[Cell]) -> frozenset[DecimalMark]:
    """The decimal marks with which the column's texts can be read: one, or both where nothing decides."""
    votes, _ = _votes(cells)
    told = [mark for mark in DECIMAL_MARKS if votes[mark]]
    return frozenset(told) if told else frozenset(DECIMAL_MARKS)


def number_format_of(cells: Iterable[Cell]) -> tuple[NumberFormat | None, str]:
    """The column's number format and why; None where its texts can be read in two ways, with the reason.

    The format's missing codes are the texts that always mean missing (`NA`, `.`, `****`); numbers that may be codes
    depend on the variable's range: see `missing_codes`.
    """
    cells = list(dict.fromkeys(cells))
    votes, ambiguous = _votes(cells)
    missing = tuple(dict.fromkeys(text for text in map(raw_text, cells) if text and is_missing_word(text)))
    if votes["."] and votes[","]:
        return None, f'some cells use a decimal point ("{votes["."]}"), others a comma ("{votes[","]}")'
    if votes["."]:
        return NumberFormat(decimal=".", missing=missing), f'decimal point, as in "{votes["."]}"'
    if votes[","]:
        return NumberFormat(decimal=",", missing=missing), f'decimal comma, as in "{votes[","]}"'
    if ambiguous:
        small = _parse_text(ambiguous, "." if "." in ambiguous else ",").value
        large = _parse_text(ambiguous, "," if "." in ambiguous else ".").value
        return None, f'"{ambiguous}" can be {small:g} or {large:.0f}'
    return NumberFormat(decimal=".", missing=missing), "no decimals"


def _votes(cells: Iterable[Cell]) -> tuple[dict[str, str], str]:
    """For each decimal mark the first text that can be read with it alone (or ""), and the first text that gives
    another number with each."""
    votes = {".": "", ",": ""}
    ambiguous = ""
    for text in dict.fromkeys(cell.strip() for cell in cells if isinstance(cell, str)):
        if "." not in text and "," not in text:
            continue
        point, comma = _parse_text(text, "."), _parse_text(text, ",")
        readable = {".": point.kind is Kind.NUMBER, ",": comma.kind is Kind.NUMBER}
        if readable["."] and readable[","]:
            if point.value != comma.value:
                ambiguous = ambiguous or text
        elif readable["."] or readable[","]:
            mark = "." if readable["."] else ","
            votes[mark] = votes[mark] or text
    return votes, ambiguous


@lru_cache(maxsize=50_000)
def is_missing_word(text: str) -> bool:
    """Whether a text means "missing" in any column of numbers: `NA`, `.`, `****`, `#NULL!`, `.a`, `not done`."""
    folded = " ".join(text.split()).casefold()
    return folded in _MISSING_WORDS or _MISSING_SIGNS.fullmatch(folded) is not None


def missing_codes(column: RawColumn, minimum: float | None = None, maximum: float | None = None,
                  decimal: DecimalMark = ".") -> tuple[str, ...]:
    """Raw texts of a column that likely mean "missing", in order of appearance.

    Words and signs always; numbers such as 9999 or -88 only outside the variable's range, or, where that is not known,
    far from all other values (beyond three times the largest, or negative among positives).
    """
    numbers = {text: _parse_text(text, decimal) for text in column.counts}
    likely = {text for text in numbers if _MISSING_NUMBERS.fullmatch(text.translate(_MINUS))}
    others = [number.value for text, number in numbers.items()
              if number.kind is Kind.NUMBER and text not in likely]
    return tuple(text for text, number in numbers.items()
                 if is_missing_word(text) or is_missing_word(column.value_labels.get(text, "")) or (
                     text in likely and _is_outside(number.value, others, minimum, maximum)))


def _is_outside(value: float, others: list[float], minimum: float | None, maximum: float | None) -> bool:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        return True
    if not others:
        return False
    far_below = minimum is None and value < 0 <= min(others)
    far_above = maximum is None and value >= 99 and value > 3 * max(max(others), 1.0)
    return far_below or far_above


@lru_cache(maxsize=50_000)
def _parse_text(text: str, decimal: str) -> Number:
    cleaned = text.strip().lstrip("'").translate(_MINUS)
    if feet := _FEET.fullmatch(cleaned):
        return Number(Kind.NUMBER, int(feet[1]) + float(feet[2] or 0) / 12, "ft")
    if of := _OF_MOST.fullmatch(cleaned):
        return Number(Kind.NUMBER, float(of[1]), f"of {of[2]}") if int(of[1]) <= int(of[2]) else UNREADABLE
    match = _PATTERNS[decimal].fullmatch(cleaned)
    if not match:
        return UNREADABLE
    sign, whole, _, fraction, exponent, rest = match.groups()
    digits = re.sub(r"\D", "", whole)
    decimals = fraction[1:]
    unit = _UNITS.get("".join((rest or "").rstrip(".").split()).casefold(), "")
    if not (digits or decimals) or (rest and rest.strip() and not unit):
        return UNREADABLE
    return Number(Kind.NUMBER, float(f"{sign}{digits or '0'}.{decimals or '0'}{exponent}"), unit)


@lru_cache(maxsize=256)
def _folded_codes(missing: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(code.split()).casefold() for code in missing)


def _is_coded(text: str, form: NumberFormat) -> bool:
    return bool(form.missing) and " ".join(text.split()).casefold() in _folded_codes(form.missing)


def _coded_numbers(form: NumberFormat) -> frozenset[float]:
    return _numbers_among(form.missing, form.decimal) if form.missing else frozenset()


@lru_cache(maxsize=256)
def _numbers_among(missing: tuple[str, ...], decimal: str) -> frozenset[float]:
    """The codes that are numbers, so that the code 9999 also meets a cell `9999.0` or `9 999`."""
    parsed = (_parse_text(code, decimal) for code in missing)
    return frozenset(number.value for number in parsed if number.kind is Kind.NUMBER)


def unit_of(cells: Iterable[Cell], form: NumberFormat) -> str:
    """The unit most of a column's numbers are written with; "" if most have none."""
    which, distinct = distinct_cells(tuple(cells))
    units: Counter[str] = Counter()
    for cell, count in zip(distinct, np.bincount(which[which >= 0], minlength=len(distinct)).tolist(), strict=True):
        number = parse_number(cell, form)
        if number.kind is Kind.NUMBER:
            units[number.unit] += count
    return units.most_common(1)[0][0] if units else ""
