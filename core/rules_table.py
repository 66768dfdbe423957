"""All rules as a workbook to read and edit, a sheet a study and a row a variable; and an edited one read back.

One more sheet holds the layouts of all studies. A row that says what the project says keeps its decision, byte for
byte, and one that nobody edited is taken as it stands, whoever decided it. Where any row is at fault, nothing is taken.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from core.errors import Issue, Severity, UserError, Where
from core.mapping import (
    Constant,
    Decision,
    Direct,
    Elapsed,
    Formula,
    NumberFormat,
    Product,
    Recode,
    Rule,
    TextSearch,
    Unavailable,
    Undecided,
)
from core.new_rules import formula_rule, product_rule
from core.protocol import Variable
from core.readers import read_grids
from core.report.fixed_archive import STAMP, with_fixed_dates
from core.report.workbook import put_text
from core.rule_columns import columns_of
from core.rule_text import read_codes, read_search, write_codes, write_search
from core.rules_layout import LAYOUT, Row, plain_lines, take_layouts, write_layouts
from core.session import Session
from core.sources import Grid, RawTable, SourceFile, raw_text

COLUMNS = ("variable", "meaning", "rule kind", "columns", "rule", "codes", "unit factor", "unit offset", "decimal mark",
           "missing codes", "sureness", "reason", "who", "when", "mark")
WIDTHS = (20, 26, 16, 26, 36, 36, 11, 11, 12, 16, 10, 40, 14, 22, 14)
SAID = COLUMNS[2:-1]
"""The columns that say something of a rule."""
KINDS = {"direct": "column", "recode": "codes", "formula": "formula", "text_search": "text search",
         "elapsed": "date difference", "product": "product", "constant": "constant", "unavailable": "cannot be had",
         "undecided": "not decided"}
"""Kinds of rules as the table calls them; an empty cell: no rule."""
SUGGESTED = "suggested"
REMEDY = "Write the rules as a workbook, edit that file, and take it in again."
Cells = dict[str, str]


@dataclass(frozen=True)
class TakenRules:
    """What an edited table changes: the next session (the same where there are issues), and the changes in words."""

    session: Session
    changes: tuple[str, ...]
    issues: tuple[Issue, ...]


def write_rules(session: Session) -> bytes:
    """The workbook; the same rules give the same bytes."""
    workbook = Workbook()
    workbook.properties.created = STAMP
    workbook.properties.title = "Rules"
    workbook.remove(workbook.active)
    for study, title in _titles(session).items():
        sheet = workbook.create_sheet(title)
        for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True), start=1):
            sheet.cell(1, column, name).font = Font(bold=True)
            sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
        for row, variable in enumerate(session.protocol.variables, start=2):
            cells = cells_of(variable, session.mappings[study].variables.get(variable.key))
            for column, name in enumerate(COLUMNS, start=1):
                if cells[name]:
                    put_text(sheet.cell(row, column), cells[name])
                    sheet.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "B2"
    write_layouts(workbook, session, list(_titles(session)))
    if not workbook.worksheets:
        raise UserError("There is no study with rules yet.", remedy="Add study files first.")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def take_rules(session: Session, source: SourceFile, by: str, at: str) -> TakenRules:
    """The rules of an edited workbook; `by` and `at` (ISO) for rows that name no other person.

    Raises UserError if the file cannot be read or no sheet is a study's.
    """
    studies = {title.casefold(): study for study, title in _titles(session).items()}
    issues: list[Issue] = []
    changes: list[str] = []
    found = 0
    after = session
    grids = read_grids(source)
    for grid in grids:
        if grid.sheet == LAYOUT:  # first: under another layout the file has other columns
            after = take_layouts(after, grid, by, changes, issues)
    is_misread = bool(issues)
    for grid in grids:
        if grid.sheet is None:
            raise UserError("The file is no workbook.", Where(file=source.name), REMEDY)
        if grid.sheet == LAYOUT or is_misread:
            continue
        study = studies.get(grid.sheet.strip().casefold())
        if study is None:
            issues.append(Issue(Severity.ERROR, "sheet_unknown", f'No study is called "{grid.sheet}".',
                                Where(source.name, grid.sheet), "Name the sheet as the study is called, or remove it."))
            continue
        found += 1
        after = _take_sheet(after, study, grid, by, at, changes, issues)
    if not found and not issues:
        raise UserError("The file has no sheet of a study.", Where(file=source.name), REMEDY)
    return TakenRules(session if issues else after, () if issues else tuple(changes), tuple(issues))


def _titles(session: Session) -> dict[str, str]:
    """A sheet's name for each study: what Excel allows, each once."""
    found: dict[str, str] = {}
    for study in session.registry.studies:
        if study.study not in session.mappings:
            continue
        plain = re.sub(r"[\[\]:*?/\\]", "_", study.study)[:31].strip("'") or "study"
        title, number = plain, 2
        while title.casefold() in {LAYOUT.casefold(), *(one.casefold() for one in found.values())}:
            title, number = f"{plain[:27]}_{number}", number + 1
        found[study.study] = title
    return found


