"""What one sheet of a workbook is to the others: whose rows it holds, under which ids, and what its name says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.plain_text import fold
from core.sources import Cell, RawColumn, RawTable, raw_text
from core.suggest import words as w
from core.suggest.names import best_match, general_vocabulary
from core.suggest.times import TimeNames, read_time, take_period

FEWEST = 3
"""Patients that a sheet must hold to be put to others."""
NAMED = 0.9
"""How well a column's name must say that it holds ids, or visits."""
_TIMES = TimeNames({})
_ARTICLES = w.words("the of de del des du der di da do el la le van trial study")
_AROUND_VISITS = frozenset(w.EVENT | w.AFTER | w.VISIT | set(w.TIME_UNITS))


@dataclass(frozen=True)
class Part:
    """A sheet's table with its column of ids."""

    table: RawTable
    id_column: RawColumn

    @property
    def sheet(self) -> str:
        """The sheet's name; of sheets that were stacked the first's."""
        return self.table.sheet or ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The id of each row without case, blanks and leading zeros, unless these tell ids apart; "" for none."""
        texts = [" ".join(raw_text(cell).casefold().split()) for cell in self.id_column.cells]
        bare = [bare_id(text) for text in texts]
        return tuple(bare if len(set(bare)) == len(set(texts)) else texts)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The distinct ids."""
        return frozenset(self.keys) - {""}

    @cached_property
    def is_one_row_each(self) -> bool:
        """Whether no id stands in two rows."""
        return len(self.ids) == sum(map(bool, self.keys))

    @cached_property
    def others(self) -> tuple[RawColumn, ...]:
        """The columns that are not the ids."""
        return tuple(column for column in self.table.columns if column is not self.id_column)

    @cached_property
    def visit_column(self) -> RawColumn | None:
        """The column named as one of visits that, with the ids, tells all rows apart."""
        return next((column for column in self.others if is_named(column.name, w.VISIT_NAMES, _AROUND_VISITS)
                     and self.is_told_apart_by(column)), None)

    def is_told_apart_by(self, column: RawColumn) -> bool:
        """Whether no two rows have the same id and the same text in a column."""
        pairs = [(key, raw_text(cell)) for key, cell in zip(self.keys, column.cells, strict=True) if key]
        return len(set(pairs)) == len(pairs) and all(text for _, text in pairs)

    @cached_property
    def facts(self) -> dict[str, dict[str, str]]:
        """Texts by id of the columns that can tell people apart: not dates, and not times, whatever they are called."""
        if not self.is_one_row_each or SheetName(self.sheet).is_time or SheetName(self.sheet).is_period:
            return {}
        return {fold(column.name): dict(zip(self.keys, map(raw_text, column.cells), strict=True))
                for column in self.others if not says_nothing_of_its_own(column.name)
                and not any(isinstance(cell, dt.date | dt.time) for cell in column.cells)}

    def is_about_others(self, other: Part) -> bool:
        """Whether the same ids stand for other people: every fact that both sheets have differs in most patients."""
        shared = self.facts.keys() & other.facts.keys()
        return bool(shared) and all(_differ(self.facts[name], other.facts[name]) for name in shared)

    def is_about_the_same(self, other: Part) -> bool:
        """Whether a fact with several texts is the same on both sheets for every patient."""
        shared = self.facts.keys() & other.facts.keys()
        return any(len(set(self.facts[name].values())) >= FEWEST and all(
            self.facts[name][key] == other.facts[name][key] for key in self.ids & other.ids) for name in shared)


@dataclass(frozen=True)
class SheetName:
    """What a sheet's name says: when ("Day 7"), which treatment period ("Infusion 2"), or neither."""

    text: str

    @property
    def is_time(self) -> bool:
        """Whether it is a time, before the treatment or after it."""
        return says_when(self.text)

    @property
    def is_period(self) -> bool:
        """Whether it is a treatment period."""
        period, rest = take_period(general_vocabulary().split(self.text))
        return period is not None and not rest

    @property
    def belongs_to_columns(self) -> bool:
        """Whether columns mean something else without it: a later time, or a period. Facts stand under "Baseline"."""
        return self.is_period or (_hours(self.text) or 0.0) > 0


def _hours(text: str) -> float | None:
    """The time that a text is, and nothing else; None if it is none."""
    time = read_time(general_vocabulary().split(text), _TIMES)
    return None if time.is_unclear or set(time.leftover) - w.SCORE else time.hours


def says_when(text: str) -> bool:
    """Whether a text is a time after or before the treatment and nothing else: "24 h", "Baseline", "V3 (day 7)"."""
    return _hours(text) is not None


def says_nothing_of_its_own(name: str) -> bool:
    """Whether a column's name needs its sheet's to be understood: a time, or "Total score"."""
    words = general_vocabulary().split(name)
    return says_when(name) or (bool(words) and set(words) <= w.SCORE)


def bare_id(text: str) -> str:
    """An id without what a spreadsheet program adds or loses: leading zeros, `.0`, blanks."""
    text = text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text.replace(" ", "")
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def is_named(name: str, names: Sequence[str], neutral: frozenset[str] = _ARTICLES) -> bool:
    """Whether a column's name is one of these names."""
    vocabulary = general_vocabulary()
    return best_match(vocabulary.split(name), map(vocabulary.split, names), neutral).quality >= NAMED


def part_of(table: RawTable, id_column: str | None = None) -> Part | None:
    """The table with its column of ids, named by a person or else by its header; None if it has none.

    Of several columns that are named so, the one with the most ids.
    """
    if id_column is not None and id_column in table.columns_by_name:
        return Part(table, table.columns_by_name[id_column])
    found = [column for column in table.columns if is_named(column.name, w.PATIENT_NAMES)
             and len(column.counts) >= FEWEST and sum(column.counts.values()) >= 0.5 * len(column.cells)]
    best = max(found, key=lambda column: (len(column.counts), -column.position), default=None)
    return None if best is None else Part(table, best)


def same_texts(one: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Whether two runs of cells read the same, as far as both are filled."""
    pairs = [(raw_text(a), raw_text(b)) for a, b in zip(one, other, strict=True)]
    return all(a == b or not a or not b for a, b in pairs)


def _differ(one: dict[str, str], other: dict[str, str]) -> bool:
    both = [key for key in one.keys() & other.keys() if one[key] and other[key]]
    return sum(one[key] != other[key] for key in both) > 0.5 * len(both)


def named_alike(one: RawTable, other: RawTable) -> bool:
    """Whether two tables have nearly the same columns."""
    a, b = ({fold(column.name) for column in table.columns} for table in (one, other))
    return len(a & b) >= 2 and len(a & b) >= 0.7 * len(a | b)
