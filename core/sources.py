"""Stage 1, what was read: files as they came, their sheets as grids, and the one table found in a grid.

A `Grid` holds cells as the file has them; a `RawTable` says where in the grid the table stands. Nothing is parsed
here: text stays text, and a number that a workbook stores as a number stays a number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType
from typing import NamedTuple

from core.errors import Issue

Cell = str | float | int | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
"""What a cell can hold. Text files give `str` only; None is an empty cell."""


@dataclass(frozen=True)
class SourceFile:
    """A file as it was taken in: its name without folders, and its bytes.

    Of a cut copy, without what was dropped for privacy, `came_as` is the hash of the file as it came.
    """

    name: str
    content: bytes = field(repr=False)
    came_as: str | None = None

    @cached_property
    def sha256(self) -> str:
        """Hash of the content (hex)."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def original_sha256(self) -> str:
        """Hash of the file as it came (hex)."""
        return self.came_as or self.sha256


@dataclass(frozen=True)
class Layout:
    """Which rows of a grid are what, as indexes from 0: kept with a cut copy, for what was cut may have told it."""

    asked: tuple[int | None, int | None, int | None]
    """Header row, number of header rows and last row that a person had chosen when it was recognized."""
    names: tuple[int, ...]
    notes: tuple[int, ...]
    is_certain: bool
    body: tuple[int, ...] = field(repr=False)
    left_out: tuple[int, ...] = ()
    headings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Grid:
    """One sheet (or a whole text file) as rows of cells; rows may differ in length.

    `first_row` and `first_column` are the sheet's numbers (from 1) of `rows[0][0]`, so that a place told to a user is
    the one the spreadsheet program shows. For a text file `lines[i]` is the line on which row i begins.
    """

    file: str
    sheet: str | None
    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)
    first_row: int = 1
    first_column: int = 1
    hidden: bool = False
    lines: tuple[int, ...] | None = field(default=None, repr=False)
    column_labels: Mapping[int, str] = field(default_factory=dict, repr=False)
    """Variable labels of statistical files, by column index from 0."""
    value_labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """Value labels of statistical files: column index -> raw text of the value -> label."""
    issues: tuple[Issue, ...] = ()
    dropped: frozenset[int] = frozenset()
    """Indexes of columns that were dropped: a mark stands where something stood, and the table has them empty."""
    layout: Layout | None = field(default=None, repr=False)
    """Of a cut copy: how its rows were recognized before."""

    def row_number(self, index: int) -> int:
        """The file's own number of row `index`."""
        return self.lines[index] if self.lines else self.first_row + index


class Place(NamedTuple):
    """Where a cell stands in its file: the sheet (None for a text file) and the file's own row number."""

    sheet: str | None
    row: int


@dataclass(frozen=True)
class RawColumn:
    """A column of the table: its name made unique, its place, its cells from the first data row to the last."""

    name: str
    position: int
    """Column number in the sheet, from 1."""
    cells: tuple[Cell, ...] = field(repr=False)
    label: str = ""
    """Longer description: an upper header row, or a statistical file's variable label."""
    value_labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    places: tuple[Place | None, ...] = field(default=(), repr=False)
    """Where each cell stands, in a table put together from several sheets; None where it stands nowhere."""

    @cached_property
    def counts(self) -> dict[str, int]:
        """Distinct raw texts with how often each stands, in order of appearance; empty cells left out."""
        found: dict[str, int] = {}
        if set(map(type, self.cells)) <= {str, NoneType}:  # equal cells are equal texts: the distinct ones will do
            cells: Iterable[tuple[Cell, int]] = Counter(self.cells).items()
        else:
            cells = ((cell, 1) for cell in self.cells)
        for cell, count in cells:
            text = raw_text(cell)
            if text:
                found[text] = found.get(text, 0) + count
        return found


@dataclass(frozen=True)
class RawTable:
    """The table found in a grid: one header, rows of data; `rows[i]` is the file's own number of record i.

    A table put together from several sheets numbers its records from 1; its columns know their cells' `places`.
    """

    file: str
    sheet: str | None
    header_row: int
    columns: tuple[RawColumn, ...]
    rows: tuple[int, ...] = field(repr=False)
    title: str = ""
    """Text of the rows above the header, joined."""
    issues: tuple[Issue, ...] = ()
    notes: str = ""
    """Text of the rows below the data that are none of them, joined."""

    def place(self, record: int, column: str | None = None) -> Place:
        """Where a record's cell stands; without a column where the record's first cell does."""
        named = self.columns_by_name.get(column or "")
        for one in (*([named] if named else ()), *self.columns):
            if not one.places:
                break
            found = one.places[record]
            if found is not None:
                return found
        return Place(self.sheet, self.rows[record])

    @cached_property
    def columns_by_name(self) -> dict[str, RawColumn]:
        """Columns by unique name, in the file's order."""
        return {column.name: column for column in self.columns}


def raw_text(cell: Cell) -> str:
    """A cell's text as a person sees it; "" for an empty one. Whole numbers lose their `.0`; text keeps its inside."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()  # no-break and thin spaces are blanks as well
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def column_letter(position: int) -> str:
    """Spreadsheet letters of a column number: 1 -> A, 27 -> AA."""
    letters = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
