"""Which column tells patients apart when no name says so: by how rows repeat, not by what they are called.

A file with several rows a patient that is taken for a row a patient doubles its patients; so names alone must not
decide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.sources import raw_text
from core.suggest.columns import Column
from core.suggest.names import Vocabulary
from core.suggest.words import words

FEWEST = 5
"""With fewer different texts a column is a site, an arm or a period rather than an id."""
_COUNTING = words("id number num no nr nb sira order ordine orden ordre row line zeile ligne fila running serial seq "
                  "sn index idx case pt lp lfd nummer numero n")
_MARKS = words("id ids identifier code key pseudonym")
_CODE = re.compile(r"[A-Za-z]+[-_. /]?\d+(?:[-_./]\d+)*|\d+[-_/][A-Za-z\d]+(?:[-_/][A-Za-z\d]+)*")
"""Letters and a number, or several numbers: "BAS-001", "101-007"."""
MOST_SHARE = 0.7
"""Ids that stand in several rows are at most this share of the rows."""


def repeated_identity(columns: Sequence[Column]) -> Column | None:
    """The column whose texts stand in several rows each and hold other columns fixed, or go through a block's texts.

    Of several the finest, and of equally fine ones the first. None if rows do not seem to repeat.
    """
    texts = {column.raw.name: [raw_text(cell) for cell in column.raw.cells] for column in columns}
    able = [column for column in columns if _may_repeat(texts[column.raw.name])]
    found = [column for column in able
             if holds_fixed(column, columns) or _goes_through(column, columns, texts)]
    return max(found, key=lambda column: (len(set(texts[column.raw.name])), -column.raw.position), default=None)


def tells_rows_apart(column: Column, other: Column) -> bool:
    """Whether no two rows have the same texts in both columns."""
    pairs = column.codes.astype(np.int64) * (int(other.codes.max(initial=-1)) + 2) + other.codes
    return len(np.unique(pairs)) == len(pairs)


def unnamed_identity(columns: Sequence[Column], vocabulary: Vocabulary) -> Column | None:
    """The first column, if each of its cells differs from all others and its name is no known word."""
    first = min(columns, key=lambda column: column.raw.position, default=None)
    if first is None or first.raw.position > 2:
        return None
    texts = [raw_text(cell) for cell in first.raw.cells]
    is_unknown = not first.name.words or any(word not in vocabulary.known for word in first.name.words) or (
        set(first.name.words) <= _COUNTING or bool(set(first.name.words) & _MARKS) or all(map(_CODE.fullmatch, texts)))
    differ = len(texts) >= FEWEST and all(texts) and len(set(texts)) == len(texts)
    return first if differ and is_unknown and not has_decimals(texts) else None


def has_decimals(texts: Sequence[str]) -> bool:
    """Whether any text is a number with decimals, which no id is."""
    return any(re.fullmatch(r"\d+[.,]\d*[1-9]", text) for text in texts)


def _may_repeat(texts: Sequence[str]) -> bool:
    """Whether every row has a text, and most texts stand in several rows."""
    if not texts or not all(texts) or has_decimals(texts):
        return False
    counts = list(Counter(texts).values())
    return FEWEST <= len(counts) <= MOST_SHARE * len(texts) and sum(n > 1 for n in counts) >= 0.5 * len(counts)


def holds_fixed(column: Column, columns: Sequence[Column]) -> bool:
    """Whether a fact with many different texts, or two with few, are the same in all rows of an id."""
    texts = {one.raw.name: [raw_text(cell) for cell in one.raw.cells] for one in (column, *columns)}
    own = texts[column.raw.name]
    fixed = [len(set(texts[other.raw.name]) - {""}) for other in columns if other is not column
             and len(set(texts[other.raw.name]) - {""}) > 1 and _is_fixed(own, texts[other.raw.name])]
    return any(different >= FEWEST for different in fixed) or len(fixed) >= 2


def _is_fixed(own: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a text is the same in all rows of an id; a fact may be filled in one of them only."""
    seen: dict[str, str] = {}
    return all(not text or seen.setdefault(who, text) == text for who, text in zip(own, other, strict=True))


def _goes_through(column: Column, columns: Sequence[Column], texts: dict[str, list[str]]) -> bool:
    """Whether each id stands once beside each text of another column: a block of periods or visits."""
    own = texts[column.raw.name]
    for other in columns:
        blocks = texts[other.raw.name]
        pairs = set(zip(own, blocks, strict=True))
        if other is not column and 1 < len(set(blocks)) <= 20 and all(blocks) and (
                len(pairs) == len(own) == len(set(own)) * len(set(blocks))):
            return True
    return False
