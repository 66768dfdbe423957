"""What a zip container holds, and whether it is safe to unpack; decided from its directory alone."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from core.errors import UserError, Where
from core.sources import SourceFile

MAX_UNPACKED = 1_500_000_000
"""Bytes a workbook may unpack to."""
MAX_RATIO = 200
"""How many times larger than packed a large part may be; spreadsheets are near 10, bombs near 1,000."""
LARGE_PART = 20_000_000
"""Bytes below which a part's ratio does not matter."""

READABLE_COMPRESSION = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError)
"""What reading a damaged container can raise (NotImplementedError, for odd compression, is a RuntimeError)."""


def open_workbook_archive(source: SourceFile) -> zipfile.ZipFile:
    """The zip container of a workbook (xlsx, xlsm, xlsb, ods), checked to be one and safe to unpack.

    Raises UserError for a damaged or oversized container and for an archive that is not a workbook.
    """
    where = Where(file=source.name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.content))
    except DAMAGES:
        raise damaged(where) from None
    _check_size(archive, where)
    _check_kind(archive, source.name, where)
    return archive


def read_part(archive: zipfile.ZipFile, path: str, where: Where) -> bytes:
    """One part of the container, unpacked. Raises UserError where it is damaged, KeyError where it is not there."""
    try:
        return archive.read(path)
    except DAMAGES:
        raise damaged(where) from None


def damaged(where: Where) -> UserError:
    """The error for a container that cannot be unpacked."""
    return UserError("The workbook is damaged or was only partly copied.", where,
                     "Copy it again, or open it in a spreadsheet program and save it anew.")


def _check_size(archive: zipfile.ZipFile, where: Where) -> None:
    total = sum(part.file_size for part in archive.infolist())
    worst = max((part.file_size / max(part.compress_size, 1) for part in archive.infolist()
                 if part.file_size > LARGE_PART), default=0)
    if total > MAX_UNPACKED or worst > MAX_RATIO:
        packed = sum(part.compress_size for part in archive.infolist())
        raise UserError(f"The workbook would unpack to {total / 1e6:,.0f} MB, {total / max(packed, 1):,.0f} times its "
                        "size, and was not opened.", where,
                        "Copy the data to a new workbook and save that, or save the sheet as CSV.")


def _check_kind(archive: zipfile.ZipFile, source_name: str, where: Where) -> None:
    names = archive.namelist()
    if any(name.lower() in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for name in names):
        if {part.compress_type for part in archive.infolist()} - READABLE_COMPRESSION:
            raise UserError("The workbook is packed in a way that cannot be read.", where,
                            "Open it in a spreadsheet program and save it anew.")
        return
    if any(name.startswith("word/") for name in names):
        raise UserError("This is a Word document, not a table.", where, "Save its table as a workbook or as CSV.")
    if "[Content_Types].xml" in names or not names or any(name.startswith("xl/") for name in names):
        raise UserError("The workbook is damaged: its list of sheets is missing.", where,
                        "Copy it again, or open it in a spreadsheet program and save it anew.")
    if source_name.lower().endswith((".xlsx", ".xlsm", ".xlsb", ".ods")):
        raise UserError("The workbook is damaged: it holds no sheets.", where,
                        "Copy it again, or open it in a spreadsheet program and save it anew.")
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    raise UserError(f"This is a zip archive ({shown}), not a table.", where, "Unpack it and add the files in it.")
