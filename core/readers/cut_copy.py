"""Cut copies: what a file of any kind was read as, without the columns that were dropped for privacy.

The same sheets, rows, cell kinds, texts, labels and places as the file's own reader gave, as JSON, so that every place
that is told is still the place in the file. A project stores this instead of the file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from core.errors import Issue, UserError, Where
from core.sources import Cell, Grid, Layout, SourceFile

BEGINNING = b'{"modscope_cut_copy": 1, '

_PLAIN = frozenset({type(None), str, float, int, bool})
"""Kinds of cells that JSON has a form for."""
_ISSUES = TypeAdapter(tuple[Issue, ...])
_LAYOUT = TypeAdapter(Layout)


def is_cut_copy(content: bytes) -> bool:
    """Whether the bytes are a cut copy."""
    return content.startswith(BEGINNING)


def write_cut_copy(name: str, grids: Sequence[Grid], came_as: str) -> SourceFile:
    """Grids as a file that `read_cut_copy` reads back identically; `came_as` is the hash of the file as it came."""
    text = json.dumps([_sheet(grid) for grid in grids], ensure_ascii=False, separators=(",", ":"))
    return SourceFile(name, BEGINNING + b'"sheets": ' + text.encode("utf-8", "surrogatepass") + b"}", came_as)


def read_cut_copy(source: SourceFile) -> tuple[Grid, ...]:
    """The grids of a cut copy. Raises UserError where it is damaged."""
    try:
        sheets = json.loads(source.content.decode("utf-8", "surrogatepass"))["sheets"]
        return tuple(_grid(source.name, sheet) for sheet in sheets)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError("The project's copy of the file is damaged.", Where(file=source.name),
                        "Add the file again.") from None


def _sheet(grid: Grid) -> dict[str, Any]:
    return {
        "sheet": grid.sheet, "first_row": grid.first_row, "first_column": grid.first_column, "hidden": grid.hidden,
        "lines": grid.lines, "column_labels": {str(i): text for i, text in grid.column_labels.items()},
        "value_labels": {str(i): dict(labels) for i, labels in grid.value_labels.items()},
        "issues": json.loads(_ISSUES.dump_json(grid.issues)), "dropped": sorted(grid.dropped),
        "layout": {one.name: getattr(grid.layout, one.name) for one in fields(grid.layout)} if grid.layout else None,
        "rows": [[cell if cell.__class__ in _PLAIN else _written(cell) for cell in row] for row in grid.rows],
    }


def _grid(file: str, sheet: Mapping[str, Any]) -> Grid:
    return Grid(
        file=file, sheet=sheet["sheet"], first_row=sheet["first_row"], first_column=sheet["first_column"],
        hidden=sheet["hidden"], lines=tuple(sheet["lines"]) if sheet["lines"] is not None else None,
        column_labels={int(i): text for i, text in sheet["column_labels"].items()},
        value_labels={int(i): labels for i, labels in sheet["value_labels"].items()},
        issues=_ISSUES.validate_python(sheet["issues"]), dropped=frozenset(sheet["dropped"]),
        layout=_LAYOUT.validate_python(sheet["layout"]) if sheet["layout"] else None,
        rows=tuple(tuple(_read(cell) if cell.__class__ is dict else cell for cell in row) for row in sheet["rows"]))


def _written(cell: Cell) -> dict[str, Any]:
    """Cells that JSON has no form for."""
    if isinstance(cell, dt.datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, dt.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, dt.time):
        return {"time": cell.isoformat()}
    if isinstance(cell, dt.timedelta):
        return {"days": cell.days, "seconds": cell.seconds, "microseconds": cell.microseconds}
    raise TypeError(type(cell).__name__)


def _read(cell: dict[str, Any]) -> Cell:
    if "datetime" in cell:
        return dt.datetime.fromisoformat(cell["datetime"])
    if "date" in cell:
        return dt.date.fromisoformat(cell["date"])
    if "time" in cell:
        return dt.time.fromisoformat(cell["time"])
    return dt.timedelta(cell["days"], cell["seconds"], cell["microseconds"])
