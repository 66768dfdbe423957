"""The workbook a study team is asked to fill in: what is wanted, a sheet for the data, what each column means, the
study's facts and its risk of bias. A filled one is read without a question (`suggest.kit`, `kit_facts`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from core import __version__
from core.errors import UserError, Where
from core.kit_columns import ANSWER_HEADER, NOT_COLLECTED, KitColumn, kit_columns
from core.kit_facts import KitFact, risk_of_bias_items, study_facts
from core.labels import in_sentence
from core.protocol import Protocol
from core.report.fixed_archive import STAMP, with_fixed_dates
from core.report.workbook import put_text

COVER, DATA, CODEBOOK, FACTS, BIAS, LISTS = "Read me", "Data", "Codebook", "Study facts", "Risk of bias", "Lists"
CODEBOOK_HEADER = ("Variable", "Label", "Definition", "Codes", "Unit", "Range", "Required", "Example")
LAST_ROW = 5001
"""Down to this row cells offer their choices and check their range."""
MOST_LETTERS = 250
"""Letters that Excel shows beside a cell."""

_HEAD = PatternFill("solid", fgColor="E8EDF7")
_WANTED = PatternFill("solid", fgColor="CFDDF6")
_LINE = Border(bottom=Side(style="thin", color="B8C0CC"))
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def write_kit(path: Path, protocol: Protocol, study: str = "") -> None:
    """Write the kit of a protocol (xlsx); the same request gives the same bytes. `study` is filled in as its short id.

    Raises UserError where the file cannot be written.
    """
    columns, facts = kit_columns(protocol), study_facts(protocol)
    workbook = new_workbook(f"Data request: {protocol.title}")
    _cover(workbook.active, protocol, study)
    lists = Lists(workbook)
    _data(workbook.create_sheet(DATA), columns, lists)
    _codebook(workbook.create_sheet(CODEBOOK), columns)
    answer_sheet(workbook.create_sheet(FACTS), facts, lists, {"study": study})
    answer_sheet(workbook.create_sheet(BIAS), risk_of_bias_items(), lists, {})
    lists.finish()
    save_workbook(workbook, path)


def new_workbook(title: str) -> Workbook:
    """An empty workbook with the program's name and a title."""
    workbook = Workbook()
    workbook.properties.created = STAMP
    workbook.properties.creator = f"Modscope {__version__}"
    workbook.properties.title = title
    return workbook


def save_workbook(workbook: Workbook, path: Path) -> None:
    """Write it so that the same content gives the same bytes. Raises UserError where that cannot be done."""
    if path.suffix.lower() != ".xlsx":
        raise UserError("What is sent to a team is an Excel workbook.", Where(file=path.name),
                        "Give a name that ends with .xlsx.")
    buffer = io.BytesIO()
    workbook.save(buffer)
    try:
        path.write_bytes(with_fixed_dates(buffer.getvalue()))
    except OSError as fault:
        raise UserError(f"The workbook cannot be written: {fault.strerror or fault}.", Where(file=path.name),
                        "Choose another folder, or close the file in other programs.") from None


