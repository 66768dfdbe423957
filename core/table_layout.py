"""The one table in a grid: which sheet, where the header stands, where the data end, what each column is called.

Everything recognized can be overruled by a `Reading`; everything left out or renamed is told in an issue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from core.errors import Issue, Severity, UserError, Where
from core.group_headings import heading_column
from core.header_rows import SAMPLE_ROWS, HeaderRows, cell_kind, extend_upward, find_header, is_blank
from core.mapping import Reading
from core.sheet_choice import candidate_sheets, choose_grid
from core.sources import Cell, Grid, Layout, RawColumn, RawTable, column_letter, raw_text

__all__ = ["candidate_sheets", "choose_grid", "find_table", "lay_out"]

Row = tuple[Cell, ...]

MAX_TITLE = 500
MAX_FOOTER_ROWS = 60
_BLOCK = 1_000
"""Rows turned into columns at a time."""
LEAST_WIDTH = 3
"""Cells of a usual row below which a line with one text is not told from data."""
REGULAR = 0.8
"""Share of a column's cells that look alike where it holds identifiers."""
MOST_HEADINGS = 0.25
"""Share of the rows that can be headings among the data."""
LONGEST_LAID_OUT = 20_000
"""Rows beyond which no person has put headings among the data."""
SPARSE = 0.4
"""A note below the table fills at most this share of what a usual row fills."""

_TOTAL = re.compile(
    r"(grand |sub)?-?totals?|sum|mean|average|avg|median|sd|std\.?( dev\.?)?|min(imum)?|max(imum)?|count|mean \(?sd\)?|"
    r"overall|summe|gesamt|mittelwert|totaal|gemiddelde|moyenne|somme|media|promedio", re.I)


def find_table(grid: Grid, reading: Reading = Reading()) -> RawTable:  # noqa: B008 - frozen
    """The table in a grid: unique column names, data rows without titles, footers and blank rows.

    The table's issues include the grid's. Raises UserError for an empty grid and for a `Reading` that names rows the
    grid does not have.
    """
    where = Where(file=grid.file, sheet=grid.sheet)
    layout = lay_out(grid, reading)
    header = HeaderRows(layout.names, layout.notes, layout.is_certain)
    body, left_out, headings = (list(part) for part in (layout.body, layout.left_out, layout.headings))
    spans, cut = _widths(grid, header, body)
    columns, renamed = _columns(grid, header, body, spans, where)
    grouped = heading_column(grid.rows, body, headings, [column.name for column in columns], grid.first_column + spans)
    columns = (*columns, *([grouped] if grouped else ()))
    issues = [*grid.issues, *_header_issues(grid, header, where), *cut, *renamed,
              *_heading_issues(grid, headings, grouped, where), *_footer_issues(grid, left_out, where)]
    rows = tuple(grid.row_number(i) for i in body)
    if not body:
        issues.append(Issue(Severity.ERROR, "no_rows", "The table has a header and no rows of data.", where,
                            "Check that the right file and sheet were chosen."))
    elif not any(raw_text(cell) for column in columns for cell in column.cells):
        issues.append(Issue(Severity.ERROR, "no_values", "Every cell of the table is empty or an error.", where,
                            "Check that the right file and sheet were chosen."))
    issues += _crosstab(header, columns, where)
    title_end = header.first if header.names else min(body, default=0)
    return RawTable(grid.file, grid.sheet, grid.row_number(header.names[-1]) if header.names else 0, columns, rows,
                    _title(grid.rows[:title_end]), tuple(issues), _title(grid.rows[i] for i in left_out))


def lay_out(grid: Grid, reading: Reading = Reading()) -> Layout:  # noqa: B008 - frozen
    """Which rows are names, data, totals, notes and headings. Raises UserError as `find_table`."""
    asked = (reading.header_row, reading.header_rows, reading.last_row)
    if grid.layout is not None and grid.layout.asked == asked:
        return grid.layout
    header = _header(grid, reading, Where(file=grid.file, sheet=grid.sheet))
    body, left_out = _body(grid, header, reading)
    body, headings = _without_headings(grid, body) if reading.last_row is None else (body, [])
    return Layout(asked, header.names, header.notes, header.is_certain, tuple(body), tuple(left_out), tuple(headings))


