"""Dates that stand in another order than in the other rows of the file: a visit before its infusion, say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np

from core.dates import DateOrder, are_dates, date_order, read_moments
from core.errors import Issue, Severity, Where
from core.integrity.material import Material
from core.sources import RawColumn, RawTable, raw_text

ROWS = 8
"""With both dates, below which no order is known."""
REVERSED = 0.1
"""Largest share of the rows that may stand the other way round and still be the exceptions."""
TOLD = 10


def check_date_order(material: Material) -> tuple[Issue, ...]:
    """Rows whose two dates stand the other way round than in nearly all rows, and visits dated in another order."""
    return tuple(issue for study, table in material.tables.items()
                 for issue in (*_across_columns(material, study, table), *_down_rows(material, study, table)))


def _date_columns(table: RawTable) -> list[tuple[RawColumn, np.ndarray]]:
    """Columns of days with their days, (rows,) each; those whose order of day and month is not plain are left out."""
    found = []
    for column in table.columns:
        order = date_order(column.cells) if column.counts and are_dates(column.cells) else None
        if order is not None:
            found.append((column, _days(column, order)))
    return found


def _days(column: RawColumn, order: DateOrder) -> np.ndarray:
    """The days of a column's cells; each distinct cell is read once."""
    place = {cell: i for i, cell in enumerate(dict.fromkeys(column.cells))}
    days = read_moments(list(place), order).at.astype("datetime64[D]")
    return days[[place[cell] for cell in column.cells]]


def _across_columns(material: Material, study: str, table: RawTable) -> Iterator[Issue]:
    for (one, first), (other, second) in combinations(_date_columns(table), 2):
        both = ~np.isnat(first) & ~np.isnat(second)
        if both.sum() < ROWS:
            continue
        for earlier, later, wrong in ((one, other, both & (first > second)), (other, one, both & (first < second))):
            right = int((both & ~wrong).sum())
            # equal days fit either order, so a usual order must be seen as well
            seen = int((both & (first != second)).sum()) - int(wrong.sum())
            if wrong.any() and wrong.sum() <= REVERSED * both.sum() and seen >= 0.5 * both.sum():
                early = np.abs(second - first).astype("timedelta64[D]").astype(float)
                yield from _told_across(study, table, earlier, later, np.flatnonzero(wrong), early, right)


def _told_across(study: str, table: RawTable, earlier: RawColumn, later: RawColumn, rows: np.ndarray,
                 early: np.ndarray, right: int) -> Iterator[Issue]:
    """Reports hold issues, so the dates themselves are not told."""
    for record in rows[:TOLD].tolist():
        place = table.place(record, later.name)
        more = f" So it is in {len(rows) - TOLD} more rows." if record == rows[:TOLD][-1] and len(rows) > TOLD else ""
        yield Issue(
            Severity.WARNING, "dates_out_of_order",
            f'"{later.name}" is {_days_text(early[record])} before "{earlier.name}" here; in {right} rows it is '
            f"not.{more}",
            Where(table.file, place.sheet, place.row, later.name, study),
            "Look both dates up; correct the wrong one in the file, or have the team do so.")


def _down_rows(material: Material, study: str, table: RawTable) -> Iterator[Issue]:
    """Long files: the dates of a patient's visits must follow their hours."""
    mapping = material.mappings.get(study)
    shape = mapping.shape if mapping else None
    visits = table.columns_by_name.get(shape.visit.column) if shape and shape.visit else None
    ids = table.columns_by_name.get(shape.patient or "") if shape else None
    if visits is None or ids is None or shape is None or shape.visit is None or shape.period is not None:
        return
    hours = np.array([np.nan if (value := shape.visit.values.get(raw_text(cell))) is None else value
                      for cell in visits.cells], dtype=float)
    names = np.array([raw_text(cell) for cell in ids.cells], dtype=object)
    for column, days in _date_columns(table):
        order = [i for i in np.lexsort((hours, names)).tolist() if not np.isnan(hours[i]) and not np.isnat(days[i])]
        pairs = [(i, j) for i, j in pairwise(order) if names[i] == names[j] and hours[i] < hours[j]]
        wrong = [(i, j) for i, j in pairs if days[i] > days[j]]
        if len(pairs) < ROWS or not wrong or len(wrong) > REVERSED * len(pairs):
            continue
        for i, j in wrong[:TOLD]:
            place = table.place(j, column.name)
            yield Issue(
                Severity.WARNING, "visits_out_of_order",
                f'The visit "{raw_text(visits.cells[j])}" of patient {names[j]} is dated '
                f'{_days_text(float((days[i] - days[j]).astype(int)))} before "{raw_text(visits.cells[i])}", which '
                "comes first.",
                Where(table.file, place.sheet, place.row, column.name, study, None, str(names[j])),
                "Look both dates up; correct the wrong one in the file, or have the team do so.")


def _days_text(days: float) -> str:
    return "a day" if days == 1 else f"{days:,.0f} days"
