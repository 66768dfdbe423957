"""The table of a study's file, also where it stands on several sheets.

Sheets with the same columns and other patients (a sheet an arm, a site) are put one below the other, with the sheet's
name as a column. Sheets about the same patients (who they are, their ratings) are put together by the patients' ids.
What was done is told, and a `Reading` can say otherwise: one `sheet`, or the `sheets` to use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.codebook import read_codebook, with_codebook
from core.errors import Issue, Severity, UserError, Where
from core.kit_columns import kit_header_row
from core.mapping import Reading
from core.sheet_choice import COPIED_SHARE, SHEETS_ALIKE, choose_grid, is_describing
from core.sheet_join import join
from core.sheet_parts import FEWEST, Part, SheetName, named_alike, part_of, says_when
from core.sources import Grid, Place, RawColumn, RawTable, raw_text
from core.table_layout import find_table

SHEET = "Sheet"
"""Name of the column that says on which of several alike sheets a row stands."""
_ASIDE = re.compile(r"\b(old|copy|backup|back up|draft|template|example|test|excluded?|exclusions?|screen(ing)? "
                    r"fail\w*|failures?|deleted|unused|archive|summary|pivot|do not use)\b", re.I)
"""Names of sheets that are not put to others without being asked for."""
_STUDY = re.compile(r"\b(study|trial|experiment|studie|etude|étude|estudio|estudo|cohort|kohorte)\b", re.I)
"""Names of alike sheets that may each be a study."""


def read_table(grids: Sequence[Grid], reading: Reading = Reading(),  # noqa: B008 - frozen
               codebook: Sequence[Grid] = ()) -> RawTable:
    """The table of a file's sheets, with what its codebook sheets and those of another file say of its columns.

    Raises UserError as `find_table`.
    """
    kit = _kit(grids, reading)
    if kit is not None:
        return kit
    chosen = choose_grid(grids, reading)
    table = find_table(chosen, reading)
    parts = [] if reading.sheet is not None or len(grids) < 2 else _parts(grids, chosen, table, reading)
    whole = _together(table, parts) if len(parts) > 1 else None
    if whole is None:
        return with_codebook(table, (*grids, *codebook))
    used = {place.sheet for column in whole.columns for place in column.places if place}
    return with_codebook(whole, [*(grid for grid in grids if grid.sheet not in used), *codebook])


@dataclass(frozen=True)
class SheetUse:
    """A sheet that holds a table: whether it is wanted in the study's and is in it, and by which ids."""

    sheet: str
    is_used: bool
    is_joined: bool
    id_column: str | None
    columns: tuple[str, ...]


def sheet_uses(grids: Sequence[Grid], reading: Reading, table: RawTable) -> tuple[SheetUse, ...]:
    """Every sheet of a workbook that a person may take into a study's table; `table` is what was read."""
    used = {place.sheet for column in table.columns for place in column.places if place} or {table.sheet}
    found = []
    for grid in grids:
        try:
            one = find_table(grid) if grid.sheet is not None else None
        except UserError:
            continue
        if one is not None and grid.sheet is not None:
            part = part_of(one, reading.id_columns.get(grid.sheet))
            found.append(SheetUse(
                grid.sheet, grid.sheet in (reading.sheets or used), grid.sheet in used,
                part.id_column.name if part else None, tuple(column.name for column in one.columns)))
    return tuple(found)


def with_sheets(reading: Reading, uses: Sequence[SheetUse]) -> Reading:
    """The reading under which these sheets make the table; as recognized where none is used."""
    used = [one for one in uses if one.is_used]
    keys = {one.sheet: one.id_column for one in used if one.id_column is not None}
    several = tuple(one.sheet for one in used) if len(used) > 1 else None
    return reading.model_copy(update={"sheet": used[0].sheet if len(used) == 1 else None, "sheets": several,
                                      "id_columns": keys if several else {}})


def _kit(grids: Sequence[Grid], reading: Reading) -> RawTable | None:
    """The data sheet of a filled request kit, which describes itself; None for any other file."""
    if reading.sheets is not None or reading.header_row is not None:
        return None
    found = [(grid, row) for grid in grids if reading.sheet in (None, grid.sheet)
             and (row := kit_header_row(grid)) is not None]
    if len(found) != 1:
        return None
    grid, row = found[0]
    return find_table(grid, reading.model_copy(update={"header_row": row, "header_rows": 1}))


def _parts(grids: Sequence[Grid], chosen: Grid, table: RawTable, reading: Reading) -> list[Part]:
    """The sheets that hold patients, in the workbook's order."""
    found = []
    for grid in grids:
        is_chosen = grid.sheet == chosen.sheet
        if reading.sheets is not None:
            if grid.sheet not in reading.sheets:
                continue
        elif not is_chosen and (grid.hidden or is_describing(grid) or _ASIDE.search(_plain(grid.sheet))):
            continue
        try:
            one = table if is_chosen else find_table(grid)
        except UserError:
            continue
        part = part_of(one, reading.id_columns.get(grid.sheet or ""))
        if part is not None and len(part.ids) >= FEWEST and (is_chosen or not read_codebook(grid)):
            found.append(part)
    return found


