"""What a fast reader of values leaves out of an xlsx sheet: hidden rows and columns, merged and error cells, extent.

The sheet's XML is searched for the few attributes wanted instead of being parsed, so that a sheet of a million cells
takes a second or two.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from core.errors import Where
from core.readers.archive import read_part

MAX_CELLS = 60_000_000
"""Cells a sheet's used range may span; a stray cell at the far end of a sheet would ask for 17 billion."""
COLUMNS_OF_A_SHEET = 16_384

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_CELL_COLUMN = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]{1,3})\d+["'][^>]*?(?<!/)>""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*?\br=["']([A-Z]+\d+)["'][^>]*>.*?"""
                    rb"<(?:\w+:)?v>([^<]*)<", re.S)
_MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\bref=["']([A-Z0-9:]+)["']""")


@dataclass(frozen=True)
class SheetDetails:
    """Rows and columns counted from 1; cells and ranges as the spreadsheet program writes them (`B4`, `A1:A3`)."""

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    """Cells with an error value, as (cell, error)."""
    span: int = 0
    """Upper bound of the number of cells between A1 and the last used cell."""


def sheet_paths(archive: zipfile.ZipFile, where: Where) -> dict[str, str]:
    """Sheet name -> path of its XML in an xlsx container. Empty for other workbooks. Raises UserError if damaged."""
    try:
        book = ElementTree.fromstring(read_part(archive, "xl/workbook.xml", where))
        links = ElementTree.fromstring(read_part(archive, "xl/_rels/workbook.xml.rels", where))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for sheet in book.iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        target = targets.get(key, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if path in archive.namelist():
            found[sheet.get("name", "")] = path
    return found


def read_sheet_details(xml: bytes) -> SheetDetails:
    """Search a worksheet's XML for what `SheetDetails` names."""
    start = xml.find(b"sheetData")
    head = xml[:start] if start >= 0 else xml
    hidden_rows = [_row_number(match.group(1)) for match in _ROW.finditer(xml) if _HIDDEN.search(match.group(1))] \
        if b"hidden=" in xml else []
    return SheetDetails(
        hidden_rows=tuple(row for row in hidden_rows if row),
        hidden_columns=tuple(_hidden_columns(head)),
        merged=tuple(match.group(1).decode() for match in _MERGE.finditer(xml)),
        errors=tuple((cell.decode(), value.decode()) for cell, value in _ERROR.findall(xml))
        if b't="e"' in xml or b"t='e'" in xml else (),
        span=_span(xml))


def _row_number(attributes: bytes) -> int:
    found = _NUMBER.search(attributes)
    return int(found.group(1)) if found else 0


def _hidden_columns(head: bytes) -> list[int]:
    hidden: list[int] = []
    for match in _COLUMN.finditer(head):
        attributes = match.group(1)
        first = re.search(rb"""\bmin=["'](\d+)""", attributes)
        last = re.search(rb"""\bmax=["'](\d+)""", attributes)
        if _HIDDEN.search(attributes) and first and last:
            hidden += range(int(first.group(1)), min(int(last.group(1)), COLUMNS_OF_A_SHEET) + 1)
    return hidden


def _span(xml: bytes) -> int:
    """Last row times last column with content; columns are looked at only where the rows alone leave it open."""
    last_row = max(_last_row(xml), 1)
    if last_row * COLUMNS_OF_A_SHEET <= MAX_CELLS:
        return last_row * COLUMNS_OF_A_SHEET
    columns = set(_CELL_COLUMN.findall(xml))
    return last_row * max((_column_number(letters) for letters in columns), default=1)


def _last_row(xml: bytes) -> int:
    at = max(xml.rfind(b"<row "), xml.rfind(b":row "))
    match = _ROW.match(xml, at) if at >= 0 and xml[at:at + 1] == b"<" else None
    number = _row_number(match.group(1)) if match else 0
    return number or max((_row_number(found.group(1)) for found in _ROW.finditer(xml)), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
