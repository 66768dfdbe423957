"""Rules in the columns of Maelstrom's harmonization tables, as the R package Rmonize reads them.

`DataSchema.xlsx` holds the variables and their categories, `data_processing_elements.csv` a row a study and variable
with the rule as R. What R cannot repeat from a rule alone (text searches, copies, implications) is category "other" or
"undetermined" and says in the comment how it was had.
Source: Fortier et al., Int J Epidemiol 2017, doi:10.1093/ije/dyw075; Rmonize, "Data processing elements".
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from openpyxl import Workbook

from core.expression import Call, ColumnOf, Literal_, Node, parse
from core.formula_guard import guarded
from core.mapping import (
    Constant,
    Decision,
    Direct,
    Elapsed,
    Formula,
    NumberFormat,
    Product,
    Recode,
    Unavailable,
)
from core.protocol import Protocol, Variable
from core.registry import Study
from core.report.fixed_archive import STAMP, with_fixed_dates
from core.report.workbook import put_text
from core.rule_columns import columns_of
from core.session import Session
from core.variables import registry_value

ELEMENTS = ("index", "dataschema_variable", "valueType", "input_dataset", "input_variables",
            "Mlstr_harmo::rule_category", "Mlstr_harmo::algorithm",
            "Mlstr_harmo::status", "Mlstr_harmo::status_detail", "Mlstr_harmo::comment")
VARIABLES = ("index", "name", "label", "description", "valueType", "unit")
CATEGORIES = ("variable", "name", "label", "missing")
BLANK = "__BLANK__"
ID = "patient"
TYPES = {"binary": "integer", "continuous": "decimal", "categorical": "text"}
_INFIX = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "^", "=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">",
          ">=": ">=", "and": "&", "or": "|"}
_CALLED = {"if": "ifelse", "min": "pmin", "max": "pmax", "round": "round", "abs": "abs", "log": "log", "log10": "log10",
           "exp": "exp", "sqrt": "sqrt", "is_missing": "is.na", "first_present": "dplyr::coalesce"}


def dataschema(protocol: Protocol) -> bytes:
    """The workbook with sheets `Variables` and `Categories`."""
    workbook = Workbook()
    workbook.properties.created = STAMP
    variables, categories = workbook.active, workbook.create_sheet("Categories")
    variables.title = "Variables"
    rows = [("1", ID, "Patient", "The patient's id", "text", "")]
    rows += [(str(number), one.key, one.label, one.coding, TYPES[one.kind], one.unit)
             for number, one in enumerate(protocol.variables, start=2)]
    codes = [(one.key, code, words, "FALSE") for one in protocol.variables for code, words in _categories(one)]
    for sheet, head, lines in ((variables, VARIABLES, rows), (categories, CATEGORIES, codes)):
        for row, cells in enumerate((head, *lines), start=1):
            for column, text in enumerate(cells, start=1):
                if text:
                    put_text(sheet.cell(row, column), text)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def processing_elements(session: Session) -> str:
    """The data processing elements as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(ELEMENTS)
    number = 0
    for study in session.registry.studies:
        if study.study not in session.mappings:
            continue
        for cells in _elements(session, study):
            number += 1
            writer.writerow((number, *map(guarded, cells)))
    return out.getvalue()


def _categories(variable: Variable) -> Iterator[tuple[str, str]]:
    if variable.kind == "binary":
        code, _, words = variable.coding.partition("=")
        yield "0", "no"
        yield "1", words.strip() if code.strip() == "1" and words else "yes"
    elif variable.kind == "categorical":
        yield from ((code, code) for code in variable.codes)


def _elements(session: Session, study: Study) -> Iterator[tuple[str, ...]]:
    mapping = session.mappings[study.study]
    patient = mapping.shape.patient
    yield (ID, "text", study.study, patient or BLANK, "id_creation", "id_creation", "complete", "identical", "")
    for variable in session.protocol.variables:
        decision = mapping.variables.get(variable.key)
        columns = " ; ".join(columns_of(decision.rule)) if decision else ""
        category, algorithm, status, detail, comment = _rule(variable, decision, study)
        yield (variable.key, TYPES[variable.kind], study.study, columns or BLANK, category, algorithm, status, detail,
               comment)


