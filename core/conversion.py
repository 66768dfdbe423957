"""One scale's scores as another's: conversion tables, and which of a patient's scores have which origin.

METHODS section 3. A table is data (a CSV file); the program brings Leucht et al. 2018 (J Affect Disord 226)
for the HRSD-17 and the MADRS, and a user can load another.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from core.documents import Document
from core.errors import UserError, Where
from core.protocol import Conversion

Choice = Literal["midpoint", "low", "high", "none"]
"""Which of the values a score may map to; "none": scores are not converted."""


@dataclass(frozen=True)
class ConversionTable:
    """What each score of one scale is on another; `scores` ascending, all arrays of shape (q,)."""

    name: str
    scores: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    midpoint: np.ndarray = field(repr=False)
    is_fill_in: np.ndarray = field(repr=False)
    """Rows that were not in the original publication (the file's `note` says so)."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the numbers."""
        digest = hashlib.sha256()
        for column in (self.scores, self.low, self.high, self.midpoint, self.is_fill_in.astype(float)):
            digest.update(np.ascontiguousarray(column, dtype=float).tobytes())
        return digest.hexdigest()

    def fills_in(self, scores: np.ndarray) -> np.ndarray:
        """Whether a score's row is not in the original publication, boolean, same shape."""
        at, known = self.lookup(scores)
        return known & self.is_fill_in[at]

    def lookup(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Index of each score's row (any shape), and whether the table has that row."""
        at = np.searchsorted(self.scores, np.nan_to_num(scores, nan=np.inf) - 1e-6)
        at = at.clip(max=len(self.scores) - 1)
        return at, np.abs(self.scores[at] - scores) < 1e-6


def convert(scores: np.ndarray, table: ConversionTable, choice: Choice) -> np.ndarray:
    """Converted scores, any shape; NaN where a score is missing or not in the table (never interpolated)."""
    if choice == "none":
        return np.full(np.shape(scores), np.nan)
    values: np.ndarray = getattr(table, choice)
    at, known = table.lookup(scores)
    return np.where(known, values[at], np.nan)


def read_conversion_table(text: str, conversion: Conversion) -> ConversionTable:
    """A table from CSV text with the columns the conversion names, and `note` for fill-ins if there is one.

    Raises UserError naming the row or column at fault.
    """
    file = conversion.table
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = (conversion.source_column, conversion.low_column, conversion.high_column,
             conversion.midpoint_column)
    for name in names:
        if name not in (reader.fieldnames or ()):
            raise UserError(f'The conversion table has no column "{name}".', Where(file=file, column=name),
                            "Add the column, or name the right one in the protocol.")
    lines = [(reader.line_num, record) for record in reader if any(record.get(name) for name in names)]
    if not lines:
        raise UserError("The conversion table has no rows.", Where(file=file), "Use another table.")
    numbers = np.array([[_number(record[name], file, line, name) for name in names]
                        for line, record in lines])
    order = np.argsort(numbers[:, 0], kind="stable")
    numbers = numbers[order]
    if (np.diff(numbers[:, 0]) == 0).any():
        twice = numbers[:-1, 0][np.diff(numbers[:, 0]) == 0][0]
        raise UserError(f"The conversion table has the score {twice:g} twice.",
                        Where(file=file, column=names[0]), "Remove one of the rows.")
    notes = np.array([bool((record.get("note") or "").strip()) for _, record in lines])[order]
    return ConversionTable(file, numbers[:, 0], numbers[:, 1], numbers[:, 2], numbers[:, 3], notes)


def conversion_csv(table: ConversionTable, conversion: Conversion) -> str:
    """A table as the CSV text that `read_conversion_table` reads."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((conversion.source_column, conversion.low_column, conversion.high_column,
                     conversion.midpoint_column, "note"))
    for row in zip(table.scores, table.low, table.high, table.midpoint, table.is_fill_in, strict=True):
        writer.writerow((*(f"{number:g}" for number in row[:4]), "fill-in" if row[4] else ""))
    return buffer.getvalue()


class StoredTable(Document):
    """A table as a project keeps it; all columns equally long."""

    scores: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    midpoint: tuple[float, ...]
    is_fill_in: tuple[bool, ...]

    @classmethod
    def of(cls, table: ConversionTable) -> StoredTable:
        """A table's columns."""
        return cls(scores=tuple(table.scores), low=tuple(table.low), high=tuple(table.high),
                   midpoint=tuple(table.midpoint), is_fill_in=tuple(bool(flag) for flag in table.is_fill_in))

    def table(self, name: str) -> ConversionTable:
        """The table again."""
        return ConversionTable(name, np.array(self.scores), np.array(self.low), np.array(self.high),
                               np.array(self.midpoint), np.array(self.is_fill_in, dtype=bool))


def _number(text: str | None, file: str, line: int, column: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise UserError(f'The conversion table has "{text or ""}" where a number belongs.',
                        Where(file=file, row=line, column=column), "Correct the cell.")
    return number


@dataclass(frozen=True)
class Chosen:
    """A patient's scores on the target scale, all of one origin.

    `values` has shape (t + 1, n): the baseline, then each timepoint. `origin` (n,): 0 native, j the j-th
    conversion, -1 no score of any origin. `lost` (n,): baseline-and-follow-up pairs that only a mixed origin
    would have given, or that only the origin not chosen has.
    """

    values: np.ndarray
    origin: np.ndarray
    lost: np.ndarray


def choose_origin(native: np.ndarray, converted: tuple[np.ndarray, ...]) -> Chosen:
    """One origin a patient: native, unless a conversion gives more baseline-and-follow-up pairs (METHODS 3).

    Every array is (t + 1, n) with the baseline first, NaN where there is no score. A patient without any
    native score has the converted ones, also where they make no pair.
    """
    candidates = np.stack((native, *converted))  # (c, t + 1, n)
    present = ~np.isnan(candidates)
    pairs = (present[:, :1] & present[:, 1:]).sum(axis=1)  # (c, n)
    # the native scores win a tie of pairs, unless there is none at all; among conversions the earlier wins
    standing = pairs + 0.5 * present.any(axis=1)
    best = np.argmax(standing, axis=0)
    columns = np.arange(native.shape[1])
    values = candidates[best, :, columns].T
    possible = present[:, 0].any(axis=0) & present[:, 1:].any(axis=0)  # (t, n)
    lost = possible.sum(axis=0) - pairs[best, columns]
    origin = np.where(present.any(axis=(0, 1)), best, -1)
    return Chosen(values, origin, lost)