# --- writing ----------------------------------------------------------------------------------------------------------


def cells_of(variable: Variable, decision: Decision | None) -> Cells:
    """A variable's row, every cell as text."""
    cells = _unmarked_cells(variable, decision)
    return cells | {"mark": _mark_of(cells)} if decision else cells


def _mark_of(cells: Cells) -> str:
    """What a row's mark is while nobody has edited it."""
    return Row("", "\n".join(plain_lines(cells[name]) for name in (COLUMNS[0], *SAID))).digest


def _unmarked_cells(variable: Variable, decision: Decision | None) -> Cells:
    cells = dict.fromkeys(COLUMNS, "") | {"variable": variable.key, "meaning": variable.label}
    if decision is None:
        return cells
    rule = decision.rule
    cells |= {"rule kind": KINDS[rule.kind], "columns": "\n".join(columns_of(rule)),
              "sureness": repr(decision.sureness), "reason": decision.reason, "who": decision.by, "when": decision.at}
    if isinstance(rule, Direct):
        cells |= {"unit factor": repr(rule.factor), "unit offset": repr(rule.offset),
                  "decimal mark": rule.format.decimal, "missing codes": "; ".join(rule.format.missing)}
    elif isinstance(rule, Recode):
        cells["codes"] = write_codes(rule.codes)
    elif isinstance(rule, Constant):
        cells["rule"] = rule.value
    elif isinstance(rule, Unavailable):
        cells["rule"] = rule.reason
    elif isinstance(rule, Undecided):
        cells["rule"] = rule.note
    elif isinstance(rule, Elapsed):
        cells["rule"] = f"{rule.unit}; {rule.since_order}; {rule.until_order}"
    elif isinstance(rule, TextSearch):
        cells["codes"] = write_search(rule)
    else:
        cells["rule"] = rule.expression
        forms = rule.formats if isinstance(rule, Formula) else {one.column: one.format for one in rule.factors}
        cells |= _formats_of(forms)
    return cells


def _formats_of(forms: Mapping[str, NumberFormat]) -> Cells:
    return {"decimal mark": "\n".join(f"{name} = {form.decimal}" for name, form in forms.items()),
            "missing codes": "\n".join(f"{name} = {'; '.join(form.missing)}" for name, form in forms.items()
                                       if form.missing)}


# --- reading ----------------------------------------------------------------------------------------------------------


class _Fault(ValueError):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def _take_sheet(session: Session, study: str, grid: Grid, by: str, at: str, changes: list[str],
                issues: list[Issue]) -> Session:
    """One study's rows; faults become issues, changes words."""
    place = Where(grid.file, grid.sheet, study=study)
    head = next((i for i, row in enumerate(grid.rows) if {"variable", "rule kind"} <= {_text(c) for c in row}), None)
    if head is None:
        issues.append(Issue(Severity.ERROR, "header_missing", 'No row has the names "variable" and "rule kind".', place,
                            "Keep the first row of the exported table."))
        return session
    names = [_text(cell) for cell in grid.rows[head]]
    variables = session.protocol.variables_by_key
    for index in range(head + 1, len(grid.rows)):
        cells = dict.fromkeys(COLUMNS, "") | dict(zip(names, map(_text, grid.rows[index]), strict=False))
        key, row = cells["variable"], grid.row_number(index)
        if not key:
            continue
        if key not in variables:
            issues.append(Issue(Severity.ERROR, "variable_unknown", f'The protocol has no variable "{key}".',
                                Where(grid.file, grid.sheet, row, "variable", study),
                                "Correct its name, or remove the row."))
            continue
        before = session.mappings[study].variables.get(key)
        try:
            decision = _decision(cells, before, variables[key], session, session.table(study), by, at)
        except _Fault as fault:
            issues.append(Issue(Severity.ERROR, "rule_unreadable", str(fault), Where(
                grid.file, grid.sheet, row, fault.column, study, key), "Correct the cell and import the file again."))
            continue
        if decision != before:
            changes.append(f"{variables[key].label} of {session.registry.by_id[study].name}")
            session = session.with_decision(study, key, decision)
    return session


def _text(cell: Any) -> str:
    return raw_text(cell).replace("\r\n", "\n").strip()


