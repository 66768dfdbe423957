"""A look through the records of an old xls workbook before it is read in earnest.

A damaged record can name a cell in column 65,000, for which a reader of values would ask for gigabytes and bring the
program down. The records also tell a password and the cells that hold an error.

Source: [MS-CFB] (the container), [MS-XLS] 2.4 (the records).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.sources import column_letter

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")

_END_OF_CHAIN = 0xFFFFFFFA  # this and all above mark ends and free sectors
_STREAM_NAMES = ("workbook", "book")
_FILEPASS, _BEGIN, _SHEET = 0x2F, 0x809, 0x85
_CELLS = frozenset({0x203, 0x204, 0x205, 0x27E, 0xFD, 0x06, 0x206, 0x406, 0xBD, 0xBE, 0xD6, 0x201})
_ERROR_CELL = 0x205
_COLUMNS = 256
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


class DamagedWorkbook(ValueError):
    """The container's sectors or the workbook's records contradict themselves."""


@dataclass
class XlsRecords:
    """What the records tell: whether a password is needed, and by sheet position the cells with an error."""

    encrypted: bool = False
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Sheet name -> (cell, error)."""


def scan_xls(content: bytes) -> XlsRecords:
    """Walk the records of an xls file (n bytes, O(n)). Raises DamagedWorkbook where they cannot be right."""
    found = XlsRecords()
    starts: dict[int, str] = {}
    sheet = ""
    for at, kind, body in _records(_workbook_stream(content)):
        if kind == _FILEPASS:
            found.encrypted = True
            return found
        if kind == _SHEET and len(body) > 8:
            starts[struct.unpack_from("<I", body)[0]] = _sheet_name(body)
        elif kind == _BEGIN:
            sheet = starts.get(at, "")
        elif kind in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            if column >= _COLUMNS:
                raise DamagedWorkbook("a cell lies beyond the last column a sheet can have")
            if kind == _ERROR_CELL and len(body) >= 8 and body[7] == 1:
                cell = f"{column_letter(column + 1)}{row + 1}"
                found.errors.setdefault(sheet, []).append((cell, _ERRORS.get(body[6], "#ERROR")))
    return found


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Position, kind and body of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4:at + 4 + size]
        at += 4 + size


def _sheet_name(body: bytes) -> str:
    """The name in a BOUNDSHEET record: length, then a flag for two-byte letters."""
    length, wide = body[6], body[7] & 1
    return body[8:8 + length * 2].decode("utf-16-le", "replace") if wide else body[8:8 + length].decode("latin-1")


def _workbook_stream(content: bytes) -> bytes:
    """The bytes of the stream `Workbook` (or `Book`) in an OLE container; a bare stream of records as it is."""
    if not content.startswith(OLE_MAGIC):
        return content
    try:
        sector = 1 << struct.unpack_from("<H", content, 30)[0]
        if sector not in (512, 4096):
            raise DamagedWorkbook("its sectors have no valid size")
        (first_directory,) = struct.unpack_from("<I", content, 48)
        small_limit, first_small = struct.unpack_from("<II", content, 56)
        table = _sector_table(content, sector)
        directory = _chain(content, first_directory, table, sector, sector)
        root, stream = _entries(directory)
        start, size = stream
        if size >= small_limit:
            return _chain(content, start, table, sector, sector)[:size]
        smalls = _chain(content, first_small, table, sector, sector)
        small_table = list(struct.unpack(f"<{len(smalls) // 4}I", smalls[:len(smalls) // 4 * 4]))
        return _chain(_chain(content, root[0], table, sector, sector), start, small_table, 64, 0)[:size]
    except struct.error:
        raise DamagedWorkbook("it ends too early") from None


def _sector_table(content: bytes, sector: int) -> list[int]:
    """The container's allocation table: the next sector of each sector."""
    blocks = [block for block in struct.unpack_from("<109I", content, 76) if block < _END_OF_CHAIN]
    following, count = struct.unpack_from("<II", content, 68)
    per_block = sector // 4 - 1
    for _ in range(min(count, len(content) // sector)):
        if following >= _END_OF_CHAIN:
            break
        more = struct.unpack_from(f"<{per_block + 1}I", content, (following + 1) * sector)
        blocks += [block for block in more[:per_block] if block < _END_OF_CHAIN]
        following = more[per_block]
    parts = [content[(block + 1) * sector:(block + 2) * sector] for block in blocks]
    whole = b"".join(part[:len(part) // 4 * 4] for part in parts)
    return list(struct.unpack(f"<{len(whole) // 4}I", whole))


def _chain(content: bytes, start: int, table: list[int], size: int, offset: int) -> bytes:
    """The bytes of a chain of sectors, the first of which lies at `offset`."""
    parts: list[bytes] = []
    while start < _END_OF_CHAIN:
        if start >= len(table) or len(parts) > len(table):
            raise DamagedWorkbook("its sectors do not follow one another")
        parts.append(content[offset + start * size:offset + (start + 1) * size])
        start = table[start]
    return b"".join(parts)


def _entries(directory: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """(first sector, size) of the root entry and of the workbook's stream."""
    found: dict[str, tuple[int, int]] = {}
    for at in range(0, len(directory) - 127, 128):
        length = min(struct.unpack_from("<H", directory, at + 64)[0], 64)
        name = directory[at:at + max(length - 2, 0)].decode("utf-16-le", "replace").casefold()
        found.setdefault(name, struct.unpack_from("<II", directory, at + 116))
    stream = next((found[name] for name in _STREAM_NAMES if name in found), None)
    if stream is None:
        raise DamagedWorkbook("it holds no workbook")
    return found.get("root entry", (_END_OF_CHAIN, 0)), stream
