"""Which sheet of a workbook holds the patients: not the codebook, not the notes, not a hidden one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.errors import Issue, Severity, UserError, Where
from core.header_rows import cell_kind, find_header, is_blank
from core.mapping import Reading
from core.plain_text import plain
from core.sources import Cell, Grid, raw_text

_SAMPLE_ROWS = 100
_SIZE_SHARE = 0.3
"""A sheet is a candidate if it has at least this share of the cells of the largest."""

SHEETS_ALIKE = "sheets_alike"
"""Code of the issue that other sheets go on where the one read ends."""
HEADER_ROWS = 10
NAMES_SHOWN = 8
COPIED_SHARE = 0.5
"""A sheet that holds at least this share of its rows on the chosen one too is a copy."""

_DESCRIBING_NAME = re.compile(r"code ?book|data ?dict\w*|dictionary|read ?me|legend|instructions?|key|codes?|labels?|"
                              r"notes?|info|about|variables?|variable list|change ?log|contents|cover|lists?|codage|"
                              r"codebuch|"
                              r"legende?|legenda|leyenda|codigos|codici|koder?|kodierung|variablen|merkmale|"
                              r"diccionario|dictionnaire|dizionario|dicionario|codering|fields?|data fields?", re.I)
_DESCRIBING_HEADER = re.compile(r"variables?( names?)?|names?|labels?|descriptions?|codes?|codings?|values?( labels?)?|"
                                r"meanings?|definitions?|formats?|units?|types?|fields?|questions?|notes?|comments?|"
                                r"columns?( names?)?|explanations?|levels?|range", re.I)


def choose_grid(grids: Sequence[Grid], reading: Reading = Reading()) -> Grid:  # noqa: B008 - frozen
    """The sheet to read: the one named in `reading`, else the first that may hold the data.

    Its issues tell what was left.

    Raises UserError where the named sheet does not exist or no sheet holds anything.
    """
    file = grids[0].file if grids else None
    if reading.sheet is not None:
        return _named(grids, reading.sheet, file)
    candidates = _candidates(grids)
    if reading.sheets:
        candidates = [one for one in candidates if one.sheet in reading.sheets] or [
            one for one in grids if one.sheet in reading.sheets] or candidates
    if not candidates:
        unread = next((issue for grid in grids for issue in grid.issues if issue.severity is Severity.ERROR), None)
        if unread:
            raise UserError(unread.text, unread.where, unread.remedy)
        raise UserError("The file is empty: no sheet holds anything.", Where(file=file),
                        "Check that the right file was chosen.")
    chosen = candidates[0]
    return replace(chosen, issues=(*chosen.issues, *_choice_issues(grids, candidates), *_about_alike(chosen, grids)))


def candidate_sheets(grids: Sequence[Grid]) -> tuple[str, ...]:
    """Names of the sheets that may hold the data, the one that would be taken first; empty for text files."""
    return tuple(grid.sheet for grid in _candidates(grids) if grid.sheet is not None)


def is_describing(grid: Grid) -> bool:
    """Whether a sheet describes the data (codebook, notes) instead of holding them."""
    if grid.sheet and _DESCRIBING_NAME.fullmatch(re.sub(r"[_\-.\s\d]+", " ", plain(grid.sheet)).strip()):
        return True
    rows = [row for row in grid.rows[:_SAMPLE_ROWS] if not all(map(is_blank, row))]
    kinds = [kind for row in rows for kind in map(cell_kind, row) if kind]
    if not kinds:
        return False
    if any(_is_codebook_header([raw_text(cell) for cell in row if not is_blank(cell)]) for row in rows[:5]):
        return True
    one_column = max(sum(not is_blank(cell) for cell in row) for row in rows) == 1
    words = sum(len(raw_text(cell).split()) for row in rows for cell in row)
    return one_column and "v" not in kinds and words > 4 * len(kinds)


def _is_codebook_header(texts: list[str]) -> bool:
    known = [text for text in texts if _DESCRIBING_HEADER.fullmatch(text)]
    told = {text.lower() for text in known} - {"name", "value"}
    return len(texts) >= 2 and len(known) == len(texts) and bool(told)


def _with_names(grid: Grid) -> str:
    """The names at the head of a sheet's columns, in brackets, to know it by."""
    header = find_header(grid.rows)
    names = [raw_text(cell) for cell in grid.rows[header.last] if not is_blank(cell)] if header.names else []
    more = ", ..." if len(names) > NAMES_SHOWN else ""
    return f" (columns {', '.join(names[:NAMES_SHOWN])}{more})" if names else ""


