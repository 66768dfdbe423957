"""What a mapping leaves open, as questions with their place and what to do. A function of the mapping alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.errors import Issue, Severity, Where
from core.mapping import Computed, Decision, Recode, Rule, StudyMapping, TextSearch, TreatmentSource, Undecided
from core.preview import preview
from core.protocol import Protocol, Variable
from core.registry import Study
from core.rule_columns import columns_of
from core.sheet_choice import SHEETS_ALIKE
from core.sources import RawColumn, RawTable
from core.stated_doses import leaves_dose_unstated
from core.suggest.studies import study_column
from core.text_search import joined_text
from core.values import is_missing_word

ON_THE_MAP = "Answer it on the Map page."
SHOWN = 4


def open_questions(mapping: StudyMapping, table: RawTable, protocol: Protocol,
                   study: Study | None = None) -> tuple[Issue, ...]:
    """What a person must still say before all of a study's file can be used; `study`: what the registry says of it."""
    place = Where(file=table.file, sheet=table.sheet, study=mapping.study)
    several = _about_studies(mapping, table)
    if several is not None:
        return (several.at(file=place.file, sheet=place.sheet, study=place.study),)
    asked = (*_about_treatments(mapping, table, protocol), *_about_doses(mapping, table, protocol, study),
             *_about_visits(mapping, table), *_about_scores(mapping, table, protocol),
             *_about_variables(mapping, table, protocol))
    return tuple(issue.at(file=place.file, sheet=place.sheet, study=place.study) for issue in asked)


def _question(code: str, text: str, remedy: str = ON_THE_MAP, column: str | None = None,
              variable: str | None = None) -> Issue:
    return Issue(Severity.QUESTION, code, text, Where(column=column, variable=variable), remedy)


def _about_studies(mapping: StudyMapping, table: RawTable) -> Issue | None:
    column = study_column(table) if mapping.structure_by == "suggested" and not mapping.scores else None
    if column is None:
        return None
    return _question("several_studies", f'This file holds several studies in column "{column.name}" '
                     f"({_quoted(list(column.counts))}). It is not used as one study.",
                     'Analyze it as one pooled table (the command "analyze"), or split it into a file a study.',
                     column.name)


def _about_treatments(mapping: StudyMapping, table: RawTable, protocol: Protocol) -> Iterator[Issue]:
    if not mapping.treatments:
        yield _question("no_treatment_column", "Which column says what the patients were given?",
                        "Choose the treatment's column on the Map page, or say what all were given.")
    for source in mapping.treatments:
        column = table.columns_by_name.get(source.column or "")
        unknown = _unlisted(column, source) if column else []
        if unknown and column:
            yield _question("unknown_treatment", f"Which treatment is {_quoted(unknown)}? "
                            f"{_patients(column, unknown)} not used until it is known.",
                            "Say on the Map page which treatment each text is.", column.name)
        if source.constant is not None and source.constant not in protocol.treatments_by_key:
            yield _question("unknown_treatment", f'"{source.constant}" is not known as a treatment.')


def _unlisted(column: RawColumn, source: TreatmentSource) -> list[str]:
    return [text for text in column.counts if text not in source.values and not is_missing_word(text)]


def _patients(column: RawColumn, texts: list[str]) -> str:
    rows = sum(column.counts[text] for text in texts)
    return f"{rows} {'row is' if rows == 1 else 'rows are'}"


def _quoted(texts: list[str]) -> str:
    shown = [f'"{text[:40]}"' for text in texts[:SHOWN]]
    return ", ".join(shown) + (f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else "")


def _about_doses(mapping: StudyMapping, table: RawTable, protocol: Protocol, study: Study | None) -> Iterator[Issue]:
    rule = protocol.active
    facts = study or Study(study=mapping.study)
    if rule.dose_unstated == "accept" and leaves_dose_unstated(table, mapping, facts, protocol):
        return
    if rule.dose_minimum is None and rule.dose_maximum is None:
        return
    if any(source.column is not None or source.constant is not None for source in mapping.doses):
        return
    stated = {text for source in mapping.doses for text, dose in source.values.items() if dose is not None}
    undosed = {text: source.column for source in mapping.treatments for text, key in source.values.items()
               if key in rule.treatments and text not in stated}
    if undosed:
        yield _question("dose_unknown", f"Which dose, in {protocol.dose.unit}, is {_quoted(list(undosed))}? "
                        "Its patients are not used until it is known.",
                        "Say the dose on the Map page.", next(iter(undosed.values())), protocol.dose.key)


