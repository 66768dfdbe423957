"""Text files: comma, semicolon, tab or bar between cells, any line end, most encodings."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import islice, pairwise
from typing import Any

from core.errors import Issue, Severity, UserError, Where
from core.mapping import Reading
from core.progress import Progress
from core.readers.encoding import detect_encoding
from core.readers.plain_lines import read_plain_lines
from core.sources import Cell, Grid, SourceFile

DELIMITERS = ("\t", ";", "|", ",")
"""Those that split the lines equally well are preferred in this order: commas also stand inside numbers and text."""

_SAMPLE_ROWS = 400
_SAMPLE_LETTERS = 2_000_000
_LINES_OF_AN_OPEN_QUOTE = 60
_ROWS_A_STEP = 2_000
MOST_COLUMNS = 10_000
_MOST_KNOWN = 100_000
"""Texts remembered so that they are kept once."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line with its end; other signs that Unicode counts as line ends are text."""

SIGNATURES_OF_OTHER_FILES = (
    (b"%PDF", "a PDF document"), (b"{\\rtf", "a text document (RTF)"), (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"), (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"), (b"Rar!", "a RAR archive"), (b"SQLite format 3", "a database"),
    (b"RDX", "an R data file"))


def read_delimited(source: SourceFile, reading: Reading, progress: Progress) -> tuple[Grid, ...]:
    """The one grid of a text file; every cell is text, an empty one None; `lines` holds each row's first line.

    Raises UserError for an empty file, one that is no text, one with very many columns, and an encoding that does not
    fit.
    """
    where = Where(file=source.name)
    _refuse_other_files(source.content, where)
    text, issues = _decode(source.content, reading, where)
    if not text.strip():
        raise UserError("The file is empty: it has no columns.", where, "Check that the right file was chosen.")
    delimiter = reading.delimiter or _detect_delimiter(text)
    _refuse_very_wide(text, delimiter, where)
    rows, lines = _parse(text, delimiter, where, progress)
    issues += _open_quote(lines, where)
    return (Grid(source.name, None, rows, lines=lines, issues=tuple(issues)),)


def _refuse_other_files(content: bytes, where: Where) -> None:
    for signature, name in SIGNATURES_OF_OTHER_FILES:
        if content.startswith(signature):
            raise UserError(f"This is {name}, not a table.", where, "Save the table as a workbook (xlsx) or as CSV.")
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table")) or (head.startswith(b"<?xml") and b"<" in head[5:]):
        raise UserError("This is a web page or XML file, not a table, whatever its name says.", where,
                        "Open it in a spreadsheet program and save it as xlsx.")


def _refuse_very_wide(text: str, delimiter: str, where: Where) -> None:
    """Each column costs time and memory of its own, so that a small file of very many would stop everything."""
    widest = max(line.group().count(delimiter) for line in islice(_LINE.finditer(text), _SAMPLE_ROWS)) + 1
    if widest > MOST_COLUMNS:
        text = f"The table has {widest:,} columns; at most {MOST_COLUMNS:,} can be read."
        raise UserError(text, where, "Keep the columns that matter and save the table anew.")


def _decode(content: bytes, reading: Reading, where: Where) -> tuple[str, list[Issue]]:
    encoding, certain = (reading.encoding, True) if reading.encoding else detect_encoding(content)
    try:
        text = content.decode(encoding)
    except LookupError:
        raise UserError(f'There is no encoding "{encoding}".', where, "Choose utf-8, cp1252 or another.") from None
    except UnicodeDecodeError as fault:
        if reading.encoding:
            raise UserError(f"The file is not in {encoding}: byte {fault.start:,} does not fit.", where,
                            "Choose another encoding.") from None
        text = content.decode(encoding, errors="replace")
    text = text.removeprefix("\ufeff")
    issues = []
    if not certain:
        issues.append(Issue(Severity.NOTE, "encoding_guessed", f"The file does not say how its letters are encoded; "
                            f"{encoding} was assumed.", where, "If special letters look wrong, choose another."))
    if "\0" in text:
        text = text.replace("\0", "")
        issues.append(Issue(Severity.WARNING, "nul_bytes", "The file holds NUL bytes, which were left out.", where,
                            "Look at the cells, or export the file again."))
    if _is_binary(text):
        raise UserError("This is not a text file or any table format known here.", where,
                        "Save the table as a workbook (xlsx) or as CSV.")
    return text, issues


def _is_binary(text: str) -> bool:
    head = text[:20_000]
    control = sum(char < " " and char not in "\t\r\n\v\f\x1a" for char in head)
    return control + head.count("\ufffd") > 0.05 * len(head) + 2


def _detect_delimiter(text: str) -> str:
    """The delimiter that splits most rows into the same number of cells (at least two); a comma if none does."""
    sample = text[:_SAMPLE_LETTERS]
    scores = {delimiter: _consistency(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores.values())
    if best == 0:
        return ","
    return next(delimiter for delimiter in DELIMITERS if scores[delimiter] >= 0.95 * best)


def _consistency(text: str, delimiter: str) -> float:
    widths: Counter[int] = Counter()
    try:
        for count, row in enumerate(_reader(text, delimiter)):
            if count >= _SAMPLE_ROWS:
                break
            if any(cell.strip() for cell in row):
                widths[len(row)] += 1
    except csv.Error:
        return 0.0
    several = {width: n for width, n in widths.items() if width > 1}
    return max(several.values()) / sum(widths.values()) if several else 0.0


def _reader(text: str, delimiter: str) -> Any:
    """The csv module's reader, which also knows `line_num`."""
    lines = (line.group() for line in _LINE.finditer(text))
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


class _Known(dict[str, Cell]):
    """The texts met so far: a text that stands in many cells is kept once, an empty one is None."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, text: str) -> Cell:
        self[text] = text
        return text

    def forget_many(self) -> None:
        """Begin anew where there are so many that remembering them costs more than it saves."""
        if len(self) > _MOST_KNOWN:
            self.clear()
            self[""] = None


def _parse(text: str, delimiter: str, where: Where,
           progress: Progress) -> tuple[tuple[tuple[Cell, ...], ...], tuple[int, ...]]:
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise UserError(f"{delimiter!r} cannot separate cells.", where, "Choose comma, semicolon, tab or bar.")
    plain = read_plain_lines(text, delimiter, progress)
    if plain is not None:
        return plain, tuple(range(1, len(plain) + 1))
    reader = _reader(text, delimiter)
    expected = text.count("\n") + text.count("\r") + 1
    rows: list[tuple[Cell, ...]] = []
    lines: list[int] = []
    known = _Known()
    kept = known.__getitem__
    start = 1
    try:
        for row in reader:
            if len(rows) % _ROWS_A_STEP == 0:
                progress(min(start / expected, 1.0), "Reading lines")
                known.forget_many()
            rows.append(tuple(map(kept, row)))
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as fault:
        raise UserError(f"The text cannot be split into cells ({fault}); a quotation mark may not be closed.",
                        Where(file=where.file, row=start), "Correct that line, or save the table as xlsx.") from None
    return tuple(rows), tuple(lines)


def _open_quote(lines: tuple[int, ...], where: Where) -> list[Issue]:
    """A row that runs over very many lines: a quotation mark was probably left open."""
    for line, following in pairwise(lines):
        if following - line > _LINES_OF_AN_OPEN_QUOTE:
            return [Issue(Severity.WARNING, "quote_open", f"One row runs from line {line:,} to line {following - 1:,}; "
                          "a quotation mark may not be closed.", Where(file=where.file, row=line),
                          "Correct that line in the file.")]
    return []
