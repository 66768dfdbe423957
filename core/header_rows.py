"""Which rows of a grid name the columns.

A header covers the columns filled below it, is text where they hold numbers or dates, and has the table's body below
it. Each candidate row is scored by that; rows beside the best one may belong to it (group names above, a second row of
names or units below).
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from core.sources import Cell

Row = Sequence[Cell]

MAX_CANDIDATES = 60
SAMPLE_ROWS = 200
MAX_CONTINUATION = 3
FEWEST_VALUES = 3
BELOW_WEIGHT = 2.0
"""A header deep in the sheet must earn its place: what stands above it is lost to the table."""

_CODES = {"": 0, "?": 1, "v": 2, "t": 3}
_NUMBER = re.compile(r"[<>~≤≥]?\s*[-+−–]?\s*\d[\d.,'\s]*(?:[eE][-+]?\d+)?\s*%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d.*)?|\d{1,2}:\d{2}(?::\d{2})?")
_NO_VALUE = re.compile(r"[.*?\-–—/\\#]+|n\.?/?[ad]\.?|nan|null|none|missing|unknown|#\w+[/!?]?\w*[!?]?|\.[a-z]", re.I)


@dataclass(frozen=True)
class HeaderRows:
    """Grid indexes of the header's rows. `names` from top to bottom: a lower name wins, upper ones describe it; rows in
    `notes` (units, explanations) only describe. No names at all: the table has no header."""

    names: tuple[int, ...]
    notes: tuple[int, ...] = ()
    is_certain: bool = True

    @property
    def first(self) -> int:
        """Uppermost row; the title ends above it."""
        return min(self.names + self.notes)

    @property
    def last(self) -> int:
        """Lowest row; the data begin below it."""
        return max(self.names + self.notes)


def is_blank(cell: Cell) -> bool:
    """Empty, or text of blanks only (non-breaking ones too)."""
    return cell is None or (cell.__class__ is str and (not cell or cell.isspace()))


def cell_kind(cell: Cell) -> str:
    """`""` blank, `?` stands for a missing value, `v` a number, date or truth value (also as text), `t` other text."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return "v"
    text = cell.strip()
    if not text:
        return ""
    if _NO_VALUE.fullmatch(text):
        return "?"
    return "v" if _NUMBER.fullmatch(text) or _DATE.fullmatch(text) else "t"


def find_header(rows: Sequence[Row]) -> HeaderRows:
    """The header of the table in `rows`; no names where the first row is data already."""
    filled = list(islice((i for i, row in enumerate(rows) if not all(map(is_blank, row))),
                         MAX_CANDIDATES + SAMPLE_ROWS))
    sample = _Sample(filled, rows)
    candidates = filled[:MAX_CANDIDATES] if len(filled) == 1 else filled[:min(MAX_CANDIDATES, len(filled) - 1)]
    best = max(candidates, key=sample.score)  # the first of equals
    if sample.is_data(best):
        return HeaderRows(())
    return _with_neighbors(sample, best)


def extend_upward(rows: Sequence[Row], lowest: int) -> HeaderRows:
    """A header whose lowest row a person has named, with the group names above it if there are any."""
    reach = range(max(lowest - 5, 0), min(lowest + SAMPLE_ROWS + 1, len(rows)))
    near = [i for i in reach if not all(map(is_blank, rows[i]))]
    sample = _Sample(near, rows)
    above = sample.group_row(lowest) if lowest in sample.kinds else None
    return HeaderRows((lowest,) if above is None else (above, lowest))


def _kinds(row: Row) -> tuple[str, ...]:
    """The kinds of a row's cells, up to its last filled one."""
    kinds = list(map(cell_kind, row))
    while kinds and not kinds[-1]:
        kinds.pop()
    return tuple(kinds)


def _at(kinds: Sequence[str], column: int) -> str:
    return kinds[column] if column < len(kinds) else ""


def _columns(kinds: Sequence[str]) -> set[int]:
    return {column for column, kind in enumerate(kinds) if kind}


