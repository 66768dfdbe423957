"""Carrying decisions out on what was read: every other cell stays as it is, kind, text and place.

A code is a keyed hash (HMAC-SHA-256) of the text, the same wherever the text stands in the project. Dates of a patient
are shifted by one number of days that follows from the key and the patient's id; it is stored nowhere.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.dates import date_order, read_moments
from core.errors import UserError, Where
from core.mapping import Reading
from core.privacy.decisions import ColumnDecision
from core.privacy.signs import OLDEST, is_old
from core.progress import Progress, silent
from core.sources import Cell, Grid, RawTable, raw_text
from core.table_layout import find_table, lay_out

PatientColumn = Callable[[Grid, RawTable], str | None]

DROPPED = "(dropped)"
"""Stands in a sheet where a dropped cell held something."""
CODE = re.compile(r"X\d{14}")
_LARGEST_SHIFT = 364


def cut_grids(grids: Sequence[Grid], decisions: Sequence[ColumnDecision], key: str,
              readings: Callable[[Grid], Reading], patients: PatientColumn,
              progress: Progress = silent) -> tuple[Grid, ...]:
    """The sheets with the decided columns cut. `patients` names the column with the patients' ids of a sheet, if any.

    Raises UserError where dates are to be shifted on a sheet whose patients are not known.
    """
    done = []
    for grid in grids:
        own = {one.column: one for one in decisions if one.sheet == grid.sheet and one.action != "keep"}
        done.append(_cut_sheet(grid, own, key, readings(grid), patients, progress) if own else grid)
    return tuple(done)


def _cut_sheet(grid: Grid, decisions: dict[str, ColumnDecision], key: str, reading: Reading,
               patients: PatientColumn, progress: Progress) -> Grid:
    layout = lay_out(grid, reading)
    table = find_table(replace(grid, layout=layout), reading)
    start = max((*layout.names, *layout.notes), default=-1) + 1
    rows = [list(row) for row in grid.rows]
    shifts = _shifts(grid, table, patients(grid, table), key) if any(
        one.action == "shift" for one in decisions.values()) else {}
    touched: set[int] = set()
    dropped = set(grid.dropped)
    for number, (name, decision) in enumerate(decisions.items()):
        progress(number / len(decisions), f'Changing "{name}"')
        column = table.columns_by_name.get(name)
        index = column.position - grid.first_column if column is not None else -1
        if index < 0 or index in grid.dropped or not any(index < len(row) for row in rows):
            continue
        cells = [row[index] if index < len(row) else None for row in rows]
        changed = _changed(decision, cells, start, key, shifts, grid)
        for i in range(start, len(rows)):
            if index < len(rows[i]):
                rows[i][index] = changed[i]
        touched.add(index)
        if decision.action == "drop":
            dropped.add(index)
    names = {column.name for column in table.columns if column.position - grid.first_column in touched}
    return replace(
        grid, rows=tuple(map(tuple, rows)), dropped=frozenset(dropped), layout=layout,
        value_labels={i: labels for i, labels in grid.value_labels.items() if i not in touched},
        issues=tuple(issue for issue in grid.issues if issue.where.column not in names))


def _changed(decision: ColumnDecision, cells: list[Cell], start: int, key: str, shifts: dict[int, int],
             grid: Grid) -> list[Cell]:
    """A column's cells after a decision; what the decision cannot be carried out on is dropped."""
    if decision.action == "drop":
        return _each(cells, lambda cell: DROPPED if raw_text(cell) else cell)
    if decision.action == "hash":
        return _each(cells, lambda cell: code_of(raw_text(cell), key) if raw_text(cell) else cell)
    if decision.action == "cap":
        return _each(cells, lambda cell: cell if raw_text(cell) in decision.codes else _capped(cell))
    order = date_order(cells[start:])
    if order is None:
        raise UserError(f'Day and month cannot be told apart in the column "{decision.column}".',
                        Where(grid.file, grid.sheet, column=decision.column),
                        "Drop it, or write its dates with the year first.")
    moments = read_moments(cells, order)
    known, at = moments.known, moments.at.astype("datetime64[s]").astype(object)
    if decision.action == "year":
        return [_year(cell, at[i]) if known[i] else None for i, cell in enumerate(cells)]
    return [_shifted(cell, at[i], shifts.get(i, 0)) if known[i] else None for i, cell in enumerate(cells)]


def _each(cells: list[Cell], change: Callable[[Cell], Cell]) -> list[Cell]:
    """The cells changed, each distinct one once: a long file repeats itself."""
    known: dict[tuple[type, Cell], Cell] = {}
    for cell in cells:
        kind = (cell.__class__, cell)  # 1 and True are equal, and are not the same
        if kind not in known:
            known[kind] = change(cell)
    return [known[cell.__class__, cell] for cell in cells]


def code_of(text: str, key: str) -> str:
    """The code of a text: X and fourteen digits. A code stays what it is."""
    if CODE.fullmatch(text):
        return text
    plain = re.sub(r"(?<=\d)\.0$", "", text)  # a number that another program saved as 12.0
    return f"X{_hash(key, plain) % 10**14:014d}"


def _hash(key: str, text: str) -> int:
    return int.from_bytes(hmac.digest(key.encode(), text.encode("utf-8", "surrogatepass"), "sha256"), "big")


def shift_of(patient: str, key: str) -> int:
    """Days by which a patient's dates are moved, 1 to 364 earlier or later; the same before and after coding ids."""
    number = _hash(key, f"shift of {code_of(patient, key)}")
    return (number % _LARGEST_SHIFT + 1) * (1 if number // _LARGEST_SHIFT % 2 else -1)


def _shifts(grid: Grid, table: RawTable, patient: str | None, key: str) -> dict[int, int]:
    """Days of shift by the grid's row; rows without a patient are not in it, and are dropped."""
    if patient is None or patient not in table.columns_by_name:
        raise UserError("It is not known which column holds the patients' ids, so their dates cannot be shifted.",
                        Where(grid.file, grid.sheet),
                        "Keep the year only, or choose that column on the Map page first.")
    index = table.columns_by_name[patient].position - grid.first_column
    ids = [raw_text(row[index]) if index < len(row) else "" for row in grid.rows]
    shifts = {name: shift_of(name, key) for name in dict.fromkeys(ids) if name}
    return {i: shifts[name] for i, name in enumerate(ids) if name}


def _capped(cell: Cell) -> Cell:
    if not is_old(cell):
        return cell
    return str(OLDEST + 1) if isinstance(cell, str) else OLDEST + 1


def _year(cell: Cell, at: dt.datetime) -> Cell:
    return str(at.year) if isinstance(cell, str) else at.year


def _shifted(cell: Cell, at: dt.datetime, days: int) -> Cell:
    """The date moved, of the same kind; a text is written with the year first. Without a shift it is dropped."""
    if not days:
        return None
    try:
        moved = at + dt.timedelta(days)
    except OverflowError:
        return None
    if isinstance(cell, dt.datetime):
        return cell + dt.timedelta(days)
    if isinstance(cell, dt.date):
        return moved.date()
    return moved.date().isoformat() if moved.time() == dt.time() else moved.isoformat(sep=" ", timespec="minutes")
