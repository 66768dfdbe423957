"""Which sheet of a workbook holds the patients: not the codebook, not the notes, not a hidden one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.errors import Issue, Severity, UserError, Where
from core.header_rows import cell_kind, is_blank
from core.mapping import Reading
from core.sources import Grid, raw_text

_SAMPLE_ROWS = 100
_SIZE_SHARE = 0.3
"""A sheet is a candidate if it has at least this share of the cells of the largest."""

_DESCRIBING_NAME = re.compile(r"code ?book|data ?dict\w*|dictionary|read ?me|legend|instructions?|key|codes?|labels?|"
                              r"notes?|info|about|variables?|variable list|change ?log|contents|cover|lists?", re.I)
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
    if not candidates:
        unread = next((issue for grid in grids for issue in grid.issues if issue.severity is Severity.ERROR), None)
        if unread:
            raise UserError(unread.text, unread.where, unread.remedy)
        raise UserError("The file is empty: no sheet holds anything.", Where(file=file),
                        "Check that the right file was chosen.")
    chosen = candidates[0]
    return replace(chosen, issues=(*chosen.issues, *_choice_issues(grids, candidates)))


def candidate_sheets(grids: Sequence[Grid]) -> tuple[str, ...]:
    """Names of the sheets that may hold the data, the one that would be taken first; empty for text files."""
    return tuple(grid.sheet for grid in _candidates(grids) if grid.sheet is not None)


def is_describing(grid: Grid) -> bool:
    """Whether a sheet describes the data (codebook, notes) instead of holding them."""
    if grid.sheet and _DESCRIBING_NAME.fullmatch(re.sub(r"[_\-.\s\d]+", " ", grid.sheet).strip()):
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


def _size(grid: Grid) -> int:
    return sum(not is_blank(cell) for row in grid.rows for cell in row)


def _candidates(grids: Sequence[Grid]) -> list[Grid]:
    """Sheets that may hold the data, in order; describing or hidden ones only if there is nothing else."""
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
        names = ", ".join(str(grid.sheet) for grid in candidates[1:])
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
