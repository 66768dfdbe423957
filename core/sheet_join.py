"""Sheets about the same patients as one table: a row a patient, or a row a patient and visit where one has visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.errors import Issue, Severity, Where
from core.plain_text import fold
from core.sheet_parts import Part, SheetName, same_texts, says_nothing_of_its_own
from core.sources import Cell, Place, RawColumn, RawTable, raw_text

SHARED = 0.5
"""Share of a sheet's patients that must stand on the other sheets to belong to them."""
SHOWN = 5

Key = tuple[str, str]
"""A row of the joined table: the patient's id and the visit's text."""


@dataclass(frozen=True)
class _Side:
    """A part in the joined table: which of its rows each key has, and the columns it brings."""

    part: Part
    visit: RawColumn | None = None
    row_of: dict[Key, int] = field(default_factory=dict, repr=False)

    def row(self, key: Key) -> int | None:
        """The row for a key; a part with a row a patient has it at each visit."""
        return self.row_of.get(key if self.visit is not None else (key[0], ""))


def join(parts: Sequence[Part]) -> tuple[RawTable, list[str]]:
    """The parts that belong together as one table, and the sheets of those that were left."""
    people = [part for part in parts if part.is_one_row_each]
    visits = _visit_sides([part for part in parts if not part.is_one_row_each])
    sides = _connected([_Side(part, None, _rows_of(part, None)) for part in people], visits)
    used = {side.part.sheet for side in sides}
    left = [part.sheet for part in parts if part.sheet not in used]
    return _table(sides), left


def _visit_sides(parts: Sequence[Part]) -> list[_Side]:
    """The part whose rows are visits, and others with the same visits under the same name."""
    named = [part for part in parts if part.visit_column is not None]
    first = named[0] if named else parts[0] if len(parts) == 1 else None
    if first is None:
        return []
    if first.visit_column is None:  # only rows of one part: each is a visit of its own
        return [_Side(first, first.id_column, _numbered(first))]
    sides = [_Side(first, first.visit_column, _rows_of(first, first.visit_column))]
    for part in named[1:]:
        visit = part.visit_column
        if visit is not None and fold(visit.name) == fold(first.visit_column.name):
            rows = _rows_of(part, visit)
            if len(rows.keys() & sides[0].row_of.keys()) >= SHARED * min(len(rows), len(sides[0].row_of)):
                sides.append(_Side(part, visit, rows))
    return sides


def _rows_of(part: Part, visit: RawColumn | None) -> dict[Key, int]:
    return {(key, raw_text(visit.cells[i]) if visit else ""): i for i, key in enumerate(part.keys) if key}


def _numbered(part: Part) -> dict[Key, int]:
    seen: Counter[str] = Counter()
    rows: dict[Key, int] = {}
    for i, key in enumerate(part.keys):
        seen[key] += 1
        rows[key, str(seen[key])] = i
    return {key: i for key, i in rows.items() if key[0]}


def _connected(people: list[_Side], visits: list[_Side]) -> list[_Side]:
    """The sides that share patients with the first ones, in order."""
    start = visits[0] if visits else people[0] if people else None
    if start is None:
        return []
    ids, kept, waiting = set(start.part.ids), [start], [side for side in (*people, *visits) if side is not start]
    while waiting:
        found = next((side for side in waiting
                      if len(ids & side.part.ids) >= SHARED * min(len(ids), len(side.part.ids))
                      and not any(side.part.is_about_others(one.part) for one in kept)), None)
        if found is None:
            break
        waiting.remove(found)
        kept.append(found)
        ids |= found.part.ids
    order = {id(side): i for i, side in enumerate((*people, *visits))}
    return sorted(kept, key=lambda side: order[id(side)])


def _table(sides: Sequence[_Side]) -> RawTable:
    """All sides by patient (and visit): the ids, then each side's columns."""
    if not sides:
        return RawTable("", None, 0, (), ())
    keys = _keys(sides)
    first = sides[0].part.table
    columns = [_id_column(sides, keys)]
    visit_sides = [side for side in sides if side.visit is not None and side.visit is not side.part.id_column]
    if visit_sides:
        columns.append(_visit_column(visit_sides, keys))
    for side in sides:
        for column in side.part.others:
            if column is side.visit:
                continue
            spread = _spread(column, side, keys)
            columns += _added(spread, side, columns, sides)
    return RawTable(first.file, first.sheet, first.header_row, tuple(columns), tuple(range(1, len(keys) + 1)),
                    " / ".join(dict.fromkeys(side.part.table.title for side in sides if side.part.table.title)),
                    tuple(_unmatched(sides)), " / ".join(filter(None, (side.part.table.notes for side in sides))))


