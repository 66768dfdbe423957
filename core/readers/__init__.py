"""From files to grids of cells.

Which reader takes a file is decided by its bytes, not by its name: a renamed file is read as what it is.

To add one: write `core/readers/<kind>.py` with a test of the first bytes and a function
`(source, reading, progress) -> tuple[Grid, ...]`, and list both in `READERS`, before the text reader, which takes
whatever is left. Tests: `tests/core/readers/test_<kind>.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import UserError, Where
from core.mapping import Reading
from core.progress import Progress, silent
from core.readers.cut_copy import is_cut_copy, read_cut_copy
from core.readers.delimited import read_delimited
from core.readers.excel import is_workbook, read_workbook
from core.readers.statistical import is_statistical, read_statistical
from core.sources import Grid, SourceFile


@dataclass(frozen=True)
class Reader:
    """A kind of file: how its bytes are recognized, and the function that reads it."""

    name: str
    extensions: tuple[str, ...]
    """For file dialogs and folder searches only."""
    recognizes: Callable[[bytes], bool]
    read: Callable[[SourceFile, Reading, Progress], tuple[Grid, ...]]
    largest: int = 2 * 1024**3
    """Bytes; a larger file is refused before it is read into memory."""
    is_one_table: bool = False
    """Whether such a file holds one table and no sheets."""


READERS = (
    Reader("Cut copy", (), is_cut_copy, lambda source, reading, progress: read_cut_copy(source)),
    Reader("Workbook", (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), is_workbook,
           lambda source, reading, progress: read_workbook(source, progress)),
    Reader("Statistical package", (".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt"), is_statistical,
           lambda source, reading, progress: read_statistical(source, progress), is_one_table=True),
    Reader("Text", (".csv", ".tsv", ".txt", ".dat"), lambda content: True, read_delimited, 500 * 1024**2, True),
)

EXTENSIONS = tuple(extension for reader in READERS for extension in reader.extensions)


def read_grids(source: SourceFile, reading: Reading = Reading(),  # noqa: B008 - frozen
               progress: Progress = silent) -> tuple[Grid, ...]:
    """Every sheet of a file (one grid for text and statistical files).

    Raises UserError naming the file and what to do, where it is empty, damaged, encrypted or no table.
    """
    if not source.content:
        raise UserError("The file is empty (0 bytes).", Where(file=source.name),
                        "Copy it again; files kept online may first have to be downloaded.")
    return reader_of(source.content).read(source, reading, progress)


def reader_of(content: bytes) -> Reader:
    """The reader for a file, by its first bytes."""
    return next(reader for reader in READERS if reader.recognizes(content))