def _decision(cells: Cells, before: Decision | None, variable: Variable, session: Session, table: RawTable, by: str,
              at: str) -> Decision | None:
    """What a row says; the decision before where it says the same."""
    own = {name: plain_lines(text) for name, text in cells_of(variable, before).items()}
    if all(_same(cells[name], own[name]) for name in SAID):
        return before
    kind = _kind(cells)
    if not kind:
        return None
    said = ("rule kind", "columns", "rule", "codes", "unit factor", "unit offset", "decimal mark", "missing codes")
    keeps_rule = before is not None and all(_same(cells[name], own[name]) for name in said)
    rule = before.rule if before is not None and keeps_rule else _rule(kind, cells, variable, session, table)
    if cells["mark"] == _mark_of(cells):  # as it was written, in this project or another: nobody edited it
        return Decision(rule=rule, reason=cells["reason"], by=cells["who"], at=cells["when"],
                        sureness=_number(cells, "sureness", 1.0))
    who = cells["who"] if cells["who"] not in ("", own["who"], SUGGESTED) else by
    return Decision(rule=rule, reason=cells["reason"], by=who, at=at)


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return "\n".join(line.strip() for line in one.split("\n")) == other


def _kind(cells: Cells) -> str:
    said = cells["rule kind"].casefold()
    if not said:
        return ""
    kinds = {words: kind for kind, words in KINDS.items()} | {kind: kind for kind in KINDS}
    if said not in kinds:
        raise _Fault("rule kind", f'"{cells["rule kind"]}" is no kind of rule; there are {", ".join(KINDS.values())}.')
    return kinds[said]


def _rule(kind: str, cells: Cells, variable: Variable, session: Session, table: RawTable) -> Rule:
    columns = tuple(line.strip() for line in cells["columns"].split("\n") if line.strip())
    for name in columns:
        if name not in table.columns_by_name:
            raise _Fault("columns", f'The file has no column "{name}".')
    if kind in ("direct", "recode", "text_search", "elapsed"):
        wanted = 2 if kind == "elapsed" else 1
        if len(columns) != wanted and not (kind == "text_search" and columns):
            raise _Fault("columns", f"A rule of this kind names {wanted} {'column' if wanted == 1 else 'columns'}, "
                         "each on a line of its own.")
    if kind == "direct":
        return Direct(column=columns[0], factor=_number(cells, "unit factor", 1.0),
                      offset=_number(cells, "unit offset", 0.0), format=_format(cells))
    if kind == "recode":
        return Recode(column=columns[0], codes=_tried("codes", lambda: read_codes(cells["codes"])))
    if kind == "text_search":
        lists = session.protocol.word_lists
        return _tried("codes", lambda: read_search(columns, cells["codes"], lists))
    if kind == "elapsed":
        return _elapsed(columns, cells["rule"])
    if kind in ("formula", "product"):
        return _formula(kind, cells, table)
    if kind == "constant":
        if not cells["rule"]:
            raise _Fault("rule", "A constant needs its value here.")
        return Constant(value=cells["rule"])
    return Undecided(note=cells["rule"]) if kind == "undecided" else Unavailable(reason=cells["rule"])


def _tried(column: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ValueError as fault:
        raise _Fault(column, str(fault)) from None


def _formula(kind: str, cells: Cells, table: RawTable) -> Formula | Product:
    try:
        rule = formula_rule(cells["rule"], table)
    except UserError as fault:
        raise _Fault("rule", fault.text) from None
    marks, missing = (_by_column(cells, name) for name in ("decimal mark", "missing codes"))
    is_unedited = cells["mark"] == _mark_of(cells)  # then what is not listed is by default, not as recognized
    formats = {name: NumberFormat(decimal=_mark(marks.get(name, form.decimal)), missing=tuple(
        _listed(missing[name])) if name in missing else () if is_unedited else form.missing)
        for name, form in rule.formats.items() if name in marks or not is_unedited}
    rule = rule.model_copy(update={"formats": formats})
    return (product_rule(rule) or rule) if kind == "product" else rule


def _by_column(cells: Cells, name: str) -> dict[str, str]:
    lines = [line.rpartition("=") for line in cells[name].split("\n") if line.strip()]
    return {column.strip(): text.strip() for column, _, text in lines}


def _elapsed(columns: tuple[str, ...], text: str) -> Elapsed:
    parts = [part.strip() for part in text.split(";")] if text else []
    unit, since, until = (*parts, *("years", "dmy", "dmy")[len(parts):])[:3]
    try:
        return Elapsed.model_validate({"since": columns[0], "until": columns[1], "unit": unit, "since_order": since,
                                       "until_order": until})
    except ValueError:
        raise _Fault("rule", 'Expected a unit (years, months, weeks or days) and how each day is written (dmy or mdy), '
                     'such as "years; dmy; dmy".') from None


def _number(cells: Cells, name: str, default: float) -> float:
    if not cells[name]:
        return default
    try:
        return float(cells[name])
    except ValueError:
        raise _Fault(name, f'"{cells[name]}" is not a number.') from None


def _format(cells: Cells) -> NumberFormat:
    return NumberFormat(decimal=_mark(cells["decimal mark"] or "."), missing=tuple(_listed(cells["missing codes"])))


def _mark(text: str) -> Any:
    if text not in (".", ","):
        raise _Fault("decimal mark", f'"{text}" is no decimal mark; expected . or ,')
    return text


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