def _rule(variable: Variable, decision: Decision | None, study: Study) -> tuple[str, str, str, str, str]:
    """Category, algorithm, status, status detail and comment."""
    if decision is None:
        value = registry_value(variable, study)
        if value is not None:
            return "paste", _r(value), "complete", "compatible", "from the study registry"
        told = f"copy of {variable.same_as}" if variable.same_as else "no rule; it may follow from another variable"
        return "undetermined", "undetermined", "undetermined", "", told
    rule, comment = decision.rule, decision.reason
    if isinstance(rule, Unavailable):
        return "impossible", "impossible", "impossible", "unavailable", rule.reason or comment
    if not decision.is_settled:
        return "undetermined", "undetermined", "undetermined", "", getattr(rule, "note", "") or comment
    if isinstance(rule, Constant):
        return "paste", _r(rule.value), "complete", "compatible", comment
    if isinstance(rule, Recode):
        lines = [f"{_r(text)} = {'NA' if code is None else _r(code)}" for text, code in rule.codes.items()]
        return "recode", f"recode({' ; '.join([*lines, 'ELSE = NA'])})", "complete", "compatible", comment
    if isinstance(rule, Direct):
        is_same = (rule.factor, rule.offset, rule.format) == (1.0, 0.0, NumberFormat())
        if is_same:
            return "direct_mapping", "direct_mapping", "complete", "identical", comment
        return "operation", _direct(rule), "complete", "compatible", comment
    if isinstance(rule, Elapsed):
        return "operation", _elapsed(rule), "complete", "compatible", comment
    if isinstance(rule, Formula | Product):
        forms = rule.formats if isinstance(rule, Formula) else {one.column: one.format for one in rule.factors}
        return "operation", _in_r(parse(rule.expression).root, forms), "complete", "compatible", comment
    return "other", "other", "complete", "compatible", "; ".join(filter(None, (getattr(rule, "words", ""), comment)))


def _r(value: str | float) -> str:
    """A value as R writes it: a number if it is one."""
    try:
        return f"{float(value):.15g}"
    except ValueError:
        return json.dumps(str(value), ensure_ascii=False)


def _name(column: str) -> str:
    return "`" + column.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _column(name: str, form: NumberFormat) -> str:
    """A column's numbers: texts that mean missing left out, the decimal mark read."""
    text = _name(name)
    if form.missing:
        codes = ", ".join(json.dumps(one, ensure_ascii=False) for one in form.missing)
        text = f"ifelse({text} %in% c({codes}), NA, {text})"
    if form.decimal == ",":
        return f'as.numeric(sub(",", ".", {text}, fixed = TRUE))'
    return f"as.numeric({text})" if form.missing else text


def _direct(rule: Direct) -> str:
    text = _column(rule.column, rule.format)
    text += f" * {rule.factor:.15g}" if rule.factor != 1 else ""
    return text + (f" + {rule.offset:.15g}" if rule.offset else "")


def _elapsed(rule: Elapsed) -> str:
    first, last = (f'lubridate::parse_date_time(as.character({_name(name)}), c("ymd", "{order}"))'
                   for name, order in ((rule.since, rule.since_order), (rule.until, rule.until_order)))
    return f"lubridate::interval({first}, {last}) %/% lubridate::{rule.unit}(1)"


def _in_r(node: Node, forms: dict[str, NumberFormat]) -> str:
    """A formula in R; the meaning of missing values is the same in both."""
    if isinstance(node, Literal_):
        return "NA" if node.value is None else _r(node.value) if isinstance(node.value, float) else json.dumps(
            node.value, ensure_ascii=False)
    if isinstance(node, ColumnOf):
        return _name(node.name) if node.kind == "text" else _column(node.name, forms.get(node.name, NumberFormat()))
    return _call_in_r(node, [_in_r(one, forms) for one in node.arguments])


def _call_in_r(node: Call, given: list[str]) -> str:
    if node.name in ("=", "<>") and node.arguments[0].kind == "text":
        given = [f"tolower(trimws({one}))" for one in given]
    if node.name in _INFIX:
        return f"({given[0]} {_INFIX[node.name]} {given[1]})"
    if node.name in ("negative", "not"):
        return f"({'-' if node.name == 'negative' else '!'}{given[0]})"
    if node.name == "count_present":
        return "(" + " + ".join(f"!is.na({one})" for one in given) + ")"
    if node.name == "year":
        return f'as.numeric(stringr::str_extract({given[0]}, "(18|19|20)[0-9]{{2}}"))'
    if node.name in ("first_number", "second_number"):
        place = 1 if node.name == "first_number" else 2
        numbers = f'stringr::str_match({given[0]}, "^[^0-9]*([0-9]+[.,]?[0-9]*)[^0-9]*([0-9]+[.,]?[0-9]*)?")'
        return f'as.numeric(sub(",", ".", {numbers}[, {place + 1}], fixed = TRUE))'
    return f"{_CALLED[node.name]}({', '.join(given)})"