def is_from_statistics(grid: Grid) -> bool:
    """Whether a grid is a statistical package's: its rows are numbered from the names, which are row 0."""
    return grid.first_row == 0


def _header(grid: Grid, reading: Reading, where: Where) -> HeaderRows:
    if not grid.rows:
        raise UserError("The sheet is empty." if grid.sheet else "The file is empty.", where,
                        "Choose another sheet or file.")
    if is_from_statistics(grid):
        return HeaderRows((0,))
    if reading.header_rows == 0 or all(all(map(is_blank, row)) for row in grid.rows):
        return HeaderRows(())
    if reading.header_row is None:
        found = find_header(grid.rows)
        return found if reading.header_rows is None else _block(found.last, reading.header_rows)
    lowest = next((i for i in range(len(grid.rows)) if grid.row_number(i) == reading.header_row), None)
    if lowest is None:
        raise UserError(f"There is no row {reading.header_row} to take as the header.", where,
                        f"Choose a row from {grid.row_number(0)} to {grid.row_number(len(grid.rows) - 1)}.")
    return extend_upward(grid.rows, lowest) if reading.header_rows is None else _block(lowest, reading.header_rows)


def _block(lowest: int, count: int) -> HeaderRows:
    return HeaderRows(tuple(range(max(lowest - count + 1, 0), lowest + 1)))


def _body(grid: Grid, header: HeaderRows, reading: Reading) -> tuple[list[int], list[int]]:
    """Grid indexes of the data rows, and of rows below them that are notes or totals. Blank rows are in neither."""
    start = header.last + 1 if header.names else 0
    if reading.header_row is not None and not header.names:
        start = next((i for i in range(len(grid.rows)) if grid.row_number(i) >= reading.header_row), 0)
    filled = [i for i in range(start, len(grid.rows)) if not all(map(is_blank, grid.rows[i]))]
    if is_from_statistics(grid) or not filled:
        return list(range(start, len(grid.rows))), []  # blank cases count too: each is a record of the file
    if reading.last_row is not None:
        last = reading.last_row
        return [i for i in filled if grid.row_number(i) <= last], [i for i in filled if grid.row_number(i) > last]
    keep = len(filled) - _footer_length([grid.rows[i] for i in filled])
    return filled[:keep], filled[keep:]


