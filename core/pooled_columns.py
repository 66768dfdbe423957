"""Columns of a pooled table as an analysis needs them: numbers, arms, rows to keep. Faults name the file's own row.

A table read from a file has an index named `FILE_ROWS` that holds the file's row numbers; one made by the program is
numbered as its CSV would be, the header being row 1.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.errors import UserError, Where
from core.plan import Include

FILE_ROWS = "file row"
LARGEST = 1e100
"""Beyond, squares and their sums leave the range of floating point."""

Wanted = str | float | int | bool


def row_at(table: pd.DataFrame, position: int, place: Where, column: str | None = None) -> Where:
    """Where the row at `position` (from 0) stands in the file."""
    row = int(table.index[position]) if table.index.name == FILE_ROWS else position + 2
    return replace(place, row=row, column=column)


def numeric_column(table: pd.DataFrame, column: str, place: Where) -> np.ndarray:
    """A column as float64 (n,), NaN where empty. Raises UserError naming row and column of the first cell that is no
    number, or one too large to be analyzed."""
    raw = table[column]
    if pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_bool_dtype(raw):
        numbers = raw.to_numpy(dtype=float, na_value=np.nan)
        bad = np.zeros(len(raw), dtype=bool)
    else:
        texts = raw.astype("string").str.strip()
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        bad = np.isnan(numbers) & texts.notna().to_numpy() & (texts != "").fillna(False).to_numpy(dtype=bool)
    if bad.any():
        position = int(np.flatnonzero(bad)[0])
        raise UserError(f'"{raw.iloc[position]}" in column "{column}" is not a number.',
                        row_at(table, position, place, column),
                        "Correct it, or leave the cell empty if the value is missing.")
    huge = np.abs(numbers) > LARGEST
    if huge.any():
        position = int(np.flatnonzero(huge)[0])
        raise UserError(f'"{raw.iloc[position]}" in column "{column}" is infinite or too large to be analyzed.',
                        row_at(table, position, place, column),
                        "Correct it, or leave the cell empty if the value is missing.")
    return numbers


def arm_codes(table: pd.DataFrame, column: str, place: Where) -> np.ndarray:
    """1 active, 0 control, NaN where empty, (n,). Raises UserError naming the first row with anything else."""
    numbers = pd.to_numeric(table[column].astype("string").str.strip(), errors="coerce").to_numpy(
        dtype=float, na_value=np.nan)
    texts = table[column].astype("string").fillna("").str.strip().to_numpy(dtype=object)
    wrong = (texts != "") & (numbers != 0) & (numbers != 1)
    if wrong.any():
        position = int(np.flatnonzero(wrong)[0])
        found = f'"{texts[position]}"' if np.isnan(numbers[position]) else f"{numbers[position]:g}"
        raise UserError(f"The arm is {found}; it must be 1 (active), 0 (control) or empty.",
                        row_at(table, position, place, column),
                        "Recode the column so that 1 is active and 0 is control.")
    return numbers


def kept_rows(table: pd.DataFrame, rules: tuple[Include, ...], place: Where) -> np.ndarray:
    """Rows that meet every rule, boolean (n,). Raises UserError where `min` or `max` meets a cell that is no number."""
    kept = np.ones(len(table), dtype=bool)
    for rule in rules:
        column = table[rule.column]
        if rule.equals is not None:
            kept &= _matches(column, (rule.equals,))
        if rule.in_ is not None:
            kept &= _matches(column, rule.in_)
        if rule.min is not None or rule.max is not None:
            numbers = numeric_column(table, rule.column, place)
            kept &= numbers >= (-np.inf if rule.min is None else rule.min)
            kept &= numbers <= (np.inf if rule.max is None else rule.max)
    return kept


def _matches(column: pd.Series, wanted: tuple[Wanted, ...]) -> np.ndarray:
    """Equal as text, or as numbers where both are numbers (1 and 1.0 and "1"); true and false in any case."""
    texts = column.astype("string").fillna("").str.strip()
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    found = np.zeros(len(column), dtype=bool)
    for value in wanted:
        found |= (texts == str(value).strip()).to_numpy(dtype=bool) & (texts != "").to_numpy(dtype=bool)
        if isinstance(value, bool):
            found |= (texts.str.lower() == str(value).lower()).to_numpy(dtype=bool)
        number = pd.to_numeric(value, errors="coerce")
        found |= numbers == float(number)
    return found
