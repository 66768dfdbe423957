"""Files that are no study but belong to one: a codebook in a file of its own, as REDCap's data dictionary is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.assembly import read_table
from core.codebook import Entry, read_codebook, share_named
from core.errors import UserError
from core.readers import read_grids
from core.sources import RawTable, SourceFile

FEWEST = 3
"""Entries that a codebook in a file of its own has at least."""
LARGEST = 5_000_000
"""Bytes; a larger file is not looked at as a codebook."""
SHARE = 0.5
"""Of its entries, at least so many must be columns of the study's file."""


def find_codebooks(sources: Mapping[str, SourceFile], taken: Collection[str]) -> dict[str, str]:
    """File -> the file that says what its columns mean, of those that no study has taken; the one that fits best."""
    books = {name: entries for name, source in sources.items()
             if name not in taken and len(entries := _entries(source)) >= FEWEST}
    if not books:
        return {}
    found: dict[str, tuple[float, str]] = {}
    for name, source in sources.items():
        table = None if name in books else _table(source)
        for book, entries in books.items() if table else ():
            share = share_named(entries, table.columns) if table else 0.0
            if share >= SHARE and share > found.get(name, (0.0, ""))[0]:
                found[name] = (share, book)
    return {name: book for name, (_, book) in found.items()}


def _entries(source: SourceFile) -> dict[str, Entry]:
    """What a file says of columns, if all of its sheets do nothing else."""
    if len(source.content) > LARGEST:
        return {}
    try:
        found = [read_codebook(grid) for grid in read_grids(source) if any(grid.rows)]
    except UserError:
        return {}
    return {key: entry for entries in found for key, entry in entries.items()} if found and all(found) else {}


def _table(source: SourceFile) -> RawTable | None:
    try:
        return read_table(read_grids(source))
    except UserError:
        return None