def _keys(sides: Sequence[_Side]) -> list[Key]:
    """Patients in order of appearance, each with all visits that some sheet has, or one row without."""
    visits: dict[str, dict[str, None]] = {}
    for side in sides:
        for key, visit in side.row_of:
            own = visits.setdefault(key, {})
            if side.visit is not None:
                own[visit] = None
    return [(key, visit) for key, own in visits.items() for visit in (own or {"": None})]


def _spread(column: RawColumn, side: _Side, keys: Sequence[Key]) -> RawColumn:
    rows = [side.row(key) for key in keys]
    cells: tuple[Cell, ...] = tuple(None if row is None else column.cells[row] for row in rows)
    return replace(column, cells=cells, places=tuple(_place(side.part, column, row) for row in rows))


def _place(part: Part, column: RawColumn, row: int | None) -> Place | None:
    if row is None:
        return None
    return column.places[row] if column.places else Place(part.table.sheet, part.table.rows[row])


def _id_column(sides: Sequence[_Side], keys: Sequence[Key]) -> RawColumn:
    """The ids as the first sheet that has them writes them; their places are those of the visits."""
    cells: dict[str, Cell] = {}
    for side in sides:
        for key, cell in zip(side.part.keys, side.part.id_column.cells, strict=True):
            cells.setdefault(key, cell)
    by_visit = sorted(sides, key=lambda side: side.visit is None)
    places = tuple(next((_place(side.part, side.part.id_column, row) for side in by_visit
                         if (row := side.row(key)) is not None), None) for key in keys)
    return replace(sides[0].part.id_column, cells=tuple(cells[key] for key, _ in keys), places=places)


def _visit_column(sides: Sequence[_Side], keys: Sequence[Key]) -> RawColumn:
    merged = [_spread(side.visit, side, keys) for side in sides if side.visit is not None]
    cells = tuple(next((cell for cell in row if cell is not None), None)
                  for row in zip(*(column.cells for column in merged), strict=True))
    places = tuple(next((place for place in row if place is not None), None)
                   for row in zip(*(column.places for column in merged), strict=True))
    return replace(merged[0], cells=cells, places=places)


def _added(column: RawColumn, side: _Side, there: Sequence[RawColumn], sides: Sequence[_Side]) -> list[RawColumn]:
    """The column under a name of its own; nothing if one of that name says the same.

    What stands once a patient makes way for what stands at each visit.
    """
    name = SheetName(side.part.sheet)
    rivals = [one for one in sides if one.visit is not None] if side.visit is not None else sides
    same = next((one for one in there if fold(one.name) == fold(column.name)), None)
    if same is not None and not name.belongs_to_columns and _says_the_same(same, column):
        return []
    taken = {one.name for one in there}
    title = column.name
    if name.belongs_to_columns or says_nothing_of_its_own(title) or title in taken or not _is_same_everywhere(
            column.name, rivals):
        title = f"{side.part.sheet} {column.name}"
    while title in taken:
        title += "'"
    return [replace(column, name=title)]


def _says_the_same(one: RawColumn, other: RawColumn) -> bool:
    """Whether two columns agree wherever both are filled, and are filled together somewhere."""
    both = any(a is not None and b is not None for a, b in zip(one.cells, other.cells, strict=True))
    return both and same_texts(one.cells, other.cells)


def _is_same_everywhere(name: str, sides: Sequence[_Side]) -> bool:
    """Whether the columns of one name agree for every patient of several sheets; one sheet's agrees with itself."""
    if sum(fold(column.name) == fold(name) for side in sides for column in side.part.others) < 2:
        return True
    known: dict[str, str] = {}
    for side in sides:
        for column in side.part.others:
            if fold(column.name) == fold(name):
                for key, cell in zip(side.part.keys, column.cells, strict=True):
                    text = raw_text(cell)
                    if text and known.setdefault(key, text) != text:
                        return False
    return True


def _unmatched(sides: Sequence[_Side]) -> list[Issue]:
    """Patients of one sheet that another sheet does not have."""
    everyone = set().union(*(side.part.ids for side in sides))
    found = []
    for side in sides:
        without = [key for key in dict.fromkeys(key for one in sides for key in one.part.keys if key)
                   if key in everyone - side.part.ids]
        if without:
            named = ", ".join(without[:SHOWN]) + (", ..." if len(without) > SHOWN else "")
            are = "patient of other sheets is" if len(without) == 1 else "patients of other sheets are"
            found.append(Issue(Severity.WARNING, "ids_unmatched", f'{len(without)} {are} not on the sheet '
                               f'"{side.part.sheet}": {named}.', Where(side.part.table.file, side.part.sheet),
                               "Check that their ids are written in the same way on all sheets."))
    return found
