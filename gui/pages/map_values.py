"""What each raw text of a column becomes under a rule, and the rule to begin with when a person picks a column."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from core.mapping import Decision, Direct, Elapsed, Recode, Rule, StudyMapping, TextSearch
from core.new_rules import plain_number, plain_recode
from core.person import person
from core.preview import Preview, PreviewRow
from core.protocol import Protocol, Variable
from core.registry import Study
from core.rule_columns import columns_of
from core.sources import RawColumn, RawTable
from core.suggest import suggest_mapping
from core.text_search import joined_text
from gui.widgets.marks import ASKS, DISPUTED, NONE, OK, Mark

UNDECIDED = "undecided"
"""The value of a text that has no code yet; None is a text that means missing."""
BLANK, BETWEEN = "(empty)", "  \N{MIDDLE DOT}  "
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
    texts: tuple[str, ...] = ()
    """The texts of several columns that are not empty."""


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


def value_rows(found: Preview, rule: Rule, variable: Variable) -> list[ValueRow]:
    """What every distinct text becomes, in words; what needs a look stands first."""
    rows = [_value_row(row, rule, variable) for row in found.rows]
    rows.sort(key=lambda row: (ASKS, DISPUTED, OK, NONE).index(row.mark))
    if found.rest:
        rows.append(ValueRow("(further values)", found.rest, "not shown", NONE))
    return rows


def _value_row(row: PreviewRow, rule: Rule, variable: Variable) -> ValueRow:
    texts = tuple(filter(None, row.raw))
    raw = BETWEEN.join(text or BLANK for text in row.raw) if texts else BLANK
    words, mark = {"value": ("", OK), "missing": ("missing", NONE), "coded": ("missing", NONE),
                   "open": ("not decided" if isinstance(rule, Recode) else "asks", ASKS),
                   "implausible": (f"{shown_value(row.becomes, variable)}, not plausible", DISPUTED),
                   "unreadable": ("not a day" if isinstance(rule, Elapsed) else "not a number", DISPUTED)}[row.state]
    value: object = None
    if isinstance(rule, Recode):
        value = rule.codes.get(row.raw[0], UNDECIDED)
    elif isinstance(rule, TextSearch):
        value = rule.answers.get(joined_text(texts), UNDECIDED)
    return ValueRow(raw, row.count, words or shown_value(row.becomes, variable), mark, value, texts)


def shown_value(value: str | float | None, variable: Variable) -> str:
    """A harmonized value in words."""
    if isinstance(value, float):
        code = f"{value:.6g}"
        return next((words for words, one in code_options(variable) if one == code),
                    code.replace("-", "\N{MINUS SIGN}"))
    return value or "missing"


def fresh_rule(variable: Variable, column: RawColumn, table: RawTable, study: Study, protocol: Protocol) -> Rule:
    """The rule that a column would get if it bore the variable's name; numbers or codes as the kind wants otherwise."""
    alone = replace(column, name=variable.label, label="")
    only = protocol.model_copy(update={"variables": (variable,), "implications": (), "sets": (),
                                        "sensitivity": ()})
    found, _ = suggest_mapping(replace(table, columns=(alone,), title=""), study, only)
    decision = found.variables.get(variable.key)
    if decision is not None and isinstance(decision.rule, (Direct, Recode)):
        return decision.rule.model_copy(update={"column": column.name})
    return plain_number(variable, column) if variable.kind == "continuous" else plain_recode(column)


def number_or_nothing(text: str) -> str:
    """A number as text, UNDECIDED where nothing is written. Raises ValueError for anything else."""
    return f"{float(text.replace(',', '.')):.10g}" if text.strip() else UNDECIDED


def column_of(rule: Rule | None) -> str | None:
    """The column a rule reads, of several the first."""
    return next(iter(columns_of(rule)), None)


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
    add(shape.site, "Site of the patient's id")
    add(shape.visit.column if shape.visit else None, "Visit")
    add(shape.period.column if shape.period else None, "Period")
    for treatment in mapping.treatments:
        add(treatment.column, "Treatment")
    for dose in mapping.doses:
        add(dose.column, protocol.dose.label)
        add(dose.per.column if dose.per else None, protocol.dose.label)
    for score in mapping.scores:
        label = protocol.scales_by_key[score.scale].label if score.scale in protocol.scales_by_key else score.scale
        add(score.column, label if score.hours is None else f"{label}, {hours_text(score.hours)}")
    for key, decision in mapping.variables.items():
        if key in protocol.variables_by_key:
            for column in columns_of(decision.rule):
                add(column, protocol.variables_by_key[key].label)
    return found


def hours_text(hours: float) -> str:
    """A time after the treatment: "baseline", "4 h", "7 d", "7 d before"."""
    size = abs(hours)
    text = f"{size / 24:g} d" if size > 72 and size % 24 == 0 else f"{size:g} h"
    return "baseline" if hours == 0 else text if hours > 0 else f"{text} before"


def number_text(value: float) -> str:
    """A number with a true minus."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")

