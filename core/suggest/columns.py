"""What can be told of one column before asking what it is for: its words, its codes, its numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from core.dates import are_dates
from core.mapping import NumberFormat
from core.plain_text import fold
from core.sources import RawColumn, RawTable, raw_text
from core.suggest.names import Header, Vocabulary, Words, keys_spelled, stated_codes
from core.suggest.words import NO, OTHER_TIMES, YES, words
from core.values import (
    ParsedColumn,
    distinct_cells,
    is_missing_word,
    missing_codes,
    number_format_of,
    parse_column,
    parse_number,
    unit_of,
)

FEW_TEXTS = 8
FORMATS_KEPT = 2
"""Of a column's numbers, for each of which a long file needs megabytes."""
FAR_SHARE = 0.25
"""Of the range of a column's other values: a number farther off than that stands apart."""
_CHOICE = re.compile(r"(.*\S)\s*\(choice\s*=\s*(.+)\)\s*$", re.I)
_MEMBER = re.compile(r"([^=]*[^=\s])\s*:\s+([^=\s][^=]*)$")
"""What is asked and one answer to it, "Marital status: married", where the cells are yes and no."""
_QUESTION_WORDS = words("""
    marital status employment
    race ethnicity ethnic category comorbid comorbidity comorbidities diagnosis diagnoses diagnosed current select check
    choose all that apply please which""")
"""Words of a question with boxes to check that add nothing to what a box says."""
_GROUPED = re.compile(r"([A-Za-z]\w*?)[.:/]\s*(\w.*)")
FEWEST_GROUPS = 2
_REPEATED = re.compile(r"^(.*\S) \((\d+)\)$")


@dataclass(frozen=True)
class Column:
    """A raw column with its header taken apart."""

    raw: RawColumn
    name: Header = field(repr=False)
    label: Header = field(repr=False)
    title_codes: dict[str, str] = field(repr=False)
    """Codes that the text above or below the table states for this column."""
    missing_elsewhere: frozenset[str] = frozenset()
    """Numbers that mean missing in other columns of the file."""
    own_part: Words = ()
    """The name's words behind the name of a group of columns ("vitals.bmi"); () if it names none."""

    @cached_property
    def readings(self) -> tuple[Words, ...]:
        """The header's words: of the name, of the label, of both (a group's name above a column's)."""
        name, label = self.name.words, self.label.words
        if not label:
            return (name, self.own_part) if self.own_part else (name,)
        return (name, label, label + tuple(word for word in name if word not in label))

    @cached_property
    def all_words(self) -> frozenset[str]:
        """Every word of name and label."""
        return frozenset(self.name.words) | frozenset(self.label.words)

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Words of the column's own few texts, which its header may repeat ("Sex (M/F)"); but not yes and no."""
        if len(self.texts) > FEW_TEXTS:
            return frozenset()
        found = {word for text in self.texts for word in self.name.vocabulary.split(text)}
        letters = sorted(word for word in found if len(word) == 1 and word.isalpha())
        pairs = {"".join(letters), "".join(reversed(letters))} if len(letters) == 2 else set()
        return frozenset(word for word in found
                         if not word.isdigit() and (len(word) == 1 or word not in YES | NO)) | pairs

    @cached_property
    def texts(self) -> dict[str, int]:
        """Distinct texts with their counts, without those that mean missing in any column; the pair + and - stays."""
        if set(self.raw.counts) == {"+", "-"}:
            return dict(self.raw.counts)
        return {text: n for text, n in self.raw.counts.items() if not is_missing_word(text)}

    @cached_property
    def is_yes_or_no(self) -> bool:
        """Whether every text is a word for yes or no, not a number."""
        return bool(self.texts) and all(text.casefold() in (YES | NO) - {"0", "1", "f", "t"} for text in self.texts)

    @property
    def size(self) -> int:
        """Cells that hold something."""
        return sum(self.texts.values())

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Raw text -> what the file says it means: value labels, or codes stated in the header or above the table."""
        for stated in (self.raw.value_labels, self.name.codes, self.label.codes, self.title_codes):
            folded = {fold(code): meaning for code, meaning in stated.items()}
            found = {text: folded[fold(text)] for text in self.texts if fold(text) in folded}
            if found:
                return found
        return {}

    @cached_property
    def says_yes_no(self) -> bool:
        """Whether the header says that the cells are yes or no."""
        return self.name.says_yes_no or self.label.says_yes_no

    @cached_property
    def number_format(self) -> tuple[NumberFormat | None, str]:
        """Decimal mark and words for missing, and why; None if ambiguous."""
        return number_format_of(self.raw.cells)

    def format_within(self, minimum: float | None, maximum: float | None) -> NumberFormat | None:
        """The number format with missing codes, for numbers that lie in a range; None if ambiguous."""
        form = self.number_format[0]
        if form is None:
            return None
        codes = (*missing_codes(self.raw, minimum, maximum, form.decimal), *self._far_codes(form))
        return NumberFormat(decimal=form.decimal, missing=tuple(dict.fromkeys((*form.missing, *codes))))

    def _far_codes(self, form: NumberFormat) -> list[str]:
        """Codes that mean missing elsewhere and stand far from this column's other values."""
        codes = self.missing_elsewhere & set(self.texts)
        values = {text: parse_number(text, form).value for text in self.texts}
        others = [value for text, value in values.items() if text not in codes and np.isfinite(value)]
        if not codes or len(others) < 2:
            return []
        gap = FAR_SHARE * (max(others) - min(others))
        return [code for code in codes if values[code] > max(others) + gap or values[code] < min(others) - gap]

    def parsed(self, form: NumberFormat) -> ParsedColumn:
        """The column as numbers; a few formats are remembered, as many questions are asked in the same one."""
        if form not in self._parsed:
            if len(self._parsed) >= FORMATS_KEPT:
                self._parsed.pop(next(iter(self._parsed)))
            self._parsed[form] = parse_column(self.raw.cells, form)
        return self._parsed[form]

    @cached_property
    def _parsed(self) -> dict[NumberFormat, ParsedColumn]:
        return {}

    @cached_property
    def codes(self) -> np.ndarray:
        """For each cell the number of its text among the distinct ones, (n,); -1 where it is empty."""
        which, distinct = distinct_cells(self.raw.cells)
        numbers: dict[str, int] = {"": -1}
        of_cell = [numbers.setdefault(raw_text(cell), len(numbers) - 1) for cell in distinct]
        return np.array([*of_cell, -1])[which]

    @cached_property
    def holds_days(self) -> bool:
        """Whether every filled cell holds a day, and some do."""
        return are_dates(self.raw.cells)

    @cached_property
    def unit(self) -> str:
        """The unit written after the numbers, "" if none."""
        form = self.number_format[0]
        return unit_of(self.raw.cells, form) if form else ""

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nearly all that is not missing reads as a number."""
        form = self.number_format[0]
        if form is None or not self.size:
            return False
        return int(np.isfinite(self.parsed(form).values).sum()) >= 0.9 * self.size

    @cached_property
    def are_years(self) -> bool:
        """Whether the numbers are calendar years."""
        form = self.number_format[0]
        values = self.parsed(form).values if form is not None and self.is_numeric else np.array([])
        values = values[np.isfinite(values)]
        return bool(len(values)) and bool(((values >= 1900) & (values <= 2100) & (values == np.round(values))).all())

    @property
    def blanks(self) -> int:
        """Cells that are empty or mean missing."""
        return len(self.raw.cells) - self.size

    @property
    def is_empty(self) -> bool:
        """Whether no cell says anything."""
        return not self.texts


def read_columns(table: RawTable, vocabulary: Vocabulary) -> tuple[Column, ...]:
    """The table's columns, taken apart."""
    columns = []
    around = f"{table.title} / {table.notes}"
    groups = Counter(found[1].casefold() for raw in table.columns if (found := _GROUPED.fullmatch(raw.name)))
    for raw in table.columns:
        repeated = _REPEATED.match(raw.name)
        name = repeated.group(1) if repeated and repeated.group(1) in table.columns_by_name else raw.name
        columns.append(Column(raw, Header(_box_name(name, raw, vocabulary), vocabulary),
                              Header(_box_name(raw.label, raw, vocabulary), vocabulary),
                              _codes_around(around, name) or _legend(raw, around),
                              own_part=_behind_group(name, groups, vocabulary)))
    return tuple(columns)


