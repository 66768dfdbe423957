"""Long text files of plain lines: no quotation marks, no line shorter or longer than the others.

They are most exports, and can be split by a faster parser than the csv module's, with the same cells as outcome. A text
that stands in many cells is kept once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.progress import Progress
from core.sources import Cell

LEAST_LETTERS = 1_000_000
"""Shorter files are read at once anyway."""
_ROWS_A_STEP = 40_000


def read_plain_lines(text: str, delimiter: str, progress: Progress,
                     least: int = LEAST_LETTERS) -> tuple[tuple[Cell, ...], ...] | None:
    """The cells of each line, empty ones as None; None where the text is short or its lines are not plain."""
    if len(text) < least or '"' in text or text.count("\r") != text.count("\r\n"):
        return None
    if "\t" in text and delimiter != "\t":
        return None  # after a delimiter the faster parser leaves tabs out as well as blanks
    lines = text.count("\n") + (not text.endswith("\n"))
    width = text[:text.find("\n")].count(delimiter) + 1
    # as no line can be longer than the first, this count says that none is shorter
    if width < 2 or text.count(delimiter) != lines * (width - 1):
        return None
    rows: list[tuple[Cell, ...]] = []
    nothing = np.array(None, dtype=object)
    try:
        for part in _parts(text, delimiter):
            progress(min(len(rows) / lines, 1.0), "Reading lines")
            columns = [part[name].to_numpy() for name in part.columns]
            rows.extend(zip(*(np.where(cells == "", nothing, cells).tolist() for cells in columns), strict=True))
    except pd.errors.ParserError:
        return None
    return tuple(rows) if len(rows) == lines else None


def _parts(text: str, delimiter: str) -> Iterator[pd.DataFrame]:
    """Some rows at a time, every cell as text. Raises ParserError at a line longer than the first."""
    with pd.read_csv(io.BytesIO(text.encode()), sep=delimiter, header=None, dtype=object, na_filter=False,
                     keep_default_na=False, skip_blank_lines=False, skipinitialspace=True, quoting=csv.QUOTE_NONE,
                     encoding="utf-8", engine="c", low_memory=False, chunksize=_ROWS_A_STEP) as reader:
        yield from reader