def _plain(name: str | None) -> str:
    return re.sub(r"[_\W]+", " ", name or "")


def _together(table: RawTable, parts: Sequence[Part]) -> RawTable | None:
    """The sheets as one table; None if the chosen one stands alone, or it is not plain how they belong together."""
    groups = _alike(parts)
    if groups is None:
        return None
    stacked = [_stack(group) if len(group) > 1 else group[0] for group in groups]
    whole, left = join(stacked)
    sheets = [part.sheet for group in groups for part in group if not {part.sheet for part in group} & set(left)]
    if len(sheets) < 2 or table.sheet not in sheets:
        return None
    stacks = [[part.sheet for part in group] for group in groups if len(group) > 1]
    left = [part.sheet for group in groups for part in group if part.sheet not in sheets]
    issues = [issue for part in parts if part.sheet in sheets for issue in part.table.issues
              if issue.code not in (SHEETS_ALIKE, "several_sheets", "sheets_left")]
    return replace(whole, issues=(*issues, *_told(table, sheets, stacks, left, whole), *whole.issues))


def _alike(parts: Sequence[Part]) -> list[list[Part]] | None:
    """Parts in groups to be stacked; None if sheets have the same columns and it is not plain what they are."""
    groups: list[list[Part]] = []
    for part in parts:
        group = next((group for group in groups if named_alike(group[0].table, part.table)), None)
        if group is None:
            groups.append([part])
        elif any(_is_copy(part, other) for other in group):
            continue
        elif any(_STUDY.search(_plain(one.sheet)) for one in (part, *group)):
            return None  # several studies' patients are not one study's
        elif all(not part.ids & other.ids for other in group):
            group.append(part)
        elif all(part.is_about_the_same(other) for other in group) or (
                _tells_columns_apart(part) and all(map(_tells_columns_apart, group))):
            groups.append([part])
        else:
            return None
    return groups


def _is_copy(part: Part, other: Part) -> bool:
    """Whether most of a sheet's rows stand on another as well."""
    rows, known = (_rows(one) for one in (part, other))
    return len(set(rows) & set(known)) >= COPIED_SHARE * len(rows)


def _rows(part: Part) -> list[tuple[str, ...]]:
    return list(zip(*(map(raw_text, column.cells) for column in part.table.columns), strict=True))


def _tells_columns_apart(part: Part) -> bool:
    """Whether the sheet's name says what its columns are: a visit, a period, or what was rated at the times named."""
    name = SheetName(part.sheet)
    return part.is_one_row_each and (name.is_time or name.is_period or all(
        says_when(column.name) for column in part.others))


def _stack(group: Sequence[Part]) -> Part:
    """Sheets one below the other, in the columns of all, and a column with the sheet's name."""
    names = dict.fromkeys(column.name for part in group for column in part.table.columns)
    sizes = [len(part.table.rows) for part in group]
    places = tuple(Place(part.sheet, row) for part in group for row in part.table.rows)
    columns = []
    for name in names:
        own = [part.table.columns_by_name.get(name) for part in group]
        first = next(column for column in own if column is not None)
        cells = tuple(cell for column, size in zip(own, sizes, strict=True)
                      for cell in (column.cells if column else (None,) * size))
        columns.append(replace(first, cells=cells, places=places))
    sheet_cells = tuple(part.sheet for part, size in zip(group, sizes, strict=True) for _ in range(size))
    free = next(name for name in (SHEET, "Sheet of the file") if name not in names)
    columns.append(RawColumn(free, len(columns) + 1, sheet_cells, places=places))
    table = replace(group[0].table, columns=tuple(columns), rows=tuple(range(1, sum(sizes) + 1)), issues=())
    return Part(table, table.columns_by_name[group[0].id_column.name])


def _told(table: RawTable, sheets: Sequence[str], stacks: Sequence[Sequence[str]], left: Sequence[str],
          whole: RawTable) -> list[Issue]:
    """What was put together and how."""
    where = Where(file=table.file, sheet=table.sheet)
    done = []
    for stack in stacks:
        done.append(f'{_quoted(stack)} have the same columns and other patients; they were put one below the other, '
                    f'with the sheet\'s name in the column "{SHEET}"')
    if len(stacks) != 1 or len(sheets) > len(stacks[0]):
        done.append(f'{_quoted(sheets)} were put together by the patients\' ids ("{whole.columns[0].name}")')
    rest = f" Not used: {_quoted(left)}." if left else ""
    text = "; ".join(done)
    return [Issue(Severity.WARNING, "sheets_joined", f"The sheets {text}.{rest}", where,
                  "If they do not belong together, choose the one sheet to read.")]


def _quoted(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