def _behind_group(name: str, groups: Counter[str], vocabulary: Vocabulary) -> Words:
    """The words of a name behind that of its group, where several columns stand in groups and it says no other time."""
    found = _GROUPED.fullmatch(name)
    if not found or len(groups) < FEWEST_GROUPS or set(vocabulary.split(found[1])) & OTHER_TIMES:
        return ()
    return vocabulary.split(found[2])


def _box_name(name: str, raw: RawColumn, vocabulary: Vocabulary) -> str:
    """The name of a box to check, "Race (choice=Asian)": what is checked, and what the question adds to it."""
    found, answer = _CHOICE.match(name), _MEMBER.match(name) if "=" not in keys_spelled(name) else None
    if not found and answer:
        texts = {text.lower() for text in raw.counts if not is_missing_word(text)}
        found = answer if texts and texts <= YES | NO else None
    if not found:
        return name
    question = [word for word in vocabulary.split(found.group(1)) if word not in _QUESTION_WORDS]
    return " ".join([found.group(2).split(",")[0], *question])


def _legend(raw: RawColumn, text: str) -> dict[str, str]:
    """Meanings stated around the table for a column's own few words or letters: "K = ketamine, P = placebo"."""
    stated = stated_codes(text.replace(" / ", "; "))
    if not stated:
        return {}
    texts = [one for one in raw.counts if not is_missing_word(one)]
    found = {code: meaning for code, meaning in stated.items() if code in texts and not code.lstrip("-").isdigit()}
    return found if 2 <= len(texts) <= FEW_TEXTS and len(found) >= 2 else {}


def _codes_around(title: str, name: str) -> dict[str, str]:
    """Codes that the text around the table states after the column's name: "group: 1 = ketamine, 2 = saline".

    "Age group: 1 = ..." is of another column.
    """
    if name.lower() not in title.lower():
        return {}
    found = re.search(rf"(?:^|[^\w\s]\s*|\bof ){re.escape(name)}(?:\s*[:(]\s*|\s+(?=[\w-]+\s*=))(.+)", title,
                      re.IGNORECASE)
    return stated_codes(re.split(r" / |\. ", found.group(1))[0]) if found and name else {}


def words_about(column: Column, form: NumberFormat | None = None) -> str:
    """The values in words, for a reason: "values 12 to 47, 2 blanks". Without a format the texts themselves."""
    if form is None:
        shown = ", ".join(f'"{text[:20]}"' for text in list(column.texts)[:3])
        told = f"values such as {shown}" if len(column.texts) > 3 else f"values {shown}"
        blanks = column.blanks
    else:
        parsed = column.parsed(form)
        known = parsed.values[np.isfinite(parsed.values)]
        told = f"values {known.min():g} to {known.max():g}" if len(known) else "no values"
        blanks = len(parsed.values) - len(known) - len(parsed.unreadable)
    return f"{told}, {blanks} {'blank' if blanks == 1 else 'blanks'}" if blanks else told
