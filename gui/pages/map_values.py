"""What each raw text of a column becomes under a rule, and the rule to begin with when a person picks a column."""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import dataclass, replace

from core.mapping import Decision, Direct, NumberFormat, Recode, Rule, StudyMapping
from core.protocol import Protocol, Variable
from core.registry import Study
from core.sources import RawColumn, RawTable, raw_text
from core.suggest import suggest_mapping
from core.values import is_missing_word, missing_codes, number_format_of, parse_column
from gui.widgets.marks import ASKS, DISPUTED, NONE, OK, Mark

UNDECIDED = "undecided"
"""The value of a text that has no code yet; None is a text that means missing."""
BLANK = "(empty)"
SUGGESTED = "suggested"


@dataclass(frozen=True)
class ValueRow:
    """One distinct text of a column: how often it stands there and what it becomes."""

    raw: str
    count: int
    becomes: str
    mark: Mark
    value: object = None
    """The code given to it; UNDECIDED for none."""


def person() -> str:
    """Who decides, for the trail."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def decided(rule: Rule, before: Decision | None = None) -> Decision:
    """A decision by the person at the screen, now."""
    at = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    return Decision(rule=rule, reason=before.reason if before and before.rule == rule else "", by=person(), at=at)


def code_options(variable: Variable) -> tuple[tuple[str, object], ...]:
    """What a text can become: words and code."""
    if variable.kind == "binary":
        code, _, words = variable.coding.partition("=")
        yes = f"1 ({words.strip()})" if code.strip() == "1" and words else "1"
        return ((yes, "1"), ("0 (not)" if words else "0", "0"))
    return tuple((code, code) for code in variable.codes)


def value_rows(rule: Rule, column: RawColumn, variable: Variable) -> list[ValueRow]:
    """Every distinct text of the column under a rule; what needs a look stands first."""
    if isinstance(rule, Recode):
        rows = [_recoded(text, count, rule, variable) for text, count in column.counts.items()]
    elif isinstance(rule, Direct):
        rows = _numbers(rule, column, variable)
    else:
        rows = []
    order = (ASKS, DISPUTED, OK, NONE)
    blanks = sum(not raw_text(cell) for cell in column.cells)
    rows.sort(key=lambda row: order.index(row.mark))
    return rows + ([ValueRow(BLANK, blanks, "missing", NONE)] if blanks else [])


def _recoded(text: str, count: int, rule: Recode, variable: Variable) -> ValueRow:
    if text not in rule.codes and not is_missing_word(text):
        return ValueRow(text, count, "not decided", ASKS, UNDECIDED)
    code = rule.codes.get(text)
    if code is None:
        return ValueRow(text, count, "missing", NONE, None)
    words = next((words for words, value in code_options(variable) if value == code), code)
    return ValueRow(text, count, words, OK, code)


def _numbers(rule: Direct, column: RawColumn, variable: Variable) -> list[ValueRow]:
    cells = {raw_text(cell): cell for cell in reversed(column.cells)}
    texts = list(column.counts)
    if variable.kind == "categorical":
        return [ValueRow(text, column.counts[text], "missing" if text in rule.format.missing else text,
                         NONE if text in rule.format.missing else OK) for text in texts]
    parsed = parse_column([cells[text] for text in texts], rule.format)
    coded, unreadable = set(parsed.coded.tolist()), set(parsed.unreadable.tolist())
    rows = []
    for i, (text, value) in enumerate(zip(texts, parsed.values.tolist(), strict=True)):
        row = ValueRow(text, column.counts[text], "missing", NONE)
        if i in unreadable:
            row = replace(row, becomes="not a number", mark=DISPUTED)
        elif i not in coded and value == value:
            row = _in_range(row, value * rule.factor + rule.offset, variable)
        rows.append(row)
    return rows


def _in_range(row: ValueRow, value: float, variable: Variable) -> ValueRow:
    low, high = variable.minimum, variable.maximum
    shown = f"{value:.6g}".replace("-", "\N{MINUS SIGN}")
    is_wrong = (low is not None and value < low) or (high is not None and value > high)
    if variable.kind == "binary":
        is_wrong = value not in (0, 1)
    return replace(row, becomes=f"{shown}, not plausible" if is_wrong else shown, mark=DISPUTED if is_wrong else OK)


def fresh_rule(variable: Variable, column: RawColumn, table: RawTable, study: Study, protocol: Protocol) -> Rule:
    """The rule that a column would get if it bore the variable's name; numbers or codes as the kind wants otherwise."""
    alone = replace(column, name=variable.label, label="")
    only = protocol.model_copy(update={"variables": (variable,), "implications": (), "sets": ()})
    found, _ = suggest_mapping(replace(table, columns=(alone,), title=""), study, only)
    decision = found.variables.get(variable.key)
    if decision is not None and isinstance(decision.rule, (Direct, Recode)):
        return decision.rule.model_copy(update={"column": column.name})
    return plain_number(variable, column) if variable.kind == "continuous" else plain_recode(column)


def plain_number(variable: Variable, column: RawColumn) -> Direct:
    """The column's numbers as they stand."""
    form = number_format_of(column.cells)[0] or NumberFormat()
    codes = missing_codes(column, variable.minimum, variable.maximum, form.decimal)
    return Direct(column=column.name, format=form.model_copy(
        update={"missing": tuple(dict.fromkeys((*form.missing, *codes)))}))


def plain_recode(column: RawColumn) -> Recode:
    """The column's texts, each still to be given its meaning, but for those that always mean missing."""
    return Recode(column=column.name, codes={text: None for text in column.counts if is_missing_word(text)})


def column_of(rule: Rule | None) -> str | None:
    """The column a rule reads."""
    return rule.column if isinstance(rule, (Direct, Recode)) else None


def kind_of(decision: Decision | None) -> str:
    """The rule's kind, "" without a decision."""
    return decision.rule.kind if decision is not None else ""


def uses(mapping: StudyMapping, protocol: Protocol) -> dict[str, list[str]]:
    """What each column of a file is used for, in words: patients, visits, treatment, scores, variables."""
    found: dict[str, list[str]] = {}

    def add(column: str | None, words: str) -> None:
        if column:
            found.setdefault(column, []).append(words)

    shape = mapping.shape
    add(shape.patient, "Patient")
    add(shape.visit.column if shape.visit else None, "Visit")
    add(shape.period.column if shape.period else None, "Period")
    for treatment in mapping.treatments:
        add(treatment.column, "Treatment")
    for dose in mapping.doses:
        add(dose.column, protocol.dose.label)
    for score in mapping.scores:
        label = protocol.scales_by_key[score.scale].label if score.scale in protocol.scales_by_key else score.scale
        add(score.column, label if score.hours is None else f"{label}, {hours_text(score.hours)}")
    for key, decision in mapping.variables.items():
        if key in protocol.variables_by_key:
            add(column_of(decision.rule), protocol.variables_by_key[key].label)
    return found


def hours_text(hours: float) -> str:
    """A time after the treatment: "baseline", "4 h", "7 d", "7 d before"."""
    size = abs(hours)
    text = f"{size / 24:g} d" if size > 72 and size % 24 == 0 else f"{size:g} h"
    return "baseline" if hours == 0 else text if hours > 0 else f"{text} before"


def number_text(value: float) -> str:
    """A number with a true minus."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")