class Lists:
    """Choices of drop-downs, a column each, on a hidden sheet: beside a cell there is room for few."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._known: dict[tuple[str, ...], str] = {}

    def validation(self, choices: Sequence[str]) -> DataValidation:
        """A drop-down of these choices."""
        key = tuple(choices)
        if key not in self._known:
            letter = get_column_letter(len(self._known) + 1)
            self._known[key] = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(key)}"
        return DataValidation(type="list", formula1=self._known[key], allow_blank=True, showErrorMessage=True,
                              showInputMessage=True, errorTitle="Not in the list", error="Choose one of the list.")

    def finish(self) -> None:
        """Write the lists, as the last sheet."""
        sheet = self._workbook.create_sheet(LISTS)
        for column, choices in enumerate(self._known, start=1):
            for row, choice in enumerate(choices, start=1):
                sheet.cell(row, column, _typed(choice))
        sheet.sheet_state = "hidden"


def _typed(choice: str) -> str | int:
    """A code that is a number is offered as one, as Excel compares them."""
    return int(choice) if choice.isdigit() else choice


def _cover(sheet: Any, protocol: Protocol, study: str) -> None:
    sheet.title = COVER
    active, control = in_sentence(protocol.active.label), in_sentence(protocol.control.label)
    lines = (
        ("", f"Data request: {protocol.title}", 16), ("", study, 12), ("", "", 11),
        ("What is asked", f"{protocol.about} A row for each patient who was randomized, also those without outcome: "
         "treatment, scores before and after, and what was known of the patient before the treatment.", 11),
        ("Why", f"Trials are pooled patient by patient to see who benefits more from {active} than from {control}. "
         "No single trial is large enough for that.", 11),
        ("How to fill it in", f'1. Sheet "{DATA}": a row a patient. Names with a darker ground are needed; the others '
         "help. Cells with a list offer their choices.", 11),
        ("", f'2. A column you do not have: write "{NOT_COLLECTED}" in its first row. A single value you do not have: '
         "leave the cell empty.", 11),
        ("", f'3. What a column means, its codes and its range: sheet "{CODEBOOK}".', 11),
        ("", f'4. Sheets "{FACTS}" and "{BIAS}": an answer a row.', 11),
        ("", "5. Do not change the words in [brackets] in the head of the sheet: by them each column is known. The "
         "order of columns may change; columns of your own are ignored.", 11),
        ("", "6. Send the workbook back as it is. It can be read without further work.", 11),
        ("Privacy", "No names, no initials, no dates of birth, no addresses, no record numbers: codes of the study "
         "only, and please keep the list of codes to yourself. Ages, not dates.", 11))
    for row, (head, text, size) in enumerate(lines, start=1):
        sheet.cell(row, 1, head).font = Font(bold=True)
        cell = sheet.cell(row, 2)
        put_text(cell, text)
        cell.font = Font(size=size, bold=size > 11)
        for one in (cell, sheet.cell(row, 1)):
            one.alignment = _WRAPPED
        sheet.row_dimensions[row].height = 15 * (1 + len(text) // 92) + (8 if size > 11 else 3)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 92
    sheet.sheet_view.showGridLines = False


def _data(sheet: Any, columns: Sequence[KitColumn], lists: Lists) -> None:
    for at, column in enumerate(columns, start=1):
        letter = get_column_letter(at)
        cell = sheet.cell(1, at, column.header)
        cell.font, cell.border = Font(bold=True), _LINE
        cell.fill = _WANTED if column.is_required else _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
        sheet.column_dimensions[letter].width = 28 if column.codes and not column.codes[0][0].isdigit() else 17
        validation = _validation(column, lists)
        if validation is not None:
            validation.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.add_data_validation(validation)
    sheet.row_dimensions[1].height = 78
    sheet.freeze_panes = "B2"


def _validation(column: KitColumn, lists: Lists) -> DataValidation | None:
    """A drop-down of codes, or a range of numbers that can be overruled."""
    if column.codes:
        shown = [code for code, _ in column.codes] + ([] if column.is_required else [NOT_COLLECTED])
        found = lists.validation(shown)
    elif column.is_number and None not in (column.minimum, column.maximum):
        found = _numbers("decimal", f"{column.minimum:g}", f"{column.maximum:g}")
        found.errorStyle, found.errorTitle = "warning", "Is this right?"
        found.error = (f"Expected is a number, {column.range_text}. "
                       f'"{NOT_COLLECTED}" is right for a column you do not have.')
    else:
        return None
    found.promptTitle, found.prompt = column.label[:32], _hint(column)[:MOST_LETTERS]
    return found


def _numbers(kind: str, low: str, high: str) -> DataValidation:
    return DataValidation(type=kind, operator="between", formula1=low, formula2=high, allow_blank=True,
                          showErrorMessage=True, showInputMessage=True)


def _hint(column: KitColumn) -> str:
    codes = "; ".join(f"{code} = {meaning}" for code, meaning in column.codes) if len(column.codes) < 6 else ""
    return " ".join(part for part in (column.definition, codes, column.range_text) if part)


def _codebook(sheet: Any, columns: Sequence[KitColumn]) -> None:
    rows = [(column.key, column.label, column.definition,
             "; ".join(code if code == meaning else f"{code} = {meaning}" for code, meaning in column.codes),
             column.unit, column.range_text, "yes" if column.is_required else "if you have it", column.example)
            for column in columns]
    text_sheet(sheet, CODEBOOK_HEADER, rows, (24, 30, 60, 44, 10, 14, 14, 16))


def answer_sheet(sheet: Any, facts: Sequence[KitFact], lists: Lists, known: Mapping[str, str]) -> None:
    """Questions about the study, each with room for its answer in the third column."""
    rows = [(fact.key, fact.question, known.get(fact.key, ""),
             f"{fact.how} One of: {', '.join(fact.choices)}." if 0 < len(fact.choices) < 8 else fact.how)
            for fact in facts]
    text_sheet(sheet, ANSWER_HEADER, rows, (24, 52, 34, 70))
    for row, fact in enumerate(facts, start=2):
        sheet.cell(row, 3).fill = _WANTED if fact.is_required else _HEAD
        if fact.choices:
            validation = lists.validation(fact.choices)
        elif fact.key in ("year", "n_randomized"):
            low, high = ("1900", "2100") if fact.key == "year" else ("0", "1000000")
            validation = _numbers("whole", low, high)
            validation.errorTitle, validation.error = "Not a whole number", f"A whole number, {low} to {high}."
        else:
            continue
        validation.add(f"C{row}")
        sheet.add_data_validation(validation)


def text_sheet(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    """A table of texts below a header; widths in letters."""
    for at, (name, width) in enumerate(zip(header, widths, strict=True), start=1):
        cell = sheet.cell(1, at, name)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
        sheet.column_dimensions[get_column_letter(at)].width = width
    for row, texts in enumerate(rows, start=2):
        for at, text in enumerate(texts, start=1):
            cell = sheet.cell(row, at)
            if text:
                put_text(cell, text)
            cell.alignment = _WRAPPED
    sheet.freeze_panes = "A2"