def _footer_length(rows: Sequence[Row]) -> int:
    """How many of the last rows are no data: totals by their word, notes by being sparse and without an identifier."""
    sample = rows[:SAMPLE_ROWS]
    widths = sorted(map(_filled, sample))
    typical = widths[len(widths) // 2]
    first = min((column for row in sample for column, cell in enumerate(row) if not is_blank(cell)), default=0)
    shapes = _identifier_shapes(_cell(row, first) for row in sample)
    length = 0
    for row in reversed(rows[1:][-MAX_FOOTER_ROWS:]):
        told = [cell for cell in row if not is_blank(cell)]
        is_total = bool(_TOTAL.fullmatch(raw_text(told[0]).rstrip(" :=")))
        begins = _cell(row, first)
        is_sparse = len(told) <= SPARSE * typical
        is_note = is_sparse and (is_blank(begins) or not (_shape(begins) in shapes or any(  # a study's name, say
            raw_text(_cell(other, first)) == raw_text(begins) and _filled(other) > SPARSE * typical for other in rows)))
        if not (is_total or is_note):
            break
        length += 1
    return length


def _without_headings(grid: Grid, body: list[int]) -> tuple[list[int], list[int]]:
    """The rows of data, and the lines among them that name a group ("Placebo (n = 12)") or are its totals.

    Such a line holds words where others hold an identifier, and identifiers do not look like them.
    """
    rows = [grid.rows[i] for i in body]
    if is_from_statistics(grid) or not 3 <= len(rows) <= LONGEST_LAID_OUT:
        return body, []
    typical = sorted(map(_filled, rows))[len(rows) // 2]
    first = min((column for row in rows for column, cell in enumerate(row) if not is_blank(cell)), default=0)
    usual = [_cell(row, first) for row in rows if _filled(row) > 1]
    shapes = _identifier_shapes(usual)
    if sum(_shape(cell) in shapes for cell in usual) < REGULAR * len(usual):
        return body, []  # no identifiers stand there, so that nothing can look unlike one
    headings = [i for i, row in zip(body, rows, strict=True) if typical >= LEAST_WIDTH
                and _shape(_cell(row, first)) not in shapes and _groups(_cell(row, first), _filled(row))]
    if len(headings) > MOST_HEADINGS * len(body):
        return body, []
    return [i for i in body if i not in headings], headings


def _groups(begins: Cell, filled: int) -> bool:
    """Whether a line with this cell where identifiers stand is a heading, with nothing beside it, or a total."""
    return (filled == 1 and "a" in _shape(begins)) or bool(_TOTAL.fullmatch(raw_text(begins).rstrip(" :=")))


def _heading_issues(grid: Grid, headings: list[int], grouped: RawColumn | None, where: Where) -> list[Issue]:
    if not headings:
        return []
    lines = [f'row {grid.row_number(i)} ("{raw_text(next(c for c in grid.rows[i] if not is_blank(c)))[:40]}")'
             for i in headings[:4]]
    more = f" and {len(headings) - 4} more" if len(headings) > 4 else ""
    kept = f' They stand beside the rows below them in the column "{grouped.name}".' if grouped else ""
    return [Issue(Severity.WARNING, "heading_rows", "Lines among the data were left out as headings or totals: "
                  f"{', '.join(lines)}{more}.{kept}", replace(where, row=grid.row_number(headings[0])),
                  "Check that column; if the lines are patients, choose the last row of data." if grouped else
                  "If they say what the rows below have in common (the arm), put that into a column of its own; if "
                  "they are patients, choose the last row of data.")]


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row)


def _identifier_shapes(cells: Iterable[Cell]) -> set[str]:
    """The usual shapes of a column's identifiers: one word, with digits or signs in it unless nearly all are such."""
    shapes = Counter(map(_shape, cells))
    total = shapes.total()
    return {shape for shape, count in shapes.items()
            if set(shape) & {"a", "9"} and " " not in shape and count >= (0.6 if shape == "a" else 0.05) * total}


def _shape(cell: Cell) -> str:
    """Letters as `a`, digits as `9`, repeats once: `KET-012` and `KET-7` are both `a-9`."""
    text = re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", raw_text(cell)))
    return re.sub(r"\s+", " ", text)


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def _widths(grid: Grid, header: HeaderRows, body: list[int]) -> tuple[int, list[Issue]]:
    """How many columns the table may have, and what is to be told of rows of other lengths (text files only)."""
    widest = max(map(len, map(grid.rows.__getitem__, (*header.names, *body))), default=0)
    if grid.lines is None or not header.names:
        return widest, []
    named = max(len(grid.rows[i]) for i in header.names)
    least = max(_filled_length(grid.rows[i]) for i in header.names)
    too_long = [i for i in body if len(grid.rows[i]) > named and _filled_length(grid.rows[i]) > named]
    too_short = [i for i in body if len(grid.rows[i]) < least]
    if len(too_long) > 0.5 * len(body):
        return widest, []
    where = Where(file=grid.file)
    found = []
    if too_long:
        found.append(Issue(Severity.ERROR, "rows_too_long", f"{_lines(grid, too_long)} more cells than the header's "
                           f"{named}; what stands beyond was left out.",
                           replace(where, row=grid.row_number(too_long[0])),
                           "Put text with commas in quotation marks, or save the table as xlsx."))
    if too_short:
        found.append(Issue(Severity.WARNING, "rows_too_short", f"{_lines(grid, too_short)} fewer cells than the "
                           f"header's {least}; the last ones were read as empty.",
                           replace(where, row=grid.row_number(too_short[0])),
                           "Check that no cell is missing in the middle of these lines."))
    return named, found


def _filled_length(row: Row) -> int:
    length = len(row)
    while length and is_blank(row[length - 1]):
        length -= 1
    return length


def _lines(grid: Grid, indexes: list[int]) -> str:
    numbers = [f"{grid.row_number(i):,}" for i in indexes]
    if len(numbers) == 1:
        return f"Line {numbers[0]} has"
    shown = ", ".join(numbers[:10]) + (f" and {len(numbers) - 10:,} more" if len(numbers) > 10 else "")
    return f"Lines {shown} have"


@dataclass(frozen=True)
class _Name:
    text: str
    label: str


def _columns(grid: Grid, header: HeaderRows, body: list[int], width: int,
             where: Where) -> tuple[tuple[RawColumn, ...], list[Issue]]:
    """The columns with a name or a value, in order, under unique names; and the issues of naming them."""
    names = _names(grid, header, width)
    kept: list[tuple[int, _Name, tuple[Cell, ...]]] = []
    for column, cells in enumerate(_turned([grid.rows[i] for i in body], width)):
        if column in grid.dropped:
            cells = (None,) * len(body)
        if names[column].text or not all(map(is_blank, cells)) or (not header.names and body):
            kept.append((column, names[column], cells))
    unique, issues = _unique_names(grid, [(column, name) for column, name, _ in kept], bool(header.names), where)
    return tuple(RawColumn(title, grid.first_column + column, cells, name.label, grid.value_labels.get(column, {}))
                 for title, (column, name, cells) in zip(unique, kept, strict=True)), issues


def _turned(rows: Sequence[Row], width: int) -> Iterator[tuple[Cell, ...]]:
    """Rows as `width` columns, empty where a row is shorter; block by block, as a million rows at once take long."""
    columns: list[list[Cell]] = [[] for _ in range(width)]
    for start in range(0, len(rows), _BLOCK):
        block = rows[start:start + _BLOCK]
        parts = list(zip_longest(*block))
        for at, column in enumerate(columns):
            column.extend(parts[at] if at < len(parts) else (None,) * len(block))
    for at in range(width):
        yield tuple(columns[at])
        columns[at] = []


def _names(grid: Grid, header: HeaderRows, width: int) -> list[_Name]:
    """Each column's name (the lowest filled cell) and label (group names above, notes, a package's variable label)."""
    rows = [[_fold(_cell(grid.rows[i], column)) for column in range(width)] for i in header.names]
    groups = [_spread(row) for row in rows]
    found = []
    for column in range(width):
        lowest = next((r for r in reversed(range(len(rows))) if rows[r][column]), None)
        upper = [] if lowest is None else [group[column] for group in groups[:lowest]]
        notes = [_fold(_cell(grid.rows[i], column)) for i in header.notes]
        label = grid.column_labels.get(column) or " ".join(part for part in (*upper, *notes) if part)
        found.append(_Name("" if lowest is None else rows[lowest][column], label))
    return _told_apart(found)


def _spread(row: list[str]) -> list[str]:
    """The name of the group each column stands in: its own cell, or the nearest filled one on the left."""
    spread, group = [], ""
    for cell in row:
        group = cell or group
        spread.append(group)
    return spread


def _told_apart(names: list[_Name]) -> list[_Name]:
    """Names that stand in several groups (`day 7` under MADRS and under HRSD) get their group's name in front."""
    often = Counter(name.text for name in names if name.text)
    return [replace(name, text=f"{name.label} {name.text}") if often[name.text] > 1 and name.label else name
            for name in names]


def _fold(cell: Cell) -> str:
    """A header cell as one line: line breaks, tabs and runs of blanks become one blank."""
    return " ".join(raw_text(cell).split())


def _unique_names(grid: Grid, names: list[tuple[int, _Name]], has_header: bool,
                  where: Where) -> tuple[list[str], list[Issue]]:
    taken = {name.text for _, name in names if name.text}
    used: set[str] = set()
    result: list[str] = []
    issues: list[Issue] = []
    unnamed: list[str] = []
    for column, name in names:
        letter = column_letter(grid.first_column + column)
        title = name.text or f"Column {letter}"
        if title in used or (not name.text and title in taken):
            title = next(f"{title} ({n})" for n in range(2, len(names) + 3) if f"{title} ({n})" not in used | taken)
        if name.text and title != name.text:
            issues.append(Issue(Severity.WARNING, "duplicate_name", f'A second column is called "{name.text}"; it is '
                                f'shown as "{title}".', replace(where, column=title),
                                "Check which of them is meant when you map it."))
        elif not name.text and has_header:
            unnamed.append(title)
        used.add(title)
        result.append(title)
    return result, issues + _unnamed_issue(unnamed, where)


def _unnamed_issue(titles: list[str], where: Where) -> list[Issue]:
    if not titles:
        return []
    one = len(titles) == 1
    text = ("A column holds values and has no name; it is" if one else
            f"{len(titles)} columns hold values and have no name; they are") + f" shown as: {', '.join(titles)}."
    return [Issue(Severity.WARNING, "unnamed_column", text, replace(where, column=titles[0]) if one else where,
                  "Name it in the file, or map it by its letter.")]


def _title(rows: Iterable[Row]) -> str:
    lines = [" ".join(_fold(cell) for cell in row if not is_blank(cell)) for row in rows]
    return " / ".join(line for line in lines if line)[:MAX_TITLE]


def _header_issues(grid: Grid, header: HeaderRows, where: Where) -> list[Issue]:
    if not header.names:
        return [Issue(Severity.QUESTION, "no_header", "No row names the columns; they are called by their letters.",
                      where, "Choose the header row, or confirm that there is none.")]
    first, last = grid.row_number(header.first), grid.row_number(header.last)
    if not header.is_certain:
        return [Issue(Severity.QUESTION, "header_unclear", f"Several rows could name the columns; rows {first} to "
                      f"{last} were taken.", replace(where, row=last), "Look at the rows and choose the header row.")]
    if header.first > 0 and any(not all(map(is_blank, row)) for row in grid.rows[:header.first]):
        return [Issue(Severity.NOTE, "title_rows", f"The rows above row {first} were read as a title.",
                      replace(where, row=last), "Choose another header row if they are more than that.")]
    return []


def _footer_issues(grid: Grid, left_out: list[int], where: Where) -> list[Issue]:
    if not left_out:
        return []
    numbers = [grid.row_number(i) for i in left_out]
    text = raw_text(next(cell for cell in grid.rows[left_out[0]] if not is_blank(cell)))
    text = text[:60] + ("..." if len(text) > 60 else "")
    rows = f"Row {numbers[0]}" if len(numbers) == 1 else f"Rows {numbers[0]} to {numbers[-1]}"
    were = "was" if len(numbers) == 1 else "were"
    return [Issue(Severity.WARNING, "footer_rows",
                  f'{rows} below the data ("{text}") {were} left out as notes or totals.',
                  replace(where, row=numbers[0]),
                  "Choose the last row of data if they are patients.")]


def _crosstab(header: HeaderRows, columns: Sequence[RawColumn], where: Where) -> list[Issue]:
    """A table of counts by groups: several header rows, first column filled in blocks, whole numbers in the rest."""
    if len(header.names) < 2 or len(columns) < 4 or not columns[0].cells:
        return []
    texts = [column for column in columns if any(cell_kind(cell) == "t" for cell in column.cells)]
    counts = [column for column in columns if column not in texts and column.counts]
    blocks = bool(texts) and texts[0] is columns[0] and sum(map(is_blank, texts[0].cells)) >= 0.3 * len(texts[0].cells)
    if blocks and len(counts) >= 3 and all(re.fullmatch(r"\d+", text) for column in counts for text in column.counts):
        return [Issue(Severity.QUESTION, "not_patient_rows", "This looks like a table of counts by groups, not a table "
                      "with one row per patient.", where,
                      "Add the file with the patients' own rows, or confirm the layout.")]
    return []