def _about_visits(mapping: StudyMapping, table: RawTable) -> Iterator[Issue]:
    shape = mapping.shape
    alike = any(issue.code == SHEETS_ALIKE for issue in table.issues) and mapping.structure_by == "suggested"
    if shape.patient is None and shape.kind in ("long", "period_rows") and not alike:
        yield _question("no_patient_column", "Which column holds the patients' ids?",
                        "Choose it on the Map page; rows cannot be put together without it.")
    is_timed = shape.visit is not None or shape.clock is not None
    if shape.kind == "long" and not is_timed and any(source.hours is None for source in mapping.scores):
        yield _question("no_visit_column", "Which column says when each row was measured?",
                        "Choose the visit's column on the Map page.")
    for source, code, what in ((shape.visit, "unknown_visit", "When, in hours after the treatment, was"),
                               (shape.period, "unknown_period", "Which infusion, 1 for the first, is")):
        column = table.columns_by_name.get(source.column) if source else None
        if source is None or column is None or (source is shape.visit and shape.clock is not None):
            continue
        unknown = [text for text in column.counts if text not in source.values]
        if unknown:
            text = f"{what} {_quoted(unknown)}? {_patients(column, unknown)} not used until it is known."
            yield _question(code, text, ON_THE_MAP, column.name)


def _about_scores(mapping: StudyMapping, table: RawTable, protocol: Protocol) -> Iterator[Issue]:
    if mapping.structure_by == "suggested" and not mapping.is_structure_sure:
        remedies = {issue.text.rstrip("."): issue.remedy for issue in table.issues if issue.code == SHEETS_ALIKE}
        for reason in mapping.structure_reason.split("; "):
            named = [name for name in re.findall(r'"([^"]+)"', reason) if name in table.columns_by_name]
            yield _question("structure_unsure", f"{reason[:1].upper()}{reason[1:]}. Please look at it.",
                            remedies.get(reason, "Say on the Map page what the columns are, or confirm what is shown."),
                            named[0] if named else None)
    further = {scale.key for scale in protocol.further_scales}
    scores = [source for source in mapping.scores if source.scale not in further]
    if not scores:
        names = " or ".join(scale.label for scale in protocol.scales if not scale.further)
        others = next((f" {issue.text}" for issue in table.issues if issue.code == "several_sheets"), "")
        yield _question("no_score_column", f"Which columns hold {names}?{others}", "Choose them on the Map page.")
    elif mapping.shape.visit is None and mapping.shape.kind != "long" and not any(
            source.hours is not None and source.hours <= 0 for source in scores):
        yield _question("no_baseline_column", "No column with a score before the treatment was recognized.",
                        "Choose the baseline's column on the Map page.")


def _about_variables(mapping: StudyMapping, table: RawTable, protocol: Protocol) -> Iterator[Issue]:
    for key, decision in mapping.variables.items():
        variable, rule = protocol.variables_by_key.get(key), decision.rule
        if variable is None:
            continue
        columns = columns_of(rule)
        column = columns[0] if columns else None
        gone = next((name for name in columns if name not in table.columns_by_name), None)
        if isinstance(rule, Undecided):
            note = f" {rule.note.rstrip('.')}." if rule.note else ""
            yield _question("not_decided", f"{variable.label} is not decided yet.{note}", "Decide it on the Map page.",
                            None, key)
        elif not decision.is_settled:
            what = f"the {rule.words.removeprefix('the ')}" if isinstance(rule, Computed) else f'in "{column}"'
            yield _question("variable_unsure", f"Is {variable.label} {what}? {_sentence(decision)}",
                            "Confirm or change it on the Map page; it is not used until then.", column, key)
        elif gone is not None:
            yield _question("column_gone", f'The column "{gone}" for {variable.label} is not in the file.',
                            "Choose another column on the Map page.", gone, key)
        elif column is not None:
            yield from _about_texts(rule, variable, table, protocol)


def _about_texts(rule: Rule, variable: Variable, table: RawTable, protocol: Protocol) -> Iterator[Issue]:
    """Texts of a settled rule's columns that have no meaning yet."""
    if isinstance(rule, Recode):
        raw = table.columns_by_name[rule.column]
        unknown = [text for text in raw.counts if text not in rule.codes and not is_missing_word(text)]
        if unknown:
            yield _question("unknown_code", f"What does {_quoted(unknown)} mean for {variable.label}? "
                            f"{_patients(raw, unknown)} without it until it is known.", ON_THE_MAP, raw.name,
                            variable.key)
    elif isinstance(rule, TextSearch):
        rows = [row for row in preview(rule, variable, table, protocol.word_lists).rows if row.state == "open"]
        if rows:
            n, texts = sum(row.count for row in rows), [joined_text(row.raw) for row in rows]
            yield _question("unknown_text", f"What does {_quoted(texts)} mean for {variable.label}? {n} "
                            f"{'row is' if n == 1 else 'rows are'} without it until it is known.",
                            "Say what it means on the Map page, or add words to the rule.", rule.columns[0],
                            variable.key)


def _sentence(decision: Decision) -> str:
    reason = decision.reason
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""