class _Sample:
    """The filled rows looked at: their grid indexes, the kinds of their cells, and the rows themselves."""

    def __init__(self, filled: list[int], rows: Sequence[Row]) -> None:
        self.filled, self.rows = filled, rows
        self.kinds = {i: _kinds(rows[i]) for i in filled}
        codes = np.zeros((len(filled) + 1, max(map(len, self.kinds.values()), default=0)), dtype=np.int8)
        for at, i in enumerate(filled):
            codes[at + 1, :len(self.kinds[i])] = [_CODES[kind] for kind in self.kinds[i]]
        # counts from the top down to each row, so that any stretch of rows is one difference
        self._any, self._told, self._values = (np.cumsum(part, axis=0, dtype=np.int32) for part in (
            codes > 0, codes > _CODES["?"], codes == _CODES["v"]))

    def body_columns(self, header: int) -> dict[int, bool]:
        """Columns filled below a row, each with whether its cells are numbers or dates (four fifths of them)."""
        first = bisect_right(self.filled, header)
        last = min(first + SAMPLE_ROWS, len(self.filled))
        cells, told, values = (part[last] - part[first] for part in (self._any, self._told, self._values))
        found = np.flatnonzero(cells >= max(1, (last - first) // 20))
        return dict(zip(found.tolist(), ((told > 0) & (values >= 0.8 * told))[found].tolist(), strict=True))

    def cells_below(self, header: int) -> float:
        """Share of the filled cells that stand below a row."""
        counts = self._any.sum(axis=1)
        return float(1 - counts[bisect_right(self.filled, header)] / counts[-1])

    def score(self, header: int) -> float:
        """Share of the columns it names, contrast with what is below, distinctness, and share of cells below it."""
        kinds = self.kinds[header]
        body = self.body_columns(header)
        if not body:
            return 0.0
        years = self._is_run_of_years(header)
        named = sum(1 for column in body if _at(kinds, column))
        contrast = sum(_contrast(_at(kinds, column), is_value, years) for column, is_value in body.items())
        texts = [str(cell).strip() for cell in self.rows[header] if not is_blank(cell)]
        distinct = 0.3 * len(set(texts)) / len(texts)
        return (named + contrast) / len(body) + distinct + BELOW_WEIGHT * self.cells_below(header)

    def is_data(self, row: int) -> bool:
        """Whether a row reads like one of the data: values and not names where the columns hold values."""
        kinds = self.kinds[row]
        if self._is_run_of_years(row):
            return False
        body = self.body_columns(row)
        over_values = [_at(kinds, column) for column, is_value in body.items() if is_value and _at(kinds, column)]
        if not over_values:
            return not any(kind == "t" for kind in kinds)
        return over_values.count("t") < 0.5 * len(over_values)

    def explains(self, row: int, body: dict[int, bool]) -> bool:
        """Whether a row says what the columns are: text of its own over several columns of values, as in no row below.
        """
        at = bisect_right(self.filled, row)
        below = self.filled[at:at + SAMPLE_ROWS]
        said = {column: str(self.rows[row][column]).strip() for column in body}
        again = any(column < len(self.rows[i]) and str(self.rows[i][column]).strip() == text
                    for column, text in said.items() for i in below)
        return (sum(body.values()) >= FEWEST_VALUES and len(set(said.values())) == len(said) and not again
                and sum(" " in text for text in said.values()) >= 0.5 * len(said))

    def _is_run_of_years(self, row: int) -> bool:
        """At least three rising years: names of columns, though they are numbers."""
        values = [year for cell, kind in zip(self.rows[row], self.kinds[row], strict=False) if kind == "v"
                  for year in [_year(cell)]]
        years = [year for year in values if year]
        return len(years) >= 3 and len(years) == len(values) and years == sorted(set(years))

    def neighbor(self, row: int, step: int) -> int | None:
        """The filled row right above (-1) or below (1); over one blank row where the file has those throughout."""
        gaps = sorted(b - a for a, b in pairwise(self.filled[:SAMPLE_ROWS]))
        reach = 2 if gaps and gaps[len(gaps) // 2] == 2 else 1
        return next((row + step * n for n in range(1, reach + 1) if row + step * n in self.kinds), None)

    def group_row(self, header: int) -> int | None:
        """The row right above a header if it holds names of groups of columns."""
        above = self.neighbor(header, -1)
        if above is None or any(kind == "v" for kind in self.kinds[above]):
            return None
        groups, names = _columns(self.kinds[above]), _columns(self.kinds[header])
        if len(groups) >= len(names) or (len(groups) == 1 and min(groups) <= min(names)) or not groups & names:
            return None
        higher = self.neighbor(above, -1)
        return above if higher is None or len(_columns(self.kinds[higher])) <= 1 else None


def _contrast(kind: str, is_value: bool, years: bool) -> float:
    if kind == "t" or (years and kind):
        return 1.0 if is_value else 0.0
    if kind == "v":
        return -1.5 if is_value else -0.5
    return 0.0


def _year(cell: Cell) -> int | None:
    text = cell.strip() if isinstance(cell, str) else cell
    if isinstance(text, (dt.date, dt.time, dt.timedelta)) or text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and 1800 <= number <= 2200 else None


def _with_neighbors(sample: _Sample, best: int) -> HeaderRows:
    names, notes = [best], list[int]()
    covered = _columns(sample.kinds[best])
    grouped = False
    row = sample.neighbor(best, 1)
    while row is not None and len(names) + len(notes) <= MAX_CONTINUATION:
        role = _continuation(sample, covered, row)
        if role is None:
            break
        (names if role == "names" else notes).append(row)
        grouped = True
        covered |= _columns(sample.kinds[row])
        row = sample.neighbor(row, 1)
    above = sample.group_row(best)
    if above is not None:
        names.insert(0, above)
    body = sample.body_columns(max(names + notes))
    higher = sample.neighbor(min(names), -1)
    crowded = higher is not None and sample.kinds[higher].count("t") >= max(3, len(body) // 2)
    complete = set(body) <= _columns(sample.kinds[best])
    return HeaderRows(tuple(names), tuple(notes), is_certain=not (crowded and (grouped or not complete)))


def _continuation(sample: _Sample, covered: set[int], row: int) -> str | None:
    """Whether the row below a header belongs to it: as further "names", as "notes", or not (None)."""
    kinds = sample.kinds[row]
    body = sample.body_columns(row)
    if not body:
        return None
    columns = _columns(kinds)
    if any(kinds[column] != "t" for column in columns):
        return None
    texts = [str(sample.rows[row][column]).strip() for column in columns]
    if all(text.startswith("(") and text.endswith(")") for text in texts):
        return "notes"
    over_values = all(body.get(column, True) for column in columns)
    if len(columns) < 2:
        return None
    if not columns & covered and any(body.values()):
        return "names"
    if not over_values:
        return "notes" if columns >= set(body) and sample.explains(row, body) else None
    return "names" if columns - covered else "notes"