def _about_alike(chosen: Grid, grids: Sequence[Grid]) -> list[Issue]:
    """An issue if other sheets hold other rows under the same names: a sheet an arm, or a sheet a site."""
    alike = [str(grid.sheet) for grid in grids if grid is not chosen and not grid.hidden and _continues(grid, chosen)]
    if not alike:
        return []
    named = " and ".join(f'"{name}"' for name in alike[:3]) + (f" and {len(alike) - 3} more" if len(alike) > 3 else "")
    return [Issue(Severity.ERROR, SHEETS_ALIKE, f'{named} {"has" if len(alike) == 1 else "have"} the same columns as '
                  f'the sheet read, "{chosen.sheet}", and other rows, and only one sheet is read.',
                  Where(file=chosen.file, sheet=chosen.sheet),
                  "Put all patients on one sheet, with the sheet's name in a column of its own, or choose the one "
                  "sheet that is meant.")]


def _continues(other: Grid, chosen: Grid) -> bool:
    """Whether a sheet has a header of the chosen one and hardly any of its rows."""
    names = next((row for row in _texts_of(other.rows[:HEADER_ROWS])
                  if len(set(row)) >= 3 and row in _texts_of(chosen.rows[:HEADER_ROWS])), None)
    if names is None:
        return False
    known = set(_texts_of(chosen.rows))
    rows = [row for row in _texts_of(other.rows) if len(row) > 1 and row != names]
    return bool(rows) and sum(row in known for row in rows) < COPIED_SHARE * len(rows)


def _texts_of(rows: Sequence[Sequence[Cell]]) -> list[tuple[str, ...]]:
    """Rows as texts, without what is empty."""
    return [tuple(raw_text(cell).casefold() for cell in row if not is_blank(cell)) for row in rows]


def _size(grid: Grid) -> int:
    return sum(not is_blank(cell) for row in grid.rows for cell in row)


def _candidates(grids: Sequence[Grid]) -> list[Grid]:
    """Sheets that may hold the data, in order; describing or hidden ones only if there is nothing else."""
    if len(grids) == 1:
        return [grid for grid in grids if grid.rows]
    sizes = {id(grid): _size(grid) or len(grid.rows) for grid in grids}
    filled = [grid for grid in grids if sizes[id(grid)]]
    for usable in ([grid for grid in filled if not grid.hidden and not is_describing(grid)],
                   [grid for grid in filled if not grid.hidden], filled):
        if usable:
            largest = max(sizes[id(grid)] for grid in usable)
            return [grid for grid in usable if sizes[id(grid)] >= _SIZE_SHARE * largest]
    return []


def _named(grids: Sequence[Grid], sheet: str, file: str | None) -> Grid:
    wanted = sheet.strip().casefold()
    found = next((grid for grid in grids if grid.sheet == sheet), None) or next(
        (grid for grid in grids if grid.sheet is not None and grid.sheet.strip().casefold() == wanted), None)
    if found:
        return found
    names = ", ".join(grid.sheet for grid in grids if grid.sheet is not None)
    raise UserError(f'There is no sheet "{sheet}".', Where(file=file),
                    f"Its sheets are: {names}." if names else "The file has no sheets; leave the sheet empty.")


def _choice_issues(grids: Sequence[Grid], candidates: list[Grid]) -> list[Issue]:
    chosen = candidates[0]
    where = Where(file=chosen.file, sheet=chosen.sheet)
    others = [grid for grid in grids if grid is not chosen and any(grid.rows)]
    found = []
    if len(candidates) > 1:
        names = ", ".join(f"{grid.sheet}{_with_names(grid)}" for grid in candidates[1:])
        found.append(Issue(Severity.WARNING, "several_sheets", f'The sheet "{chosen.sheet}" was taken; these could '
                           f"hold data as well: {names}.", where, "Choose the sheet if another one is meant."))
    left = [f"{grid.sheet} ({'hidden' if grid.hidden else 'describes the data' if is_describing(grid) else 'small'})"
            for grid in others if grid not in candidates]
    if left:
        found.append(Issue(Severity.NOTE, "sheets_left", f"Not read as data: {', '.join(left)}.", where,
                           "Choose the sheet if one of them is meant."))
    found += [issue for grid in grids if grid is not chosen for issue in grid.issues
              if issue.severity is Severity.ERROR]
    return found
