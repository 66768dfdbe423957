"""The first rows of a long text file, before all of it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import UserError
from core.readers import read_grids, reader_of
from core.readers.delimited import read_delimited
from core.sources import RawTable, SourceFile
from core.table_layout import find_table

LONG = 5_000_000
"""Bytes from which on reading takes long enough to show the beginning first."""
_HEAD = 256 * 1024


@dataclass(frozen=True)
class Preview:
    """The table that the beginning of a file makes, and about how many rows the whole file has."""

    table: RawTable = field(repr=False)
    rows: int

    @property
    def words(self) -> str:
        """For example "30 columns (id, treatment, age, ...), about 1,000,000 rows"."""
        names = [column.name for column in self.table.columns]
        more = ", ..." if len(names) > 3 else ""
        size = 10 ** max(len(f"{self.rows}") - 2, 0)
        return f"{len(names)} columns ({', '.join(names[:3])}{more}), about {round(self.rows / size) * size:,} rows"


def preview(source: SourceFile, least: int = LONG) -> Preview | None:
    """The beginning of a text file of at least so many bytes; None for any other, or where it makes no table."""
    content = source.content
    if len(content) < least or reader_of(content).read is not read_delimited:
        return None
    end = content.rfind(b"\n", 0, _HEAD)
    head = content[:_HEAD if end < 0 else end + 1]
    try:
        table = find_table(read_grids(SourceFile(source.name, head))[0])
    except UserError:
        return None
    return Preview(table, round(len(table.rows) * len(content) / len(head)))
